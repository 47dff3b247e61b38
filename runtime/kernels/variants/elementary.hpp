// Exponentials and logarithms in double, as branch-free polynomials that compilers
// vectorise.
//
// exp: x = n log 2 + r with |r| <= log(2)/2, a Taylor polynomial of degree 13 for e^r - 1 (remainder 4e-18),
// and multiplication by 2^n. log: the argument reduction and polynomial of fdlibm's e_log.c (Sun Microsystems
// 1993), in the order of operations of FreeBSD. No operation here may be reassociated or contracted.
// Everything is inlined for certain: a call left in a loop keeps it from being vectorised.
#pragma once

#include "runtime/kernels/variants/arithmetic.hpp"

namespace elbo::runtime {
namespace {

[[gnu::always_inline]] inline std::int64_t bits_of(double x) { return __builtin_bit_cast(std::int64_t, x); }
[[gnu::always_inline]] inline double double_of(std::int64_t bits) { return __builtin_bit_cast(double, bits); }

/// c[0] + c[1] x + …, even and odd powers apart, which halves the chain of dependent operations.
template <int count>
[[gnu::always_inline]] inline double polynomial(const double (&c)[count], double x) {
  const double square = x * x;
  double even = c[(count - 1) / 2 * 2];
  double odd = c[(count - 2) / 2 * 2 + 1];
#pragma GCC unroll 16
  for (int i = (count - 1) / 2 * 2 - 2; i >= 0; i -= 2) even = even * square + c[i];
#pragma GCC unroll 16
  for (int i = (count - 2) / 2 * 2 - 1; i >= 1; i -= 2) odd = odd * square + c[i];
  return even + x * odd;
}

/// A polynomial in r whose coefficients are polynomials in x: that of the highest power first.
template <int count, class... Lower>
[[gnu::always_inline]] inline double in_two(double x, double r, const double (&highest)[count],
                                            const Lower&... lower) {
  double sum = polynomial(highest, x);
  ((sum = sum * r + polynomial(lower, x)), ...);
  return sum;
}

constexpr double log2_e = 1.4426950408889634074;
// log 2 in two parts; the first has 21 zero bits at the end, so that its product with an exponent is exact.
constexpr double log_2_high = 6.93147180369123816490e-01;
constexpr double log_2_low = 1.90821492927058770002e-10;
// Adding 1.5 * 2^52 leaves the nearest integer in the low bits of the sum.
constexpr double to_integer = 0x1.8p52;

struct Reduced {
  double minus_one;       // e^r - 1
  std::int64_t exponent;  // n
};

/// e^(x + rest), where adding a small rest to x would round it off.
[[gnu::always_inline]] inline Reduced reduce_exp(double x, double rest = 0.0) {
  const double shifted = x * log2_e + to_integer;
  const double n = shifted - to_integer;
  const double r = (x - n * log_2_high) - (n * log_2_low - rest);
  const double r2 = r * r;
  const double r4 = r2 * r2;
  const double p2 = 0.5 + r * (1.0 / 6);
  const double p4 = 1.0 / 24 + r * (1.0 / 120);
  const double p6 = 1.0 / 720 + r * (1.0 / 5040);
  const double p8 = 1.0 / 40320 + r * (1.0 / 362880);
  const double p10 = 1.0 / 3628800 + r * (1.0 / 39916800);
  const double p12 = 1.0 / 479001600 + r * (1.0 / 6227020800);
  const double tail = (p6 + r2 * p8) + r4 * (p10 + r2 * p12);
  const double minus_one = r + r2 * ((p2 + r2 * p4) + r4 * tail);
  return {minus_one, bits_of(shifted) - bits_of(to_integer)};
}

/// 2^n for a normal result.
[[gnu::always_inline]] inline double power_of_two(std::int64_t n) {
  return double_of(static_cast<std::int64_t>(static_cast<std::uint64_t>(n + 1023) << 52));
}

/// x * 2^n for |n| < 2048, in two halves, so that results overflow to infinity and underflow through the
/// subnormal numbers by themselves.
[[gnu::always_inline]] inline double times_power_of_two(double x, std::int64_t n) {
  const std::uint64_t shifted = static_cast<std::uint64_t>(n + 2048);
  const std::uint64_t half = shifted >> 1;
  const double low = power_of_two(static_cast<std::int64_t>(half) - 1024);
  const double high = power_of_two(static_cast<std::int64_t>(shifted - half) - 1024);
  return x * low * high;
}

/// e^x * 2^shift, shift 0 or -1.
[[gnu::always_inline]] inline double exp_shifted(double x, int shift) {
  double clamped = x > 711.0 ? 711.0 : x;
  clamped = clamped < -746.0 ? -746.0 : clamped;
  const Reduced reduced = reduce_exp(clamped);
  return times_power_of_two(1.0 + reduced.minus_one, reduced.exponent + shift);
}

[[gnu::always_inline]] inline double exp(double x) { return exp_shifted(x, 0); }

[[gnu::always_inline]] inline double expm1(double x) {
  double clamped = x > 709.9 ? 709.9 : x;
  clamped = clamped < -60.0 ? -60.0 : clamped;
  const Reduced reduced = reduce_exp(clamped);
  // Half of everything, because 2^1024 is no number; twice at the end may overflow rightly.
  const double scale = power_of_two(reduced.exponent - 1);
  const double result = 2.0 * (scale * reduced.minus_one + (scale - 0.5));
  return absolute(x) < 0x1p-54 ? x : result;  // keeps -0 and subnormals
}

/// A positive normal number as 2^exponent (1 + above_one), between sqrt(1/2) and sqrt(2).
struct Mantissa {
  double exponent, above_one;
};

[[gnu::always_inline]] inline Mantissa split_mantissa(double u) {
  // Subtracting the bits of sqrt(1/2) makes the exponent field change at sqrt(1/2) instead of 1.
  const std::uint64_t sqrt_half = 0x3fe6a09e667f3bcdULL;
  const std::uint64_t shifted = static_cast<std::uint64_t>(bits_of(u)) - sqrt_half;
  const std::uint64_t biased = (shifted + (1023ULL << 52)) >> 52;
  const double mantissa = double_of(static_cast<std::int64_t>((shifted & 0x000fffffffffffffULL) + sqrt_half));
  const double exponent =
      double_of(static_cast<std::int64_t>(biased | 0x4330000000000000ULL)) - (0x1p52 + 1023.0);
  return {exponent, mantissa - 1.0};
}

/// log((1 + s) / (1 - s)) / s - 2.
[[gnu::always_inline]] inline double log_rest(double s) {
  const double z = s * s;
  const double w = z * z;
  const double odd =
      w * (3.999999999940941908e-01 + w * (2.222219843214978396e-01 + w * 1.531383769920937332e-01));
  const double even =
      z * (6.666666666666735130e-01 +
           w * (2.857142874366239149e-01 + w * (1.818357216161805012e-01 + w * 1.479819860511658591e-01)));
  return odd + even;
}

/// log(u (1 + correction)) for positive normal u and a tiny correction.
[[gnu::always_inline]] inline double log_corrected(double u, double correction) {
  const Mantissa split = split_mantissa(u);
  const double f = split.above_one;
  const double s = f / (2.0 + f);
  const double half_square = 0.5 * f * f;
  const double small = s * (half_square + log_rest(s)) + (split.exponent * log_2_low + correction);
  return ((small - half_square) + f) + split.exponent * log_2_high;
}

[[gnu::always_inline]] inline double log(double x) {
  const bool subnormal = x < 0x1p-1022;
  const double scaled = subnormal ? x * 0x1p54 : x;
  double result = log_corrected(scaled, 0.0);
  result = subnormal ? result - 54 * 0.693147180559945309417 : result;
  result = x == 0 ? -infinity<double> : result;
  result = x < 0 ? not_a_number<double> : result;
  return x < infinity<double> ? result : x;  // +inf and NaN
}

[[gnu::always_inline]] inline double log1p(double x) {
  const double u = 1.0 + x;
  // What the rounding of 1 + x lost, relative to u.
  const double correction = (x - (u - 1.0)) / u;
  double result = log_corrected(u, correction);
  result = x == -1.0 ? -infinity<double> : result;
  result = x < -1.0 ? not_a_number<double> : result;
  result = absolute(x) < 0x1p-54 ? x : result;
  return x < infinity<double> ? result : x;
}

}  // namespace
}  // namespace elbo::runtime
