// Small parts that the distributions share: numbers, logarithms that are safe at the ends of a support, and
// random numbers of a draw's shape.
#pragma once

#include <span>
#include <vector>

#include "runtime/distribution.hpp"
#include "runtime/expression.hpp"

namespace elbo::stdlib {

using runtime::DrawShape;
using runtime::Expr;

/// What a record's functions take: the parameters in the record's order.
using Parameters = std::span<const Expr>;

constexpr double pi = 3.14159265358979323846264338327950288;
constexpr double log_pi = 1.14472988584940017414342735135305871;
constexpr double euler = 0.57721566490153286060651209008240243;  ///< the Euler-Mascheroni constant
constexpr double log_2 = 0.69314718055994530941723212145817657;
constexpr double half_log_2_pi = 0.91893853320467274178032973640561764;
constexpr double half_log_2_over_pi = -0.22579135264472743236309761494744107;

/// A number in the graph of `like`.
Expr number(Expr like, double value);
/// A whole number in the graph of `like`, so that sums of integers with it stay integers.
Expr whole_number(Expr like, std::int64_t value);

/// The same value with one more event dimension of length 1: a vector's number, to go with the vector again.
Expr as_column(Expr x);

/// The same value with the axes and (leading) dimensions that it lacks of another.
Expr spread_over(Expr x, Expr other);

/// Moments of a heavy tail, of which those of order below `tail` exist: the mean is infinite up to order 1 of
/// it (`order`), the variance up to order 2, and undefined where the mean is infinite.
Expr heavy_mean(Expr tail, double order, Expr mean);
Expr heavy_variance(Expr tail, double order, Expr variance);

/// log x for x >= 0: -inf at 0, with gradient 0 there instead of infinity (0 * infinity would be NaN).
Expr log_from_zero(Expr x);
/// log(1 - x) for x <= 1, likewise.
Expr log1m_to_one(Expr x);

/// count * log_value, and 0 where count is 0 although log_value is -inf (a probability of 0, or of 1).
Expr times_log(Expr count, Expr log_value);
/// a log(1 - x), and 0 at x = 1 where a = 0.
Expr xlog1my(Expr a, Expr x);

/// The same number, +-1e300 for +-infinity: for densities in which infinities would meet as inf - inf.
Expr keep_finite(Expr x);

/// At least the smallest positive number, for draws that underflow.
Expr keep_positive(Expr x);

/// exp, at most 1e304: an infinity that later meets a zero would make NaN.
Expr finite_exp(Expr x);
/// log(1 - exp(-x)) for x >= 0, accurate at both ends.
Expr log1m_exp(Expr x);

// Of the standard normal distribution.
Expr normal_cdf(Expr x);
Expr normal_log_cdf(Expr x);
Expr normal_quantile(Expr q);

Expr erf(Expr x);
Expr atan2(Expr y, Expr x);

Expr uniform(Parameters p, const DrawShape& shape);  ///< standard uniform on the open unit interval
Expr standard_normal(Parameters p, const DrawShape& shape);

}  // namespace elbo::stdlib
