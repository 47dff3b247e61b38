// Supports of a vector as a whole (the last event dimension). Bijectors as in the Stan Reference Manual,
// "Constraint Transforms":
//   ordered    x_1 = y_1, x_k = x_{k-1} + e^{y_k}    log |det| = sum_{k >= 2} y_k
//   simplex    x = softmax(H y)                      log |det| = sum_k log x_k + log(K) / 2
// H is the orthonormal K x (K-1) basis of the vectors that sum to zero (Helmert's; Stan from 2.37). The
// Jacobian of a simplex is taken in its first K - 1 coordinates, the measure in which Dirichlet's density is
// written: with respect to area on the simplex it would be larger by the constant log(K) / 2.
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

/// Constant matrix with entries f(row, column).
template <class F>
Expr matrix(Graph& graph, std::int64_t rows, std::int64_t columns, F f) {
  std::vector<double> values;
  values.reserve(static_cast<std::size_t>(rows * columns));
  for (std::int64_t i = 0; i < rows; ++i)
    for (std::int64_t j = 0; j < columns; ++j) values.push_back(f(i, j));
  return graph.constant(Tensor({rows, columns}, std::move(values)));
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
  return matmul(x, matrix(x.graph(), size, size, [](std::int64_t i, std::int64_t j) {
                  return i == j ? 1.0 : i + 1 == j ? -1.0 : 0.0;
                }));
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
  const std::int64_t size = last_dimension(like, "ordered");
  std::vector<double> values;
  for (std::int64_t k = 0; k < size; ++k) values.push_back(static_cast<double>(k));
  return like.graph().constant(Tensor({size}, std::move(values)));
}

Expr ordered_constrain(Expr y, Bounds) {
  const std::int64_t size = last_dimension(y, "ordered");
  const Expr first = first_element(y.graph(), size);
  const Expr steps = select(first, y, exp(select(first, number(y, 0), y)));
  return matmul(steps, matrix(y.graph(), size, size,
                              [](std::int64_t i, std::int64_t j) { return i <= j ? 1.0 : 0.0; }));
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

// simplex

/// Helmert's basis: column j holds 1 / sqrt(j (j + 1)) in rows 1..j and -j / sqrt(j (j + 1)) in row j + 1.
Expr sum_to_zero_basis(Graph& graph, std::int64_t size, bool transposed) {
  const auto entry = [](std::int64_t row, std::int64_t column) {
    const double j = static_cast<double>(column + 1);
    const double scale = 1.0 / std::sqrt(j * (j + 1.0));
    return row <= column ? scale : row == column + 1 ? -j * scale : 0.0;
  };
  if (transposed)
    return matrix(graph, size - 1, size, [&](std::int64_t i, std::int64_t j) { return entry(j, i); });
  return matrix(graph, size, size - 1, entry);
}

/// log softmax(H y).
Expr log_simplex(Expr y, std::int64_t size) {
  const Expr z = matmul(y, sum_to_zero_basis(y.graph(), size, true));
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
  const std::vector<double> values(static_cast<std::size_t>(size), 1.0 / static_cast<double>(size));
  return like.graph().constant(Tensor({size}, values));
}

Expr simplex_constrain(Expr y, Bounds) { return exp(log_simplex(y, last_dimension(y, "simplex") + 1)); }

Expr simplex_unconstrain(Expr x, Bounds) {
  return matmul(log(x), sum_to_zero_basis(x.graph(), last_dimension(x, "simplex"), false));
}

Expr simplex_log_jacobian(Expr y, Bounds) {
  const std::int64_t size = last_dimension(y, "simplex") + 1;
  return sum_dim(log_simplex(y, size), -1) + 0.5 * std::log(static_cast<double>(size));
}

Shape simplex_unconstrained_shape(const Shape& x) {
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
    .unconstrained_shape = simplex_unconstrained_shape,
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

}  // namespace elbo::runtime
