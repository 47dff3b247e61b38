// Scan nodes taken apart and put together: canonical placeholders, types settled from the outer values,
// random values given from outside.
#include <algorithm>
#include <memory>
#include <numeric>
#include <unordered_set>

#include "lang/diagnostic.hpp"
#include "runtime/expression.hpp"
#include "runtime/operations/operations.hpp"
#include "runtime/scan.hpp"

namespace elbo::runtime {

namespace {

// A constant no larger than this is written into the body.
constexpr std::int64_t largest_inner_constant = 64;

std::vector<Expr> exprs(Graph& graph, const std::vector<NodeId>& ids) {
  std::vector<Expr> result;
  for (const NodeId id : ids) result.push_back(graph.at(id));
  return result;
}

std::vector<NodeId> ids(std::span<const Expr> nodes) {
  std::vector<NodeId> result;
  for (const Expr& e : nodes) result.push_back(e.id());
  return result;
}

Type without(Type type, AxisId axis) {
  std::erase(type.axes, axis);
  return type;
}

// What an operand is inside the body, if it needs no memory outside: a small constant, perhaps spread.
Expr inner_constant(Expr e, AxisId axis) {
  const Node& node = e.node();
  if (node.operation == &constant_operation) {
    return e.type().axes.empty() && node.attributes.tensor->size() <= largest_inner_constant ? e : Expr();
  }
  if (node.operation != &broadcast_operation) return {};
  const Expr inner = inner_constant(e.graph().at(node.inputs[0]), axis);
  return inner ? broadcast(inner, without(e.type(), axis).axes, e.type().event) : Expr();
}

// The body's roots: the next values, then the draws.
std::vector<Expr> roots_of(const ScanParts& parts) {
  std::vector<Expr> roots = parts.next;
  roots.insert(roots.end(), parts.draws.begin(), parts.draws.end());
  return roots;
}

// Types of the carries such that a pass through the body keeps them: axes and domains only grow.
class Settling {
 public:
  Settling(Graph& graph, const ScanParts& parts) : graph_(graph), parts_(parts), roots_(roots_of(parts)) {
    body_.axis = parts.axis;
    body_.reverse = parts.reverse;
    place_operands();
  }

  Expr run() {
    std::vector<Type> types;
    for (const Expr& initial : parts_.initial) types.push_back(initial.type());
    std::vector<Expr> roots;
    do {
      body_.carries.clear();
      for (std::size_t k = 0; k < types.size(); ++k) {
        const Expr slot = graph_.slot("carry " + std::to_string(k + 1), types[k]);
        replacements_[parts_.carry_slots[k].id()] = slot;
        body_.carries.push_back(slot.id());
      }
      roots = substitute(roots_, replacements_);
    } while (widen(types, roots));
    const auto middle = roots.begin() + static_cast<std::ptrdiff_t>(types.size());
    for (std::size_t k = 0; k < types.size(); ++k) {
      if (roots[k].type().axes != types[k].axes)
        roots[k] = broadcast(roots[k], types[k].axes, types[k].event);
    }
    body_.next = ids(std::span(roots.begin(), middle));
    body_.draws = ids(std::span(middle, roots.end()));
    Attributes attributes;
    attributes.scan = std::make_shared<const ScanBody>(body_);
    return graph_.add(scan_operation, inputs_, std::move(attributes));
  }

 private:
  void place_operands() {
    inputs_ = parts_.initial;
    std::unordered_set<NodeId> used;
    std::unordered_map<NodeId, Expr> placed;
    for (const NodeId id : topological_order(graph_, roots_)) used.insert(id);
    for (std::size_t j = 0; j < parts_.operands.size(); ++j) {
      if (!used.count(parts_.operand_slots[j].id())) continue;
      const Expr outer = parts_.operands[j];
      Expr& inner = placed[outer.id()];  // one placeholder for equal operands
      if (!inner) inner = inner_constant(outer, parts_.axis);
      if (!inner) {
        inner = graph_.slot("operand " + std::to_string(body_.operands.size() + 1),
                            without(outer.type(), parts_.axis));
        body_.operands.push_back(inner.id());
        inputs_.push_back(outer);
      }
      replacements_[parts_.operand_slots[j].id()] = inner;
    }
  }

  static bool widen(std::vector<Type>& types, const std::vector<Expr>& roots) {
    bool changed = false;
    for (std::size_t k = 0; k < types.size(); ++k) {
      Type wider = types[k];
      const Type& next = roots[k].type();
      wider.axes = union_axes(std::array{wider, next});
      wider.domain = std::max(wider.domain, next.domain);
      changed = changed || !(wider == types[k]);
      types[k] = std::move(wider);
    }
    return changed;
  }

  Graph& graph_;
  const ScanParts& parts_;
  std::vector<Expr> roots_;
  ScanBody body_;
  std::vector<Expr> inputs_;
  std::unordered_map<NodeId, Expr> replacements_;
};

// The scan node with some of its draws given as operands.
Expr with_draws(Graph& graph, const Node& node, std::span<const Expr> inputs, std::span<const Expr> given) {
  ScanParts parts = scan_parts(graph, node, inputs);
  std::unordered_map<NodeId, Expr> replacements;
  for (std::size_t m = 0; m < given.size(); ++m) {
    if (!given[m]) continue;
    const Expr slot = graph.input("draw", without(given[m].type(), parts.axis));
    parts.operands.push_back(given[m]);
    parts.operand_slots.push_back(slot);
    replacements[parts.draws[m].id()] = slot;
  }
  const std::size_t carries = parts.next.size();
  std::vector<Expr> roots = replay(roots_of(parts), replacements);
  parts.next.assign(roots.begin(), roots.begin() + static_cast<std::ptrdiff_t>(carries));
  parts.draws.assign(roots.begin() + static_cast<std::ptrdiff_t>(carries), roots.end());
  return make_scan(graph, parts);
}

}  // namespace

bool is_random(const Node& node) {
  return node.operation->random || (node.attributes.scan && !node.attributes.scan->draws.empty());
}

Expr positions_along(Graph& graph, AxisId axis) {
  std::vector<std::int64_t> values(static_cast<std::size_t>(graph.axis(axis).size));
  std::iota(values.begin(), values.end(), 0);
  return graph.constant(Tensor({graph.axis(axis).size}, std::move(values)), {axis});
}

ScanParts scan_parts(Graph& graph, const Node& node, std::span<const Expr> inputs) {
  const ScanBody& body = *node.attributes.scan;
  const auto middle = static_cast<std::ptrdiff_t>(body.carries.size());
  ScanParts parts;
  parts.axis = body.axis;
  parts.reverse = body.reverse;
  parts.initial.assign(inputs.begin(), inputs.begin() + middle);
  parts.operands.assign(inputs.begin() + middle, inputs.end());
  parts.carry_slots = exprs(graph, body.carries);
  parts.operand_slots = exprs(graph, body.operands);
  parts.next = exprs(graph, body.next);
  parts.draws = exprs(graph, body.draws);
  return parts;
}

Expr make_scan(Graph& graph, const ScanParts& parts) { return Settling(graph, parts).run(); }

std::vector<Expr> replay(std::span<const Expr> roots, const std::unordered_map<NodeId, Expr>& replacements) {
  if (roots.empty()) return {};
  Graph& graph = roots[0].graph();
  std::unordered_map<NodeId, Expr> rebuilt;
  for (const NodeId id : topological_order(graph, roots)) {
    if (const auto it = replacements.find(id); it != replacements.end()) {
      rebuilt[id] = it->second;
      continue;
    }
    const Node& node = graph.node(id);
    std::vector<Expr> inputs;
    bool changed = false;
    for (const NodeId input : node.inputs) {
      inputs.push_back(rebuilt.at(input));
      changed = changed || inputs.back().id() != input;
    }
    if (!changed) {
      rebuilt[id] = graph.at(id);
      continue;
    }
    std::vector<Expr> given;
    if (node.operation == &scan_operation) {
      for (std::size_t m = 0; m < node.attributes.scan->draws.size(); ++m) {
        const auto it = replacements.find(scan_output(graph.at(id), ScanPart::draw, m).id());
        given.push_back(it == replacements.end() ? Expr() : it->second);
      }
    }
    rebuilt[id] = given.empty() ? rebuild(graph, node, inputs) : with_draws(graph, node, inputs, given);
  }
  std::vector<Expr> result;
  for (const Expr& root : roots) result.push_back(rebuilt.at(root.id()));
  return result;
}

}  // namespace elbo::runtime
