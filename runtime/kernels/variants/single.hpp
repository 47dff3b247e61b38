// Exponentials and logarithms in single precision: the methods of elementary.hpp with fewer terms. e^r needs
// degree 7 (remainder 5e-9); the logarithm's polynomial is that of fdlibm's e_logf.c.
#pragma once

#include "runtime/kernels/variants/arithmetic.hpp"

namespace elbo::runtime {
namespace {

inline std::int32_t bits_of(float x) { return __builtin_bit_cast(std::int32_t, x); }
inline float float_of(std::int32_t bits) { return __builtin_bit_cast(float, bits); }

struct ReducedSingle {
  float minus_one;        // e^r - 1
  std::int32_t exponent;  // n
};

inline ReducedSingle reduce_exp(float x) {
  const float to_integer_single = 0x1.8p23f;
  const float shifted = x * 1.44269504f + to_integer_single;
  const float n = shifted - to_integer_single;
  // log 2 = 0.693359375 - 2.12194440e-4, the first with 9 bits.
  const float r = (x - n * 0.693359375f) + n * 2.12194440e-4f;
  const float r2 = r * r;
  const float p2 = 0.5f + r * (1.0f / 6);
  const float p4 = 1.0f / 24 + r * (1.0f / 120);
  const float p6 = 1.0f / 720 + r * (1.0f / 5040);
  const float minus_one = r + r2 * (p2 + r2 * (p4 + r2 * p6));
  return {minus_one, bits_of(shifted) - bits_of(to_integer_single)};
}

inline float power_of_two(std::int32_t n) {
  return float_of(static_cast<std::int32_t>(static_cast<std::uint32_t>(n + 127) << 23));
}

inline float exp_shifted(float x, int shift) {
  float clamped = x > 90.0f ? 90.0f : x;
  clamped = clamped < -105.0f ? -105.0f : clamped;
  const ReducedSingle reduced = reduce_exp(clamped);
  const std::uint32_t n = static_cast<std::uint32_t>(reduced.exponent + shift + 256);
  const std::uint32_t half = n >> 1;
  const float low = power_of_two(static_cast<std::int32_t>(half) - 128);
  const float high = power_of_two(static_cast<std::int32_t>(n - half) - 128);
  return (1.0f + reduced.minus_one) * low * high;
}

inline float exp(float x) { return exp_shifted(x, 0); }

inline float expm1(float x) {
  float clamped = x > 88.9f ? 88.9f : x;
  clamped = clamped < -30.0f ? -30.0f : clamped;
  const ReducedSingle reduced = reduce_exp(clamped);
  const float scale = power_of_two(reduced.exponent - 1);
  const float result = 2.0f * (scale * reduced.minus_one + (scale - 0.5f));
  return absolute(x) < 0x1p-25f ? x : result;
}

inline float log_corrected(float u, float correction) {
  const std::uint32_t sqrt_half = 0x3f3504f3U;
  const std::uint32_t shifted = static_cast<std::uint32_t>(bits_of(u)) + (0x3f800000U - sqrt_half);
  const float k = static_cast<float>(static_cast<std::int32_t>(shifted >> 23) - 127);
  const float f = float_of(static_cast<std::int32_t>((shifted & 0x007fffffU) + sqrt_half)) - 1.0f;
  const float s = f / (2.0f + f);
  const float z = s * s;
  const float w = z * z;
  const float half_square = 0.5f * f * f;
  const float odd = w * (0xccce13.0p-25f + w * 0xf89e26.0p-26f);
  const float even = z * (0xaaaaaa.0p-24f + w * 0x91e9ee.0p-25f);
  const float small = s * (half_square + (odd + even)) + (k * 9.0580006145e-06f + correction);
  return ((small - half_square) + f) + k * 6.9313812256e-01f;
}

inline float log(float x) {
  const bool subnormal = x < 0x1p-126f;
  const float scaled = subnormal ? x * 0x1p25f : x;
  float result = log_corrected(scaled, 0.0f);
  result = subnormal ? result - 25 * 0.693147181f : result;
  result = x == 0 ? -infinity<float> : result;
  result = x < 0 ? not_a_number<float> : result;
  return x < infinity<float> ? result : x;
}

inline float log1p(float x) {
  const float u = 1.0f + x;
  const float correction = (x - (u - 1.0f)) / u;
  float result = log_corrected(u, correction);
  result = x == -1.0f ? -infinity<float> : result;
  result = x < -1.0f ? not_a_number<float> : result;
  result = absolute(x) < 0x1p-25f ? x : result;
  return x < infinity<float> ? result : x;
}

}  // namespace
}  // namespace elbo::runtime
