// gradient(f, x): the function is called with symbols in place of numbers, which writes its expression graph;
// reverse mode writes the graph of the derivative, which is evaluated at x.
#include <unordered_map>

#include "runtime/differentiate.hpp"
#include "runtime/program.hpp"
#include "stdlib/functions/common.hpp"
#include "stdlib/functions/families.hpp"

namespace elbo::stdlib {

using runtime::Graph;
using runtime::NodeId;

namespace {

/// Values at which to differentiate; ints count as reals.
std::vector<Value> points(const Arguments& a) {
  std::vector<Value> values{numeric_argument(a, 1, "x")};
  for (std::size_t i = 0; i < a.rest.size(); ++i)
    values.push_back(numeric_value(a.rest[i], a.rest_spans[i], "x"));
  for (Value& value : values) {
    if (symbol(value) == nullptr) value = from_tensor(to_tensor(value).stored_as(Storage::real));
  }
  return values;
}

/// The result of the function as a scalar node of the graph; a constant when it does not depend on the
/// arguments.
Expr scalar_result(const Value& result, const std::shared_ptr<Graph>& graph, const lang::Span& span) {
  if (!is_numeric(result)) {
    fail("not-differentiable", "the function must return a number, but returns " + type_name(result), span);
  }
  if (!shape_of(result).empty()) {
    fail("not-a-scalar", "the function must return a single number, but returns " + type_name(result), span,
         "take the gradient of a sum, or of one element");
  }
  return to_expr(result, graph);
}

Value gradient(Interpreter& interpreter, const Arguments& a) {
  const std::vector<Value> at = points(a);
  auto graph = runtime::graph_of(at);
  const bool nested = graph != nullptr;  // within a derivative or a model: the result is a node as well
  if (!nested) graph = std::make_shared<Graph>();

  // Fresh inputs even where x is a symbol already: the derivative is that in the argument alone, not in other
  // uses of the same symbol within the function.
  std::vector<Expr> inputs;
  std::vector<Value> symbols;
  std::unordered_map<NodeId, Expr> values;
  for (const Value& point : at) {
    const Expr value = to_expr(point, graph);
    inputs.push_back(graph->input("x", {value.type().axes, value.type().event, runtime::Domain::real}));
    symbols.emplace_back(Symbol{graph, inputs.back()});
    values.emplace(inputs.back().id(), value);
  }
  const Expr root = scalar_result(interpreter.call(a.values[0], symbols, a.span), graph, a.spans[0]);
  const std::vector<Expr> slopes = runtime::substitute(runtime::gradient(root, inputs), values);

  List results;
  if (nested) {
    for (const Expr& slope : slopes) results.emplace_back(Symbol{graph, slope});
  } else {
    for (Tensor& slope : runtime::evaluate(slopes, 0, 0, interpreter.settings().threads)) {
      results.push_back(from_tensor(std::move(slope)));
    }
  }
  return results.size() == 1 ? results.front() : runtime::make_list(std::move(results));
}

}  // namespace

std::vector<Function> calculus_functions() {
  return {
      {"gradient", "gradient(f, x, ...)",
       "Derivative of a function that returns one number, at x, in the shape of x; for several arguments, a "
       "list of them "
       "— e.g. gradient(fn(x) = sum(x^2), [1, 2]) is [2, 4]",
       "calculus", gradient},
  };
}

}  // namespace elbo::stdlib
