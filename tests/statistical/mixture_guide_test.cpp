// Gradients through draws that are stratified over the components of mixture(), against the exact gradient of
// the ELBO: a sum over a grid of the same graph's densities, differentiated. Seeds are fixed; |z| < 4.5 fails
// by chance with probability 7e-6 per component.
#include <catch2/catch.hpp>

#include "inference/pathwise_gradient.hpp"
#include "problem.hpp"
#include "runtime/differentiate.hpp"

using namespace elbo;
using namespace elbo::inference;
using elbo::tests::ScriptProblem;
using elbo::tests::Statistics;
using runtime::Expr;

namespace {

constexpr std::int64_t components = 3;

// Two modes, one of them skew.
const char* const script = R"(
model bent(x) {
  t ~ Normal(0.4, 1.5)
  x ~ Normal(t * t + 0.3 * t, 0.8)
}
let posterior = bent(1.7)
)";

class Bent {
 public:
  Bent() : script_(script) {
    REQUIRE(script_.message() == "");
    problem = script_.problem;
    problem.guide = mixture(*problem.model, components);
  }
  elbo::inference::Problem problem;

 private:
  ScriptProblem script_;
};

/// Parameters somewhere: no component like another, none at an optimum.
std::vector<double> point(const ParameterVector& layout) {
  std::vector<double> at = layout.initial();
  for (std::size_t i = 0; i < at.size(); ++i) at[i] += 0.4 * std::cos(1 + 2.0 * static_cast<double>(i));
  for (const auto& entry : layout.entries()) {
    for (std::size_t i = 0; i < entry.size; ++i)
      if (entry.parameter->name == "scales") at[entry.first + i] += 1.5;
  }
  return at;
}

/// The trapezoidal rule, which for smooth functions that vanish at both ends is exact to rounding.
std::vector<double> exact_gradient(const elbo::inference::Problem& problem, const std::vector<double>& at) {
  constexpr std::int64_t points = 4001;
  constexpr double width = 16.0 / static_cast<double>(points - 1);
  std::vector<double> grid;
  for (std::int64_t i = 0; i < points; ++i) grid.push_back(-8 + width * static_cast<double>(i));
  runtime::Graph& graph = *problem.model->graph;
  const runtime::AxisId axis = graph.add_axis("grid", points, runtime::AxisKind::plate);
  const Expr value = graph.constant(runtime::Tensor({points}, grid), {axis});
  const auto at_grid = [&](const runtime::ModelGraph& of) {
    return substitute(log_joint(of), {{of.variables.front().value.id(), value}});
  };
  const Expr log_q = at_grid(*problem.guide);
  const Expr elbo = width * sum_axis(exp(log_q) * (at_grid(*problem.model) - log_q), axis);
  const ParameterVector layout(problem);
  std::vector<Expr> parameters;
  for (const auto& entry : layout.entries()) parameters.push_back(entry.parameter->unconstrained);
  ParameterProgram program(layout, runtime::gradient(elbo, parameters), runtime::Precision::real64, 1);
  program.run(at, 0, 0);
  std::vector<double> result;
  for (std::size_t p = 0; p < parameters.size(); ++p) {
    const std::span<const double> part = program.output(p);
    result.insert(result.end(), part.begin(), part.end());
  }
  return result;
}

constexpr int repetitions = 20'000;

Statistics repeat(const SampledModel& model, const PathwiseOptions& options, const std::vector<double>& at) {
  const GradientEstimate estimate = pathwise_gradient(model, options);
  const ParameterVector layout(model.problem);
  Estimator estimator(layout, estimate, {}, runtime::Precision::real64, 1);
  Statistics statistics(layout.size());
  for (int r = 0; r < repetitions; ++r) {
    estimator.run(at, 17, static_cast<std::uint32_t>(r));
    statistics.add(estimator.gradient());
  }
  return statistics;
}

double largest(const Statistics& s, const std::vector<double>& exact, std::size_t first, std::size_t count) {
  double result = 0;
  for (std::size_t i = first; i < first + count; ++i) result = std::max(result, std::abs(s.z(i, exact[i])));
  return result;
}

}  // namespace

TEST_CASE("stratified gradients of a mixture have the exact gradient as their mean") {
  const Bent bent;
  const ParameterVector layout(bent.problem);
  const std::vector<double> at = point(layout), exact = exact_gradient(bent.problem, at);
  for (const bool stl : {false, true}) {
    for (const std::int64_t samples : {1, 4}) {
      const PathwiseOptions options{.samples = samples, .stick_the_landing = stl};
      const Statistics s = repeat(pathwise_model(bent.problem, options), options, at);
      for (std::size_t i = 0; i < layout.size(); ++i) {
        INFO("stl = " << stl << ", samples = " << samples << ", number " << i << ": mean " << s.mean(i)
                      << ", exact " << exact[i]);
        CHECK(std::abs(s.z(i, exact[i])) < 4.5);
      }
    }
  }
}

TEST_CASE(
    "without the gradient of the draws' weights the gradient of a mixture is biased, and that is seen") {
  const Bent bent;
  const ParameterVector layout(bent.problem);
  const std::vector<double> at = point(layout), exact = exact_gradient(bent.problem, at);
  for (const bool stl : {false, true}) {
    const PathwiseOptions options{.samples = 4, .stick_the_landing = stl};
    SampledModel model = pathwise_model(bent.problem, options);
    model.draw_weights = stop_gradient(model.draw_weights);
    const Statistics s = repeat(model, options, at);
    const auto& weights = layout.entries().front();
    REQUIRE(weights.parameter->name == "weights");
    // held inside log q as well, nothing moves the weights: no variance to divide by
    if (stl) {
      for (std::size_t i = 0; i < weights.size; ++i) {
        CHECK(s.mean(weights.first + i) == 0);
        CHECK(std::abs(exact[weights.first + i]) > 0.05);
      }
    } else {
      CHECK(largest(s, exact, weights.first, weights.size) > 10);
    }
    CHECK(largest(s, exact, weights.size, layout.size() - weights.size) < 4.5);
  }
}

TEST_CASE("draws that all weigh the same give a biased gradient of a mixture, and that is seen") {
  const Bent bent;
  const ParameterVector layout(bent.problem);
  const std::vector<double> at = point(layout), exact = exact_gradient(bent.problem, at);
  const PathwiseOptions options{.samples = 4, .stick_the_landing = true};
  SampledModel model = pathwise_model(bent.problem, options);
  model.draw_weights = {};
  CHECK(largest(repeat(model, options, at), exact, 0, layout.size()) > 10);
}
