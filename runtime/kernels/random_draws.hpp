// What the rejection samplers share: numbers of one (element, attempt) and the loop over elements. The
// samplers are compiled once, so their draws do not depend on the instruction set.
#pragma once

#include "runtime/kernels/variants/random.hpp"

namespace elbo::runtime {
namespace {

/// Attempts of a rejection sampler fit 16 bits of the counter; every sampler here accepts at least half of
/// its attempts, so the last one is never reached. The last attempt number is kept for the one extra uniform
/// number that a gamma draw of small shape needs.
constexpr std::uint32_t attempts = 0xffff;
constexpr std::uint32_t extra_attempt = 0xffff;

inline Pair uniforms(std::uint64_t element, std::uint32_t attempt, const RandomPosition& position) {
  return uniform_pair(philox(element, attempt, position));
}

template <class T, double (*draw)(double, std::uint64_t, const RandomPosition&)>
void random_unary(void* out, const Lanes* in, std::int64_t n, const RandomPosition& position) {
  T* target = static_cast<T*>(out);
  const T* a = static_cast<const T*>(in[0].data);
  for (std::int64_t i = 0; i < n; ++i) {
    const std::uint64_t element = position.first + static_cast<std::uint64_t>(i);
    target[i] = static_cast<T>(draw(static_cast<double>(a[i * in[0].stride]), element, position));
  }
}

template <class T, double (*draw)(double, double, std::uint64_t, const RandomPosition&)>
void random_binary(void* out, const Lanes* in, std::int64_t n, const RandomPosition& position) {
  T* target = static_cast<T*>(out);
  const T* a = static_cast<const T*>(in[0].data);
  const T* b = static_cast<const T*>(in[1].data);
  for (std::int64_t i = 0; i < n; ++i) {
    const std::uint64_t element = position.first + static_cast<std::uint64_t>(i);
    target[i] = static_cast<T>(draw(static_cast<double>(a[i * in[0].stride]),
                                    static_cast<double>(b[i * in[1].stride]), element, position));
  }
}

}  // namespace
}  // namespace elbo::runtime
