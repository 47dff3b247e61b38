// Writing recurrences. Carries are grouped into circles of mutual dependence, in an order in which each needs
// only those before it. A carry in no circle is a shifted value, a running total is a cumulative sum: both
// stay vectorised. What remains becomes scan nodes, and everything else is rewritten on their histories.
#include "runtime/scan.hpp"

#include <algorithm>
#include <functional>
#include <numeric>

#include "lang/diagnostic.hpp"
#include "runtime/expression.hpp"
#include "runtime/operations/operations.hpp"
#include "runtime/windows.hpp"

namespace elbo::runtime {

namespace {

using Integers = std::vector<std::int64_t>;
using Replacements = std::unordered_map<NodeId, Expr>;

bool has_axis(Expr e, AxisId axis) {
  return std::binary_search(e.type().axes.begin(), e.type().axes.end(), axis);
}

Expr along(Expr e, AxisId axis) { return has_axis(e, axis) ? e : broadcast_axis(e, axis); }

// ---- dependence
// ----------------------------------------------------------------------------------------------------

// For every node that `roots` need, whether it depends on one of `leaves`; empty beyond the largest of them.
std::vector<bool> dependents(const Graph& graph, std::span<const Expr> roots, std::span<const Expr> leaves) {
  std::vector<bool> depends(graph.size());
  for (const Expr& leaf : leaves) depends[leaf.id()] = true;
  for (const NodeId id : topological_order(graph, roots)) {
    const auto& inputs = graph.node(id).inputs;
    if (std::any_of(inputs.begin(), inputs.end(), [&](NodeId input) { return depends[input]; }))
      depends[id] = true;
  }
  return depends;
}

bool depends_on_any(Expr root, std::span<const Expr> leaves) {
  return dependents(root.graph(), std::span(&root, 1), leaves)[root.id()];
}

// Whether a node combines entries of the axis with each other.
bool combines_along(const Node& node, AxisId axis) {
  const Integers& list = node.attributes.integers;
  const auto names = [&](std::size_t first, std::size_t count) {
    const auto from = list.begin() + static_cast<std::ptrdiff_t>(first);
    return std::find(from, from + static_cast<std::ptrdiff_t>(count), static_cast<std::int64_t>(axis)) !=
           from + static_cast<std::ptrdiff_t>(count);
  };
  const Operation* op = node.operation;
  if (op == &sum_operation || op == &max_operation || op == &min_operation || op == &product_operation) {
    return names(1, static_cast<std::size_t>(list[0]));
  }
  if (op == &to_event_operation) return names(0, 1);
  if (op == &scatter_add_operation) return names(2, list.size() - 2);
  if (op == &convolve_weight_operation) return names(windows_length + 1, list.size() - windows_length - 1);
  return op == &scan_operation && node.attributes.scan->axis == axis;
}

void require_causal(Graph& graph, AxisId axis, std::span<const Expr> roots,
                    std::span<const Expr> placeholders) {
  if (is_causal(graph, axis, roots, placeholders)) return;
  throw lang::Failure({.code = "not-causal",
                       .message = "a value that is carried along `" + graph.axis(axis).name +
                                  "` is combined over all of `" + graph.axis(axis).name +
                                  "`, of which later iterations are not known yet",
                       .span = {},
                       .related = {},
                       .hint = "combine the values after the loop"});
}

void require_shapes(Graph& graph, std::span<const Carry> carries) {
  for (const Carry& carry : carries) {
    const Type &from = carry.initial.type(), &to = carry.next.type();
    if (from.event == to.event) continue;
    throw lang::Failure({.code = "carried-shape",
                         .message = "`" + carry.placeholder.node().attributes.text +
                                    "` changes its shape from " + graph.show({{}, from.event, from.domain}) +
                                    " to " + graph.show({{}, to.event, to.domain}),
                         .span = {},
                         .related = {},
                         .hint = "give it the shape of its later values before the loop"});
  }
}

// ---- into the body
// -------------------------------------------------------------------------------------------------

// Vectorised expressions as one iteration computes them: without the axis, on placeholders for all that does
// not depend on a carry.
class Inside {
 public:
  Inside(Graph& graph, AxisId axis, std::span<const Expr> roots, std::span<const Expr> placeholders)
      : graph_(graph), axis_(axis), depends_(dependents(graph, roots, placeholders)) {
    for (const Expr& placeholder : placeholders) inside_[placeholder.id()] = placeholder;
    for (const NodeId id : topological_order(graph, roots)) {
      if (depends_[id] && !inside_.count(id)) inside_[id] = iteration(id);
    }
  }

  Expr operator()(Expr e) { return depends_[e.id()] ? inside_.at(e.id()) : operand(e); }

  /// Vectorised random values that the body draws, with what they are there: nodes, or results of inner
  /// recurrences that draw.
  std::vector<std::pair<Expr, Expr>> draws() const {
    std::vector<std::pair<Expr, Expr>> found;
    for (const auto& [id, inner] : inside_) {
      const Node& node = graph_.node(id);
      if (node.operation->random) found.emplace_back(graph_.at(id), inner);
      if (node.operation != &scan_operation) continue;
      for (std::size_t m = 0; m < node.attributes.scan->draws.size(); ++m) {
        found.emplace_back(scan_output(graph_.at(id), ScanPart::draw, m),
                           scan_output(inner, ScanPart::draw, m));
      }
    }
    std::sort(found.begin(), found.end(),
              [](const auto& a, const auto& b) { return a.first.id() < b.first.id(); });
    return found;
  }

  std::vector<Expr> operands, operand_slots;

 private:
  // The form that a value with the axis has inside, one iteration's entry of it.
  using Entry = std::function<Expr(Expr)>;

  Expr iteration(NodeId id) {
    const Node& node = graph_.node(id);
    std::vector<Expr> inputs;
    for (const NodeId input : node.inputs) inputs.push_back((*this)(graph_.at(input)));
    return stripped(node, inputs, [this](Expr e) { return operand(e); });
  }

  // The node without the axis, on inputs that lack it.
  Expr stripped(const Node& node, std::span<const Expr> inputs, const Entry& entry) {
    if (node.operation == &to_axis_operation && static_cast<AxisId>(node.attributes.integers[1]) == axis_) {
      // entry t of a dimension in iteration t
      return gather(inputs[0], entry(positions_along(graph_, axis_)), node.attributes.integers[0]);
    }
    if (node.operation == &scan_operation) return stripped_scan(node, inputs, entry);
    Node plain = node;
    if (node.operation == &broadcast_operation) drop_axis(plain.attributes.integers, 0);
    if (node.operation->random) drop_axis(plain.attributes.integers, 1);
    return rebuild(graph_, plain, inputs);
  }

  // list[at] axes follow it; ours leaves them.
  void drop_axis(Integers& list, std::size_t at) const {
    const auto first = list.begin() + static_cast<std::ptrdiff_t>(at) + 1, last = first + list[at];
    const auto found = std::find(first, last, static_cast<std::int64_t>(axis_));
    if (found == last) return;
    list.erase(found);
    --list[at];
  }

  // An inner recurrence: what has the axis in its body comes in as one more operand.
  Expr stripped_scan(const Node& node, std::span<const Expr> inputs, const Entry& entry) {
    ScanParts parts = scan_parts(graph_, node, inputs);
    const auto inner_entry = [&](Expr e) {
      Type type = e.type();
      std::erase(type.axes, axis_);
      parts.operands.push_back(entry(e));
      parts.operand_slots.push_back(graph_.input("operand", type));
      return parts.operand_slots.back();
    };
    std::vector<Expr> roots = parts.next;
    roots.insert(roots.end(), parts.draws.begin(), parts.draws.end());
    Replacements inner;
    for (const NodeId id : topological_order(graph_, roots)) {
      const Node& n = graph_.node(id);
      std::vector<Expr> in;
      for (const NodeId input : n.inputs) in.push_back(inner.at(input));
      if (n.inputs.empty()) {
        const bool varies = n.operation == &constant_operation && has_axis(graph_.at(id), axis_);
        inner[id] = varies ? inner_entry(graph_.at(id)) : graph_.at(id);
      } else {
        inner[id] = stripped(n, in, inner_entry);
      }
    }
    for (Expr& e : parts.next) e = inner.at(e.id());
    for (Expr& e : parts.draws) e = inner.at(e.id());
    return make_scan(graph_, parts);
  }

  Expr operand(Expr e) {
    if (const auto it = outside_.find(e.id()); it != outside_.end()) return it->second;
    Type type = e.type();
    std::erase(type.axes, axis_);
    const Node& node = e.node();
    Expr inner;
    if (node.operation == &broadcast_operation && has_axis(e, axis_)) {
      const Expr source = graph_.at(node.inputs[0]);
      if (!has_axis(source, axis_)) inner = broadcast(operand(source), type.axes, type.event);
    }
    if (!inner) {
      inner = graph_.input("operand", type);
      operands.push_back(e);
      operand_slots.push_back(inner);
    }
    return outside_[e.id()] = inner;
  }

  Graph& graph_;
  AxisId axis_;
  std::vector<bool> depends_;
  Replacements inside_, outside_;
};

// ---- carries
// -------------------------------------------------------------------------------------------------------

struct Histories {
  Expr before, after, last;
};

// Entries of `after` moved by one iteration, with `initial` at the start.
Expr shifted(Expr initial, Expr after, AxisId axis, bool reverse) {
  Graph& graph = initial.graph();
  const std::int64_t length = graph.axis(axis).size;
  std::vector<AxisId> axes = union_axes(std::array{initial.type(), after.type()});
  if (length < 2) return broadcast(initial, axes, initial.type().event);
  std::erase(axes, axis);
  Shape one = initial.type().event;
  one.insert(one.begin(), 1);
  const Expr start = broadcast(reshape(initial, one), axes, one);
  Integers kept(static_cast<std::size_t>(length - 1));
  std::iota(kept.begin(), kept.end(), reverse ? 1 : 0);
  const Expr rest =
      gather(to_event(after, axis, 0), graph.constant(Tensor({length - 1}, std::move(kept))), 0);
  return to_axis(reverse ? concatenate({rest, start}, 0) : concatenate({start, rest}, 0), 0, axis);
}

// `next` does not depend on any carry.
Histories shift(const Carry& carry, AxisId axis, bool reverse) {
  Graph& graph = carry.initial.graph();
  const Type& type = carry.next.type();
  std::vector<AxisId> axes = union_axes(std::array{carry.initial.type(), type});
  const Expr after = broadcast(along(carry.next, axis), axes, type.event);
  std::erase(axes, axis);
  const std::int64_t length = graph.axis(axis).size;
  Expr last = carry.initial;
  if (length > 0 && !has_axis(carry.next, axis)) last = carry.next;
  if (length > 0 && has_axis(carry.next, axis)) {
    const Tensor index(Shape{}, Integers{reverse ? 0 : length - 1});
    last = gather(to_event(carry.next, axis, 0), graph.constant(index), 0);
  }
  return {shifted(carry.initial, after, axis, reverse), after, broadcast(last, axes, type.event)};
}

// The x of next = placeholder + x, or -x of placeholder - x, if it is that.
Expr increment(const Carry& carry) {
  const Node& node = carry.next.node();
  const bool adds = node.operation == &add_operation, subtracts = node.operation == &subtract_operation;
  if (!adds && !subtracts) return {};
  for (const std::size_t i : {0, 1}) {
    if (node.inputs[i] != carry.placeholder.id() || (subtracts && i == 1)) continue;
    const Expr x = carry.next.graph().at(node.inputs[1 - i]);
    if (!depends_on_any(x, std::span(&carry.placeholder, 1))) return adds ? x : -x;
  }
  return {};
}

Histories accumulate(const Carry& carry, Expr x, AxisId axis, bool reverse) {
  const Expr steps = broadcast(along(x, axis), {axis}, carry.initial.type().event);
  const Expr totals = to_axis(cumsum_dim(to_event(steps, axis, 0), 0, reverse), 0, axis);
  const Expr after = carry.initial + totals;
  return {shifted(carry.initial, after, axis, reverse), after, carry.initial + sum_axis(steps, axis)};
}

class Builder {
 public:
  Builder(Graph& graph, AxisId axis, std::span<const Carry> carries, std::span<const Expr> outputs,
          bool reverse)
      : graph_(graph),
        axis_(axis),
        reverse_(reverse),
        carries_(carries.begin(), carries.end()),
        outputs_(outputs.begin(), outputs.end()),
        histories_(carries.size()) {}

  ScanResult run() {
    for (const auto& circle : circles()) compute(circle);
    ScanResult result;
    for (const Histories& h : histories_) {
      result.before.push_back(h.before);
      result.after.push_back(h.after);
      result.last.push_back(h.last);
    }
    for (const Expr& output : outputs_) result.outputs.push_back(along(output, axis_));
    return result;
  }

 private:
  // Carries that depend on each other, each group after those that it needs.
  std::vector<std::vector<std::size_t>> circles() const {
    const std::size_t n = carries_.size();
    std::vector<std::vector<bool>> needs(n, std::vector<bool>(n));
    for (std::size_t i = 0; i < n; ++i) {
      for (std::size_t j = 0; j < n; ++j) {
        needs[i][j] = depends_on_any(carries_[i].next, std::span(&carries_[j].placeholder, 1));
      }
    }
    for (std::size_t via = 0; via < n; ++via) {
      for (std::size_t i = 0; i < n; ++i) {
        for (std::size_t j = 0; j < n; ++j) {
          if (needs[i][via] && needs[via][j]) needs[i][j] = true;
        }
      }
    }
    std::vector<std::vector<std::size_t>> groups;
    std::vector<bool> done(n);
    while (true) {
      const auto ready = [&](std::size_t i) {
        for (std::size_t j = 0; j < n; ++j) {
          if (needs[i][j] && !needs[j][i] && !done[j]) return false;
        }
        return !done[i];
      };
      std::size_t first = 0;
      while (first < n && !ready(first)) ++first;
      if (first == n) return groups;
      groups.push_back({first});
      for (std::size_t j = first + 1; j < n; ++j) {
        if (needs[first][j] && needs[j][first]) groups.back().push_back(j);
      }
      for (const std::size_t i : groups.back()) done[i] = true;
    }
  }

  void compute(const std::vector<std::size_t>& circle) {
    const Carry& carry = carries_[circle[0]];
    Replacements replacements;
    if (circle.size() == 1 && !depends_on_any(carry.next, std::span(&carry.placeholder, 1))) {
      histories_[circle[0]] = shift(carry, axis_, reverse_);
    } else if (const Expr x = circle.size() == 1 ? increment(carry) : Expr()) {
      histories_[circle[0]] = accumulate(carry, x, axis_, reverse_);
      replacements[carry.next.id()] = histories_[circle[0]].after;
    } else {
      replacements = run_scan(circle);
    }
    for (const std::size_t k : circle) replacements[carries_[k].placeholder.id()] = histories_[k].before;
    replace(replacements);
  }

  // All that has not been computed yet, seen on the histories.
  void replace(const Replacements& replacements) {
    std::vector<Expr*> open;
    for (Expr& output : outputs_) open.push_back(&output);
    for (std::size_t k = 0; k < carries_.size(); ++k) {
      if (!histories_[k].last) open.push_back(&carries_[k].next);
    }
    std::vector<Expr> roots;
    for (const Expr* e : open) roots.push_back(*e);
    roots = replay(roots, replacements);
    for (std::size_t i = 0; i < open.size(); ++i) *open[i] = roots[i];
  }

  Replacements run_scan(const std::vector<std::size_t>& circle) {
    std::vector<Expr> placeholders, roots;
    for (const std::size_t k : circle) {
      placeholders.push_back(carries_[k].placeholder);
      roots.push_back(carries_[k].next);
    }
    Inside inside(graph_, axis_, roots, placeholders);
    ScanParts parts;
    parts.axis = axis_;
    parts.reverse = reverse_;
    parts.carry_slots = placeholders;
    for (const std::size_t k : circle) parts.initial.push_back(carries_[k].initial);
    for (const Expr& root : roots) parts.next.push_back(inside(root));
    const auto draws = inside.draws();
    for (const auto& [outer, inner] : draws) parts.draws.push_back(inner);
    parts.operands = inside.operands;
    parts.operand_slots = inside.operand_slots;
    const Expr node = make_scan(graph_, parts);
    Replacements replacements;
    for (std::size_t i = 0; i < circle.size(); ++i) {
      Histories& h = histories_[circle[i]];
      h.before = scan_output(node, ScanPart::before, i);
      h.after = scan_output(node, ScanPart::after, i);
      h.last = scan_output(node, ScanPart::last, i);
      replacements[roots[i].id()] = h.after;
    }
    for (std::size_t m = 0; m < draws.size(); ++m) {
      replacements[draws[m].first.id()] = scan_output(node, ScanPart::draw, m);
    }
    return replacements;
  }

  Graph& graph_;
  AxisId axis_;
  bool reverse_;
  std::vector<Carry> carries_;
  std::vector<Expr> outputs_;
  std::vector<Histories> histories_;
};

}  // namespace

bool is_causal(Graph& graph, AxisId axis, std::span<const Expr> roots, std::span<const Expr> placeholders) {
  const std::vector<bool> depends = dependents(graph, roots, placeholders);
  for (const NodeId id : topological_order(graph, roots)) {
    const Node& node = graph.node(id);
    const bool from_carry =
        std::any_of(node.inputs.begin(), node.inputs.end(), [&](NodeId i) { return depends[i]; });
    if (from_carry && combines_along(node, axis)) return false;
  }
  return true;
}

ScanResult scan(Graph& graph, AxisId axis, std::span<const Carry> carries, std::span<const Expr> outputs,
                bool reverse) {
  require_shapes(graph, carries);
  std::vector<Expr> placeholders, roots(outputs.begin(), outputs.end());
  for (const Carry& carry : carries) {
    if (has_axis(carry.initial, axis)) {
      throw lang::InternalError("the first value of a recurrence already has the axis " +
                                graph.axis(axis).name);
    }
    placeholders.push_back(carry.placeholder);
    roots.push_back(carry.next);
  }
  require_causal(graph, axis, roots, placeholders);
  return Builder(graph, axis, carries, outputs, reverse).run();
}

}  // namespace elbo::runtime
