// The power series and the continued fraction of the incomplete gamma functions, with derivatives in the
// shape alongside (after Moore, "Algorithm AS 187: derivatives of the incomplete gamma integral", Applied
// Statistics 31 (1982)), from their last terms backwards, which forgets rounding. A step is four terms as one
// fraction: one division, and no room for numerators and denominators to outgrow their quotient.
#pragma once

#include "runtime/kernels/variants/regions.hpp"

namespace elbo::runtime {
namespace {

constexpr int terms_per_step = 4;

/// A function of the shape at one place: coefficients of its Taylor series.
template <int order>
struct Taylor {
  double c[order + 1];
};

template <int order>
[[gnu::always_inline]] inline Taylor<order> divide(const Taylor<order>& p, const Taylor<order>& q) {
  const double inverse = 1.0 / q.c[0];
  Taylor<order> r;
  r.c[0] = order == 0 ? p.c[0] / q.c[0] : p.c[0] * inverse;
  if constexpr (order >= 1) r.c[1] = (p.c[1] - r.c[0] * q.c[1]) * inverse;
  if constexpr (order >= 2) r.c[2] = (p.c[2] - r.c[0] * q.c[2] - r.c[1] * q.c[1]) * inverse;
  return r;
}

/// (value + slope t) p + (other + other_slope t) q.
template <int order>
[[gnu::always_inline]] inline Taylor<order> combine(double value, double slope, const Taylor<order>& p,
                                                    double other, double other_slope,
                                                    const Taylor<order>& q) {
  Taylor<order> r;
  r.c[0] = value * p.c[0] + other * q.c[0];
  if constexpr (order >= 1) {
    r.c[1] = (value * p.c[1] + other * q.c[1]) + (slope * p.c[0] + other_slope * q.c[0]);
  }
  if constexpr (order >= 2) {
    r.c[2] = (value * p.c[2] + other * q.c[2]) + (slope * p.c[1] + other_slope * q.c[1]);
  }
  return r;
}

/// Four terms of 1 + x / (a + 1) (1 + x / (a + 2) (1 + …)), the last of them the k-th. All factors are taken
/// over a + 1, lest they overflow.
template <int order>
[[gnu::always_inline]] inline Taylor<order> series_step(double a, double x, double k,
                                                        const Taylor<order>& value) {
  const double unit = 1.0 / (a + 1.0), ratio = x * unit;
  Taylor<order> p = value, q{};
  q.c[0] = 1.0;
#pragma GCC unroll 4
  for (int j = 0; j < terms_per_step; ++j) {
    const double denominator = (a + (k - j)) * unit;
    q = combine(denominator, unit, q, 0.0, 0.0, q);
    p = combine(1.0, 0.0, q, ratio, 0.0, p);
  }
  return divide(p, q);
}

/// Four terms of x / (x + 1 - a + 1 (a - 1) / (x + 3 - a + 2 (a - 2) / (x + 5 - a + …))), likewise over x.
template <int order>
[[gnu::always_inline]] inline Taylor<order> fraction_step(double a, double x, double k,
                                                          const Taylor<order>& value) {
  const double unit = 1.0 / x, beyond = x - a;
  Taylor<order> p = value, q{};
  q.c[0] = 1.0;
#pragma GCC unroll 4
  for (int j = 0; j < terms_per_step; ++j) {
    const double term = k - j;
    const double denominator = (beyond + (2.0 * term - 1.0)) * unit;
    const double scaled = term * unit, numerator = scaled * ((a - term) * unit);
    const Taylor<order> next = combine(denominator, -unit, q, numerator, scaled * unit, p);
    p = q;
    q = next;
  }
  return divide(p, q);
}

/// Terms until the rest is below 1e-17, in derivatives too, for x up to the greater of shape and 1, and up to
/// half the shape from shape 30 on: fitted to the exact numbers from above.
[[gnu::always_inline]] inline double series_terms(double a, double x) {
  const double by_size = 9.0 + 10.0 * root(x), by_ratio = 12.0 + 104.0 * (x / a);
  return by_size < by_ratio ? by_size : by_ratio;
}

/// The same for x from the greater of shape and 1 on, and from twice the shape from shape 30 on.
[[gnu::always_inline]] inline double fraction_terms(double a, double x) {
  return 8.0 + (110.0 + 0.5 * (a < 30.0 ? a : 30.0) * a) / x;
}

/// Whole steps for these terms, as many as there may be; of NaN, one.
[[gnu::always_inline]] inline double steps_of(double terms) {
  const double steps = ceil(terms * (1.0 / terms_per_step));
  const double limited = steps > most_steps ? most_steps : steps;
  return limited > 1.0 ? limited : 1.0;
}

/// The series or the fraction of the first two inputs, into rows of Taylor coefficients.
template <int order, bool is_series, int inputs>
[[gnu::always_inline]] inline void run_chain(const Batch<inputs>& batch,
                                             double (&value)[order + 1][batch_size]) {
  const double* a = batch.in[0];
  const double* x = batch.in[1];
  for (int i = 0; i < batch.size; ++i) {
    value[0][i] = 1.0;
    if constexpr (order >= 1) value[1][i] = 0.0;
    if constexpr (order >= 2) value[2][i] = 0.0;
  }
  run_steps(batch, [&](double k, int active) {
    ELBO_INDEPENDENT_LOOP
    for (int i = 0; i < active; ++i) {
      Taylor<order> before;
      before.c[0] = value[0][i];
      if constexpr (order >= 1) before.c[1] = value[1][i];
      if constexpr (order >= 2) before.c[2] = value[2][i];
      const double last = terms_per_step * k;
      const Taylor<order> after =
          is_series ? series_step(a[i], x[i], last, before) : fraction_step(a[i], x[i], last, before);
      const bool takes = k <= batch.steps[i];
      value[0][i] = takes ? after.c[0] : before.c[0];
      if constexpr (order >= 1) value[1][i] = takes ? after.c[1] : before.c[1];
      if constexpr (order >= 2) value[2][i] = takes ? after.c[2] : before.c[2];
    }
  });
}

}  // namespace
}  // namespace elbo::runtime
