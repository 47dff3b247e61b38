// What the steppers share: zeros to start with, a look at the sizes they are given, and the walk over blocks.
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

/// A stepper with one step size for all parameters, whose formula takes a block of them at a time.
template <class T>
class BlockStepper : public Stepper<T> {
 public:
  BlockStepper(const Schedule& schedule, std::size_t size) : schedule_(schedule), size_(size) {}

  void begin(std::int64_t t, std::int64_t total) override { rate_ = static_cast<T>(schedule_.at(t, total)); }

  void move(std::size_t first, std::span<T> parameters, std::span<const T> gradient) override {
    check_sizes(first, parameters, gradient, size_);
    for_each_block<T>(parameters.size(), [&](const Block<T>& block, std::size_t start) {
      move_block(block, parameters.data() + start, gradient.data() + start, first + start);
    });
  }

 protected:
  /// Parameters x, the first of which is number `first`, along their gradient g.
  virtual void move_block(const Block<T>& block, T* x, const T* g, std::size_t first) = 0;

  T rate_ = 0;  ///< of the present step

 private:
  Schedule schedule_;
  std::size_t size_;
};

}  // namespace elbo::inference
