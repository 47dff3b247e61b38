// A model and its guide with an axis of Monte Carlo draws.
#include "inference/sampled_model.hpp"

#include <algorithm>
#include <unordered_map>

#include "lang/diagnostic.hpp"
#include "runtime/expression.hpp"

namespace elbo::inference {

using namespace runtime;

namespace {

// Summed over everything but the draws; a term that no draw enters is the same for all.
Expr per_draw(Expr term, AxisId sample) {
  std::vector<AxisId> axes = term.type().axes;
  std::erase(axes, sample);
  std::vector<std::int64_t> dims(term.type().event.size());
  for (std::size_t i = 0; i < dims.size(); ++i) dims[i] = static_cast<std::int64_t>(i);
  term = sum(term, axes, dims);
  return term.type().axes.empty() ? broadcast_axis(term, sample) : term;
}

Expr total(const std::vector<Term>& terms, Graph& graph, AxisId sample) {
  Expr sum;
  for (const Term& term : terms) {
    const Expr weighted = term.weight == 1 ? term.per_draw : term.weight * term.per_draw;
    sum = sum ? sum + weighted : weighted;
  }
  return sum ? sum : broadcast_axis(graph.constant(0), sample);
}

// Log density of the image of unconstrained numbers under a bijector: that of the numbers less the log
// Jacobian.
Expr pushed_density(const DistributionCall& call, Expr unconstrained, const Support& bijector) {
  Expr density = log_density(call, unconstrained, true);
  const int joined = call.distribution->event_rank;  // what the density has summed already
  for (int r = joined; r < unconstrained_rank(*bijector.kind); ++r) density = sum_dim(density, -1);
  return density - bijector.kind->log_jacobian(unconstrained, bijector.bounds);
}

// The guide's components, where draws are to be stratified over them.
const ComponentDraws* strata(const Problem& problem, const DrawOptions& options) {
  return options.stratify && problem.guide && problem.guide->components ? &*problem.guide->components
                                                                        : nullptr;
}

std::int64_t component_count(const ComponentDraws& components) {
  return components.weights.type().event.front();
}

// Which component each draw comes from: {sample}.
Expr component_numbers(const ComponentDraws& components, AxisId sample) {
  Graph& graph = components.weights.graph();
  std::vector<std::int64_t> numbers(static_cast<std::size_t>(graph.axis(sample).size));
  for (std::size_t s = 0; s < numbers.size(); ++s)
    numbers[s] = static_cast<std::int64_t>(s) % component_count(components);
  return graph.constant(Tensor({graph.axis(sample).size}, std::move(numbers)), {sample});
}

// The guide: its draws, and their densities with the parameters seen once per draw.
void draw_latents(const ModelGraph& guide, const DrawOptions& options, SampledModel& result) {
  Replacements in_density, in_score;
  for (const PointParameter& p : guide.parameters) {
    result.parameters.push_back(p.unconstrained);
    if (!options.moves) {
      result.parameters_per_draw.push_back(broadcast_axis(p.unconstrained, result.sample));
      in_density[p.unconstrained.id()] = result.parameters_per_draw.back();
    }
  }
  Replacements drawn;
  DrawRule rule = options.rule;
  const ComponentDraws* components = strata(result.problem, options);
  if (components != nullptr) {
    const Expr component = component_numbers(*components, result.sample);
    rule = [components, component](const RandomVariable&, std::size_t, const DistributionCall& call,
                                   const std::vector<AxisId>& axes) {
      return components->draw(call, component, axes);
    };
    result.draw_weights =
        static_cast<double>(component_count(*components)) * gather(components->weights, component, 0);
  }
  result.drawn = draw_variables(guide, {result.sample}, !options.moves, drawn, nullptr, rule);
  for (const VariableDraw& draw : result.drawn) {
    in_density[draw.variable->value.id()] = draw.whole;
    in_score[draw.variable->value.id()] = draw.whole;
  }
  Replacements held = in_density;
  for (const PointParameter& p : guide.parameters)
    held[p.unconstrained.id()] = stop_gradient(p.unconstrained);
  for (const VariableDraw& draw : result.drawn) {
    result.latents.push_back(draw.variable->name);
    result.draws.push_back(draw.whole);
    const auto index = static_cast<std::size_t>(draw.variable - guide.variables.data());
    for (std::size_t p = 0; p < draw.parts.size(); ++p) {
      const VariablePart& part = draw.variable->parts[p];
      const bool by_score =
          options.moves && components == nullptr && part.call.distribution->pathwise == Pathwise::none;
      const bool hold = by_score || options.hold_parameters;
      const auto density = [&](const DistributionCall& call) {
        // A draw lies in its own support, so its density needs no guard.
        return part.bijector ? pushed_density(call, draw.unconstrained[p], draw.bijectors[p])
                             : log_density(call, draw.parts[p], true);
      };
      Term term{draw.variable->name, true, part.span, &part,       index, substitute(part.call, in_density),
                draw.parts[p],       {},   {},        part.weight, {}};
      term.log_density = density(hold ? substitute(part.call, held) : term.call);
      term.per_draw = per_draw(term.log_density, result.sample);
      if (by_score) term.score = density(substitute(part.call, in_score));
      result.guide_terms.push_back(std::move(term));
    }
  }
}

Term model_term(const RandomVariable& variable, const VariablePart& part, std::size_t index,
                const Replacements& draws, AxisId sample) {
  Term term{variable.name, false, part.span, &part, index, substitute(part.call, draws), {}, {}, {},
            part.weight};
  term.value = substitute(part.value, draws);
  if (variable.observed) {
    term.log_density = substitute(part.log_density, draws);
  } else {
    // The guide's support implies the model's (elaborate_guide): no guard here either.
    term.log_density = log_density(term.call, term.value, true);
  }
  term.per_draw = per_draw(term.log_density, sample);
  return term;
}

}  // namespace

SampledModel sample_model(const Problem& problem, std::int64_t samples, const DrawOptions& options) {
  const ModelGraph& model = *problem.model;
  SampledModel result;
  result.graph = model.graph;
  const ComponentDraws* components = strata(problem, options);
  const std::int64_t count = components != nullptr ? samples * component_count(*components) : samples;
  result.sample = model.graph->add_axis("sample", count, AxisKind::sample);
  result.problem = problem;
  if (problem.guide) draw_latents(*problem.guide, options, result);
  for (const PointParameter& p : model.parameters) result.model_parameters.push_back(p.unconstrained);

  Replacements draws, in_likelihood;  // for log p: the model's latent variables
  for (std::size_t i = 0; i < result.latents.size(); ++i) {
    const RandomVariable* latent = model.find(result.latents[i]);
    if (!latent)
      throw lang::InternalError("the guide draws `" + result.latents[i] + "`, which the model lacks");
    draws[latent->value.id()] = result.draws[i];
    in_likelihood[latent->value.id()] =
        options.detach_likelihood ? stop_gradient(result.draws[i]) : result.draws[i];
  }
  for (std::size_t i = 0; i < model.variables.size(); ++i) {
    for (const VariablePart& part : model.variables[i].parts) {
      if (part.in_factor) continue;
      const Replacements& values = model.variables[i].observed ? in_likelihood : draws;
      result.model_terms.push_back(model_term(model.variables[i], part, i, values, result.sample));
    }
  }
  for (std::size_t i = 0; i < model.factors.size(); ++i) {
    const FactorTerm& factor = model.factors[i];
    Term term{factor.name, false,        factor.span, nullptr,
              i,           {},           {},          substitute(factor.log_density, in_likelihood),
              {},          factor.weight};
    term.per_draw = per_draw(term.log_density, result.sample);
    result.model_terms.push_back(std::move(term));
  }
  for (const DeterministicQuantity& quantity : model.quantities) {
    result.quantities.push_back(substitute(quantity.value, draws));
  }
  result.log_joint = total(result.model_terms, *model.graph, result.sample);
  result.log_guide = total(result.guide_terms, *model.graph, result.sample);
  return result;
}

Expr mean_over_draws(const SampledModel& model, Expr x) {
  const std::vector<AxisId>& axes = x.type().axes;
  if (!std::binary_search(axes.begin(), axes.end(), model.sample)) return x;
  const Expr weighted = model.draw_weights ? model.draw_weights * x : x;
  return sum_axis(weighted, model.sample) / static_cast<double>(model.graph->axis(model.sample).size);
}

bool uses_draw(const SampledModel& model, Expr term, std::size_t i) {
  const auto order = topological_order(*model.graph, std::span(&term, 1));
  return std::binary_search(order.begin(), order.end(), model.draws[i].id());
}

}  // namespace elbo::inference
