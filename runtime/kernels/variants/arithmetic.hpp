// Arithmetic, rounding, comparisons and logic as branch-free functions of one number type.
#pragma once

#include <cstdint>

namespace elbo::runtime {
namespace {

template <class T>
constexpr T infinity = static_cast<T>(__builtin_inf());
template <class T>
constexpr T not_a_number = static_cast<T>(__builtin_nan(""));

inline double copy_sign(double magnitude, double sign) { return __builtin_copysign(magnitude, sign); }
inline float copy_sign(float magnitude, float sign) { return __builtin_copysignf(magnitude, sign); }

template <class T>
inline T negate(T x) {
  return -x;
}
inline double absolute_value(double x) { return __builtin_fabs(x); }
inline float absolute_value(float x) { return __builtin_fabsf(x); }
template <class T>
inline T absolute(T x) {
  return absolute_value(x);
}
template <class T>
inline T sign(T x) {  // ±0 and NaN stay as they are
  return x > 0 ? T(1) : (x < 0 ? T(-1) : x);
}
template <class T>
inline T square(T x) {
  return x * x;
}
template <class T>
inline T reciprocal(T x) {
  return T(1) / x;
}
inline double root(double x) { return __builtin_sqrt(x); }
inline float root(float x) { return __builtin_sqrtf(x); }
template <class T>
inline T square_root(T x) {
  return root(x);
}

// Rounding by adding and subtracting 2^52 (2^23), beyond which every number is an integer: the baseline
// instruction set has no rounding instruction.
template <class T>
constexpr T integers_from = sizeof(T) == 8 ? T(0x1p52) : T(0x1p23);

template <class T>
inline T round_to_even(T magnitude) {
  return (magnitude + integers_from<T>)-integers_from<T>;
}
template <class T>
inline T floor(T x) {
  const T magnitude = absolute(x);
  T result = copy_sign(round_to_even(magnitude), x);
  result = copy_sign(result > x ? result - T(1) : result, x);
  return magnitude < integers_from<T> ? result : x;
}
template <class T>
inline T ceil(T x) {
  return -floor(-x);
}
template <class T>
inline T round(T x) {  // halves away from zero, as in C
  const T magnitude = absolute(x);
  T whole = round_to_even(magnitude);
  whole = whole > magnitude ? whole - T(1) : whole;
  whole = magnitude - whole >= T(0.5) ? whole + T(1) : whole;
  return magnitude < integers_from<T> ? copy_sign(whole, x) : x;
}

template <class T>
inline T add(T a, T b) {
  return a + b;
}
template <class T>
inline T subtract(T a, T b) {
  return a - b;
}
template <class T>
inline T multiply(T a, T b) {
  return a * b;
}
template <class T>
inline T divide(T a, T b) {
  return a / b;
}
template <class T>
inline T multiply_add(T a, T b, T c) {
  return a * b + c;
}
template <class T>
inline T minimum(T a, T b) {  // NaN if either is
  const T smaller = a < b ? a : b;
  return a != a ? a : smaller;
}
template <class T>
inline T maximum(T a, T b) {
  const T larger = a > b ? a : b;
  return a != a ? a : larger;
}

template <class T>
inline T less(T a, T b) {
  return a < b ? T(1) : T(0);
}
template <class T>
inline T less_equal(T a, T b) {
  return a <= b ? T(1) : T(0);
}
template <class T>
inline T equal(T a, T b) {
  return a == b ? T(1) : T(0);
}
template <class T>
inline T not_equal(T a, T b) {
  return a != b ? T(1) : T(0);
}
template <class T>
inline T is_nan(T x) {
  return x != x ? T(1) : T(0);
}
template <class T>
inline T logical_not(T x) {
  return x != 0 ? T(0) : T(1);
}
template <class T>
inline T logical_and(T a, T b) {
  const T second = b != 0 ? T(1) : T(0);
  return a != 0 ? second : T(0);
}
template <class T>
inline T logical_or(T a, T b) {
  const T second = b != 0 ? T(1) : T(0);
  return a != 0 ? T(1) : second;
}
template <class T>
inline T select(T condition, T a, T b) {
  return condition != 0 ? a : b;
}

}  // namespace
}  // namespace elbo::runtime
