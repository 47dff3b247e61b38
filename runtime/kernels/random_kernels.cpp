// The gamma draws whose first attempt was turned down, or whose shape is no ordinary number, one at a time
// (variants/gamma_draws.hpp).
#include "runtime/kernels/gamma_draws.hpp"

#include "runtime/kernels/random_draws.hpp"
#include "runtime/kernels/variants/gamma_draws.hpp"

namespace elbo::runtime {
namespace {

double draw_at_least_one(double shape, std::uint64_t element, std::uint32_t attempt,
                         const RandomPosition& position) {
  for (; attempt < attempts; ++attempt) {
    const double value = gamma_attempt(shape, philox(element, attempt, position));
    if (value >= 0) return value;
  }
  return shape;
}

}  // namespace

GammaDraw scalar_gamma_draw(double shape, std::uint64_t element, std::uint32_t attempt,
                            const RandomPosition& position) {
  if (!(shape > 0)) return {not_a_number<double>, 0};
  if (shape > 1e300) return {shape, 0};
  const double lifted = shape < 1 ? shape + 1 : shape;
  const double value = draw_at_least_one(lifted, element, attempt, position);
  if (shape >= 1) return {value, 0};
  return {value, log_gamma_factor(shape, uniforms(element, extra_attempt, position).even)};
}

}  // namespace elbo::runtime
