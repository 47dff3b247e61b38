// Operations that move values without changing them: views (broadcast, permute, axes to dimensions and back,
// and those that only direct gradients) and gathers with their transposes.
#include <algorithm>
#include <numeric>

#include "runtime/expression.hpp"
#include "runtime/operations/operations.hpp"
#include "runtime/operations/strided.hpp"
#include "runtime/scan.hpp"

namespace elbo::runtime {

namespace {

using Integers = std::vector<std::int64_t>;

Expr arange(Graph& graph, std::int64_t first, std::int64_t count) {
  Integers values(static_cast<std::size_t>(count));
  std::iota(values.begin(), values.end(), first);
  return graph.constant(Tensor({count}, std::move(values)));
}

// ---- views
// ---------------------------------------------------------------------------------------------------------

TypeResult broadcast_type(const TypeContext& context) {
  const Integers& list = context.attributes->integers;
  Type type = context.inputs[0];
  const auto first = list.begin() + 1, middle = first + list[0];
  type.axes.insert(type.axes.end(), first, middle);
  std::sort(type.axes.begin(), type.axes.end());
  type.axes.erase(std::unique(type.axes.begin(), type.axes.end()), type.axes.end());
  const Shape target(middle, list.end());
  Shape joined;
  if (!broadcast(type.event, target, joined) || joined != target) {
    return {{}, "shape " + show(type.event) + " does not spread to " + show(target)};
  }
  type.event = target;
  return {std::move(type), {}};
}

std::vector<Expr> pass_gradient(std::span<const Expr>, Expr, Expr cotangent) { return {cotangent}; }

TypeResult reshape_type(const TypeContext& context) {
  Type type = context.inputs[0];
  const Shape& target = context.attributes->integers;
  if (element_count(target) != element_count(type.event)) {
    return {{}, "a tensor of shape " + show(type.event) + " cannot be reshaped to " + show(target)};
  }
  type.event = target;
  return {std::move(type), {}};
}

std::vector<Expr> reshape_gradient(std::span<const Expr> in, Expr out, Expr cotangent) {
  return {reshape(broadcast(cotangent, out.type().axes, out.type().event), in[0].type().event)};
}

// A contiguous copy; the planner makes it a view where the input's memory allows.
void run_reshape(const RunContext& context) {
  const View& in = context.inputs[0];
  StridedLoop loop;
  for (std::size_t i = 0; i < in.dims.size(); ++i) loop.add(in.dims[i], in.strides[i]);
  with_number_type(context.precision, [&](auto zero) {
    using T = decltype(zero);
    T* to = static_cast<T*>(context.output->data);
    loop.run([&](std::int64_t from) { *to++ = static_cast<const T*>(in.data)[from]; });
  });
}

TypeResult permute_type(const TypeContext& context) {
  Type type = context.inputs[0];
  const Integers& order = context.attributes->integers;
  Integers named = order, all(type.event.size());
  std::sort(named.begin(), named.end());
  std::iota(all.begin(), all.end(), 0);
  if (named != all) return {{}, "a permutation must name every dimension once"};
  Shape event;
  for (const std::int64_t dim : order) event.push_back(type.event[static_cast<std::size_t>(dim)]);
  type.event = std::move(event);
  return {std::move(type), {}};
}

std::vector<Expr> permute_gradient(std::span<const Expr>, Expr out, Expr cotangent) {
  const Integers& order = out.node().attributes.integers;
  Integers inverse(order.size());
  for (std::size_t i = 0; i < order.size(); ++i)
    inverse[static_cast<std::size_t>(order[i])] = static_cast<std::int64_t>(i);
  return {permute(broadcast(cotangent, out.type().axes, out.type().event), inverse)};
}

TypeResult to_axis_type(const TypeContext& context) {
  Type type = context.inputs[0];
  const auto dim = static_cast<std::size_t>(context.attributes->integers[0]);
  const auto axis = static_cast<AxisId>(context.attributes->integers[1]);
  if (dim >= type.event.size() || type.event[dim] != context.graph->axis(axis).size) {
    return {{},
            "dimension " + std::to_string(dim + 1) + " of shape " + show(type.event) + " is not as long as " +
                context.graph->axis(axis).name};
  }
  if (std::find(type.axes.begin(), type.axes.end(), axis) != type.axes.end()) {
    return {{}, "the value already has the axis " + context.graph->axis(axis).name};
  }
  type.event.erase(type.event.begin() + static_cast<std::ptrdiff_t>(dim));
  type.axes.push_back(axis);
  std::sort(type.axes.begin(), type.axes.end());
  return {std::move(type), {}};
}

// A value that has got the axis since: its entries with equal positions along the axis and the dimension.
Expr rebuild_to_axis(Graph& graph, const Node& node, std::span<const Expr> in) {
  const auto axis = static_cast<AxisId>(node.attributes.integers[1]);
  const auto& axes = in[0].type().axes;
  if (!std::binary_search(axes.begin(), axes.end(), axis))
    return graph.add(to_axis_operation, in, node.attributes);
  return gather(in[0], positions_along(graph, axis), node.attributes.integers[0]);
}

std::vector<Expr> to_axis_gradient(std::span<const Expr>, Expr out, Expr cotangent) {
  const Integers& list = out.node().attributes.integers;
  const auto axis = static_cast<AxisId>(list[1]);
  return {to_event(broadcast(cotangent, {axis}, out.type().event), axis, list[0])};
}

TypeResult to_event_type(const TypeContext& context) {
  Type type = context.inputs[0];
  const auto axis = static_cast<AxisId>(context.attributes->integers[0]);
  const std::int64_t dim = context.attributes->integers[1];
  const auto it = std::find(type.axes.begin(), type.axes.end(), axis);
  if (it == type.axes.end() || dim < 0 || dim > static_cast<std::int64_t>(type.event.size())) {
    return {{}, "the value has no axis " + context.graph->axis(axis).name};
  }
  type.axes.erase(it);
  type.event.insert(type.event.begin() + dim, context.graph->axis(axis).size);
  return {std::move(type), {}};
}

std::vector<Expr> to_event_gradient(std::span<const Expr>, Expr out, Expr cotangent) {
  const Integers& list = out.node().attributes.integers;
  return {to_axis(broadcast(cotangent, {}, out.type().event), list[1], static_cast<AxisId>(list[0]))};
}

TypeResult same_type(const TypeContext& context) { return {context.inputs[0], {}}; }

// y may have axes that x lacks, and x dimensions along which y is the same for all.
TypeResult with_gradient_type(const TypeContext& context) {
  Type type = context.inputs[0];
  const Shape& other = context.inputs[1].event;
  Shape joined;
  if (!broadcast(other, type.event, joined) || joined != type.event) {
    return {
        {},
        "the gradient of shape " + show(other) + " does not spread to a value of shape " + show(type.event)};
  }
  type.axes = union_axes(context.inputs);
  return {std::move(type), {}};
}

std::vector<Expr> pass_gradient_to_other(std::span<const Expr>, Expr, Expr cotangent) {
  return {Expr(), cotangent};
}

// ---- gather and scatter
// ----------------------------------------------------------------------------------------------

// attributes: {dim}
TypeResult gather_type(const TypeContext& context) {
  const Type &x = context.inputs[0], &index = context.inputs[1];
  const auto dim = static_cast<std::size_t>(context.attributes->integers[0]);
  if (dim >= x.event.size())
    return {{}, "there is no dimension " + std::to_string(dim + 1) + " in shape " + show(x.event)};
  Type type;
  type.axes = union_axes(context.inputs);
  type.event = x.event;
  type.event.erase(type.event.begin() + static_cast<std::ptrdiff_t>(dim));
  type.event.insert(type.event.begin() + static_cast<std::ptrdiff_t>(dim), index.event.begin(),
                    index.event.end());
  type.domain = x.domain;
  return {std::move(type), {}};
}

std::vector<Expr> gather_gradient(std::span<const Expr> in, Expr out, Expr cotangent) {
  const std::int64_t dim = out.node().attributes.integers[0];
  const Type& x = in[0].type();
  Integers list{dim, x.event[static_cast<std::size_t>(dim)]};
  const std::vector<AxisId>& axes = out.type().axes;
  std::set_difference(axes.begin(), axes.end(), x.axes.begin(), x.axes.end(), std::back_inserter(list));
  const Expr full = broadcast(cotangent, out.type().axes, out.type().event);
  return {out.graph().add(scatter_add_operation, {full, in[1]},
                          {.integers = list, .text = {}, .tensor = nullptr}),
          Expr()};
}

// attributes: {dim, size of that dimension in the result, summed axes…}. The summed axes are listed, not the
// kept ones, so that axes which substitution brings later are kept.
TypeResult scatter_type(const TypeContext& context) {
  const Integers& list = context.attributes->integers;
  Type type = context.inputs[0];
  const auto dim = type.event.begin() + list[0];
  const auto count = static_cast<std::ptrdiff_t>(context.inputs[1].event.size());
  type.event.erase(dim, dim + count);
  type.event.insert(type.event.begin() + list[0], list[1]);
  type.axes = union_axes(context.inputs);
  std::erase_if(type.axes,
                [&](AxisId a) { return std::find(list.begin() + 2, list.end(), a) != list.end(); });
  type.domain = Domain::real;
  return {std::move(type), {}};
}

std::vector<Expr> scatter_gradient(std::span<const Expr> in, Expr out, Expr cotangent) {
  return {gather(broadcast(cotangent, out.type().axes, out.type().event), in[1],
                 out.node().attributes.integers[0]),
          Expr()};
}

/// How many trailing dimensions, past number `first`, lie side by side in both views: moved as one row.
struct Row {
  std::size_t dims = 0;
  std::int64_t length = 1;
};
Row row_of(const View& a, std::size_t first_a, const View& b, std::size_t first_b) {
  Row row;
  std::size_t i = a.dims.size(), j = b.dims.size();
  while (i > first_a && j > first_b && a.strides[i - 1] == row.length && b.strides[j - 1] == row.length) {
    row.length *= a.dims[--i];
    --j;
    ++row.dims;
  }
  return row;
}

// Both directions walk one space: axes, x's dims before `dim`, the index's event, x's dims after. `wide` is
// the value that has the index's event in place of the dimension (gather's result, scatter's input). N is the
// type of narrow's numbers; `move` gets a row of both, at the same places.
template <class N, class T, class Move>
void walk(const View& wide, const View& narrow, const View& index, std::size_t dim, Move move) {
  const std::size_t index_rank = index.dims.size() - index.axes;
  StridedTriple loop;  // wide, narrow, index
  for (std::size_t i = 0; i < wide.axes; ++i) {
    loop.add(wide.dims[i], wide.strides[i], i < narrow.axes ? narrow.strides[i] : 0, index.strides[i]);
  }
  const std::size_t narrow_rank = narrow.dims.size() - narrow.axes;
  for (std::size_t i = 0; i < dim; ++i) {
    loop.add(wide.dims[wide.axes + i], wide.strides[wide.axes + i], narrow.strides[narrow.axes + i], 0);
  }
  for (std::size_t i = 0; i < index_rank; ++i) {
    loop.add(index.dims[index.axes + i], wide.strides[wide.axes + dim + i], 0, index.strides[index.axes + i]);
  }
  const Row row = row_of(wide, wide.axes + dim + index_rank, narrow, narrow.axes + dim + 1);
  for (std::size_t i = dim + 1; i + row.dims < narrow_rank; ++i) {
    const std::size_t w = wide.axes + i + index_rank - 1;
    loop.add(wide.dims[w], wide.strides[w], narrow.strides[narrow.axes + i], 0);
  }
  const std::int64_t stride = narrow.strides[narrow.axes + dim];
  const std::int64_t size = narrow.dims[narrow.axes + dim];
  loop.run([&](std::int64_t w, std::int64_t n, std::int64_t i) {
    const T position = static_cast<const T*>(index.data)[i];
    const bool inside = position >= 0 && position < static_cast<T>(size);
    move(static_cast<T*>(wide.data) + w,
         static_cast<N*>(narrow.data) + n + (inside ? static_cast<std::int64_t>(position) * stride : 0), inside,
         row.length);
  });
}

template <class N, class T>
void gather_rows(const RunContext& context) {
  // An index that is out of range at run time (a random one) gives NaN; fixed ones are checked by the
  // evaluator.
  walk<N, T>(*context.output, context.inputs[0], context.inputs[1],
             static_cast<std::size_t>(context.attributes->integers[0]),
             [](T* wide, const N* narrow, bool inside, std::int64_t length) {
               if (inside && length == 1) {
                 *wide = static_cast<T>(*narrow);  // the usual case: without a call
               } else if (inside) {
                 std::copy(narrow, narrow + length, wide);
               } else {
                 std::fill(wide, wide + length, std::numeric_limits<T>::quiet_NaN());
               }
             });
}

void run_gather(const RunContext& context) {
  with_number_type(context.precision, [&](auto zero) {
    using T = decltype(zero);
    if (context.inputs[0].is_bytes) {
      gather_rows<std::uint8_t, T>(context);
    } else {
      gather_rows<T, T>(context);
    }
  });
}

void run_scatter_add(const RunContext& context) {
  const View& out = *context.output;
  std::int64_t count = 1;
  for (const std::int64_t size : out.dims) count *= size;
  with_number_type(context.precision, [&](auto zero) {
    using T = decltype(zero);
    std::fill_n(static_cast<T*>(out.data), count, T{0});
  });
  with_number_type(context.precision, [&](auto zero) {
    using T = decltype(zero);
    walk<T, T>(context.inputs[0], out, context.inputs[1],
               static_cast<std::size_t>(context.attributes->integers[0]),
               [](const T* wide, T* narrow, bool inside, std::int64_t length) {
                 for (std::int64_t i = 0; inside && i < length; ++i) narrow[i] += wide[i];
               });
  });
}

// ---- joining
// ---------------------------------------------------------------------------------------------------------

TypeResult concatenate_type(const TypeContext& context) {
  const auto dim = static_cast<std::size_t>(context.attributes->integers[0]);
  Type type = context.inputs[0];
  type.axes = union_axes(context.inputs);
  if (dim >= type.event.size())
    return {{}, "there is no dimension " + std::to_string(dim + 1) + " in shape " + show(type.event)};
  for (std::size_t i = 1; i < context.inputs.size(); ++i) {
    Shape other = context.inputs[i].event;
    if (other.size() != type.event.size()) return {{}, "only tensors of equal rank can be joined"};
    const std::int64_t added = other[dim];
    other[dim] = type.event[dim];
    if (other != type.event)
      return {{},
              "shapes " + show(type.event) + " and " + show(context.inputs[i].event) + " cannot be joined"};
    type.event[dim] += added;
    type.domain = std::max(type.domain, context.inputs[i].domain);
  }
  return {std::move(type), {}};
}

std::vector<Expr> concatenate_gradient(std::span<const Expr> in, Expr out, Expr cotangent) {
  const std::int64_t dim = out.node().attributes.integers[0];
  const Expr full = broadcast(cotangent, out.type().axes, out.type().event);
  std::vector<Expr> parts;
  std::int64_t first = 0;
  for (const Expr& x : in) {
    const std::int64_t count = x.type().event[static_cast<std::size_t>(dim)];
    parts.push_back(gather(full, arange(out.graph(), first, count), dim));
    first += count;
  }
  return parts;
}

void run_concatenate(const RunContext& context) {
  const View& out = *context.output;
  const std::size_t dim = out.axes + static_cast<std::size_t>(context.attributes->integers[0]);
  std::int64_t first = 0;
  for (const View& in : context.inputs) {
    StridedPair loop;
    for (std::size_t i = 0; i < out.dims.size(); ++i) loop.add(in.dims[i], out.strides[i], in.strides[i]);
    with_number_type(context.precision, [&](auto zero) {
      using T = decltype(zero);
      T* to = static_cast<T*>(out.data) + first * out.strides[dim];
      loop.run([&](std::int64_t o, std::int64_t i) { to[o] = static_cast<const T*>(in.data)[i]; });
    });
    first += in.dims[dim];
  }
}

}  // namespace

const Operation broadcast_operation{.name = "broadcast",
                                    .symbol = {},
                                    .signature = {},
                                    .help = "the same values over further axes and dimensions",
                                    .arity = 1,
                                    .infer = broadcast_type,
                                    .gradient = pass_gradient,
                                    .is_view = true};
const Operation reshape_operation{.name = "reshape",
                                  .symbol = {},
                                  .signature = {},
                                  .help = "the same elements, row-major, in another shape",
                                  .arity = 1,
                                  .infer = reshape_type,
                                  .run = run_reshape,
                                  .gradient = reshape_gradient};
const Operation permute_operation{.name = "permute",
                                  .symbol = {},
                                  .signature = {},
                                  .help = "dimensions in another order",
                                  .arity = 1,
                                  .infer = permute_type,
                                  .gradient = permute_gradient,
                                  .is_view = true};
const Operation to_axis_operation{.name = "to_axis",
                                  .symbol = {},
                                  .signature = {},
                                  .help = "a dimension seen as an axis",
                                  .arity = 1,
                                  .infer = to_axis_type,
                                  .gradient = to_axis_gradient,
                                  .rebuild = rebuild_to_axis,
                                  .is_view = true};
const Operation to_event_operation{.name = "to_event",
                                   .symbol = {},
                                   .signature = {},
                                   .help = "an axis seen as a dimension",
                                   .arity = 1,
                                   .infer = to_event_type,
                                   .gradient = to_event_gradient,
                                   .is_view = true};
const Operation stop_gradient_operation{.name = "stop_gradient",
                                        .symbol = {},
                                        .signature = "stop_gradient(x)",
                                        .help = "x, through which no gradient flows",
                                        .arity = 1,
                                        .infer = same_type,
                                        .is_view = true};
const Operation with_gradient_of_operation{.name = "with_gradient_of",
                                           .symbol = {},
                                           .signature = {},
                                           .help = "x, through which gradients flow as if it were y",
                                           .arity = 2,
                                           .infer = with_gradient_type,
                                           .gradient = pass_gradient_to_other,
                                           .is_view = true};
const Operation gather_operation{.name = "gather",
                                 .symbol = {},
                                 .signature = {},
                                 .help = "elements of a dimension by index",
                                 .arity = 2,
                                 .infer = gather_type,
                                 .run = run_gather,
                                 .gradient = gather_gradient,
                                 .takes_bytes = true};
const Operation scatter_add_operation{.name = "scatter_add",
                                      .symbol = {},
                                      .signature = {},
                                      .help = "adds elements up by index: the transpose of gather",
                                      .arity = 2,
                                      .infer = scatter_type,
                                      .run = run_scatter_add,
                                      .gradient = scatter_gradient};
const Operation concatenate_operation{.name = "concatenate",
                                      .symbol = {},
                                      .signature = {},
                                      .help = "tensors joined along a dimension",
                                      .arity = -1,
                                      .infer = concatenate_type,
                                      .run = run_concatenate,
                                      .gradient = concatenate_gradient};

}  // namespace elbo::runtime
