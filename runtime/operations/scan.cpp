// Recurrences as nodes: a scan node computes all values of its carries, scan_output nodes are its results.
// How they are written and differentiated is in runtime/scan.cpp and runtime/scan_gradient.cpp, how they run
// in the planner and the executor.
#include <algorithm>

#include "lang/diagnostic.hpp"
#include "runtime/operations/operations.hpp"
#include "runtime/scan.hpp"
#include "runtime/scan_gradient.hpp"

namespace elbo::runtime {

namespace {

// The value of one iteration, seen over all of them.
Type along(Type type, AxisId axis) {
  type.axes.push_back(axis);
  std::sort(type.axes.begin(), type.axes.end());
  return type;
}

// A node of the body may stand for an outer value of this type.
bool fits(const Type& outer, const Type& inner, AxisId axis) {
  Type stripped = outer;
  std::erase(stripped.axes, axis);
  return stripped.axes == inner.axes && stripped.event == inner.event;
}

// The type says how many numbers a recurrence gives; its results have types of their own.
TypeResult scan_type(const TypeContext& context) {
  const Graph& graph = *context.graph;
  const ScanBody& body = *context.attributes->scan;
  const std::size_t carries = body.carries.size();
  if (context.inputs.size() != carries + body.operands.size() || body.next.size() != carries) {
    return {{}, "a recurrence has not the inputs that its body needs"};
  }
  std::int64_t numbers = 0;
  for (std::size_t k = 0; k < carries; ++k) {
    const Type& carry = graph.node(body.carries[k]).type;
    const Type &initial = context.inputs[k], &next = graph.node(body.next[k]).type;
    const bool same = next.axes == carry.axes && next.event == carry.event && initial.event == carry.event;
    if (!same ||
        !std::includes(carry.axes.begin(), carry.axes.end(), initial.axes.begin(), initial.axes.end())) {
      return {{}, "a value carried along " + graph.axis(body.axis).name + " changes its shape"};
    }
    numbers += graph.element_count(carry);
  }
  for (std::size_t j = 0; j < body.operands.size(); ++j) {
    if (!fits(context.inputs[carries + j], graph.node(body.operands[j]).type, body.axis)) {
      return {{}, "an operand of a recurrence has not the shape that its body expects"};
    }
  }
  for (const NodeId draw : body.draws) numbers += graph.element_count(graph.node(draw).type);
  return {{{}, {graph.axis(body.axis).size, numbers}, Domain::real}, {}};
}

Expr rebuild_scan(Graph& graph, const Node& node, std::span<const Expr> inputs) {
  return make_scan(graph, scan_parts(graph, node, inputs));
}

// attributes: {part, index}, and the body
TypeResult scan_output_type(const TypeContext& context) {
  const Graph& graph = *context.graph;
  const ScanBody& body = *context.attributes->scan;
  const auto part = static_cast<ScanPart>(context.attributes->integers[0]);
  const auto index = static_cast<std::size_t>(context.attributes->integers[1]);
  if (part == ScanPart::draw) return {along(graph.node(body.draws.at(index)).type, body.axis), {}};
  const Type& carry = graph.node(body.carries.at(index)).type;
  return {part == ScanPart::last ? carry : along(carry, body.axis), {}};
}

Expr rebuild_scan_output(Graph&, const Node& node, std::span<const Expr> inputs) {
  return scan_output(inputs[0], static_cast<ScanPart>(node.attributes.integers[0]),
                     static_cast<std::size_t>(node.attributes.integers[1]));
}

// The scan node gathers the cotangents of its results by itself.
std::vector<Expr> scan_output_gradient(std::span<const Expr>, Expr, Expr cotangent) { return {cotangent}; }

}  // namespace

Expr scan_output(Expr scan, ScanPart part, std::size_t index) {
  if (scan.node().operation != &scan_operation) {
    throw lang::InternalError("a result is asked of what is not a recurrence");
  }
  Attributes attributes;
  attributes.integers = {static_cast<std::int64_t>(part), static_cast<std::int64_t>(index)};
  attributes.scan = scan.node().attributes.scan;
  return scan.graph().add(scan_output_operation, {scan}, std::move(attributes));
}

const Operation scan_operation{.name = "scan",
                               .symbol = {},
                               .signature = {},
                               .help = "values carried from entry to entry of an axis",
                               .arity = -1,
                               .infer = scan_type,
                               .projected_gradient = scan_gradient,
                               .rebuild = rebuild_scan};
const Operation scan_output_operation{.name = "scan_output",
                                      .symbol = {},
                                      .signature = {},
                                      .help = "one of the values that a scan computes",
                                      .arity = 1,
                                      .infer = scan_output_type,
                                      .gradient = scan_output_gradient,
                                      .rebuild = rebuild_scan_output,
                                      .is_view = true};

}  // namespace elbo::runtime
