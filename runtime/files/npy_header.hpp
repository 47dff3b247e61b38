// The header of NumPy's format for one array: what its elements are, how they lie, and the shape
// (https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html, versions 1 to 3).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "runtime/files/bytes.hpp"
#include "runtime/tensor.hpp"

namespace elbo::runtime {

struct NpyHeader {
  std::string type;  ///< as written: "<f8"; of a structured type the text of its list
  bool column_major = false;
  Shape shape;
};

/// Reads up to the first element. Failures "file-format" for another file or version, "file-damaged".
NpyHeader read_npy_header(ByteSource& source, const FileContext& file);

/// The bytes of a header of version 1, as NumPy itself writes them.
std::string npy_header_bytes(const NpyHeader& header);

/// The dictionary of a header: {'descr': '<f8', 'fortran_order': False, 'shape': (3, 4), }. Nothing when it
/// is no such.
std::optional<NpyHeader> parse_npy_dictionary(std::string_view text);

}  // namespace elbo::runtime
