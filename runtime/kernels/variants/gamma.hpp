// lgamma, digamma and trigamma of ordinary positive numbers, branch-free; the scalar functions do the rest
// (negative numbers, zero, infinity, NaN, and numbers so small that products would underflow).
//
// From 8 on, Stirling's series (eight or nine terms leave less than 4e-16). Below 8, the recurrence moves the
// argument to an interval of length one, where a polynomial holds (Chebyshev interpolation, relative error
// below 1e-16). The intervals are chosen for relative accuracy at the roots: lgamma is expanded around its
// root 2, and the root 1 follows from lgamma(x) = lgamma(x + 1) - log x without cancellation; digamma is
// expanded on [1, 2], with its root 1.4616… as a factor.
#pragma once

#include "runtime/kernels/special.hpp"
#include "runtime/kernels/variants/elementary.hpp"
#include "runtime/kernels/variants/loops.hpp"

namespace elbo::runtime {
namespace {

/// lgamma(2 + t) / t on [-1/2, 1/2]; the first coefficient is 1 - Euler's constant.
constexpr double lgamma_around_two[] = {
    0.42278433509846713,     0.32246703342411326,   -0.0673523010531981,     0.02058080842778038,
    -0.0073855510286719986,  0.002890510331034267,  -0.0011927539118428156,  0.0005096695154115458,
    -0.00022315475400520507, 9.945767355819498e-05, -4.49263133791557e-05,   2.0505590755833454e-05,
    -9.438715099211532e-06,  4.38470440459836e-06,  -2.0439048107029907e-06, 9.200527894968101e-07,
    -4.3252393445604814e-07, 2.78740805211359e-07,  -1.3219945666117874e-07};

/// B(2k) / (2k (2k - 1)): lgamma's rest in odd powers of 1/x.
constexpr double lgamma_series[] = {1.0 / 12,   -1.0 / 360,      1.0 / 1260, -1.0 / 1680,
                                    1.0 / 1188, -691.0 / 360360, 1.0 / 156,  -3617.0 / 122400};

[[gnu::always_inline]] inline double lgamma_positive(double x) {
  const bool small = x < 8.0;
  const double y = small ? x : 2.0;
  const double nearest = round_to_even(y);
  const double t = y - nearest;
  // Above: the product of the factors from x - 1 down to 2 + t. Below: x, or x (x + 1).
  double product = 1.0;
#pragma GCC unroll 6
  for (int j = 1; j <= 6; ++j) product *= nearest >= j + 2 ? y - j : 1.0;
  const bool below = nearest < 2.0;
  const double lower = nearest == 0.0 ? y * (y + 1.0) : y;
  const double factor = below ? lower : product;
  const double logarithm = log_corrected(small ? factor : x, 0.0);
  const double moved = t * polynomial(lgamma_around_two, t) + (below ? -logarithm : logarithm);
  const double inverse = 1.0 / (small ? 8.0 : x);
  const double rest = inverse * polynomial(lgamma_series, inverse * inverse);
  const double half_log_two_pi = 0.91893853320467274178;
  const double stirling = (x - 0.5) * (logarithm - 1.0) + ((half_log_two_pi - 0.5) + rest);
  return small ? moved : stirling;
}

/// digamma(1.5 + u) / (1.5 + u - root) on [-1/2, 1/2].
constexpr double digamma_over_root[] = {
    0.9510558760318328,    -0.4236274212814573,     0.24054248424078478,    -0.14840492305485808,
    0.09498872445354183,   -0.06192213319072707,    0.0407608338843387,     -0.026975800029253667,
    0.017907250563619775,  -0.011908146513976738,   0.007926972735646359,   -0.005280903066090605,
    0.0035187504361950134, -0.002337552647103118,   0.0015580749137213761,  -0.0010776863967234226,
    0.0007184107969046378, -0.00035476352053371977, 0.00023650171719339814, -0.0003783907897248858,
    0.0002522590506964885};
constexpr double digamma_root = 1.4616321449683622;
constexpr double digamma_root_rest = 9.549995429965697e-17;

/// B(2k) / 2k: digamma's rest in even powers of 1/x.
constexpr double digamma_series[] = {1.0 / 12,  -1.0 / 120,     1.0 / 252, -1.0 / 240,
                                     1.0 / 132, -691.0 / 32760, 1.0 / 12,  -3617.0 / 8160};

[[gnu::always_inline]] inline double digamma_positive(double x) {
  const bool small = x < 8.0;
  const double y = small ? x : 1.0;
  const double whole = floor(y);
  const double z = whole == 0.0 ? y + 1.0 : y - (whole - 1.0);
  // 1/(x - 1) + 1/(x - 2) + … + 1/z as one fraction; below 1, -1/x.
  double numerator = 0.0;
  double denominator = 1.0;
#pragma GCC unroll 6
  for (int j = 1; j <= 6; ++j) {
    const bool taken = whole > j;
    const double term = y - j;
    numerator = taken ? numerator * term + denominator : numerator;
    denominator = taken ? denominator * term : denominator;
  }
  numerator = whole == 0.0 ? -1.0 : numerator;
  denominator = whole == 0.0 ? y : denominator;
  const double quotient = (small ? numerator : 1.0) / (small ? denominator : x);
  const double from_root = (z - digamma_root) - digamma_root_rest;
  const double moved = from_root * polynomial(digamma_over_root, z - 1.5) + quotient;
  const double square = quotient * quotient;
  const double rest = 0.5 * quotient + square * polynomial(digamma_series, square);
  const double stirling = log_corrected(x, 0.0) - rest;
  return small ? moved : stirling;
}

/// B(2k): trigamma's rest in odd powers of 1/x from the third on.
constexpr double trigamma_series[] = {1.0 / 6,       -1.0 / 30, 1.0 / 42,      -1.0 / 30,    5.0 / 66,
                                      -691.0 / 2730, 7.0 / 6,   -3617.0 / 510, 43867.0 / 798};

[[gnu::always_inline]] inline double trigamma_positive(double x) {
  // Below 8, 1/x^2 + … + 1/(x + 7)^2 as one fraction: all terms are positive, so nothing cancels.
  const bool small = x < 8.0;
  const double y = small ? x : 1.0;
  double numerator = 1.0;
  double denominator = y * y;
#pragma GCC unroll 7
  for (int j = 1; j <= 7; ++j) {
    const double square = (y + j) * (y + j);
    numerator = numerator * square + denominator;
    denominator = denominator * square;
  }
  const double inverse = 1.0 / (small ? x + 8.0 : x);
  const double square = inverse * inverse;
  const double stirling = inverse + square * (0.5 + inverse * polynomial(trigamma_series, square));
  return small ? stirling + numerator / denominator : stirling;
}

constexpr double smallest_ordinary = 1e-100;
inline bool is_ordinary(double x) { return x > smallest_ordinary && x < infinity<double>; }

/// Blocks of a row through the function for ordinary positive numbers; then the others, if any, one by one.
/// The block's copy of the input is what makes calculation in place possible.
template <class T, double (*positive)(double), double (*anywhere)(double)>
void unary_positive(void* out, const Lanes* in, std::int64_t n) {
  constexpr std::int64_t block = 64;
  T* target = static_cast<T*>(out);
  const T* source = static_cast<const T*>(in[0].data);
  if (in[0].stride == 0 && n > 1) {
    T value;
    const Lanes single[] = {{source, 1}};
    unary_positive<T, positive, anywhere>(&value, single, 1);
    for (std::int64_t i = 0; i < n; ++i) target[i] = value;
    return;
  }
  for (std::int64_t first = 0; first < n; first += block) {
    const std::int64_t count = n - first < block ? n - first : block;
    double x[block];
    std::int64_t others = 0;
    for (std::int64_t i = 0; i < count; ++i) {
      x[i] = static_cast<double>(source[first + i]);
      others += is_ordinary(x[i]) ? 0 : 1;
    }
    ELBO_INDEPENDENT_LOOP
    for (std::int64_t i = 0; i < count; ++i) target[first + i] = static_cast<T>(positive(x[i]));
    for (std::int64_t i = 0; others > 0 && i < count; ++i) {
      if (!is_ordinary(x[i])) target[first + i] = static_cast<T>(anywhere(x[i]));
    }
  }
}

}  // namespace
}  // namespace elbo::runtime
