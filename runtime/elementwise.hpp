// Elementwise operations on tensors of data, block by block: operands are converted and broadcast a block at
// a time, so that a tensor of millions of bytes does not become one of doubles first.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "runtime/graph.hpp"
#include "runtime/operation.hpp"
#include "runtime/tensor.hpp"

namespace elbo::runtime {

/// The result of an operation that has a kernel, of operands that broadcast to type.event; its elements are
/// stored as type.domain says.
Tensor apply_kernel(const Operation& operation, std::span<const Tensor> operands, const Type& type);

/// The same for an exact function of two ints, of tensors of ints, bytes or bools. `boolean`: the results are
/// stored as such.
Tensor apply_to_integers(std::int64_t (*function)(std::int64_t, std::int64_t), const Tensor& a,
                         const Tensor& b, const Shape& shape, bool boolean);

}  // namespace elbo::runtime
