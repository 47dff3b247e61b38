// Tensors to images of pixels: which axes are rows, columns and colours, and which numbers are dark and
// bright.
#pragma once

#include <optional>
#include <vector>

#include "stdlib/functions/common.hpp"
#include "stdlib/pictures/pixels.hpp"

namespace elbo::stdlib {

/// The numbers that are shown dark and bright; others between them in proportion, beyond them like them.
struct Levels {
  std::optional<double> black, white;  ///< without: 0 and 1, for bytes 0 and 255
};

/// The images of a tensor of shape [..., h, w], [..., h, w, 3] for colours, or whose last axes have as many
/// elements as `shape`, which is one of them without the dots. `several`: all axes before those of one image
/// count images; else the tensor is one image. Failures name the argument x: "wrong-type", "shape-mismatch",
/// "plot-empty", "bad-argument" for what is no colour.
std::vector<Pixels> images_of(const Value& x, const lang::Span& span, const std::optional<Shape>& shape,
                              const lang::Span& shape_span, const Levels& levels, bool several);

}  // namespace elbo::stdlib
