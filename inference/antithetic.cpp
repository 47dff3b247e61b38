// Antithetic pairs of draws.
#include "inference/antithetic.hpp"

#include <algorithm>
#include <numeric>

#include "runtime/expression.hpp"
#include "runtime/operations/operations.hpp"

namespace elbo::inference {

using namespace runtime;

namespace {

bool has_axis(Expr e, AxisId axis) {
  return std::binary_search(e.type().axes.begin(), e.type().axes.end(), axis);
}

// [pairs, …] twice, as the axis of draws.
Expr twice(Expr first, Expr second, AxisId sample) {
  return to_axis(concatenate({first, second}, 0), 0, sample);
}

// Noise that one draw of every pair has, [pairs, event]: the random numbers of a node without its axis of
// draws.
Expr of_pairs(Graph& graph, const Node& node, AxisId sample, std::int64_t pairs) {
  std::vector<AxisId> axes = node.type.axes;
  std::erase(axes, sample);
  Shape event{pairs};
  event.insert(event.end(), node.type.event.begin(), node.type.event.end());
  return node.operation == &random_normal_operation ? random_normal(graph, axes, event)
                                                    : random_uniform(graph, axes, event);
}

// Draws with the noise of their pairs.
Expr shared(Expr draw, AxisId sample, std::int64_t pairs) {
  Graph& graph = draw.graph();
  std::unordered_map<NodeId, Expr> noise;
  for (const NodeId id : topological_order(graph, std::span(&draw, 1))) {
    const Node& node = graph.node(id);
    const bool is_noise =
        node.operation == &random_normal_operation || node.operation == &random_uniform_operation;
    if (!is_noise || !has_axis(graph.at(id), sample)) continue;
    const Expr each = of_pairs(graph, Node(node), sample, pairs);
    noise[id] = twice(each, each, sample);
  }
  return substitute(draw, noise);
}

// The halves of draws, [pairs, …] each.
struct Halves {
  Expr first, second;
};

Halves halves(Expr x, AxisId sample) {
  Graph& graph = x.graph();
  if (!has_axis(x, sample)) x = broadcast_axis(x, sample);
  const Expr list = to_event(x, sample, 0);
  const std::int64_t pairs = list.type().event[0] / 2;
  std::vector<std::int64_t> places(static_cast<std::size_t>(pairs));
  std::iota(places.begin(), places.end(), 0);
  const Expr first = graph.constant(Tensor({pairs}, places));
  for (std::int64_t& p : places) p += pairs;
  return {gather(list, first, 0), gather(list, graph.constant(Tensor({pairs}, std::move(places))), 0)};
}

}  // namespace

DrawRule antithetic_pairs(std::int64_t pairs) {
  return [pairs](const RandomVariable& variable, std::size_t p, const DistributionCall& call,
                 const std::vector<AxisId>& axes) -> Expr {
    const VariablePart& part = variable.parts[p];
    Graph& graph = part.value.graph();
    const AxisId sample = *std::find_if(axes.begin(), axes.end(),
                                        [&](AxisId a) { return graph.axis(a).kind == AxisKind::sample; });
    if (part.support.kind != &boolean_support) {
      const Expr draw = shared(runtime::sample(call, axes), sample, pairs);
      return call.distribution->pathwise == Pathwise::none ? stop_gradient(draw) : draw;
    }
    std::vector<AxisId> others = axes;
    std::erase(others, sample);
    Shape event{pairs};
    event.insert(event.end(), part.value.type().event.begin(), part.value.type().event.end());
    const Expr u = random_uniform(graph, others, event);
    const Expr yes = exp(log_density(call, graph.constant(Tensor::boolean({}, {1}))));
    return stop_gradient(less(twice(1.0 - u, u, sample), yes));
  };
}

bool is_antithetic(const Term& term, AxisId sample) {
  if (term.part->support.kind != &boolean_support || term.part->bijector) return false;
  return std::none_of(term.call.canonical.begin(), term.call.canonical.end(),
                      [&](Expr e) { return has_axis(e, sample); });
}

Expr antithetic_surrogate(const SampledModel& model, const Term& term, Expr cost) {
  Graph& graph = *model.graph;
  const Halves c = halves(stop_gradient(cost), model.sample), b = halves(term.value, model.sample);
  const Expr log_yes = log_density(term.call, graph.constant(Tensor::boolean({}, {1})));
  const Expr log_no = log_density(term.call, graph.constant(Tensor::boolean({}, {0})));
  const Expr log_odds = log_yes - log_no;
  const Expr one = graph.constant(1), zero = graph.constant(0);
  const Expr differs = select(equal(b.first, b.second), zero, select(b.second, -one, one));
  Expr difference = 0.5 * (c.first - c.second);  // [pairs, …]
  const auto missing =
      static_cast<std::int64_t>(differs.type().event.size() - difference.type().event.size());
  if (missing > 0) {
    Shape shape = difference.type().event;
    shape.resize(shape.size() + static_cast<std::size_t>(missing), 1);
    difference = reshape(difference, shape);
  }
  const Expr estimate = difference * differs * stop_gradient(sigmoid(abs(log_odds)));
  const auto pairs = static_cast<double>(graph.axis(model.sample).size) / 2;
  return sum_all(estimate * log_odds) / pairs;
}

Expr centred_on_other_pairs(Expr cost, AxisId sample) {
  const auto draws = static_cast<double>(cost.graph().axis(sample).size);
  if (draws < 4) return cost;
  const Halves half = halves(cost, sample);
  const Expr own = half.first + half.second;
  return cost - (sum_axis(cost, sample) - twice(own, own, sample)) / (draws - 2);
}

}  // namespace elbo::inference
