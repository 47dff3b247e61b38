// Supports of a vector as a whole (the last event dimension). Bijectors as in the Stan Reference Manual,
// "Constraint Transforms":
//   ordered    x_1 = y_1, x_k = x_{k-1} + e^{y_k}    log |det| = sum_{k >= 2} y_k
//   positive_ordered  x_1 = e^{y_1}, x_k likewise    log |det| = sum_k y_k
//   simplex    x = softmax(H y)                      log |det| = sum_k log x_k + log(K) / 2
//   sum_to_zero  x = H y                             log |det| = -log(K) / 2
//   location_precision  x_K = e^{y_K}, the others y  log |det| = y_K
// H is the orthonormal K x (K-1) basis of the vectors that sum to zero (Helmert's; Stan from 2.37). The
// Jacobian of these two is taken in their first K - 1 coordinates, the measure in which Dirichlet's density
// is written: with respect to area on the simplex it would be larger by the constant log(K) / 2.
#include <cmath>
#include <limits>

#include "lang/diagnostic.hpp"
#include "runtime/expression.hpp"
#include "runtime/support.hpp"

namespace elbo::runtime {
namespace {

using Bounds = std::span<const Expr>;

/// How far the sum of a simplex may be from 1: data written with seven digits, or sums in single precision.
constexpr double simplex_tolerance = 1e-6;

Expr number(Expr like, double value) { return like.graph().constant(value); }

std::int64_t last_dimension(Expr x, const char* support) {
  if (x.type().event.empty())
    throw lang::Failure(
        {.code = "shape-mismatch",
         .message = std::string(support) + " is a constraint on a vector, but this is one number",
         .span = {},
         .related = {},
         .hint = "give it a length, as in `" + std::string(support) + "[3]`"});
  return x.type().event.back();
}

/// Constant vector f(0), …, f(size - 1).
template <class F>
Expr vector(Graph& graph, std::int64_t size, F f) {
  std::vector<double> values;
  for (std::int64_t k = 0; k < size; ++k) values.push_back(f(static_cast<double>(k)));
  return graph.constant(Tensor({size}, std::move(values)));
}

/// Elements first, …, first + count - 1 of the last dimension.
Expr slice(Expr x, std::int64_t first, std::int64_t count) {
  std::vector<std::int64_t> index;
  for (std::int64_t k = 0; k < count; ++k) index.push_back(first + k);
  return gather(x, x.graph().constant(Tensor({count}, std::move(index))), -1);
}

/// [1, 0, 0, …]: which element is the first.
Expr first_element(Graph& graph, std::int64_t size) {
  std::vector<std::uint8_t> values(static_cast<std::size_t>(size), 0);
  if (size > 0) values[0] = 1;
  return graph.constant(Tensor::boolean({size}, std::move(values)));
}

// ordered

/// x_1, x_2 - x_1, x_3 - x_2, …
Expr differences(Expr x, std::int64_t size) {
  std::vector<std::int64_t> previous;
  for (std::int64_t k = 0; k < size; ++k) previous.push_back(k > 0 ? k - 1 : 0);
  const Expr before = gather(x, x.graph().constant(Tensor({size}, std::move(previous))), -1);
  return x - select(first_element(x.graph(), size), number(x, 0), before);
}

Expr ordered_contains(Expr x, Bounds) {
  const std::int64_t size = last_dimension(x, "ordered");
  // Ties count as inside: far from zero, rounding makes them.
  const Expr ascending =
      logical_or(first_element(x.graph(), size), less_equal(number(x, 0), differences(x, size)));
  const Expr finite = less(abs(x), number(x, std::numeric_limits<double>::infinity()));
  return equal(sum_dim(select(logical_and(ascending, finite), number(x, 0), number(x, 1)), -1), number(x, 0));
}

Expr ordered_interior(Expr like, Bounds) {
  return vector(like.graph(), last_dimension(like, "ordered"), [](double k) { return k; });
}

Expr ordered_constrain(Expr y, Bounds) {
  const std::int64_t size = last_dimension(y, "ordered");
  const Expr first = first_element(y.graph(), size);
  const Expr steps = select(first, y, exp(select(first, number(y, 0), y)));
  return cumsum_dim(steps, -1);
}

Expr ordered_unconstrain(Expr x, Bounds) {
  const std::int64_t size = last_dimension(x, "ordered");
  const Expr first = first_element(x.graph(), size);
  const Expr steps = differences(x, size);
  return select(first, steps, log(select(first, number(x, 1), steps)));
}

Expr ordered_log_jacobian(Expr y, Bounds) {
  const Expr first = first_element(y.graph(), last_dimension(y, "ordered"));
  return sum_dim(select(first, number(y, 0), y), -1);
}

// positive_ordered

Expr positive_ordered_contains(Expr x, Bounds bounds) {
  const std::int64_t size = last_dimension(x, "positive_ordered");
  const Expr is_first = first_element(x.graph(), size);
  const Expr low = logical_and(is_first, less_equal(x, number(x, 0)));
  const Expr none_low = equal(sum_dim(select(low, number(x, 1), number(x, 0)), -1), number(x, 0));
  return logical_and(none_low, ordered_contains(x, bounds));
}

Expr positive_ordered_interior(Expr like, Bounds) {
  return vector(like.graph(), last_dimension(like, "positive_ordered"), [](double k) { return k + 1; });
}

Expr positive_ordered_constrain(Expr y, Bounds) {
  last_dimension(y, "positive_ordered");
  return cumsum_dim(exp(y), -1);
}

Expr positive_ordered_unconstrain(Expr x, Bounds) {
  return log(differences(x, last_dimension(x, "positive_ordered")));
}

Expr positive_ordered_log_jacobian(Expr y, Bounds) {
  last_dimension(y, "positive_ordered");
  return sum_dim(y, -1);
}

// simplex

// Helmert's basis: column j of H holds s_j = 1 / sqrt(j (j + 1)) in rows 1..j and -j s_j in row j + 1. Both
// products with it are running sums, so that a simplex of ten thousand words needs no matrix.

double column_scale(double j) { return 1.0 / std::sqrt((j + 1.0) * (j + 2.0)); }  // of column j + 1

/// (H y)_k = sum_{j >= k} s_j y_j - (k - 1) s_{k-1} y_{k-1}.
Expr from_coordinates(Expr y, std::int64_t size) {
  const Expr w = y * vector(y.graph(), size - 1, column_scale);
  Shape one = y.type().event;
  one.back() = 1;
  const Expr zero = broadcast(number(y, 0), y.type().axes, one);
  const Expr weighted = w * vector(y.graph(), size - 1, [](double j) { return j + 1.0; });
  return cumsum_dim(concatenate({w, zero}, -1), -1, true) - concatenate({zero, weighted}, -1);
}

/// (H' z)_j = s_j (z_1 + … + z_j - j z_{j+1}).
Expr to_coordinates(Expr z, std::int64_t size) {
  const Expr heads = slice(cumsum_dim(z, -1), 0, size - 1);
  const Expr count = vector(z.graph(), size - 1, [](double j) { return j + 1.0; });
  return (heads - count * slice(z, 1, size - 1)) * vector(z.graph(), size - 1, column_scale);
}

/// log softmax(H y).
Expr log_simplex(Expr y, std::int64_t size) {
  const Expr z = from_coordinates(y, size);
  Shape kept = z.type().event;
  kept.back() = 1;
  return z - reshape(logsumexp_dim(z, -1), kept);
}

Expr simplex_contains(Expr x, Bounds) {
  last_dimension(x, "simplex");
  const Expr negative = sum_dim(select(less_equal(number(x, 0), x), number(x, 0), number(x, 1)), -1);
  const Expr sums_to_one = less_equal(abs(sum_dim(x, -1) - 1.0), number(x, simplex_tolerance));
  return logical_and(equal(negative, number(x, 0)), sums_to_one);
}

Expr simplex_interior(Expr like, Bounds) {
  const std::int64_t size = last_dimension(like, "simplex");
  return vector(like.graph(), size, [size](double) { return 1.0 / static_cast<double>(size); });
}

Expr simplex_constrain(Expr y, Bounds) { return exp(log_simplex(y, last_dimension(y, "simplex") + 1)); }

Expr simplex_unconstrain(Expr x, Bounds) { return to_coordinates(log(x), last_dimension(x, "simplex")); }

Expr simplex_log_jacobian(Expr y, Bounds) {
  const std::int64_t size = last_dimension(y, "simplex") + 1;
  return sum_dim(log_simplex(y, size), -1) + 0.5 * std::log(static_cast<double>(size));
}

// sum_to_zero

Expr sum_to_zero_contains(Expr x, Bounds) {
  last_dimension(x, "sum_to_zero");
  const Expr size = maximum(sum_dim(abs(x), -1), number(x, 1));
  return less_equal(abs(sum_dim(x, -1)), simplex_tolerance * size);
}

Expr sum_to_zero_interior(Expr like, Bounds) {
  return vector(like.graph(), last_dimension(like, "sum_to_zero"), [](double) { return 0.0; });
}

Expr sum_to_zero_constrain(Expr y, Bounds) {
  return from_coordinates(y, last_dimension(y, "sum_to_zero") + 1);
}

Expr sum_to_zero_unconstrain(Expr x, Bounds) { return to_coordinates(x, last_dimension(x, "sum_to_zero")); }

Expr sum_to_zero_log_jacobian(Expr y, Bounds) {
  const auto size = static_cast<double>(last_dimension(y, "sum_to_zero") + 1);
  return sum_dim(number(y, 0) * y, -1) - 0.5 * std::log(size);
}

// location_precision

/// [false, …, false, true]: which element is the precision.
Expr last_element(Expr x) {
  const std::int64_t size = last_dimension(x, "location_precision");
  std::vector<std::uint8_t> values(static_cast<std::size_t>(size), 0);
  if (size > 0) values.back() = 1;
  return x.graph().constant(Tensor::boolean({size}, std::move(values)));
}

Expr location_precision_contains(Expr x, Bounds) {
  const Expr low = logical_and(last_element(x), less_equal(x, number(x, 0)));
  const Expr finite = less(abs(x), number(x, std::numeric_limits<double>::infinity()));
  const Expr bad = logical_or(low, logical_not(finite));
  return equal(sum_dim(select(bad, number(x, 1), number(x, 0)), -1), number(x, 0));
}

Expr location_precision_interior(Expr like, Bounds) {
  return vector(like.graph(), last_dimension(like, "location_precision"), [](double) { return 1.0; });
}

Expr location_precision_constrain(Expr y, Bounds) {
  const Expr last = last_element(y);
  return select(last, exp(select(last, y, number(y, 0))), y);
}

Expr location_precision_unconstrain(Expr x, Bounds) {
  const Expr last = last_element(x);
  return select(last, log(select(last, x, number(x, 1))), x);
}

Expr location_precision_log_jacobian(Expr y, Bounds) {
  return sum_dim(select(last_element(y), y, number(y, 0)), -1);
}

// Of supports with one condition on the sum.
Shape one_less(const Shape& x) {
  Shape shape = x;
  if (!shape.empty()) shape.back() -= 1;
  return shape;
}

}  // namespace

const SupportKind simplex_support{
    .name = "simplex",
    .help = "x_k >= 0 and x_1 + ... + x_K = 1",
    .event_rank = 1,
    .contains = simplex_contains,
    .interior = simplex_interior,
    .constrain = simplex_constrain,
    .unconstrain = simplex_unconstrain,
    .log_jacobian = simplex_log_jacobian,
    .unconstrained_shape = one_less,
    .hull = {.least = 0, .greatest = 1},
};

const SupportKind ordered_support{
    .name = "ordered",
    .help = "x_1 <= x_2 <= ... <= x_K",
    .event_rank = 1,
    .contains = ordered_contains,
    .interior = ordered_interior,
    .constrain = ordered_constrain,
    .unconstrain = ordered_unconstrain,
    .log_jacobian = ordered_log_jacobian,
};

const SupportKind positive_ordered_support{
    .name = "positive_ordered",
    .help = "0 < x_1 <= x_2 <= ... <= x_K",
    .event_rank = 1,
    .contains = positive_ordered_contains,
    .interior = positive_ordered_interior,
    .constrain = positive_ordered_constrain,
    .unconstrain = positive_ordered_unconstrain,
    .log_jacobian = positive_ordered_log_jacobian,
    .hull = {.least = 0, .open_below = true},
};

const SupportKind sum_to_zero_support{
    .name = "sum_to_zero",
    .help = "x_1 + ... + x_K = 0",
    .event_rank = 1,
    .contains = sum_to_zero_contains,
    .interior = sum_to_zero_interior,
    .constrain = sum_to_zero_constrain,
    .unconstrain = sum_to_zero_unconstrain,
    .log_jacobian = sum_to_zero_log_jacobian,
    .unconstrained_shape = one_less,
};

const SupportKind location_precision_support{
    .name = "location_precision",
    .help = "numbers of which the last is positive",
    .event_rank = 1,
    .contains = location_precision_contains,
    .interior = location_precision_interior,
    .constrain = location_precision_constrain,
    .unconstrain = location_precision_unconstrain,
    .log_jacobian = location_precision_log_jacobian,
};

}  // namespace elbo::runtime
