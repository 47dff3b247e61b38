// The random numbers: Philox against Random123, distributions against Boost's, and independence of the way a
// run is cut. Seeds are fixed; thresholds would be passed by chance less than once in 10^4 honest seeds.
#include <Random123/philox.h>

#include <algorithm>
#include <boost/math/distributions/binomial.hpp>
#include <boost/math/distributions/chi_squared.hpp>
#include <boost/math/distributions/gamma.hpp>
#include <boost/math/distributions/normal.hpp>
#include <boost/math/distributions/poisson.hpp>
#include <catch2/catch.hpp>
#include <cmath>
#include <functional>
#include <limits>
#include <vector>

#include "runtime/kernels/variants.hpp"
#include "runtime/kernels/variants/philox.hpp"

using namespace elbo::runtime;

namespace {

using Kernel = RandomKernel KernelTable::*;

std::vector<double> draw(Kernel kernel, std::size_t n, RandomPosition position, double a = 0, double b = 0) {
  std::vector<double> out(n);
  const double zero = 0;
  const Lanes in[] = {{&a, 0}, {&b, 0}, {&zero, 0}};
  (kernels(Precision::real64).*kernel)(out.data(), in, static_cast<std::int64_t>(n), position);
  return out;
}

/// Kolmogorov and Smirnov's statistic times sqrt(n); above 2.3 with probability 2 exp(-2 * 2.3^2) = 5e-5.
double distance(std::vector<double> draws, const std::function<double(double)>& cdf) {
  std::sort(draws.begin(), draws.end());
  const double n = static_cast<double>(draws.size());
  double largest = 0;
  for (std::size_t i = 0; i < draws.size(); ++i) {
    const double p = cdf(draws[i]);
    largest = std::max({largest, p - static_cast<double>(i) / n, static_cast<double>(i + 1) / n - p});
  }
  return largest * std::sqrt(n);
}
constexpr double largest_distance = 2.3;

/// Chi-square tail probability of integer draws in bins of at least 50 expected draws each.
template <class Distribution>
double tail_probability(const std::vector<double>& draws, const Distribution& distribution) {
  const double n = static_cast<double>(draws.size());
  std::vector<double> sorted = draws;
  std::sort(sorted.begin(), sorted.end());
  const double step = std::max(1.0, std::floor(boost::math::standard_deviation(distribution) / 10));
  double statistic = 0, below = 0;
  int bins = 0;
  std::size_t counted = 0;
  for (double edge = 0; below < 1; edge += step) {
    const double up_to = boost::math::cdf(distribution, edge);
    double probability = up_to - below;
    if (probability * n < 50) continue;
    std::size_t until =
        static_cast<std::size_t>(std::upper_bound(sorted.begin(), sorted.end(), edge) - sorted.begin());
    double next = up_to;
    if ((1 - up_to) * n < 50) probability = 1 - below, until = sorted.size(), next = 1;
    const double expected = probability * n, found = static_cast<double>(until - counted);
    statistic += (found - expected) * (found - expected) / expected;
    ++bins, counted = until, below = next;
  }
  if (bins < 2) return 1;
  return boost::math::cdf(boost::math::complement(boost::math::chi_squared(bins - 1), statistic));
}

struct Moments {
  double mean, variance;
};

Moments moments(const std::vector<double>& draws) {
  const double n = static_cast<double>(draws.size());
  double mean = 0, variance = 0;
  for (double x : draws) mean += x / n;
  for (double x : draws) variance += (x - mean) * (x - mean) / n;
  return {mean, variance};
}

}  // namespace

TEST_CASE("Philox equals Random123", "[random]") {
  r123::Philox4x32 reference;
  for (std::uint64_t index :
       {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{0xffffffff}, std::uint64_t{0xabcd12345678}}) {
    for (std::uint32_t attempt : {0U, 3U, 0xffffU}) {
      const RandomPosition position{0xfedcba9876543210, 0xdeadbeef, 42, 0};
      const auto expected = reference(
          {{static_cast<std::uint32_t>(index), static_cast<std::uint32_t>(index >> 32) | attempt << 16,
            position.stream, position.step}},
          {{static_cast<std::uint32_t>(position.seed), static_cast<std::uint32_t>(position.seed >> 32)}});
      const Words<std::uint64_t> words = philox(index, attempt, position);
      CHECK(words.a == expected[0]);
      CHECK(words.b == expected[1]);
      CHECK(words.c == expected[2]);
      CHECK(words.d == expected[3]);
    }
  }
}

TEST_CASE("uniform numbers are those of the counters, in order", "[random]") {
  r123::Philox4x32 reference;
  const RandomPosition position{12345, 6, 7, 1000};
  const std::vector<double> numbers = draw(&KernelTable::random_uniform, 300, position);
  for (std::uint32_t k = 0; k < 150; ++k) {
    const auto words = reference({{500 + k, 0, 6, 7}}, {{12345, 0}});
    for (std::size_t half = 0; half < 2; ++half) {
      const std::uint64_t bits = (std::uint64_t{words[2 * half]} << 32 | words[2 * half + 1]) >> 12;
      CHECK(numbers[2 * k + half] == (static_cast<double>(bits) + 0.5) * 0x1p-52);
    }
  }
}

TEMPLATE_TEST_CASE("a run gives the same numbers however it is cut", "[random]", double, float) {
  using T = TestType;
  const KernelTable& table = kernels(sizeof(T) == 8 ? Precision::real64 : Precision::real32);
  std::vector<T> a(1000), b(1000, T(0.3));
  for (std::size_t i = 0; i < 1000; ++i) a[i] = static_cast<T>(1 + i % 100);
  for (Kernel kernel : {&KernelTable::random_uniform, &KernelTable::random_normal, &KernelTable::random_gamma,
                        &KernelTable::random_log_gamma, &KernelTable::random_poisson,
                        &KernelTable::random_binomial}) {
    const RandomPosition whole{99, 1, 2, 17};
    std::vector<T> expected(1000);
    const Lanes in[] = {{a.data(), 1}, {b.data(), 1}};
    (table.*kernel)(expected.data(), in, 1000, whole);
    for (std::size_t piece : {1U, 2U, 3U, 7U, 64U, 127U, 128U, 333U}) {
      std::vector<T> out(1000);
      for (std::size_t i = 0; i < 1000; i += piece) {
        RandomPosition position = whole;
        position.first += i;
        const Lanes rest[] = {{&a[i], 1}, {&b[i], 1}};
        (table.*kernel)(&out[i], rest, static_cast<std::int64_t>(std::min(piece, 1000 - i)), position);
      }
      CHECK(out == expected);
    }
    T untouched = T(5);
    (table.*kernel)(&untouched, in, 0, whole);
    CHECK(untouched == T(5));
  }
}

TEST_CASE("seed, stream and step each change all numbers", "[random]") {
  const std::vector<double> base = draw(&KernelTable::random_uniform, 100, {1, 2, 3, 0});
  for (const RandomPosition& other :
       {RandomPosition{2, 2, 3, 0}, RandomPosition{1, 3, 3, 0}, RandomPosition{1, 2, 4, 0},
        RandomPosition{1 + (std::uint64_t{1} << 32), 2, 3, 0}}) {
    const std::vector<double> changed = draw(&KernelTable::random_uniform, 100, other);
    int equal = 0;
    for (std::size_t i = 0; i < 100; ++i) equal += base[i] == changed[i];
    CHECK(equal == 0);
  }
}

TEST_CASE("uniform numbers", "[random]") {
  const std::vector<double> numbers = draw(&KernelTable::random_uniform, 200000, {1, 2, 3, 0});
  CHECK(distance(numbers, [](double x) { return x; }) < largest_distance);
  CHECK(*std::min_element(numbers.begin(), numbers.end()) > 0);
  CHECK(*std::max_element(numbers.begin(), numbers.end()) < 1);
  std::vector<float> singles(1 << 22);
  kernels(Precision::real32).random_uniform(singles.data(), nullptr, 1 << 22, {1, 2, 3, 0});
  CHECK(*std::min_element(singles.begin(), singles.end()) > 0);
  CHECK(*std::max_element(singles.begin(), singles.end()) < 1);
}

TEST_CASE("normal numbers", "[random]") {
  const boost::math::normal normal;
  const std::vector<double> numbers = draw(&KernelTable::random_normal, 200000, {5, 2, 3, 1});
  CHECK(distance(numbers, [&](double x) { return boost::math::cdf(normal, x); }) < largest_distance);
  const Moments found = moments(numbers);
  CHECK(std::fabs(found.mean) < 4 / std::sqrt(2e5));
  CHECK(std::fabs(found.variance - 1) < 4 * std::sqrt(2 / 2e5));
  double correlation = 0;  // of the two halves of a pair
  for (std::size_t i = 0; i < 199998; i += 2) correlation += numbers[i + 1] * numbers[i + 2];
  CHECK(std::fabs(correlation / 1e5) < 4 / std::sqrt(1e5));

  // Against the formula, in long double.
  const std::vector<double> uniforms = draw(&KernelTable::random_uniform, 2000, {5, 2, 3, 0});
  const std::vector<double> normals = draw(&KernelTable::random_normal, 2000, {5, 2, 3, 0});
  for (std::size_t i = 0; i < 2000; i += 2) {
    const long double radius = std::sqrt(-2 * std::log(static_cast<long double>(uniforms[i])));
    const long double angle = 6.283185307179586476925286766559L * uniforms[i + 1];
    CHECK(std::fabs(normals[i] - static_cast<double>(radius * std::cos(angle))) < 5e-15);
    CHECK(std::fabs(normals[i + 1] - static_cast<double>(radius * std::sin(angle))) < 5e-15);
  }
}

TEST_CASE("gamma numbers", "[random]") {
  for (double shape : {0.05, 0.3, 0.9, 1.0, 2.5, 30.0, 1e4}) {
    INFO("shape " << shape);
    const boost::math::gamma_distribution<double> gamma(shape);
    const std::vector<double> numbers = draw(&KernelTable::random_gamma, 100000, {6, 1, 1, 0}, shape);
    CHECK(distance(numbers, [&](double x) { return boost::math::cdf(gamma, x); }) < largest_distance);
    const std::vector<double> logs = draw(&KernelTable::random_log_gamma, 100000, {6, 1, 1, 0}, shape);
    double worst = 0;
    for (std::size_t i = 0; i < numbers.size(); ++i) {
      if (numbers[i] > 1e-300) worst = std::max(worst, std::fabs(std::log(numbers[i]) - logs[i]));
    }
    CHECK(worst < 1e-12);
  }
  // Far below the smallest number, log G = log U / shape to all digits.
  const double tiny = 1e-5;
  const std::vector<double> logs = draw(&KernelTable::random_log_gamma, 100000, {6, 1, 1, 0}, tiny);
  CHECK(distance(logs, [&](double x) { return std::exp(x * tiny); }) < largest_distance);
  for (double invalid : {0.0, -1.0, std::numeric_limits<double>::quiet_NaN()}) {
    CHECK(std::isnan(draw(&KernelTable::random_gamma, 1, {}, invalid)[0]));
    CHECK(std::isnan(draw(&KernelTable::random_log_gamma, 1, {}, invalid)[0]));
  }
}

TEST_CASE("Poisson numbers", "[random]") {
  for (double rate : {0.01, 0.7, 3.0, 9.99, 10.0, 15.5, 100.0, 12345.6, 1e7}) {
    INFO("rate " << rate);
    const std::vector<double> numbers = draw(&KernelTable::random_poisson, 100000, {8, 1, 1, 0}, rate);
    CHECK(tail_probability(numbers, boost::math::poisson(rate)) > 1e-4);
  }
  const Moments large = moments(draw(&KernelTable::random_poisson, 100000, {8, 1, 1, 0}, 1e9));
  CHECK(std::fabs(large.mean - 1e9) < 4 * std::sqrt(1e9 / 1e5));
  CHECK(std::fabs(large.variance / 1e9 - 1) < 4 * std::sqrt(2 / 1e5));
  CHECK(draw(&KernelTable::random_poisson, 3, {}, 0) == std::vector<double>{0, 0, 0});
  CHECK(std::isnan(draw(&KernelTable::random_poisson, 1, {}, -1)[0]));
  CHECK(std::isnan(draw(&KernelTable::random_poisson, 1, {}, HUGE_VAL)[0]));
}

TEST_CASE("binomial numbers", "[random]") {
  struct Case {
    double trials, probability;
  };
  for (const Case& c :
       {Case{1, 0.3}, Case{10, 0.5}, Case{10, 0.93}, Case{30, 0.34}, Case{100, 0.1}, Case{100, 0.5},
        Case{1000, 0.001}, Case{1000, 0.8}, Case{1e6, 0.25}, Case{1e7, 0.999}}) {
    INFO("trials " << c.trials << ", probability " << c.probability);
    const std::vector<double> numbers =
        draw(&KernelTable::random_binomial, 100000, {9, 1, 1, 0}, c.trials, c.probability);
    CHECK(tail_probability(numbers, boost::math::binomial(c.trials, c.probability)) > 1e-4);
  }
  const Moments large = moments(draw(&KernelTable::random_binomial, 100000, {9, 1, 1, 0}, 1e9, 0.3));
  CHECK(std::fabs(large.mean - 3e8) < 4 * std::sqrt(2.1e8 / 1e5));
  CHECK(std::fabs(large.variance / 2.1e8 - 1) < 4 * std::sqrt(2 / 1e5));
  CHECK(draw(&KernelTable::random_binomial, 1, {}, 5, 0)[0] == 0);
  CHECK(draw(&KernelTable::random_binomial, 1, {}, 5, 1)[0] == 5);
  CHECK(draw(&KernelTable::random_binomial, 1, {}, 0, 0.5)[0] == 0);
  CHECK(std::isnan(draw(&KernelTable::random_binomial, 1, {}, -1, 0.5)[0]));
  CHECK(std::isnan(draw(&KernelTable::random_binomial, 1, {}, 1.5, 0.5)[0]));
  CHECK(std::isnan(draw(&KernelTable::random_binomial, 1, {}, 5, 1.5)[0]));
  CHECK(
      std::isnan(draw(&KernelTable::random_binomial, 1, {}, 5, std::numeric_limits<double>::quiet_NaN())[0]));
}

TEST_CASE("rows come in passes, each a permutation of all rows", "[random]") {
  for (const std::size_t rows : {1U, 2U, 3U, 5U, 8U, 9U, 100U, 1000U, 1025U}) {
    for (const std::size_t count : {std::size_t{1}, rows / 2 + 1, rows}) {
      std::vector<double> drawn;
      for (std::uint32_t step = 1; drawn.size() < 3 * rows; ++step) {
        // the last step of a pass has the rows that are left
        const std::size_t seen = drawn.size() % rows;
        const std::vector<double> batch =
            draw(&KernelTable::random_row, std::min(count, rows - seen), {5, 2, step, 0},
                 static_cast<double>(rows), static_cast<double>(count));
        drawn.insert(drawn.end(), batch.begin(), batch.end());
      }
      for (std::size_t pass = 0; pass < 3; ++pass) {
        const auto first = drawn.begin() + static_cast<std::ptrdiff_t>(pass * rows);
        std::vector<double> sorted(first, first + static_cast<std::ptrdiff_t>(rows));
        std::sort(sorted.begin(), sorted.end());
        bool all = true;
        for (std::size_t i = 0; i < rows; ++i) all = all && sorted[i] == static_cast<double>(i);
        CHECK(all);
      }
    }
  }
  CHECK(std::isnan(draw(&KernelTable::random_row, 1, {}, 0, 0)[0]));
  CHECK(std::isnan(draw(&KernelTable::random_row, 1, {}, 5, 6)[0]));
  CHECK(std::isnan(draw(&KernelTable::random_row, 1, {}, std::numeric_limits<double>::quiet_NaN(), 1)[0]));
  CHECK(std::isnan(draw(&KernelTable::random_row, 3, {5, 2, 2, 0}, 5, 3)[2]));  // two are left
  // a step in two parts
  const std::vector<double> whole = draw(&KernelTable::random_row, 8, {5, 2, 3, 0}, 40, 8);
  std::vector<double> part(3);
  const double rows = 40, batch = 8, first = 5;
  const Lanes in[] = {{&rows, 0}, {&batch, 0}, {&first, 0}};
  kernels(Precision::real64).random_row(part.data(), in, 3, {5, 2, 3, 0});
  CHECK(part == std::vector<double>(whole.begin() + 5, whole.end()));
}

TEST_CASE("every row, and every pair of rows, is as likely as any other", "[random]") {
  for (const std::size_t rows : {5U, 7U, 40U, 65U}) {
    const double n = static_cast<double>(rows), passes = 40000;
    std::vector<double> first(rows), pairs(rows * rows);
    for (std::uint32_t pass = 1; pass <= passes; ++pass) {
      // a pass per step: all of its rows, of which four are drawn
      const std::vector<double> order = draw(&KernelTable::random_row, 4, {17, 3, pass, 0}, n, n);
      first[static_cast<std::size_t>(order[0])] += 1;
      pairs[static_cast<std::size_t>(order[2]) * rows + static_cast<std::size_t>(order[3])] += 1;
    }
    const auto tail = [](const std::vector<double>& counts, double expected, double cells) {
      double statistic = 0;
      for (const double count : counts) statistic += (count - expected) * (count - expected) / expected;
      return boost::math::cdf(boost::math::complement(boost::math::chi_squared(cells - 1), statistic));
    };
    CHECK(tail(first, passes / n, n) > 1e-4);
    std::vector<double> different;
    for (std::size_t i = 0; i < pairs.size(); ++i) {
      if (i % (rows + 1) == 0) {
        CHECK(pairs[i] == 0);  // no row twice
      } else {
        different.push_back(pairs[i]);
      }
    }
    CHECK(tail(different, passes / (n * (n - 1)), n * (n - 1)) > 1e-4);
  }
}
