// batch_norm(x): features (the entries of a vector, the channels of an image) brought to mean 0 and variance
// 1 over the rows of a step's batch while a fit moves its parameters; afterwards by running means of these
// statistics, which are weights of the layer. Ioffe, Szegedy 2015; as PyTorch's BatchNorm1d and BatchNorm2d.
#include "runtime/nets.hpp"
#include "runtime/program.hpp"
#include "runtime/training.hpp"
#include "stdlib/layers/layer_list.hpp"
#include "stdlib/layers/starts.hpp"

namespace elbo::stdlib {

namespace {

/// Where features are in an event, and what they are averaged over.
struct Features {
  std::int64_t count;
  Shape shape;                     ///< in which one number for each spreads over the event
  std::vector<std::int64_t> dims;  ///< of the event, averaged over
};

// [features], [rows, features], [channels, height, width], [rows, channels, height, width]
Features features_of(const Shape& event, const std::string& layer, const lang::Span& span) {
  switch (event.size()) {
    case 1:
      return {event[0], {event[0]}, {}};
    case 2:
      return {event[1], {event[1]}, {0}};
    case 3:
      return {event[0], {event[0], 1, 1}, {1, 2}};
    case 4:
      return {event[1], {event[1], 1, 1}, {0, 2, 3}};
    default:
      break;
  }
  fail("shape-mismatch",
       layer +
           " takes vectors of features, images [channels, height, width], or rows of these, but `x` has "
           "shape " +
           show(event),
       span);
}

/// What an expression is centred at, and what it is divided by the root of.
struct Statistics {
  Expr mean, variance;
};

Statistics of_batch(Expr x, Expr running_mean, Expr running_variance, const Features& features) {
  const Expr mean = runtime::plate_mean(x, features.dims);
  const Expr variance = runtime::plate_mean(runtime::square(x - mean), features.dims);
  return {runtime::followed(mean, running_mean, false, features.dims),
          runtime::followed(variance, running_variance, true, features.dims)};
}

Expr normalised(Expr x, const Statistics& s, double eps) {
  return (x - s.mean) / runtime::sqrt(s.variance + eps);
}

Value batch_norm(Interpreter& interpreter, const Arguments& a) {
  const Value x = numeric_argument(a, 0, "x");
  const double eps = a.given[1] ? real_argument(a, 1, "eps") : 1e-5;
  if (!(eps > 0)) fail("bad-argument", "`eps` must be above 0, but is " + show(a.values[1]), a.spans[1]);
  const runtime::Layer layer(interpreter, "batch_norm", a.span);
  const Shape given = shape_of(x);
  const Features features = features_of(given, layer.show(), a.spans[0]);
  const auto weight = [&](const char* name, double start) {
    return layer.weight(name, {features.count}, constant_start(start), given);
  };
  const bool affine = !a.given[2] || boolean_argument(a, 2, "affine");
  const Value scale = affine ? weight("weight", 1) : Value(1), shift = affine ? weight("bias", 0) : Value(0);
  const Value mean = weight("running_mean", 0), variance = weight("running_var", 1);
  const auto graph =
      runtime::graph_of({x, mean}) ? runtime::graph_of({x, mean}) : std::make_shared<runtime::Graph>();
  const auto spread = [&](const Value& value) {
    return runtime::reshape(to_expr(value, graph), features.shape);
  };
  const Expr in = to_expr(x, graph);
  Expr y = normalised(in, {spread(mean), spread(variance)}, eps);
  if (symbol(mean) != nullptr) {
    const Statistics batch = of_batch(in, to_expr(mean, graph), to_expr(variance, graph), features);
    y = runtime::select(runtime::training(*graph), normalised(in, batch, eps), y);
  }
  if (affine) y = y * spread(scale) + spread(shift);
  if (symbol(x) != nullptr || symbol(mean) != nullptr) return Value(Symbol{graph, y});
  return from_tensor(runtime::evaluate(y));
}

}  // namespace

Function batch_norm_layer() {
  return {
      .name = "batch_norm",
      .signature = "batch_norm(x, *, eps = 1e-5, affine = true)",
      .help =
          "a layer of a net: each entry of a vector, or channel of an image, at mean 0 and variance 1 over "
          "the "
          "rows of a batch, then times weights, plus weights; posteriors and predictions take running means "
          "of the statistics in place of a batch's — e.g. relu(batch_norm(dense(x, 200)))",
      .category = "nets",
      .call = batch_norm};
}

}  // namespace elbo::stdlib
