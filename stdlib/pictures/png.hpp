// Pixels as a PNG file; the one place that knows libpng.
#pragma once

#include <string>

#include "stdlib/pictures/pixels.hpp"

namespace elbo::stdlib {

/// The bytes of a PNG file, grey or colour of 8 bits: the same for the same pixels (and the same libpng and
/// zlib).
std::string png_bytes(const Pixels& pixels);

}  // namespace elbo::stdlib
