// Gradients of importance-weighted bounds: doubly reparameterised ones have the mean of the plain ones, and
// holding the parameters inside log q alone (sticking the landing, naively) has not: the control that must
// fail. Seeds are fixed.
#include <catch2/catch.hpp>
#include <cmath>

#include "inference/pathwise_gradient.hpp"
#include "problem.hpp"
#include "runtime/differentiate.hpp"

using namespace elbo;
using namespace elbo::inference;
using elbo::tests::ScriptProblem;
using elbo::tests::Statistics;
using runtime::Expr;

namespace {

constexpr std::int64_t inner = 5;
constexpr int repetitions = 20'000;

const char* const script = R"(
model normal(x) {
  mu ~ Normal(0, 1)
  x  ~ Normal(mu, 1)
}
guide q {
  param m = 1.5
  param s : positive = 1.2
  mu ~ Normal(m, s)
}
let posterior = normal(1.0)
)";

/// The gradient of the bound as it is written, through draws and densities alike; with held parameters inside
/// log q where the model was made so.
GradientEstimate plain_gradient(const SampledModel& model) {
  const Expr log_weight = to_event(model.log_joint - model.log_guide, model.sample, 0);
  GradientEstimate result;
  result.elbo = logsumexp_dim(log_weight, 0) - std::log(static_cast<double>(inner));
  result.guide = runtime::gradient(result.elbo, model.parameters);
  return result;
}

Statistics repeat(const SampledModel& model, const GradientEstimate& estimate, std::uint64_t seed) {
  const ParameterVector layout(model.problem);
  const std::vector<double> at = layout.initial();
  Estimator estimator(layout, estimate, {}, runtime::Precision::real64, 1);
  Statistics statistics(layout.size());
  for (int r = 0; r < repetitions; ++r) {
    estimator.run(at, seed, static_cast<std::uint32_t>(r));
    statistics.add(estimator.gradient());
  }
  return statistics;
}

// Of two means, in standard errors of their difference.
double distance(const Statistics& a, const Statistics& b, std::size_t i) {
  return std::abs(a.mean(i) - b.mean(i)) / std::sqrt((a.variance(i) + b.variance(i)) / repetitions);
}

}  // namespace

TEST_CASE("gradients of importance-weighted bounds, and the naive one that is biased") {
  const ScriptProblem p(script);
  REQUIRE(p.message() == "");
  const SampledModel live = pathwise_model(p.problem, {.samples = inner, .stick_the_landing = false});
  const Statistics plain = repeat(live, plain_gradient(live), 1);
  const SampledModel held = pathwise_model(p.problem, {.samples = inner, .stick_the_landing = true});
  const Statistics doubly = repeat(held, importance_weighted_gradient(held, inner), 2);
  const Statistics naive = repeat(held, plain_gradient(held), 3);
  REQUIRE(plain.size() == 2);
  for (std::size_t i = 0; i < plain.size(); ++i) CHECK(distance(doubly, plain, i) < 4.5);
  CHECK(std::max(distance(naive, plain, 0), distance(naive, plain, 1)) > 10);
}
