// A step of Adam (inference/optimizers/adam.cpp) over rows of parameters: seven rows of memory, each touched
// once.
#pragma once

#include "runtime/kernels/variants/arithmetic.hpp"
#include "runtime/kernels/variants/loops.hpp"

namespace elbo::runtime {
namespace {

template <class T>
void adam(void* const rows[3], const void* gradient, std::int64_t n, const AdamNumbers& numbers) {
  T* x = static_cast<T*>(rows[0]);
  T* m = static_cast<T*>(rows[1]);
  T* v = static_cast<T*>(rows[2]);
  const T* g = static_cast<const T*>(gradient);
  const T keep1 = static_cast<T>(numbers.keep1), add1 = static_cast<T>(numbers.add1);
  const T keep2 = static_cast<T>(numbers.keep2), add2 = static_cast<T>(numbers.add2);
  const T correction = static_cast<T>(numbers.correction), epsilon = static_cast<T>(numbers.epsilon);
  const T rate = static_cast<T>(numbers.rate);
  ELBO_INDEPENDENT_LOOP
  for (std::int64_t i = 0; i < n; ++i) {
    m[i] = keep1 * m[i] + add1 * g[i];
    v[i] = keep2 * v[i] + add2 * (g[i] * g[i]);
    x[i] += rate * m[i] / (square_root(correction * v[i]) + epsilon);
  }
}

}  // namespace
}  // namespace elbo::runtime
