// Draws as differentiable functions of the parameters: what a record says of itself (pathwise) is true of its
// sampler, and implicit derivatives are those of the distribution function.
#include <catch2/catch.hpp>
#include <cmath>
#include <set>

#include "runtime/differentiate.hpp"
#include "runtime/expression.hpp"
#include "stdlib/distributions/list.hpp"
#include "stdlib/distributions/pathwise.hpp"
#include "tests/stdlib/distributions_cases.hpp"

namespace elbo::test {
namespace {

using runtime::AxisKind;
using runtime::Pathwise;

/// Mean over its standard error.
double z_score(const Numbers& x) {
  double mean = 0, square = 0;
  for (const double value : x) mean += value;
  mean /= static_cast<double>(x.size());
  for (const double value : x) square += (value - mean) * (value - mean);
  const double n = static_cast<double>(x.size());
  return square == 0 && mean == 0 ? 0 : mean / std::sqrt(square / n / (n - 1));
}

/// Parameters that move the support: the score estimate that draws are compared with does not hold for them.
bool moves_support(const Distribution& d, std::size_t parameter) {
  const std::string& name = d.parameters[parameter].name;
  return d.name == "Uniform" || (d.name == "Pareto" && name == "scale") ||
         (d.name == "TruncatedNormal" && (name == "lower" || name == "upper"));
}

constexpr std::int64_t draws = 40'000;

}  // namespace

// E[f(x)] has the derivative E[f'(x) dx/dp] by the draws' own derivative, and E[f(x) d log p(x)/dp] by the
// score; the difference of the two, draw by draw, has the mean 0. f = x / (1 + |x|) is bounded, so both have
// a variance. 5 standard errors in about 200 comparisons: a false alarm in 10,000 sets of seeds.
TEST_CASE("draws move with the parameters as their record says") {
  for (const Case& c : all_cases()) {
    const Distribution& d = *c.distribution;
    INFO(c.name());
    Graph graph;
    DistributionCall call = input_call(graph, d, c.parameters);
    const auto axis = graph.add_axis("sample", draws, AxisKind::sample);
    if (d.pathwise == Pathwise::none) {
      const Expr x = runtime::sample(call, {axis});
      for (const Expr& parameter : call.canonical) CHECK_FALSE(runtime::depends_on(x, parameter));
      continue;
    }
    // A parameter for each draw, so that the gradient of a sum is the derivative of each.
    std::vector<Expr> each;
    std::vector<Numbers> numbers;
    for (const runtime::Tensor& value : split(d, c.parameters)) {
      each.push_back(graph.input("parameter", {.axes = {axis}, .event = value.shape()}));
      numbers.emplace_back(draws, value.reals()[0]);
    }
    call.canonical = call.given = each;
    const Expr x = runtime::sample(call, {axis});
    const Expr fixed = stop_gradient(x);
    const auto by_path = runtime::gradient(sum_all(x / (1.0 + abs(x))), each);
    const auto score = runtime::gradient(sum_all(runtime::log_density(call, fixed, true)), each);
    std::vector<Expr> differences;
    for (std::size_t i = 0; i < each.size(); ++i) {
      CHECK(runtime::depends_on(x, each[i]));
      differences.push_back(by_path[i] - fixed / (1.0 + abs(fixed)) * score[i]);
    }
    runtime::Execution execution(runtime::plan(differences, each));
    for (std::size_t i = 0; i < each.size(); ++i) execution.set_input(i, numbers[i]);
    execution.set_random(7, 1);
    execution.run();
    for (std::size_t i = 0; i < each.size(); ++i) {
      if (moves_support(d, i)) continue;
      INFO("parameter " << d.parameters[i].name);
      const auto values = execution.output(i);
      CHECK(std::fabs(z_score({values.begin(), values.end()})) < 5);
    }
  }
}

// Against central differences of Boost's distribution functions, whose digits set the tolerance.
TEST_CASE("implicit derivatives are those of the distribution function") {
  std::set<std::string> seen;
  for (const Case& c : all_cases()) {
    if (c.discrete()) continue;
    for (const double probability : {0.03, 0.3, 0.5, 0.8, 0.99}) {
      const double x = c.reference.quantile(probability);
      INFO(c.name() << " at " << x);
      Graph graph;
      const DistributionCall call = constant_call(graph, *c.distribution, c.parameters);
      const std::vector<Expr> slopes = stdlib::pathwise_derivative(call, graph.constant(x));
      if (slopes.empty()) break;
      seen.insert(c.distribution->name);
      REQUIRE(slopes.size() == c.parameters.size());
      for (std::size_t i = 0; i < slopes.size(); ++i) {
        INFO("parameter " << c.distribution->parameters[i].name);
        const double h = 1e-3 * std::max(std::fabs(c.parameters[i]), 0.1);
        const auto cdf = [&](double shift) {
          Numbers moved = c.parameters;
          moved[i] += shift;
          return reference(*c.distribution, moved).cdf(x);
        };
        const double wide = (cdf(h) - cdf(-h)) / (2 * h), narrow = (cdf(h / 2) - cdf(-h / 2)) / h;
        const double expected = -(4 * narrow - wide) / 3 / static_cast<double>(c.reference.density(x));
        CHECK(close(value_of(slopes[i])[0], expected, 1e-7));
      }
    }
  }
  for (const char* name : {"Gamma", "InverseGamma", "ChiSquared", "InverseChiSquared", "Beta", "StudentT"}) {
    CHECK(seen.count(name) == 1);
  }
}

// E[log x_1] of a Dirichlet is digamma(a_1) - digamma(sum a): its derivatives are trigammas.
TEST_CASE("draws of a Dirichlet move with their concentrations") {
  const Numbers concentration{0.7, 2, 4.5};
  const auto trigamma = [](double value) {
    Graph graph;
    return value_of(polygamma(1, graph.constant(value)))[0];
  };
  Graph graph;
  const auto axis = graph.add_axis("sample", draws, AxisKind::sample);
  const Expr each = graph.input("concentration", {.axes = {axis}, .event = {3}});
  DistributionCall call;
  call.distribution = &stdlib::dirichlet;
  call.canonical = call.given = {each};
  const Expr x = runtime::sample(call, {axis});
  const Expr first = gather(log(x), graph.constant(0), 0);
  const auto slope = runtime::gradient(sum_all(first), std::vector<Expr>{each});
  runtime::Execution execution(runtime::plan(slope, std::vector<Expr>{each}));
  Numbers repeated;
  for (std::int64_t i = 0; i < draws; ++i)
    repeated.insert(repeated.end(), concentration.begin(), concentration.end());
  execution.set_input(0, repeated);
  execution.set_random(3, 1);
  execution.run();
  const auto values = execution.output(0);
  for (std::size_t k = 0; k < 3; ++k) {
    const double expected = (k == 0 ? trigamma(0.7) : 0) - trigamma(0.7 + 2 + 4.5);
    Numbers errors;
    for (std::size_t i = k; i < values.size(); i += 3) errors.push_back(values[i] - expected);
    CHECK(std::fabs(z_score(errors)) < 5);
  }
}

}  // namespace elbo::test
