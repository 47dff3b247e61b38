// Products of dense blocks: by kernels from some size on, else by Eigen as it is compiled here.
#include "runtime/operations/block_product.hpp"

#include <Eigen/Core>
#include <algorithm>

namespace elbo::runtime {

namespace {

using Eigen::Dynamic, Eigen::Map, Eigen::Matrix, Eigen::OuterStride;

template <class T, int A, int B>
void multiply_small(T* out, std::int64_t stride, const MatrixOperand& a, const MatrixOperand& b,
                    const ProductSize& size) {
  const Map<const Matrix<T, Dynamic, Dynamic, A>, 0, OuterStride<>> left(
      static_cast<const T*>(a.data), size.rows, size.inner, OuterStride<>(a.stride));
  const Map<const Matrix<T, Dynamic, Dynamic, B>, 0, OuterStride<>> right(
      static_cast<const T*>(b.data), size.inner, size.columns, OuterStride<>(b.stride));
  Map<Matrix<T, Dynamic, Dynamic, Eigen::RowMajor>, 0, OuterStride<>>(out, size.rows, size.columns,
                                                                      OuterStride<>(stride))
      .noalias() = left * right;
}

template <class T>
void multiply_blocks(T* out, std::int64_t stride, const MatrixOperand& a, const MatrixOperand& b,
                     const ProductSize& size) {
  constexpr Precision precision = sizeof(T) == 8 ? Precision::real64 : Precision::real32;
  // from this many multiplications on, with no side that is short
  constexpr std::int64_t least_work = 1 << 15, least_side = 4;
  const bool is_large =
      std::min(size.rows, size.columns) >= least_side && size.rows * size.columns * size.inner >= least_work;
  if (is_large) {
    kernels(precision).product(out, stride, a, b, size);
  } else if (a.by_columns) {
    multiply_small<T, Eigen::ColMajor, Eigen::RowMajor>(out, stride, a, b, size);
  } else if (b.by_columns) {
    multiply_small<T, Eigen::RowMajor, Eigen::ColMajor>(out, stride, a, b, size);
  } else {
    multiply_small<T, Eigen::RowMajor, Eigen::RowMajor>(out, stride, a, b, size);
  }
}

}  // namespace

void multiply(double* out, std::int64_t stride, const MatrixOperand& a, const MatrixOperand& b,
              const ProductSize& size) {
  multiply_blocks(out, stride, a, b, size);
}

void multiply(float* out, std::int64_t stride, const MatrixOperand& a, const MatrixOperand& b,
              const ProductSize& size) {
  multiply_blocks(out, stride, a, b, size);
}

}  // namespace elbo::runtime
