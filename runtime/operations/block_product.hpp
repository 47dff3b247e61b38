// Products of dense blocks, for operations that are made of them.
#pragma once

#include "runtime/kernels/kernels.hpp"

namespace elbo::runtime {

/// out = a b, by rows `stride` numbers apart; at most one operand lies by columns. By the kernels of this
/// processor where they win.
void multiply(double* out, std::int64_t stride, const MatrixOperand& a, const MatrixOperand& b,
              const ProductSize& size);
void multiply(float* out, std::int64_t stride, const MatrixOperand& a, const MatrixOperand& b,
              const ProductSize& size);

}  // namespace elbo::runtime
