// Conformance of densities: each integrates to one, equals its reference, has the right gradient, and is -inf
// (never NaN) outside its support.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <limits>

#include "runtime/differentiate.hpp"
#include "runtime/expression.hpp"
#include "stdlib/distributions/list.hpp"
#include "tests/stdlib/distributions_cases.hpp"

namespace elbo::test {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double nan = std::numeric_limits<double>::quiet_NaN();

/// Log density and its gradient as one function of x and the parameters.
class Density {
 public:
  explicit Density(const Case& c, runtime::PlanOptions options = {})
      : call_(input_call(graph_, *c.distribution, c.parameters)), x_(graph_.input("x", {})) {
    for (const runtime::Tensor& value : split(*c.distribution, c.parameters)) at_.push_back(value.reals());
    at_.push_back({});
    const Expr density = runtime::log_density(call_, x_);
    std::vector<Expr> inputs = call_.canonical;
    inputs.push_back(x_);
    std::vector<Expr> outputs = runtime::gradient(density, inputs);
    outputs.insert(outputs.begin(), density);
    program_ = std::make_unique<Compiled>(outputs, inputs, options);
  }

  /// Log density, then its derivatives in the parameters (flat), then in x.
  Numbers operator()(double x) {
    at_.back() = {x};
    return (*program_)(at_);
  }
  Numbers operator()(const Numbers& parameters, double x) {
    std::size_t next = 0;
    for (std::size_t i = 0; i + 1 < at_.size(); ++i)
      for (double& number : at_[i]) number = parameters.at(next++);
    return (*this)(x);
  }

 private:
  Graph graph_;
  DistributionCall call_;
  Expr x_;
  std::vector<Numbers> at_;
  std::unique_ptr<Compiled> program_;
};

/// Which parameter a flat number belongs to.
const runtime::DistributionParameter& owner(const Distribution& d, std::size_t flat) {
  return d.parameters[std::min(flat, d.parameters.size() - 1)];
}

/// Derivative of f at t by the five-point rule.
template <class F>
double slope(F f, double t, double h) {
  return (f(t - 2 * h) - 8 * f(t - h) + 8 * f(t + h) - f(t + 2 * h)) / (12 * h);
}

}  // namespace

TEST_CASE("densities integrate to one") {
  for (const Case& c : all_cases()) {
    INFO(c.name());
    CHECK(expectation(c, [](double) { return 1.0; }) == Approx(1).epsilon(1e-8));
  }
}

TEST_CASE("log densities equal their references") {
  for (const Case& c : all_cases()) {
    Density density(c);
    for (const double x : c.points()) {
      INFO(c.name() << " at " << x);
      CHECK(close(density(x)[0], static_cast<double>(std::log(c.reference.density(x))), 1e-12));
    }
  }
}

TEST_CASE("log densities in single precision are those in double precision, rounded") {
  for (const Case& c : all_cases()) {
    Density wide(c), narrow(c, {.precision = runtime::Precision::real32});
    for (const double q : {0.2, 0.5, 0.9}) {
      const double x = c.discrete()
                           ? c.points()[static_cast<std::size_t>(q * static_cast<double>(c.points().size()))]
                           : c.reference.quantile(q);
      INFO(c.name() << " at " << x);
      // Parameters and terms of size s lose s * 2^-24.
      double size = std::abs(x);
      for (const double p : c.parameters) size = std::max(size, std::abs(p));
      CHECK(std::abs(narrow(x)[0] - wide(x)[0]) <= 2e-6 * (10 + 10 * size));
    }
  }
}

namespace {

/// Whether a parameter is a bound of the support, as the minimum of a Pareto distribution.
bool bounds_support(const Case& c, std::size_t i) {
  Graph graph;
  const DistributionCall call = input_call(graph, *c.distribution, c.parameters);
  const std::vector<Expr> bounds = runtime::support(call).bounds;
  return i < call.canonical.size() &&
         std::find(bounds.begin(), bounds.end(), call.canonical[i]) != bounds.end();
}

}  // namespace

TEST_CASE("gradients of log densities equal finite differences") {
  for (const Case& c : all_cases()) {
    Density density(c);
    Numbers points = c.points();
    if (!c.discrete()) points = {points.begin() + 1, points.end() - 1};
    for (const double x : points) {
      const Numbers exact = density(c.parameters, x);
      for (std::size_t i = 0; i < c.parameters.size(); ++i) {
        const runtime::SupportKind& kind = *owner(*c.distribution, i).support;
        if (kind.discrete) continue;
        INFO(c.name() << " at " << x << ", derivative in " << owner(*c.distribution, i).name);
        const auto along = [&](double value) {
          Numbers parameters = c.parameters;
          parameters[i] = value;
          return density(parameters, x)[0];
        };
        // A simplex may be off by 1e-6 before it counts as none.
        const double size = c.parameters[i] == 0 ? 1.0 : std::abs(c.parameters[i]);
        double h = kind.event_rank > 0 ? 1e-7 : 1e-4 * size;
        if (bounds_support(c, i)) h = std::min(h, 0.25 * std::abs(x - c.parameters[i]));
        if (kind.event_rank > 0 && c.parameters.size() == 1) continue;  // K = 1: the only simplex is 1
        CHECK(close(exact[i + 1], slope(along, c.parameters[i], h), 1e-6 * std::max(1.0, 1 / size)));
      }
      if (c.discrete()) continue;
      INFO(c.name() << ", derivative in x at " << x);
      const double room = std::min(x - c.reference.least, c.reference.greatest - x);
      const double h = 1e-4 * std::min(c.reference.quantile(0.9) - c.reference.quantile(0.1), room);
      const auto along = [&](double value) { return density(c.parameters, value)[0]; };
      CHECK(close(exact.back(), slope(along, x, h), 1e-6 * std::max(1.0, 1e-4 / h)));
    }
  }
}

TEST_CASE("the score has expectation zero") {
  for (const Case& c : all_cases()) {
    const runtime::Support support = [&] {
      Graph graph;
      return c.distribution->support(constant_call(graph, *c.distribution, c.parameters).canonical);
    }();
    if (!support.kind->discrete && support.kind->bounds > 0) continue;  // ends move with the parameters
    Density density(c);
    const Numbers score = expectation(
        c,
        [&](double x) {
          const Numbers all = density(x);
          return Numbers(all.begin() + 1, all.end() - 1);
        },
        c.parameters.size());
    for (std::size_t i = 0; i < score.size(); ++i) {
      const runtime::SupportKind& kind = *owner(*c.distribution, i).support;
      if (kind.discrete) continue;
      INFO(c.name() << ", score in " << owner(*c.distribution, i).name);
      // Probabilities are not free to move one by one: the score is constant over the simplex, so zero along
      // it.
      const double expected = kind.event_rank > 0 ? score[0] : 0.0;
      const double size = std::max(1.0, 1 / std::abs(c.parameters[i] == 0 ? 1 : c.parameters[i]));
      CHECK(std::abs(score[i] - expected) <= 1e-8 * size * size);
    }
  }
}

TEST_CASE("outside the support the log density is -inf and gradients are not NaN") {
  const Numbers candidates{-infinity, -1e300, -7.5, -2, -1, -0.5, -1e-300, 0,   1e-300,    0.5,   1,
                           1.5,       2,      2.5,  3,  4,  7,    10.5,    201, 1e9 + 0.5, 1e300, infinity};
  std::size_t outside = 0;
  for (const Case& c : all_cases()) {
    Density density(c);
    for (const double x : candidates) {
      if (c.reference.inside(x)) continue;
      ++outside;
      INFO(c.name() << " at " << x);
      const Numbers all = density(x);
      CHECK(all[0] == -infinity);
      if (std::isinf(x)) continue;
      for (std::size_t i = 1; i < all.size(); ++i) CHECK(std::isfinite(all[i]));
    }
  }
  CHECK(outside > 200);
}

TEST_CASE("inside the support log densities are numbers, however far out") {
  for (const Case& c : all_cases()) {
    if (c.discrete()) continue;
    Density density(c);
    for (const double x : {-1e100, -1e10, -100.0, 1e-300, 1e-10, 0.999999, 100.0, 1e10, 1e100}) {
      if (!c.reference.inside(x)) continue;
      INFO(c.name() << " at " << x);
      const Numbers all = density(x);
      for (const double value : all) CHECK_FALSE(std::isnan(value));
    }
  }
}

TEST_CASE("a parameter outside its support makes the log density NaN") {
  for (const Case& c : all_cases()) {
    Density density(c);
    const double x = c.discrete() ? c.reference.outcomes[0] : c.reference.quantile(0.5);
    for (std::size_t i = 0; i < c.parameters.size(); ++i) {
      const runtime::SupportKind& kind = *owner(*c.distribution, i).support;
      Numbers bad{nan};
      if (kind.name == "positive") bad = {-1, -0.5, 0, infinity, nan};
      if (kind.name == "nonnegative") bad = {-1, -0.5, infinity, nan};
      if (kind.name == "unit_interval") bad = {-0.25, 1.5, nan};
      if (kind.name == "simplex") bad = {-0.25, 1.5, nan};
      if (kind.name == "natural") bad = {-1, 2.5, infinity, nan};
      for (const double value : bad) {
        Numbers parameters = c.parameters;
        parameters[i] = value;
        INFO(c.name() << ", " << owner(*c.distribution, i).name << " = " << value);
        const double found = density(parameters, x)[0];
        // A bad trial number or bound may leave no outcome inside instead.
        CHECK((std::isnan(found) || found == -infinity));
        if (!bounds_support(c, i) && !kind.discrete) CHECK(std::isnan(found));
      }
    }
  }
}

TEST_CASE("at the ends of parameters and supports densities take their limits") {
  const auto at = [](const char* name, const Numbers& parameters, double x) {
    for (const Distribution* d : stdlib::distribution_list())
      if (d->name == name) return Density({d, parameters, {}})(x);
    throw std::runtime_error(name);
  };
  CHECK(at("Beta", {1, 1}, 0)[0] == 0);
  CHECK(at("Beta", {1, 1}, 1)[0] == 0);
  CHECK(at("Beta", {2, 1}, 1)[0] == Approx(std::log(2)));
  CHECK(at("Beta", {1, 3}, 0)[0] == Approx(std::log(3)));
  CHECK(at("Beta", {2, 2}, 1)[0] == -infinity);
  CHECK(at("Beta", {2, 0.5}, 1)[0] == infinity);
  CHECK(at("Kumaraswamy", {2, 1}, 1)[0] == Approx(std::log(2)));
  CHECK(at("Kumaraswamy", {2, 2}, 1)[0] == -infinity);
  CHECK(at("Kumaraswamy", {2, 0.5}, 1)[0] == infinity);
  CHECK(at("Bernoulli", {0}, 0) == Numbers{0, -1, 0});
  CHECK(at("Bernoulli", {1}, 1) == Numbers{0, 1, 0});
  CHECK(at("Bernoulli", {0}, 1)[0] == -infinity);
  CHECK(at("Bernoulli", {1}, 0)[0] == -infinity);
  CHECK(at("Binomial", {3, 0}, 0)[0] == 0);
  CHECK(at("Binomial", {3, 1}, 3)[0] == 0);
  CHECK(at("Binomial", {3, 1}, 2)[0] == -infinity);
  CHECK(at("Binomial", {0, 0.4}, 0)[0] == 0);
  CHECK(at("Poisson", {0}, 0)[0] == 0);
  CHECK(at("Poisson", {0}, 1)[0] == -infinity);
  CHECK(at("Categorical", {0.5, 0, 0.5}, 2)[0] == -infinity);
  CHECK(at("Categorical", {0, 1}, 2)[0] == 0);
  CHECK(at("Exponential", {2}, 0)[0] == Approx(std::log(2)));
  CHECK(at("Uniform", {0, 4}, 4)[0] == Approx(-std::log(4)));
  for (const double derivative : at("Poisson", {0}, 0)) CHECK_FALSE(std::isnan(derivative));
  for (const double derivative : at("Binomial", {3, 0}, 0)) CHECK_FALSE(std::isnan(derivative));
  for (const double derivative : at("Categorical", {0, 1}, 2)) CHECK_FALSE(std::isnan(derivative));
}

}  // namespace elbo::test
