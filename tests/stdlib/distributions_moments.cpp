// Conformance of what a record knows in closed form: mean, variance, entropy, relative entropy, the
// exponential-family form, and parameters given another way. Each is compared with sums or integrals of the
// density.
#include <catch2/catch.hpp>
#include <cmath>
#include <limits>
#include <set>
#include <string_view>

#include "runtime/differentiate.hpp"
#include "runtime/exponential_family.hpp"
#include "runtime/expression.hpp"
#include "stdlib/distributions/list.hpp"
#include "tests/stdlib/distributions_cases.hpp"

namespace elbo::test {
namespace {

using runtime::ExponentialFamily;
using runtime::Parameterisation;

constexpr double infinity = std::numeric_limits<double>::infinity();

// Labels have no mean, that of an angle depends on where the circle is cut, and others have no closed form.
const std::set<std::string_view> without_moments{"Categorical", "OrderedLogistic", "VonMises", "LogitNormal",
                                                 "RelaxedBernoulli"};

using Closed = runtime::ParameterFunction;

double closed_form(const Case& c, const Closed& f) {
  Graph graph;
  return value_of(f(constant_call(graph, *c.distribution, c.parameters).canonical))[0];
}

std::function<double(double)> log_density_of(const Case& c) {
  const auto f = function_of_x(c, [&](Expr x, std::span<const Expr> p) {
    return runtime::log_density({c.distribution, {p.begin(), p.end()}, nullptr, {p.begin(), p.end()}, {}}, x);
  });
  return [f](double x) { return f(x)[0]; };
}

/// Other good parameters of the same distribution: continuous ones moved, counts kept.
Numbers moved(const Case& c) {
  Numbers q = c.parameters;
  for (std::size_t i = 0; i < q.size(); ++i) {
    const std::string_view kind =
        c.distribution->parameters[std::min(i, c.distribution->parameters.size() - 1)].support->name;
    if (kind == "real") q[i] += i == 0 ? -0.5 : 0.5;  // of two bounds: outwards
    if (kind == "positive" || kind == "nonnegative") q[i] *= 1.3;
    if (kind == "unit_interval") q[i] = 0.5 * q[i] + 0.2;
    if (kind == "simplex") q[i] = 0.5 * q[i] + 0.5 / static_cast<double>(q.size());
  }
  return q;
}

}  // namespace

TEST_CASE("means and variances equal their integrals, or say that there is none") {
  for (const Case& c : all_cases()) {
    INFO(c.name());
    const double order = c.reference.moments;
    if (c.distribution->mean) {
      const double mean = closed_form(c, c.distribution->mean);
      if (order <= 1) {
        CHECK(std::isnan(mean));
        continue;
      }
      CHECK(close(mean, expectation(c, [](double x) { return x; }), 1e-8));
      if (c.distribution->variance && order > 2) {
        const double variance = closed_form(c, c.distribution->variance);
        CHECK(variance ==
              Approx(expectation(c, [&](double x) { return (x - mean) * (x - mean); })).epsilon(1e-8));
      }
    } else {
      CHECK((order <= 1 || without_moments.contains(c.distribution->name)));
    }
  }
}

TEST_CASE("Student's t has an infinite variance for 1 < df <= 2") {
  Graph graph;
  CHECK(value_of(stdlib::student_t.variance(
            constant_call(graph, stdlib::student_t, {1.5, 0, 1}).canonical))[0] == infinity);
}

TEST_CASE("entropies equal their integrals") {
  std::size_t checked = 0;
  for (const Case& c : all_cases()) {
    Graph graph;
    const Expr entropy =
        runtime::entropy(*c.distribution, constant_call(graph, *c.distribution, c.parameters).canonical);
    if (!entropy) continue;
    INFO(c.name());
    const auto log_density = log_density_of(c);
    CHECK(close(value_of(entropy)[0], -expectation(c, log_density), 1e-8));
    ++checked;
  }
  CHECK(checked > 30);
}

TEST_CASE("entropy and relative entropy from the log-partition function are those in closed form") {
  std::size_t entropies = 0, divergences = 0;
  for (const Case& c : all_cases()) {
    if (!c.distribution->exponential_family) continue;
    INFO(c.name());
    Distribution without = *c.distribution;
    without.entropy = nullptr;
    without.kl = nullptr;
    Graph graph;
    const std::vector<Expr> p = constant_call(graph, without, c.parameters).canonical;
    const std::vector<Expr> q = constant_call(graph, without, moved(c)).canonical;
    const Expr entropy = runtime::entropy(without, p);
    if (entropy && c.distribution->entropy && ++entropies > 0)
      CHECK(close(value_of(entropy)[0], value_of(c.distribution->entropy(p))[0], 1e-11));
    if (c.distribution->kl && ++divergences > 0)
      CHECK(close(value_of(runtime::kl(without, p, q))[0], value_of(c.distribution->kl(p, q))[0], 1e-11));
  }
  CHECK(entropies > 15);
  CHECK(divergences > 30);
}

TEST_CASE("relative entropies equal their integrals") {
  std::size_t checked = 0;
  for (const Case& c : all_cases()) {
    if (!c.distribution->kl && !c.distribution->exponential_family) continue;
    INFO(c.name());
    const Case other{c.distribution, moved(c), reference(*c.distribution, moved(c))};
    Graph graph;
    const DistributionCall p = constant_call(graph, *c.distribution, c.parameters);
    const DistributionCall q = constant_call(graph, *c.distribution, other.parameters);
    const auto log_p = log_density_of(c), log_q = log_density_of(other);
    Case both = c;  // the other density may have its kink elsewhere
    if (!c.discrete()) both.reference.breaks = {other.reference.quantile(0.5)};
    const double integral = expectation(both, [&](double x) { return log_p(x) - log_q(x); });
    CHECK(close(value_of(runtime::kl(*c.distribution, p.canonical, q.canonical))[0], integral, 1e-8));
    CHECK(std::abs(value_of(runtime::kl(*c.distribution, p.canonical, p.canonical))[0]) <= 1e-12);
    ++checked;
  }
  CHECK(checked > 30);
  Graph graph;
  const auto kl = [&](const Distribution& d, const Numbers& p, const Numbers& q) {
    return value_of(d.kl(constant_call(graph, d, p).canonical, constant_call(graph, d, q).canonical))[0];
  };
  CHECK(kl(stdlib::uniform_between, {0, 2}, {0.5, 3}) == infinity);
  CHECK(std::isnan(kl(stdlib::binomial, {3, 0.5}, {4, 0.5})));
  CHECK(kl(stdlib::bernoulli, {0}, {0.5}) == Approx(std::log(2)));
}

TEST_CASE("the exponential-family form is the density") {
  for (const Case& c : all_cases()) {
    const ExponentialFamily* family = c.distribution->exponential_family;
    if (!family) continue;
    const auto form = function_of_x(c, [&](Expr x, std::span<const Expr> p) {
      const std::vector<Expr> eta = family->natural_parameters(p), t = family->sufficient_statistics(x, p);
      REQUIRE(eta.size() == t.size());
      Expr total = family->log_base_measure(x, p) - family->log_partition(eta, p);
      for (std::size_t i = 0; i < eta.size(); ++i) total = total + sum_event(eta[i] * t[i]);
      return total;
    });
    const auto log_density = log_density_of(c);
    for (const double x : c.points()) {
      INFO(c.name() << " at " << x);
      CHECK(close(form(x)[0], log_density(x), 1e-10));
    }
  }
}

TEST_CASE("parameters come back from natural parameters") {
  for (const Case& c : all_cases()) {
    const ExponentialFamily* family = c.distribution->exponential_family;
    if (!family) continue;
    INFO(c.name());
    Graph graph;
    const DistributionCall call = constant_call(graph, *c.distribution, c.parameters);
    const std::vector<Expr> back =
        family->parameters(family->natural_parameters(call.canonical), call.canonical);
    Numbers flat;
    for (const Expr& parameter : back)
      for (const double value : value_of(parameter)) flat.push_back(value);
    REQUIRE(flat.size() == c.parameters.size());
    for (std::size_t i = 0; i < flat.size(); ++i) CHECK(close(flat[i], c.parameters[i], 1e-12));
  }
}

TEST_CASE("the gradient of the log partition is the expectation of the sufficient statistics") {
  for (const Case& c : all_cases()) {
    const ExponentialFamily* family = c.distribution->exponential_family;
    if (!family) continue;
    Graph graph;
    // Inputs, not constants: those of Beta(1, 1) would be one node.
    const DistributionCall call = input_call(graph, *c.distribution, c.parameters);
    const std::vector<Expr> eta = family->natural_parameters(call.canonical);
    const std::vector<Expr> slopes = gradient(family->log_partition(eta, call.canonical), eta);
    std::vector<Numbers> at;
    for (const runtime::Tensor& value : split(*c.distribution, c.parameters)) at.push_back(value.reals());
    for (std::size_t i = 0; i < eta.size(); ++i) {
      const Numbers exact = Compiled({slopes[i]}, call.canonical)(at);
      const auto statistic = function_of_x(
          c, [&](Expr x, std::span<const Expr> p) { return family->sufficient_statistics(x, p)[i]; });
      const Numbers mean = expectation(c, statistic, exact.size());
      for (std::size_t k = 0; k < exact.size(); ++k) {
        INFO(c.name() << ", statistic " << i + 1 << ", entry " << k + 1);
        CHECK(close(exact[k], mean[k], 1e-8));
      }
    }
  }
}

namespace {

/// Checks the density of a distribution given `values` for the alternative's names (its own, then its
/// partners') and the rest of `parameters`, and the way back from the canonical parameters.
void check_alternative(const Distribution& d, const Parameterisation& alternative, const Numbers& parameters,
                       const std::vector<runtime::Tensor>& values) {
  Graph graph;
  DistributionCall call = constant_call(graph, d, parameters);
  call.alternative = &alternative;
  const auto place = [&](const std::string& replaces, const runtime::Tensor& value) {
    std::size_t position = 0;
    while (d.parameters[position].name != replaces) ++position;
    call.given[position] = graph.constant(value);
  };
  place(alternative.replaces, values[0]);
  for (std::size_t i = 0; i < alternative.partners.size(); ++i)
    place(alternative.partners[i].replaces, values[i + 1]);
  call.canonical = runtime::canonical_parameters(d, &alternative, call.given);
  const std::vector<Expr> back = runtime::given_parameters(d, &alternative, call.canonical);
  const std::vector<Expr> again = runtime::canonical_parameters(d, &alternative, back);
  Numbers canonical;
  for (std::size_t i = 0; i < call.canonical.size(); ++i) {
    const Numbers stood_for = value_of(call.canonical[i]), returned = value_of(again[i]);
    for (std::size_t k = 0; k < stood_for.size(); ++k) CHECK(close(returned[k], stood_for[k], 1e-13));
    canonical.insert(canonical.end(), stood_for.begin(), stood_for.end());
  }
  const Case c{&d, canonical, reference(d, canonical)};
  const Expr x = graph.input("x", {});
  Compiled direct({runtime::log_density(call, x)}, {x});
  for (const double at : c.points()) {
    INFO(c.name() << " by " << alternative.name << " = " << values[0].real(0) << " at " << at);
    CHECK(close(direct({{at}})[0], static_cast<double>(std::log(c.reference.density(at))), 1e-11));
  }
}

/// Three values in a support, for a vector of three where `is_vector`.
std::vector<runtime::Tensor> values_in(const runtime::SupportKind& support, bool is_vector) {
  std::vector<Numbers> values{{0.3}, {1}, {4.5}};
  if (support.name == "real") values = {{-2}, {0.1}, {3}};
  if (support.name == "unit_interval") values = {{0.3}, {0.75}, {0.2}};
  if (is_vector) values = {{0.3, -1, 2}, {0, 0, 0}, {-30, 1, 20}};
  const runtime::Shape shape = is_vector ? runtime::Shape{3} : runtime::Shape{};
  std::vector<runtime::Tensor> result;
  for (const Numbers& value : values) result.emplace_back(shape, value);
  return result;
}

}  // namespace

TEST_CASE("alternative parameters give the density of the canonical ones they stand for") {
  for (const Distribution* d : stdlib::distribution_list()) {
    if (d->event_rank > 0) continue;  // distributions_multivariate.cpp
    for (const Parameterisation& alternative : d->alternatives) {
      const bool is_vector = d->parameter_ranks.size() == 1 && d->parameter_ranks[0] == 1;
      const std::vector<runtime::Tensor> own = values_in(*alternative.support, is_vector);
      for (std::size_t i = 0; i < own.size(); ++i) {
        std::vector<runtime::Tensor> values{own[i]};
        for (std::size_t partner = 0; partner < alternative.partners.size(); ++partner)
          values.push_back(runtime::Tensor::scalar(1.5 * static_cast<double>(i + 1)));
        for (const Numbers& parameters : d->test_points)
          check_alternative(*d, alternative, parameters, values);
      }
    }
  }
}

TEST_CASE("log odds and log rates keep accuracy where probabilities and rates would not") {
  const auto at = [](const Distribution& d, Numbers parameters, double given, double x) {
    Graph graph;
    DistributionCall call = constant_call(graph, d, parameters);
    call.alternative = &d.alternatives[0];
    call.given.back() = graph.constant(given);
    call.canonical.back() = call.alternative->canonical(call.given.back());
    return value_of(runtime::log_density(call, graph.constant(x)))[0];
  };
  CHECK(at(stdlib::bernoulli, {0.5}, -800, 1) == -800);
  CHECK(at(stdlib::bernoulli, {0.5}, 800, 0) == -800);
  CHECK(at(stdlib::bernoulli, {0.5}, 800, 1) == 0);
  CHECK(at(stdlib::binomial, {2, 0.5}, -900, 2) == -1800);
  CHECK(at(stdlib::poisson, {1}, -900, 1) == -900);
}

}  // namespace elbo::test
