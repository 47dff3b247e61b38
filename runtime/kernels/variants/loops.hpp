// The loops around the scalar functions: from one branch-free function of numbers to a kernel over rows.
// Included only by files that are compiled once per instruction set or stand alone, hence the unnamed
// namespace: a template with external linkage would be one weak symbol for all variants, and the linker would
// keep an arbitrary one.
#pragma once

#include <cstddef>

#include "runtime/kernels/kernels.hpp"

// The rows of a kernel are either the same address or do not overlap (kernels.hpp), so no iteration depends
// on another and the loop may be vectorised without a check.
#ifdef __clang__
#define ELBO_INDEPENDENT_LOOP _Pragma("clang loop vectorize(assume_safety) interleave(enable)")
#else
#define ELBO_INDEPENDENT_LOOP _Pragma("GCC ivdep")
#endif

namespace elbo::runtime {
namespace {

template <class T>
struct Row {
  const T* data;
  T operator[](std::int64_t i) const { return data[i]; }
};

template <class T>
struct Single {
  T value;
  T operator[](std::int64_t) const { return value; }
};

/// out[i] = f(operands[0][i], …), the operands resolved to Row or Single one after the other, so that each
/// combination of strides has its own loop.
template <class T, auto f, int arity, class... Operands>
inline void apply(T* out, const Lanes* in, std::int64_t n, Operands... operands) {
  if constexpr (sizeof...(Operands) == arity) {
    ELBO_INDEPENDENT_LOOP
    for (std::int64_t i = 0; i < n; ++i) out[i] = f(operands[i]...);
  } else {
    const Lanes& next = in[sizeof...(Operands)];
    const T* data = static_cast<const T*>(next.data);
    if (next.stride == 0) {
      apply<T, f, arity>(out, in, n, operands..., Single<T>{*data});
    } else {
      apply<T, f, arity>(out, in, n, operands..., Row<T>{data});
    }
  }
}

template <class T, T (*f)(T)>
void unary(void* out, const Lanes* in, std::int64_t n) {
  if (n > 0) apply<T, f, 1>(static_cast<T*>(out), in, n);
}

template <class T, T (*f)(T, T)>
void binary(void* out, const Lanes* in, std::int64_t n) {
  if (n > 0) apply<T, f, 2>(static_cast<T*>(out), in, n);
}

template <class T, T (*f)(T, T, T)>
void ternary(void* out, const Lanes* in, std::int64_t n) {
  if (n > 0) apply<T, f, 3>(static_cast<T*>(out), in, n);
}

/// accumulator[i] = f(accumulator[i], row[i]).
template <class T, T (*f)(T, T)>
void accumulate(void* accumulator, const void* row, std::int64_t n) {
  T* target = static_cast<T*>(accumulator);
  const T* source = static_cast<const T*>(row);
  ELBO_INDEPENDENT_LOOP
  for (std::int64_t i = 0; i < n; ++i) target[i] = f(target[i], source[i]);
}

template <class T>
void copy(void* out, const Lanes* in, std::int64_t n) {
  if (n > 0 && in[0].stride == 1) {
    __builtin_memmove(out, in[0].data, static_cast<std::size_t>(n) * sizeof(T));
  } else if (n > 0) {
    T* target = static_cast<T*>(out);
    const T value = *static_cast<const T*>(in[0].data);
    for (std::int64_t i = 0; i < n; ++i) target[i] = value;
  }
}

template <class T>
void load(void* out, const void* in, std::int64_t stride, std::int64_t n) {
  T* target = static_cast<T*>(out);
  const T* source = static_cast<const T*>(in);
  if (stride == 1) {
    ELBO_INDEPENDENT_LOOP
    for (std::int64_t i = 0; i < n; ++i) target[i] = source[i];
  } else {
    ELBO_INDEPENDENT_LOOP
    for (std::int64_t i = 0; i < n; ++i) target[i] = source[i * stride];
  }
}

constexpr int sum_lanes = 32;

/// lanes[0] + … + lanes[width - 1], added in halves; width a power of two.
inline double sum_halves(double* lanes, int width) {
  for (width /= 2; width > 0; width /= 2) {
    for (int lane = 0; lane < width; ++lane) lanes[lane] += lanes[lane + width];
  }
  return lanes[0];
}

/// Element i belongs to partial sum i mod 32, whatever the width of the machine's vectors; the partial sums
/// are added in halves: 16 + 16, 8 + 8, …. A short row leaves the upper lanes out.
template <class T>
void sum(double* accumulator, const void* data, std::int64_t n) {
  const T* row = static_cast<const T*>(data);
  double lanes[sum_lanes];
  if (n < sum_lanes) {
    int width = 1;
    while (width < n) width *= 2;
    for (int lane = 0; lane < width; ++lane) lanes[lane] = lane < n ? static_cast<double>(row[lane]) : 0.0;
    *accumulator += sum_halves(lanes, width);
    return;
  }
  for (int lane = 0; lane < sum_lanes; ++lane) lanes[lane] = static_cast<double>(row[lane]);
  std::int64_t i = sum_lanes;
  for (; i + sum_lanes <= n; i += sum_lanes) {
    for (int lane = 0; lane < sum_lanes; ++lane) lanes[lane] += static_cast<double>(row[i + lane]);
  }
  for (int lane = 0; i + lane < n; ++lane) lanes[lane] += static_cast<double>(row[i + lane]);
  *accumulator += sum_halves(lanes, sum_lanes);
}

}  // namespace
}  // namespace elbo::runtime
