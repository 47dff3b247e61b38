// Conformance of distributions whose outcome is a vector: densities against products of conditionals by
// Boost.Math, gradients against finite differences, draws against marginals, and closed forms against
// averages over draws.
#include <algorithm>
#include <boost/math/distributions/beta.hpp>
#include <catch2/catch.hpp>
#include <cmath>
#include <map>
#include <numeric>

#include "runtime/differentiate.hpp"
#include "runtime/expression.hpp"
#include "stdlib/distributions/list.hpp"
#include "tests/stdlib/distributions_cases.hpp"

namespace elbo::test {
namespace {

constexpr std::int64_t draw_count = 100'000;

/// What is known of a distribution from elsewhere.
struct VectorReference {
  double (*log_density)(const Numbers& x, const Numbers& p);
  double (*marginal_cdf)(double x, std::size_t entry, const Numbers& p);
  std::vector<Numbers> (*points)(const Numbers& p);   ///< inside the support
  std::vector<Numbers> (*outside)(const Numbers& p);  ///< of the same length, outside
};

namespace bm = boost::math;

double sum(const Numbers& p) { return std::accumulate(p.begin(), p.end(), 0.0); }

/// Stick breaking: x[k] over what is left is Beta(p[k], the sum of the later ones).
double dirichlet_log_density(const Numbers& x, const Numbers& p) {
  double result = 0, stick = 1, rest = sum(p);
  for (std::size_t k = 0; k + 1 < p.size(); ++k) {
    rest -= p[k];
    result += std::log(bm::pdf(bm::beta_distribution<double>(p[k], rest), x[k] / stick) / stick);
    stick -= x[k];
  }
  return result;
}

double dirichlet_marginal(double x, std::size_t entry, const Numbers& p) {
  return bm::cdf(bm::beta_distribution<double>(p[entry], sum(p) - p[entry]), x);
}

std::vector<Numbers> simplex_points(const Numbers& p) {
  std::vector<Numbers> points;
  for (const double tilt : {0.0, 0.7, -1.3}) {
    Numbers x(p.size());
    for (std::size_t k = 0; k < p.size(); ++k) x[k] = std::exp(tilt * static_cast<double>(k));
    const double total = sum(x);
    for (double& entry : x) entry /= total;
    points.push_back(std::move(x));
  }
  return points;
}

std::vector<Numbers> not_simplices(const Numbers& p) {
  Numbers even(p.size(), 1 / static_cast<double>(p.size())), large = even, negative = even, undefined = even;
  large[0] += 0.1;
  negative[0] = -0.2;
  negative[1] += even[0] + 0.2;
  undefined[0] = std::nan("");
  return {large, negative, undefined};
}

const std::map<std::string_view, VectorReference> references{
    {"Dirichlet", {dirichlet_log_density, dirichlet_marginal, simplex_points, not_simplices}}};

struct VectorCase {
  const Distribution* distribution;
  Numbers parameters;
  const VectorReference* reference;
};

std::vector<VectorCase> vector_cases() {
  std::vector<VectorCase> result;
  for (const Distribution* d : stdlib::distribution_list()) {
    if (d->event_rank == 0 || d->parameters.size() > 1) continue;  // those: tests/stdlib/distributions_normals.cpp
    const auto found = references.find(d->name);
    if (found == references.end()) FAIL("no reference for " << d->name << " in distributions_vectors.cpp");
    for (const Numbers& p : d->test_points) result.push_back({d, p, &found->second});
  }
  return result;
}

std::string name(const VectorCase& c) {
  std::string text(c.distribution->name);
  for (const double p : c.parameters) text += " " + std::to_string(p);
  return text;
}

Expr vector(Graph& graph, const Numbers& x) {
  return graph.constant(runtime::Tensor({static_cast<std::int64_t>(x.size())}, x));
}

/// log density as a function of x and the parameters, with its gradients after it.
class VectorDensity {
 public:
  explicit VectorDensity(const VectorCase& c) : compiled_(build(c)) {}
  Numbers operator()(const Numbers& x, const Numbers& p) { return compiled_({x, p}); }

 private:
  Compiled build(const VectorCase& c) {
    const runtime::Type type{{}, {static_cast<std::int64_t>(c.parameters.size())}, runtime::Domain::real};
    const Expr x = graph_.input("x", type), p = graph_.input("p", type);
    const Expr density = runtime::log_density({c.distribution, {p}, nullptr, {p}, {}}, x);
    std::vector<Expr> outputs{density};
    for (const Expr& g : gradient(density, std::vector<Expr>{x, p})) outputs.push_back(g);
    return Compiled(outputs, {x, p});
  }
  Graph graph_;
  Compiled compiled_;
};

/// Draws [draw_count, K].
Numbers draws(const VectorCase& c, std::uint64_t seed) {
  Graph graph;
  const DistributionCall call{
      c.distribution, {vector(graph, c.parameters)}, nullptr, {vector(graph, c.parameters)}, {draw_count}};
  const Expr x = runtime::sample(call, {});
  return runtime::evaluate(std::span(&x, 1), seed).front().reals();
}

/// |mean of values - expected| within 4.5 standard errors.
bool agrees(const Numbers& values, double expected) {
  const double n = static_cast<double>(values.size()), mean = sum(values) / n;
  double squares = 0;
  for (const double v : values) squares += (v - mean) * (v - mean);
  return std::abs(mean - expected) <=
         4.5 * std::sqrt(squares / (n - 1) / n) + 1e-9;  // a constant has no error but rounding
}

}  // namespace

TEST_CASE("log densities of vectors equal their references") {
  for (const VectorCase& c : vector_cases()) {
    VectorDensity density(c);
    INFO(name(c));
    for (const Numbers& x : c.reference->points(c.parameters)) {
      CHECK(close(density(x, c.parameters)[0], c.reference->log_density(x, c.parameters), 1e-12));
    }
    for (const Numbers& x : c.reference->outside(c.parameters)) {
      CHECK(density(x, c.parameters)[0] == -std::numeric_limits<double>::infinity());
    }
    Numbers bad = c.parameters;
    for (const double value : {-1.0, 0.0, std::nan("")}) {
      bad[0] = value;
      CHECK(std::isnan(density(c.reference->points(c.parameters)[0], bad)[0]));
    }
  }
}

TEST_CASE("gradients of log densities of vectors equal finite differences") {
  for (const VectorCase& c : vector_cases()) {
    VectorDensity density(c);
    INFO(name(c));
    const std::size_t k = c.parameters.size();
    for (const Numbers& x : c.reference->points(c.parameters)) {
      const Numbers exact = density(x, c.parameters);
      for (std::size_t i = 0; i < k; ++i) {
        Numbers up = c.parameters, down = c.parameters;
        const double h = 1e-5 * c.parameters[i];
        up[i] += h;
        down[i] -= h;
        CHECK(close(exact[1 + k + i], (density(x, up)[0] - density(x, down)[0]) / (2 * h), 1e-6));
        // in x along a direction that keeps the sum
        const std::size_t next = (i + 1) % k;
        Numbers right = x, left = x;
        const double step = 1e-5 * std::min(x[i], x[next]);
        right[i] += step, right[next] -= step;
        left[i] -= step, left[next] += step;
        const double slope = (density(right, c.parameters)[0] - density(left, c.parameters)[0]) / (2 * step);
        CHECK(close(exact[1 + i] - exact[1 + next], slope, 1e-6));
      }
    }
  }
}

TEST_CASE("draws of vectors have the right marginals, means and variances") {
  std::uint64_t seed = 1;
  for (const VectorCase& c : vector_cases()) {
    INFO(name(c));
    const Numbers x = draws(c, seed++);
    const std::size_t k = c.parameters.size();
    Graph graph;
    const std::vector<Expr> p{vector(graph, c.parameters)};
    const Numbers mean = value_of(c.distribution->mean(p)), variance = value_of(c.distribution->variance(p));
    for (std::size_t i = 0; i < k; ++i) {
      Numbers column, squares;
      for (std::size_t s = 0; s < draw_count; ++s) {
        column.push_back(x[s * k + i]);
        squares.push_back((column.back() - mean[i]) * (column.back() - mean[i]));
      }
      CHECK(agrees(column, mean[i]));
      CHECK(agrees(squares, variance[i]));
      std::sort(column.begin(), column.end());
      double distance = 0;
      for (std::size_t s = 0; s < draw_count; ++s) {
        const double cdf = c.reference->marginal_cdf(column[s], i, c.parameters);
        distance = std::max({distance, std::abs(cdf - static_cast<double>(s) / draw_count),
                             std::abs(cdf - static_cast<double>(s + 1) / draw_count)});
      }
      // Kolmogorov's distribution: 2 exp(-2 n d^2) = 1e-5
      CHECK(distance * std::sqrt(static_cast<double>(draw_count)) < 2.47);
    }
  }
}

TEST_CASE("entropy, divergence and the exponential family form of vectors agree with the density") {
  std::uint64_t seed = 100;
  for (const VectorCase& c : vector_cases()) {
    INFO(name(c));
    const Numbers x = draws(c, seed++);
    Graph graph;
    const auto size = static_cast<std::int64_t>(c.parameters.size());
    const Expr all = graph.constant(runtime::Tensor({draw_count, size}, x));
    Numbers other = c.parameters;
    for (std::size_t i = 0; i < other.size(); ++i) other[i] *= i % 2 ? 1.2 : 0.9;
    const std::vector<Expr> p{vector(graph, c.parameters)}, q{vector(graph, other)};
    const Numbers log_p = value_of(runtime::log_density({c.distribution, p, nullptr, p, {}}, all));
    const Numbers log_q = value_of(runtime::log_density({c.distribution, q, nullptr, q, {}}, all));
    Numbers surprise, ratio;
    for (std::size_t s = 0; s < draw_count; ++s) {
      surprise.push_back(-log_p[s]);
      ratio.push_back(log_p[s] - log_q[s]);
    }
    CHECK(agrees(surprise, value_of(c.distribution->entropy(p))[0]));
    CHECK(agrees(ratio, value_of(c.distribution->kl(p, q))[0]));
    CHECK(std::abs(value_of(c.distribution->kl(p, p))[0]) < 1e-12);
    const runtime::ExponentialFamily& family = *c.distribution->exponential_family;
    const std::vector<Expr> eta = family.natural_parameters(p);
    CHECK(value_of(family.parameters(eta, p)[0]) == value_of(p[0]));
    for (const Numbers& point : c.reference->points(c.parameters)) {
      const Expr at = vector(graph, point);
      const Expr product = sum_dim(eta[0] * family.sufficient_statistics(at, p)[0], -1);
      const Expr form = product - family.log_partition(eta, p) + family.log_base_measure(at, p);
      CHECK(close(value_of(form)[0], c.reference->log_density(point, c.parameters), 1e-12));
    }
  }
}

}  // namespace elbo::test
