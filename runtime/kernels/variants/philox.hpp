// Philox4x32-10 (Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011): ten
// rounds of multiplication and exclusive or turn a counter of four words and a key of two into four random
// words.
//
// Counter: word 0 = low 32 bits of the index, word 1 = 16 further bits of the index | attempt << 16, word 2 =
// stream, word 3 = step. Key: the seed, low word first. The index is the element, or for uniform and normal
// numbers half of it, because one counter serves two elements; the attempt tells the tries of a rejection
// sampler apart.
#pragma once

#include "runtime/kernels/kernels.hpp"

namespace elbo::runtime {
namespace {

/// Four 32-bit words of one counter, each in 64 bits so that products need no unpacking. On entry to a round
/// the upper halves may hold anything.
struct Words {
  std::uint64_t a, b, c, d;
};

inline std::uint64_t low_product(std::uint64_t word, std::uint64_t multiplier) {
  return (word & 0xffffffffULL) * multiplier;
}

inline Words philox(std::uint64_t index, std::uint32_t attempt, const RandomPosition& position) {
  const std::uint64_t upper = (index >> 32 & 0xffff) | static_cast<std::uint64_t>(attempt) << 16;
  Words x{index, upper, position.stream, position.step};
  std::uint32_t key_low = static_cast<std::uint32_t>(position.seed);
  std::uint32_t key_high = static_cast<std::uint32_t>(position.seed >> 32);
#pragma GCC unroll 10
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t p = low_product(x.a, 0xD2511F53ULL);
    const std::uint64_t q = low_product(x.c, 0xCD9E8D57ULL);
    x = {(q >> 32) ^ x.b ^ key_low, q, (p >> 32) ^ x.d ^ key_high, p};
    key_low += 0x9E3779B9U;
    key_high += 0xBB67AE85U;
  }
  return {x.a & 0xffffffffULL, x.b & 0xffffffffULL, x.c & 0xffffffffULL, x.d & 0xffffffffULL};
}

/// (k + 1/2) / 2^52 with the 52 upper bits of two words: in (0, 1), never 0 or 1.
inline double open_uniform(std::uint64_t high, std::uint64_t low) {
  const std::uint64_t mantissa = (high << 32 | low) >> 12;
  return (__builtin_bit_cast(double, mantissa | 0x3ff0000000000000ULL) - 1.0) + 0x1p-53;
}

/// (k + 1/2) / 2^32 of one word.
inline double open_uniform(std::uint64_t word) {
  return (__builtin_bit_cast(double, word << 20 | 0x3ff0000000000000ULL) - 1.0) + 0x1p-33;
}

}  // namespace
}  // namespace elbo::runtime
