// How a missing entry of a numeric tensor is stored: a NaN with a payload of its own (that of R's NA_real_),
// so that "not observed" and "not a number" can be told apart. Tensors with missing entries are stored as
// real.
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>

namespace elbo::runtime {

/// The entry that stands for a value that was not observed.
inline double missing_real() { return std::bit_cast<double>(std::uint64_t{0x7FF8'0000'0000'07A2}); }

/// Whether x is that entry. Copies keep the payload; arithmetic need not, its results are plain NaN.
inline bool is_missing(double x) {
  return std::isnan(x) && (std::bit_cast<std::uint64_t>(x) & 0xFFFF'FFFFu) == 0x7A2u;
}

}  // namespace elbo::runtime
