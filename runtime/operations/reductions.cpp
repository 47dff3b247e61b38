// Operations that combine the elements along axes and event dimensions. `sum` has no `run`: the planner folds
// it into the loop that makes its input (runtime/plan.cpp).
#include <algorithm>
#include <limits>

#include "runtime/expression.hpp"
#include "runtime/operations/operations.hpp"
#include "runtime/operations/strided.hpp"

namespace elbo::runtime {

Reduction reduction(const Attributes& attributes) {
  const auto& list = attributes.integers;
  const auto first = list.begin() + 1, middle = first + list[0];
  return {std::vector<AxisId>(first, middle), std::vector<std::int64_t>(middle, list.end())};
}

namespace {

TypeResult reduced_type(const TypeContext& context) {
  const Reduction r = reduction(*context.attributes);
  Type type = context.inputs[0];
  for (const AxisId axis : r.axes) {
    if (!std::binary_search(type.axes.begin(), type.axes.end(), axis)) {
      return {{}, "the value has no axis " + context.graph->axis(axis).name + " to reduce over"};
    }
  }
  std::erase_if(type.axes,
                [&](AxisId a) { return std::find(r.axes.begin(), r.axes.end(), a) != r.axes.end(); });
  for (auto it = r.dims.rbegin(); it != r.dims.rend(); ++it) {
    if (*it < 0 || *it >= static_cast<std::int64_t>(type.event.size())) {
      return {{}, "there is no dimension " + std::to_string(*it + 1) + " in shape " + show(type.event)};
    }
    type.event.erase(type.event.begin() + *it);
  }
  if (type.domain == Domain::boolean) type.domain = Domain::integer;
  return {std::move(type), {}};
}

// A reduced value, broadcast back over what was reduced.
Expr expand(Expr reduced, Expr like, const Attributes& attributes) {
  const Reduction r = reduction(attributes);
  Shape kept = like.type().event;
  for (const std::int64_t dim : r.dims) kept[static_cast<std::size_t>(dim)] = 1;
  return broadcast(reshape(reduced, kept), like.type().axes, like.type().event);
}

std::vector<Expr> sum_gradient(std::span<const Expr> in, Expr out, Expr cotangent) {
  return {expand(cotangent, in[0], out.node().attributes)};
}

// The cotangent goes to the elements that equal the extreme, in equal parts.
std::vector<Expr> extreme_gradient(std::span<const Expr> in, Expr out, Expr cotangent) {
  const Attributes& attributes = out.node().attributes;
  const Expr hit =
      select(equal(in[0], expand(out, in[0], attributes)), out.graph().constant(1), out.graph().constant(0));
  const Reduction r = reduction(attributes);
  return {hit * expand(cotangent / sum(hit, r.axes, r.dims), in[0], attributes)};
}

std::vector<Expr> product_gradient(std::span<const Expr> in, Expr out, Expr cotangent) {
  return {expand(cotangent * out, in[0], out.node().attributes) / in[0]};
}

// Combines with `combine`, starting from `start`; the reduced loops run innermost.
template <class Combine>
void run_reduction(const RunContext& context, double start, Combine combine) {
  // the dimensions behind the axes in the attributes; without a copy, as nothing may be allocated here
  const auto& list = context.attributes->integers;
  const std::span dims = std::span(list).subspan(1 + static_cast<std::size_t>(list[0]));
  const View& in = context.inputs[0];
  const View& out = *context.output;
  // Dims of the input, in order: result axes, reduced axes, event. Sort them into kept and reduced ones.
  StridedLoop kept, reduced;
  for (std::size_t i = 0; i < in.dims.size(); ++i) {
    const bool is_axis = i < in.axes;
    const bool is_reduced =
        is_axis ? i >= out.axes
                : std::find(dims.begin(), dims.end(), static_cast<std::int64_t>(i - in.axes)) != dims.end();
    (is_reduced ? reduced : kept).add(in.dims[i], in.strides[i]);
  }
  with_number_type(context.precision, [&](auto zero) {
    using T = decltype(zero);
    T* result = static_cast<T*>(out.data);
    kept.run([&](std::int64_t base) {
      T value = static_cast<T>(start);
      reduced.run(
          [&](std::int64_t offset) { combine(value, static_cast<const T*>(in.data)[base + offset]); });
      *result++ = value;
    });
  });
}

void run_max(const RunContext& context) {
  run_reduction(context, -std::numeric_limits<double>::infinity(), [](auto& a, auto b) {
    if (b > a || b != b) a = b;  // NaN enters and stays
  });
}
void run_min(const RunContext& context) {
  run_reduction(context, std::numeric_limits<double>::infinity(), [](auto& a, auto b) {
    if (b < a || b != b) a = b;
  });
}
void run_product(const RunContext& context) {
  run_reduction(context, 1, [](auto& a, auto b) { a *= b; });
}

// attributes: {dimension, 1 when from the end}
TypeResult cumsum_type(const TypeContext& context) {
  Type type = context.inputs[0];
  if (context.attributes->integers[0] >= static_cast<std::int64_t>(type.event.size())) {
    return {{},
            "there is no dimension " + std::to_string(context.attributes->integers[0] + 1) + " in shape " +
                show(type.event)};
  }
  if (type.domain == Domain::boolean) type.domain = Domain::integer;
  return {std::move(type), {}};
}

std::vector<Expr> cumsum_gradient(std::span<const Expr>, Expr out, Expr cotangent) {
  Attributes attributes = out.node().attributes;
  attributes.integers[1] = 1 - attributes.integers[1];
  const Type& type = out.type();
  return {out.graph().add(cumsum_operation, {broadcast(cotangent, type.axes, type.event)}, attributes)};
}

void run_cumsum(const RunContext& context) {
  const View& in = context.inputs[0];
  const View& out = *context.output;
  const std::size_t dim = out.axes + static_cast<std::size_t>(context.attributes->integers[0]);
  const bool reverse = context.attributes->integers[1] == 1;
  StridedPair others;
  for (std::size_t i = 0; i < out.dims.size(); ++i) {
    if (i != dim) others.add(out.dims[i], out.strides[i], in.strides[i]);
  }
  const std::int64_t n = out.dims[dim];
  with_number_type(context.precision, [&](auto zero) {
    using T = decltype(zero);
    others.run([&](std::int64_t to, std::int64_t from) {
      T total = 0;
      for (std::int64_t k = 0; k < n; ++k) {
        const std::int64_t i = reverse ? n - 1 - k : k;
        total += static_cast<const T*>(in.data)[from + i * in.strides[dim]];
        static_cast<T*>(out.data)[to + i * out.strides[dim]] = total;
      }
    });
  });
}

}  // namespace

const Operation sum_operation{.name = "sum",
                              .symbol = {},
                              .signature = {},
                              .help = "sum over axes and dimensions",
                              .arity = 1,
                              .infer = reduced_type,
                              .gradient = sum_gradient};
const Operation max_operation{.name = "max",
                              .symbol = {},
                              .signature = {},
                              .help = "largest over axes and dimensions",
                              .arity = 1,
                              .infer = reduced_type,
                              .run = run_max,
                              .gradient = extreme_gradient};
const Operation min_operation{.name = "min",
                              .symbol = {},
                              .signature = {},
                              .help = "smallest over axes and dimensions",
                              .arity = 1,
                              .infer = reduced_type,
                              .run = run_min,
                              .gradient = extreme_gradient};
const Operation product_operation{
    .name = "product",
    .symbol = {},
    .signature = {},
    .help = "product over axes and dimensions; its gradient needs elements that are not 0",
    .arity = 1,
    .infer = reduced_type,
    .run = run_product,
    .gradient = product_gradient};
const Operation cumsum_operation{.name = "cumsum",
                                 .symbol = {},
                                 .signature = {},
                                 .help = "running sum along a dimension, from either end",
                                 .arity = 1,
                                 .infer = cumsum_type,
                                 .run = run_cumsum,
                                 .gradient = cumsum_gradient};

}  // namespace elbo::runtime
