// What the rejection samplers share: numbers of one (element, attempt) and the loop over elements. The
// samplers are compiled once, so their draws do not depend on the instruction set.
#pragma once

#include "runtime/kernels/scalar_loops.hpp"
#include "runtime/kernels/variants/random.hpp"

namespace elbo::runtime {
namespace {

/// Attempts of a rejection sampler fit 16 bits of the counter; every sampler here accepts at least half of
/// its attempts, so the last one is never reached.
constexpr std::uint32_t attempts = 0xffff;

inline Pair uniforms(std::uint64_t element, std::uint32_t attempt, const RandomPosition& position) {
  return uniform_pair(philox(element, attempt, position));
}

template <class T, double (*draw)(double, std::uint64_t, const RandomPosition&)>
void random_unary(void* out, const Lanes* in, std::int64_t n, const RandomPosition& position) {
  T* target = static_cast<T*>(out);
  const Input<T> a(in[0]);
  for (std::int64_t i = 0; i < n; ++i) {
    const std::uint64_t element = position.first + static_cast<std::uint64_t>(i);
    target[i] = static_cast<T>(draw(static_cast<double>(a[i]), element, position));
  }
}

template <class T, double (*draw)(double, double, std::uint64_t, const RandomPosition&)>
void random_binary(void* out, const Lanes* in, std::int64_t n, const RandomPosition& position) {
  T* target = static_cast<T*>(out);
  const Input<T> a(in[0]), b(in[1]);
  for (std::int64_t i = 0; i < n; ++i) {
    const std::uint64_t element = position.first + static_cast<std::uint64_t>(i);
    target[i] = static_cast<T>(draw(static_cast<double>(a[i]), static_cast<double>(b[i]), element, position));
  }
}

}  // namespace
}  // namespace elbo::runtime
