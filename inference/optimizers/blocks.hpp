// Arithmetic of optimizers: a vector of numbers of one precision goes through a formula block by block, each
// step of the formula a kernel of this processor, so that intermediate results stay in the cache.
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <type_traits>
#include <vector>

#include "runtime/kernels/kernels.hpp"

namespace elbo::inference {

template <class T>
constexpr runtime::Precision precision_of =
    std::is_same_v<T, double> ? runtime::Precision::real64 : runtime::Precision::real32;

/// An operand: a row of numbers, or one number for all.
template <class T>
struct Operand {
  Operand(const T* row) : lanes{row, 1} {}         // NOLINT: converts
  Operand(const T& number) : lanes{&number, 0} {}  // NOLINT: converts; the number must stay
  runtime::Lanes lanes;
};

/// The kernels of one precision on rows of `n` numbers. A result may lie where an operand does.
template <class T>
class Block {
 public:
  explicit Block(std::size_t n)
      : table_(runtime::kernels(precision_of<T>)), n_(static_cast<std::int64_t>(n)) {}

  void add(T* out, Operand<T> a, Operand<T> b) const { two(table_.add, out, a, b); }
  void multiply(T* out, Operand<T> a, Operand<T> b) const { two(table_.multiply, out, a, b); }
  void divide(T* out, Operand<T> a, Operand<T> b) const { two(table_.divide, out, a, b); }
  /// a b + c
  void multiply_add(T* out, Operand<T> a, Operand<T> b, Operand<T> c) const {
    const runtime::Lanes in[] = {a.lanes, b.lanes, c.lanes};
    table_.fma(out, in, n_);
  }
  void square(T* out, Operand<T> a) const { table_.square(out, &a.lanes, n_); }
  void square_root(T* out, Operand<T> a) const { table_.square_root(out, &a.lanes, n_); }

 private:
  void two(runtime::ElementwiseKernel kernel, T* out, Operand<T> a, Operand<T> b) const {
    const runtime::Lanes in[] = {a.lanes, b.lanes};
    kernel(out, in, n_);
  }

  const runtime::KernelTable& table_;
  std::int64_t n_;
};

/// Numbers of a block: a few rows of them fit into the first-level cache.
inline constexpr std::size_t block_size = 512;

/// Calls visit(block, start) for the blocks of a vector of `size` numbers.
template <class T, class Visit>
void for_each_block(std::size_t size, Visit visit) {
  for (std::size_t start = 0; start < size; start += block_size)
    visit(Block<T>(std::min(block_size, size - start)), start);
}

}  // namespace elbo::inference
