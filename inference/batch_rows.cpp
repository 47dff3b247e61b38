// Choosing rows, pushed down through an expression.
#include "inference/batch_rows.hpp"

#include <algorithm>
#include <array>

#include "runtime/expression.hpp"
#include "runtime/operations/operations.hpp"
#include "runtime/training.hpp"
#include "runtime/windows.hpp"

namespace elbo::inference {

using namespace runtime;

namespace {

std::vector<Expr> inputs_of(Expr e) {
  std::vector<Expr> inputs;
  for (const NodeId id : e.node().inputs) inputs.push_back(e.graph().at(id));
  return inputs;
}

std::int64_t rank(Expr e) { return static_cast<std::int64_t>(e.type().event.size()); }

bool is_reduction(const Operation* operation) {
  return operation == &sum_operation || operation == &max_operation || operation == &min_operation ||
         operation == &product_operation;
}

}  // namespace

bool BatchRows::is_loop(std::int64_t axis) const {
  return std::find(loops_.begin(), loops_.end(), static_cast<AxisId>(axis)) != loops_.end();
}

bool BatchRows::has_loop(const Type& type) const {
  return std::any_of(type.axes.begin(), type.axes.end(), [&](AxisId a) { return is_loop(a); });
}

Expr BatchRows::in_loop(Expr e) {
  if (!has_loop(e.type())) return e;
  if (const auto it = in_loop_.find(e.id()); it != in_loop_.end()) return it->second;
  const Expr result = rebuilt_in_loop(e);
  in_loop_[e.id()] = result;
  return result;
}

Expr BatchRows::chosen_late(Expr e) {
  const auto loop =
      std::find_if(e.type().axes.begin(), e.type().axes.end(), [&](AxisId a) { return is_loop(a); });
  return to_axis(gather(to_event(e, *loop, 0), index_, 0), 0, batch_);
}

Expr BatchRows::drawn_in_batch(Expr e) {
  // attributes: {stream, number of axes, axes…, event dimensions…}
  Attributes attributes = e.node().attributes;
  const auto first = attributes.integers.begin() + 2, last = first + attributes.integers[1];
  std::replace_if(
      first, last, [&](std::int64_t axis) { return is_loop(axis); }, static_cast<std::int64_t>(batch_));
  std::sort(first, last);
  return e.graph().add(random_uniform_operation, {}, std::move(attributes));
}

Expr BatchRows::rebuilt_in_loop(Expr e) {
  Graph& graph = e.graph();
  const Node& node = e.node();
  const std::vector<std::int64_t>& integers = node.attributes.integers;
  if (node.operation == &constant_operation) {
    // leading dimensions are the axes, in the order of the attributes
    Expr x = graph.constant(*node.attributes.tensor);
    for (std::size_t d = 0; d < integers.size(); ++d) {
      if (is_loop(integers[d])) x = gather(x, index_, static_cast<std::int64_t>(d));
    }
    for (const std::int64_t axis : integers)
      x = to_axis(x, 0, is_loop(axis) ? batch_ : static_cast<AxisId>(axis));
    return x;
  }
  const std::vector<Expr> inputs = inputs_of(e);
  if (node.operation == &to_axis_operation && is_loop(integers[1]))
    return to_axis(along(inputs[0], integers[0]), integers[0], batch_);
  if (node.operation == &broadcast_operation) {
    std::vector<AxisId> axes;
    for (std::int64_t i = 0; i < integers[0]; ++i) {
      const std::int64_t axis = integers[static_cast<std::size_t>(i + 1)];
      axes.push_back(is_loop(axis) ? batch_ : static_cast<AxisId>(axis));
    }
    return broadcast(in_loop(inputs[0]), axes, e.type().event);
  }
  // Draws of no seed of their own are as good for one row as for another.
  if (node.operation == &random_uniform_operation && node.attributes.text.empty()) return drawn_in_batch(e);
  // Recurrences hold the axes of what they carry, random numbers those of what they draw.
  if (inputs.empty() || node.attributes.scan || node.operation->random) return chosen_late(e);
  std::vector<Expr> moved;
  for (const Expr& input : inputs) moved.push_back(in_loop(input));
  return rebuild(graph, node, moved);
}

Expr BatchRows::along(Expr e, std::int64_t dim) {
  if (dim == 0) {
    if (const auto it = known_.find(e.id()); it != known_.end()) return it->second;
  }
  if (along_.size() <= static_cast<std::size_t>(dim)) along_.resize(static_cast<std::size_t>(dim) + 1);
  if (const auto it = along_[static_cast<std::size_t>(dim)].find(e.id());
      it != along_[static_cast<std::size_t>(dim)].end())
    return it->second;
  const Expr result = rebuilt_along(e, dim);
  along_[static_cast<std::size_t>(dim)][e.id()] = result;
  return result;
}

Expr BatchRows::rebuilt_along(Expr e, std::int64_t dim) {
  Graph& graph = e.graph();
  const Node& node = e.node();
  const std::vector<std::int64_t>& integers = node.attributes.integers;
  const std::vector<Expr> inputs = inputs_of(e);
  const Operation* operation = node.operation;
  if (inputs.empty() || operation->random) return gather(e, index_, dim);
  const Expr x = inputs[0];
  const bool keeps_places = operation == &stop_gradient_operation ||
                            operation == &with_gradient_of_operation || operation == &followed_operation;
  if (operation == &plate_mean_operation) return rebuild(graph, node, std::array{along(x, dim)});
  if (operation->elementwise || keeps_places) {
    // event dimensions are aligned from the last one
    std::vector<Expr> chosen;
    for (const Expr& input : inputs) {
      const std::int64_t own = dim - (rank(e) - rank(input));
      const bool spread = own < 0 || input.type().event[static_cast<std::size_t>(own)] == 1;
      chosen.push_back(spread ? input : along(input, own));
    }
    return rebuild(graph, node, chosen);
  }
  if (operation == &broadcast_operation) {
    Shape event = e.type().event;
    event[static_cast<std::size_t>(dim)] = index_.type().event[0];
    const std::int64_t own = dim - (rank(e) - rank(x));
    const bool spread = own < 0 || x.type().event[static_cast<std::size_t>(own)] == 1;
    return broadcast(spread ? x : along(x, own), e.type().axes, event);
  }
  if (operation == &to_event_operation) {
    const auto axis = static_cast<AxisId>(integers[0]);
    if (dim == integers[1]) return is_loop(axis) ? to_event(in_loop(x), batch_, dim) : gather(e, index_, dim);
    return to_event(along(x, dim < integers[1] ? dim : dim - 1), axis, integers[1]);
  }
  if (operation == &to_axis_operation)
    return to_axis(along(x, dim < integers[0] ? dim : dim + 1), integers[0],
                   static_cast<AxisId>(integers[1]));
  if (operation == &gather_operation) {
    const Expr at = inputs[1];
    const std::int64_t from = integers[0];
    if (dim < from) return gather(along(x, dim), at, from);
    if (dim < from + rank(at)) return gather(x, along(at, dim - from), from);
    return gather(along(x, dim - rank(at) + 1), at, from);
  }
  if (operation == &matmul_operation && dim == 0 && rank(x) == 2) return matmul(along(x, 0), inputs[1]);
  const bool is_convolution = operation == &convolve_operation || operation == &convolve_transpose_operation;
  if (is_convolution && dim < rank(e) - 3) return rebuild(graph, node, std::array{along(x, dim), inputs[1]});
  const bool is_pool = operation == &pool_sum_operation || operation == &pool_max_operation;
  if (is_pool && dim < rank(e) - 2) {
    std::vector<Expr> chosen;
    for (const Expr& input : inputs) chosen.push_back(along(input, dim));
    return rebuild(graph, node, chosen);
  }
  if (operation == &permute_operation)
    return permute(along(x, integers[static_cast<std::size_t>(dim)]), integers);
  if (operation == &reshape_operation && dim == 0 && rank(x) > 0 && x.type().event[0] == e.type().event[0]) {
    Shape event = e.type().event;
    event[0] = index_.type().event[0];
    return reshape(along(x, 0), event);
  }
  if (is_reduction(operation)) {
    std::int64_t own = dim;
    for (const std::int64_t d : reduction(node.attributes).dims) own += d <= own ? 1 : 0;
    return graph.add(*operation, {along(x, own)}, node.attributes);
  }
  if (operation == &cumsum_operation && integers[0] != dim)
    return rebuild(graph, node, std::array{along(x, dim)});
  if (operation == &concatenate_operation && integers[0] != dim) {
    std::vector<Expr> parts;
    for (const Expr& part : inputs) parts.push_back(along(part, dim));
    return concatenate(parts, integers[0]);
  }
  return gather(e, index_, dim);
}

}  // namespace elbo::inference
