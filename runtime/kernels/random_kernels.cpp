// Gamma draws by Marsaglia and Tsang, "A simple method for generating gamma variables", ACM TOMS 26 (2000).
#include <cmath>

#include "runtime/kernels/random_draws.hpp"
#include "runtime/kernels/variants.hpp"

namespace elbo::runtime {
namespace {

/// A draw is value * e^log_factor; the factor is what may underflow.
struct GammaDraw {
  double value;
  double log_factor;
};

/// Shape at least 1: the cube of a normal number, squeezed.
double draw_at_least_one(double shape, std::uint64_t element, const RandomPosition& position) {
  const double d = shape - 1.0 / 3;
  const double c = 1 / std::sqrt(9 * d);
  for (std::uint32_t attempt = 0; attempt < attempts; ++attempt) {
    const Words<std::uint64_t> words = philox(element, attempt, position);
    const double radius = std::sqrt(-2 * log_corrected(open_uniform(words.a, words.b), 0.0));
    const double x = radius * circle(open_uniform(words.c)).even;
    const double u = open_uniform(words.d);
    const double root = 1 + c * x;
    if (root <= 0) continue;
    const double v = root * root * root;
    const double x2 = x * x;
    if (u < 1 - 0.0331 * x2 * x2) return d * v;
    if (std::log(u) < 0.5 * x2 + d * (1 - v + std::log(v))) return d * v;
  }
  return shape;
}

GammaDraw draw_gamma(double shape, std::uint64_t element, const RandomPosition& position) {
  if (!(shape > 0)) return {not_a_number<double>, 0};
  if (std::isinf(shape)) return {shape, 0};
  if (shape >= 1) return {draw_at_least_one(shape, element, position), 0};
  // Gamma(shape) = Gamma(shape + 1) U^(1 / shape).
  const double u = uniforms(element, extra_attempt, position).even;
  return {draw_at_least_one(shape + 1, element, position), std::log(u) / shape};
}

double gamma_value(double shape, std::uint64_t element, const RandomPosition& position) {
  const GammaDraw draw = draw_gamma(shape, element, position);
  return draw.log_factor == 0 ? draw.value : std::exp(std::log(draw.value) + draw.log_factor);
}

double gamma_log(double shape, std::uint64_t element, const RandomPosition& position) {
  const GammaDraw draw = draw_gamma(shape, element, position);
  return std::log(draw.value) + draw.log_factor;
}

template <class T>
void fill(KernelTable& table) {
  table.random_gamma = random_unary<T, gamma_value>;
  table.random_log_gamma = random_unary<T, gamma_log>;
}

}  // namespace

void fill_random_kernels(KernelTable& real64, KernelTable& real32) {
  fill<double>(real64);
  fill<float>(real32);
}

}  // namespace elbo::runtime
