// Gamma draws by Marsaglia and Tsang, "A simple method for generating gamma variables", ACM TOMS 26 (2000):
// the cube of a normal number, accepted with probability 0.95 and more. The attempt is part of the counter,
// so the first attempts of a block are one vectorised loop, and the few elements that were turned down go on
// alone.
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

template <class T, double (*result)(const GammaDraw&)>
void random_gamma(void* out, const Lanes* in, std::int64_t n, const RandomPosition& position) {
  T* target = static_cast<T*>(out);
  const T* shapes = static_cast<const T*>(in[0].data);
  for (std::int64_t first = 0; first < n; first += block_counters) {
    const int count = n - first < block_counters ? static_cast<int>(n - first) : block_counters;
    const int padded = (count + 7) & ~7;
    const std::uint64_t element = position.first + static_cast<std::uint64_t>(first);
    double shape[block_counters], value[block_counters], factor[block_counters];
    std::int64_t small = 0;
    for (int k = 0; k < padded; ++k) {
      shape[k] = k < count ? static_cast<double>(shapes[(first + k) * in[0].stride]) : 1.0;
      small += shape[k] < 1.0 ? 1 : 0;
    }
    WordRows words;
    philox_rows(words, element, padded, position, 0);
    ELBO_INDEPENDENT_LOOP
    for (int k = 0; k < padded; ++k) {
      const double ordinary = is_gamma_shape(shape[k]) ? shape[k] : 1.0;
      const double lifted = ordinary < 1.0 ? ordinary + 1.0 : ordinary;
      const double attempt = gamma_attempt(lifted, {words.a[k], words.b[k], words.c[k], words.d[k]});
      value[k] = is_gamma_shape(shape[k]) ? attempt : -1.0;
      factor[k] = 0.0;
    }
    if (small > 0) {
      philox_rows(words, element, padded, position, extra_attempt);
      ELBO_INDEPENDENT_LOOP
      for (int k = 0; k < padded; ++k) {
        factor[k] = log_gamma_factor(shape[k], open_uniform(words.a[k], words.b[k]));
      }
    }
    for (int k = 0; k < count; ++k) {
      if (value[k] >= 0.0) continue;
      const std::uint32_t attempt = is_gamma_shape(shape[k]) ? 1 : 0;
      const GammaDraw draw =
          scalar_gamma_draw(shape[k], element + static_cast<std::uint64_t>(k), attempt, position);
      value[k] = draw.value;
      factor[k] = draw.log_factor;
    }
    ELBO_INDEPENDENT_LOOP
    for (int k = 0; k < padded; ++k) value[k] = result({value[k], factor[k]});
    for (int k = 0; k < count; ++k) target[first + k] = static_cast<T>(value[k]);
  }
}

}  // namespace
}  // namespace elbo::runtime
