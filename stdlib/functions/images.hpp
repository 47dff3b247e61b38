// What functions and layers over images share: their arguments, and convolutions and pools of values.
#pragma once

#include <optional>

#include "runtime/windows.hpp"
#include "stdlib/functions/common.hpp"

namespace elbo::stdlib {

/// An int or two of them (height, width), each at least `least`; `otherwise` where it is not given. Failure
/// "bad-argument".
runtime::Extent extent_argument(const Arguments& a, std::size_t i, std::string_view name, std::int64_t least,
                                std::optional<runtime::Extent> otherwise = std::nullopt);

/// Windows of one size over an image of yet unknown extent, as a convolution's arguments describe them.
struct WindowArguments {
  runtime::Extent size, stride, dilation;
  runtime::Extent padding{0, 0};  ///< on either side, unless `same`
  bool same = false;              ///< padded so that a grid of stride 1 is as large as the image
  runtime::Extent output_padding{0, 0};
};

/// Reads `stride`, `padding` (with the words "same" and "valid" where `words`) and `dilation`, arguments
/// `first` and following, into `arguments`, whose size is known.
void read_windows(WindowArguments& arguments, const Arguments& a, std::size_t first, bool words);

/// Reads `output_padding`, argument i.
void read_output_padding(WindowArguments& arguments, const Arguments& a, std::size_t i);

/// An image with channels: [height, width] becomes [1, height, width]. Failure "wrong-type" or
/// "bad-argument".
Value image_argument(const Arguments& a, std::size_t i, std::string_view name);

std::int64_t channels_of(const Shape& image);

/// The windows over `image`. Failure "shape-mismatch" where none fits; `who`: whose windows, for the message.
runtime::Windows windows_over(const WindowArguments& arguments, const Shape& image, const std::string& who,
                              const Arguments& a);
/// The windows whose grid is `grid`, over the image that convolve_transpose makes of it.
runtime::Windows windows_from(const WindowArguments& arguments, const Shape& grid, const std::string& who,
                              const Arguments& a);

/// The convolutions of values (or nodes), with a bias [out] if it is not none.
Value convolve_value(const Value& image, const Value& weight, const Value& bias,
                     const runtime::Windows& windows, std::int64_t groups);
Value convolve_transpose_value(const Value& grid, const Value& weight, const Value& bias,
                               const runtime::Windows& windows, std::int64_t groups);

}  // namespace elbo::stdlib
