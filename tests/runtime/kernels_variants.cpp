// Every instruction set gives the same bits, whatever the length, the strides and the place in memory.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <random>
#include <string>
#include <vector>

#include "runtime/kernels/choice.hpp"
#include "runtime/kernels/variants.hpp"

using namespace elbo::runtime;

namespace {

struct Entry {
  const char* name;
  ElementwiseKernel KernelTable::*kernel;
  int inputs;
};

const Entry elementwise[] = {
    {"negate", &KernelTable::negate, 1},
    {"absolute", &KernelTable::absolute, 1},
    {"sign", &KernelTable::sign, 1},
    {"square", &KernelTable::square, 1},
    {"reciprocal", &KernelTable::reciprocal, 1},
    {"square_root", &KernelTable::square_root, 1},
    {"exp", &KernelTable::exp, 1},
    {"expm1", &KernelTable::expm1, 1},
    {"log", &KernelTable::log, 1},
    {"log1p", &KernelTable::log1p, 1},
    {"sin", &KernelTable::sin, 1},
    {"cos", &KernelTable::cos, 1},
    {"tan", &KernelTable::tan, 1},
    {"asin", &KernelTable::asin, 1},
    {"acos", &KernelTable::acos, 1},
    {"atan", &KernelTable::atan, 1},
    {"sinh", &KernelTable::sinh, 1},
    {"cosh", &KernelTable::cosh, 1},
    {"tanh", &KernelTable::tanh, 1},
    {"sigmoid", &KernelTable::sigmoid, 1},
    {"softplus", &KernelTable::softplus, 1},
    {"floor", &KernelTable::floor, 1},
    {"ceil", &KernelTable::ceil, 1},
    {"round", &KernelTable::round, 1},
    {"logical_not", &KernelTable::logical_not, 1},
    {"is_nan", &KernelTable::is_nan, 1},
    {"copy", &KernelTable::copy, 1},
    {"lgamma", &KernelTable::lgamma, 1},
    {"digamma", &KernelTable::digamma, 1},
    {"trigamma", &KernelTable::trigamma, 1},
    {"erf", &KernelTable::erf, 1},
    {"erfc", &KernelTable::erfc, 1},
    {"normal_cdf", &KernelTable::normal_cdf, 1},
    {"normal_log_cdf", &KernelTable::normal_log_cdf, 1},
    {"normal_quantile", &KernelTable::normal_quantile, 1},
    {"add", &KernelTable::add, 2},
    {"subtract", &KernelTable::subtract, 2},
    {"multiply", &KernelTable::multiply, 2},
    {"divide", &KernelTable::divide, 2},
    {"power", &KernelTable::power, 2},
    {"minimum", &KernelTable::minimum, 2},
    {"maximum", &KernelTable::maximum, 2},
    {"atan2", &KernelTable::atan2, 2},
    {"floor_divide", &KernelTable::floor_divide, 2},
    {"modulo", &KernelTable::modulo, 2},
    {"less", &KernelTable::less, 2},
    {"less_equal", &KernelTable::less_equal, 2},
    {"equal", &KernelTable::equal, 2},
    {"not_equal", &KernelTable::not_equal, 2},
    {"logical_and", &KernelTable::logical_and, 2},
    {"logical_or", &KernelTable::logical_or, 2},
    {"xlogy", &KernelTable::xlogy, 2},
    {"polygamma", &KernelTable::polygamma, 2},
    {"log_binomial", &KernelTable::log_binomial, 2},
    {"gamma_p", &KernelTable::gamma_p, 2},
    {"gamma_q", &KernelTable::gamma_q, 2},
    {"gamma_density", &KernelTable::gamma_density, 2},
    {"gamma_quantile", &KernelTable::gamma_quantile, 2},
    {"gamma_upper_quantile", &KernelTable::gamma_upper_quantile, 2},
    {"gamma_shape", &KernelTable::gamma_shape, 2},
    {"gamma_shape_shape", &KernelTable::gamma_shape_shape, 2},
    {"beta_cdf", &KernelTable::beta_cdf, 3},
    {"beta_survival", &KernelTable::beta_survival, 3},
    {"beta_density", &KernelTable::beta_density, 3},
    {"beta_quantile", &KernelTable::beta_quantile, 3},
    {"beta_a", &KernelTable::beta_a, 3},
    {"beta_b", &KernelTable::beta_b, 3},
    {"beta_aa", &KernelTable::beta_aa, 3},
    {"beta_ab", &KernelTable::beta_ab, 3},
    {"beta_bb", &KernelTable::beta_bb, 3},
    {"select", &KernelTable::select, 3},
    {"fma", &KernelTable::fma, 3},
};

template <class T>
constexpr Precision precision_of = sizeof(T) == 8 ? Precision::real64 : Precision::real32;

/// The tables of all variants that this machine can run; "base" is the last.
std::vector<KernelTable> tables(Precision precision) {
  std::vector<KernelTable> result;
  for (const KernelVariant& variant : kernel_variants()) {
    if (!variant.supported()) continue;
    KernelTable real64, real32;
    fill_kernel_tables(variant, real64, real32);
    result.push_back(precision == Precision::real64 ? real64 : real32);
  }
  return result;
}

/// Equal bits; any NaN equals any NaN, since its sign and payload follow the order of operands.
template <class T>
bool same_bits(const std::vector<T>& a, const std::vector<T>& b) {
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (std::isnan(a[i]) && std::isnan(b[i])) continue;
    if (std::memcmp(&a[i], &b[i], sizeof(T)) != 0) return false;
  }
  return a.size() == b.size();
}

/// Numbers of all magnitudes, with zeros, infinities, NaN, subnormal numbers and small integers among them.
template <class T>
std::vector<T> awkward_numbers(std::size_t n, unsigned seed) {
  std::mt19937 generator(seed);
  std::uniform_real_distribution<double> uniform(-1, 1);
  const double special[] = {0.0, -0.0, HUGE_VAL, -HUGE_VAL, std::nan(""), 1e-310, 1, 2, -1, 0.5, 3, 1e-40};
  std::vector<T> result;
  for (std::size_t i = 0; i < n; ++i) {
    double x = uniform(generator);
    switch (generator() % 6) {
      case 0:
        x = special[generator() % 12];
        break;
      case 1:
        x = std::ldexp(x, static_cast<int>(generator() % 2000) - 1000);
        break;
      case 2:
        x = x * 700;
        break;
      case 3:
        x = std::floor(x * 10);
        break;
      case 4:
        x = x * 5;
        break;
      default:
        break;
    }
    result.push_back(static_cast<T>(x));
  }
  return result;
}

std::vector<std::int64_t> lengths() {
  std::vector<std::int64_t> result;
  for (std::int64_t n = 0; n <= 70; ++n) result.push_back(n);
  result.push_back(1000);
  return result;
}

}  // namespace

TEMPLATE_TEST_CASE("elementwise kernels give the same bits in all variants", "[kernels]", double, float) {
  using T = TestType;
  const std::vector<KernelTable> variants = tables(precision_of<T>);
  const std::vector<T> a = awkward_numbers<T>(1003, 1), b = awkward_numbers<T>(1003, 2),
                       c = awkward_numbers<T>(1003, 3);
  for (const Entry& entry : elementwise) {
    INFO(entry.name);
    // One row of single calls is the reference for everything else.
    std::vector<T> reference(1000);
    for (std::size_t i = 0; i < 1000; ++i) {
      const Lanes in[] = {{&a[i + 1], 1}, {&b[i + 2], 1}, {&c[i + 3], 1}};
      (variants.back().*entry.kernel)(&reference[i], in, 1);
    }
    bool same = true;
    for (const KernelTable& table : variants) {
      for (std::int64_t n : lengths()) {
        std::vector<T> out(static_cast<std::size_t>(n));
        const Lanes in[] = {{&a[1], 1}, {&b[2], 1}, {&c[3], 1}};
        (table.*entry.kernel)(out.data(), in, n);
        same = same && same_bits(out, std::vector<T>(reference.begin(), reference.begin() + n));
      }
    }
    CHECK(same);
  }
}

TEMPLATE_TEST_CASE("strides and outputs in place change nothing", "[kernels]", double, float) {
  using T = TestType;
  const std::vector<T> data[] = {awkward_numbers<T>(45, 4), awkward_numbers<T>(45, 5),
                                 awkward_numbers<T>(45, 6)};
  for (const KernelTable& table : tables(precision_of<T>)) {
    for (const Entry& entry : elementwise) {
      INFO(entry.name);
      bool same = true;
      for (int strides = 0; strides < 1 << entry.inputs; ++strides) {
        Lanes in[3];
        std::vector<T> expected(45), out(45);
        for (std::size_t i = 0; i < 45; ++i) {
          for (int k = 0; k < entry.inputs; ++k) in[k] = {&data[k][strides >> k & 1 ? i : 0], 1};
          (table.*entry.kernel)(&expected[i], in, 1);
        }
        for (int k = 0; k < entry.inputs; ++k) in[k] = {data[k].data(), strides >> k & 1};
        (table.*entry.kernel)(out.data(), in, 45);
        same = same && same_bits(out, expected);
        for (int k = 0; k < entry.inputs; ++k) {
          if ((strides >> k & 1) == 0) continue;
          std::vector<T> in_place = data[k];
          Lanes aliased[3] = {in[0], in[1], in[2]};
          aliased[k].data = in_place.data();
          (table.*entry.kernel)(in_place.data(), aliased, 45);
          same = same && same_bits(in_place, expected);
        }
      }
      CHECK(same);
    }
  }
}

// Arguments at which the incomplete functions take each of their formulas, side by side: for all of them a
// result depends on its own arguments only, not on what is sorted into the same batch.
TEMPLATE_TEST_CASE("incomplete functions give the same bits in any company", "[kernels]", double, float) {
  using T = TestType;
  std::mt19937 generator(11);
  std::uniform_real_distribution<double> uniform(0, 1);
  std::normal_distribution<double> normal;
  std::vector<T> a, b, x, log_x, p;
  for (int i = 0; i < 1000; ++i) {
    const double shape = std::pow(10, 9 * uniform(generator) - 3),
                 other = std::pow(10, 6 * uniform(generator) - 3);
    const double log_place = std::log(shape) + 3 * normal(generator) / std::sqrt(shape + 0.2);
    const double mean = shape / (shape + other);
    const double spread = std::sqrt(mean * (1 - mean) / (1 + shape + other));
    a.push_back(static_cast<T>(shape)), b.push_back(static_cast<T>(other));
    x.push_back(static_cast<T>(std::exp(log_place))), log_x.push_back(static_cast<T>(log_place));
    p.push_back(static_cast<T>(std::min(1.0, std::fabs(mean + 2 * spread * normal(generator)))));
  }
  struct Case {
    const char* name;
    ElementwiseKernel KernelTable::*kernel;
    std::vector<const std::vector<T>*> in;
  };
  for (const Case& one : {Case{"gamma_p", &KernelTable::gamma_p, {&a, &x}},
                          {"gamma_q", &KernelTable::gamma_q, {&a, &x}},
                          {"gamma_density", &KernelTable::gamma_density, {&a, &x}},
                          {"gamma_shape", &KernelTable::gamma_shape, {&a, &log_x}},
                          {"gamma_shape_shape", &KernelTable::gamma_shape_shape, {&a, &log_x}},
                          {"beta_cdf", &KernelTable::beta_cdf, {&a, &b, &p}},
                          {"beta_survival", &KernelTable::beta_survival, {&a, &b, &p}},
                          {"beta_density", &KernelTable::beta_density, {&a, &b, &p}},
                          {"beta_a", &KernelTable::beta_a, {&a, &b, &p}},
                          {"beta_b", &KernelTable::beta_b, {&a, &b, &p}}}) {
    INFO(one.name);
    std::vector<T> alone(1000);
    const auto run = [&](const KernelTable& table, std::size_t first, T* out, std::size_t n) {
      Lanes in[3] = {};
      for (std::size_t k = 0; k < one.in.size(); ++k) in[k] = {one.in[k]->data() + first, 1};
      (table.*one.kernel)(out, in, static_cast<std::int64_t>(n));
    };
    for (std::size_t i = 0; i < 1000; ++i) run(tables(precision_of<T>).back(), i, &alone[i], 1);
    bool same = true;
    for (const KernelTable& table : tables(precision_of<T>)) {
      for (const std::size_t first : {0, 1, 7, 300, 997}) {
        std::vector<T> row(1000 - first);
        run(table, first, row.data(), row.size());
        same = same && same_bits(row, std::vector<T>(alone.begin() + static_cast<std::ptrdiff_t>(first),
                                                     alone.end()));
      }
    }
    CHECK(same);
  }
}

TEMPLATE_TEST_CASE("sums and accumulations give the same bits in all variants", "[kernels]", double, float) {
  using T = TestType;
  std::vector<T> row(1000);
  std::mt19937 generator(7);
  std::normal_distribution<double> normal;
  for (T& x : row) x = static_cast<T>(std::exp(5 * normal(generator)) * normal(generator));
  const KernelTable& reference = kernels(precision_of<T>);
  for (const KernelTable& table : tables(precision_of<T>)) {
    for (std::int64_t n : lengths()) {
      double sum = 3, expected = 3;
      table.sum(&sum, row.data(), n);
      reference.sum(&expected, row.data(), n);
      CHECK(sum == expected);
      long double exact = 3, magnitude = 3;
      for (std::int64_t i = 0; i < n; ++i) {
        exact += row[static_cast<std::size_t>(i)];
        magnitude += std::fabs(row[static_cast<std::size_t>(i)]);
      }
      CHECK(std::fabs(static_cast<double>(sum - exact)) <= 1e-14 * static_cast<double>(magnitude));
    }
  }
}

TEMPLATE_TEST_CASE("accumulation and strided loads", "[kernels]", double, float) {
  using T = TestType;
  const std::vector<T> row = awkward_numbers<T>(70, 8), start = awkward_numbers<T>(70, 9);
  AccumulateKernel KernelTable::*const accumulations[] = {
      &KernelTable::accumulate, &KernelTable::accumulate_maximum, &KernelTable::accumulate_minimum,
      &KernelTable::accumulate_product};
  ElementwiseKernel KernelTable::*const operations[] = {&KernelTable::add, &KernelTable::maximum,
                                                        &KernelTable::minimum, &KernelTable::multiply};
  for (const KernelTable& table : tables(precision_of<T>)) {
    for (std::int64_t n = 0; n <= 70; ++n) {
      for (int k = 0; k < 4; ++k) {
        std::vector<T> accumulated = start, expected = start;
        (table.*accumulations[k])(accumulated.data(), row.data(), n);
        const Lanes in[] = {{start.data(), 1}, {row.data(), 1}};
        (table.*operations[k])(expected.data(), in, n);
        CHECK(same_bits(accumulated, expected));
      }
    }
    for (std::int64_t stride : {0, 1, 2, 3, 7, -1}) {
      const std::int64_t first = stride < 0 ? 69 : 0;
      const std::int64_t n = stride == 0 ? 40 : 70 / std::abs(stride);
      std::vector<T> out(static_cast<std::size_t>(n)), expected;
      for (std::int64_t i = 0; i < n; ++i)
        expected.push_back(row[static_cast<std::size_t>(first + i * stride)]);
      table.load(out.data(), &row[static_cast<std::size_t>(first)], stride, n);
      CHECK(same_bits(out, expected));
    }
  }
}

// Row by row the products do not depend on the company either; what is added up over rows is compared with long
// double.
TEMPLATE_TEST_CASE("products of blocks give the same bits in all variants", "[kernels]", double, float) {
  using T = TestType;
  std::mt19937 generator(12);
  std::normal_distribution<double> normal;
  const auto numbers = [&](std::int64_t n) {
    std::vector<T> result(static_cast<std::size_t>(n));
    for (T& x : result) x = static_cast<T>(normal(generator));
    return result;
  };
  constexpr std::int64_t panel = product_panel_bytes / static_cast<std::int64_t>(sizeof(T));
  const double unit = sizeof(T) == 8 ? 1e-14 : 1e-5;
  for (const std::int64_t width : {1, 2, 3, 7, 8, 15, 16, 17, 50, 64, 131, 300}) {
    for (const std::int64_t rows : {0, 1, 3, 4, 8, 13, 100}) {
      for (const std::int64_t columns : {1, 2, 3, 4, 5, 8, 11, 17}) {
        const std::int64_t stride = width + 3, step = rows + 5;
        const ProductShape shape{rows, width, stride, columns, step};
        const std::vector<T> matrix = numbers(rows * stride + 1), factors = numbers(columns * step),
                             right = numbers(width * columns);
        // column c of `right` at k
        const auto at = [&](std::int64_t c, std::int64_t k) {
          const bool in_panel = c < columns / panel * panel;
          return right[static_cast<std::size_t>(
              in_panel ? c / panel * panel * width + k * panel + c % panel : c * width + k)];
        };
        std::vector<T> first(static_cast<std::size_t>(columns * step));
        std::vector<double> first_sums(static_cast<std::size_t>(columns * width), 1);
        kernels(precision_of<T>).row_products(first.data(), matrix.data(), right.data(), shape);
        kernels(precision_of<T>).transposed_products(first_sums.data(), matrix.data(), factors.data(), shape);
        for (const KernelTable& table : tables(precision_of<T>)) {
          std::vector<T> out(first.size()), alone(first.size());
          std::vector<double> sums(first_sums.size(), 1);
          table.row_products(out.data(), matrix.data(), right.data(), shape);
          table.transposed_products(sums.data(), matrix.data(), factors.data(), shape);
          CHECK(same_bits(out, first));
          CHECK(same_bits(sums, first_sums));
          for (std::int64_t i = 0; i < rows; ++i) {
            table.row_products(&alone[static_cast<std::size_t>(i)], &matrix[static_cast<std::size_t>(i * stride)],
                               right.data(), {1, width, stride, columns, step});
          }
          CHECK(same_bits(alone, out));
        }
        double worst = 0;
        const auto compare = [&](double value, long double exact, long double size) {
          worst = std::max(worst, static_cast<double>(std::fabs(value - exact) / (1 + size)));
        };
        for (std::int64_t c = 0; c < columns; ++c) {
          for (std::int64_t i = 0; i < rows; ++i) {
            long double exact = 0, size = 0;
            for (std::int64_t k = 0; k < width; ++k) {
              const long double x = static_cast<long double>(matrix[static_cast<std::size_t>(i * stride + k)]) * at(c, k);
              exact += x, size += std::fabs(x);
            }
            compare(static_cast<double>(first[static_cast<std::size_t>(c * step + i)]), exact, size);
          }
          for (std::int64_t k = 0; k < width; ++k) {
            long double exact = 1, size = 0;
            for (std::int64_t i = 0; i < rows; ++i) {
              const long double x = static_cast<long double>(matrix[static_cast<std::size_t>(i * stride + k)]) *
                                    factors[static_cast<std::size_t>(c * step + i)];
              exact += x, size += std::fabs(x);
            }
            compare(first_sums[static_cast<std::size_t>(c * width + k)], exact, size);
          }
        }
        CHECK(worst < unit);
      }
    }
  }
}

TEMPLATE_TEST_CASE("random kernels give the same bits in all variants", "[kernels][random]", double, float) {
  using T = TestType;
  const T first = T(20), second = T(0.4);
  const Lanes in[] = {{&first, 0}, {&second, 0}};
  for (RandomKernel KernelTable::*kernel :
       {&KernelTable::random_uniform, &KernelTable::random_normal, &KernelTable::random_gamma,
        &KernelTable::random_log_gamma, &KernelTable::random_poisson, &KernelTable::random_binomial}) {
    for (std::int64_t n : lengths()) {
      const RandomPosition position{0x123456789abcdef0, 7, 11, 0xfffffff0};  // crosses 2^32
      std::vector<T> expected(static_cast<std::size_t>(n));
      (kernels(precision_of<T>).*kernel)(expected.data(), in, n, position);
      for (const KernelTable& table : tables(precision_of<T>)) {
        std::vector<T> out(static_cast<std::size_t>(n));
        (table.*kernel)(out.data(), in, n, position);
        CHECK(same_bits(out, expected));
      }
    }
  }
}

// Shapes for which the first attempt is made in blocks, side by side with those that are drawn alone.
TEMPLATE_TEST_CASE("a gamma draw depends on its own shape and place only", "[kernels][random]", double,
                   float) {
  using T = TestType;
  std::vector<T> shapes = awkward_numbers<T>(1000, 10);
  for (std::size_t i = 0; i < shapes.size(); i += 2) shapes[i] = std::fabs(shapes[i]);
  const RandomPosition position{42, 3, 5, 0xffffff01};
  for (RandomKernel KernelTable::*kernel : {&KernelTable::random_gamma, &KernelTable::random_log_gamma}) {
    std::vector<T> alone(shapes.size());
    for (std::size_t i = 0; i < shapes.size(); ++i) {
      const Lanes in[] = {{&shapes[i], 1}};
      RandomPosition here = position;
      here.first += i;
      (tables(precision_of<T>).back().*kernel)(&alone[i], in, 1, here);
      CHECK(std::isnan(alone[i]) == !(shapes[i] > 0));
    }
    for (const KernelTable& table : tables(precision_of<T>)) {
      std::vector<T> row(shapes.size());
      const Lanes in[] = {{shapes.data(), 1}};
      (table.*kernel)(row.data(), in, static_cast<std::int64_t>(row.size()), position);
      CHECK(same_bits(row, alone));
    }
  }
}

TEST_CASE("every member of every table is set", "[kernels]") {
  for (Precision precision : {Precision::real64, Precision::real32}) {
    for (const KernelTable& table : tables(precision)) {
      void (*members[sizeof(KernelTable) / sizeof(void (*)())])();
      static_assert(sizeof members == sizeof table);
      std::memcpy(members, &table, sizeof table);
      for (auto member : members) CHECK(member != nullptr);
    }
  }
  CHECK(std::string(kernel_variants().back().name) == "base");
}

// The build's tests run these programs once per variant (tests/CMakeLists.txt), by the same variable.
TEST_CASE("ELBO_KERNELS says which kernels run", "[kernels]") {
  REQUIRE(kernel_variant_problem() == "");
  const char* given = std::getenv("ELBO_KERNELS");
  const std::string before = given == nullptr ? "" : given;
  CHECK((before.empty() || before == kernel_variant()));
  const auto problem_of = [](const std::string& value) {
    setenv("ELBO_KERNELS", value.c_str(), 1);
    return kernel_variant_problem();
  };
  for (const KernelVariant& variant : kernel_variants()) {
    const std::string problem = problem_of(variant.name);
    CHECK(problem.empty() == variant.supported());
    if (!variant.supported()) CHECK(problem.find("this processor does not have") != std::string::npos);
  }
  CHECK(problem_of("") == "");
  CHECK(problem_of("avx").rfind("ELBO_KERNELS is 'avx', which is not one of: ", 0) == 0);
  setenv("ELBO_KERNELS", before.c_str(), 1);
}
