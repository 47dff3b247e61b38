// Supports of integers. They have no bijector; a value that is not a whole number is outside.
#include <limits>

#include "runtime/expression.hpp"
#include "runtime/support.hpp"

namespace elbo::runtime {
namespace {

using Bounds = std::span<const Expr>;

Expr number(Expr like, double value) { return like.graph().constant(value); }

/// `inside` where x is a whole number too; nothing to compute for values known to be integers.
Expr whole(Expr x, Expr inside) {
  if (x.type().domain != Domain::real) return inside;
  return logical_and(inside, equal(floor(x), x));
}

Expr zero(Expr like, Bounds) { return number(like, 0); }
Expr one(Expr like, Bounds) { return number(like, 1); }

Expr boolean_contains(Expr x, Bounds) { return logical_or(equal(x, number(x, 0)), equal(x, number(x, 1))); }

Expr natural_contains(Expr x, Bounds) {
  const Expr finite = less(x, number(x, std::numeric_limits<double>::infinity()));
  return whole(x, logical_and(less_equal(number(x, 0), x), finite));
}

Expr up_to_contains(Expr x, Bounds b) {
  return whole(x, logical_and(less_equal(number(x, 0), x), less_equal(x, b[0])));
}

Expr category_contains(Expr x, Bounds b) {
  return whole(x, logical_and(less_equal(number(x, 1), x), less_equal(x, b[0])));
}

}  // namespace

const SupportKind boolean_support{
    .name = "boolean",
    .help = "0 or 1",
    .discrete = true,
    .contains = boolean_contains,
    .interior = zero,
    .hull = {.least = 0, .greatest = 1},
};

const SupportKind natural_support{
    .name = "natural",
    .help = "0, 1, 2, ...",
    .discrete = true,
    .contains = natural_contains,
    .interior = zero,
    .hull = {.least = 0},
};

const SupportKind natural_up_to_support{
    .name = "natural_up_to",
    .help = "0, 1, ..., n",
    .bounds = 1,
    .discrete = true,
    .contains = up_to_contains,
    .interior = zero,
    .hull = {.least = 0, .greatest_bound = 0},
};

const SupportKind category_support{
    .name = "category",
    .help = "1, 2, ..., K",
    .bounds = 1,
    .discrete = true,
    .contains = category_contains,
    .interior = one,
    .hull = {.least = 1, .greatest_bound = 0},
};

}  // namespace elbo::runtime
