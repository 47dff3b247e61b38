// The natural-gradient step of a Gaussian guide from derivatives of the model.
#include "inference/gaussian_update.hpp"

#include <algorithm>

#include "runtime/differentiate.hpp"
#include "runtime/expression.hpp"
#include "runtime/matrices.hpp"
#include "runtime/operations/operations.hpp"

namespace elbo::inference {

using namespace runtime;

namespace {

// A step may make a variance larger by this factor at most; one that would do more takes the form that is
// safe.
constexpr double largest_growth = 1e4;

Expr replaced(Expr e, const Replacements& replacements) {
  return substitute(std::span(&e, 1), replacements)[0];
}

Expr mean_over(Expr x, AxisId sample) {
  return sum_axis(x, sample) / static_cast<double>(x.graph().axis(sample).size);
}

// log p of the numbers that the guide's Gaussians draw, {sample}: the log joint density, and for what is an
// image under a bijector the log Jacobian.
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

// What one block needs: its draws y, the gradient of log p at each, and the mean Hessian.
struct Derivatives {
  Expr draw;      // {sample, plates}[event…]
  Expr gradient;  // the same
  Expr hessian;   // {}[count, count], count the numbers of the block; empty unless asked for
};

// The Hessian's columns are the derivatives of the mean gradient along the directions of all numbers of the
// block, which are one axis. A shift that all draws share carries the directions, so that what is linear in
// the Hessian of one draw is averaged over the draws before it meets them.
Expr mean_hessian(const SampledModel& model, Expr target, Expr draw) {
  Graph& graph = *model.graph;
  std::vector<AxisId> plates = draw.type().axes;
  std::erase(plates, model.sample);
  Shape whole;
  for (const AxisId axis : plates) whole.push_back(graph.axis(axis).size);
  const Shape event = draw.type().event;
  whole.insert(whole.end(), event.begin(), event.end());
  const std::int64_t count = element_count(whole);

  const AxisId direction = graph.add_axis("direction", count, AxisKind::plate);
  Shape rows{count};
  rows.insert(rows.end(), whole.begin(), whole.end());
  std::vector<AxisId> axes{direction};
  const Expr unit_whole = reshape(identity_matrix(graph, count), rows);
  Expr unit = to_axis(unit_whole, 0, direction);
  for (const AxisId plate : plates) unit = to_axis(unit, 0, plate);

  axes.insert(axes.end(), plates.begin(), plates.end());
  std::sort(axes.begin(), axes.end());
  const Expr shift = graph.input("shift", {axes, event, Domain::real});
  const Replacements shifted{{draw.id(), draw + shift}};
  const double samples = static_cast<double>(graph.axis(model.sample).size);
  const Expr mean = sum_all(replaced(target, shifted)) / samples;
  const Expr gradient_there = gradient(mean, std::span(&shift, 1))[0];
  Expr hessian = gradient(sum_all(gradient_there * unit), std::span(&shift, 1))[0];
  // The derivatives are taken where the shift is nothing: there all directions see the same values.
  const Replacements none{{shift.id(), graph.constant(0)}};
  hessian = broadcast(replaced(hessian, none), axes, event);
  for (auto plate = plates.rbegin(); plate != plates.rend(); ++plate) hessian = to_event(hessian, *plate, 0);
  hessian = reshape(to_event(hessian, direction, 0), {count, count});
  return 0.5 * (hessian + transpose(hessian));
}

Derivatives derivatives(const GuideBlock& block, Curvature curvature) {
  const SampledModel& model = block.model();
  Derivatives d;
  d.draw = block.draw();
  const Expr target = log_target(model);
  d.gradient =
      broadcast(gradient(sum_all(target), std::span(&d.draw, 1))[0], d.draw.type().axes, d.draw.type().event);
  if (curvature == Curvature::hessian) d.hessian = mean_hessian(model, target, d.draw);
  return d;
}

// The blocks on the diagonal of the Hessian: those of single outcomes of `size` numbers, {plates}[elements…,
// size, size], or [elements…] where size is 1 and `scalar`.
Expr own_blocks(const GuideBlock& block, Expr hessian, std::int64_t size, bool scalar) {
  Graph& graph = hessian.graph();
  const std::int64_t count = hessian.type().event[0], outcomes = count / size;
  std::vector<std::int64_t> places;
  for (std::int64_t o = 0; o < outcomes; ++o) {
    for (std::int64_t i = 0; i < size; ++i) {
      for (std::int64_t j = 0; j < size; ++j) places.push_back((o * size + i) * count + o * size + j);
    }
  }
  const auto number = static_cast<std::int64_t>(places.size());
  Expr x = gather(reshape(hessian, {count * count}), graph.constant(Tensor({number}, std::move(places))), 0);
  const std::vector<AxisId> plates = block.plates();
  Shape shape;
  for (const AxisId axis : plates) shape.push_back(graph.axis(axis).size);
  shape.insert(shape.end(), block.elements().begin(), block.elements().end());
  if (!scalar) shape.insert(shape.end(), {size, size});
  x = reshape(x, shape);
  for (const AxisId axis : plates) x = to_axis(x, 0, axis);
  return x;
}

// ---- independent normals ----------------------------------------------------------------------------------

std::vector<Expr> step_of_normals(const GuideBlock& block, const Derivatives& d, Expr step_size) {
  const SampledModel& model = block.model();
  const GaussianForm& form = *block.distribution().gaussian;
  const Expr m = form.location(block.canonical()), s = form.scale(block.canonical());
  const auto whole = [&](Expr x) { return broadcast(x, block.plates(), d.draw.type().event); };
  const Expr y_mean = mean_over(d.draw, model.sample), g_mean = mean_over(d.gradient, model.sample);
  Expr h;
  if (d.hessian) {
    h = own_blocks(block, d.hessian, 1, true);
  } else {
    // The slope of g on y over the draws: exact, whatever the draws, where g is linear.
    const Expr y = d.draw - y_mean;
    h = sum_axis(y * (d.gradient - g_mean), model.sample) / sum_axis(square(y), model.sample);
  }
  const Expr g = g_mean - h * (y_mean - m);    // E[g], less what these draws' mean differs from m
  const Expr curvature = 1.0 + h * square(s);  // G / P
  const Expr plain = 1.0 - step_size * curvature;
  const Expr safe = plain + 0.5 * square(step_size * curvature);
  const Expr ratio = select(less(plain, plain.graph().constant(1 / largest_growth)), safe, plain);  // P' / P
  const Expr scale = s / sqrt(ratio);
  return form.parameters(whole(m + step_size * g * square(scale)), whole(scale));
}

// ---- normals of vectors -----------------------------------------------------------------------------------

// E[C' H C] from whitened draws u and gradients a (both [samples, n], less their means): of the regression of
// a on u where there are draws enough, by Stein's identity otherwise, in which a + u, which vanishes as the
// guide comes to be the posterior, keeps the noise small.
Expr whitened_curvature(Expr u, Expr a) {
  const std::int64_t samples = u.type().event[0], n = u.type().event[1];
  Graph& graph = u.graph();
  Expr slope;
  if (samples >= 2 * n + 2) {
    slope = graph.add(least_squares_operation, {u, a});
  } else {
    slope = matmul(transpose(u), a + u) / static_cast<double>(samples - 1) - identity_matrix(graph, n);
  }
  return 0.5 * (slope + transpose(slope));
}

std::vector<Expr> step_of_vectors(const GuideBlock& block, const Derivatives& d, Expr step_size) {
  const SampledModel& model = block.model();
  Graph& graph = *model.graph;
  const GaussianForm& form = *block.distribution().gaussian;
  const Stack vectors(graph, block.elements());
  const std::int64_t n = d.draw.type().event.back();
  const Expr m = vectors.inward(form.location(block.canonical()), 1);
  const Expr factor = vectors.inward(form.scale(block.canonical()), 2);
  const auto column = [&](Expr x) { return reshape(x, {n, 1}); };
  const auto rows = [&](Expr x) { return to_event(reshape(x, {n}), model.sample, 0); };  // [samples, n]
  const Expr draw = vectors.inward(d.draw, 1);
  const Expr u = solve_lower(factor, column(draw - m));
  const Expr a = matmul(transpose(factor), column(vectors.inward(d.gradient, 1)));
  const Expr u_mean = mean_over(u, model.sample), a_mean = mean_over(a, model.sample);
  const Expr h = d.hessian ? matmul(transpose(factor),
                                    matmul(vectors.inward(own_blocks(block, d.hessian, n, false), 2), factor))
                           : whitened_curvature(rows(u - u_mean), rows(a - a_mean));
  const Expr g = a_mean - matmul(h, u_mean);
  const Expr one = identity_matrix(graph, n);
  const Expr moved = step_size * (one + h);  // r G in these coordinates
  const Expr plain = cholesky(one - moved);
  const Expr safe = cholesky(one - moved + 0.5 * matmul(moved, moved));
  // A factor of a matrix that is not positive definite is NaN, and so is its smallest diagonal entry.
  const Expr least = -max_dim(-diagonal(plain), -1);
  const Expr good = less(graph.constant(1 / largest_growth), square(least));
  const Expr root = select(good, plain, safe);  // of P' in these coordinates
  const Expr newton = solve_lower(root, solve_lower(root, step_size * g), true);
  const Expr location = m + reshape(matmul(factor, newton), {n});
  const Expr wide = solve_lower(root, transpose(factor));  // covariance = wide' wide
  const Expr scale = cholesky(matmul(transpose(wide), wide));
  return form.parameters(vectors.outward(location), vectors.outward(scale));
}

}  // namespace

bool is_gaussian(const GuideBlock& block) {
  return block.distribution().gaussian != nullptr && depends_on(log_target(block.model()), block.draw());
}

std::vector<Expr> gaussian_update(const GuideBlock& block, Expr step_size, Curvature curvature) {
  const Derivatives d = derivatives(block, curvature);
  return block.distribution().event_rank == 0 ? step_of_normals(block, d, step_size)
                                              : step_of_vectors(block, d, step_size);
}

std::int64_t gaussian_samples(Curvature curvature) { return curvature == Curvature::stein ? 3 : 1; }

}  // namespace elbo::inference
