// Supports: where a density is positive, what an argument may hold, what a constraint keeps a parameter in. A
// support knows its indicator, a point inside, and its bijector from R^n with the log Jacobian
// (formulas: Stan Reference Manual, "Constraint Transforms").
#pragma once

#include <functional>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/graph.hpp"

namespace elbo::runtime {

/// Range of the elements of a support, for `implies`. A bound that the user gives is named by its index.
struct Hull {
  double least = -std::numeric_limits<double>::infinity();
  double greatest = std::numeric_limits<double>::infinity();
  int least_bound = -1;     ///< index of the bound that is the least value; -1: `least` is
  int greatest_bound = -1;  ///< index of the bound that is the greatest value; -1: `greatest` is
  bool open_below = false;  ///< the least value itself is outside
};

/// Record of a family of supports. Bounds are expressions, so that they may depend on other variables.
struct SupportKind {
  std::string_view name;  ///< "positive", "interval": also the name of the constraint in the language
  std::string_view help;  ///< "x > 0"
  int bounds = 0;         ///< number of bounds, as in `interval(a, b)`
  bool discrete = false;
  int event_rank =
      0;  ///< 0: elementwise; 1: a vector as a whole (simplex); 2: a matrix as a whole (covariance)

  /// Whether x lies inside (boolean; over elements, or over the vector when event_rank is 1). Infinities and
  /// NaN are outside. Ends count as inside (a density there may be 0 or infinite), but for `positive`.
  std::function<Expr(Expr x, std::span<const Expr> bounds)> contains = nullptr;
  /// A point inside, where a density can be evaluated safely; broadcasts against x.
  std::function<Expr(Expr like, std::span<const Expr> bounds)> interior = nullptr;

  // Bijector; null for discrete supports.
  std::function<Expr(Expr unconstrained, std::span<const Expr> bounds)> constrain = nullptr;
  std::function<Expr(Expr x, std::span<const Expr> bounds)> unconstrain = nullptr;
  /// log |det d constrain / d y| as a function of y: elementwise, or one per vector when event_rank is 1.
  std::function<Expr(Expr unconstrained, std::span<const Expr> bounds)> log_jacobian = nullptr;
  /// Unconstrained event shape of a value of event shape x (simplex[K] has K - 1); null: the same.
  std::function<Shape(const Shape& x)> unconstrained_shape = nullptr;
  /// Several unconstrained points give the same value (unit_vector); `unconstrain` finds one, and
  /// `log_jacobian` is such that a density of the value times its exponential is a density of the
  /// unconstrained numbers.
  bool redundant = false;

  Hull hull = {};  ///< of the elements
};

struct Support {
  const SupportKind* kind = nullptr;
  std::vector<Expr> bounds;
};

/// Least and greatest value of the elements of a support.
struct Ends {
  Expr lower, upper;
};
/// In the graph of `like`; infinite where there is no end.
Ends ends_of(const Support& support, Expr like);

/// Rank of the unconstrained numbers of one value: those of a matrix are a vector.
inline int unconstrained_rank(const SupportKind& kind) { return kind.event_rank == 0 ? 0 : 1; }

/// What the values of a support are.
Domain domain_of(const Support& support);

/// real, positive, nonnegative, lower, upper, interval, unit_interval, simplex, ordered, positive_ordered,
/// sum_to_zero, location_precision, unit_vector, cholesky_covariance, covariance, cholesky_correlation,
/// correlation, boolean, natural (0, 1, …), natural_up_to (0..n), category (1..K).
std::span<const SupportKind* const> support_list();
const SupportKind* find_support(std::string_view name);

extern const SupportKind real_support, positive_support, nonnegative_support, lower_support, upper_support,
    interval_support, unit_interval_support, simplex_support, ordered_support, positive_ordered_support,
    sum_to_zero_support, location_precision_support, unit_vector_support, cholesky_covariance_support,
    covariance_support, cholesky_correlation_support, correlation_support, boolean_support, natural_support,
    natural_up_to_support, category_support;

/// Whether every point of `inner` surely lies in `outer`, judged by kinds and bounds (which must be constants
/// or the same nodes). Ends of a continuous support are ignored, as they have probability zero: `nonnegative`
/// implies `positive`, but the counts of `natural` do not.
bool implies(const Support& inner, const Support& outer);

}  // namespace elbo::runtime
