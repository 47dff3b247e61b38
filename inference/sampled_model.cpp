// A model and its guide with an axis of Monte Carlo draws.
#include "inference/sampled_model.hpp"

#include <algorithm>
#include <unordered_map>

#include "lang/diagnostic.hpp"
#include "runtime/expression.hpp"

namespace elbo::inference {

using namespace runtime;

namespace {

using Replacements = std::unordered_map<NodeId, Expr>;

Expr replaced(Expr e, const Replacements& replacements) {
  return substitute(std::span(&e, 1), replacements)[0];
}

// Summed over everything but the draws; a term that no draw enters is the same for all.
Expr per_draw(Expr term, AxisId sample) {
  std::vector<AxisId> axes = term.type().axes;
  std::erase(axes, sample);
  std::vector<std::int64_t> dims(term.type().event.size());
  for (std::size_t i = 0; i < dims.size(); ++i) dims[i] = static_cast<std::int64_t>(i);
  term = sum(term, axes, dims);
  return term.type().axes.empty() ? broadcast_axis(term, sample) : term;
}

DistributionCall replaced(const DistributionCall& call, const Replacements& replacements) {
  DistributionCall result = call;
  for (Expr& e : result.canonical) e = replaced(e, replacements);
  for (Expr& e : result.given) e = replaced(e, replacements);
  return result;
}

Expr total(const std::vector<Term>& terms, Graph& graph, AxisId sample) {
  Expr sum;
  for (const Term& term : terms) sum = sum ? sum + term.per_draw : term.per_draw;
  return sum ? sum : broadcast_axis(graph.constant(0), sample);
}

// The guide: draws in the order of its statements, each from its distribution given the draws before it.
void draw_latents(const ModelGraph& guide, SampledModel& result, Replacements& lifted) {
  for (const PointParameter& p : guide.parameters) {
    result.parameters.push_back(p.unconstrained);
    result.parameters_per_draw.push_back(broadcast_axis(p.unconstrained, result.sample));
    lifted[p.unconstrained.id()] = result.parameters_per_draw.back();
  }
  Replacements drawn;
  for (const RandomVariable& variable : guide.variables) {
    const DistributionCall call = replaced(variable.parts[0].call, drawn);
    const Expr draw = stop_gradient(sample(call, {result.sample}));
    result.latents.push_back(variable.name);
    result.draws.push_back(draw);
    result.calls.push_back(call);
    drawn[variable.value.id()] = lifted[variable.value.id()] = draw;
    Term term{variable.name, true, variable.span(), replaced(variable.parts[0].call, lifted), draw, {}, {}};
    // A draw lies in its own support, so its density needs no guard.
    term.log_density = log_density(term.call, draw, true);
    term.per_draw = per_draw(term.log_density, result.sample);
    result.guide_terms.push_back(std::move(term));
  }
}

Term model_term(const RandomVariable& variable, const Replacements& draws, AxisId sample) {
  Term term{variable.name, false, variable.span(), replaced(variable.parts[0].call, draws), {}, {}, {}};
  if (variable.observed) {
    term.value = variable.value;
    term.log_density = replaced(variable.parts[0].log_density, draws);
  } else {
    // The guide's support implies the model's (elaborate_guide): no guard here either.
    term.value = draws.at(variable.value.id());
    term.log_density = log_density(term.call, term.value, true);
  }
  term.per_draw = per_draw(term.log_density, sample);
  return term;
}

}  // namespace

SampledModel sample_model(const Problem& problem, std::int64_t samples) {
  const ModelGraph& model = *problem.model;
  SampledModel result;
  result.graph = model.graph;
  result.sample = model.graph->add_axis("sample", samples, AxisKind::sample);
  Replacements lifted;  // for log q: parameters per draw, and the draws
  draw_latents(*problem.guide, result, lifted);
  for (const PointParameter& p : model.parameters) result.model_parameters.push_back(p.unconstrained);

  Replacements draws;  // for log p: the model's latent variables
  for (std::size_t i = 0; i < result.latents.size(); ++i) {
    const RandomVariable* latent = model.find(result.latents[i]);
    if (!latent)
      throw lang::InternalError("the guide draws `" + result.latents[i] + "`, which the model lacks");
    draws[latent->value.id()] = result.draws[i];
  }
  for (const RandomVariable& variable : model.variables) {
    result.model_terms.push_back(model_term(variable, draws, result.sample));
  }
  for (const FactorTerm& factor : model.factors) {
    Term term{{}, false, factor.span, {}, {}, replaced(factor.log_density, draws), {}};
    term.per_draw = per_draw(term.log_density, result.sample);
    result.model_terms.push_back(std::move(term));
  }
  for (const DeterministicQuantity& quantity : model.quantities) {
    result.quantities.push_back(replaced(quantity.value, draws));
  }
  result.log_joint = total(result.model_terms, *model.graph, result.sample);
  result.log_guide = total(result.guide_terms, *model.graph, result.sample);
  return result;
}

bool uses_draw(const SampledModel& model, Expr term, std::size_t i) {
  const auto order = topological_order(*model.graph, std::span(&term, 1));
  return std::binary_search(order.begin(), order.end(), model.draws[i].id());
}

}  // namespace elbo::inference
