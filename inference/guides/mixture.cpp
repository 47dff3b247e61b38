// The mixture guide: the unconstrained numbers y of all latent variables come from one of several components,
// in each of which they are independent normals, and are carried over to their supports. Given the variables
// before it, a variable's numbers are again a mixture, with the weights that those leave to the components:
//   q(y_k | y_<k) = sum_c v_c normal(y_k; m_ck, s_ck),   v_c ∝ w_c prod_{j<k} normal(y_j; m_cj, s_cj),
// so that the log densities of all variables add up to that of the mixture, and draws are ancestral as in any
// guide. Such draws choose their components, which do not move; gradients flow through draws that are made
// component by component (runtime::ComponentDraws).
#include <cmath>
#include <numbers>

#include "inference/guides.hpp"
#include "inference/guides/ready_made.hpp"
#include "runtime/expression.hpp"

namespace elbo::inference {

using namespace runtime;

namespace {

using Parameters = std::span<const Expr>;

// Parameters: log weights [K], but for a constant; means [K, n]; standard deviations [K, n].

/// log normal(x; m_c, s_c) of each component: [K].
Expr component_densities(Expr x, Expr means, Expr scales) {
  const std::int64_t n = x.type().event.back();
  const double constant = 0.5 * static_cast<double>(n) * std::log(2 * std::numbers::pi);
  const Expr z = (reshape(x, {1, n}) - means) / scales;
  return sum_dim(-0.5 * square(z) - log(scales), -1) - constant;
}

Expr log_density_of(Expr x, Parameters p) {
  return logsumexp_dim(p[0] + component_densities(x, p[1], p[2]), -1) - logsumexp_dim(p[0], -1);
}

Expr weights_of(Expr log_weights) { return exp(log_weights - reshape(logsumexp_dim(log_weights, -1), {1})); }

Expr draw_from(Expr component, Expr means, Expr scales, const std::vector<AxisId>& axes) {
  const Expr noise = random_normal(means.graph(), axes, {means.type().event.back()});
  return gather(means, component, 0) + gather(scales, component, 0) * noise;
}

Expr sample(Parameters p, const DrawShape& shape) {
  Graph& graph = p[0].graph();
  const auto whole = [&](std::int64_t i) { return graph.constant(Tensor({}, std::vector{i})); };
  // The component is the number of cumulated weights that a uniform number passes; rounding may leave the
  // last one below it.
  const Expr passed = less_equal(cumsum_dim(weights_of(p[0]), -1), random_uniform(graph, shape.axes, {1}));
  const Expr count = sum_dim(select(passed, whole(1), whole(0)), -1);
  const Expr component = minimum(count, whole(p[0].type().event.back() - 1));
  return draw_from(component, p[1], p[2], shape.axes);
}

Expr weighted_sum(Expr log_weights, Expr of_components) {
  return sum_dim(reshape(weights_of(log_weights), {of_components.type().event[0], 1}) * of_components, 0);
}

Expr mean(Parameters p) { return weighted_sum(p[0], p[1]); }

Expr variance(Parameters p) {
  const std::int64_t n = p[1].type().event.back();
  return weighted_sum(p[0], square(p[2]) + square(p[1] - reshape(mean(p), {1, n})));
}

const Distribution normal_mixture{
    .name = "NormalMixture",
    .summary = "mixture of vectors of independent normals",
    .formula = "sum of weight_c Normal(x; mean_c, sd_c)",
    .parameters = {{"log_weights", &real_support, "", "log of the weights, but for a constant"},
                   {"means", &real_support, "", "a row for each component"},
                   {"sds", &positive_support, "", "a row for each component"}},
    .alternatives = {},
    .event_rank = 1,
    .parameter_ranks = {1, 2, 2},
    .outcome_shape = [](Parameters p) { return Shape{p[1].type().event.back()}; },
    .support =
        [](Parameters) {
          return Support{&real_support, {}};
        },
    .log_density = log_density_of,
    .sample = sample,
    .mean = mean,
    .variance = variance};

// Starting means: those of a number are equally spaced between -(1 - 1 / K) and 1 - 1 / K, in an order that
// shifts from number to number by the golden ratio; components that started alike would stay alike.
Tensor initial_means(std::int64_t components, std::int64_t numbers) {
  const auto count = static_cast<double>(components);
  std::vector<double> values;
  for (std::int64_t c = 0; c < components; ++c) {
    for (std::int64_t i = 0; i < numbers; ++i) {
      const double place = (static_cast<double>(c) + 0.5) / count + golden_fraction(i);
      values.push_back((1 - 1 / count) * (2 * (place - std::floor(place)) - 1));
    }
  }
  return {{components, numbers}, std::move(values)};
}

}  // namespace

std::shared_ptr<const ModelGraph> mixture(const ModelGraph& model, std::int64_t components) {
  JointGuide guide(model, "mixture(" + std::to_string(components) + ")");
  const std::int64_t n = guide.size();
  const auto filled = [](Shape shape, double value) {
    return Tensor(shape, std::vector<double>(static_cast<std::size_t>(element_count(shape)), value));
  };
  const auto parameter = [&](const char* name, const SupportKind& kind, Tensor initial) {
    return guide.value(guide.add_parameter(name, kind, std::move(initial)));
  };
  const Expr weights =
      parameter("weights", simplex_support, filled({components}, 1 / static_cast<double>(components)));
  const Expr means = parameter("means", real_support, initial_means(components, n));
  const Expr scales = parameter("scales", positive_support, filled({components, n}, initial_scale));
  guide.guide().components = ComponentDraws{
      weights, [](const DistributionCall& call, Expr component, const std::vector<AxisId>& axes) {
        return draw_from(component, call.canonical[1], call.canonical[2], axes);
      }};
  Expr log_weights = log(weights);
  return guide.make([&](const UnconstrainedNumbers& y) {
    DistributionCall call;
    call.distribution = &normal_mixture;
    call.canonical = {log_weights, columns(means, y.first, y.count), columns(scales, y.first, y.count)};
    call.given = call.canonical;
    log_weights = log_weights + component_densities(y.values, call.canonical[1], call.canonical[2]);
    return call;
  });
}

}  // namespace elbo::inference
