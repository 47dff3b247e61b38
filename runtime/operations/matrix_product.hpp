// Products of batches of matrices in strided memory.
#pragma once

#include "runtime/operation.hpp"

namespace elbo::runtime {

/// The result of matmul_operation: over every index of the axes, the product of the matrices in the last two
/// dimensions. An axis of vectors that only one operand has is a dimension of one larger product: {n}[1, k] @
/// [k, 1] is [n, k] @ [k].
void run_matrix_product(const RunContext& context);

}  // namespace elbo::runtime
