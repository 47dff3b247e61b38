// Conformance of distribution functions and quantiles: against references also in the tails, as integrals of
// the density, inverse to one another, with the gradients of finite differences.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <limits>
#include <set>
#include <string_view>

#include "runtime/differentiate.hpp"
#include "runtime/distribution_functions.hpp"
#include "runtime/expression.hpp"
#include "stdlib/distributions/list.hpp"
#include "tests/stdlib/distributions_cases.hpp"

namespace elbo::test {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double nan = std::numeric_limits<double>::quiet_NaN();

using Function = Expr (*)(const DistributionCall&, Expr);

Expr density(const DistributionCall& call, Expr x) { return runtime::log_density(call, x); }

/// A function of outcomes (or probabilities) with its gradient in the parameters (but for counts, which are
/// constants) and in its argument.
class Derived {
 public:
  Derived(const Case& c, Function f) : case_(c) {
    call_.distribution = c.distribution;
    std::vector<Expr> inputs;
    const std::vector<runtime::Tensor> values = split(*c.distribution, c.parameters);
    for (std::size_t i = 0; i < values.size(); ++i) {
      const bool is_fixed = c.distribution->parameters[i].support->discrete;
      const Expr parameter = is_fixed ? graph_.constant(values[i])
                                      : graph_.input(c.distribution->parameters[i].name,
                                                     {.axes = {}, .event = values[i].shape()});
      call_.canonical.push_back(parameter);
      if (is_fixed) continue;
      inputs.push_back(parameter);
      at_.push_back(values[i].reals());
    }
    call_.given = call_.canonical;
    inputs.push_back(graph_.input("x", {}));
    at_.push_back({0});
    const Expr value = f(call_, inputs.back());
    std::vector<Expr> outputs = runtime::gradient(value, inputs);
    outputs.insert(outputs.begin(), value);
    program_ = std::make_unique<Compiled>(outputs, inputs);
  }

  /// Value, derivatives in the free parameters (flat), derivative in x.
  Numbers operator()(double x) {
    at_.back() = {x};
    return (*program_)(at_);
  }
  /// The value with free parameter `i` (flat) at another place.
  double moved(std::size_t i, double parameter, double x) {
    const std::vector<Numbers> before = at_;
    std::size_t next = 0;
    for (std::size_t k = 0; k + 1 < at_.size(); ++k)
      for (double& number : at_[k])
        if (next++ == i) number = parameter;
    const double value = (*this)(x)[0];
    at_ = before;
    return value;
  }
  /// Free parameters, flat.
  Numbers free() const {
    Numbers flat;
    for (std::size_t k = 0; k + 1 < at_.size(); ++k) flat.insert(flat.end(), at_[k].begin(), at_[k].end());
    return flat;
  }

 private:
  Case case_;
  Graph graph_;
  DistributionCall call_;
  std::vector<Numbers> at_;
  std::unique_ptr<Compiled> program_;
};

/// Derivative of f at t by the five-point rule.
template <class F>
double slope(F f, double t, double h) {
  return (f(t - 2 * h) - 8 * f(t - h) + 8 * f(t + h) - f(t + 2 * h)) / (12 * h);
}

/// Relative agreement, also of small numbers.
bool agree(double a, double b, double tolerance, double absolute = 1e-300) {
  return a == b || std::abs(a - b) <= tolerance * std::abs(b) + absolute;
}

/// What rounding an outcome near the ends can change in its distribution function (an end at 0 costs
/// nothing), and the rounding of references that subtract from one in long double.
double rounding(const Case& c) {
  const bool has_end = std::isfinite(c.reference.least) && c.reference.least != 0;
  return has_end || c.distribution->name == "TruncatedNormal" ? 2e-14 : 1e-18;
}

const Numbers probabilities{1e-12, 1e-6, 1e-3, 0.05, 0.2, 0.4, 0.5, 0.7, 0.9, 0.99, 1 - 1e-6};

/// Those of the cases whose record has a distribution function.
std::vector<Case> cases() {
  std::vector<Case> result;
  for (const Case& c : all_cases())
    if (c.distribution->cdf) result.push_back(c);
  return result;
}

/// A point where the density has a kink, near which differences say nothing.
bool near_kink(const Case& c, double x) {
  return c.distribution->name.find("Laplace") != std::string::npos &&
         std::abs(x - c.parameters[0]) < 1e-6 * c.parameters[1];
}

}  // namespace

TEST_CASE("every distribution on numbers has a distribution function and a quantile") {
  for (const Distribution* d : stdlib::distribution_list()) {
    if (d->event_rank > 0) continue;
    INFO(d->name);
    CHECK(d->cdf);
    CHECK(d->quantile);
  }
}

TEST_CASE("distribution functions equal their references, in both tails") {
  for (const Case& c : cases()) {
    Derived cdf(c, runtime::cdf), survival(c, runtime::survival);
    Numbers points = c.points();
    if (!c.discrete()) {
      points.push_back(c.reference.quantile(1e-12));
      points.push_back(c.reference.quantile(1 - 1e-12));
    }
    for (const double x : points) {
      INFO(c.name() << " at " << x);
      const double expected = c.reference.cdf(x);
      CHECK(agree(cdf(x)[0], expected, 1e-10, rounding(c)));
      if (c.distribution->survival && c.reference.survival)
        CHECK(agree(survival(x)[0], c.reference.survival(x), 1e-10, rounding(c)));
      CHECK(std::abs(survival(x)[0] - (1 - expected)) <= 1e-13);
    }
  }
}

TEST_CASE("distribution functions of counts are sums of the density") {
  for (const Case& c : cases()) {
    if (!c.discrete()) continue;
    Derived cdf(c, runtime::cdf), log_density(c, density);
    double total = 0, before = 0;
    for (const double x : c.reference.outcomes) {
      INFO(c.name() << " at " << x);
      total += std::exp(log_density(x)[0]);
      CHECK(cdf(x)[0] == Approx(total).epsilon(1e-11));
      CHECK(cdf(x - 0.5)[0] == Approx(before).epsilon(1e-11).margin(1e-300));
      before = total;
    }
  }
}

TEST_CASE("the derivative of a distribution function is the density") {
  for (const Case& c : cases()) {
    if (c.discrete()) continue;
    Derived cdf(c, runtime::cdf), survival(c, runtime::survival), log_density(c, density);
    for (const double x : c.points()) {
      INFO(c.name() << " at " << x);
      const double expected = std::exp(log_density(x)[0]);
      CHECK(agree(cdf(x).back(), expected, 1e-9));
      CHECK(agree(survival(x).back(), -expected, 1e-9));
    }
  }
}

TEST_CASE("logarithms of distribution functions and their gradients are those of the functions") {
  for (const Case& c : cases()) {
    Derived cdf(c, runtime::cdf), log_cdf(c, runtime::log_cdf);
    Derived survival(c, runtime::survival), log_survival(c, runtime::log_survival);
    const auto compare = [&](const Numbers& logs, const Numbers& plain, const char* which, double x) {
      if (!(plain[0] > 1e-290)) return;
      INFO(which << " of " << c.name() << " at " << x);
      CHECK(std::abs(logs[0] - std::log(plain[0])) <= 1e-9 * std::max(1.0, std::abs(logs[0])));
      for (std::size_t i = 1; i < plain.size(); ++i)
        CHECK(std::abs(logs[i] * plain[0] - plain[i]) <= 1e-9 * std::abs(plain[i]) + 1e-13);
    };
    for (const double x : c.points()) {
      compare(log_cdf(x), cdf(x), "log cdf", x);
      if (c.distribution->survival) compare(log_survival(x), survival(x), "log survival", x);
    }
  }
}

TEST_CASE("gradients of distribution functions in the parameters equal finite differences") {
  for (const Case& c : cases()) {
    if (c.distribution->parameter_ranks == std::vector{1}) continue;  // probabilities move together
    for (const Function f : {&runtime::cdf, &runtime::survival}) {
      Derived function(c, f);
      const Numbers free = function.free();
      Numbers points = c.points();
      if (!c.discrete()) points = {points.begin() + 1, points.end() - 1};
      for (const double x : points) {
        if (near_kink(c, x)) continue;
        const Numbers exact = function(x);
        for (std::size_t i = 0; i < free.size(); ++i) {
          INFO(c.name() << " at " << x << ", parameter " << i + 1);
          const double size = free[i] == 0 ? 1.0 : std::abs(free[i]);
          double h = 1e-4 * size;
          // where the parameter is an end of the support, x must stay inside
          if (c.reference.least == free[i] || c.reference.greatest == free[i])
            h = std::min(h, 0.002 * std::abs(x - free[i]));
          if (size < 1 && size + 2 * h > 1) h = (1 - size) / 4;
          const double expected = slope([&](double t) { return function.moved(i, t, x); }, free[i], h);
          CHECK(std::abs(exact[i + 1] - expected) <=
                1e-7 * std::max(1.0, std::abs(expected)) / size + 1e-13 / h);
        }
      }
    }
  }
}

TEST_CASE("quantiles of continuous distributions equal their references and invert distribution functions") {
  for (const Case& c : cases()) {
    if (c.discrete()) continue;
    Derived quantile(c, runtime::quantile), cdf(c, runtime::cdf), log_density(c, density);
    for (const double p : probabilities) {
      INFO(c.name() << " at probability " << p);
      const double x = quantile(p)[0], expected = c.reference.quantile(p);
      const double scale = std::exp(-log_density(expected)[0]);  // dx / dp
      CHECK(std::abs(x - expected) <= 1e-10 * std::abs(expected) + 1e-14 * scale + 1e-10 * p * scale);
      CHECK(agree(cdf(x)[0], p, 1e-9, rounding(c)));
      CHECK(agree(quantile(p).back(), scale, 1e-6));
    }
  }
}

TEST_CASE("gradients of quantiles in the parameters equal finite differences") {
  for (const Case& c : cases()) {
    if (c.discrete()) continue;
    Derived quantile(c, runtime::quantile);
    const Numbers free = quantile.free();
    for (const double p : {1e-3, 0.05, 0.4, 0.6, 0.9, 0.999}) {
      const Numbers exact = quantile(p);
      for (std::size_t i = 0; i < free.size(); ++i) {
        INFO(c.name() << " at probability " << p << ", parameter " << i + 1);
        const double size = free[i] == 0 ? 1.0 : std::abs(free[i]);
        const double expected =
            slope([&](double t) { return quantile.moved(i, t, p); }, free[i], 1e-4 * size);
        const double room = std::max({std::abs(expected), std::abs(exact[0]) / size, 1e-3});
        CHECK(std::abs(exact[i + 1] - expected) <= 1e-6 * room);
      }
    }
  }
}

TEST_CASE("quantiles of counts are the least that reach a probability") {
  for (const Case& c : cases()) {
    if (!c.discrete()) continue;
    Derived quantile(c, runtime::quantile), cdf(c, runtime::cdf);
    for (const double x : c.points()) {
      const double reached = cdf(x)[0], before = cdf(x - 1)[0];
      if (!(reached - before > 1e-13)) continue;  // far in the upper tail rounding decides
      INFO(c.name() << " at " << x);
      CHECK(quantile(reached)[0] == x);
      CHECK(quantile(before + 0.5 * (reached - before))[0] == x);
    }
  }
}

TEST_CASE("distribution functions and quantiles at and beyond the ends") {
  for (const Case& c : cases()) {
    INFO(c.name());
    Derived cdf(c, runtime::cdf), survival(c, runtime::survival), quantile(c, runtime::quantile);
    Derived log_cdf(c, runtime::log_cdf), log_survival(c, runtime::log_survival);
    CHECK(cdf(-infinity)[0] == 0);
    CHECK(cdf(infinity)[0] == 1);
    CHECK(survival(-infinity)[0] == 1);
    CHECK(survival(infinity)[0] == 0);
    CHECK(log_cdf(-infinity)[0] == -infinity);
    CHECK(log_survival(infinity)[0] == -infinity);
    CHECK(std::isnan(cdf(nan)[0]));
    for (const double p : {-0.1, 1.1, nan}) CHECK(std::isnan(quantile(p)[0]));
    if (c.discrete()) {
      CHECK(quantile(0)[0] == c.reference.outcomes.front());
      continue;
    }
    CHECK(quantile(0)[0] == c.reference.least);
    CHECK(quantile(1)[0] == c.reference.greatest);
    for (const double end : {c.reference.least, c.reference.greatest}) {
      if (!std::isfinite(end)) continue;
      for (const double value : cdf(end)) CHECK(std::isfinite(value));
      CHECK(cdf(end)[0] == (end == c.reference.least ? 0 : 1));
    }
  }
}

TEST_CASE("distribution functions of counts that are certain are 0 and 1") {
  const auto at = [](Function f, const Distribution& d, const Numbers& parameters, double x) {
    return Derived({&d, parameters, {}}, f)(x)[0];
  };
  CHECK(at(runtime::cdf, stdlib::binomial, {3, 0}, 0) == 1);
  CHECK(at(runtime::survival, stdlib::binomial, {3, 0}, 0) == 0);
  CHECK(at(runtime::cdf, stdlib::binomial, {3, 1}, 2) == 0);
  CHECK(at(runtime::survival, stdlib::binomial, {3, 1}, 2) == 1);
  CHECK(at(runtime::log_cdf, stdlib::binomial, {3, 1}, 2) == -infinity);
  CHECK(at(runtime::cdf, stdlib::poisson, {0}, 0) == 1);
  CHECK(at(runtime::survival, stdlib::poisson, {0}, 0) == 0);
}

TEST_CASE("logarithms of distribution functions go on where the functions underflow") {
  const auto at = [](Function f, const Distribution& d, const Numbers& parameters, double x) {
    return Derived({&d, parameters, {}}, f)(x)[0];
  };
  CHECK(at(runtime::log_cdf, stdlib::normal, {0, 1}, -40) == Approx(-804.608442));
  CHECK(at(runtime::log_survival, stdlib::normal, {0, 1}, 40) == Approx(-804.608442));
  CHECK(at(runtime::log_survival, stdlib::exponential, {2}, 1000) == -2000);
  CHECK(at(runtime::log_cdf, stdlib::logistic, {0, 1}, -1000) == -1000);
  CHECK(at(runtime::log_survival, stdlib::gumbel, {0, 1}, 1000) == -1000);
  CHECK(at(runtime::log_cdf, stdlib::laplace, {0, 1}, -1000) == Approx(-1000 - std::log(2)));
  CHECK(at(runtime::log_survival, stdlib::weibull, {2, 1}, 100) == Approx(-1e4));
  CHECK(at(runtime::log_survival, stdlib::pareto, {1, 400}, 10) == Approx(-400 * std::log(10)));
  CHECK(at(runtime::log_survival, stdlib::geometric, {0.5}, 9999) == Approx(-1e4 * std::log(2)));
  // by the expansion of the tail, where the probability itself has underflowed; the references are closed
  // forms
  const auto far = [](double value) { return Approx(value).margin(1e-4).epsilon(0); };
  CHECK(at(runtime::log_survival, stdlib::gamma, {2, 1}, 760) == far(std::log1p(760) - 760));
  CHECK(at(runtime::log_survival, stdlib::gamma, {2, 1}, 1e5) == far(std::log1p(1e5) - 1e5));
  CHECK(at(runtime::log_survival, stdlib::chi_squared, {4}, 1600) == far(std::log1p(800) - 800));
  CHECK(at(runtime::log_survival, stdlib::erlang, {2, 1}, 800) == far(std::log1p(800) - 800));
  CHECK(at(runtime::log_survival, stdlib::beta, {1, 200}, 0.99) == far(200 * std::log(0.01)));
  CHECK(at(runtime::log_cdf, stdlib::beta, {200, 1}, 0.01) == far(200 * std::log(0.01)));
  // near a finite end, where the tail is a power of the distance from it
  CHECK(at(runtime::log_cdf, stdlib::gamma, {1, 1}, 1e-295) == far(std::log(1e-295)));
  CHECK(at(runtime::log_cdf, stdlib::gamma, {3, 1}, 5e-121) == far(3 * std::log(5e-121) - std::log(6)));
  CHECK(at(runtime::log_cdf, stdlib::uniform_between, {0, 1}, 1e-300) == far(std::log(1e-300)));
  CHECK(at(runtime::log_cdf, stdlib::beta, {2, 3}, 1e-160) == far(2 * std::log(1e-160) + std::log(6)));
  // by numbers of fifty digits
  CHECK(at(runtime::log_cdf, stdlib::gamma, {60, 2}, 1e-5) == far(-837.8148901604));
  CHECK(at(runtime::log_cdf, stdlib::beta, {50, 2}, 1e-7) == far(-801.9729570132));
  CHECK(at(runtime::log_cdf, stdlib::inverse_gamma, {2, 1}, 0.001) == far(-993.0912452207));
  CHECK(at(runtime::log_survival, stdlib::student_t, {5, 0, 1}, 1e70) == far(-803.6545263121));
  CHECK(at(runtime::log_cdf, stdlib::poisson, {1e5}, 88000) == far(-755.1551391998));
  CHECK(at(runtime::log_cdf, stdlib::von_mises, {0, 400}, -1.9) == far(-533.1747032691));
  CHECK(std::abs(at(runtime::log_cdf, stdlib::von_mises, {0, 400}, -3) - -797.7679352777) < 0.1);
  const auto poisson_term = [](double k) { return -3 + k * std::log(3) - std::lgamma(k + 1); };
  CHECK(at(runtime::log_survival, stdlib::poisson, {3}, 300) ==
        far(poisson_term(301) + std::log1p(3 / 302.0 * (1 + 3 / 303.0))));
  CHECK(at(runtime::log_cdf, stdlib::poisson, {1000}, 0) == far(-1000));
  CHECK(at(runtime::log_cdf, stdlib::poisson, {1000}, 1) == far(-1000 + std::log1p(1000)));
}

}  // namespace elbo::test
