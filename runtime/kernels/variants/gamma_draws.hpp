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

/// First attempts, and the factors of small shapes, of elements start to start + count - 1.
inline void first_attempts(GammaBlock& block, int start, int count, const RandomPosition& position) {
  const double* shape = block.shape + start;
  double* value = block.value + start;
  double* factor = block.factor + start;
  const std::uint64_t element = block.element + static_cast<std::uint64_t>(start);
  std::int64_t small = 0;
  for (int k = 0; k < count; ++k) small += shape[k] < 1.0 ? 1 : 0;
  WordRows words;
  philox_rows(words, element, count, position, 0);
  ELBO_INDEPENDENT_LOOP
  for (int k = 0; k < count; ++k) {
    const double attempt =
        gamma_attempt(lifted_shape(shape[k]), {words.a[k], words.b[k], words.c[k], words.d[k]});
    value[k] = is_gamma_shape(shape[k]) ? attempt : -1.0;
    factor[k] = 0.0;
  }
  if (small == 0) return;
  philox_rows(words, element, count, position, extra_attempt);
  ELBO_INDEPENDENT_LOOP
  for (int k = 0; k < count; ++k) {
    factor[k] = log_gamma_factor(shape[k], open_uniform(words.a[k], words.b[k]));
  }
}

/// Second attempts, a vector at a time; what is turned down again, or has no ordinary shape, goes on alone.
inline void further_attempts(GammaBlock& block, int count, const RandomPosition& position) {
  int places[gamma_block + vector_words];
  int several = 0;
  for (int k = 0; k < count; ++k) {
    places[several] = k;
    several += block.value[k] < 0.0 ? 1 : 0;
  }
  for (int k = 0; k < vector_words && several > 0; ++k) places[several + k] = places[0];
  for (int first = 0; first < several; first += vector_words) {
    std::uint64_t element[vector_words];
    double shape[vector_words], value[vector_words];
    for (int k = 0; k < vector_words; ++k) {
      element[k] = block.element + static_cast<std::uint64_t>(places[first + k]);
      shape[k] = block.shape[places[first + k]];
    }
    WordVector index;
    __builtin_memcpy(&index, element, sizeof index);
    const Words<WordVector> words = philox(index, 1, position);
    std::uint64_t a[vector_words], b[vector_words], c[vector_words], d[vector_words];
    __builtin_memcpy(a, &words.a, sizeof words.a);
    __builtin_memcpy(b, &words.b, sizeof words.b);
    __builtin_memcpy(c, &words.c, sizeof words.c);
    __builtin_memcpy(d, &words.d, sizeof words.d);
    ELBO_INDEPENDENT_LOOP
    for (int k = 0; k < vector_words; ++k) {
      value[k] = gamma_attempt(lifted_shape(shape[k]), {a[k], b[k], c[k], d[k]});
    }
    for (int k = 0; k < vector_words && first + k < several; ++k) {
      const int place = places[first + k];
      block.value[place] = value[k];
      if (value[k] >= 0.0 && is_gamma_shape(shape[k])) continue;
      const std::uint32_t attempt = is_gamma_shape(shape[k]) ? 2 : 0;
      const GammaDraw draw = scalar_gamma_draw(shape[k], element[k], attempt, position);
      block.value[place] = draw.value;
      block.factor[place] = draw.log_factor;
    }
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
    for (int start = 0; start < padded; start += block_counters) {
      const int left = padded - start;
      first_attempts(block, start, left < block_counters ? left : block_counters, position);
    }
    further_attempts(block, count, position);
    ELBO_INDEPENDENT_LOOP
    for (int k = 0; k < padded; ++k) block.value[k] = result({block.value[k], block.factor[k]});
    for (int k = 0; k < count; ++k) target[first + k] = static_cast<T>(block.value[k]);
  }
}

}  // namespace
}  // namespace elbo::runtime
