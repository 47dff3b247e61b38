// Conformance of distributions of vectors with two parameters: counts of categories, and the relaxed
// category. Sums over all outcomes, densities against references written out, gradients, draws against
// probabilities.
#include <catch2/catch.hpp>
#include <cmath>
#include <limits>
#include <numeric>

#include "runtime/differentiate.hpp"
#include "runtime/exponential_family.hpp"
#include "runtime/expression.hpp"
#include "stdlib/distributions/list.hpp"
#include "tests/stdlib/distributions_cases.hpp"

namespace elbo::test {
namespace {

using runtime::Tensor;

constexpr std::int64_t draw_count = 50'000;

/// Vectors of whole numbers >= 0 of this length and sum.
std::vector<Numbers> count_vectors(std::size_t length, int sum) {
  if (length == 1) return {{static_cast<double>(sum)}};
  std::vector<Numbers> result;
  for (int first = 0; first <= sum; ++first) {
    for (Numbers rest : count_vectors(length - 1, sum - first)) {
      rest.insert(rest.begin(), first);
      result.push_back(std::move(rest));
    }
  }
  return result;
}

/// Multinomial: choices one category after the other.
double multinomial_probability(const Numbers& x, const Numbers& p) {
  double result = 1, left = p[0];
  for (std::size_t k = 0; k < x.size(); ++k) {
    for (int i = 0; i < static_cast<int>(x[k]); ++i) result *= (left - i) / (i + 1) * p[k + 1];
    left -= x[k];
  }
  return result;
}

/// Dirichlet-multinomial: Polya's urn, times the number of orders.
double urn_probability(const Numbers& x, const Numbers& p) {
  double result = 1, left = p[0], drawn = 0;
  const double total = std::accumulate(p.begin() + 1, p.end(), 0.0);
  for (std::size_t k = 0; k < x.size(); ++k) {
    for (int i = 0; i < static_cast<int>(x[k]); ++i)
      result *= (left - i) / (i + 1) * (p[k + 1] + i) / (total + drawn++);
    left -= x[k];
  }
  return result;
}

struct CountCase {
  const Distribution* distribution;
  double (*probability)(const Numbers& x, const Numbers& p);
};
const CountCase count_cases[]{{&stdlib::multinomial, multinomial_probability},
                              {&stdlib::dirichlet_multinomial, urn_probability}};

Expr vector(Graph& graph, const Numbers& x) {
  return graph.constant(Tensor({static_cast<std::int64_t>(x.size())}, x));
}

double log_density_at(const Distribution& d, const Numbers& p, const Numbers& x) {
  Graph graph;
  return value_of(runtime::log_density(constant_call(graph, d, p), vector(graph, x)))[0];
}

/// Draws [draw_count, K].
Numbers draws_of(const Distribution& d, const Numbers& p, std::uint64_t seed) {
  Graph graph;
  DistributionCall call = constant_call(graph, d, p);
  call.size = {draw_count};
  const Expr x = runtime::sample(call, {});
  return runtime::evaluate(std::span(&x, 1), seed).front().reals();
}

/// |mean of values - expected| within 4.5 standard errors.
bool agrees(const Numbers& values, double expected) {
  const double n = static_cast<double>(values.size());
  const double mean = std::accumulate(values.begin(), values.end(), 0.0) / n;
  double squares = 0;
  for (const double v : values) squares += (v - mean) * (v - mean);
  return std::abs(mean - expected) <= 4.5 * std::sqrt(squares / (n - 1) / n) + 1e-9;
}

/// Gradient of the log density in the vector parameter (number `which`) against central differences, along
/// directions that keep its sum.
void check_gradient(const Distribution& d, const Numbers& p, const Numbers& x, std::size_t which) {
  Graph graph;
  DistributionCall call = constant_call(graph, d, p);
  const Expr moving = graph.input("p", {.axes = {}, .event = call.canonical[which].type().event});
  const Numbers at = value_of(call.canonical[which]);
  call.canonical[which] = moving;
  call.given = call.canonical;
  const Expr density = runtime::log_density(call, vector(graph, x));
  Compiled program({density, gradient(density, std::vector{moving})[0]}, {moving});
  const Numbers exact = program({at});
  for (std::size_t i = 0; i + 1 < at.size(); ++i) {
    Numbers up = at, down = at;
    const double h = 1e-5 * std::min(at[i], at[i + 1]);
    up[i] += h, up[i + 1] -= h, down[i] -= h, down[i + 1] += h;
    const double slope = (program({up})[0] - program({down})[0]) / (2 * h);
    CHECK(close(exact[1 + i] - exact[2 + i], slope, 1e-6));
  }
}

}  // namespace

TEST_CASE("probabilities of count vectors sum to one and equal their references") {
  for (const CountCase& c : count_cases) {
    for (const Numbers& p : c.distribution->test_points) {
      double total = 0;
      for (const Numbers& x : count_vectors(p.size() - 1, static_cast<int>(p[0]))) {
        const double log_p = log_density_at(*c.distribution, p, x);
        CHECK(close(log_p, std::log(c.probability(x, p)), 1e-11));
        total += std::exp(log_p);
      }
      CHECK(total == Approx(1).epsilon(1e-10));
      Numbers too_many(p.size() - 1, 0.0);
      too_many[0] = p[0] + 1;
      Numbers negative = too_many, broken = too_many;
      negative[1] = -1;
      broken[0] = p[0] - 0.5, broken[1] = 0.5;
      for (const Numbers& x : {too_many, negative, broken})
        CHECK(log_density_at(*c.distribution, p, x) == -std::numeric_limits<double>::infinity());
    }
  }
}

TEST_CASE("gradients of count vectors' densities equal finite differences") {
  for (const CountCase& c : count_cases) {
    for (const Numbers& p : c.distribution->test_points)
      for (const Numbers& x : count_vectors(p.size() - 1, static_cast<int>(p[0])))
        if (x[0] > p[0] / 3) check_gradient(*c.distribution, p, x, 1);
  }
}

TEST_CASE("draws of count vectors have their means, variances and probabilities") {
  std::uint64_t seed = 11;
  for (const CountCase& c : count_cases) {
    for (const Numbers& p : c.distribution->test_points) {
      const std::size_t k = p.size() - 1;
      const Numbers x = draws_of(*c.distribution, p, seed++);
      Graph graph;
      const std::vector<Expr> parameters = constant_call(graph, *c.distribution, p).canonical;
      const Numbers mean = value_of(c.distribution->mean(parameters));
      const Numbers variance = value_of(c.distribution->variance(parameters));
      for (std::size_t i = 0; i < k; ++i) {
        Numbers column, squares;
        for (std::size_t s = 0; s < draw_count; ++s) {
          column.push_back(x[s * k + i]);
          squares.push_back((column.back() - mean[i]) * (column.back() - mean[i]));
        }
        CHECK(agrees(column, mean[i]));
        CHECK(agrees(squares, variance[i]));
      }
      for (const Numbers& at : count_vectors(k, static_cast<int>(p[0]))) {
        const double probability = c.probability(at, p);
        if (probability * draw_count < 50) continue;
        Numbers hits;
        for (std::size_t s = 0; s < draw_count; ++s) {
          const auto row = x.begin() + static_cast<std::ptrdiff_t>(s * k);
          hits.push_back(std::equal(at.begin(), at.end(), row) ? 1 : 0);
        }
        CHECK(agrees(hits, probability));
      }
    }
  }
}

TEST_CASE("Multinomial by logits, its divergence, and its exponential family") {
  Graph graph;
  const Numbers p{5, 0.2, 0.3, 0.5}, q{5, 0.4, 0.4, 0.2};
  DistributionCall call = constant_call(graph, stdlib::multinomial, p);
  call.alternative = &stdlib::multinomial.alternatives[0];
  call.given[1] = vector(graph, {std::log(0.2) + 3, std::log(0.3) + 3, std::log(0.5) + 3});
  call.canonical = runtime::canonical_parameters(stdlib::multinomial, call.alternative, call.given);
  double divergence = 0;
  for (const Numbers& x : count_vectors(3, 5)) {
    const double log_p = std::log(multinomial_probability(x, p)),
                 log_q = std::log(multinomial_probability(x, q));
    CHECK(close(value_of(runtime::log_density(call, vector(graph, x)))[0], log_p, 1e-11));
    divergence += std::exp(log_p) * (log_p - log_q);
  }
  const DistributionCall from = constant_call(graph, stdlib::multinomial, p);
  const DistributionCall to = constant_call(graph, stdlib::multinomial, q);
  CHECK(value_of(runtime::kl(stdlib::multinomial, from.canonical, to.canonical))[0] == Approx(divergence));
  CHECK(std::isnan(
      value_of(runtime::kl(stdlib::multinomial, from.canonical,
                           constant_call(graph, stdlib::multinomial, {4, 0.4, 0.4, 0.2}).canonical))[0]));
  const DistributionCall certain = constant_call(graph, stdlib::multinomial, {5, 0, 1, 0});
  CHECK(value_of(runtime::kl(stdlib::multinomial, certain.canonical, certain.canonical))[0] == 0);
}

TEST_CASE("GumbelSoftmax integrates to one, equals its formula, and draws follow it") {
  // Two categories: the density over x[1] is that of RelaxedBernoulli.
  for (const double t : {0.5, 2.0}) {
    for (const double x : {0.01, 0.3, 0.5, 0.9, 0.9999}) {
      Graph graph;
      const DistributionCall binary = constant_call(graph, stdlib::relaxed_bernoulli, {0.6, t});
      const double expected = value_of(runtime::log_density(binary, graph.constant(x)))[0];
      CHECK(close(log_density_at(stdlib::gumbel_softmax, {0.6, 0.4, t}, {x, 1 - x}), expected, 1e-11));
    }
  }
  std::uint64_t seed = 31;
  for (const Numbers& p : stdlib::gumbel_softmax.test_points) {
    const std::size_t k = p.size() - 1;
    const Numbers x = draws_of(stdlib::gumbel_softmax, p, seed++);
    // Each entry is the largest with its probability; and the density is that of the draws: the expectation
    // of f / density is the integral of f, here of the Dirichlet density with all concentrations 2.
    const double constant = std::lgamma(2.0 * static_cast<double>(k));
    std::vector<Numbers> largest(k);
    Numbers ratio;
    Graph graph;
    const Tensor all({draw_count, static_cast<std::int64_t>(k)}, x);
    const Numbers log_p =
        value_of(runtime::log_density(constant_call(graph, stdlib::gumbel_softmax, p), graph.constant(all)));
    for (std::size_t s = 0; s < draw_count; ++s) {
      const auto row = x.begin() + static_cast<std::ptrdiff_t>(s * k);
      const auto top =
          static_cast<std::size_t>(std::max_element(row, row + static_cast<std::ptrdiff_t>(k)) - row);
      double log_f = constant;
      for (std::size_t i = 0; i < k; ++i) {
        largest[i].push_back(i == top ? 1 : 0);
        log_f += std::log(row[static_cast<std::ptrdiff_t>(i)]);
      }
      ratio.push_back(std::exp(log_f - log_p[s]));
    }
    for (std::size_t i = 0; i < k; ++i) CHECK(agrees(largest[i], p[i]));
    CHECK(agrees(ratio, 1));
    for (const Numbers& at : {Numbers(k, 1.0 / static_cast<double>(k))}) {
      const Numbers probabilities(p.begin(), p.end() - 1);
      check_gradient(stdlib::gumbel_softmax, p, at, 0);
      check_gradient(stdlib::gumbel_softmax, p, probabilities, 0);
    }
  }
}

}  // namespace elbo::test
