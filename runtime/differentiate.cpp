// One walk over the graph, from the root to the targets, in which every operation's gradient rule writes the
// cotangents of its inputs as further nodes.
#include "runtime/differentiate.hpp"

#include <algorithm>
#include <unordered_map>

#include "lang/diagnostic.hpp"
#include "runtime/expression.hpp"
#include "runtime/operation.hpp"

namespace elbo::runtime {

namespace {

// Sums a cotangent over what its value was broadcast to, and spreads it where it came out smaller.
Expr fit(Expr cotangent, const Type& type) {
  const Type from = cotangent.type();
  std::vector<AxisId> axes;
  std::set_difference(from.axes.begin(), from.axes.end(), type.axes.begin(), type.axes.end(),
                      std::back_inserter(axes));
  std::vector<std::int64_t> dims;
  const std::size_t extra = from.event.size() > type.event.size() ? from.event.size() - type.event.size() : 0;
  const std::size_t missing =
      type.event.size() > from.event.size() ? type.event.size() - from.event.size() : 0;
  for (std::size_t i = 0; i < from.event.size(); ++i) {
    const bool is_spread = i < extra || (from.event[i] != 1 && type.event[i + missing - extra] == 1);
    if (is_spread) dims.push_back(static_cast<std::int64_t>(i));
  }
  cotangent = sum(cotangent, axes, dims);
  if (cotangent.type().axes == type.axes &&
      element_count(cotangent.type().event) == element_count(type.event)) {
    return reshape(cotangent, type.event);
  }
  // dropped dimensions that the type has with size 1 come back by broadcasting from the right
  if (!dims.empty() && cotangent.type().event.size() + extra != from.event.size()) {
    Shape kept(from.event.begin() + static_cast<std::ptrdiff_t>(extra), from.event.end());
    for (const std::int64_t dim : dims) {
      if (dim >= static_cast<std::int64_t>(extra)) kept[static_cast<std::size_t>(dim) - extra] = 1;
    }
    cotangent = reshape(cotangent, kept);
  }
  return broadcast(cotangent, type.axes, type.event);
}

// For every node of `order`, whether a gradient can flow from it to one of the targets.
std::unordered_map<NodeId, bool> reaching(const Graph& graph, const std::vector<NodeId>& order,
                                          std::span<const Expr> targets) {
  std::unordered_map<NodeId, bool> reaches;
  for (const Expr& target : targets) reaches[target.id()] = true;
  for (const NodeId id : order) {
    if (reaches[id]) continue;
    const Node& node = graph.node(id);
    if (!node.operation->gradient) continue;
    reaches[id] =
        std::any_of(node.inputs.begin(), node.inputs.end(), [&](NodeId input) { return reaches[input]; });
  }
  return reaches;
}

}  // namespace

bool depends_on(Expr root, Expr target) {
  const auto order = topological_order(root.graph(), std::span(&root, 1));
  return reaching(root.graph(), order, std::span(&target, 1))[root.id()];
}

std::vector<Expr> gradient(Expr root, std::span<const Expr> targets) {
  Graph& graph = root.graph();
  if (!root.type().axes.empty() || !root.type().event.empty()) {
    throw lang::InternalError("only a single number can be differentiated, not " + graph.show(root.type()));
  }
  const std::vector<NodeId> order = topological_order(graph, std::span(&root, 1));
  auto reaches = reaching(graph, order, targets);
  std::unordered_map<NodeId, Expr> cotangent;
  cotangent[root.id()] = graph.constant(1);
  for (auto it = order.rbegin(); it != order.rend(); ++it) {
    const auto own = cotangent.find(*it);
    if (own == cotangent.end() || !reaches[*it]) continue;
    const Node& node = graph.node(*it);
    if (!node.operation->gradient) continue;
    std::vector<Expr> inputs;
    for (const NodeId input : node.inputs) inputs.push_back(graph.at(input));
    const std::vector<Expr> contributions = node.operation->gradient(inputs, graph.at(*it), own->second);
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      if (!reaches[inputs[i].id()] || !contributions[i]) continue;
      const Expr part = fit(contributions[i], inputs[i].type());
      Expr& slot = cotangent[inputs[i].id()];
      slot = slot ? slot + part : part;
    }
  }
  std::vector<Expr> result;
  for (const Expr& target : targets) {
    const auto it = cotangent.find(target.id());
    const Expr value = it == cotangent.end() ? graph.constant(0) : it->second;
    result.push_back(value.type().axes == target.type().axes && value.type().event == target.type().event
                         ? value
                         : broadcast(value, target.type().axes, target.type().event));
  }
  return result;
}

}  // namespace elbo::runtime
