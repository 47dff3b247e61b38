// Convolutions and pools of images as expressions. An image is [channels, height, width]; axes and further
// dimensions in front are a batch. Windows of one size lie over the height and the width in a regular grid.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "runtime/operation.hpp"

namespace elbo::runtime {

// operations/convolution.cpp, operations/pooling.cpp
extern const Operation convolve_operation, convolve_transpose_operation, convolve_weight_operation,
    pool_sum_operation, pool_spread_operation, pool_max_operation, pool_max_spread_operation;

/// A height and a width, or a row and a column.
using Extent = std::array<std::int64_t, 2>;

/// The windows over an image of `image` pixels: entry (i, j) of window (u, v) is the pixel
/// (u stride - before + i dilation, …), and 0 where the image has no such pixel.
struct Windows {
  Extent size{1, 1};      ///< entries of a window
  Extent stride{1, 1};    ///< pixels from a window to the next
  Extent dilation{1, 1};  ///< pixels from an entry to the next
  Extent before{0, 0};    ///< rows above and columns left of the image
  Extent after{0, 0};     ///< rows below and columns right of it; negative: no window sees the last ones
  Extent image{1, 1};

  /// Number of windows down and across: (image + before + after - dilation (size - 1) - 1) / stride + 1,
  /// rounded down; 0 or less where none fits.
  Extent grid() const;
};

/// Windows as attributes hold them: `windows_length` integers.
inline constexpr std::size_t windows_length = 12;
std::vector<std::int64_t> to_integers(const Windows& windows);
Windows to_windows(std::span<const std::int64_t> integers);

/// Products of windows with weights [out, in / groups, height, width], summed: [out, grid]. Nothing is
/// flipped. Channels meet within their group only.
Expr convolve(Expr image, Expr weight, const Windows& windows, std::int64_t groups = 1);
/// The transpose of convolve in the image: [out, grid] to [in, image].
Expr convolve_transpose(Expr grid, Expr weight, const Windows& windows, std::int64_t groups = 1);
/// The transpose of convolve in the weights, summed over dimensions in front and `summed` axes.
Expr convolve_weight(Expr image, Expr grid, const Windows& windows, std::int64_t groups = 1,
                     const std::vector<AxisId>& summed = {});

/// Sum of every window, of each of the last two dimensions' images; and its transpose.
Expr pool_sum(Expr image, const Windows& windows);
Expr pool_spread(Expr grid, const Windows& windows);
/// The entry of `values` where `image` is largest in each window: the first of equal ones, NaN before all.
Expr pool_max(Expr image, Expr values, const Windows& windows);
/// The transpose of pool_max in the values.
Expr pool_max_spread(Expr image, Expr grid, const Windows& windows);

}  // namespace elbo::runtime
