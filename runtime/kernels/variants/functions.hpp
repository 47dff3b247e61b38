// What is made of exponentials and logarithms, for both number types.
#pragma once

#include "runtime/kernels/variants/elementary.hpp"
#include "runtime/kernels/variants/single.hpp"

namespace elbo::runtime {
namespace {

template <class T>
inline T tanh(T x) {
  T magnitude = absolute(x);
  magnitude = magnitude > T(22) ? T(22) : magnitude;  // 1 - tanh(22) < 2^-62
  const T e = expm1(T(-2) * magnitude);
  return copy_sign(-e / (e + T(2)), x);
}

/// sinh and cosh from e^|x| / 2, which does not overflow before they do.
template <class T>
inline T sinh(T x) {
  const T magnitude = absolute(x);
  const T half = exp_shifted(magnitude, -1);
  const T large = half - T(0.25) / half;
  const T e = expm1(magnitude > T(2) ? T(2) : magnitude);
  const T small = T(0.5) * (e + e / (e + T(1)));
  return copy_sign(magnitude > T(1) ? large : small, x);
}

template <class T>
inline T cosh(T x) {
  const T half = exp_shifted(absolute(x), -1);
  return half + T(0.25) / half;
}

template <class T>
inline T sigmoid(T x) {
  const T e = exp(-absolute(x));
  const T larger = T(1) / (T(1) + e);
  return x >= 0 ? larger : e * larger;
}

/// max(x, 0) + log1p(e) with e = exp(-|x|); since 1 + e lies in [1, 2], none of log1p's special cases can
/// occur.
template <class T>
inline T softplus(T x) {
  const T e = exp(-absolute(x));
  const T u = T(1) + e;
  return maximum(x, T(0)) + log_corrected(u, (e - (u - T(1))) / u);
}

template <class T>
inline T xlogy(T x, T y) {
  return x == 0 ? T(0) : x * log(y);
}

}  // namespace
}  // namespace elbo::runtime
