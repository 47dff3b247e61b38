// Philox4x32-10 (Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011): ten
// rounds of multiplication and exclusive or turn a counter of four words and a key of two into four random
// words.
//
// Counter: word 0 = low 32 bits of the index, word 1 = 16 further bits of the index | attempt << 16, word 2 =
// stream, word 3 = step. Key: the seed, low word first. The index is the element, or for uniform and normal
// numbers half of it, because one counter serves two elements; the attempt tells the tries of a rejection
// sampler apart.
#pragma once

#ifdef __SSE2__
#include <immintrin.h>
#endif

#include "runtime/kernels/kernels.hpp"

namespace elbo::runtime {
namespace {

/// Four 32-bit words of one counter, or of several if Word is a vector. Each is held in 64 bits, so that
/// products need no unpacking; between rounds the upper halves hold anything.
template <class Word>
struct Words {
  Word a, b, c, d;
};

inline std::uint64_t low_product(std::uint64_t x, std::uint32_t multiplier) {
  return (x & 0xffffffffU) * multiplier;
}

// Compilers do not find the instruction that multiplies the low halves of 64-bit lanes by themselves. (The
// masked form with a full mask is the plain instruction; g++ 12 warns about its header for the other.)
#ifdef __SSE2__
#if defined(__AVX512F__)
constexpr int vector_bytes = 64;
#elif defined(__AVX2__)
constexpr int vector_bytes = 32;
#else
constexpr int vector_bytes = 16;
#endif
typedef std::uint64_t WordVector __attribute__((vector_size(vector_bytes)));

inline WordVector low_product(WordVector x, std::uint32_t multiplier) {
  const WordVector factor = (WordVector{}) + multiplier;
#if defined(__AVX512F__)
  return (WordVector)_mm512_maskz_mul_epu32(0xff, (__m512i)x, (__m512i)factor);
#elif defined(__AVX2__)
  return (WordVector)_mm256_mul_epu32((__m256i)x, (__m256i)factor);
#else
  return (WordVector)_mm_mul_epu32((__m128i)x, (__m128i)factor);
#endif
}
#else
typedef std::uint64_t WordVector;
#endif

/// `index` below 2^48, in every lane.
template <class Word>
inline Words<Word> philox(Word index, std::uint32_t attempt, const RandomPosition& position) {
  const Word zero{};
  Words<Word> x{index, (index >> 32) | (zero + (static_cast<std::uint64_t>(attempt) << 16)),
                zero + position.stream, zero + position.step};
  std::uint32_t key_low = static_cast<std::uint32_t>(position.seed);
  std::uint32_t key_high = static_cast<std::uint32_t>(position.seed >> 32);
#pragma GCC unroll 10
  for (int round = 0; round < 10; ++round) {
    const Word p = low_product(x.a, 0xD2511F53U);
    const Word q = low_product(x.c, 0xCD9E8D57U);
    x = {(q >> 32) ^ x.b ^ (zero + key_low), q, (p >> 32) ^ x.d ^ (zero + key_high), p};
    key_low += 0x9E3779B9U;
    key_high += 0xBB67AE85U;
  }
  const Word low = zero + 0xffffffffU;
  return {x.a & low, x.b & low, x.c & low, x.d & low};
}

constexpr int block_counters = 64;
constexpr int vector_words = sizeof(WordVector) / sizeof(std::uint64_t);

/// Random words of consecutive counters, as rows.
struct WordRows {
  alignas(64) std::uint64_t a[block_counters], b[block_counters], c[block_counters], d[block_counters];
};

/// Fills the first `count` columns, a multiple of 8.
inline void philox_rows(WordRows& rows, std::uint64_t index, int count, const RandomPosition& position,
                        std::uint32_t attempt) {
  static constexpr std::uint64_t lanes[] = {0, 1, 2, 3, 4, 5, 6, 7};
  WordVector indices;
  __builtin_memcpy(&indices, lanes, sizeof indices);
  indices += index;
  for (int k = 0; k < count; k += vector_words) {
    const Words<WordVector> words = philox(indices, attempt, position);
    __builtin_memcpy(rows.a + k, &words.a, sizeof words.a);
    __builtin_memcpy(rows.b + k, &words.b, sizeof words.b);
    __builtin_memcpy(rows.c + k, &words.c, sizeof words.c);
    __builtin_memcpy(rows.d + k, &words.d, sizeof words.d);
    indices += static_cast<std::uint64_t>(vector_words);
  }
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
