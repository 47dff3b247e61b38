// Operations that tell training from evaluation, and those of statistics that a fit keeps while it trains.
#include "runtime/training.hpp"

#include <algorithm>
#include <unordered_set>

#include "lang/diagnostic.hpp"
#include "runtime/expression.hpp"
#include "runtime/operations/operations.hpp"
#include "runtime/operations/strided.hpp"

namespace elbo::runtime {

namespace {

using Integers = std::vector<std::int64_t>;

Expr full(Expr cotangent, Expr out) { return broadcast(cotangent, out.type().axes, out.type().event); }

bool has(std::span<const std::int64_t> list, std::size_t i) {
  return std::find(list.begin(), list.end(), static_cast<std::int64_t>(i)) != list.end();
}

// ---- plate_mean; attributes: {number of plates, their places among the axes…, dimensions…}
// --------------------------------------------------------------------------------------------------------

Attributes plates_of(Expr x, std::span<const std::int64_t> dims) {
  Attributes attributes;
  attributes.integers.push_back(0);
  const std::vector<AxisId>& axes = x.type().axes;
  for (std::size_t i = 0; i < axes.size(); ++i) {
    if (x.graph().axis(axes[i]).kind != AxisKind::plate) continue;
    attributes.integers.push_back(static_cast<std::int64_t>(i));
    ++attributes.integers[0];
  }
  attributes.integers.insert(attributes.integers.end(), dims.begin(), dims.end());
  return attributes;
}

TypeResult real_type(const TypeContext& context) {
  Type type = context.inputs[0];
  type.domain = Domain::real;
  return {std::move(type), {}};
}

std::span<const std::int64_t> dims_of(const Attributes& attributes) {
  return std::span(attributes.integers).subspan(1 + static_cast<std::size_t>(attributes.integers[0]));
}

// The axes of the input are those of the result.
void run_plate_mean(const RunContext& context) {
  const View &in = context.inputs[0], &out = *context.output;
  const std::span<const std::int64_t> dims = dims_of(*context.attributes);
  const auto plates = std::span(context.attributes->integers)
                          .subspan(1, static_cast<std::size_t>(context.attributes->integers[0]));
  StridedPair kept, averaged;
  double count = 1;
  for (std::size_t i = 0; i < in.dims.size(); ++i) {
    const bool is_averaged = i < in.axes ? has(plates, i) : has(dims, i - in.axes);
    (is_averaged ? averaged : kept).add(in.dims[i], in.strides[i], out.strides[i]);
    if (is_averaged) count *= static_cast<double>(in.dims[i]);
  }
  with_number_type(context.precision, [&](auto zero) {
    using T = decltype(zero);
    kept.run([&](std::int64_t from, std::int64_t to) {
      double total = 0;
      const T* values = static_cast<const T*>(in.data) + from;
      averaged.run([&](std::int64_t i, std::int64_t) { total += static_cast<double>(values[i]); });
      const T mean = static_cast<T>(total / count);
      T* places = static_cast<T*>(out.data) + to;
      averaged.run([&](std::int64_t, std::int64_t i) { places[i] = mean; });
    });
  });
}

// An average is a projection, and symmetric.
std::vector<Expr> plate_mean_gradient(std::span<const Expr>, Expr out, Expr cotangent) {
  const std::span<const std::int64_t> dims = dims_of(out.node().attributes);
  return {plate_mean(full(cotangent, out), Integers(dims.begin(), dims.end()))};
}

Expr rebuild_plate_mean(Graph& graph, const Node& node, std::span<const Expr> in) {
  return graph.add(plate_mean_operation, in, plates_of(in[0], dims_of(node.attributes)));
}

// ---- followed; attributes: {1 of a variance, dimensions…}
// ------------------------------------------------------------------------------------------------------

std::vector<Expr> followed_gradient(std::span<const Expr>, Expr, Expr cotangent) {
  return {cotangent, Expr()};
}

// The mean over all axes and the dimensions that the value is a mean over.
Expr target_of(Expr followed, Expr parameter) {
  const Expr x = followed.graph().at(followed.node().inputs[0]);
  const Type& type = x.type();
  const Integers& list = followed.node().attributes.integers;
  const Integers dims(list.begin() + 1, list.end());
  double entries = 1, all = 1;
  for (const AxisId axis : type.axes) {
    const Axis& a = x.graph().axis(axis);
    all *= static_cast<double>(a.size);
    if (a.kind == AxisKind::plate) entries *= static_cast<double>(a.size);
  }
  for (const std::int64_t dim : dims) {
    const auto size = static_cast<double>(type.event[static_cast<std::size_t>(dim)]);
    entries *= size;
    all *= size;
  }
  if (entries < 2) {
    throw lang::Failure({.code = "no-rows",
                         .message = "`" + parameter.node().attributes.text +
                                    "` is a statistic of a single row, which has no variance",
                         .span = {},
                         .related = {},
                         .hint = "batch_norm needs rows: turns of a loop, two or more in a batch"});
  }
  const double scale = list[0] == 1 ? entries / (entries - 1) : 1;
  return reshape(sum(x, type.axes, dims) * (scale / all), parameter.type().event);
}

}  // namespace

const Operation training_operation{.name = "training",
                                   .symbol = {},
                                   .signature = {},
                                   .help = "true while a fit moves its parameters, false elsewhere",
                                   .arity = 0,
                                   .infer = [](const TypeContext&) -> TypeResult {
                                     return {{{}, {}, Domain::boolean}, {}};
                                   },
                                   .run =
                                       [](const RunContext& context) {
                                         with_number_type(context.precision, [&](auto zero) {
                                           *static_cast<decltype(zero)*>(context.output->data) = zero;
                                         });
                                       }};
const Operation plate_mean_operation{.name = "plate_mean",
                                     .symbol = {},
                                     .signature = {},
                                     .help = "mean over plates and dimensions, in the place of every entry",
                                     .arity = 1,
                                     .infer = real_type,
                                     .run = run_plate_mean,
                                     .gradient = plate_mean_gradient,
                                     .rebuild = rebuild_plate_mean};
const Operation followed_operation{
    .name = "followed",
    .symbol = {},
    .signature = {},
    .help = "first input, which the second, a parameter, follows in the steps of a fit",
    .arity = 2,
    .infer = [](const TypeContext& context) -> TypeResult {
      return {context.inputs[0], {}};
    },
    .gradient = followed_gradient,
    .is_view = true};

Expr training(Graph& graph) { return graph.add(training_operation, {}); }

std::vector<Expr> in_training(std::span<const Expr> roots) {
  if (roots.empty()) return {};
  Graph& graph = roots[0].graph();
  return substitute(roots, {{training(graph).id(), graph.constant(Tensor::boolean({}, {1}))}});
}

Expr plate_mean(Expr x, std::vector<std::int64_t> dims) {
  return x.graph().add(plate_mean_operation, {x}, plates_of(x, dims));
}

Expr followed(Expr x, Expr parameter, bool is_variance, std::vector<std::int64_t> dims) {
  dims.insert(dims.begin(), is_variance ? 1 : 0);
  return x.graph().add(followed_operation, {x, parameter},
                       {.integers = std::move(dims), .text = {}, .tensor = nullptr});
}

std::vector<Follower> followers(std::span<const Expr> roots) {
  std::vector<Follower> found;
  std::unordered_set<NodeId> seen;
  if (roots.empty()) return found;
  Graph& graph = roots[0].graph();
  for (const NodeId id : topological_order(graph, roots)) {
    if (graph.node(id).operation != &followed_operation) continue;
    // one for each draw, or held still: views of the input
    Expr parameter = graph.at(graph.node(id).inputs[1]);
    while (!parameter.node().inputs.empty()) parameter = graph.at(parameter.node().inputs[0]);
    if (seen.insert(parameter.id()).second)
      found.push_back({parameter.id(), target_of(graph.at(id), parameter)});
  }
  return found;
}

}  // namespace elbo::runtime
