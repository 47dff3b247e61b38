// Derivatives of the log joint density at draws from a guide, as updates of Gaussians need them.
#include "inference/gaussian_derivatives.hpp"

#include <algorithm>

#include "runtime/differentiate.hpp"
#include "runtime/expression.hpp"
#include "runtime/matrices.hpp"

namespace elbo::inference {

using namespace runtime;

namespace {

Shape whole_shape(const SampledModel& model, Expr draw) {
  Shape shape;
  for (const AxisId axis : draw.type().axes) {
    if (axis != model.sample) shape.push_back(model.graph->axis(axis).size);
  }
  shape.insert(shape.end(), draw.type().event.begin(), draw.type().event.end());
  return shape;
}

// Numbers first, first + 1, … of a flat vector as what is added to a draw.
Expr piece(const SampledModel& model, Expr flat, std::int64_t first, Expr draw) {
  const Shape shape = whole_shape(model, draw);
  const std::int64_t count = element_count(shape);
  if (count != flat.type().event[0]) {
    std::vector<std::int64_t> places;
    for (std::int64_t i = 0; i < count; ++i) places.push_back(first + i);
    flat = gather(flat, flat.graph().constant(Tensor({count}, std::move(places))), 0);
  }
  flat = reshape(flat, shape);
  for (const AxisId axis : draw.type().axes) {
    if (axis != model.sample) flat = to_axis(flat, 0, axis);
  }
  return flat;
}

// The Hessian's columns are the derivatives of the mean gradient along the directions of all numbers, which
// are one axis. A shift that all draws share carries the directions, so that what is linear in the Hessian of
// one draw is averaged over the draws before it meets them.
Expr mean_hessian(const SampledModel& model, Expr target, std::span<const Expr> draws) {
  Graph& graph = *model.graph;
  std::int64_t count = 0;
  for (const Expr& draw : draws) count += element_count(whole_shape(model, draw));
  const AxisId direction = graph.add_axis("direction", count, AxisKind::plate);
  const Expr unit = to_axis(identity_matrix(graph, count), 0, direction);
  const Expr shift = graph.input("shift", {{direction}, {count}, Domain::real});
  Replacements shifted;
  std::int64_t first = 0;
  for (const Expr& draw : draws) {
    shifted[draw.id()] = draw + piece(model, shift, first, draw);
    first += element_count(whole_shape(model, draw));
  }
  const double samples = static_cast<double>(graph.axis(model.sample).size);
  const Expr mean = sum_all(substitute(target, shifted)) / samples;
  const Expr gradient_there = gradient(mean, std::span(&shift, 1))[0];
  Expr hessian = gradient(sum_all(gradient_there * unit), std::span(&shift, 1))[0];
  // The derivatives are taken where the shift is nothing: there all directions see the same values.
  const Replacements none{{shift.id(), broadcast(graph.constant(0), {}, {count})}};
  hessian = to_event(broadcast(substitute(hessian, none), {direction}, {count}), direction, 0);
  return 0.5 * (hessian + transpose(hessian));
}

}  // namespace

Expr log_target(const SampledModel& model) {
  Expr total = model.log_joint;
  for (const VariableDraw& draw : model.drawn) {
    for (std::size_t p = 0; p < draw.parts.size(); ++p) {
      if (!draw.unconstrained[p]) continue;
      const Support& bijector = draw.bijectors[p];
      Expr jacobian = bijector.kind->log_jacobian(draw.unconstrained[p], bijector.bounds);
      std::vector<AxisId> axes = jacobian.type().axes;
      std::erase(axes, model.sample);
      total = total + sum(sum_event(jacobian), axes, {});
    }
  }
  return total;
}

GaussianDerivatives derivatives_at(const SampledModel& model, Expr draw, Curvature curvature) {
  GaussianDerivatives d;
  d.draw = draw;
  const Expr target = log_target(model);
  d.gradient =
      broadcast(gradient(sum_all(target), std::span(&draw, 1))[0], draw.type().axes, draw.type().event);
  if (curvature == Curvature::hessian) d.hessian = mean_hessian(model, target, std::span(&draw, 1));
  return d;
}

GaussianDerivatives joint_derivatives(const SampledModel& model, std::span<const Expr> draws,
                                      Curvature curvature) {
  GaussianDerivatives d;
  const Expr target = log_target(model);
  std::vector<Expr> gradients = gradient(sum_all(target), draws);
  for (std::size_t i = 0; i < draws.size(); ++i)
    gradients[i] = broadcast(gradients[i], draws[i].type().axes, draws[i].type().event);
  d.draw = concatenate({draws.begin(), draws.end()}, 0);
  d.gradient = concatenate(gradients, 0);
  if (curvature == Curvature::hessian) d.hessian = mean_hessian(model, target, draws);
  return d;
}

}  // namespace elbo::inference
