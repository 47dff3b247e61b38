// The IDX format, in which MNIST comes: a magic number with the type of the elements and the rank, the sizes,
// then the numbers row by row, all with the highest byte first (http://yann.lecun.com/exdb/mnist).
#pragma once

#include "runtime/files/bytes.hpp"
#include "runtime/tensor.hpp"

namespace elbo::stdlib {

/// The tensor of an IDX file, plain or packed by gzip: bytes stay bytes, other whole numbers are ints, floats
/// and doubles what they are. Failures "file-not-readable"; "file-empty"; "file-format" for another file;
/// "file-damaged" when it does not hold as many numbers as its header says, or breaks off.
runtime::Tensor read_idx(const runtime::FileContext& file);

}  // namespace elbo::stdlib
