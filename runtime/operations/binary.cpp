// Elementwise operations of two and three inputs: arithmetic, comparisons, logic and choice. At ties minimum
// and maximum send the gradient to their first input.
#include <algorithm>
#include <cmath>

#include "runtime/expression.hpp"
#include "runtime/operations/operations.hpp"

namespace elbo::runtime {

namespace {

Expr zero(Expr like) { return like.graph().constant(0); }

// The condition does not count for the domain of a choice.
TypeResult select_type(const TypeContext& context) {
  TypeResult result = elementwise_type(context);
  result.type.domain = std::max(context.inputs[1].domain, context.inputs[2].domain);
  return result;
}

}  // namespace

const Operation add_operation{
    .name = "add",
    .symbol = "+",
    .signature = "",
    .help = "sum",
    .arity = 2,
    .infer = elementwise_type,
    .elementwise = &KernelTable::add,
    .gradient = [](std::span<const Expr> in, Expr out, Expr ct) -> std::vector<Expr> {
      [[maybe_unused]] const Expr a = in[0], b = in[1], y = out;
      return {ct, ct};
    },
    .commutative = true,
    .test_lower = -2,
    .test_upper = 2,
};

const Operation subtract_operation{
    .name = "subtract",
    .symbol = "-",
    .signature = "",
    .help = "difference",
    .arity = 2,
    .infer = elementwise_type,
    .elementwise = &KernelTable::subtract,
    .gradient = [](std::span<const Expr> in, Expr out, Expr ct) -> std::vector<Expr> {
      [[maybe_unused]] const Expr a = in[0], b = in[1], y = out;
      return {ct, -ct};
    },
    .test_lower = -2,
    .test_upper = 2,
};

const Operation multiply_operation{
    .name = "multiply",
    .symbol = "*",
    .signature = "",
    .help = "product",
    .arity = 2,
    .infer = elementwise_type,
    .elementwise = &KernelTable::multiply,
    .gradient = [](std::span<const Expr> in, Expr out, Expr ct) -> std::vector<Expr> {
      [[maybe_unused]] const Expr a = in[0], b = in[1], y = out;
      return {ct * b, ct * a};
    },
    .commutative = true,
    .test_lower = -2,
    .test_upper = 2,
};

const Operation divide_operation{
    .name = "divide",
    .symbol = "/",
    .signature = "",
    .help = "quotient, always real",
    .arity = 2,
    .infer = elementwise_real_type,
    .elementwise = &KernelTable::divide,
    .gradient = [](std::span<const Expr> in, Expr out, Expr ct) -> std::vector<Expr> {
      [[maybe_unused]] const Expr a = in[0], b = in[1], y = out;
      return {ct / b, -(ct * y / b)};
    },
    .test_lower = 0.3,
    .test_upper = 2,
};

const Operation power_operation{
    .name = "power",
    .symbol = "^",
    .signature = "",
    .help = "a to the power b",
    .arity = 2,
    .infer = elementwise_real_type,
    .elementwise = &KernelTable::power,
    .gradient = [](std::span<const Expr> in, Expr out, Expr ct) -> std::vector<Expr> {
      [[maybe_unused]] const Expr a = in[0], b = in[1], y = out;
      return {ct * (b * power(a, b - 1.0)), ct * xlogy(y, a)};
    },
    .test_lower = 0.3,
    .test_upper = 2,
};

const Operation minimum_operation{
    .name = "minimum",
    .symbol = "",
    .signature = "minimum(a, b)",
    .help = "the smaller, elementwise",
    .arity = 2,
    .infer = elementwise_type,
    .elementwise = &KernelTable::minimum,
    .gradient = [](std::span<const Expr> in, Expr out, Expr ct) -> std::vector<Expr> {
      [[maybe_unused]] const Expr a = in[0], b = in[1], y = out;
      return {select(less_equal(a, b), ct, zero(a)), select(less_equal(a, b), zero(a), ct)};
    },
    .commutative = true,
    .test_lower = -2,
    .test_upper = 2,
};

const Operation maximum_operation{
    .name = "maximum",
    .symbol = "",
    .signature = "maximum(a, b)",
    .help = "the larger, elementwise",
    .arity = 2,
    .infer = elementwise_type,
    .elementwise = &KernelTable::maximum,
    .gradient = [](std::span<const Expr> in, Expr out, Expr ct) -> std::vector<Expr> {
      [[maybe_unused]] const Expr a = in[0], b = in[1], y = out;
      return {select(less_equal(b, a), ct, zero(a)), select(less_equal(b, a), zero(a), ct)};
    },
    .commutative = true,
    .test_lower = -2,
    .test_upper = 2,
};

const Operation atan2_operation{
    .name = "atan2",
    .symbol = "",
    .signature = "atan2(y, x)",
    .help = "angle of the point (x, y) in radians",
    .arity = 2,
    .infer = elementwise_real_type,
    .elementwise = &KernelTable::atan2,
    .gradient = [](std::span<const Expr> in, Expr out, Expr ct) -> std::vector<Expr> {
      [[maybe_unused]] const Expr a = in[0], b = in[1], y = out;
      return {ct * b / (square(a) + square(b)), -(ct * a / (square(a) + square(b)))};
    },
    .test_lower = 0.3,
    .test_upper = 2,
};

const Operation floor_divide_operation{
    .name = "floor_divide",
    .symbol = "//",
    .signature = "",
    .help = "quotient rounded down",
    .arity = 2,
    .infer = elementwise_type,
    .elementwise = &KernelTable::floor_divide,
    .test_lower = 0.3,
    .test_upper = 2,
};

const Operation modulo_operation{
    .name = "modulo",
    .symbol = "%",
    .signature = "",
    .help = "remainder with the sign of the divisor",
    .arity = 2,
    .infer = elementwise_type,
    .elementwise = &KernelTable::modulo,
    .gradient = [](std::span<const Expr> in, Expr out, Expr ct) -> std::vector<Expr> {
      [[maybe_unused]] const Expr a = in[0], b = in[1], y = out;
      return {ct, -(ct * floor(a / b))};
    },
    .test_lower = 0.3,
    .test_upper = 2,
};

const Operation less_operation{
    .name = "less",
    .symbol = "<",
    .signature = "",
    .help = "a below b",
    .arity = 2,
    .infer = elementwise_boolean_type,
    .elementwise = &KernelTable::less,
    .test_lower = 0.1,
    .test_upper = 0.9,
};

const Operation less_equal_operation{
    .name = "less_equal",
    .symbol = "<=",
    .signature = "",
    .help = "a not above b",
    .arity = 2,
    .infer = elementwise_boolean_type,
    .elementwise = &KernelTable::less_equal,
    .test_lower = 0.1,
    .test_upper = 0.9,
};

const Operation equal_operation{
    .name = "equal",
    .symbol = "==",
    .signature = "",
    .help = "a equals b",
    .arity = 2,
    .infer = elementwise_boolean_type,
    .elementwise = &KernelTable::equal,
    .commutative = true,
    .test_lower = 0.1,
    .test_upper = 0.9,
};

const Operation not_equal_operation{
    .name = "not_equal",
    .symbol = "!=",
    .signature = "",
    .help = "a differs from b",
    .arity = 2,
    .infer = elementwise_boolean_type,
    .elementwise = &KernelTable::not_equal,
    .commutative = true,
    .test_lower = 0.1,
    .test_upper = 0.9,
};

const Operation and_operation{
    .name = "and",
    .symbol = "and",
    .signature = "",
    .help = "both",
    .arity = 2,
    .infer = elementwise_boolean_type,
    .elementwise = &KernelTable::logical_and,
    .commutative = true,
    .test_lower = 0.1,
    .test_upper = 0.9,
};

const Operation or_operation{
    .name = "or",
    .symbol = "or",
    .signature = "",
    .help = "either",
    .arity = 2,
    .infer = elementwise_boolean_type,
    .elementwise = &KernelTable::logical_or,
    .commutative = true,
    .test_lower = 0.1,
    .test_upper = 0.9,
};

const Operation select_operation{
    .name = "select",
    .symbol = "",
    .signature = "",
    .help = "second input where the first is true, third elsewhere",
    .arity = 3,
    .infer = select_type,
    .elementwise = &KernelTable::select,
    .gradient = [](std::span<const Expr> in, Expr, Expr ct) -> std::vector<Expr> {
      return {Expr(), select(in[0], ct, zero(ct)), select(in[0], zero(ct), ct)};
    },
};

}  // namespace elbo::runtime
