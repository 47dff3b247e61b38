// x^a e^-x / gamma(a + 1), what the incomplete gamma function and the density of a gamma are multiples of.
#pragma once

#include "runtime/kernels/variants/gamma.hpp"
#include "runtime/kernels/variants/two_part.hpp"

namespace elbo::runtime {
namespace {

/// 1 / gamma(1 + t) on [0, 1].
constexpr double reciprocal_gamma[] = {1.0,
                                       0.5772156649015326,
                                       -0.6558780715202398,
                                       -0.04200263503456415,
                                       0.1665386113904478,
                                       -0.04219773464081281,
                                       -0.009621970947314578,
                                       0.007218940544441112,
                                       -0.0011651587514510775,
                                       -0.0002152622261528776,
                                       0.00012808396519598864,
                                       -2.017222246142559e-05,
                                       -1.2260549452566738e-06,
                                       1.13001856382529e-06,
                                       -2.1625295038834288e-07,
                                       1.6830710938973937e-08};

/// 1 / gamma(a + 1) for a in [0, 8).
[[gnu::always_inline]] inline double reciprocal_gamma_next(double a) {
  const double whole = floor(a);
  const double t = a - whole;
  double product = 1.0;
#pragma GCC unroll 7
  for (int j = 1; j <= 7; ++j) product *= whole >= j ? t + j : 1.0;
  return polynomial(reciprocal_gamma, t) / product;
}

/// 1 / 3 + z / 5 + z^2 / 7 + …
constexpr double odd_reciprocals[] = {1.0 / 3,  1.0 / 5,  1.0 / 7,  1.0 / 9,  1.0 / 11, 1.0 / 13, 1.0 / 15,
                                      1.0 / 17, 1.0 / 19, 1.0 / 21, 1.0 / 23, 1.0 / 25, 1.0 / 27};

/// Up to here log_ratio_rest has all its digits.
constexpr double near_ratio = 0.4;

/// d - log(1 + d) for |d| <= near_ratio, by the series of atanh; it is about d^2 / 2, and nothing cancels.
[[gnu::always_inline]] inline double log_ratio_rest(double d) {
  const double s = d / (2.0 + d);
  const double z = s * s;
  return s * (d - 2.0 * z * polynomial(odd_reciprocals, z));
}

/// Of a power x^a e^-x / gamma(a + 1) the exponent and what multiplies e to it.
struct GammaPower {
  InTwoParts exponent;
  double factor;
};

/// Shapes from which Stirling's formula holds.
constexpr double stirling_from = 8.0;

/// lgamma(a) less Stirling's formula, for a >= stirling_from.
[[gnu::always_inline]] inline double stirling_rest(double a) {
  const double inverse = 1.0 / a;
  return inverse * polynomial(lgamma_series, inverse * inverse);
}

/// For shapes from stirling_from on as e^(-a (d - log(1 + d))) with d = x / a - 1 (Loader, "Fast and accurate
/// computation of binomial probabilities", 2000): far from the mode the exponent needs two parts, beside it
/// no large terms are left. `beyond` is x - a for these shapes, x for others.
[[gnu::always_inline]] inline GammaPower gamma_power(double a, const InTwoParts& x,
                                                     const InTwoParts& beyond) {
  const bool is_large = a >= stirling_from;
  const double large = is_large ? a : stirling_from;
  const double rest = is_large ? stirling_rest(large) : 0.0;
  const double d = beyond.high / large;
  const bool is_near = is_large && absolute(d) <= near_ratio;
  const double near_exponent = -a * log_ratio_rest(is_near ? d : 0.0);
  const InTwoParts logarithm = log_in_parts(x.high / (is_large ? a : 1.0));
  const InTwoParts product = exact_product(a, logarithm.high);
  const InTwoParts far = exact_sum(product.high, -beyond.high);
  const double far_low = far.low + (product.low - beyond.low) + a * (logarithm.low + x.low / x.high);
  constexpr double two_pi = 6.28318530717958647693;
  const double factor = is_large ? 1.0 / root(two_pi * large) : reciprocal_gamma_next(is_large ? 0.0 : a);
  return {{is_near ? near_exponent : far.high, (is_near ? 0.0 : far_low) - rest}, factor};
}

/// At an ordinary x.
[[gnu::always_inline]] inline GammaPower gamma_power(double a, double x) {
  return gamma_power(a, {x, 0.0}, exact_sum(x, a >= stirling_from ? -a : 0.0));
}

}  // namespace
}  // namespace elbo::runtime
