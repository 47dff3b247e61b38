// The natural-gradient step of a Gaussian guide from derivatives of the model.
#include "inference/gaussian_update.hpp"

#include <algorithm>

#include "inference/step_guard.hpp"
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

Expr mean_over(Expr x, AxisId sample) {
  return sum_axis(x, sample) / static_cast<double>(x.graph().axis(sample).size);
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

// Mean and scale: standard deviation, or lower Cholesky factor of the covariance.
struct Gaussian {
  Expr location, scale;
};

Gaussian step_of_normals(const GuideBlock& block, const Gaussian& from, const GaussianDerivatives& d,
                         Expr step_size) {
  const SampledModel& model = block.model();
  const Expr y_mean = mean_over(d.draw, model.sample), g_mean = mean_over(d.gradient, model.sample);
  Expr h;
  if (d.hessian) {
    h = own_blocks(block, d.hessian, 1, true);
  } else {
    // The slope of g on y over the draws: exact, whatever the draws, where g is linear.
    const Expr y = d.draw - y_mean;
    h = sum_axis(y * (d.gradient - g_mean), model.sample) / sum_axis(square(y), model.sample);
  }
  const Expr g = g_mean - h * (y_mean - from.location);  // E[g], less what these draws' mean differs from m
  const Expr curvature = 1.0 + h * square(from.scale);   // G / P
  const Expr plain = 1.0 - step_size * curvature;
  const Expr safe = plain + 0.5 * square(step_size * curvature);
  const Expr ratio = select(less(plain, plain.graph().constant(1 / largest_growth)), safe, plain);  // P' / P
  const Expr scale = from.scale / sqrt(ratio);
  return {from.location + step_size * g * square(scale), scale};
}

std::vector<Expr> move_normals(const GuideBlock& block, const SampledModel& probe,
                               const GaussianDerivatives& d, Expr step_size) {
  const GaussianForm& form = *block.distribution().gaussian;
  const auto whole = [&](Expr x) { return broadcast(x, block.plates(), d.draw.type().event); };
  const Gaussian from{whole(form.location(block.canonical())), whole(form.scale(block.canonical()))};
  StepGuard guard(probe, step_size);
  const Expr tried = GuideBlock(probe, block.index()).draw();
  const Gaussian to = step_of_normals(block, from, d, guard.steps());
  const auto log_det = [&](Expr scale) { return sum(sum_event(log(scale)), block.plates(), {}); };
  const Replacements draws{{tried.id(), to.location + to.scale * ((tried - from.location) / from.scale)}};
  const double w = block.weight();
  guard.judge(draws, w * log_det(to.scale), w * log_det(from.scale),
              w * static_cast<double>(block.model().graph->element_count(from.scale.type())));
  return form.parameters(guard.pick(to.location, from.location), guard.pick(to.scale, from.scale));
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

// The step of normals of vectors of length n, as whole events; `hessian` of each, or empty.
Gaussian step_of_vectors(const SampledModel& model, const Gaussian& from, Expr draw, Expr gradient,
                         Expr hessian, Expr step_size) {
  Graph& graph = *model.graph;
  const std::int64_t n = draw.type().event[0];
  const auto column = [&](Expr x) { return reshape(x, {n, 1}); };
  const auto rows = [&](Expr x) { return to_event(reshape(x, {n}), model.sample, 0); };  // [samples, n]
  const Expr u = solve_lower(from.scale, column(draw - from.location));
  const Expr a = matmul(transpose(from.scale), column(gradient));
  const Expr u_mean = mean_over(u, model.sample), a_mean = mean_over(a, model.sample);
  const Expr h = hessian ? matmul(transpose(from.scale), matmul(hessian, from.scale))
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
  const Expr wide = solve_lower(root, transpose(from.scale));  // covariance = wide' wide
  return {from.location + reshape(matmul(from.scale, newton), {n}), cholesky(matmul(transpose(wide), wide))};
}

Expr log_det_factor(Expr factor) { return sum_dim(log(diagonal(factor)), -1); }

// Draws as they would be from another normal, at the same standard normal numbers.
Expr moved_draw(const Gaussian& from, const Gaussian& to, Expr draw) {
  return to.location + times_vector(to.scale, solve_lower_vector(from.scale, draw - from.location));
}

std::vector<Expr> move_vectors(const GuideBlock& block, const SampledModel& probe,
                               const GaussianDerivatives& d, Expr step_size) {
  const GaussianForm& form = *block.distribution().gaussian;
  const Stack vectors(*block.model().graph, block.elements());
  const std::int64_t n = d.draw.type().event.back();
  const Gaussian from{vectors.inward(form.location(block.canonical()), 1),
                      vectors.inward(form.scale(block.canonical()), 2)};
  const Expr hessian = d.hessian ? vectors.inward(own_blocks(block, d.hessian, n, false), 2) : Expr();
  const Expr draw = vectors.inward(d.draw, 1);
  StepGuard guard(probe, step_size);
  const Expr tried = GuideBlock(probe, block.index()).draw();
  const Gaussian to =
      step_of_vectors(block.model(), from, draw, vectors.inward(d.gradient, 1), hessian, guard.steps());
  std::vector<AxisId> outcomes = block.plates();
  outcomes.insert(outcomes.end(), vectors.axes().begin(), vectors.axes().end());
  std::sort(outcomes.begin(), outcomes.end());
  const auto log_det = [&](Expr factor) {
    return sum(broadcast(log_det_factor(factor), outcomes, {}), outcomes, {});
  };
  const Replacements draws{{tried.id(), vectors.outward(moved_draw(from, to, vectors.inward(tried, 1)))}};
  const double w = block.weight();
  const auto count = static_cast<double>(block.model().graph->element_count(from.location.type()));
  guard.judge(draws, w * log_det(to.scale), w * log_det(from.scale), w * count);
  return form.parameters(vectors.outward(guard.pick(to.location, from.location)),
                         vectors.outward(guard.pick(to.scale, from.scale)));
}

}  // namespace

bool is_gaussian(const GuideBlock& block) {
  return block.distribution().gaussian != nullptr && depends_on(log_target(block.model()), block.draw());
}

std::vector<Expr> gaussian_update(const GuideBlock& block, const SampledModel& probe, Expr step_size,
                                  Curvature curvature) {
  GaussianDerivatives d = derivatives_at(block.model(), block.draw(), curvature);
  if (block.weight() != 1) {
    d.gradient = d.gradient / block.weight();
    if (d.hessian) d.hessian = d.hessian / block.weight();
  }
  return block.distribution().event_rank == 0 ? move_normals(block, probe, d, step_size)
                                              : move_vectors(block, probe, d, step_size);
}

void move_joint(const SampledModel& model, const SampledModel& probe, Expr step_size, Curvature curvature,
                std::vector<Expr>& steps) {
  const ModelGraph& guide = *model.problem.guide;
  const PointParameter &mean = guide.parameters[guide.joint->mean],
                       &factor = guide.parameters[guide.joint->cholesky];
  const auto draws_of = [](const SampledModel& of) {
    std::vector<Expr> draws;
    for (const VariableDraw& draw : of.drawn) draws.push_back(draw.unconstrained[0]);
    return draws;
  };
  const GaussianDerivatives d = joint_derivatives(model, draws_of(model), curvature);
  const Gaussian from{mean.value, factor.value};
  StepGuard guard(probe, step_size);
  const Gaussian to = step_of_vectors(model, from, d.draw, d.gradient, d.hessian, guard.steps());
  const std::vector<Expr> tried = draws_of(probe);
  const Expr moved = moved_draw(from, to, concatenate(tried, 0));
  Replacements there;
  std::int64_t first = 0;
  for (const Expr& draw : tried) {
    const std::int64_t count = draw.type().event[0];
    std::vector<std::int64_t> places;
    for (std::int64_t i = 0; i < count; ++i) places.push_back(first + i);
    there[draw.id()] = gather(moved, moved.graph().constant(Tensor({count}, std::move(places))), 0);
    first += count;
  }
  guard.judge(there, log_det_factor(to.scale), log_det_factor(from.scale), static_cast<double>(first));
  const auto step = [](const PointParameter& p, Expr value) {
    return parameter_transform(p.via).unconstrain(value, p.support) - p.unconstrained;
  };
  steps[guide.joint->mean] = step(mean, guard.pick(to.location, from.location));
  steps[guide.joint->cholesky] = step(factor, guard.pick(to.scale, from.scale));
}

std::int64_t gaussian_samples(Curvature curvature) { return curvature == Curvature::stein ? 3 : 1; }

}  // namespace elbo::inference
