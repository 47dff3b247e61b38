// The regularised incomplete beta function I and 1 - I, and the derivatives of I in the shapes over the
// density. On the side of the mean where x lies, from the continued fraction of Didonato and Morris
// ("Algorithm 708: Significant digit computation of the incomplete beta function ratios", ACM TOMS 18
// (1992)), from its last term backwards, with a derivative alongside; the other side by symmetry. Where it
// would take too many terms the scalar functions do the rest: small shapes right beside a mean near 1, very
// large ones beside the mean.
#pragma once

#include "runtime/kernels/special.hpp"
#include "runtime/kernels/variants/gamma_chains.hpp"
#include "runtime/kernels/variants/gamma_power.hpp"

namespace elbo::runtime {
namespace {

/// Shapes and a number below their mean, with y = 1 - x and its distance a y - b x = (a + b) (mean - x) from
/// it.
struct BetaPoint {
  double a, b;
  InTwoParts x, y;
  double distance;
};

/// The point, or its mirror image.
template <bool is_mirrored>
[[gnu::always_inline]] inline BetaPoint beta_point(double a, double b, double x) {
  const double y = 1.0 - x;
  const double y_low = (1.0 - y) - x;
  const InTwoParts up = exact_product(a, y), down = exact_product(b, x);
  const InTwoParts sum = exact_sum(up.high, -down.high);
  const double distance = sum.high + (sum.low + (up.low - down.low) + a * y_low);
  if (is_mirrored) return {b, a, {y, y_low}, {x, 0.0}, -distance};
  return {a, b, {x, 0.0}, {y, y_low}, distance};
}

/// x^a y^b gamma(a + b + 1) / (gamma(a + 1) gamma(b + 1)), a quotient of three powers at x m, y m and m,
/// whose m cancels: a + b where that is large.
[[gnu::always_inline]] inline GammaPower beta_power(const BetaPoint& at) {
  const InTwoParts sum = exact_sum(at.a, at.b);
  const bool is_large = sum.high >= stirling_from;
  const double m = is_large ? sum.high : 1.0, m_low = is_large ? sum.low : 0.0;
  InTwoParts x = exact_product(at.x.high, m), y = exact_product(at.y.high, m);
  x.low += at.x.high * m_low + at.x.low * m;
  y.low += at.y.high * m_low + at.y.low * m;
  const bool a_large = at.a >= stirling_from, b_large = at.b >= stirling_from;
  const GammaPower of_a = gamma_power(at.a, x, {a_large ? -at.distance : x.high, a_large ? 0.0 : x.low});
  const GammaPower of_b = gamma_power(at.b, y, {b_large ? at.distance : y.high, b_large ? 0.0 : y.low});
  const double large = is_large ? m : stirling_from;
  constexpr double two_pi = 6.28318530717958647693;
  const double reciprocal =
      is_large ? root(two_pi * large) : 1.0 / reciprocal_gamma_next(is_large ? 0.0 : sum.high);
  const double high = is_large ? 0.0 : -1.0, low = is_large ? -stirling_rest(large) : 0.0;
  const InTwoParts both = exact_sum(of_a.exponent.high, of_b.exponent.high);
  const InTwoParts all = exact_sum(both.high, -high);
  return {{all.high, all.low + both.low + (of_a.exponent.low + of_b.exponent.low - low)},
          of_a.factor * of_b.factor * reciprocal};
}

/// A number and its derivative in one of the shapes.
using Slope = Taylor<1>;

[[gnu::always_inline]] inline Slope operator+(const Slope& u, const Slope& v) {
  return {{u.c[0] + v.c[0], u.c[1] + v.c[1]}};
}
[[gnu::always_inline]] inline Slope operator*(const Slope& u, const Slope& v) {
  return {{u.c[0] * v.c[0], u.c[1] * v.c[0] + u.c[0] * v.c[1]}};
}
[[gnu::always_inline]] inline Slope operator*(const Slope& u, double factor) {
  return {{u.c[0] * factor, u.c[1] * factor}};
}
[[gnu::always_inline]] inline Slope operator+(const Slope& u, double number) {
  return {{u.c[0] + number, u.c[1]}};
}

/// What the terms of the fraction are made of, as functions of the shape a or b.
struct BetaTerms {
  Slope a, b, distance;
  double x, y;
};

[[gnu::always_inline]] inline BetaTerms beta_terms(const BetaPoint& at, bool in_a) {
  const double of_a = in_a ? 1.0 : 0.0, of_b = in_a ? 0.0 : 1.0;
  return {{{at.a, of_a}},
          {{at.b, of_b}},
          {{at.distance, of_a * at.y.high - of_b * at.x.high}},
          at.x.high,
          at.y.high};
}

/// Terms k, k - 1, k - 2 and k - 3 of the fraction, each free of its denominators: of 1 / (B(n) + C(n + 1) t)
/// with t the same of the term before.
[[gnu::always_inline]] inline Slope beta_step(const BetaTerms& at, double k, const Slope& value) {
  Slope p = value, q{{1.0, 0.0}};
#pragma GCC unroll 4
  for (int j = 0; j < terms_per_step; ++j) {
    const double n = k - j;
    const Slope low = at.a + (2.0 * n - 1.0), high = at.a + (2.0 * n + 1.0);
    const Slope first = (low + (at.b + -n) * at.x) * n;
    const Slope second = (at.a + n) * (at.distance + (1.0 + n * (1.0 + at.y)));
    const Slope whole = high * first + low * second;
    const double m = n + 1.0;  // the numerator that belongs to the term before
    const Slope top = ((at.a + n) * (at.a + at.b + n)) * ((at.b + -m) * (m * at.x * at.x));
    const Slope numerator = top * low * (high + 2.0);
    const Slope next = whole * q + numerator * p;
    p = q;
    q = next;
  }
  return divide(p, q);
}

/// The value alone.
[[gnu::always_inline]] inline double beta_step(double a, double b, double x, double y, double distance,
                                               double k, double value) {
  double p = value, q = 1.0;
#pragma GCC unroll 4
  for (int j = 0; j < terms_per_step; ++j) {
    const double n = k - j;
    const double low = a + (2.0 * n - 1.0), high = a + (2.0 * n + 1.0);
    const double first = n * (low + (b - n) * x), second = (a + n) * (distance + (1.0 + n * (1.0 + y)));
    const double m = n + 1.0;
    const double top = ((a + n) * ((a + b) + n)) * ((b - m) * (m * x * x));
    const double next = (high * first + low * second) * q + (top * low) * (high + 2.0) * p;
    p = q;
    q = next;
  }
  return p / q;
}

/// Points of a batch, without the rests that only powers need.
struct BetaColumns {
  double a[batch_size], b[batch_size], x[batch_size], y[batch_size], distance[batch_size];
  [[gnu::always_inline]] BetaPoint operator[](int i) const {
    return {a[i], b[i], {x[i], 0.0}, {y[i], 0.0}, distance[i]};
  }
};

template <bool is_mirrored>
inline void find_columns(const Batch<3>& batch, BetaColumns& columns) {
  ELBO_INDEPENDENT_LOOP
  for (int i = 0; i < batch.size; ++i) {
    const BetaPoint at = beta_point<is_mirrored>(batch.in[0][i], batch.in[1][i], batch.in[2][i]);
    columns.a[i] = at.a;
    columns.b[i] = at.b;
    columns.x[i] = at.x.high;
    columns.y[i] = at.y.high;
    columns.distance[i] = at.distance;
  }
}

/// (a + 1) / K, where I over x^a y^b / beta(a, b) is this over a.
template <bool is_mirrored>
inline void beta_quotients(const Batch<3>& batch, double* quotient) {
  BetaColumns at;
  find_columns<is_mirrored>(batch, at);
  double value[batch_size];
  for (int i = 0; i < batch.size; ++i) value[i] = 0.0;
  run_steps(batch, [&](double k, int active) {
    ELBO_INDEPENDENT_LOOP
    for (int i = 0; i < active; ++i) {
      const double after =
          beta_step(at.a[i], at.b[i], at.x[i], at.y[i], at.distance[i], terms_per_step * k, value[i]);
      value[i] = k <= batch.steps[i] ? after : value[i];
    }
  });
  ELBO_INDEPENDENT_LOOP
  for (int i = 0; i < batch.size; ++i) {
    const double numerator = ((at.a[i] + at.b[i]) * (at.b[i] - 1.0)) * (at.x[i] * at.x[i] * (at.a[i] + 3.0));
    quotient[i] = (at.a[i] + 1.0) / ((at.distance[i] + 1.0) + numerator * value[i]);
  }
}

// Ways to calculate an element.
constexpr double beta_below = 0, beta_above = 1, beta_alone = 2;

// Shapes between which nothing underflows or overflows.
constexpr double least_beta_shape = 1e-10, greatest_beta_shape = 1e10;

/// Terms until the rest is below 1e-17: fitted to the exact numbers from above.
[[gnu::always_inline]] inline double beta_fraction_terms(double a, double b, double x, double y,
                                                         double distance) {
  const double sum = a + b, harmonic = root(a * b / sum);
  const double near = distance * distance * (sum + 1.0) / (a * b);
  const double by_place = 5.8 + 10.0 * (1.0 / root(y) - 1.0) + 9.0 * x + 2.5 * harmonic / (1.0 + 0.11 * near);
  const double by_shape = 10.0 + 100.0 / (sum * y) + 3.2 * harmonic;
  return by_place < by_shape ? by_place : by_shape;
}

/// Where the point belongs, for this multiple of the terms, and the scalar function for shapes up to `least`.
[[gnu::always_inline]] inline double beta_key(double a, double b, double x, double multiple, double least) {
  const double y = 1.0 - x, distance = a * y - b * x;
  const bool is_below = distance >= 0.0;
  const double terms =
      beta_fraction_terms(is_below ? a : b, is_below ? b : a, is_below ? x : y, is_below ? y : x, distance) *
      multiple;
  const double region = is_below ? beta_below : beta_above;
  const double smaller = a < b ? a : b, greater = a < b ? b : a;
  // Beside a small shape the many terms of a point near 1 would pile up rounding errors.
  const double most_terms = smaller < 0.1 ? 100.0 : most_steps * terms_per_step;
  const double in_reach = terms <= most_terms ? region : beta_alone;
  const double bounded = greater < greatest_beta_shape ? in_reach : beta_alone;
  const double at_shapes = smaller > least ? bounded : beta_alone;
  const double inside = x > 1e-280 ? at_shapes : beta_alone;
  const double taken = x < 1.0 ? inside : beta_alone;
  return sort_key({taken, taken == region ? steps_of(terms) : 1.0});
}

/// A batch of one region by a kernel's own formula for its side of the mean, or element by element.
template <class Kernel>
void evaluate_beside_mean(double region, Batch<3>& batch) {
  if (region == beta_below) {
    Kernel::template side<false>(batch);
  } else if (region == beta_above) {
    Kernel::template side<true>(batch);
  } else {
    for (int i = 0; i < batch.size; ++i)
      batch.out[i] = Kernel::alone(batch.in[0][i], batch.in[1][i], batch.in[2][i]);
  }
}

template <bool is_survival>
struct IncompleteBeta {
  static constexpr int inputs = 3;

  static void find_keys(const double (*in)[region_block], double* key, int count) {
    const double* a = in[0];
    const double* b = in[1];
    const double* x = in[2];
    ELBO_INDEPENDENT_LOOP
    for (int i = 0; i < count; ++i) key[i] = beta_key(a[i], b[i], x[i], 1.0, least_beta_shape);
  }

  static double alone(double a, double b, double x) {
    return is_survival ? scalar_beta_survival(a, b, x) : scalar_beta_cdf(a, b, x);
  }

  static void evaluate(double region, Batch<3>& batch) {
    evaluate_beside_mean<IncompleteBeta>(region, batch);
  }

  template <bool is_mirrored>
  static void side(Batch<3>& batch) {
    double quotient[batch_size];
    beta_quotients<is_mirrored>(batch, quotient);
    double* out = batch.out;
    ELBO_INDEPENDENT_LOOP
    for (int i = 0; i < batch.size; ++i) {
      const BetaPoint at = beta_point<is_mirrored>(batch.in[0][i], batch.in[1][i], batch.in[2][i]);
      const GammaPower power = beta_power(at);
      const double factor = quotient[i] * (at.b / (at.a + at.b));
      const double tail = times_exp(power.exponent, power.factor * factor);
      out[i] = is_mirrored == is_survival ? tail : 1.0 - tail;
    }
    // The tail that is asked for may be the other one, and nearly nothing: its digits are lost in 1.
    for (int i = 0; is_mirrored != is_survival && i < batch.size; ++i) {
      if (out[i] < 0.36) out[i] = alone(batch.in[0][i], batch.in[1][i], batch.in[2][i]);
    }
  }
};

struct BetaDensity {
  static constexpr int inputs = 3;

  static void find_keys(const double (*in)[region_block], double* key, int count) {
    const double* a = in[0];
    const double* b = in[1];
    const double* x = in[2];
    ELBO_INDEPENDENT_LOOP
    for (int i = 0; i < count; ++i) {
      const double smaller = minimum(a[i], b[i]), greater = maximum(a[i], b[i]);
      const double bounded = greater < greatest_beta_shape ? beta_below : beta_alone;
      const double at_shapes = smaller > least_beta_shape ? bounded : beta_alone;
      const double inside = x[i] > 1e-280 ? at_shapes : beta_alone;
      key[i] = sort_key({x[i] < 1.0 ? inside : beta_alone, 1.0});
    }
  }

  static void evaluate(double region, Batch<3>& batch) {
    const double* a = batch.in[0];
    const double* b = batch.in[1];
    const double* x = batch.in[2];
    if (region == beta_alone) {
      for (int i = 0; i < batch.size; ++i) batch.out[i] = scalar_beta_density(a[i], b[i], x[i]);
      return;
    }
    ELBO_INDEPENDENT_LOOP
    for (int i = 0; i < batch.size; ++i) {
      const BetaPoint at = beta_point<false>(a[i], b[i], x[i]);
      const GammaPower power = beta_power(at);
      const double factor = (at.a / at.x.high) * (at.b / (at.y.high * (at.a + at.b)));
      batch.out[i] = times_exp(power.exponent, power.factor * factor);
    }
  }
};

}  // namespace
}  // namespace elbo::runtime
