// Elementwise operations of one input: value by kernel, gradient as expressions (y is the result, ct its
// cotangent).
#include <cmath>

#include "runtime/expression.hpp"
#include "runtime/operations/operations.hpp"

namespace elbo::runtime {

namespace {
Expr sign(Expr x) { return x.graph().add(sign_operation, {x}); }
}  // namespace

const Operation negate_operation{
    .name = "negate",
    .symbol = "-",
    .signature = "",
    .help = "-x",
    .arity = 1,
    .infer = elementwise_type,
    .elementwise = &KernelTable::negate,
    .gradient = [](std::span<const Expr> in, Expr out, Expr ct) -> std::vector<Expr> {
      [[maybe_unused]] const Expr x = in[0];
      [[maybe_unused]] const Expr y = out;
      return {-ct};
    },
    .test_lower = -2,
    .test_upper = 2,
};

const Operation abs_operation{
    .name = "abs",
    .symbol = "",
    .signature = "abs(x)",
    .help = "absolute value",
    .arity = 1,
    .infer = elementwise_type,
    .elementwise = &KernelTable::absolute,
    .gradient = [](std::span<const Expr> in, Expr out, Expr ct) -> std::vector<Expr> {
      [[maybe_unused]] const Expr x = in[0];
      [[maybe_unused]] const Expr y = out;
      return {ct * sign(x)};
    },
    .test_lower = 0.2,
    .test_upper = 2,
};

const Operation sign_operation{
    .name = "sign",
    .symbol = "",
    .signature = "sign(x)",
    .help = "-1, 0 or 1",
    .arity = 1,
    .infer = elementwise_type,
    .elementwise = &KernelTable::sign,
    .test_lower = 0.2,
    .test_upper = 2,
};

const Operation square_operation{
    .name = "square",
    .symbol = "",
    .signature = "square(x)",
    .help = "x squared",
    .arity = 1,
    .infer = elementwise_type,
    .elementwise = &KernelTable::square,
    .gradient = [](std::span<const Expr> in, Expr out, Expr ct) -> std::vector<Expr> {
      [[maybe_unused]] const Expr x = in[0];
      [[maybe_unused]] const Expr y = out;
      return {ct * (2.0 * x)};
    },
    .test_lower = -2,
    .test_upper = 2,
};

const Operation reciprocal_operation{
    .name = "reciprocal",
    .symbol = "",
    .signature = "",
    .help = "1 / x",
    .arity = 1,
    .infer = elementwise_real_type,
    .elementwise = &KernelTable::reciprocal,
    .gradient = [](std::span<const Expr> in, Expr out, Expr ct) -> std::vector<Expr> {
      [[maybe_unused]] const Expr x = in[0];
      [[maybe_unused]] const Expr y = out;
      return {-(ct * square(y))};
    },
    .test_lower = 0.3,
    .test_upper = 2,
};

const Operation sqrt_operation{
    .name = "sqrt",
    .symbol = "",
    .signature = "sqrt(x)",
    .help = "square root, x >= 0",
    .arity = 1,
    .infer = elementwise_real_type,
    .elementwise = &KernelTable::square_root,
    .gradient = [](std::span<const Expr> in, Expr out, Expr ct) -> std::vector<Expr> {
      [[maybe_unused]] const Expr x = in[0];
      [[maybe_unused]] const Expr y = out;
      return {ct * 0.5 / y};
    },
    .test_lower = 0.2,
    .test_upper = 3,
};

const Operation exp_operation{
    .name = "exp",
    .symbol = "",
    .signature = "exp(x)",
    .help = "e to the power x",
    .arity = 1,
    .infer = elementwise_real_type,
    .elementwise = &KernelTable::exp,
    .gradient = [](std::span<const Expr> in, Expr out, Expr ct) -> std::vector<Expr> {
      [[maybe_unused]] const Expr x = in[0];
      [[maybe_unused]] const Expr y = out;
      return {ct * y};
    },
    .test_lower = -2,
    .test_upper = 2,
};

const Operation expm1_operation{
    .name = "expm1",
    .symbol = "",
    .signature = "expm1(x)",
    .help = "exp(x) - 1, accurate near 0",
    .arity = 1,
    .infer = elementwise_real_type,
    .elementwise = &KernelTable::expm1,
    .gradient = [](std::span<const Expr> in, Expr out, Expr ct) -> std::vector<Expr> {
      [[maybe_unused]] const Expr x = in[0];
      [[maybe_unused]] const Expr y = out;
      return {ct * (y + 1.0)};
    },
    .test_lower = -2,
    .test_upper = 2,
};

const Operation log_operation{
    .name = "log",
    .symbol = "",
    .signature = "log(x)",
    .help = "natural logarithm, x > 0",
    .arity = 1,
    .infer = elementwise_real_type,
    .elementwise = &KernelTable::log,
    .gradient = [](std::span<const Expr> in, Expr out, Expr ct) -> std::vector<Expr> {
      [[maybe_unused]] const Expr x = in[0];
      [[maybe_unused]] const Expr y = out;
      return {ct / x};
    },
    .test_lower = 0.2,
    .test_upper = 3,
};

const Operation log1p_operation{
    .name = "log1p",
    .symbol = "",
    .signature = "log1p(x)",
    .help = "log(1 + x), accurate near 0",
    .arity = 1,
    .infer = elementwise_real_type,
    .elementwise = &KernelTable::log1p,
    .gradient = [](std::span<const Expr> in, Expr out, Expr ct) -> std::vector<Expr> {
      [[maybe_unused]] const Expr x = in[0];
      [[maybe_unused]] const Expr y = out;
      return {ct / (1.0 + x)};
    },
    .test_lower = -0.5,
    .test_upper = 2,
};

const Operation sin_operation{
    .name = "sin",
    .symbol = "",
    .signature = "sin(x)",
    .help = "sine of x in radians",
    .arity = 1,
    .infer = elementwise_real_type,
    .elementwise = &KernelTable::sin,
    .gradient = [](std::span<const Expr> in, Expr out, Expr ct) -> std::vector<Expr> {
      [[maybe_unused]] const Expr x = in[0];
      [[maybe_unused]] const Expr y = out;
      return {ct * cos(x)};
    },
    .test_lower = -3,
    .test_upper = 3,
};

const Operation cos_operation{
    .name = "cos",
    .symbol = "",
    .signature = "cos(x)",
    .help = "cosine of x in radians",
    .arity = 1,
    .infer = elementwise_real_type,
    .elementwise = &KernelTable::cos,
    .gradient = [](std::span<const Expr> in, Expr out, Expr ct) -> std::vector<Expr> {
      [[maybe_unused]] const Expr x = in[0];
      [[maybe_unused]] const Expr y = out;
      return {-(ct * sin(x))};
    },
    .test_lower = -3,
    .test_upper = 3,
};

const Operation tan_operation{
    .name = "tan",
    .symbol = "",
    .signature = "tan(x)",
    .help = "tangent of x in radians",
    .arity = 1,
    .infer = elementwise_real_type,
    .elementwise = &KernelTable::tan,
    .gradient = [](std::span<const Expr> in, Expr out, Expr ct) -> std::vector<Expr> {
      [[maybe_unused]] const Expr x = in[0];
      [[maybe_unused]] const Expr y = out;
      return {ct * (1.0 + square(y))};
    },
    .test_lower = -1.2,
    .test_upper = 1.2,
};

const Operation asin_operation{
    .name = "asin",
    .symbol = "",
    .signature = "asin(x)",
    .help = "arcsine in radians, -1 <= x <= 1",
    .arity = 1,
    .infer = elementwise_real_type,
    .elementwise = &KernelTable::asin,
    .gradient = [](std::span<const Expr> in, Expr out, Expr ct) -> std::vector<Expr> {
      [[maybe_unused]] const Expr x = in[0];
      [[maybe_unused]] const Expr y = out;
      return {ct / sqrt(1.0 - square(x))};
    },
    .test_lower = -0.8,
    .test_upper = 0.8,
};

const Operation acos_operation{
    .name = "acos",
    .symbol = "",
    .signature = "acos(x)",
    .help = "arccosine in radians, -1 <= x <= 1",
    .arity = 1,
    .infer = elementwise_real_type,
    .elementwise = &KernelTable::acos,
    .gradient = [](std::span<const Expr> in, Expr out, Expr ct) -> std::vector<Expr> {
      [[maybe_unused]] const Expr x = in[0];
      [[maybe_unused]] const Expr y = out;
      return {-(ct / sqrt(1.0 - square(x)))};
    },
    .test_lower = -0.8,
    .test_upper = 0.8,
};

const Operation atan_operation{
    .name = "atan",
    .symbol = "",
    .signature = "atan(x)",
    .help = "arctangent in radians",
    .arity = 1,
    .infer = elementwise_real_type,
    .elementwise = &KernelTable::atan,
    .gradient = [](std::span<const Expr> in, Expr out, Expr ct) -> std::vector<Expr> {
      [[maybe_unused]] const Expr x = in[0];
      [[maybe_unused]] const Expr y = out;
      return {ct / (1.0 + square(x))};
    },
    .test_lower = -3,
    .test_upper = 3,
};

const Operation sinh_operation{
    .name = "sinh",
    .symbol = "",
    .signature = "sinh(x)",
    .help = "hyperbolic sine",
    .arity = 1,
    .infer = elementwise_real_type,
    .elementwise = &KernelTable::sinh,
    .gradient = [](std::span<const Expr> in, Expr out, Expr ct) -> std::vector<Expr> {
      [[maybe_unused]] const Expr x = in[0];
      [[maybe_unused]] const Expr y = out;
      return {ct * x.graph().add(cosh_operation, {x})};
    },
    .test_lower = -2,
    .test_upper = 2,
};

const Operation cosh_operation{
    .name = "cosh",
    .symbol = "",
    .signature = "cosh(x)",
    .help = "hyperbolic cosine",
    .arity = 1,
    .infer = elementwise_real_type,
    .elementwise = &KernelTable::cosh,
    .gradient = [](std::span<const Expr> in, Expr out, Expr ct) -> std::vector<Expr> {
      [[maybe_unused]] const Expr x = in[0];
      [[maybe_unused]] const Expr y = out;
      return {ct * x.graph().add(sinh_operation, {x})};
    },
    .test_lower = -2,
    .test_upper = 2,
};

const Operation tanh_operation{
    .name = "tanh",
    .symbol = "",
    .signature = "tanh(x)",
    .help = "hyperbolic tangent",
    .arity = 1,
    .infer = elementwise_real_type,
    .elementwise = &KernelTable::tanh,
    .gradient = [](std::span<const Expr> in, Expr out, Expr ct) -> std::vector<Expr> {
      [[maybe_unused]] const Expr x = in[0];
      [[maybe_unused]] const Expr y = out;
      return {ct * (1.0 - square(y))};
    },
    .test_lower = -2,
    .test_upper = 2,
};

const Operation sigmoid_operation{
    .name = "sigmoid",
    .symbol = "",
    .signature = "sigmoid(x)",
    .help = "1 / (1 + exp(-x)), the inverse of logit",
    .arity = 1,
    .infer = elementwise_real_type,
    .elementwise = &KernelTable::sigmoid,
    .gradient = [](std::span<const Expr> in, Expr out, Expr ct) -> std::vector<Expr> {
      [[maybe_unused]] const Expr x = in[0];
      [[maybe_unused]] const Expr y = out;
      return {ct * (y * (1.0 - y))};
    },
    .test_lower = -3,
    .test_upper = 3,
};

const Operation softplus_operation{
    .name = "softplus",
    .symbol = "",
    .signature = "softplus(x)",
    .help = "log(1 + exp(x)), without overflow",
    .arity = 1,
    .infer = elementwise_real_type,
    .elementwise = &KernelTable::softplus,
    .gradient = [](std::span<const Expr> in, Expr out, Expr ct) -> std::vector<Expr> {
      [[maybe_unused]] const Expr x = in[0];
      [[maybe_unused]] const Expr y = out;
      return {ct * sigmoid(x)};
    },
    .test_lower = -3,
    .test_upper = 3,
};

const Operation floor_operation{
    .name = "floor",
    .symbol = "",
    .signature = "floor(x)",
    .help = "largest whole number not above x",
    .arity = 1,
    .infer = elementwise_real_type,
    .elementwise = &KernelTable::floor,
    .test_lower = 0.1,
    .test_upper = 0.9,
};

const Operation ceil_operation{
    .name = "ceil",
    .symbol = "",
    .signature = "ceil(x)",
    .help = "smallest whole number not below x",
    .arity = 1,
    .infer = elementwise_real_type,
    .elementwise = &KernelTable::ceil,
    .test_lower = 0.1,
    .test_upper = 0.9,
};

const Operation round_operation{
    .name = "round",
    .symbol = "",
    .signature = "round(x)",
    .help = "nearest whole number, halves away from zero",
    .arity = 1,
    .infer = elementwise_real_type,
    .elementwise = &KernelTable::round,
    .test_lower = 0.6,
    .test_upper = 0.9,
};

const Operation not_operation{
    .name = "not",
    .symbol = "not",
    .signature = "",
    .help = "true where x is false",
    .arity = 1,
    .infer = elementwise_boolean_type,
    .elementwise = &KernelTable::logical_not,
    .test_lower = 0.1,
    .test_upper = 0.9,
};

const Operation is_nan_operation{
    .name = "is_nan",
    .symbol = "",
    .signature = "is_nan(x)",
    .help = "true where x is not a number",
    .arity = 1,
    .infer = elementwise_boolean_type,
    .elementwise = &KernelTable::is_nan,
    .test_lower = 0.1,
    .test_upper = 0.9,
};

}  // namespace elbo::runtime
