// Matrices, and tensors of more axes as a row of matrices, in columns.
#pragma once

#include <cstddef>
#include <string>

#include "runtime/tensor.hpp"

namespace elbo::cli {

/// A tensor of two or more axes: its type, then rows of columns set right; what is too long or too wide is
/// abbreviated in the middle by `…`. Ends with a newline.
std::string display_matrix(const runtime::Tensor& tensor, std::size_t width);

}  // namespace elbo::cli
