// The derivatives of the regularised incomplete beta function in its shapes, over the density f. I is f times
// a quotient M of the continued fraction, so that they are dM/da + M d(log f)/da, whose two terms have one
// sign or do not cancel much.
#pragma once

#include "runtime/kernels/variants/gamma.hpp"
#include "runtime/kernels/variants/incomplete_beta.hpp"

namespace elbo::runtime {
namespace {

/// digamma(z) - log z + 1 / (2 z), for z >= stirling_from.
[[gnu::always_inline]] inline double digamma_rest(double z) {
  const double inverse = 1.0 / z, square = inverse * inverse;
  return -square * polynomial(digamma_series, square);
}

/// digamma(z + h) - digamma(z) for positive z and z + h, without the digits that the two have in common; for
/// large z, from stirling_from on, less log1p(h / z).
[[gnu::always_inline]] inline double digamma_difference(double z, double h, bool is_large) {
  const double up = z + h;
  double numerator = 0.0, denominator = 1.0;
#pragma GCC unroll 8
  for (int j = 0; j < 8; ++j) {
    const double term = ((is_large ? 1.0 : z) + j) * ((is_large ? 1.0 : up) + j);
    numerator = numerator * term + denominator;
    denominator *= term;
  }
  const double far = is_large ? z : z + 8.0, far_up = is_large ? up : up + 8.0;
  const double moved = h * (numerator / denominator) + log1p(h / far);
  return (is_large ? 0.0 : moved) + (0.5 * h / (far * far_up) + (digamma_rest(far_up) - digamma_rest(far)));
}

/// log(x (a + b) / a) for large shapes, log x for others; x (a + b) = a + beyond.
[[gnu::always_inline]] inline double log_share(double a, double sum, const InTwoParts& x, double beyond) {
  const bool is_large = a >= stirling_from;
  const double share = beyond / a;
  const bool is_near = is_large && absolute(share) <= near_ratio;
  const double near = log1p(is_near ? share : 0.0);
  const double far = log_corrected(is_large ? x.high * (sum / a) : x.high, x.low / x.high);
  return is_near ? near : far;
}

/// The derivative of I over the density in the shape a or b of a point below the mean.
[[gnu::always_inline]] inline double beta_slope(const BetaPoint& at, const Slope& chain, bool in_a) {
  const BetaTerms terms = beta_terms(at, in_a);
  const double x = terms.x, y = terms.y, sum = at.a + at.b;
  const Slope numerator = (terms.a + terms.b) * (terms.b + -1.0) * (terms.a + 3.0) * (x * x);
  const Slope whole = terms.distance + 1.0 + numerator * chain;
  const Slope a_next = terms.a + 1.0;
  const double quotient = x * y * a_next.c[0] / whole.c[0];
  const double slope = (x * y * a_next.c[1] - quotient * whole.c[1]) / whole.c[0];
  // Over a, whose own derivative -1 / a joins that of the density: for a small shape most of both cancels.
  const bool a_large = at.a >= stirling_from, b_large = at.b >= stirling_from;
  const double of_a = log_share(at.a, sum, at.x, -at.distance) +
                      (digamma_difference(a_large ? at.a : at.a + 1.0, a_large ? at.b : at.b - 1.0, a_large) -
                       (a_large ? 1.0 / at.a : 0.0));
  const double of_b = log_share(at.b, sum, at.y, at.distance) + digamma_difference(at.b, at.a, b_large);
  return (slope + quotient * (in_a ? of_a : of_b)) / at.a;
}

template <bool in_a>
struct BetaShape {
  static constexpr int inputs = 3;

  static void find_keys(const double (*in)[region_block], double* key, int count) {
    const double* a = in[0];
    const double* b = in[1];
    const double* x = in[2];
    // A slope takes more terms; below this shape its parts cancel.
    constexpr double multiple = 1.15, least = 0.1;
    ELBO_INDEPENDENT_LOOP
    for (int i = 0; i < count; ++i) key[i] = beta_key(a[i], b[i], x[i], multiple, least);
  }

  static double alone(double a, double b, double x) {
    return in_a ? scalar_beta_a(a, b, x) : scalar_beta_b(a, b, x);
  }

  static void evaluate(double region, Batch<3>& batch) { evaluate_beside_mean<BetaShape>(region, batch); }

  /// In the mirror image the shape is the other one, and I is what is left of 1.
  template <bool is_mirrored>
  static void side(Batch<3>& batch) {
    constexpr bool in_first = in_a != is_mirrored;
    double value[batch_size], slope[batch_size];
    BetaColumns columns;
    find_columns<is_mirrored>(batch, columns);
    for (int i = 0; i < batch.size; ++i) value[i] = slope[i] = 0.0;
    run_steps(batch, [&](double k, int active) {
      ELBO_INDEPENDENT_LOOP
      for (int i = 0; i < active; ++i) {
        const Slope before{{value[i], slope[i]}};
        const Slope after = beta_step(beta_terms(columns[i], in_first), terms_per_step * k, before);
        const bool takes = k <= batch.steps[i];
        value[i] = takes ? after.c[0] : before.c[0];
        slope[i] = takes ? after.c[1] : before.c[1];
      }
    });
    ELBO_INDEPENDENT_LOOP
    for (int i = 0; i < batch.size; ++i) {
      const BetaPoint at = beta_point<is_mirrored>(batch.in[0][i], batch.in[1][i], batch.in[2][i]);
      const double derivative = beta_slope(at, {{value[i], slope[i]}}, in_first);
      batch.out[i] = is_mirrored ? -derivative : derivative;
    }
  }
};

}  // namespace
}  // namespace elbo::runtime
