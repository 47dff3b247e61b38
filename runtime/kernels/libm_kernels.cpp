// Kernels that call the mathematical library element by element: compiled once, so their results do not
// depend on the instruction set.
#include <cmath>

#include "runtime/kernels/scalar_loops.hpp"
#include "runtime/kernels/variants.hpp"

namespace elbo::runtime {
namespace {

template <class T>
T sine(T x) {
  return std::sin(x);
}
template <class T>
T cosine(T x) {
  return std::cos(x);
}
template <class T>
T tangent(T x) {
  return std::tan(x);
}
template <class T>
T arc_sine(T x) {
  return std::asin(x);
}
template <class T>
T arc_cosine(T x) {
  return std::acos(x);
}
template <class T>
T arc_tangent(T x) {
  return std::atan(x);
}
template <class T>
T arc_tangent_of(T y, T x) {
  return std::atan2(y, x);
}
/// The exponents that models use most are exact operations, and ten times as fast.
template <class T>
T power(T x, T y) {
  if (y == T(2)) return x * x;
  if (y == T(1)) return x;
  if (y == T(-1)) return T(1) / x;
  return std::pow(x, y);
}

/// The remainder with the sign of the divisor, as in Python; exact.
template <class T>
T modulo(T a, T b) {
  const T remainder = std::fmod(a, b);
  if (remainder == 0) return std::copysign(T(0), b);
  return (remainder < 0) != (b < 0) ? remainder + b : remainder;
}

/// floor of the exact quotient: a / b itself might round up to the next integer.
template <class T>
T floor_divide(T a, T b) {
  if (b == 0 || std::isinf(a)) return a / b;
  const T quotient = (a - modulo(a, b)) / b;
  const T whole = std::floor(quotient);
  return quotient - whole > T(0.5) ? whole + T(1) : whole;
}

template <class T>
void fill(KernelTable& table) {
  table.sin = scalar_unary<T, sine<T>>;
  table.cos = scalar_unary<T, cosine<T>>;
  table.tan = scalar_unary<T, tangent<T>>;
  table.asin = scalar_unary<T, arc_sine<T>>;
  table.acos = scalar_unary<T, arc_cosine<T>>;
  table.atan = scalar_unary<T, arc_tangent<T>>;
  table.atan2 = scalar_binary<T, arc_tangent_of<T>>;
  table.power = scalar_binary<T, power<T>>;
  table.modulo = scalar_binary<T, modulo<T>>;
  table.floor_divide = scalar_binary<T, floor_divide<T>>;
}

}  // namespace

void fill_libm_kernels(KernelTable& real64, KernelTable& real32) {
  fill<double>(real64);
  fill<float>(real32);
}

}  // namespace elbo::runtime
