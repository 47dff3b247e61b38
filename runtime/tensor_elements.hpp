// The elements of a tensor as what they are stored as, for code that must not copy them into another type
// first.
#pragma once

#include <cstdint>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

#include "runtime/tensor.hpp"

namespace elbo::runtime {

/// Calls visit(span of the elements) with the element type of the storage.
template <class Visitor>
decltype(auto) with_elements(const Tensor& tensor, Visitor visit) {
  switch (tensor.storage()) {
    case Storage::boolean:
    case Storage::byte:
      return visit(tensor.values<std::uint8_t>());
    case Storage::integer:
      return visit(tensor.values<std::int64_t>());
    case Storage::single:
      return visit(tensor.values<float>());
    case Storage::real:
      break;
  }
  return visit(tensor.values<double>());
}

/// A tensor of elements that are stored as those of `like`, whose element type T is.
template <class T>
Tensor stored_like(const Tensor& like, Shape shape, std::vector<T> elements) {
  if constexpr (std::is_same_v<T, std::uint8_t>) {
    if (like.storage() == Storage::boolean) return Tensor::boolean(std::move(shape), std::move(elements));
  }
  return Tensor(std::move(shape), std::move(elements));
}

/// Whether elements are ints, of one byte or of eight.
inline bool holds_integers(const Tensor& tensor) {
  return tensor.storage() == Storage::byte || tensor.storage() == Storage::integer;
}

/// A number as another element type. Conversions that C++ leaves undefined have a value: the nearest
/// representable integer, 0 for NaN, the low 8 bits of an integer.
template <class To, class From>
To converted(From value) {
  if constexpr (std::is_same_v<To, std::uint8_t> && !std::is_same_v<From, std::uint8_t>) {
    return static_cast<std::uint8_t>(converted<std::int64_t>(value) & 0xff);
  } else if constexpr (std::is_same_v<To, std::int64_t> && std::is_floating_point_v<From>) {
    if (value != value) return 0;
    if (value >= From(0x1p63)) return INT64_MAX;
    if (value < From(-0x1p63)) return INT64_MIN;
    return static_cast<std::int64_t>(value);
  } else {
    return static_cast<To>(value);
  }
}

}  // namespace elbo::runtime
