// One gamma draw from a given attempt on: what the vector kernel falls back on. No header of the standard
// library belongs here (README.md says why).
#pragma once

#include "runtime/kernels/kernels.hpp"

namespace elbo::runtime {

/// A draw is value * e^log_factor; the factor is what may underflow.
struct GammaDraw {
  double value;
  double log_factor;
};

/// The draw of this element, by attempts from `attempt` on.
GammaDraw scalar_gamma_draw(double shape, std::uint64_t element, std::uint32_t attempt,
                            const RandomPosition& position);

}  // namespace elbo::runtime
