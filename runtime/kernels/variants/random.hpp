// Uniform and normal rows. Elements 2k and 2k + 1 share the counter with index k: its four words make two
// uniform numbers, or by Box and Muller (1958) two normal ones. Single precision rounds the double numbers,
// so that both precisions see the same randomness.
#pragma once

#include "runtime/kernels/variants/elementary.hpp"
#include "runtime/kernels/variants/loops.hpp"
#include "runtime/kernels/variants/philox.hpp"

namespace elbo::runtime {
namespace {

struct Pair {
  double even, odd;
};

inline Pair uniform_pair(const Words<std::uint64_t>& words) {
  return {open_uniform(words.a, words.b), open_uniform(words.c, words.d)};
}

/// cos and sin of 2 pi u for u in (0, 1): polynomials of Cephes (Moshier) on the nearest quarter turn.
inline Pair circle(double u) {
  const double shifted = u * 4.0 + to_integer;
  const std::uint64_t quarter = static_cast<std::uint64_t>(bits_of(shifted));
  const double x = (u * 4.0 - (shifted - to_integer)) * 1.57079632679489661923;
  const double z = x * x;
  double p = 1.58962301576546568060e-10;
  p = p * z - 2.50507477628578072866e-8;
  p = p * z + 2.75573136213857245213e-6;
  p = p * z - 1.98412698295895385996e-4;
  p = p * z + 8.33333333332211858878e-3;
  p = p * z - 1.66666666666666307295e-1;
  const std::uint64_t sine = static_cast<std::uint64_t>(bits_of(x + x * z * p));
  double q = -1.13585365213876817300e-11;
  q = q * z + 2.08757008419747316778e-9;
  q = q * z - 2.75573141792967388112e-7;
  q = q * z + 2.48015872888517045348e-5;
  q = q * z - 1.38888888888730564116e-3;
  q = q * z + 4.16666666666665929218e-2;
  const std::uint64_t cosine = static_cast<std::uint64_t>(bits_of(z * z * q + (1.0 - z * 0.5)));
  // Odd quarters swap the two; bit 1 of the quarter (for the cosine: of the next quarter) is the sign.
  const std::uint64_t swap = (sine ^ cosine) & (0 - (quarter & 1));
  const std::uint64_t cos_bits = cosine ^ swap ^ ((quarter + 1) & 2) << 62;
  const std::uint64_t sin_bits = sine ^ swap ^ (quarter & 2) << 62;
  return {double_of(static_cast<std::int64_t>(cos_bits)), double_of(static_cast<std::int64_t>(sin_bits))};
}

inline Pair normal_pair(const Words<std::uint64_t>& words) {
  const Pair uniform = uniform_pair(words);
  const double radius = square_root(-2.0 * log_corrected(uniform.even, 0.0));
  const Pair direction = circle(uniform.odd);
  return {radius * direction.even, radius * direction.odd};
}

/// The largest value below 1 in single precision: rounding must not leave the open interval.
template <class T>
inline T below_one(double x) {
  const double limit = sizeof(T) == 8 ? x : 1.0 - 0x1p-24;
  return static_cast<T>(x > limit ? limit : x);
}
template <class T>
inline T rounded(double x) {
  return static_cast<T>(x);
}

/// Calculates whole pairs into a small buffer, block by block, and copies the elements asked for: the first
/// or the last of them may be half a pair.
template <class T, Pair (*pair)(const Words<std::uint64_t>&), T (*convert)(double)>
void random_pairs(void* out, const Lanes*, std::int64_t n, const RandomPosition& position) {
  T* target = static_cast<T*>(out);
  std::uint64_t index = position.first / 2;
  std::int64_t skip = static_cast<std::int64_t>(position.first % 2);
  std::int64_t done = 0;
  while (done < n) {
    const std::int64_t left = (n - done + skip + 1) / 2;
    // Rounded up to a full vector of the widest instruction set: the surplus is cheaper than single lanes.
    const int count =
        left < block_counters ? static_cast<int>((left + 7) & ~std::int64_t{7}) : block_counters;
    WordRows words;
    philox_rows(words, index, count, position, 0);
    T block[2 * block_counters];
    ELBO_INDEPENDENT_LOOP
    for (int k = 0; k < count; ++k) {
      const Pair values = pair({words.a[k], words.b[k], words.c[k], words.d[k]});
      block[2 * k] = convert(values.even);
      block[2 * k + 1] = convert(values.odd);
    }
    const std::int64_t taken = n - done < 2 * count - skip ? n - done : 2 * count - skip;
    for (std::int64_t i = 0; i < taken; ++i) target[done + i] = block[skip + i];
    done += taken;
    index += static_cast<std::uint64_t>(count);
    skip = 0;
  }
}

}  // namespace
}  // namespace elbo::runtime
