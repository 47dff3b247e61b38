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
    if (!node.operation->gradient && !node.operation->projected_gradient) continue;
    reaches[id] =
        std::any_of(node.inputs.begin(), node.inputs.end(), [&](NodeId input) { return reaches[input]; });
  }
  return reaches;
}

class ReverseMode {
 public:
  ReverseMode(Graph& graph, std::vector<NodeId> order, std::span<const Expr> targets)
      : graph_(graph), order_(std::move(order)), reaches_(reaching(graph, order_, targets)) {}

  void run() {
    for (auto it = order_.rbegin(); it != order_.rend(); ++it) {
      if (!reaches_[*it]) continue;
      std::vector<Expr> inputs;
      for (const NodeId input : graph_.node(*it).inputs) inputs.push_back(graph_.at(input));
      const std::vector<Expr> contributions = contributions_of(*it, inputs);
      for (std::size_t i = 0; i < contributions.size(); ++i) {
        if (contributions[i] && reaches_[inputs[i].id()]) add(inputs[i], contributions[i], *it);
      }
    }
  }

  /// `from`: the node whose cotangent this part comes from.
  void add(Expr value, Expr part, NodeId from) {
    if (value.node().operation->projected_gradient) {
      projected_[value.id()].push_back({graph_.at(from), part});
      return;
    }
    part = fit(part, value.type());
    Expr& slot = cotangent_[value.id()];
    slot = slot ? slot + part : part;
  }

  Expr cotangent(Expr value) const {
    const auto it = cotangent_.find(value.id());
    return it == cotangent_.end() ? Expr() : it->second;
  }

 private:
  std::vector<Expr> contributions_of(NodeId id, std::span<const Expr> inputs) {
    const Operation& operation = *graph_.node(id).operation;
    if (operation.projected_gradient) {
      const auto it = projected_.find(id);
      return it == projected_.end() ? std::vector<Expr>()
                                    : operation.projected_gradient(graph_.at(id), it->second);
    }
    const auto own = cotangent_.find(id);
    if (own == cotangent_.end() || !operation.gradient) return {};
    return operation.gradient(inputs, graph_.at(id), own->second);
  }

  Graph& graph_;
  std::vector<NodeId> order_;
  std::unordered_map<NodeId, bool> reaches_;
  std::unordered_map<NodeId, Expr> cotangent_;
  std::unordered_map<NodeId, std::vector<Projected>> projected_;
};

}  // namespace

bool depends_on(Expr root, Expr target) {
  const auto order = topological_order(root.graph(), std::span(&root, 1));
  return reaching(root.graph(), order, std::span(&target, 1))[root.id()];
}

std::vector<Expr> pull_back(std::span<const Expr> roots, std::span<const Expr> seeds,
                            std::span<const Expr> targets) {
  if (roots.empty()) return std::vector<Expr>(targets.size());
  Graph& graph = roots[0].graph();
  ReverseMode reverse(graph, topological_order(graph, roots), targets);
  for (std::size_t i = 0; i < roots.size(); ++i) reverse.add(roots[i], seeds[i], roots[i].id());
  reverse.run();
  std::vector<Expr> result;
  for (const Expr& target : targets) result.push_back(reverse.cotangent(target));
  return result;
}

std::vector<Expr> gradient(Expr root, std::span<const Expr> targets) {
  Graph& graph = root.graph();
  if (!root.type().axes.empty() || !root.type().event.empty()) {
    throw lang::InternalError("only a single number can be differentiated, not " + graph.show(root.type()));
  }
  const Expr one = graph.constant(1);
  const std::vector<Expr> cotangents = pull_back(std::span(&root, 1), std::span(&one, 1), targets);
  std::vector<Expr> result;
  for (std::size_t i = 0; i < targets.size(); ++i) {
    const Expr value = cotangents[i] ? cotangents[i] : graph.constant(0);
    const Type& type = targets[i].type();
    result.push_back(value.type().axes == type.axes && value.type().event == type.event
                         ? value
                         : broadcast(value, type.axes, type.event));
  }
  return result;
}

}  // namespace elbo::runtime
