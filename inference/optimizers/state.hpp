// What the steppers of all optimizers check.
#pragma once

#include <span>

#include "lang/diagnostic.hpp"

namespace elbo::inference {

/// Fails (our bug) unless both have the size the stepper was started with.
inline void check_sizes(std::span<double> parameters, std::span<const double> gradient,
                        std::size_t expected) {
  if (parameters.size() != expected || gradient.size() != expected) {
    throw lang::InternalError("an optimizer was given another number of parameters than it was started with");
  }
}

}  // namespace elbo::inference
