// Gradients through draws, and beside them.
#include "inference/pathwise_gradient.hpp"

#include <algorithm>
#include <cmath>

#include "lang/diagnostic.hpp"
#include "runtime/differentiate.hpp"
#include "runtime/exponential_family.hpp"
#include "runtime/expression.hpp"
#include "runtime/interpreter.hpp"

namespace elbo::inference {

using namespace runtime;

namespace {

double count_of(const SampledModel& model) {
  return static_cast<double>(model.graph->axis(model.sample).size);
}

Expr sum_but_draws(Expr x, AxisId sample) {
  std::vector<AxisId> axes = x.type().axes;
  std::erase(axes, sample);
  std::vector<std::int64_t> dims(x.type().event.size());
  for (std::size_t i = 0; i < dims.size(); ++i) dims[i] = static_cast<std::int64_t>(i);
  return sum(x, axes, dims);
}

// ---- closed forms of the divergence -----------------------------------------------------------------------

bool is_of_numbers(const Distribution& d) {
  return d.event_rank == 0 &&
         std::all_of(d.parameter_ranks.begin(), d.parameter_ranks.end(), [](int r) { return r == 0; });
}

bool keeps_numbers(const VariablePart& part) {
  return !part.bijector || part.bijector->kind == &real_support;
}

// Parameters of the guide's statement in the layout of the model's: by way of the whole variable.
Expr in_layout_of(const VariablePart& model_part, Expr latent, const RandomVariable& guide, Expr parameter) {
  const VariablePart& part = guide.parts[0];
  const Expr own = broadcast(parameter, part.plates, part.value.type().event);
  const Expr whole = assemble(guide, std::span(&own, 1));
  const Replacements values{{latent.id(), whole}};
  return substitute(model_part.value, values);
}

// KL(q || p) of latent variable i of the guide given what is before it, summed: with the axis of draws where
// its parameters have it; empty where there is no closed form.
Expr divergence(const SampledModel& model, std::size_t guide_term, std::size_t& model_term) {
  const Term& q = model.guide_terms[guide_term];
  const RandomVariable& guide = model.problem.guide->variables[q.variable];
  for (model_term = 0; model_term < model.model_terms.size(); ++model_term) {
    const Term& p = model.model_terms[model_term];
    if (!p.part || p.name != q.name) continue;
    const RandomVariable& latent = model.problem.model->variables[p.variable];
    const bool same = p.part->call.distribution == q.part->call.distribution && guide.parts.size() == 1 &&
                      latent.parts.size() == 1 && keeps_numbers(*q.part) && p.weight == q.weight;
    if (!same) return {};
    std::vector<Expr> from = q.call.canonical;
    const bool together = q.part->plates.empty() && p.part->plates.empty();
    if (!together) {
      if (!is_of_numbers(*q.part->call.distribution)) return {};
      for (Expr& e : from) e = in_layout_of(*p.part, latent.value, guide, e);
    }
    Expr kl = runtime::kl(*q.part->call.distribution, from, p.call.canonical);
    if (!kl) return {};
    // every element counts, also where all share their parameters
    Type whole = p.log_density.type();
    std::vector<AxisId> axes = whole.axes;
    std::erase(axes, model.sample);
    kl = broadcast(kl, axes, whole.event);
    return p.weight * sum_but_draws(kl, model.sample);
  }
  return {};
}

// ---- what the draws do not carry --------------------------------------------------------------------------

// Of a variable whose draws do not move: its score times what its draw can change, less the mean of the other
// draws (Kool, van Hoof, Welling 2019).
Expr score_surrogate(const SampledModel& model, std::size_t guide_term) {
  const Term& term = model.guide_terms[guide_term];
  Expr cost = stop_gradient(downstream_cost(model, guide_term));
  if (count_of(model) > 1)
    cost = (cost - mean_over_draws(model, cost)) * (count_of(model) / (count_of(model) - 1));
  if (cost.type() == model.log_joint.type())
    return mean_over_draws(model, cost * sum_but_draws(term.score, model.sample));
  return mean_over_draws(model, sum_but_draws(cost * term.score, model.sample));
}

}  // namespace

SampledModel pathwise_model(const Problem& problem, const PathwiseOptions& options) {
  return sample_model(problem, options.samples,
                      {.moves = true,
                       .hold_parameters = options.stick_the_landing,
                       .detach_likelihood = options.detach_likelihood,
                       .stratify = options.stratify});
}

GradientEstimate pathwise_gradient(const SampledModel& model, const PathwiseOptions& options) {
  Expr objective = model.log_joint - model.log_guide;
  Expr beside;
  for (std::size_t i = 0; i < model.guide_terms.size(); ++i) {
    const Term& q = model.guide_terms[i];
    if (q.score) {
      const Expr part = score_surrogate(model, i);
      beside = beside ? beside + part : part;
      continue;
    }
    std::size_t p = 0;
    const Expr kl = options.analytic_kl ? divergence(model, i, p) : Expr();
    if (kl)
      objective = objective - model.model_terms[p].weight * model.model_terms[p].per_draw +
                  q.weight * q.per_draw - kl;
  }
  GradientEstimate result;
  result.elbo = mean_over_draws(model, objective);
  const Expr surrogate = beside ? result.elbo + beside : result.elbo;
  std::vector<Expr> parameters = model.parameters;
  parameters.insert(parameters.end(), model.model_parameters.begin(), model.model_parameters.end());
  const std::vector<Expr> gradients = gradient(surrogate, parameters);
  const auto middle = gradients.begin() + static_cast<std::ptrdiff_t>(model.parameters.size());
  result.guide.assign(gradients.begin(), middle);
  result.model.assign(middle, gradients.end());
  return result;
}

GradientEstimate importance_weighted_gradient(const SampledModel& model, std::int64_t inner) {
  Graph& graph = *model.graph;
  for (const Term& q : model.guide_terms) {
    if (q.score) {
      fail("no-path", "the draws of `" + q.name + "` do not move with the guide's parameters, as iwae needs",
           q.span,
           model.problem.guide->components ? "reparam() draws from each component of a mixture by itself"
                                           : "reparam() takes such variables by score functions");
    }
  }
  const std::int64_t draws = graph.axis(model.sample).size, groups = draws / inner;
  const Expr log_weight = model.log_joint - model.log_guide;
  const Expr grouped = reshape(to_event(log_weight, model.sample, 0), {groups, inner});
  const Expr total = logsumexp_dim(grouped, -1);
  const Expr normalised = exp(grouped - reshape(total, {groups, 1}));
  const Expr weight = stop_gradient(to_axis(reshape(normalised, {draws}), 0, model.sample));
  GradientEstimate result;
  const double each = 1.0 / static_cast<double>(groups);
  result.elbo = each * sum_all(total - std::log(static_cast<double>(inner)));
  result.guide = gradient(each * sum_axis(square(weight) * log_weight, model.sample), model.parameters);
  result.model = gradient(each * sum_axis(weight * model.log_joint, model.sample), model.model_parameters);
  return result;
}

}  // namespace elbo::inference
