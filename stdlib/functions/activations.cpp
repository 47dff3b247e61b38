// Activations of neural networks, put together from operations.
#include <numbers>

#include "stdlib/functions/common.hpp"
#include "stdlib/functions/families.hpp"

namespace elbo::stdlib {

namespace {

constexpr const char* category = "elementwise";

Value times(const Value& x, const Value& y) { return runtime::apply_operator("*", x, y); }

// Rectifiers take their slope from the sign of the result, which is in memory anyway; at 0 it is that from
// below, as in PyTorch.
Value relu(Interpreter&, const Arguments& a) {
  const Value x = numeric_argument(a, 0, "x");
  const Value y = operate("maximum", {x, Value(0)});
  const Symbol *in = symbol(x), *out = symbol(y);
  if (in == nullptr) return y;
  const Expr zero = in->graph->constant(0);
  const Expr path = runtime::select(runtime::less(zero, out->expr), in->expr, zero);
  return symbolic(*out, runtime::with_gradient_of(out->expr, path));
}

Value leaky_relu(Interpreter&, const Arguments& a) {
  const Value x = numeric_argument(a, 0, "x");
  const Value slope = a.given[1] ? numeric_argument(a, 1, "slope") : Value(0.01);
  const bool is_plain = symbol(slope) == nullptr && shape_of(slope).empty();
  const double number = is_plain ? to_tensor(slope).real(0) : 0;
  if (symbol(x) == nullptr || !(number > 0 && number < 1)) {
    return operate("select", {runtime::apply_operator(">", x, Value(0)), x, times(slope, x)});
  }
  const Expr in = symbol(x)->expr, out = runtime::maximum(in, number * in);
  runtime::Graph& graph = *symbol(x)->graph;
  const Expr factor =
      runtime::select(runtime::less(graph.constant(0), out), graph.constant(1), graph.constant(number));
  return symbolic(*symbol(x), runtime::with_gradient_of(out, in * factor));
}

/// alpha (exp(x) - 1) below 0; above, where exp would overflow, it is not taken.
Value exponential_below(const Value& x, const Value& alpha) {
  const Value below = operate("expm1", {operate("minimum", {x, Value(0)})});
  return operate("select", {runtime::apply_operator(">", x, Value(0)), x, times(alpha, below)});
}

Value elu(Interpreter&, const Arguments& a) {
  return exponential_below(numeric_argument(a, 0, "x"),
                           a.given[1] ? numeric_argument(a, 1, "alpha") : Value(1));
}

// Klambauer, Unterthiner, Mayr, Hochreiter 2017, "Self-normalizing neural networks": the constants keep mean
// 0 and variance 1.
Value selu(Interpreter&, const Arguments& a) {
  constexpr double alpha = 1.6732632423543772848, scale = 1.0507009873554804934;
  return times(Value(scale), exponential_below(numeric_argument(a, 0, "x"), Value(alpha)));
}

Value silu(Interpreter&, const Arguments& a) {
  const Value x = numeric_argument(a, 0, "x");
  return times(x, operate("sigmoid", {x}));
}

// Hendrycks, Gimpel 2016, with their approximation.
Value gelu(Interpreter&, const Arguments& a) {
  const Value x = numeric_argument(a, 0, "x");
  const std::string approximate = a.given[1] ? string_argument(a, 1, "approximate") : "none";
  if (approximate == "none") return times(x, operate("normal_cdf", {x}));
  if (approximate != "tanh") {
    fail("bad-argument", "`approximate` must be \"none\" or \"tanh\", but is \"" + approximate + "\"",
         a.spans[1]);
  }
  const Value cube = times(Value(0.044715), times(x, times(x, x)));
  const Value inner =
      times(Value(std::numbers::sqrt2 * std::numbers::inv_sqrtpi), runtime::apply_operator("+", x, cube));
  return times(times(Value(0.5), x), runtime::apply_operator("+", Value(1), operate("tanh", {inner})));
}

}  // namespace

std::vector<Function> activation_functions() {
  return {
      {"relu", "relu(x)", "x where it is positive, else 0 — e.g. relu([-1, 2]) is [0, 2]", category, relu},
      {"leaky_relu", "leaky_relu(x, slope = 0.01)",
       "x where it is positive, else slope times x — e.g. leaky_relu([-1, 2], 0.2) is [-0.2, 2]", category,
       leaky_relu},
      {"elu", "elu(x, alpha = 1)",
       "x where it is positive, else alpha * (exp(x) - 1) — e.g. elu([-1, 2]) is [-0.632121, 2]", category,
       elu},
      {"selu", "selu(x)",
       "Scaled elu that keeps mean 0 and variance 1 from layer to layer — e.g. selu([-1, 2]) is "
       "[-1.111331, 2.101402]",
       category, selu},
      {"gelu", "gelu(x, approximate = \"none\")",
       "x times the standard normal probability below x; \"tanh\" is a faster approximation — e.g. "
       "gelu([-1, 2]) is [-0.158655, 1.954500]",
       category, gelu},
      {"silu", "silu(x)", "x * sigmoid(x) — e.g. silu([-1, 2]) is [-0.268941, 1.761594]", category, silu},
      {"swish", "swish(x)",
       "Another name of silu: x * sigmoid(x) — e.g. swish([-1, 2]) is [-0.268941, 1.761594]", category, silu},
  };
}

}  // namespace elbo::stdlib
