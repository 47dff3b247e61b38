// Rao-Blackwellisation down to single elements: costs against brute force, and what it does to the variance
// of the gradient in a model with many groups. Seeds are fixed.
#include <boost/math/special_functions/digamma.hpp>
#include <catch2/catch.hpp>

#include "problem.hpp"

using namespace elbo;
using namespace elbo::inference;
using elbo::tests::ScriptProblem;
using elbo::tests::Statistics;
using runtime::Expr;
using runtime::Tensor;

namespace {

struct Script {
  const char* name;
  const char* text;
};

// Guides whose variables do not depend on each other: then a cost is what changes when one element of a draw
// does.
const Script scripts[] = {
    {"groups with a common centre, data by an index array", R"(
model m(county, y) {
  mu ~ Normal(0, 1)
  for j in 1:3 { a[j] ~ Normal(mu, 1) }
  for n in 1:5 { y[n] ~ Normal(a[county[n]], 1) }
}
guide q {
  param c = 0.1
  mu ~ Normal(c, 1)
  for j in 1:3 {
    param m[j] = 0.2
    a[j] ~ Normal(m[j], 1)
  }
}
let posterior = m([2, 1, 3, 3, 2], [0.1, 0.2, 0.3, 0.4, 0.5]))"},
    {"a chain: each element has two neighbours", R"(
model m(y) {
  z[1] ~ Normal(0, 1)
  for t in 2:5 { z[t] ~ Normal(z[t - 1], 0.5) }
  for t in 2:4 { y[t] ~ Normal(z[t], 0.2) }
}
guide q {
  param m = [0.1, 0.2, 0.3, 0.4, 0.5]
  z ~ Normal(m, 1)
}
let posterior = m([0.1, 0.2, 0.3, 0.4, 0.5]))"},
    {"a factor that uses all, a sum of neighbours, an if on random values", R"(
model m(y) {
  for i in 1:4 { z[i] ~ Normal(0, 1) }
  let two = [z[1] + z[2], z[3]]
  for n in 1:2 { y[n] ~ Normal(if two[n] > 0 { two[n] } else { 0.1 * two[n] }, 1) }
  w ~ Normal(0, 1, size = 3)
  factor -sum(w)^2 + z[4]
}
guide q {
  param m = 0.3
  for i in 1:4 { z[i] ~ Normal(m, 1) }
  param s : positive = [1, 2, 3]
  w ~ Normal(0, s)
}
let posterior = m([0.1, -0.2]))"},
    {"a mean-field guide, through bijectors", R"(
model m(y) {
  s ~ HalfNormal(1)
  for i in 1:3 {
    r[i] ~ Gamma(2, 1)
    p[i] ~ Beta(2, 2)
    z[i] ~ Normal(r[i], s)
    y[i] ~ Normal(z[i] * p[i], 1)
  }
  w : lower(1) ~ Normal(r, 1)
}
let posterior = m([0.1, 0.2, 0.3]))"},
    {"nested and ragged loops", R"(
model m(first, last, y) {
  for i in 1:3 {
    a[i] ~ Normal(0, 1)
    for k in first[i]:last[i] { y[k] ~ Normal(a[i], 1) }
    for j in 1:2 { b[i, j] ~ Normal(a[i], 1) }
  }
}
guide q {
  for i in 1:3 {
    param m[i] = 0.1
    a[i] ~ Normal(m[i], 1)
  }
  for i in 1:3 {
    for j in 1:2 { b[i, j] ~ Normal(0, 2) }
  }
}
let posterior = m([1, 3, 4], [2, 3, 6], [1.0, 2, 3, 4, 5, 6]))"},
};

std::vector<double> values_of(ParameterProgram& program, std::size_t output) {
  const auto v = program.output(output);
  return {v.begin(), v.end()};
}

// Per draw and element of latent i: the sum of what changes when that element of the draw does.
std::vector<double> brute_force(const SampledModel& model, const ParameterVector& layout, std::size_t i,
                                std::int64_t samples) {
  const Expr draw = model.draws[i];
  const runtime::Shape shape = draw.type().event;
  const std::int64_t elements = runtime::element_count(shape);
  std::vector<double> cost(static_cast<std::size_t>(samples * elements));
  for (std::int64_t e = 0; e < elements; ++e) {
    std::vector<double> nudge(static_cast<std::size_t>(elements));
    nudge[static_cast<std::size_t>(e)] = 0.37;
    const Expr by = model.graph->constant(Tensor(shape, nudge));
    std::unordered_map<runtime::NodeId, Expr> moved{{draw.id(), draw + by}};
    const VariableDraw& parts = model.drawn[i];
    for (std::size_t part = 0; part < parts.parts.size(); ++part) {
      const std::unordered_map<runtime::NodeId, Expr> in_place{{parts.variable->value.id(), by}};
      const Expr own = substitute(std::span(&parts.variable->parts[part].value, 1), in_place)[0];
      if (parts.parts[part].id() != draw.id()) moved[parts.parts[part].id()] = parts.parts[part] + own;
      // log q of an image is written in the unconstrained numbers
      if (parts.unconstrained[part]) moved[parts.unconstrained[part].id()] = parts.unconstrained[part] + own;
    }
    const auto add = [&](const Term& term, double sign) {
      // the draws on the left of log q are values, too: they are nodes of the graph
      const Expr base = runtime::broadcast_axis(term.log_density, model.sample);
      const Expr other = runtime::broadcast_axis(substitute(std::span(&base, 1), moved)[0], model.sample);
      // draws first, whatever the numbers of the axes
      std::vector<Expr> outputs;
      for (Expr each : {base, other}) {
        std::vector<runtime::AxisId> plates = each.type().axes;
        std::erase(plates, model.sample);
        for (const auto axis : plates) each = runtime::to_event(each, axis, 0);
        outputs.push_back(each);
      }
      ParameterProgram program(layout, outputs, runtime::Precision::real64, 1);
      program.run(layout.initial(), 5, 1);
      const std::vector<double> before = values_of(program, 0), after = values_of(program, 1);
      const std::size_t each = before.size() / static_cast<std::size_t>(samples);
      for (std::size_t k = 0; k < before.size(); ++k) {
        if (before[k] == after[k]) continue;
        cost[k / each * static_cast<std::size_t>(elements) + static_cast<std::size_t>(e)] += sign * before[k];
      }
    };
    for (const Term& term : model.model_terms) add(term, 1);
    for (const Term& term : model.guide_terms) add(term, -1);
  }
  return cost;
}

// 200 groups of 20 observations; theta[j] ~ Gamma(2, 1), x[j, i] ~ Normal(theta[j], 1).
const char* const factor_model = R"(
let J = 200
let truth = sample(Gamma(2, 1), J, seed = 1)
let noise = sample(Normal(0, 1), J * 20, seed = 2)
let x = reshape(noise, [J, 20]) + reshape(truth, [J, 1])
model factor(x) {
  for j in 1:rows(x) {
    theta[j] ~ Gamma(2, 1)
    for i in 1:20 { x[j, i] ~ Normal(theta[j], 1) }
  }
}
guide q {
  for j in 1:200 {
    param a[j] : positive = 4
    param b[j] : positive = 2
    theta[j] ~ Gamma(a[j], b[j])
  }
}
let posterior = factor(x)
)";

Statistics repeat(const runtime::Problem& problem, bool rao_blackwell, const char* control_variate,
                  std::int64_t samples, int repetitions) {
  const SampledModel model = sample_model(problem, samples);
  const GradientEstimate estimate =
      score_gradient(model, rao_blackwell, *find_control_variate(control_variate));
  const ParameterVector layout(problem);
  Estimator estimator(layout, estimate, {}, runtime::Precision::real64, 1);
  const std::vector<double> at = layout.initial();
  Statistics statistics(layout.size());
  for (int r = 0; r < repetitions; ++r) {
    estimator.run(at, 23, static_cast<std::uint32_t>(r));
    statistics.add(estimator.gradient());
  }
  return statistics;
}

}  // namespace

TEST_CASE("costs of single elements are those that the element changes") {
  for (const Script& script : scripts) {
    INFO(script.name);
    const ScriptProblem p(script.text);
    REQUIRE(p.message() == "");
    constexpr std::int64_t samples = 3;
    const SampledModel model = sample_model(p.problem, samples);
    const ParameterVector layout(p.problem);
    for (std::size_t i = 0; i < model.latents.size(); ++i) {
      INFO(model.latents[i]);
      // in these guides every variable is one statement
      Expr cost = downstream_cost(model, i);
      std::vector<runtime::AxisId> plates = model.drawn[i].variable->parts[0].plates;
      const Expr density = model.guide_terms[i].log_density;
      Expr shaped =
          cost.type() == model.log_joint.type()
              ? runtime::broadcast(runtime::reshape(cost, runtime::Shape(density.type().event.size(), 1)),
                                   density.type().axes, density.type().event)
              : runtime::broadcast(cost, density.type().axes, density.type().event);
      for (std::size_t k = plates.size(); k-- > 0;) shaped = runtime::to_event(shaped, plates[k], 0);
      ParameterProgram program(layout, std::vector<Expr>{shaped}, runtime::Precision::real64, 1);
      program.run(layout.initial(), 5, 1);
      const std::vector<double> ours = values_of(program, 0),
                                expected = brute_force(model, layout, i, samples);
      REQUIRE(ours.size() == expected.size());
      for (std::size_t k = 0; k < ours.size(); ++k) {
        INFO("draw and element " << k);
        CHECK(ours[k] == Approx(expected[k]).epsilon(1e-12).margin(1e-12));
      }
    }
  }
}

TEST_CASE("per-element costs lower the variance in a model with many groups") {
  const ScriptProblem p(factor_model);
  REQUIRE(p.message() == "");
  constexpr int repetitions = 1500;
  const Statistics basic = repeat(p.problem, false, "none", 100, repetitions);
  const Statistics reduced = repeat(p.problem, true, "none", 100, repetitions);
  const Statistics controlled = repeat(p.problem, true, "leave_one_out", 100, repetitions);
  INFO("variances " << basic.total_variance() << " " << reduced.total_variance() << " "
                    << controlled.total_variance() << " "
                    << repeat(p.problem, true, "same_sample", 100, repetitions).total_variance());
  CHECK(basic.total_variance() / reduced.total_variance() >= 100);
  CHECK(reduced.total_variance() / controlled.total_variance() > 3);
}

TEST_CASE("per-element estimators have the exact gradient as their mean") {
  const ScriptProblem p(factor_model);
  REQUIRE(p.message() == "");
  // E log Gamma(theta; 2, 1) + sum_i E log N(x_i; theta, 1) + entropy, with E theta = a / b, E log theta =
  // psi(a) - log b
  const runtime::Tensor x = *p.problem.model->find("x")->value.node().attributes.tensor;
  const auto elbo_of = [&](std::int64_t j, double log_a, double log_b) {
    const double a = std::exp(log_a), b = std::exp(log_b);
    const double mean = a / b, square = a * (a + 1) / (b * b),
                 log_mean = boost::math::digamma(a) - std::log(b);
    double value = log_mean - mean;
    for (std::int64_t i = 0; i < 20; ++i) value += x.real(j * 20 + i) * mean - 0.5 * square;
    return value - (a * std::log(b) - std::lgamma(a) + (a - 1) * log_mean - b * mean);
  };
  for (const char* name : {"none", "leave_one_out", "rloo"}) {
    const Statistics s = repeat(p.problem, true, name, 8, 20'000);
    double largest = 0;
    for (std::int64_t j = 0; j < 200; ++j) {
      const double la = std::log(4.0), lb = std::log(2.0), h = 1e-5;
      const double by_a = (elbo_of(j, la + h, lb) - elbo_of(j, la - h, lb)) / (2 * h);
      const double by_b = (elbo_of(j, la, lb + h) - elbo_of(j, la, lb - h)) / (2 * h);
      largest = std::max(largest, std::abs(s.z(static_cast<std::size_t>(j), by_a)));
      largest = std::max(largest, std::abs(s.z(static_cast<std::size_t>(200 + j), by_b)));
    }
    INFO(name << ": largest z of 400 components " << largest);
    CHECK(largest < 5.2);  // by chance with probability 400 * 2e-7
  }
}
