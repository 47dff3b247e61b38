// Draws as differentiable functions of the parameters: what a record says of itself (pathwise) is true of its
// sampler, and implicit derivatives are those of the distribution function.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <set>

#include "runtime/differentiate.hpp"
#include "runtime/distribution_functions.hpp"
#include "runtime/expression.hpp"
#include "stdlib/distributions/list.hpp"
#include "tests/stdlib/multivariate_cases.hpp"

namespace elbo::test {
namespace {

using runtime::AxisId;
using runtime::AxisKind;
using runtime::Pathwise;
using runtime::Shape;
using runtime::SupportKind;
using runtime::Tensor;

constexpr std::int64_t draws = 40'000;

/// Mean over its standard error.
double z_score(const Numbers& x) {
  double mean = 0, square = 0;
  for (const double value : x) mean += value;
  mean /= static_cast<double>(x.size());
  for (const double value : x) square += (value - mean) * (value - mean);
  const double n = static_cast<double>(x.size());
  return square == 0 && mean == 0 ? 0 : mean / std::sqrt(square / n / (n - 1));
}

/// A distribution whose parameters, but for counts, come from unconstrained inputs, one set for each draw: so
/// the gradient of a sum over draws is the derivative of each.
struct Drawn {
  Graph graph;
  AxisId axis = graph.add_axis("sample", draws, AxisKind::sample);
  DistributionCall call;
  std::vector<Expr> free;       ///< inputs
  std::vector<Numbers> values;  ///< of the inputs, for one draw
  std::vector<std::string> names;

  Drawn(const Distribution& d, const Numbers& parameters) {
    const std::vector<Tensor> tensors = split(d, parameters);
    std::vector<Expr> given;
    for (std::size_t i = 0; i < tensors.size(); ++i) {
      const SupportKind& kind = *d.parameters[i].support;
      const Expr value = graph.constant(tensors[i]);
      if (kind.discrete) {
        given.push_back(value);
        continue;
      }
      const Expr at = kind.unconstrain ? kind.unconstrain(value, {}) : value;
      free.push_back(graph.input(d.parameters[i].name, {.axes = {axis}, .event = at.type().event}));
      given.push_back(kind.constrain ? kind.constrain(free.back(), {}) : free.back());
      values.push_back(value_of(at));
      names.push_back(d.parameters[i].name);
    }
    call = plain_call(d, given);
  }
};

/// A bounded function of a draw: x / (1 + |x|) of its entries, with weights that no sum of entries cancels;
/// of an angle, a function on the circle.
Expr summary(const Distribution& d, Expr x) {
  if (d.name == "VonMises") return sin(x);
  const std::int64_t size = runtime::element_count(x.type().event);
  Numbers weights;
  for (std::int64_t i = 0; i < size; ++i) weights.push_back(i % 2 ? -0.7 : 1 + 0.3 * static_cast<double>(i));
  return sum_event(x.graph().constant(Tensor(x.type().event, weights)) * (x / (1.0 + abs(x))));
}

std::string case_name(const Distribution& d, const Numbers& parameters) {
  return Case{&d, parameters, {}}.name();
}

/// The same value in every row.
Numbers repeated(const Numbers& value) {
  Numbers all;
  for (std::int64_t i = 0; i < draws; ++i) all.insert(all.end(), value.begin(), value.end());
  return all;
}

}  // namespace

// E[f(x)] has the derivative E[f'(x) dx/dp] by the draws' own derivative, and E[f(x) d log p(x)/dp] by the
// score; the difference of the two, draw by draw, has the mean 0. f is bounded, so both have a variance. The
// score says nothing of parameters that move the support. 5 standard errors in about 300 comparisons: a false
// alarm in 5,000 sets of seeds.
TEST_CASE("draws move with the parameters as their record says") {
  std::set<Pathwise> seen;
  for (const Distribution* d : stdlib::distribution_list()) {
    for (const Numbers& parameters : d->test_points) {
      Drawn drawn(*d, parameters);
      INFO(case_name(*d, parameters));
      const Expr x = runtime::sample(drawn.call, {drawn.axis});
      seen.insert(d->pathwise);
      if (d->pathwise == Pathwise::none) {
        for (const Expr& input : drawn.free) CHECK_FALSE(runtime::depends_on(x, input));
        continue;
      }
      const Expr fixed = stop_gradient(x);
      const auto by_path = runtime::gradient(sum_all(summary(*d, x)), drawn.free);
      const auto score =
          runtime::gradient(sum_all(runtime::log_density(drawn.call, fixed, true)), drawn.free);
      const Expr value = summary(*d, fixed);
      std::vector<Expr> differences;
      for (std::size_t i = 0; i < drawn.free.size(); ++i) {
        CHECK(runtime::depends_on(x, drawn.free[i]));
        differences.push_back(by_path[i] - value * score[i]);
      }
      runtime::Execution execution(runtime::plan(differences, drawn.free));
      for (std::size_t i = 0; i < drawn.free.size(); ++i) execution.set_input(i, repeated(drawn.values[i]));
      execution.set_random(7, 1);
      execution.run();
      const auto bounds = runtime::support(drawn.call).bounds;
      for (std::size_t i = 0; i < drawn.free.size(); ++i) {
        const auto moves = [&](Expr bound) { return runtime::depends_on(bound, drawn.free[i]); };
        if (std::any_of(bounds.begin(), bounds.end(), moves)) continue;
        INFO("parameter " << drawn.names[i]);
        const auto all = execution.output(i);
        const std::size_t entries = drawn.values[i].size();
        for (std::size_t k = 0; k < entries; ++k) {
          Numbers column;
          for (std::size_t row = k; row < all.size(); row += entries) column.push_back(all[row]);
          CHECK(std::fabs(z_score(column)) < 5);
        }
      }
    }
  }
  CHECK(seen.size() == 4);
}

// Against central differences of the references' distribution functions, whose digits set the tolerance.
TEST_CASE("implicit derivatives are those of the distribution function") {
  for (const Case& c : all_cases()) {
    if (c.discrete()) continue;
    // Angles keep the probability between them and their location, not that from the end of the circle.
    const bool is_angle = c.distribution->name == "VonMises";
    const double spread = c.reference.quantile(0.8) - c.reference.quantile(0.2);
    for (const double probability : {0.03, 0.3, 0.49, 0.8, 0.99}) {
      const double x = c.reference.quantile(probability);
      INFO(c.name() << " at " << x);
      Graph graph;
      const DistributionCall call = constant_call(graph, *c.distribution, c.parameters);
      const std::vector<Expr> slopes = runtime::pathwise_derivative(call, graph.constant(x));
      REQUIRE(slopes.size() == c.parameters.size());
      for (std::size_t i = 0; i < slopes.size(); ++i) {
        if (c.distribution->parameters[i].support->discrete) continue;
        INFO("parameter " << c.distribution->parameters[i].name);
        const double h = 1e-3 * std::min(std::max(std::fabs(c.parameters[i]), 0.1), spread);
        const auto cdf = [&](double shift) {
          Numbers moved = c.parameters;
          moved[i] += shift;
          const auto at = reference(*c.distribution, moved);
          return is_angle ? at.cdf(x) - at.cdf(moved[0]) : at.cdf(x);
        };
        const double wide = (cdf(h) - cdf(-h)) / (2 * h), narrow = (cdf(h / 2) - cdf(-h / 2)) / h;
        const double density = static_cast<double>(c.reference.density(x));
        const double expected = -(4 * narrow - wide) / 3 / density;
        CHECK(std::fabs(value_of(slopes[i])[0] - expected) <=
              1e-7 * std::max(1.0, std::fabs(expected)) + 1e-14 / (h * density));
      }
    }
  }
}

// Computed with mpmath at 30 digits and more.
TEST_CASE("golden values of implicit derivatives") {
  struct Golden {
    const Distribution* distribution;
    Numbers parameters;
    double x;
    std::size_t parameter;
    double expected, tolerance;
  };
  const Distribution *gamma = &stdlib::gamma, *beta = &stdlib::beta, *t = &stdlib::student_t,
                     *von_mises = &stdlib::von_mises;
  const double exact = 2e-14;
  for (const Golden& g : std::vector<Golden>{
           {gamma, {.01, 1}, 1e-10, 0, 2.2464965474394066e-7, exact},
           {gamma, {.1, 1}, .01, 0, .42279343812970284, exact},
           {gamma, {.5, 1}, .2, 0, .7940505663308433, exact},
           {gamma, {1, 1}, .5, 0, .80697911682531802, exact},
           {gamma, {1, 1}, 3, 0, 1.937911693824961, exact},
           {gamma, {2.5, 1}, 1.7, 0, .87504438142040392, exact},
           {gamma, {2.5, 1}, 6, 0, 1.6029866492202412, exact},
           {gamma, {10, 1}, 8, 0, .9075477177235484, exact},
           {gamma, {10, 1}, 14, 0, 1.1974228977739496, exact},
           {gamma, {100, 1}, 95, 0, .97619831121870701, exact},
           {gamma, {100, 1}, 110, 0, 1.0501606212457175, exact},
           {gamma, {1000, 1}, 1010, 0, 1.0051509296765343, exact},
           {beta, {.5, .5}, .1, 0, .55853121238075838, exact},
           {beta, {.5, .5}, .1, 1, -.26089248531714082, exact},
           {beta, {1, 1}, .3, 0, .3611918412977808, exact},
           {beta, {1, 1}, .3, 1, -.24967246075711267, exact},
           {beta, {2, 3}, .4, 0, .13939200005066932, exact},
           {beta, {2, 3}, .4, 1, -.090477046535647438, exact},
           {beta, {.1, 10}, .001, 0, .042639834402546622, exact},
           {beta, {.1, 10}, .001, 1, -1.0456453476966929e-4, exact},
           {beta, {30, 20}, .55, 0, .0087189099939658, exact},
           {beta, {30, 20}, .55, 1, -.011839302009117144, exact},
           {beta, {100, 200}, .35, 0, .0022261589789942711, exact},
           {beta, {100, 200}, .35, 1, -.0011541947622154829, exact},
           {t, {1, 0, 1}, 1, 0, -.41596559417721902, exact},
           {t, {3, 0, 1}, -2, 0, .22597479198727924, exact},
           {t, {4.5, 0, 1}, .7, 0, -.012794866855756217, exact},
           {t, {10, 0, 1}, 2.5, 0, -.039952494916084323, exact},
           {t, {30, 0, 1}, 1.5, 0, -.0013412061385668592, exact},
           {von_mises, {0, .5}, 1.2, 1, -.81922199545364663, exact},
           {von_mises, {0, 2}, .5, 1, -.15552632465558093, exact},
           {von_mises, {0, 10}, .3, 1, -.015547381103523003, exact},
           {von_mises, {0, 50}, -.1, 1, .0010059546772441484, exact},
       }) {
    INFO(case_name(*g.distribution, g.parameters) << " at " << g.x << ", parameter " << g.parameter);
    Graph graph;
    const DistributionCall call = constant_call(graph, *g.distribution, g.parameters);
    const Expr slope = runtime::pathwise_derivative(call, graph.constant(g.x))[g.parameter];
    CHECK(std::fabs(value_of(slope)[0] / g.expected - 1) < g.tolerance);
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
  const Expr x = runtime::sample(plain_call(stdlib::dirichlet, {each}), {axis});
  const Expr first = gather(log(x), graph.constant(0), 0);
  const auto slope = runtime::gradient(sum_all(first), std::vector<Expr>{each});
  runtime::Execution execution(runtime::plan(slope, std::vector<Expr>{each}));
  execution.set_input(0, repeated(concentration));
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
