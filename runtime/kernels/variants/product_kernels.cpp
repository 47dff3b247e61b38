// Products of large matrices, by Eigen, compiled once per instruction set (cmake/kernels.cmake). Eigen's
// namespace has another name in each compilation: its templates would otherwise be the same symbols, of which
// the linker keeps any. These are the only kernels whose last bits depend on the processor: its fused
// multiply-add makes them twice as fast.
#include "runtime/kernels/kernels.hpp"

#ifndef ELBO_KERNEL_VARIANT
#error "compile with -DELBO_KERNEL_VARIANT=name -DEigen=another_name"
#endif

#define EIGEN_NO_DEBUG
#define EIGEN_DONT_PARALLELIZE
#include <Eigen/Core>

namespace elbo::runtime {
namespace {

using Eigen::Dynamic;
using Eigen::Index;

template <class T, int Order>
using Operand = Eigen::Map<const Eigen::Matrix<T, Dynamic, Dynamic, Order>, 0, Eigen::OuterStride<>>;
template <class T>
using Result = Eigen::Map<Eigen::Matrix<T, Dynamic, Dynamic, Eigen::RowMajor>, 0, Eigen::OuterStride<>>;

template <class T, int A, int B>
void multiply(void* out, Index stride, const MatrixOperand& a, const MatrixOperand& b,
              const ProductSize& size) {
  const Operand<T, A> left(static_cast<const T*>(a.data), size.rows, size.inner,
                           Eigen::OuterStride<>(a.stride));
  const Operand<T, B> right(static_cast<const T*>(b.data), size.inner, size.columns,
                            Eigen::OuterStride<>(b.stride));
  Result<T>(static_cast<T*>(out), size.rows, size.columns, Eigen::OuterStride<>(stride)).noalias() =
      left * right;
}

template <class T>
void product(void* out, std::int64_t stride, const MatrixOperand& a, const MatrixOperand& b,
             const ProductSize& size) {
  constexpr int by_rows = Eigen::RowMajor, by_columns = Eigen::ColMajor;
  if (a.by_columns) {
    if (b.by_columns) {
      multiply<T, by_columns, by_columns>(out, stride, a, b, size);
    } else {
      multiply<T, by_columns, by_rows>(out, stride, a, b, size);
    }
  } else if (b.by_columns) {
    multiply<T, by_rows, by_columns>(out, stride, a, b, size);
  } else {
    multiply<T, by_rows, by_rows>(out, stride, a, b, size);
  }
}

}  // namespace

namespace ELBO_KERNEL_VARIANT {

void fill_product_kernels(KernelTable& real64, KernelTable& real32) {
  real64.product = product<double>;
  real32.product = product<float>;
}

}  // namespace ELBO_KERNEL_VARIANT
}  // namespace elbo::runtime
