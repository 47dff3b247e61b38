// Supports of matrices as wholes, and of unit vectors. Bijectors as in the Stan Reference Manual, "Constraint
// Transforms", from n free numbers (of a K x K matrix: K (K + 1) / 2, or K (K - 1) / 2 for correlations):
//   cholesky_covariance   diag L = e^y, below it y         log |det| = sum of the y on the diagonal
//   covariance            L L'                             + K log 2 + sum_k (K - k + 1) log L_kk, k = 1, …,
//   K cholesky_correlation  L_ij = tanh(y_ij) sqrt(1 - sum_{j' < j} L_ij'^2), the diagonal closes the row
//                                                          log |det| = sum log(1 - tanh^2) + log(1 - sum
//                                                          L_ij'^2) / 2
//   correlation           L L'                             + sum_k (K - k) log L_kk
// Densities are with respect to the free entries: those of the lower triangle, without the diagonal for
// correlations.
//   unit_vector           y / |y|                          a standard normal's density of |y|, which the
//   vector leaves
//                                                          open: n free numbers for n - 1 that are determined
#include <cmath>
#include <limits>

#include "lang/diagnostic.hpp"
#include "runtime/expression.hpp"
#include "runtime/matrices.hpp"
#include "runtime/support.hpp"

namespace elbo::runtime {
namespace {

using Bounds = std::span<const Expr>;

/// How far a matrix may be from symmetric, or a correlation's diagonal from 1, relative to its size: data
/// written with seven digits.
constexpr double tolerance = 1e-6;

Expr number(Expr like, double value) { return like.graph().constant(value); }

std::int64_t matrix_size(Expr x, const char* support) {
  const Shape& event = x.type().event;
  if (event.size() >= 2 && event[event.size() - 1] == event[event.size() - 2]) return event.back();
  throw lang::Failure({.code = "shape-mismatch",
                       .message = std::string(support) +
                                  " is a constraint on a square matrix, but this has shape " + show(event),
                       .span = {},
                       .related = {},
                       .hint = "its size is given once, as in `" + std::string(support) + "[3]`"});
}

/// K of K (K + 1) / 2 numbers (`diagonal`), or of K (K - 1) / 2.
std::int64_t size_of_free(Expr y, bool diagonal) {
  const auto n = static_cast<double>(y.type().event.back());
  const auto k = static_cast<std::int64_t>(std::lround((std::sqrt(8 * n + 1) - 1) / 2));
  return diagonal ? k : k + 1;
}

/// Constant [K, K] with f(i, j).
template <class F>
Expr table(Graph& graph, std::int64_t size, F f) {
  std::vector<std::uint8_t> values;
  for (std::int64_t i = 0; i < size; ++i) {
    for (std::int64_t j = 0; j < size; ++j) values.push_back(f(i, j) ? 1 : 0);
  }
  return graph.constant(Tensor::boolean({size, size}, std::move(values)));
}
Expr on_diagonal(Graph& graph, std::int64_t size) {
  return table(graph, size, [](std::int64_t i, std::int64_t j) { return i == j; });
}
Expr below_diagonal(Graph& graph, std::int64_t size) {
  return table(graph, size, [](std::int64_t i, std::int64_t j) { return j < i; });
}

/// Free numbers at their places, row by row; something else elsewhere.
Expr placed(Expr y, std::int64_t size, bool diagonal) {
  std::vector<std::int64_t> places;
  std::int64_t next = 0;
  for (std::int64_t i = 0; i < size; ++i) {
    for (std::int64_t j = 0; j < size; ++j) places.push_back(j < i || (diagonal && j == i) ? next++ : 0);
  }
  if (next == 0)
    return broadcast(number(y, 0), y.type().axes, [&] {
      Shape shape = y.type().event;
      shape.back() = size;
      shape.push_back(size);
      return shape;
    }());
  return gather(y, y.graph().constant(Tensor({size, size}, std::move(places))), -1);
}

/// The free numbers from their places.
Expr taken(Expr x, std::int64_t size, bool diagonal) {
  Shape shape = x.type().event;
  shape.pop_back();
  shape.back() = size * size;
  std::vector<std::int64_t> places;
  for (std::int64_t i = 0; i < size; ++i) {
    for (std::int64_t j = 0; j < i + (diagonal ? 1 : 0); ++j) places.push_back(i * size + j);
  }
  const auto count = static_cast<std::int64_t>(places.size());
  return gather(reshape(x, shape), x.graph().constant(Tensor({count}, std::move(places))), -1);
}

/// Constant vector f(1), …, f(K).
template <class F>
Expr vector(Graph& graph, std::int64_t size, F f) {
  std::vector<double> values;
  for (std::int64_t k = 1; k <= size; ++k) values.push_back(f(static_cast<double>(k)));
  return graph.constant(Tensor({size}, std::move(values)));
}

/// Whether a condition holds for all entries of each matrix.
Expr everywhere(Expr condition) {
  const Expr broken = select(condition, number(condition, 0), number(condition, 1));
  return equal(sum_dim(sum_dim(broken, -1), -1), number(condition, 0));
}

Expr largest_entry(Expr x) { return max_dim(max_dim(abs(x), -1), -1); }

Expr as_matrix_scale(Expr x) {
  Shape shape = x.type().event;
  shape.insert(shape.end(), {1, 1});
  return reshape(x, shape);
}

Shape free_shape(const Shape& x, bool diagonal) {
  if (x.size() < 2) return x;
  Shape shape(x.begin(), x.end() - 1);
  shape.back() = x.back() * (x.back() + (diagonal ? 1 : -1)) / 2;
  return shape;
}

// cholesky_covariance

Expr cholesky_covariance_contains(Expr x, Bounds) {
  const std::int64_t size = matrix_size(x, "cholesky_covariance");
  Graph& graph = x.graph();
  const Expr finite = less(abs(x), number(x, std::numeric_limits<double>::infinity()));
  const Expr below = logical_and(below_diagonal(graph, size), finite);
  const Expr on = logical_and(on_diagonal(graph, size), logical_and(less(number(x, 0), x), finite));
  const Expr above = equal(x, number(x, 0));
  const Expr lower = logical_or(below_diagonal(graph, size), on_diagonal(graph, size));
  return everywhere(logical_or(logical_or(below, on), logical_and(logical_not(lower), above)));
}

Expr identity_interior(Expr like, Bounds) {
  return identity_matrix(like.graph(), matrix_size(like, "covariance"));
}

Expr cholesky_covariance_constrain(Expr y, Bounds) {
  const std::int64_t size = size_of_free(y, true);
  Graph& graph = y.graph();
  const Expr free = placed(y, size, true), zero = number(y, 0);
  const Expr on = on_diagonal(graph, size);
  return select(on, exp(select(on, free, zero)), select(below_diagonal(graph, size), free, zero));
}

Expr cholesky_covariance_unconstrain(Expr x, Bounds) {
  const std::int64_t size = matrix_size(x, "cholesky_covariance");
  const Expr on = on_diagonal(x.graph(), size);
  return taken(select(on, log(select(on, x, number(x, 1))), x), size, true);
}

Expr cholesky_covariance_log_jacobian(Expr y, Bounds) {
  const std::int64_t size = size_of_free(y, true);
  return sum_dim(diagonal(placed(y, size, true)), -1);
}

// covariance

Expr symmetric_and_definite(Expr x, std::int64_t) {
  const Expr close = less_equal(abs(x - transpose(x)), as_matrix_scale(tolerance * largest_entry(x)));
  // The factor of a matrix that is not positive definite is NaN, which is not above 0.
  const Expr definite = less(number(x, 0), sum_dim(diagonal(cholesky(x)), -1));
  return logical_and(everywhere(close), definite);
}

Expr covariance_contains(Expr x, Bounds) { return symmetric_and_definite(x, matrix_size(x, "covariance")); }

Expr covariance_constrain(Expr y, Bounds bounds) {
  const Expr factor = cholesky_covariance_constrain(y, bounds);
  return matrix_product(factor, transpose(factor));
}

Expr covariance_unconstrain(Expr x, Bounds bounds) {
  matrix_size(x, "covariance");
  return cholesky_covariance_unconstrain(cholesky(x), bounds);
}

Expr covariance_log_jacobian(Expr y, Bounds bounds) {
  const std::int64_t size = size_of_free(y, true);
  const auto k = static_cast<double>(size);
  const Expr weights = vector(y.graph(), size, [&](double i) { return k - i + 1; });
  return cholesky_covariance_log_jacobian(y, bounds) +
         sum_dim(weights * diagonal(placed(y, size, true)), -1) + k * std::log(2.0);
}

// cholesky_correlation. With z = tanh y, log(1 - z^2) = 2 (log 2 - y - log(1 + e^-2y)); what is left of row i
// before column j is the sum of these over the earlier columns.

Expr log_one_minus_square(Expr y) {
  const Expr a = abs(y);
  return 2.0 * (std::log(2.0) - a - softplus(-2.0 * a));
}

/// Half the log of what is left of each row before each column, [..., K, K]; and of the row's end on the
/// diagonal.
Expr log_rest(Expr y, std::int64_t size) {
  const Expr below = below_diagonal(y.graph(), size);
  const Expr logs = select(below, log_one_minus_square(placed(y, size, false)), number(y, 0));
  return 0.5 * (cumsum_dim(logs, -1) - logs);
}

Expr cholesky_correlation_contains(Expr x, Bounds bounds) {
  matrix_size(x, "cholesky_correlation");
  const Expr rows = less_equal(abs(sum_dim(square(x), -1) - 1.0), number(x, tolerance));
  const Expr broken = sum_dim(select(rows, number(x, 0), number(x, 1)), -1);
  return logical_and(equal(broken, number(x, 0)), cholesky_covariance_contains(x, bounds));
}

Expr cholesky_correlation_constrain(Expr y, Bounds) {
  const std::int64_t size = size_of_free(y, false);
  Graph& graph = y.graph();
  // What is left may underflow, and the diagonal must not be 0.
  const Expr rest = maximum(exp(log_rest(y, size)), number(y, std::numeric_limits<double>::min()));
  const Expr below = tanh(placed(y, size, false)) * rest;
  return select(below_diagonal(graph, size), below, select(on_diagonal(graph, size), rest, number(y, 0)));
}

Expr cholesky_correlation_unconstrain(Expr x, Bounds) {
  const std::int64_t size = matrix_size(x, "cholesky_correlation");
  // What is left of a row before column j is the sum of the squares from j on, which keeps its digits.
  const Expr rest = cumsum_dim(square(x), -1, true);
  const Expr later = rest - square(x);
  const Expr root = sqrt(rest);
  const Expr below = below_diagonal(x.graph(), size);
  const Expr safe_later = select(below, later, number(x, 1)), safe_root = select(below, root, number(x, 2));
  // atanh(x / root) = log((root + x)^2 / later) / 2, of |x| with its sign put back.
  const Expr a = select(below, abs(x), number(x, 0));
  const Expr magnitude = log(safe_root + a) - 0.5 * log(safe_later);
  return taken(select(less(x, number(x, 0)), -magnitude, magnitude), size, false);
}

Expr cholesky_correlation_log_jacobian(Expr y, Bounds) {
  const std::int64_t size = size_of_free(y, false);
  const Expr below = below_diagonal(y.graph(), size);
  const Expr terms = log_one_minus_square(placed(y, size, false)) + log_rest(y, size);
  return sum_dim(sum_dim(select(below, terms, number(y, 0)), -1), -1);
}

// correlation

Expr correlation_contains(Expr x, Bounds) {
  const std::int64_t size = matrix_size(x, "correlation");
  const Expr off = abs(diagonal(x) - 1.0);
  return logical_and(less_equal(max_dim(off, -1), number(x, tolerance)), symmetric_and_definite(x, size));
}

Expr correlation_constrain(Expr y, Bounds bounds) {
  const Expr factor = cholesky_correlation_constrain(y, bounds);
  return matrix_product(factor, transpose(factor));
}

Expr correlation_unconstrain(Expr x, Bounds bounds) {
  matrix_size(x, "correlation");
  return cholesky_correlation_unconstrain(cholesky(x), bounds);
}

Expr correlation_log_jacobian(Expr y, Bounds bounds) {
  const std::int64_t size = size_of_free(y, false);
  const auto k = static_cast<double>(size);
  const Expr weights = vector(y.graph(), size, [&](double i) { return k - i; });
  return cholesky_correlation_log_jacobian(y, bounds) + sum_dim(weights * diagonal(log_rest(y, size)), -1);
}

// unit_vector

std::int64_t vector_size(Expr x) {
  if (!x.type().event.empty()) return x.type().event.back();
  throw lang::Failure({.code = "shape-mismatch",
                       .message = "unit_vector is a constraint on a vector, but this is one number",
                       .span = {},
                       .related = {},
                       .hint = "give it a length, as in `unit_vector[3]`"});
}

Expr as_column(Expr x) {
  Shape shape = x.type().event;
  shape.push_back(1);
  return reshape(x, shape);
}

/// |x|, without overflow.
Expr length(Expr x) {
  const Expr largest = stop_gradient(max_dim(abs(x), -1));
  const Expr scale = select(less(number(x, 0), largest), largest, number(x, 1));
  return scale * sqrt(sum_dim(square(x / as_column(scale)), -1));
}

Expr unit_vector_contains(Expr x, Bounds) {
  vector_size(x);
  return less_equal(abs(sum_dim(square(x), -1) - 1.0), number(x, tolerance));
}

Expr unit_vector_interior(Expr like, Bounds) {
  const std::int64_t size = vector_size(like);
  return vector(like.graph(), size, [](double k) { return k == 1 ? 1.0 : 0.0; });
}

Expr unit_vector_constrain(Expr y, Bounds) {
  const std::int64_t size = vector_size(y);
  // The origin has no direction; it gets the first.
  const Expr norm = length(y);
  const Expr somewhere = as_column(less(number(y, 0), norm));
  const Expr first = vector(y.graph(), size, [](double k) { return k == 1 ? 1.0 : 0.0; });
  const Expr safe = select(somewhere, as_column(norm), number(y, 1));
  return select(somewhere, y / safe, first);
}

Expr unit_vector_unconstrain(Expr x, Bounds) {
  vector_size(x);
  return x;
}

/// Of y ~ normal(0, I) the direction is uniform: with the area of the sphere, 2 pi^(n/2) / gamma(n/2).
Expr unit_vector_log_jacobian(Expr y, Bounds) {
  const auto n = static_cast<double>(vector_size(y));
  const double constant = (1 - n / 2) * std::log(2.0) - std::lgamma(n / 2);
  return constant - 0.5 * sum_dim(square(y), -1);
}

}  // namespace

const SupportKind cholesky_covariance_support{
    .name = "cholesky_covariance",
    .help = "lower triangular with a positive diagonal",
    .event_rank = 2,
    .contains = cholesky_covariance_contains,
    .interior = identity_interior,
    .constrain = cholesky_covariance_constrain,
    .unconstrain = cholesky_covariance_unconstrain,
    .log_jacobian = cholesky_covariance_log_jacobian,
    .unconstrained_shape = [](const Shape& x) { return free_shape(x, true); },
};

const SupportKind covariance_support{
    .name = "covariance",
    .help = "symmetric and positive definite",
    .event_rank = 2,
    .contains = covariance_contains,
    .interior = identity_interior,
    .constrain = covariance_constrain,
    .unconstrain = covariance_unconstrain,
    .log_jacobian = covariance_log_jacobian,
    .unconstrained_shape = [](const Shape& x) { return free_shape(x, true); },
};

const SupportKind cholesky_correlation_support{
    .name = "cholesky_correlation",
    .help = "lower triangular with a positive diagonal and rows of length 1",
    .event_rank = 2,
    .contains = cholesky_correlation_contains,
    .interior = identity_interior,
    .constrain = cholesky_correlation_constrain,
    .unconstrain = cholesky_correlation_unconstrain,
    .log_jacobian = cholesky_correlation_log_jacobian,
    .unconstrained_shape = [](const Shape& x) { return free_shape(x, false); },
    .hull = {.least = -1, .greatest = 1},
};

const SupportKind correlation_support{
    .name = "correlation",
    .help = "symmetric and positive definite with ones on the diagonal",
    .event_rank = 2,
    .contains = correlation_contains,
    .interior = identity_interior,
    .constrain = correlation_constrain,
    .unconstrain = correlation_unconstrain,
    .log_jacobian = correlation_log_jacobian,
    .unconstrained_shape = [](const Shape& x) { return free_shape(x, false); },
    .hull = {.least = -1, .greatest = 1},
};

const SupportKind unit_vector_support{
    .name = "unit_vector",
    .help = "x_1^2 + ... + x_K^2 = 1",
    .event_rank = 1,
    .contains = unit_vector_contains,
    .interior = unit_vector_interior,
    .constrain = unit_vector_constrain,
    .unconstrain = unit_vector_unconstrain,
    .log_jacobian = unit_vector_log_jacobian,
    .redundant = true,
    .hull = {.least = -1, .greatest = 1},
};

}  // namespace elbo::runtime
