// Loops for functions that are called element by element: the mathematical library, Boost, rejection
// samplers. The files that use them are compiled once, so their results do not depend on the instruction set.
#pragma once

#include "runtime/kernels/kernels.hpp"

namespace elbo::runtime {
namespace {

template <class T>
struct Input {
  const T* data;
  std::int64_t stride;
  explicit Input(const Lanes& lanes) : data(static_cast<const T*>(lanes.data)), stride(lanes.stride) {}
  T operator[](std::int64_t i) const { return data[i * stride]; }
};

template <class T, auto f>
void scalar_unary(void* out, const Lanes* in, std::int64_t n) {
  T* target = static_cast<T*>(out);
  const Input<T> x(in[0]);
  for (std::int64_t i = 0; i < n; ++i) target[i] = static_cast<T>(f(x[i]));
}

template <class T, auto f>
void scalar_binary(void* out, const Lanes* in, std::int64_t n) {
  T* target = static_cast<T*>(out);
  const Input<T> x(in[0]), y(in[1]);
  for (std::int64_t i = 0; i < n; ++i) target[i] = static_cast<T>(f(x[i], y[i]));
}

template <class T, auto f>
void scalar_ternary(void* out, const Lanes* in, std::int64_t n) {
  T* target = static_cast<T*>(out);
  const Input<T> x(in[0]), y(in[1]), z(in[2]);
  for (std::int64_t i = 0; i < n; ++i) target[i] = static_cast<T>(f(x[i], y[i], z[i]));
}

}  // namespace
}  // namespace elbo::runtime
