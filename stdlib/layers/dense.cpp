// dense(x, n): a linear map and a bias, weight [n, inputs] @ x + bias [n], as PyTorch's Linear.
#include "runtime/nets.hpp"
#include "stdlib/layers/layer_list.hpp"
#include "stdlib/layers/starts.hpp"

namespace elbo::stdlib {

namespace {

Value transposed(const Value& matrix) {
  return operate("permute", {matrix}, {.integers = {1, 0}, .text = {}, .tensor = {}});
}

Value dense(Interpreter& interpreter, const Arguments& a) {
  Value x = numeric_argument(a, 0, "x");
  const std::int64_t n = size_argument(a, 1, "n", 1);
  const bool has_bias = !a.given[2] || runtime::boolean_argument(a, 2, "bias");
  const runtime::Layer layer(interpreter, "dense", a.span);
  const Shape given = shape_of(x);
  if (given.empty()) x = operate("reshape", {x}, {.integers = {1}, .text = {}, .tensor = {}});
  const std::int64_t inputs = given.empty() ? 1 : given.back();
  const Fan fan{inputs, n};
  const Value weight = layer.weight("weight", {n, inputs}, start_argument(a, 3, fan), given);
  Value y = given.size() > 1 ? runtime::apply_operator("@", x, transposed(weight))
                             : runtime::apply_operator("@", weight, x);
  if (!has_bias) return y;
  return runtime::apply_operator("+", y, layer.weight("bias", {n}, usual_start(fan), given));
}

}  // namespace

Function dense_layer() {
  return {
      .name = "dense",
      .signature = "dense(x, n, *, bias = true, init = \"pytorch\")",
      .help =
          "a layer of a net: n weighted sums of the entries of x (of its last axis), with a bias each; init "
          "is one of " +
          start_names() + " — e.g. relu(dense(x, 200))",
      .category = "nets",
      .call = dense};
}

}  // namespace elbo::stdlib
