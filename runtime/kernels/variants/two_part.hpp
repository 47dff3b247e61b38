// Numbers in two parts, the second what the rounding of the first lost: for exponents, whose absolute error
// is the relative error of the power.
#pragma once

#include "runtime/kernels/variants/elementary.hpp"

namespace elbo::runtime {
namespace {

struct InTwoParts {
  double high, low;
};

/// The upper 26 bits: products of two such numbers are exact.
[[gnu::always_inline]] inline double upper_half(double x) {
  return double_of(bits_of(x) & ~std::int64_t{0x7ffffff});
}

/// x * x exactly: the upper 26 bits of x have an exact square, and the rest is small enough to be rounded.
[[gnu::always_inline]] inline InTwoParts exact_square(double x) {
  const double upper = upper_half(x);
  return {upper * upper, (x - upper) * (x + upper)};
}

[[gnu::always_inline]] inline InTwoParts exact_sum(double x, double y) {
  const double sum = x + y;
  const double of_y = sum - x;
  return {sum, (x - (sum - of_y)) + (y - of_y)};
}

/// x y, for |x y| below 1e300 and no part of it subnormal.
[[gnu::always_inline]] inline InTwoParts exact_product(double x, double y) {
  const double product = x * y;
  const double upper_x = upper_half(x), upper_y = upper_half(y);
  const double lower_x = x - upper_x, lower_y = y - upper_y;
  return {product,
          ((upper_x * upper_y - product) + (upper_x * lower_y + lower_x * upper_y)) + lower_x * lower_y};
}

/// log u for positive normal u, with an absolute error of 1e-17: log_corrected (elementary.hpp) with its
/// large terms added exactly.
[[gnu::always_inline]] inline InTwoParts log_in_parts(double u) {
  const Mantissa split = split_mantissa(u);
  const double f = split.above_one;
  const double s = f / (2.0 + f);
  const InTwoParts square = exact_square(f);
  const double half_square = 0.5 * square.high;  // its upper half
  const double small = s * (0.5 * f * f + log_rest(s)) + (split.exponent * log_2_low - 0.5 * square.low);
  const InTwoParts linear = exact_sum(split.exponent * log_2_high, f);
  const InTwoParts sum = exact_sum(linear.high, -half_square);
  const double low = small + (linear.low + sum.low);
  const double high = sum.high + low;
  return {high, low - (high - sum.high)};
}

/// e^(exponent.high + exponent.low) times a factor, which does not underflow before their product does. For
/// exponents up to 700.
[[gnu::always_inline]] inline double times_exp(const InTwoParts& exponent, double factor) {
  const double clamped = exponent.high < -1400.0 ? -1400.0 : exponent.high;
  const Reduced reduced = reduce_exp(clamped, exponent.low);
  return times_power_of_two(factor + factor * reduced.minus_one, reduced.exponent);
}

}  // namespace
}  // namespace elbo::runtime
