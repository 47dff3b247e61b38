// Numbers as they lie in a file, in either byte order, to elements of tensors.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <optional>
#include <span>
#include <type_traits>
#include <vector>

#include "runtime/files/bytes.hpp"
#include "runtime/tensor.hpp"

namespace elbo::runtime {

inline constexpr bool is_little_endian = std::endian::native == std::endian::little;

// What a number of a file becomes.
struct AsItIs {
  template <class T>
  T operator()(T value) const {
    return value;
  }
};
struct AsInteger {
  template <class T>
  std::int64_t operator()(T value) const {
    return static_cast<std::int64_t>(value);
  }
};

template <class T>
T byte_swapped(T value) {
  auto bytes = std::bit_cast<std::array<char, sizeof(T)>>(value);
  std::reverse(bytes.begin(), bytes.end());
  return std::bit_cast<T>(bytes);
}

template <class T>
std::span<char> bytes_of(std::span<T> elements) {
  return {reinterpret_cast<char*>(elements.data()), elements.size_bytes()};
}

/// The next `count` numbers, which are stored as T, each through `convert`; `swapped`: their bytes lie in the
/// other order than in memory. Straight into their place where nothing is to be changed. Failure
/// "file-damaged" when the source ends before; who asks must know that so much memory is justified.
template <class T, class Convert>
std::vector<std::invoke_result_t<Convert, T>> read_elements(ByteSource& source, std::size_t count,
                                                            bool swapped, Convert convert,
                                                            const FileContext& file) {
  using Result = std::invoke_result_t<Convert, T>;
  std::vector<Result> result(count);
  if constexpr (std::is_same_v<Convert, AsItIs>) {
    read_exactly(source, bytes_of(std::span(result)), file);
    if (swapped) std::transform(result.begin(), result.end(), result.begin(), byte_swapped<T>);
  } else {
    std::vector<T> block(std::min<std::size_t>(count, 1 << 16));
    for (std::size_t done = 0; done < count;) {
      const std::span<T> part(block.data(), std::min(block.size(), count - done));
      read_exactly(source, bytes_of(part), file);
      for (T value : part) result[done++] = convert(swapped ? byte_swapped(value) : value);
    }
  }
  return result;
}

/// How many bytes elements of `size` bytes take; nothing when no memory has so many.
std::optional<std::uint64_t> byte_count(const Shape& shape, std::size_t size);

}  // namespace elbo::runtime
