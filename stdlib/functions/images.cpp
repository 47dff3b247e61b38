// Convolutions and pools of images [channels, height, width], as in PyTorch: nothing is flipped, weights are
// [out, in / groups, height, width], those of transposes [in, out / groups, height, width].
#include "stdlib/functions/images.hpp"

#include <algorithm>

#include "stdlib/functions/families.hpp"

namespace elbo::stdlib {

using runtime::Extent;
using runtime::Windows;

namespace {

constexpr const char* category = "images";

std::string times(const Extent& extent) {
  return std::to_string(extent[0]) + " x " + std::to_string(extent[1]);
}

Value reshaped(const Value& x, const Shape& shape) {
  if (const Symbol* s = symbol(x)) return symbolic(*s, runtime::reshape(s->expr, shape));
  return from_tensor(to_tensor(x).reshaped(shape));
}

runtime::Attributes attributes_of(const Windows& windows, std::vector<std::int64_t> more = {}) {
  runtime::Attributes attributes;
  attributes.integers = runtime::to_integers(windows);
  attributes.integers.insert(attributes.integers.end(), more.begin(), more.end());
  return attributes;
}

Value with_bias(const Value& images, const Value& bias) {
  if (bias.is<runtime::None>()) return images;
  return runtime::apply_operator("+", images, reshaped(bias, {shape_of(bias)[0], 1, 1}));
}

}  // namespace

// ---- arguments
// -------------------------------------------------------------------------------------------------

Extent extent_argument(const Arguments& a, std::size_t i, std::string_view name, std::int64_t least,
                       std::optional<Extent> otherwise) {
  if (otherwise && !is_given(a, i)) return *otherwise;
  const Value& value = a.values[i];
  const bool is_number = value.is<std::int64_t>() || value.is<Tensor>();
  const Tensor sizes = is_number ? to_tensor(value) : Tensor();
  if (!is_number || !is_integral(sizes) || !(sizes.rank() == 0 || sizes.shape() == Shape{2})) {
    wrong_type(std::string(name), "an int or two of them, [height, width]", value, a.spans[i]);
  }
  const Extent extent{sizes.integer(0), sizes.integer(sizes.size() - 1)};
  if (std::min(extent[0], extent[1]) < least) {
    fail("bad-argument",
         "`" + std::string(name) + "` must be at least " + std::to_string(least) + ", but is " + show(value),
         a.spans[i]);
  }
  return extent;
}

void read_windows(WindowArguments& arguments, const Arguments& a, std::size_t first, bool words) {
  arguments.stride = extent_argument(a, first, "stride", 1, Extent{1, 1});
  arguments.dilation = extent_argument(a, first + 2, "dilation", 1, Extent{1, 1});
  const std::size_t padding = first + 1;
  if (const auto* word = a.values[padding].as<std::string>(); word && words) {
    if (*word != "same" && *word != "valid") {
      fail("bad-argument",
           "`padding` must be an int, two of them, \"same\" or \"valid\", but is \"" + *word + "\"",
           a.spans[padding]);
    }
    arguments.same = *word == "same";
    if (arguments.same && arguments.stride != Extent{1, 1}) {
      fail("bad-argument", "padding \"same\" needs a stride of 1", a.spans[padding],
           "give the padding as an int: with a stride of 2, (size - 1) // 2 halves the image");
    }
    return;
  }
  arguments.padding = extent_argument(a, padding, "padding", 0, Extent{0, 0});
}

void read_output_padding(WindowArguments& arguments, const Arguments& a, std::size_t i) {
  arguments.output_padding = extent_argument(a, i, "output_padding", 0, Extent{0, 0});
  for (std::size_t d = 0; d < 2; ++d) {
    if (arguments.output_padding[d] < std::max(arguments.stride[d], arguments.dilation[d])) continue;
    fail("bad-argument",
         "`output_padding` must be smaller than the stride or the dilation, but is " + show(a.values[i]),
         a.spans[i]);
  }
}

Value image_argument(const Arguments& a, std::size_t i, std::string_view name) {
  const Value image = numeric_argument(a, i, name);
  const Shape shape = shape_of(image);
  if (shape.size() < 2) {
    wrong_type(std::string(name), "an image, [channels, height, width] or [height, width]", a.values[i],
               a.spans[i]);
  }
  return shape.size() > 2 ? image : reshaped(image, {1, shape[0], shape[1]});
}

std::int64_t channels_of(const Shape& image) { return image[image.size() - 3]; }

Windows windows_over(const WindowArguments& arguments, const Shape& image, const std::string& who,
                     const Arguments& a) {
  Windows windows{.size = arguments.size,
                  .stride = arguments.stride,
                  .dilation = arguments.dilation,
                  .before = arguments.padding,
                  .after = arguments.padding,
                  .image = {image[image.size() - 2], image[image.size() - 1]}};
  for (std::size_t d = 0; arguments.same && d < 2; ++d) {
    const std::int64_t all = windows.dilation[d] * (windows.size[d] - 1);
    windows.before[d] = all / 2;
    windows.after[d] = all - all / 2;
  }
  const Extent grid = windows.grid();
  if (grid[0] < 1 || grid[1] < 1) {
    fail("shape-mismatch",
         who + " has windows of " + times(windows.size) +
             (arguments.dilation == Extent{1, 1} ? "" : ", with this dilation") + ", but the image is " +
             times(windows.image),
         a.span, "make the window smaller, or give `padding`");
  }
  return windows;
}

Windows windows_from(const WindowArguments& arguments, const Shape& grid, const std::string& who,
                     const Arguments& a) {
  Windows windows{.size = arguments.size,
                  .stride = arguments.stride,
                  .dilation = arguments.dilation,
                  .before = arguments.padding,
                  .after = arguments.padding};
  for (std::size_t d = 0; d < 2; ++d) {
    // The image may go on where no window sees it, which is what output_padding asks for.
    windows.after[d] -= arguments.output_padding[d];
    windows.image[d] = (grid[grid.size() - 2 + d] - 1) * windows.stride[d] - windows.before[d] -
                       windows.after[d] + windows.dilation[d] * (windows.size[d] - 1) + 1;
  }
  if (windows.image[0] < 1 || windows.image[1] < 1) {
    fail("shape-mismatch",
         who + " leaves nothing of an image of " + times({grid[grid.size() - 2], grid.back()}), a.span,
         "make `padding` smaller");
  }
  return windows;
}

// ---- convolutions
// ----------------------------------------------------------------------------------------------

Value convolve_value(const Value& image, const Value& weight, const Value& bias, const Windows& windows,
                     std::int64_t groups) {
  return with_bias(operate("convolve", {image, weight}, attributes_of(windows, {groups})), bias);
}

Value convolve_transpose_value(const Value& grid, const Value& weight, const Value& bias,
                               const Windows& windows, std::int64_t groups) {
  return with_bias(operate("convolve_transpose", {grid, weight}, attributes_of(windows, {groups})), bias);
}

namespace {

/// The operands of a convolution with given weights: x, weight, bias; arguments 0, 1, 2, and groups.
struct Operands {
  Value image, weight, bias;
  Shape shape;  ///< of the weights
  std::int64_t groups;
};

Operands operands_of(const Arguments& a, std::size_t groups_at, bool transposed) {
  Operands o{image_argument(a, 0, "x"), numeric_argument(a, 1, "weight"), Value(runtime::None{}), {}, 1};
  o.shape = shape_of(o.weight);
  if (o.shape.size() != 4 || *std::min_element(o.shape.begin(), o.shape.end()) < 1) {
    wrong_type("weight",
               transposed ? "a tensor [in, out / groups, height, width]"
                          : "a tensor [out, in / groups, height, width]",
               a.values[1], a.spans[1]);
  }
  if (a.given[groups_at]) o.groups = size_argument(a, groups_at, "groups", 1);
  if (o.shape[0] % o.groups != 0) {
    fail("bad-argument",
         "`groups` must divide the " + std::to_string(o.shape[0]) + " channels of the weights, but is " +
             std::to_string(o.groups),
         a.spans[groups_at]);
  }
  const std::int64_t in = transposed ? o.shape[0] : o.shape[1] * o.groups;
  const std::int64_t out = transposed ? o.shape[1] * o.groups : o.shape[0];
  const Shape image = shape_of(o.image);
  if (channels_of(image) != in) {
    fail("shape-mismatch",
         "weights of shape " + show(o.shape) +
             (o.groups == 1 ? "" : " in " + std::to_string(o.groups) + " groups") + " take images of " +
             std::to_string(in) + (in == 1 ? " channel" : " channels") + ", but `x` has shape " +
             show(shape_of(a.values[0])),
         a.spans[0], "the channels are the third dimension from the end: [channels, height, width]");
  }
  if (is_given(a, 2)) {
    o.bias = numeric_argument(a, 2, "bias");
    if (shape_of(o.bias) != Shape{out}) {
      fail("shape-mismatch",
           "`bias` must have one number for each of the " + std::to_string(out) +
               " channels, but has shape " + show(shape_of(o.bias)),
           a.spans[2]);
    }
  }
  return o;
}

Value convolve(Interpreter&, const Arguments& a) {
  const Operands o = operands_of(a, 6, false);
  WindowArguments arguments{.size = {o.shape[2], o.shape[3]}, .stride = {}, .dilation = {}};
  read_windows(arguments, a, 3, true);
  return convolve_value(o.image, o.weight, o.bias,
                        windows_over(arguments, shape_of(o.image), "`convolve`", a), o.groups);
}

Value convolve_transpose(Interpreter&, const Arguments& a) {
  const Operands o = operands_of(a, 7, true);
  WindowArguments arguments{.size = {o.shape[2], o.shape[3]}, .stride = {}, .dilation = {}};
  read_windows(arguments, a, 3, false);
  read_output_padding(arguments, a, 6);
  return convolve_transpose_value(o.image, o.weight, o.bias,
                                  windows_from(arguments, shape_of(o.image), "`convolve_transpose`", a),
                                  o.groups);
}

// ---- pools
// -----------------------------------------------------------------------------------------------------

/// x (argument 0) and its windows: size, stride (that of the windows by default), padding.
struct Pool {
  Value image;
  Windows windows;
};

Pool pool_of(const Arguments& a, const char* name) {
  Pool pool{numeric_argument(a, 0, "x"), {}};
  const Shape shape = shape_of(pool.image);
  if (shape.size() < 2) {
    wrong_type("x", "an image, [channels, height, width] or [height, width]", a.values[0], a.spans[0]);
  }
  WindowArguments arguments{.size = extent_argument(a, 1, "size", 1), .stride = {}, .dilation = {1, 1}};
  arguments.stride = extent_argument(a, 2, "stride", 1, arguments.size);
  arguments.padding = extent_argument(a, 3, "padding", 0, Extent{0, 0});
  for (std::size_t d = 0; d < 2; ++d) {
    if (arguments.padding[d] <= arguments.size[d] / 2) continue;
    fail("bad-argument", "`padding` must be at most half of the window, but is " + show(a.values[3]),
         a.spans[3]);
  }
  pool.windows = windows_over(arguments, shape, std::string("`") + name + "`", a);
  return pool;
}

Value max_pool(Interpreter&, const Arguments& a) {
  const Pool pool = pool_of(a, "max_pool");
  return operate("pool_max", {pool.image, pool.image}, attributes_of(pool.windows));
}

Value avg_pool(Interpreter&, const Arguments& a) {
  const Pool pool = pool_of(a, "avg_pool");
  const auto [height, width] = pool.windows.size;
  Value count(static_cast<double>(height * width));
  if (a.given[4] && !boolean_argument(a, 4, "count_padding")) {
    const auto [rows, columns] = pool.windows.image;
    const Tensor ones({rows, columns}, std::vector<double>(static_cast<std::size_t>(rows * columns), 1.0));
    count = operate("pool_sum", {ones}, attributes_of(pool.windows));
  }
  return runtime::apply_operator("/", operate("pool_sum", {pool.image}, attributes_of(pool.windows)), count);
}

}  // namespace

std::vector<Function> image_functions() {
  return {
      {"convolve", "convolve(x, weight, bias = none, stride = 1, padding = 0, dilation = 1, groups = 1)",
       "Windows of images [channels, height, width] times weights [out, in / groups, height, width], as "
       "PyTorch's conv2d; padding also \"same\" or \"valid\" — e.g. convolve([[1, 2, 3]], [[[[1, -1]]]]) is "
       "[[[-1, -1]]]",
       category, convolve},
      {"convolve_transpose",
       "convolve_transpose(x, weight, bias = none, stride = 1, padding = 0, dilation = 1, output_padding = "
       "0, "
       "groups = 1)",
       "The transpose of convolve, with weights [in, out / groups, height, width], as PyTorch's "
       "conv_transpose2d — e.g. convolve_transpose([[1, 2]], [[[[1, -1]]]], stride = 2) is [[[1, -1, 2, "
       "-2]]]",
       category, convolve_transpose},
      {"max_pool", "max_pool(x, size, stride = none, padding = 0)",
       "Largest entry of each window of images; the stride is the size by default — e.g. "
       "max_pool([[1, 2, 5, 4]], [1, 2]) is [[2, 5]]",
       category, max_pool},
      {"avg_pool", "avg_pool(x, size, stride = none, padding = 0, count_padding = true)",
       "Mean of each window of images, in which padding counts as zeros unless count_padding is false — e.g. "
       "avg_pool([[1, 2, 5, 4]], [1, 2]) is [[1.5, 4.5]]",
       category, avg_pool},
  };
}

}  // namespace elbo::stdlib
