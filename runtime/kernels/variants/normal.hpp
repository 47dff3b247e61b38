// The error function, the normal distribution function, its logarithm and its inverse, branch-free, in
// double; single precision rounds their results.
//
// In the tail everything rests on e^(x^2) erfc(x), or e^(x^2 / 2) times the normal distribution function at
// -x, times a multiple of 1 + x: a polynomial in a quotient of x for all x from 0 on, as Shepherd and
// Laframboise (1981) have it, whose values lie beside 1. What is multiplied in is e^-(x^2), with x^2 in two
// parts, since rounding it would cost x^2 units. erf has a polynomial of its own up to 7/8, and is 1 - erfc
// beyond. The quantile is a quotient in p - 1/2 up to 0.4 and in sqrt(-log p) beyond, as in Wichura's
// algorithm AS 241 (1988), but here one holds down to the least positive number. The coefficients are minimax
// (Remez), with relative errors below 5e-17.
#pragma once

#include "runtime/kernels/variants/elementary.hpp"
#include "runtime/kernels/variants/two_part.hpp"

namespace elbo::runtime {
namespace {

/// (1 + excess) / denominator, for a small excess, so that a factor near 1 can be multiplied in before the 1
/// rounds both.
struct Scaled {
  double excess, denominator;
};

/// e^-(square.high + square.low) times the quotient, for exponents down to -746.
[[gnu::always_inline]] inline double times_exp(const InTwoParts& square, const Scaled& scaled) {
  const Reduced reduced = reduce_exp(-square.high, -square.low);
  const double minus_one = scaled.excess + (reduced.minus_one + scaled.excess * reduced.minus_one);
  return times_power_of_two((1.0 + minus_one) / scaled.denominator, reduced.exponent);
}

// ---- erf and erfc -----------------------------------------------------------------------------------------

/// erf(x) / x - 1 in x^2.
constexpr double erf_near_zero[] = {0.12837916709551256,     -0.37612638903183054,    0.11283791670918554,
                                    -0.02686617063763508,    0.005223977546584655,    -0.0008548322178119922,
                                    0.00012055147004108202,  -1.4921050328119327e-05, 1.6388571821985032e-06,
                                    -1.5626587357435112e-07, 1.0475868210385337e-08};

/// e^(x^2) erfc(x) in x, from 7/8 to 6, as exact as 1 - erfc(x) asks for.
constexpr double erf_far_numerator[] = {0.9999999828725945,  1.3150492861234315,  0.8610997171621748,
                                        0.323077234752852,   0.06909302174418566, 0.006806376112527505,
                                        1.67954475248017e-08};
constexpr double erf_far_denominator[] = {1.0,
                                          2.4434282516866865,
                                          2.6182143796206976,
                                          1.5862363227746263,
                                          0.5788405084072309,
                                          0.12244790990632999,
                                          0.012064992292998792};

[[gnu::always_inline]] inline double erf(double x) {
  const double magnitude = absolute(x);
  const double near = x + x * polynomial(erf_near_zero, x * x);
  const double clamped = magnitude > 6.0 ? 6.0 : magnitude;  // 1 - erf(6) < 2^-55
  const Reduced reduced = reduce_exp(-clamped * clamped);
  const double power = power_of_two(reduced.exponent) * (1.0 + reduced.minus_one);
  const double rest =
      power * polynomial(erf_far_numerator, clamped) / polynomial(erf_far_denominator, clamped);
  return magnitude < 0.875 ? near : copy_sign(1.0 - rest, x);
}

/// ((1 + 2x) e^(x^2) erfc(x) - 1) / (1 + q) in q = (x - 3.5) / (x + 3.5), for 0 <= x <= 27.3.
constexpr double erfc_excess[] = {
    0.24234924487115436,    -0.38235842500877365,  0.37180282867655784,     -0.27428373352331703,
    0.15919413536297508,    -0.07121098153748089,  0.022387655713223424,    -0.0032883247808753366,
    -0.0009266951732606249, 0.0006244273833414169, -6.0042615829150795e-05, -6.147025948810774e-05,
    1.8686360675367418e-05, 5.576041146361187e-06, -3.2425829815713615e-06, -5.748022207824212e-07,
    5.202994156889815e-07,  8.361798074790857e-08, -7.880198825701878e-08,  -1.6859832861586693e-08,
    8.469714809527422e-09,  2.7263214375841975e-09};

[[gnu::always_inline]] inline Scaled scaled_erfc(double x) {
  const double place = 2.0 * x / (x + 3.5);
  return {place * polynomial(erfc_excess, place - 1.0), 1.0 + 2.0 * x};
}

[[gnu::always_inline]] inline double erfc(double x) {
  const double magnitude = absolute(x);
  const double clamped = magnitude > 27.3 ? 27.3 : magnitude;  // erfc(27.3) < 2^-1075
  const double upper = times_exp(exact_square(clamped), scaled_erfc(clamped));
  return x < 0 ? 2.0 - upper : upper;
}

// ---- the normal distribution ------------------------------------------------------------------------------

/// The same of 2 (1 + x) e^(x^2 / 2) times the normal distribution function at -x, in q = (x - 5) / (x + 5),
/// for 0 <= x <= 1e20. Beyond 40, where only its logarithm beside x^2 / 2 is asked for, it is less exact.
constexpr double normal_excess[] = {
    -0.07696834029992446,   -0.10613622336809349,   0.1681969602200203,     -0.1481922554495751,
    0.095390169516978,      -0.04631624302923124,   0.01597541222403753,    -0.002931410893531101,
    -0.0004207337960777085, 0.00043631702657974766, -7.164872117096292e-05, -3.556658980939656e-05,
    1.577429556252265e-05,  2.345733308458824e-06,  -2.486097021016511e-06, -1.2938705821362072e-07,
    3.8450752006150984e-07, 8.557350844260996e-09,  -6.041170705864366e-08, -1.671856858126804e-09,
    8.48694332508394e-09,   2.7627346530898665e-10, -7.279685170966803e-10};

[[gnu::always_inline]] inline Scaled scaled_normal_tail(double x) {
  const double place = 2.0 * x / (x + 5.0);
  return {place * polynomial(normal_excess, place - 1.0), 2.0 + 2.0 * x};
}

[[gnu::always_inline]] inline double normal_tail(double x, const Scaled& scaled) {
  const InTwoParts square = exact_square(x);
  return times_exp({0.5 * square.high, 0.5 * square.low}, scaled);
}

constexpr double last_normal_tail = 38.6;  // where it is below 2^-1075

[[gnu::always_inline]] inline double normal_cdf(double x) {
  const double magnitude = absolute(x);
  const double clamped = magnitude > last_normal_tail ? last_normal_tail : magnitude;
  const double tail = normal_tail(clamped, scaled_normal_tail(clamped));
  return x > 0 ? 1.0 - tail : tail;
}

/// Below zero -x^2 / 2 and the logarithm of the quotient, both of one sign; above, log1p of minus the upper
/// tail.
[[gnu::always_inline]] inline double normal_log_cdf(double x) {
  const double magnitude = absolute(x);
  // Beyond 1e20, x^2 / 2 swallows the logarithm.
  const Scaled scaled = scaled_normal_tail(magnitude > 1e20 ? 1e20 : magnitude);
  const bool is_lower = x < 0;
  // Where the tail is not asked for, it had better not underflow, which is slow.
  const double upper_place = is_lower ? 0.0 : magnitude;
  const double tail = normal_tail(upper_place > last_normal_tail ? last_normal_tail : upper_place, scaled);
  const double rest = 1.0 - tail;
  // What the rounding of 1 - tail lost, over it: 1 + 2 tail is near enough to its inverse.
  const double correction = ((1.0 - rest) - tail) * (1.0 + 2.0 * tail);
  const double logarithm = log_corrected(is_lower ? (1.0 + scaled.excess) / scaled.denominator : rest,
                                         is_lower ? 0.0 : correction);
  const double upper = tail < 0x1p-54 ? -tail : logarithm;
  return is_lower ? logarithm - 0.5 * x * x : upper;
}

/// normal_quantile(1/2 + q) / q - 2.5 in 0.16 - q^2, for |q| <= 0.4.
constexpr double quantile_near_numerator[] = {0.703878913861501,  14.174450408004217,  60.021397030930736,
                                              -366.0637612363927, -3169.9392452618945, -6566.3444906481045,
                                              -3478.2143132700744};
constexpr double quantile_near_denominator[] = {1.0,
                                                31.211001523018652,
                                                367.3324072614347,
                                                2029.276563138875,
                                                5326.874393528231,
                                                5902.284872680546,
                                                1897.1540327469863,
                                                -36.992614629597156};
/// For p from the least positive number to 0.1, in t = sqrt(-log p) - quantile_far_root: the quantile there
/// is -quantile_far, and -normal_quantile(p) exceeds quantile_far + 181/128 t by t times this.
constexpr double quantile_far_numerator[] = {
    0.3214757664446424,     0.639869910838138,     0.5195688398986815,    0.22561101247783832,
    0.05699826517767542,    0.008351633365844158,  0.000669947181649222,  2.668552120319527e-05,
    4.5044171206542924e-07, 2.304149529400278e-09, 3.9151514919522335e-13};
constexpr double quantile_far_denominator[] = {1.0,
                                               2.433877535124403,
                                               2.4819745504369393,
                                               1.3911623485616338,
                                               0.4708012476281022,
                                               0.09859298192503832,
                                               0.012476612928752594,
                                               0.0008958487115483799,
                                               3.296848194874939e-05,
                                               5.265909094063026e-07,
                                               2.55803821352942e-09};
constexpr double quantile_far_root = 1.4951171875;
constexpr double quantile_far = 1.242902012103231;  // exact to a hundredth of a unit

[[gnu::always_inline]] inline double normal_quantile(double p) {
  const double q = p - 0.5;
  const double distance = absolute(q);
  const double near = 0.16 - q * q;
  const double smaller = q < 0 ? p : 1.0 - p;
  const double t = square_root(-log(smaller)) - quantile_far_root;  // NaN outside [0, 1]
  const bool is_near = distance <= 0.4;
  const double numerator =
      is_near ? polynomial(quantile_near_numerator, near) : polynomial(quantile_far_numerator, t);
  const double denominator =
      is_near ? polynomial(quantile_near_denominator, near) : polynomial(quantile_far_denominator, t);
  const double line = is_near ? 2.5 * distance : quantile_far + 181.0 / 128 * t;
  const double magnitude = line + (is_near ? distance : t) * (numerator / denominator);
  return copy_sign(smaller == 0 ? infinity<double> : magnitude, q);
}

template <class T, double (*f)(double)>
[[gnu::always_inline]] inline T in_double(T x) {
  return static_cast<T>(f(static_cast<double>(x)));
}

}  // namespace
}  // namespace elbo::runtime
