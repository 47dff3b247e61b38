// Gamma draws by Marsaglia and Tsang, "A simple method for generating gamma variables", ACM TOMS 26 (2000):
// the cube of a normal number, accepted with probability 0.95 and more. The attempt is part of the counter,
// so the first attempts of a block are one vectorised loop, and so are the second ones of the few elements
// that were turned down; what is left goes on alone.
#pragma once

#include "runtime/kernels/gamma_draws.hpp"
#include "runtime/kernels/variants/random.hpp"

namespace elbo::runtime {
namespace {

/// Attempts of a rejection sampler fit 16 bits of the counter; the last number is kept for the one extra
/// uniform number that a gamma draw of small shape needs.
constexpr std::uint32_t extra_attempt = 0xffff;

/// The attempt's value, or -1 where it is turned down. Shape at least 1.
[[gnu::always_inline]] inline double gamma_attempt(double shape, const Words<std::uint64_t>& words) {
  const double d = shape - 1.0 / 3;
  const double c = 1.0 / square_root(9.0 * d);
  const double radius = square_root(-2.0 * log_corrected(open_uniform(words.a, words.b), 0.0));
  const double x = radius * circle(open_uniform(words.c)).even;
  const double u = open_uniform(words.d);
  const double root = 1.0 + c * x;
  const bool is_positive = root > 0.0;
  const double v = is_positive ? root * root * root : 1.0;
  // Without the usual squeeze: a vector computes both sides of a branch anyway.
  const double bound = 0.5 * (x * x) + d * (1.0 - v + log_corrected(v, 0.0));
  const double value = log_corrected(u, 0.0) < bound ? d * v : -1.0;
  return is_positive ? value : -1.0;
}

/// log of a uniform number to the power 1 / shape: Gamma(shape) = Gamma(shape + 1) U^(1 / shape).
inline double log_gamma_factor(double shape, double uniform) {
  return shape < 1.0 ? log_corrected(uniform, 0.0) / shape : 0.0;
}

/// Shapes for which the first attempt is tried in the block.
inline bool is_gamma_shape(double shape) { return shape > 1e-300 && shape < 1e300; }

inline double gamma_value(const GammaDraw& draw) {
  const double scaled = exp(log(draw.value) + draw.log_factor);
  return draw.log_factor == 0.0 ? draw.value : scaled;
}
inline double gamma_log(const GammaDraw& draw) { return log(draw.value) + draw.log_factor; }

/// Elements whose first attempts are made before second ones: so many that those that are turned down fill
/// vectors.
constexpr int gamma_block = 4 * block_counters;

/// Draws in the making: where the value is negative, its attempt was turned down.
struct GammaBlock {
  std::uint64_t element;  ///< the first
  double shape[gamma_block], value[gamma_block], factor[gamma_block];
};

/// Shape of the draw that is attempted.
[[gnu::always_inline]] inline double lifted_shape(double shape) {
  const double ordinary = is_gamma_shape(shape) ? shape : 1.0;
  return ordinary < 1.0 ? ordinary + 1.0 : ordinary;
}

/// One attempt for each shape; -1 where there is no such distribution.
inline void attempt_all(const double* shape, const WordRows& words, int count, double* value) {
  ELBO_INDEPENDENT_LOOP
  for (int k = 0; k < count; ++k) {
    const double attempt =
        gamma_attempt(lifted_shape(shape[k]), {words.a[k], words.b[k], words.c[k], words.d[k]});
    value[k] = is_gamma_shape(shape[k]) ? attempt : -1.0;
  }
}

/// First attempts, and the factors of small shapes, of elements start to start + count - 1. Whether there are
/// such factors.
inline bool first_attempts(GammaBlock& block, int start, int count, const RandomPosition& position) {
  const double* shape = block.shape + start;
  double* value = block.value + start;
  double* factor = block.factor + start;
  const std::uint64_t element = block.element + static_cast<std::uint64_t>(start);
  std::int64_t small = 0;
  for (int k = 0; k < count; ++k) small += shape[k] < 1.0 ? 1 : 0;
  WordRows words;
  philox_rows(words, element, count, position, 0);
  attempt_all(shape, words, count, value);
  for (int k = 0; k < count; ++k) factor[k] = 0.0;
  if (small == 0) return false;
  philox_rows(words, element, count, position, extra_attempt);
  ELBO_INDEPENDENT_LOOP
  for (int k = 0; k < count; ++k) {
    factor[k] = log_gamma_factor(shape[k], open_uniform(words.a[k], words.b[k]));
  }
  return true;
}

/// Random words of some elements: the rows' first `count` columns, whole vectors of them.
inline void philox_rows(WordRows& rows, const std::uint64_t* elements, int count,
                        const RandomPosition& position, std::uint32_t attempt) {
  for (int k = 0; k < count; k += vector_words) {
    WordVector index;
    __builtin_memcpy(&index, elements + k, sizeof index);
    const Words<WordVector> words = philox(index, attempt, position);
    __builtin_memcpy(rows.a + k, &words.a, sizeof words.a);
    __builtin_memcpy(rows.b + k, &words.b, sizeof words.b);
    __builtin_memcpy(rows.c + k, &words.c, sizeof words.c);
    __builtin_memcpy(rows.d + k, &words.d, sizeof words.d);
  }
}

/// Second attempts of the `count` elements at these places.
inline void second_attempts(GammaBlock& block, const int* places, int count, const RandomPosition& position) {
  const int padded = (count + vector_words - 1) / vector_words * vector_words;
  std::uint64_t element[block_counters];
  double shape[block_counters], value[block_counters];
  for (int k = 0; k < padded; ++k) {
    const int place = places[k < count ? k : 0];
    element[k] = block.element + static_cast<std::uint64_t>(place);
    shape[k] = block.shape[place];
  }
  WordRows words;
  philox_rows(words, element, padded, position, 1);
  attempt_all(shape, words, padded, value);
  for (int k = 0; k < count; ++k) block.value[places[k]] = value[k];
}

/// Goes on with the elements that were turned down: at first in vectors, then alone, as do those that have no
/// ordinary shape.
inline void further_attempts(GammaBlock& block, int count, const RandomPosition& position) {
  int places[gamma_block];
  int several = 0;
  for (int k = 0; k < count; ++k) {
    places[several] = k;
    several += block.value[k] < 0.0 ? 1 : 0;
  }
  for (int first = 0; first < several; first += block_counters) {
    const int left = several - first;
    second_attempts(block, places + first, left < block_counters ? left : block_counters, position);
  }
  for (int k = 0; k < several; ++k) {
    const int place = places[k];
    if (block.value[place] >= 0.0) continue;
    const std::uint32_t attempt = is_gamma_shape(block.shape[place]) ? 2 : 0;
    const GammaDraw draw = scalar_gamma_draw(
        block.shape[place], block.element + static_cast<std::uint64_t>(place), attempt, position);
    block.value[place] = draw.value;
    block.factor[place] = draw.log_factor;
  }
}

template <class T, double (*result)(const GammaDraw&)>
void random_gamma(void* out, const Lanes* in, std::int64_t n, const RandomPosition& position) {
  T* target = static_cast<T*>(out);
  const T* shapes = static_cast<const T*>(in[0].data);
  GammaBlock block;
  for (std::int64_t first = 0; first < n; first += gamma_block) {
    const int count = n - first < gamma_block ? static_cast<int>(n - first) : gamma_block;
    const int padded = (count + 7) & ~7;
    block.element = position.first + static_cast<std::uint64_t>(first);
    for (int k = 0; k < padded; ++k) {
      block.shape[k] = k < count ? static_cast<double>(shapes[(first + k) * in[0].stride]) : 1.0;
    }
    bool has_factors = false;
    for (int start = 0; start < padded; start += block_counters) {
      const int left = padded - start;
      has_factors |= first_attempts(block, start, left < block_counters ? left : block_counters, position);
    }
    further_attempts(block, count, position);
    if (has_factors || result != gamma_value) {  // without factors a value is its own result
      ELBO_INDEPENDENT_LOOP
      for (int k = 0; k < padded; ++k) block.value[k] = result({block.value[k], block.factor[k]});
    }
    for (int k = 0; k < count; ++k) target[first + k] = static_cast<T>(block.value[k]);
  }
}

}  // namespace
}  // namespace elbo::runtime
