// layer_norm(x): the last axes of x brought to mean 0 and variance 1, then scaled and shifted by weights. Ba,
// Kiros, Hinton 2016; as PyTorch's LayerNorm.
#include "runtime/nets.hpp"
#include "runtime/program.hpp"
#include "stdlib/layers/layer_list.hpp"
#include "stdlib/layers/starts.hpp"

namespace elbo::stdlib {

namespace {

// (x - mean) / sqrt(variance + eps) over the last `count` dimensions; the variance divides by their number.
Expr normalised(Expr x, std::size_t count, double eps) {
  const Shape& event = x.type().event;
  std::vector<std::int64_t> dims;
  Shape kept = event;
  double size = 1;
  for (std::size_t d = event.size() - count; d < event.size(); ++d) {
    dims.push_back(static_cast<std::int64_t>(d));
    kept[d] = 1;
    size *= static_cast<double>(event[d]);
  }
  const Expr centred = x - runtime::reshape(runtime::sum(x, {}, dims), kept) / size;
  const Expr variance = runtime::reshape(runtime::sum(runtime::square(centred), {}, dims), kept) / size;
  return centred / runtime::sqrt(variance + eps);
}

Value layer_norm(Interpreter& interpreter, const Arguments& a) {
  const Value x = numeric_argument(a, 0, "x");
  const Shape shape = shape_of(x);
  const std::int64_t axes = a.given[1] ? size_argument(a, 1, "axes", 1) : 1;
  const double eps = a.given[2] ? real_argument(a, 2, "eps") : 1e-5;
  if (!(eps > 0)) fail("bad-argument", "`eps` must be above 0, but is " + show(a.values[2]), a.spans[2]);
  const runtime::Layer layer(interpreter, "layer_norm", a.span);
  const auto rank = static_cast<std::int64_t>(shape.size());
  if (axes > rank) {
    fail("shape-mismatch",
         layer.show() + " normalises the last " + (axes == 1 ? "axis" : std::to_string(axes) + " axes") +
             ", but `x` has shape " + show(shape),
         a.spans[0]);
  }
  const auto count = static_cast<std::size_t>(axes);
  Value y;
  if (const Symbol* s = symbol(x)) {
    y = symbolic(*s, normalised(s->expr, count, eps));
  } else {
    runtime::Graph graph;
    y = from_tensor(
        runtime::evaluate(normalised(graph.constant(to_tensor(x).stored_as(Storage::real)), count, eps)));
  }
  if (a.given[3] && !boolean_argument(a, 3, "affine")) return y;
  const Shape last(shape.end() - axes, shape.end());
  const Value weight = layer.weight("weight", last, constant_start(1), shape);
  const Value bias = layer.weight("bias", last, constant_start(0), shape);
  return runtime::apply_operator("+", runtime::apply_operator("*", y, weight), bias);
}

}  // namespace

Function layer_norm_layer() {
  return {.name = "layer_norm",
          .signature = "layer_norm(x, *, axes = 1, eps = 1e-5, affine = true)",
          .help =
              "a layer of a net: the last axis of x (the last `axes`: 3 of an image) at mean 0 and variance "
              "1, then "
              "times weights that start at 1, plus weights that start at 0 — e.g. relu(layer_norm(dense(x, "
              "200)))",
          .category = "nets",
          .call = layer_norm};
}

}  // namespace elbo::stdlib
