// Axes of the loops around a statement, and values cut to part of a plate.
#include "runtime/plates.hpp"

#include <algorithm>

#include "lang/diagnostic.hpp"
#include "runtime/expression.hpp"
#include "runtime/operations/operations.hpp"
#include "runtime/program.hpp"

namespace elbo::runtime {

namespace {

bool contains(const std::vector<AxisId>& axes, AxisId axis) {
  return std::find(axes.begin(), axes.end(), axis) != axes.end();
}

/// The axis along which positions count 0, 1, …, extent - 1; nothing when they do not.
std::optional<AxisId> counted_axis(Expr positions, std::int64_t extent) {
  const Node& node = positions.node();
  const Type& type = node.type;
  if (node.operation != &constant_operation || type.axes.size() != 1 || !type.event.empty())
    return std::nullopt;
  const Tensor& tensor = *node.attributes.tensor;
  if (tensor.size() != extent) return std::nullopt;
  for (std::int64_t i = 0; i < extent; ++i) {
    if (tensor.integer(i) != i) return std::nullopt;
  }
  return type.axes[0];
}

}  // namespace

bool is_fixed(Expr expression) {
  const Graph& graph = expression.graph();
  const auto order = topological_order(graph, std::span(&expression, 1));
  return std::none_of(order.begin(), order.end(), [&](NodeId id) {
    const Operation& operation = *graph.node(id).operation;
    return &operation == &input_operation || operation.random != nullptr;
  });
}

std::optional<Tensor> known_value(Expr expression) {
  const Node& root = expression.node();
  if (root.operation == &constant_operation) return *root.attributes.tensor;
  if (!is_fixed(expression)) return std::nullopt;
  return evaluate(expression);
}

Expr folded(Expr expression) {
  const Type& type = expression.type();
  if (type.domain == Domain::real || expression.node().operation == &constant_operation) return expression;
  const auto value = known_value(expression);
  return value ? expression.graph().constant(*value, type.axes) : expression;
}

Expr with_leading(Expr value, const std::vector<AxisId>& plates) {
  value = broadcast(value, plates, value.type().event);
  for (std::size_t i = 0; i < plates.size(); ++i)
    value = to_event(value, plates[i], static_cast<std::int64_t>(i));
  return value;
}

Expr take(Expr value, Expr positions, std::int64_t dim) {
  const std::int64_t extent = value.type().event.at(static_cast<std::size_t>(dim));
  if (const auto axis = counted_axis(positions, extent); axis && !contains(value.type().axes, *axis)) {
    return to_axis(value, dim, *axis);
  }
  return gather(value, positions, dim);
}

void Plates::enter(AxisId axis, std::vector<Restriction> restrictions) {
  frames_.push_back({axis, std::move(restrictions), {}});
}

void Plates::leave() { frames_.pop_back(); }

std::vector<AxisId> Plates::active() const {
  std::vector<AxisId> result;
  for (const Frame& frame : frames_) {
    for (const Restriction& r : frame.restrictions) std::erase(result, r.axis);
    result.push_back(frame.axis);
  }
  return result;
}

Expr Plates::seen(Expr value) {
  for (Frame& frame : frames_) {
    const std::vector<AxisId>& axes = value.type().axes;
    const bool is_cut = std::any_of(frame.restrictions.begin(), frame.restrictions.end(),
                                    [&](const Restriction& r) { return contains(axes, r.axis); });
    if (!is_cut) continue;
    auto [entry, fresh] = frame.seen.try_emplace(value.id());
    if (fresh) entry->second = restricted(value, frame);
    value = entry->second;
  }
  return value;
}

// All restricted axes of the value are joined to one dimension, of which the new axis picks its entries.
Expr Plates::restricted(Expr value, const Frame& frame) const {
  const auto count = static_cast<std::size_t>(graph_->axis(frame.axis).size);
  std::vector<std::int64_t> positions(count, 0);
  std::vector<AxisId> joined;
  std::int64_t extent = 1;
  for (const Plates::Restriction& r : frame.restrictions) {
    if (!contains(value.type().axes, r.axis)) continue;
    const std::int64_t size = graph_->axis(r.axis).size;
    for (std::size_t i = 0; i < count; ++i) positions[i] = positions[i] * size + r.positions[i];
    joined.push_back(r.axis);
    extent *= size;
  }
  Shape flat = value.type().event;
  flat.insert(flat.begin(), extent);
  const Expr list = reshape(with_leading(value, joined), flat);
  const Expr index =
      graph_->constant(Tensor({static_cast<std::int64_t>(count)}, std::move(positions)), {frame.axis});
  return folded(take(list, index, 0));
}

}  // namespace elbo::runtime
