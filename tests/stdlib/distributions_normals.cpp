// The multivariate normal distribution against its definition: densities as products of conditionals,
// gradients against finite differences, draws against moments, and its closed forms against one another.
#include <boost/math/distributions/normal.hpp>
#include <catch2/catch.hpp>
#include <cmath>

#include "runtime/differentiate.hpp"
#include "runtime/expression.hpp"
#include "runtime/matrices.hpp"
#include "stdlib/distributions/list.hpp"
#include "tests/stdlib/distributions_cases.hpp"

namespace elbo::test {
namespace {

using runtime::Tensor;

/// Mean and covariance of a test point: n + n^2 numbers.
struct Point {
  std::size_t n;
  Numbers mean, covariance;
};

std::vector<Point> points() {
  std::vector<Point> result;
  for (const Numbers& all : stdlib::multivariate_normal.test_points) {
    std::size_t n = 1;
    while (n + n * n < all.size()) ++n;
    REQUIRE(n + n * n == all.size());
    const auto split = all.begin() + static_cast<std::ptrdiff_t>(n);
    result.push_back({n, {all.begin(), split}, {split, all.end()}});
  }
  return result;
}

/// Product of the densities of each entry given those before it, by elimination in long double.
long double reference(const Point& p, const Numbers& x) {
  std::vector<std::vector<long double>> s(p.n, std::vector<long double>(p.n));
  std::vector<long double> rest(p.n);
  for (std::size_t i = 0; i < p.n; ++i) {
    rest[i] = static_cast<long double>(x[i]) - p.mean[i];
    for (std::size_t j = 0; j < p.n; ++j) s[i][j] = p.covariance[i * p.n + j];
  }
  long double total = 0;
  for (std::size_t k = 0; k < p.n; ++k) {
    const boost::math::normal_distribution<long double> conditional(0, std::sqrt(s[k][k]));
    total += std::log(boost::math::pdf(conditional, rest[k]));
    for (std::size_t i = k + 1; i < p.n; ++i) {
      const long double slope = s[i][k] / s[k][k];
      rest[i] -= slope * rest[k];
      for (std::size_t j = k + 1; j < p.n; ++j) s[i][j] -= slope * s[k][j];
    }
  }
  return total;
}

std::vector<Numbers> places(const Point& p) {
  std::vector<Numbers> result{p.mean};
  for (const double far : {0.7, -3.0}) {
    Numbers x = p.mean;
    for (std::size_t i = 0; i < p.n; ++i)
      x[i] += far * (i % 2 ? -0.5 : 1.0) * std::sqrt(p.covariance[i * p.n + i]);
    result.push_back(std::move(x));
  }
  return result;
}

Expr vector(Graph& graph, const Numbers& x) {
  return graph.constant(Tensor({static_cast<std::int64_t>(x.size())}, x));
}
Expr matrix(Graph& graph, std::size_t n, const Numbers& x) {
  return graph.constant(Tensor({static_cast<std::int64_t>(n), static_cast<std::int64_t>(n)}, x));
}

/// The call by each parameterisation.
std::vector<DistributionCall> calls(Expr mean, Expr covariance) {
  const runtime::Distribution& d = stdlib::multivariate_normal;
  std::vector<DistributionCall> result{{&d, {mean, covariance}, nullptr, {mean, covariance}, {}}};
  for (const runtime::Parameterisation& other : d.alternatives) {
    const Expr given = other.from_canonical(covariance);
    result.push_back({&d, {mean, other.canonical(given)}, &other, {mean, given}, {}});
  }
  return result;
}

}  // namespace

TEST_CASE("multivariate normal: densities by every parameterisation equal the product of conditionals") {
  for (const Point& p : points()) {
    for (const Numbers& x : places(p)) {
      Graph graph;
      for (const DistributionCall& call : calls(vector(graph, p.mean), matrix(graph, p.n, p.covariance))) {
        const double density = value_of(runtime::log_density(call, vector(graph, x)))[0];
        CHECK(close(density, static_cast<double>(reference(p, x)), 1e-12));
      }
    }
  }
}

TEST_CASE("multivariate normal: gradients equal finite differences") {
  for (const Point& p : points()) {
    const auto n = static_cast<std::int64_t>(p.n);
    Graph graph;
    const Expr x = graph.input("x", {{}, {n}}), m = graph.input("m", {{}, {n}}),
               s = graph.input("s", {{}, {n, n}});
    const DistributionCall call{&stdlib::multivariate_normal, {m, s}, nullptr, {m, s}, {}};
    const Expr density = stdlib::multivariate_normal.log_density(x, call.canonical);
    std::vector<Expr> outputs{density};
    for (const Expr& g : gradient(density, std::vector<Expr>{x, m, s})) outputs.push_back(g);
    Compiled compiled(outputs, {x, m, s});
    for (const Numbers& place : places(p)) {
      const std::vector<Numbers> at{place, p.mean, p.covariance};
      const Numbers exact = compiled(at);
      std::size_t entry = 1;
      for (std::size_t which = 0; which < 3; ++which) {
        for (std::size_t i = 0; i < at[which].size(); ++i, ++entry) {
          // Only the lower triangle of the covariance is read, so a symmetric change moves both entries of
          // its gradient.
          const std::size_t twin = which == 2 ? i % p.n * p.n + i / p.n : i;
          std::vector<Numbers> up = at, down = at;
          const double h = 1e-5;
          for (const std::size_t k : {i, twin})
            up[which][k] = at[which][k] + h, down[which][k] = at[which][k] - h;
          const double slope = (compiled(up)[0] - compiled(down)[0]) / (2 * h);
          const double both = twin == i ? exact[entry] : exact[entry] + exact[entry - i + twin];
          CHECK(close(both, slope, 1e-6));
        }
      }
    }
  }
}

TEST_CASE("multivariate normal: draws have its mean and covariance") {
  constexpr std::int64_t count = 100'000;
  std::uint64_t seed = 5;
  for (const Point& p : points()) {
    Graph graph;
    DistributionCall call = calls(vector(graph, p.mean), matrix(graph, p.n, p.covariance))[0];
    call.size = {count};
    const Expr draws = runtime::sample(call, {});
    const Numbers x = runtime::evaluate(std::span(&draws, 1), seed++).front().reals();
    for (std::size_t i = 0; i < p.n; ++i) {
      for (std::size_t j = 0; j <= i; ++j) {
        double mean = 0, product = 0;
        for (std::size_t s = 0; s < count; ++s) {
          mean += x[s * p.n + i] - p.mean[i];
          product += (x[s * p.n + i] - p.mean[i]) * (x[s * p.n + j] - p.mean[j]);
        }
        const double of_i = p.covariance[i * p.n + i], of_j = p.covariance[j * p.n + j],
                     both = p.covariance[i * p.n + j], n = count;
        CHECK(std::abs(mean / n) < 4.5 * std::sqrt(of_i / n));
        CHECK(std::abs(product / n - both) < 4.5 * std::sqrt((of_i * of_j + both * both) / n));
      }
    }
  }
}

TEST_CASE("multivariate normal: entropy, divergence, exponential family and Gaussian form") {
  for (const Point& p : points()) {
    Graph graph;
    const runtime::Distribution& d = stdlib::multivariate_normal;
    const Expr mean = vector(graph, p.mean), covariance = matrix(graph, p.n, p.covariance);
    const std::vector<Expr> from{mean, covariance}, to{mean + 0.5, 1.5 * covariance};
    // The entropy is minus the mean log density: at distance n from the mean, in squared whitened units.
    const double n = static_cast<double>(p.n);
    const double at_mean = static_cast<double>(reference(p, p.mean));
    CHECK(close(value_of(d.entropy(from))[0], n / 2 - at_mean, 1e-12));
    // KL to the same shape 1.5 times as large and shifted by delta: (n log 1.5 + n / 1.5 - n + |delta|^2
    // / 1.5) / 2.
    const Expr whitened = runtime::solve_lower_vector(runtime::cholesky(covariance), mean * 0.0 + 0.5);
    const double distance = value_of(sum_all(square(whitened)))[0];
    CHECK(close(value_of(d.kl(from, to))[0], (n * std::log(1.5) + n / 1.5 - n + distance / 1.5) / 2, 1e-12));
    CHECK(std::abs(value_of(d.kl(from, from))[0]) < 1e-12);

    const runtime::ExponentialFamily& family = *d.exponential_family;
    const std::vector<Expr> eta = family.natural_parameters(from);
    for (std::size_t i = 0; i < 2; ++i)
      CHECK(value_of(sum_all(abs(family.parameters(eta, from)[i] - from[i])))[0] < 1e-12);
    for (const Numbers& x : places(p)) {
      const std::vector<Expr> t = family.sufficient_statistics(vector(graph, x), from);
      const Expr form = sum_all(eta[0] * t[0]) + sum_all(eta[1] * t[1]) - family.log_partition(eta, from) +
                        family.log_base_measure(vector(graph, x), from);
      CHECK(close(value_of(form)[0], static_cast<double>(reference(p, x)), 1e-12));
    }
    const std::vector<Expr> again =
        d.gaussian->parameters(d.gaussian->location(from), d.gaussian->scale(from));
    for (std::size_t i = 0; i < 2; ++i) CHECK(value_of(sum_all(abs(again[i] - from[i])))[0] < 1e-12);
  }
}

}  // namespace elbo::test
