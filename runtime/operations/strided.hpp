// Loops over strided memory, for the operations that are not elementwise. No allocation once built for a rank that
// fits the inline storage.
#pragma once

#include <array>
#include <cstdint>
#include <utility>

#include "lang/diagnostic.hpp"
#include "runtime/kernels/kernels.hpp"

namespace elbo::runtime {

/// Nested loops over up to 16 dimensions with one running offset per operand (N operands).
template <std::size_t N>
class Strided {
 public:
  template <class... Strides>
  void add(std::int64_t size, Strides... strides) {
    static_assert(sizeof...(Strides) == N);
    if (rank_ == capacity) throw lang::InternalError("a value has more than 16 dimensions");
    size_[rank_] = size;
    stride_[rank_] = {strides...};
    ++rank_;
  }

  /// Calls visit(offset…) for every index, the last added dimension fastest.
  template <class Visit>
  void run(Visit visit) const {
    for (std::size_t i = 0; i < rank_; ++i) {
      if (size_[i] == 0) return;
    }
    std::array<std::int64_t, capacity> index{};
    std::array<std::int64_t, N> offset{};
    while (true) {
      call(visit, offset, std::make_index_sequence<N>());
      std::size_t d = rank_;
      while (d > 0) {
        --d;
        for (std::size_t k = 0; k < N; ++k) offset[k] += stride_[d][k];
        if (++index[d] < size_[d]) break;
        for (std::size_t k = 0; k < N; ++k) offset[k] -= stride_[d][k] * size_[d];
        index[d] = 0;
        if (d == 0) return;
      }
      if (rank_ == 0) return;
    }
  }

 private:
  static constexpr std::size_t capacity = 16;
  template <class Visit, std::size_t... K>
  static void call(Visit& visit, const std::array<std::int64_t, N>& offset, std::index_sequence<K...>) {
    visit(offset[K]...);
  }
  std::size_t rank_ = 0;
  std::array<std::int64_t, capacity> size_{};
  std::array<std::array<std::int64_t, N>, capacity> stride_{};
};

using StridedLoop = Strided<1>;
using StridedPair = Strided<2>;
using StridedTriple = Strided<3>;

/// Calls body(T{}) with T the number type of a precision.
template <class Body>
void with_number_type(Precision precision, Body body) {
  if (precision == Precision::real64) {
    body(double{});
  } else {
    body(float{});
  }
}

}  // namespace elbo::runtime
