// Operators and operations on values. Numbers of scripts take the shortest way there is: scalars are computed
// here, exactly for ints; tensors go to the operation's kernel; anything with a symbol becomes a graph node.
#include <array>
#include <cmath>
#include <limits>

#include "runtime/elementwise.hpp"
#include "runtime/expression.hpp"
#include "runtime/integers.hpp"
#include "runtime/interpreter.hpp"
#include "runtime/missing.hpp"
#include "runtime/operations/operations.hpp"
#include "runtime/program.hpp"

namespace elbo::runtime {

namespace {

double power_reals(double a, double b) {
  double result = 0;
  const Lanes lanes[] = {{&a, 0}, {&b, 0}};
  kernels(Precision::real64).power(&result, lanes, 1);
  return result;
}

// ---- the table of operators -------------------------------------------------------------------------------

enum class Operands : std::uint8_t { numbers, integers, booleans };

struct BinaryOperator {
  std::string_view symbol;
  const Operation* operation;
  std::int64_t (*integers)(std::int64_t, std::int64_t);  ///< exact, or null when ints are used as reals
  double (*reals)(double, double);
  bool boolean = false;  ///< the results mean true and false
  bool swapped = false;  ///< a > b is computed as b < a
  Operands operands = Operands::numbers;
};

template <class T>
constexpr auto less_than = [](T a, T b) -> T { return a < b ? 1 : 0; };
template <class T>
constexpr auto at_most = [](T a, T b) -> T { return a <= b ? 1 : 0; };
template <class T>
constexpr auto equals = [](T a, T b) -> T { return a == b ? 1 : 0; };
template <class T>
constexpr auto differs = [](T a, T b) -> T { return a != b ? 1 : 0; };
template <class T>
constexpr auto both = [](T a, T b) -> T { return a != 0 && b != 0 ? 1 : 0; };
template <class T>
constexpr auto either = [](T a, T b) -> T { return a != 0 || b != 0 ? 1 : 0; };

using I = std::int64_t;
using R = double;

const std::array<BinaryOperator, 16> binary_operators{{
    {"+", &add_operation, add_integers, [](R a, R b) { return a + b; }},
    {"-", &subtract_operation, subtract_integers, [](R a, R b) { return a - b; }},
    {"*", &multiply_operation, multiply_integers, [](R a, R b) { return a * b; }},
    {"/", &divide_operation, nullptr, [](R a, R b) { return a / b; }},
    {"^", &power_operation, power_integers, power_reals},
    {"<", &less_operation, less_than<I>, less_than<R>, true},
    {"<=", &less_equal_operation, at_most<I>, at_most<R>, true},
    {">", &less_operation, less_than<I>, less_than<R>, true, true},
    {">=", &less_equal_operation, at_most<I>, at_most<R>, true, true},
    {"==", &equal_operation, equals<I>, equals<R>, true},
    {"!=", &not_equal_operation, differs<I>, differs<R>, true},
    {"//", &floor_divide_operation, floor_divide_integers, nullptr, false, false, Operands::integers},
    {"%", &modulo_operation, modulo_integers, nullptr, false, false, Operands::integers},
    {"and", &and_operation, both<I>, both<R>, true, false, Operands::booleans},
    {"or", &or_operation, either<I>, either<R>, true, false, Operands::booleans},
    {"@", &matmul_operation, nullptr, nullptr},
}};

const BinaryOperator& binary_operator(const std::string& symbol) {
  for (const BinaryOperator& row : binary_operators) {
    if (row.symbol == symbol) return row;
  }
  throw lang::InternalError("there is no operator `" + symbol + "`");
}

// ---- what operands are ------------------------------------------------------------------------------------

Domain domain_of(Storage storage) {
  if (storage == Storage::boolean) return Domain::boolean;
  return storage == Storage::byte || storage == Storage::integer ? Domain::integer : Domain::real;
}

Domain domain_of(const Value& value) {
  if (const auto* s = value.as<Symbol>()) return s->expr.type().domain;
  if (const auto* t = value.as<Tensor>()) return domain_of(t->storage());
  if (value.is<bool>()) return Domain::boolean;
  return value.is<std::int64_t>() || value.is<Range>() ? Domain::integer : Domain::real;
}

bool is_operand(const Value& value) { return is_numeric(value) || value.is<Range>(); }

/// An int, or a bool counted as 0 or 1.
bool as_integer(const Value& value, std::int64_t& result) {
  if (const auto* i = value.as<std::int64_t>()) {
    result = *i;
    return true;
  }
  if (const auto* b = value.as<bool>()) {
    result = *b ? 1 : 0;
    return true;
  }
  return false;
}

bool as_real(const Value& value, double& result) {
  if (const auto* x = value.as<double>()) {
    result = *x;
    return true;
  }
  std::int64_t integer = 0;
  if (!as_integer(value, integer)) return false;
  result = static_cast<double>(integer);
  return true;
}

void check_operands(const BinaryOperator& row, const Value& a, const Value& b) {
  const std::string sign = "`" + std::string(row.symbol) + "`";
  for (const Value* operand : {&a, &b}) {
    const std::string side = operand == &a ? "left" : "right";
    const auto refuse = [&](const std::string& takes, const std::string& hint) {
      fail("wrong-type", sign + " takes " + takes + ", but its " + side + " side is " + type_name(*operand),
           {}, hint);
    };
    if (row.operands == Operands::booleans) {
      if (!is_operand(*operand) || domain_of(*operand) != Domain::boolean) {
        refuse("bools", is_operand(*operand) ? "compare it with something, as in `x != 0`" : "");
      }
    } else if (!is_operand(*operand)) {
      const bool strings = row.symbol == "+" && (a.is<std::string>() || b.is<std::string>());
      refuse(strings ? "two numbers or two strings" : "numbers", "");
    } else if (row.operands == Operands::integers && domain_of(*operand) == Domain::real) {
      refuse("ints",
             row.symbol == "//" ? "write floor(a / b) for reals" : "write a - b * floor(a / b) for reals");
    }
  }
}

// ---- tensors ----------------------------------------------------------------------------------------------

Shape broadcast_or_fail(const std::string& what, const Shape& a, const Shape& b) {
  Shape result;
  if (!broadcast(a, b, result)) {
    fail("shape-mismatch", what + " does not take shapes " + show(a) + " and " + show(b) + " together");
  }
  return result;
}

Value combine_integers(const BinaryOperator& row, const Tensor& a, const Tensor& b) {
  const Shape shape = broadcast_or_fail("`" + std::string(row.symbol) + "`", a.shape(), b.shape());
  return from_tensor(apply_to_integers(row.integers, a, b, shape, row.boolean));
}

bool any_negative(const Tensor& tensor) {
  for (std::int64_t i = 0; i < tensor.size(); ++i) {
    if (tensor.integer(i) < 0) return true;
  }
  return false;
}

Value apply_symbolically(const Operation& operation, const std::vector<Value>& operands,
                         Attributes attributes, const std::shared_ptr<Graph>& graph) {
  std::vector<Expr> inputs;
  for (const Value& operand : operands) inputs.push_back(to_expr(operand, graph));
  return Symbol{graph, graph->add(operation, inputs, std::move(attributes))};
}

Value apply_concretely(const Operation& operation, const std::vector<Value>& operands,
                       Attributes attributes) {
  if (operation.elementwise == nullptr) {
    const auto graph = std::make_shared<Graph>();
    const Value root = apply_symbolically(operation, operands, std::move(attributes), graph);
    return from_tensor(evaluate(root.as<Symbol>()->expr));
  }
  std::vector<Tensor> tensors;
  std::vector<Type> types;
  for (const Value& operand : operands) {
    tensors.push_back(to_tensor(operand));
    types.push_back(
        {.axes = {}, .event = tensors.back().shape(), .domain = domain_of(tensors.back().storage())});
  }
  const Graph graph;
  TypeResult result = operation.infer({&graph, types, &attributes});
  if (!result.error.empty()) fail("shape-mismatch", result.error);
  return from_tensor(apply_kernel(operation, tensors, result.type));
}

// ---- one operator -----------------------------------------------------------------------------------------

Value scalar_result(const BinaryOperator& row, std::int64_t value) {
  if (row.boolean) return value != 0;
  return value;
}

/// The result for two scalars; nothing when an operand is not one.
std::optional<Value> apply_to_scalars(const BinaryOperator& row, const Value& a, const Value& b) {
  std::int64_t i = 0, j = 0;
  if (row.integers != nullptr && as_integer(a, i) && as_integer(b, j)) {
    if (row.swapped) std::swap(i, j);
    if (row.integers == power_integers && j < 0)
      return power_reals(static_cast<double>(i), static_cast<double>(j));
    return scalar_result(row, row.integers(i, j));
  }
  double x = 0, y = 0;
  if (row.reals == nullptr || !as_real(a, x) || !as_real(b, y)) return std::nullopt;
  if (row.swapped) std::swap(x, y);
  const double result = row.reals(x, y);
  if (row.boolean) return Value(result != 0);
  return Value(result);
}

bool is_equality(const BinaryOperator& row) { return row.symbol == "==" || row.symbol == "!="; }

/// The operation itself takes two matrices; vectors count as a row on the left and a column on the right.
Value multiply_matrices(const Value& a, const Value& b) {
  const auto common = graph_of({a, b});
  const auto graph = common ? common : std::make_shared<Graph>();
  const Expr product = matmul(to_expr(a, graph), to_expr(b, graph));
  if (common) return Symbol{graph, product};
  return from_tensor(evaluate(product));
}

Value apply_binary(const BinaryOperator& row, const Value& a, const Value& b) {
  if (row.operands == Operands::numbers) {
    if (auto scalar = apply_to_scalars(row, a, b)) return std::move(*scalar);
  }
  if (is_equality(row) && (!is_operand(a) || !is_operand(b))) return same_value(a, b) == (row.symbol == "==");
  if (row.symbol == "+" && a.is<std::string>() && b.is<std::string>()) {
    return *a.as<std::string>() + *b.as<std::string>();
  }
  if (a.is<Missing>() || b.is<Missing>()) return Missing{};
  check_operands(row, a, b);
  if (row.operands != Operands::numbers) {
    if (auto scalar = apply_to_scalars(row, a, b)) return std::move(*scalar);
  }
  const Value& first = row.swapped ? b : a;
  const Value& second = row.swapped ? a : b;
  const bool exact = row.integers != nullptr && !a.is<Symbol>() && !b.is<Symbol>() &&
                     domain_of(a) != Domain::real && domain_of(b) != Domain::real;
  if (exact) {
    const Tensor x = to_tensor(first), y = to_tensor(second);
    if (row.integers != power_integers || !any_negative(y)) return combine_integers(row, x, y);
  }
  if (row.operation == &matmul_operation) return multiply_matrices(first, second);
  return apply_operation(*row.operation, {first, second});
}

Value apply_negation(const Value& x) {
  if (const auto* value = x.as<double>()) return -*value;
  if (is_operand(x) && !x.is<Symbol>() && domain_of(x) != Domain::real) {
    return apply_operator("-", {Value(0), x});
  }
  return apply_operation(negate_operation, {x});
}

Value apply_unary(const std::string& symbol, const Value& x) {
  if (x.is<Missing>()) return Missing{};
  const bool logical = symbol == "not";
  if (!is_operand(x) || (logical && domain_of(x) != Domain::boolean)) {
    fail("wrong-type",
         "`" + symbol + "` takes " + (logical ? "a bool" : "a number") + ", but is given " + type_name(x));
  }
  if (symbol == "+") return x;
  if (symbol == "-") return apply_negation(x);
  if (const auto* b = x.as<bool>()) return !*b;
  return apply_operation(not_operation, {x});
}

}  // namespace

Value apply_operator(const std::string& symbol, const std::vector<Value>& operands) {
  if (operands.size() == 1) return apply_unary(symbol, operands[0]);
  return apply_binary(binary_operator(symbol), operands.at(0), operands.at(1));
}

Value apply_operator(const std::string& symbol, const Value& left, const Value& right) {
  return apply_binary(binary_operator(symbol), left, right);
}

Value apply_operation(const Operation& operation, const std::vector<Value>& operands, Attributes attributes) {
  for (const Value& operand : operands) {
    if (operand.is<Missing>()) return Missing{};
    if (is_operand(operand)) continue;
    const std::string name =
        operation.symbol.empty() ? std::string(operation.name) : std::string(operation.symbol);
    fail("wrong-type", "`" + name + "` takes numbers, but is given " + type_name(operand));
  }
  if (const auto graph = graph_of(operands)) {
    return apply_symbolically(operation, operands, std::move(attributes), graph);
  }
  return apply_concretely(operation, operands, std::move(attributes));
}

}  // namespace elbo::runtime
