// Continuous supports of a single number. Bijectors as in the Stan Reference Manual, "Constraint Transforms":
//   x > a        x = a + e^y             log |dx/dy| = y
//   x < b        x = b - e^y             log |dx/dy| = y
//   a < x < b    x = a + (b - a) s(y)    log |dx/dy| = log(b - a) + log s(y) + log s(-y),  s the logistic
//   function
// Ends are inside, since rounding maps onto them: y = 40 gives x = b.
#include <limits>

#include "runtime/expression.hpp"
#include "runtime/support.hpp"

namespace elbo::runtime {
namespace {

using Bounds = std::span<const Expr>;

constexpr double infinity = std::numeric_limits<double>::infinity();

Expr number(Expr like, double value) { return like.graph().constant(value); }

Expr is_finite(Expr x) { return less(abs(x), number(x, infinity)); }

/// log s(y) + log s(-y), in a form that neither overflows nor cancels.
Expr log_logistic_density(Expr y) { return y - 2.0 * softplus(y); }

Expr same(Expr x, Bounds) { return x; }
Expr exp_of(Expr y, Bounds) { return exp(y); }
Expr log_of(Expr x, Bounds) { return log(x); }
Expr one(Expr like, Bounds) { return number(like, 1); }

// real
Expr real_contains(Expr x, Bounds) { return is_finite(x); }
Expr zero(Expr like, Bounds) { return number(like, 0); }

// positive and nonnegative
Expr positive_contains(Expr x, Bounds) {
  return logical_and(less(number(x, 0), x), less(x, number(x, infinity)));
}
Expr nonnegative_contains(Expr x, Bounds) {
  return logical_and(less_equal(number(x, 0), x), less(x, number(x, infinity)));
}

// lower(a)
Expr lower_contains(Expr x, Bounds b) {
  return logical_and(less_equal(b[0], x), less(x, number(x, infinity)));
}
Expr lower_interior(Expr, Bounds b) { return b[0] + 1.0; }
Expr lower_constrain(Expr y, Bounds b) { return b[0] + exp(y); }
Expr lower_unconstrain(Expr x, Bounds b) { return log(x - b[0]); }

// upper(b)
Expr upper_contains(Expr x, Bounds b) {
  return logical_and(less_equal(x, b[0]), less(number(x, -infinity), x));
}
Expr upper_interior(Expr, Bounds b) { return b[0] - 1.0; }
Expr upper_constrain(Expr y, Bounds b) { return b[0] - exp(y); }
Expr upper_unconstrain(Expr x, Bounds b) { return log(b[0] - x); }

// interval(a, b)
Expr interval_contains(Expr x, Bounds b) { return logical_and(less_equal(b[0], x), less_equal(x, b[1])); }
Expr interval_interior(Expr, Bounds b) { return 0.5 * (b[0] + b[1]); }
Expr interval_constrain(Expr y, Bounds b) {
  // The sum may round to just above b.
  return minimum(b[0] + (b[1] - b[0]) * sigmoid(y), b[1]);
}
Expr interval_unconstrain(Expr x, Bounds b) { return log(x - b[0]) - log(b[1] - x); }
Expr interval_log_jacobian(Expr y, Bounds b) { return log(b[1] - b[0]) + log_logistic_density(y); }

// unit_interval
Expr unit_contains(Expr x, Bounds) {
  return logical_and(less_equal(number(x, 0), x), less_equal(x, number(x, 1)));
}
Expr half(Expr like, Bounds) { return number(like, 0.5); }
Expr unit_constrain(Expr y, Bounds) { return sigmoid(y); }
Expr unit_unconstrain(Expr x, Bounds) { return log(x) - log1p(-x); }
Expr unit_log_jacobian(Expr y, Bounds) { return log_logistic_density(y); }

}  // namespace

const SupportKind real_support{
    .name = "real",
    .help = "any finite number",
    .contains = real_contains,
    .interior = zero,
    .constrain = same,
    .unconstrain = same,
    .log_jacobian = [](Expr y, Bounds) { return broadcast(number(y, 0), y.type().axes, y.type().event); },
};

const SupportKind positive_support{
    .name = "positive",
    .help = "x > 0",
    .contains = positive_contains,
    .interior = one,
    .constrain = exp_of,
    .unconstrain = log_of,
    .log_jacobian = same,
    .hull = {.least = 0, .open_below = true},
};

const SupportKind nonnegative_support{
    .name = "nonnegative",
    .help = "x >= 0",
    .contains = nonnegative_contains,
    .interior = one,
    .constrain = exp_of,
    .unconstrain = log_of,
    .log_jacobian = same,
    .hull = {.least = 0},
};

const SupportKind lower_support{
    .name = "lower",
    .help = "x >= a",
    .bounds = 1,
    .contains = lower_contains,
    .interior = lower_interior,
    .constrain = lower_constrain,
    .unconstrain = lower_unconstrain,
    .log_jacobian = same,
    .hull = {.least_bound = 0},
};

const SupportKind upper_support{
    .name = "upper",
    .help = "x <= b",
    .bounds = 1,
    .contains = upper_contains,
    .interior = upper_interior,
    .constrain = upper_constrain,
    .unconstrain = upper_unconstrain,
    .log_jacobian = same,
    .hull = {.greatest_bound = 0},
};

const SupportKind interval_support{
    .name = "interval",
    .help = "a <= x <= b",
    .bounds = 2,
    .contains = interval_contains,
    .interior = interval_interior,
    .constrain = interval_constrain,
    .unconstrain = interval_unconstrain,
    .log_jacobian = interval_log_jacobian,
    .hull = {.least_bound = 0, .greatest_bound = 1},
};

const SupportKind unit_interval_support{
    .name = "unit_interval",
    .help = "0 <= x <= 1",
    .contains = unit_contains,
    .interior = half,
    .constrain = unit_constrain,
    .unconstrain = unit_unconstrain,
    .log_jacobian = unit_log_jacobian,
    .hull = {.least = 0, .greatest = 1},
};

}  // namespace elbo::runtime
