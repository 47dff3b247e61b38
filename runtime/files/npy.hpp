// NumPy's file formats: one array (.npy), and named arrays in a zip file (.npz).
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "runtime/files/atomic_file.hpp"
#include "runtime/files/bytes.hpp"
#include "runtime/tensor.hpp"

namespace elbo::runtime {

using NamedTensors = std::vector<std::pair<std::string, Tensor>>;

/// The array of a .npy file, in either byte order, row by row or column by column. Bools, bytes, doubles and
/// floats are stored as what they are, other whole numbers as ints, halves as floats. Failures:
/// "file-not-readable"; "file-format" for another file; "file-damaged"; "npy-type" for what is no number
/// (texts, complex numbers, records); "integer-overflow" for a whole number that does not fit into an int.
Tensor read_npy(const FileContext& file);

/// The arrays of a .npz file in their order, under their names (without ".npy"). Failures as of `read_npy`,
/// with the name of the member; "file-format" too for a member that is no array, is encrypted or packed by
/// another method than deflate.
NamedTensors read_npz(const FileContext& file);

/// The same bytes for the same tensor (and the same as numpy.save's). Failure "file-not-writable".
void write_npy(const std::string& path, const Tensor& tensor, const lang::Span& span);

/// Not compressed; the same bytes for the same tensors. Names must differ, an InternalError otherwise.
/// Failures "file-not-writable", and "bad-argument" for a name that is longer than a page.
void write_npz(const std::string& path, const NamedTensors& tensors, const lang::Span& span);

// ---- parts, of which the above are made -------------------------------------------------------------------

/// One array from its header to its last element; `available` is how many bytes the source has at most, so
/// that no memory is asked for in vain.
Tensor decode_npy(ByteSource& source, std::uint64_t available, const FileContext& file);

/// The header of a tensor's array; the elements follow as they lie in memory.
std::string npy_header_of(const Tensor& tensor);
std::string_view element_bytes(const Tensor& tensor);

}  // namespace elbo::runtime
