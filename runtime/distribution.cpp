// What holds for every distribution: shapes of outcomes, and density and draws made safe. A record's density
// is written for good parameters and outcomes in the support; here it gets -inf outside the support and NaN
// for bad parameters, without either leaking NaN into gradients: the density is evaluated at a point known to
// be inside, and its value is then not chosen.
#include "runtime/distribution.hpp"

#include <algorithm>
#include <limits>
#include <unordered_set>

#include "lang/diagnostic.hpp"
#include "runtime/expression.hpp"
#include "runtime/operations/operations.hpp"
#include "runtime/program.hpp"
#include "runtime/scan.hpp"
#include "runtime/support_check.hpp"

namespace elbo::runtime {
namespace {

Expr number(Expr like, double value) { return like.graph().constant(value); }

/// Whether the value is fixed when the graph is built: no input of the program and nothing random enters it.
bool is_constant(Expr x) {
  const Graph& graph = x.graph();
  std::vector<NodeId> stack{x.id()};
  std::unordered_set<NodeId> seen;
  while (!stack.empty()) {
    const NodeId id = stack.back();
    stack.pop_back();
    if (!seen.insert(id).second) continue;
    const Node& node = graph.node(id);
    if (node.operation == &input_operation || is_random(node)) return false;
    stack.insert(stack.end(), node.inputs.begin(), node.inputs.end());
  }
  return true;
}

/// Whether a condition is known now, and true everywhere.
bool surely(Expr condition) {
  if (!is_constant(condition)) return false;
  const Tensor values = evaluate(condition);
  for (std::int64_t i = 0; i < values.size(); ++i)
    if (values.integer(i) == 0) return false;
  return true;
}

/// The condition on whole outcomes of this rank, seen by their elements.
Expr over_elements(Expr condition, int rank) {
  if (rank == 0) return condition;
  Shape shape = condition.type().event;
  shape.insert(shape.end(), static_cast<std::size_t>(rank), 1);
  return reshape(condition, shape);
}

/// The value, or NaN where it lies outside its support.
Expr valid(Expr value, const SupportKind& kind) {
  if (&kind == &real_support) return value;
  const Expr inside = kind.contains(value, {});
  if (surely_inside(kind, value, {}) || surely(inside)) return value;
  const double nan = std::numeric_limits<double>::quiet_NaN();
  return select(over_elements(inside, kind.event_rank), value, number(value, nan));
}

/// The given parameters, each checked against the support of the name under which it was given.
std::vector<Expr> valid_given(const DistributionCall& call) {
  std::vector<Expr> result;
  for (std::size_t i = 0; i < call.given.size(); ++i)
    result.push_back(valid(call.given[i], *role(*call.distribution, call.alternative, i).support));
  return result;
}

/// Log density at a point inside, from whichever parameters give it most directly.
Expr density_inside(const DistributionCall& call, Expr x) {
  if (call.alternative && call.alternative->log_density)
    return call.alternative->log_density(x, valid_given(call));
  return call.distribution->log_density(x, valid_canonical(call));
}

std::vector<AxisId> unite(std::vector<AxisId> axes, const std::vector<AxisId>& more) {
  axes.insert(axes.end(), more.begin(), more.end());
  std::sort(axes.begin(), axes.end());
  axes.erase(std::unique(axes.begin(), axes.end()), axes.end());
  return axes;
}

/// Gives a density that does not mention x (a uniform one) the axes and shape of x's outcomes.
Expr spread(Expr density, Expr x, int event_rank) {
  Shape outcomes = x.type().event;
  outcomes.resize(outcomes.size() - std::min(outcomes.size(), static_cast<std::size_t>(event_rank)));
  Shape event;
  if (!broadcast(density.type().event, outcomes, event)) return density;  // the density itself has refused it
  std::vector<AxisId> axes = unite(density.type().axes, x.type().axes);
  if (axes == density.type().axes && event == density.type().event) return density;
  return broadcast(density, std::move(axes), std::move(event));
}

}  // namespace

DistributionCall substitute(const DistributionCall& call,
                            const std::unordered_map<NodeId, Expr>& replacements) {
  DistributionCall result = call;
  for (Expr& e : result.canonical) e = substitute(e, replacements);
  for (Expr& e : result.given) e = substitute(e, replacements);
  return result;
}

std::vector<Expr> valid_canonical(const DistributionCall& call) {
  std::vector<Expr> result;
  for (std::size_t i = 0; i < call.canonical.size(); ++i)
    result.push_back(valid(call.canonical[i], *call.distribution->parameters[i].support));
  return result;
}

Shape event_shape(const DistributionCall& call) {
  const Distribution& distribution = *call.distribution;
  Shape batch, outcome;
  for (std::size_t i = 0; i < call.canonical.size(); ++i) {
    const Shape& shape = call.canonical[i].type().event;
    const int rank = i < distribution.parameter_ranks.size() ? distribution.parameter_ranks[i] : 0;
    const auto own = static_cast<std::ptrdiff_t>(std::min(shape.size(), static_cast<std::size_t>(rank)));
    Shape joined;
    if (!broadcast(batch, Shape(shape.begin(), shape.end() - own), joined))
      throw lang::Failure({.code = "shape-mismatch",
                           .message = "`" + std::string(distribution.parameters[i].name) + "` of " +
                                      std::string(distribution.name) + " has shape " + show(shape) +
                                      ", which does not fit the other parameters' " + show(batch),
                           .span = {},
                           .related = {},
                           .hint = {}});
    batch = std::move(joined);
    if (distribution.event_rank > 0 && rank >= distribution.event_rank && outcome.empty())
      outcome.assign(shape.end() - distribution.event_rank, shape.end());
  }
  if (distribution.outcome_shape) outcome = distribution.outcome_shape(call.canonical);
  Shape result = call.size;
  result.insert(result.end(), batch.begin(), batch.end());
  result.insert(result.end(), outcome.begin(), outcome.end());
  return result;
}

Support support(const DistributionCall& call) { return call.distribution->support(call.canonical); }

Expr log_density(const DistributionCall& call, Expr x, bool inside) {
  const int rank = call.distribution->event_rank;
  const Support where = support(call);
  // On the real line the density itself goes to -inf at infinity.
  if (inside || where.kind == &real_support) return spread(density_inside(call, x), x, rank);

  const Expr contained = where.kind->contains(x, where.bounds);
  if (surely_inside(*where.kind, x, where.bounds) || surely(contained))
    return spread(density_inside(call, x), x, rank);

  const Expr safe =
      select(over_elements(contained, where.kind->event_rank), x, where.kind->interior(x, where.bounds));
  const Expr outside = number(x, -std::numeric_limits<double>::infinity());
  return spread(select(contained, density_inside(call, safe), outside), x, rank);
}

Expr sample(const DistributionCall& call, const std::vector<AxisId>& axes) {
  if (!call.distribution->sample)
    throw lang::Failure(
        {.code = "no-draws",
         .message = "nothing can be drawn from " + call.distribution->name,
         .span = {},
         .related = {},
         .hint = "a prior without an integral, or a distribution without `sample()`, can be fitted but "
                 "not simulated"});
  DrawShape shape{.axes = unite({}, axes), .event = event_shape(call)};
  for (const Expr& parameter : call.canonical)
    shape.axes = unite(std::move(shape.axes), parameter.type().axes);
  if (call.alternative && call.alternative->sample) return call.alternative->sample(valid_given(call), shape);
  return call.distribution->sample(valid_canonical(call), shape);
}

}  // namespace elbo::runtime
