// Where the values of tiled loops lie, and their products written down.
#include "runtime/plan_tiles.hpp"

#include <algorithm>

#include "runtime/layout.hpp"
#include "runtime/operations/strided.hpp"

namespace elbo::runtime {

namespace {

// Of a block's rows, predictors and factors: a part of the second-level cache of any processor.
constexpr std::int64_t tile_bytes = 128 * 1024;
constexpr std::int64_t least_block = 64, most_block = 256;

std::vector<std::int64_t> strides(const Placement& placement) {
  std::vector<std::int64_t> result = placement.axis_strides;
  result.insert(result.end(), placement.event_strides.begin(), placement.event_strides.end());
  return result;
}

// Strides of an input of a product over the dimensions of the result: `own` is the dimension of its event
// that stays, and has the same place in the result.
std::vector<std::int64_t> over_result(const Type& result, const Type& type, const Placement& placement,
                                      std::size_t own) {
  std::vector<std::int64_t> list;
  for (const AxisId axis : result.axes) {
    const auto it = std::find(type.axes.begin(), type.axes.end(), axis);
    list.push_back(
        it == type.axes.end() ? 0 : placement.axis_strides[static_cast<std::size_t>(it - type.axes.begin())]);
  }
  list.push_back(own == 0 ? placement.event_strides[0] : 0);
  list.push_back(own == 1 ? placement.event_strides[1] : 0);
  return list;
}

}  // namespace

std::int64_t tile_block(const Graph& graph, const Group& group, Precision precision) {
  std::int64_t widest = 0, columns = 0;
  for (const FusedProduct& p : group.products) {
    const Node& node = graph.node(p.node);
    const Shape& event = graph.node(node.inputs[p.rows]).type.event;
    widest = std::max(widest, event[p.is_transposed == (p.rows == 1) ? 1 : 0]);
    columns += graph.element_count(node.type) / dimension_sizes(graph, node.type)[p.dimension];
  }
  const std::int64_t rows = tile_bytes / element_bytes(precision) / (widest + columns);
  return std::clamp(rows / 64 * 64, least_block, most_block);
}

Placement placement_along(const Graph& graph, const Type& type, std::size_t dimension, std::int64_t step) {
  const std::vector<std::int64_t> dims = dimension_sizes(graph, type);
  std::vector<std::int64_t> list(dims.size(), 1);
  for (std::size_t d = dims.size(); d-- > 0;) {
    if (d == dimension) continue;
    list[d] = step;
    step *= dims[d];
  }
  Placement p;
  const auto middle = list.begin() + static_cast<std::ptrdiff_t>(type.axes.size());
  p.axis_strides.assign(list.begin(), middle);
  p.event_strides.assign(middle, list.end());
  return p;
}

TileProduct tile_product(const Graph& graph, const FusedProduct& product, std::int64_t rows,
                         std::int64_t block, const std::function<const Placement&(NodeId)>& placement) {
  const Node& node = graph.node(product.node);
  const NodeId matrix = node.inputs[product.rows], other = node.inputs[1 - product.rows];
  const Type &matrix_type = graph.node(matrix).type, &other_type = graph.node(other).type;
  const std::size_t kept =
      product.rows;  // dimension of the matrix's event that stays; of the other's, 1 - kept
  TileProduct p;
  p.is_transposed = product.is_transposed;
  p.rows = placement(matrix).location;
  // What is one entry per column: strides over the result's dimensions in the columns or factors, and in what
  // is made of them.
  const std::vector<std::int64_t> dims = dimension_sizes(graph, node.type),
                                  made = strides(placement(product.node)),
                                  used = over_result(node.type, other_type, placement(other), 1 - kept);
  if (p.is_transposed) {
    p.row_stride = placement(matrix).event_strides[1 - kept];
    p.width = matrix_type.event[kept];
    p.value = placement(other).location;
    p.matrix = placement(product.node).location;
    p.step = made[product.dimension];
  } else {
    p.row_stride = over_result(node.type, matrix_type, placement(matrix), kept)[product.dimension];
    p.width = matrix_type.event[1 - kept];
    p.value = placement(product.node).location;
    p.matrix = placement(other).location;
    p.step = placement(other).event_strides[kept];
  }
  p.column_step = p.value.in_tile ? block : rows;
  StridedPair columns;
  p.columns = 1;
  for (std::size_t d = 0; d < dims.size(); ++d) {
    if (d == product.dimension) continue;
    columns.add(dims[d], p.is_transposed ? used[d] : made[d], p.is_transposed ? made[d] : used[d]);
    p.columns *= dims[d];
  }
  p.at.assign(static_cast<std::size_t>(p.columns), 0);
  columns.run([&](std::int64_t in_value, std::int64_t in_matrix) {
    p.at.at(static_cast<std::size_t>(in_value / p.column_step)) = in_matrix;
  });
  return p;
}

void move_last(Loop& loop, std::size_t dimension) {
  const auto move = [&](std::vector<std::int64_t>& list) {
    const auto at = list.begin() + static_cast<std::ptrdiff_t>(dimension);
    std::rotate(at, at + 1, list.end());
  };
  move(loop.dims);
  for (LoopView& view : loop.views) move(view.strides);
  for (SumStep& step : loop.sums) move(step.strides);
}

}  // namespace elbo::runtime
