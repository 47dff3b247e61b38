// dropout(x, p): while a fit moves its parameters, entries are 0 with probability p, the others grow by
// 1 / (1 - p). Srivastava, Hinton, Krizhevsky, Sutskever, Salakhutdinov 2014.
#include "runtime/training.hpp"
#include "stdlib/functions/common.hpp"
#include "stdlib/layers/layer_list.hpp"

namespace elbo::stdlib {

namespace {

Value dropout(Interpreter&, const Arguments& a) {
  const Value x = numeric_argument(a, 0, "x");
  const double p = a.given[1] ? real_argument(a, 1, "p") : 0.5;
  if (!(p >= 0 && p < 1)) {
    fail("bad-argument", "`p` must be at least 0 and below 1, but is " + show(a.values[1]), a.spans[1]);
  }
  const Symbol* s = symbol(x);
  if (s == nullptr || p == 0) return x;
  runtime::Graph& graph = *s->graph;
  const runtime::Type& type = s->expr.type();
  const Expr u = runtime::random_uniform(graph, type.axes, type.event);
  const Expr kept =
      runtime::select(runtime::less(graph.constant(p), u), s->expr * (1 / (1 - p)), graph.constant(0));
  return symbolic(*s, runtime::select(runtime::training(graph), kept, s->expr));
}

}  // namespace

Function dropout_layer() {
  return {
      .name = "dropout",
      .signature = "dropout(x, p = 0.5)",
      .help =
          "x, of which a fit, while it moves its parameters, sets entries to 0 with probability p and "
          "divides the "
          "others by 1 - p; posteriors, draws and predictions take x as it is — e.g. dropout(relu(dense(x, "
          "200)), 0.2)",
      .category = "nets",
      .call = dropout};
}

}  // namespace elbo::stdlib
