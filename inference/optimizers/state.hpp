// What the steppers share: zeros to start with, and a look at the sizes they are given.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "inference/optimizers/blocks.hpp"
#include "inference/optimizers/optimizer.hpp"
#include "lang/diagnostic.hpp"

namespace elbo::inference {

/// A vector with one number per parameter.
template <class T>
using Remembered = std::vector<T>;

template <class T>
void check_sizes(std::size_t first, std::span<T> parameters, std::span<const T> gradient, std::size_t all) {
  if (parameters.size() != gradient.size() || first + parameters.size() > all) {
    throw lang::InternalError("an optimizer was given another number of parameters than it was started with");
  }
}

}  // namespace elbo::inference
