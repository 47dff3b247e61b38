// Gradients through draws, and beside them.
#include "inference/pathwise_gradient.hpp"

#include <algorithm>
#include <cmath>
#include <map>

#include "inference/antithetic.hpp"
#include "inference/enumeration.hpp"
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
// draws (Kool, van Hoof, Welling 2019); of other pairs, where draws come in pairs.
Expr score_surrogate(const SampledModel& model, std::size_t guide_term, bool in_pairs) {
  const Term& term = model.guide_terms[guide_term];
  Expr cost = stop_gradient(downstream_cost(model, guide_term));
  if (in_pairs)
    cost = centred_on_other_pairs(cost, model.sample);
  else if (count_of(model) > 1)
    cost = (cost - mean_over_draws(model, cost)) * (count_of(model) / (count_of(model) - 1));
  if (cost.type() == model.log_joint.type())
    return mean_over_draws(model, cost * sum_but_draws(term.score, model.sample));
  return mean_over_draws(model, sum_but_draws(cost * term.score, model.sample));
}

// ---- relaxed draws ----------------------------------------------------------------------------------------

void check_relaxed(const ModelGraph& guide) {
  for (const RandomVariable& v : guide.variables) {
    for (const VariablePart& part : v.parts) {
      if (part.support.kind->discrete && !can_be_relaxed(part)) {
        fail("not-relaxed", "draws of `" + v.name + "` cannot be relaxed", part.span,
             "gumbel_softmax is for Bernoulli and Categorical variables; discrete = \"score\" takes any");
      }
      for (const Expr& parameter : part.call.canonical) {
        for (const std::size_t p : parents(guide, parameter)) {
          const RandomVariable& parent = guide.variables[p];
          if (!parent.parts[0].support.kind->discrete) continue;
          fail("not-relaxed",
               "the guide draws `" + v.name + "` given `" + parent.name +
                   "`, which is relaxed to weights of its values",
               part.span, "discrete = \"score\" takes it as it is");
        }
      }
    }
  }
}

bool is_relaxed(const SampledModel& model, const Term& q) {
  return std::any_of(model.relaxed.begin(), model.relaxed.end(),
                     [&](const RelaxedDraw& d) { return d.variable == q.variable; });
}

// Weights [event, values] of the parts of a guide's variable, as [shape, values] of the whole.
Expr whole_weights(const RandomVariable& variable, const std::vector<Expr>& parts) {
  Graph& graph = variable.value.graph();
  const std::int64_t count = parts[0].type().event.back();
  const AxisId axis = graph.add_axis("values", count, AxisKind::plate);
  std::vector<Expr> each;
  for (std::size_t p = 0; p < parts.size(); ++p) {
    const VariablePart& part = variable.parts[p];
    const Expr weights = to_axis(parts[p], static_cast<std::int64_t>(parts[p].type().event.size()) - 1, axis);
    each.push_back(broadcast(weights, part.plates, part.value.type().event));
  }
  const Expr whole = assemble(variable, each);
  return to_event(whole, axis, static_cast<std::int64_t>(whole.type().event.size()));
}

/// What stands in the objective in place of log p or -log q of a term at the draws, weighted: {sample} or [];
/// an empty expression where another term's has taken it in.
struct InPlaceOf {
  std::unordered_map<std::size_t, Expr> model_term, guide_term;
};

// The relaxed objective: log densities of the model at the weights in place of the draws, and entropies in
// place of -log q.
void relax_objective(const SampledModel& model, bool detach_likelihood, InPlaceOf& in_place) {
  const ModelGraph &guide = *model.problem.guide, &graph = *model.problem.model;
  Replacements draws, held;
  for (std::size_t i = 0; i < model.latents.size(); ++i) {
    const NodeId id = graph.find(model.latents[i])->value.id();
    draws[id] = model.draws[i];
    held[id] = stop_gradient(model.draws[i]);
  }
  std::vector<RelaxedValue> values, held_values;
  std::unordered_map<std::string, Expr> probabilities;
  for (const RelaxedDraw& draw : model.relaxed) {
    const RandomVariable& variable = guide.variables[draw.variable];
    const RandomVariable& latent = *graph.find(variable.name);
    const std::int64_t first = variable.parts[0].support.kind == &boolean_support ? 0 : 1;
    const Expr weights = whole_weights(variable, draw.weights);
    values.push_back({latent.value, weights, first});
    held_values.push_back({latent.value, stop_gradient(weights), first});
    probabilities[variable.name] = whole_weights(variable, draw.probabilities);
  }
  for (std::size_t i = 0; i < model.guide_terms.size(); ++i) {
    const Term& q = model.guide_terms[i];
    if (!is_relaxed(model, q)) continue;
    const auto draw = std::find_if(model.relaxed.begin(), model.relaxed.end(),
                                   [&](const RelaxedDraw& d) { return d.variable == q.variable; });
    const auto part = static_cast<std::size_t>(q.part - guide.variables[q.variable].parts.data());
    Expr p = draw->probabilities[part];
    p = broadcast(p, q.part->plates,
                  p.type().event);  // every element counts, also where they share parameters
    in_place.guide_term[i] = -q.weight * sum_but_draws(p * log(p), model.sample);
  }
  for (std::size_t i = 0; i < model.model_terms.size(); ++i) {
    const Term& term = model.model_terms[i];
    const bool is_likelihood = term.part == nullptr || graph.variables[term.variable].observed;
    const bool hold = is_likelihood && detach_likelihood;
    // A draw lies in its own support: a guard would make a number of a value before it is looked up.
    const Expr density = is_likelihood ? (term.part != nullptr ? term.part->log_density
                                                               : graph.factors[term.variable].log_density)
                                       : log_density(term.part->call, term.part->value, true);
    Expr own, own_weights;
    if (const auto it = probabilities.find(term.name); term.part != nullptr && it != probabilities.end()) {
      own = term.part->value;
      own_weights = it->second;
    }
    const Expr changed = relaxed(density, hold ? held_values : values, own, own_weights);
    if (changed == density) continue;
    const Expr at_draws =
        substitute(broadcast(changed, density.type().axes, density.type().event), hold ? held : draws);
    in_place.model_term[i] = term.weight * sum_but_draws(at_draws, model.sample);
  }
}

Expr objective_with(const SampledModel& model, const InPlaceOf& in_place) {
  if (in_place.model_term.empty() && in_place.guide_term.empty()) return model.log_joint - model.log_guide;
  Expr total = model.graph->constant(0);
  const auto add = [&](const std::vector<Term>& terms, const std::unordered_map<std::size_t, Expr>& others,
                       double sign) {
    for (std::size_t i = 0; i < terms.size(); ++i) {
      const auto it = others.find(i);
      const Expr each = it == others.end() ? sign * terms[i].weight * terms[i].per_draw : it->second;
      if (each) total = total + each;
    }
  };
  add(model.model_terms, in_place.model_term, 1);
  add(model.guide_terms, in_place.guide_term, -1);
  return total;
}

// ---- the account ------------------------------------------------------------------------------------------

// How the draws of a statement move.
std::string path_account(const SampledModel& model, const Term& term) {
  static constexpr const char* kinds[] = {"does not move", "location and scale",
                                          "inverse of the distribution function", "implicit derivatives"};
  const std::string kind = model.draw_weights
                               ? "location and scale, as many from each component"
                               : kinds[static_cast<int>(term.part->call.distribution->pathwise)];
  const std::string image =
      term.part->bijector && term.part->bijector->kind->name != real_support.name
          ? ", then the bijector of its support (" + std::string(term.part->bijector->kind->name) + ")"
          : "";
  return "path through the draw (" + kind + image + ")";
}

void account_for_model_parameters(const SampledModel& model, GradientAccount& account) {
  for (const PointParameter& p : model.problem.model->parameters)
    account.add(p.name, "derivative of log p at the draws");
}

}  // namespace

SampledModel pathwise_model(const Problem& problem, const PathwiseOptions& options) {
  DrawOptions draws{.moves = true,
                    .hold_parameters = options.stick_the_landing,
                    .detach_likelihood = options.detach_likelihood,
                    .stratify = options.stratify};
  if (options.discrete == DiscreteGradient::disarm && !discrete_latents(*problem.guide).empty())
    draws.rule = antithetic_pairs(options.samples / 2);
  std::map<std::size_t, RelaxedDraw> relaxed;
  if (options.discrete == DiscreteGradient::relaxed) {
    check_relaxed(*problem.guide);
    draws.rule = [&](const RandomVariable& variable, std::size_t p, const DistributionCall& call,
                     const std::vector<AxisId>& axes) -> Expr {
      const VariablePart& part = variable.parts[p];
      if (!part.support.kind->discrete) return {};
      const auto index = static_cast<std::size_t>(&variable - problem.guide->variables.data());
      RelaxedDraw& own = relaxed[index];
      own.variable = index;
      own.weights.resize(variable.parts.size());
      own.probabilities.resize(variable.parts.size());
      const RelaxedPart drawn = draw_relaxed(part, call, axes, options.relaxation);
      own.weights[p] = drawn.weights;
      own.probabilities[p] = drawn.probabilities;
      return drawn.draw;
    };
  }
  SampledModel model = sample_model(problem, options.samples, draws);
  for (auto& [index, draw] : relaxed) model.relaxed.push_back(std::move(draw));
  return model;
}

GradientEstimate pathwise_gradient(const SampledModel& model, const PathwiseOptions& options) {
  GradientEstimate result;
  InPlaceOf in_place;
  Expr beside;
  for (std::size_t i = 0; i < model.guide_terms.size(); ++i) {
    const Term& q = model.guide_terms[i];
    if (is_relaxed(model, q)) {
      result.account.add(q.name, std::string("path through relaxed draws (Gumbel-softmax") +
                                     (options.relaxation.hard ? ", straight-through" : "") + "): biased");
      continue;
    }
    if (q.score) {
      const bool in_pairs = options.discrete == DiscreteGradient::disarm;
      const bool is_disarm = in_pairs && is_antithetic(q, model.sample);
      const Expr part = is_disarm ? antithetic_surrogate(model, q, downstream_cost(model, i))
                                  : score_surrogate(model, i, in_pairs);
      beside = beside ? beside + part : part;
      const std::string less =
          in_pairs ? ", less the mean of the other pairs" : ", less their mean at the other draws";
      result.account.add(
          q.name, is_disarm ? "DisARM: differences of the terms that its draw can change between antithetic "
                              "draws"
                            : "score function, weighted by the terms that its draw can change" +
                                  (count_of(model) > (in_pairs ? 2 : 1) ? less : ""));
      continue;
    }
    std::size_t p = 0;
    const Expr kl = options.analytic_kl ? divergence(model, i, p) : Expr();
    if (kl) {
      in_place.model_term[p] = -kl;
      in_place.guide_term[i] = {};
    }
    result.account.add(
        q.name, path_account(model, q) + (kl ? "; divergence from its prior by its closed form"
                                          : options.stick_the_landing ? "; parameters held inside log q"
                                                                      : ""));
  }
  if (!model.relaxed.empty()) {
    relax_objective(model, options.detach_likelihood, in_place);
    result.account.objective = "ELBO of the relaxed model";
  }
  result.account.estimator = count_of_draws(model.graph->axis(model.sample).size) + " per step";
  if (options.detach_likelihood)
    result.account.estimator += "; no gradient of the likelihood reaches the guide";
  account_for_model_parameters(model, result.account);
  result.elbo = mean_over_draws(model, objective_with(model, in_place));
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
  result.account.objective = "importance-weighted bound of " + count_of_draws(inner);
  result.account.estimator =
      count_of_draws(groups) + " of the bound per step, " + count_of_draws(draws) + " in all";
  for (const Term& q : model.guide_terms)
    result.account.add(q.name, path_account(model, q) +
                                   "; doubly reparameterised: parameters held inside log q, squared weights");
  account_for_model_parameters(model, result.account);
  result.guide = gradient(each * sum_axis(square(weight) * log_weight, model.sample), model.parameters);
  result.model = gradient(each * sum_axis(weight * model.log_joint, model.sample), model.model_parameters);
  return result;
}

}  // namespace elbo::inference
