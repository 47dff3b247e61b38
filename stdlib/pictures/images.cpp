// One image after another from the elements of a tensor, which are never copied as reals.
#include "stdlib/pictures/images.hpp"

#include <cmath>

#include "runtime/missing.hpp"
#include "runtime/support_check.hpp"

namespace elbo::stdlib {

namespace {

/// Axes of one image, and how many images there are.
struct Axes {
  Shape image;  // [h, w, channels]
  std::int64_t count = 1;
};

bool has_channels(const Shape& image) { return image.size() == 3; }

/// [h, w] or [h, w, 1 or 3] with a channel axis.
std::optional<Shape> with_channels(Shape image) {
  if (image.size() == 2) image.push_back(1);
  if (!has_channels(image) || (image[2] != 1 && image[2] != 3)) return std::nullopt;
  return image;
}

/// Splits the tensor's shape where the last axes have as many elements as an image of this shape.
std::optional<Axes> by_given_shape(const Shape& whole, const Shape& image) {
  const std::int64_t wanted = runtime::element_count(image);
  std::int64_t elements = 1;
  for (std::size_t d = whole.size() + 1; d-- > 0;) {
    if (elements == wanted && (d == 0 || whole[d - 1] != 1)) {
      return Axes{*with_channels(image), runtime::element_count(Shape(
                                             whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(d)))};
    }
    if (d > 0) elements *= whole[d - 1];
  }
  return std::nullopt;
}

std::string hint_for(const Shape& whole, bool several) {
  const std::int64_t last = whole.empty() ? 0 : whole.back();
  const auto side = static_cast<std::int64_t>(std::llround(std::sqrt(static_cast<double>(last))));
  const bool square = side > 1 && side * side == last;
  const std::string shape =
      square ? "shape = [" + std::to_string(side) + ", " + std::to_string(side) + "]" : "shape = [28, 28]";
  if (whole.size() == (several ? 2 : 1))
    return "say how many rows and columns of pixels an image has: " + shape;
  if (whole.size() == (several ? 4 : 3) && whole[several ? 1 : 0] == 3)
    return several ? "colours are the last axis: write transpose(x, [1, 3, 4, 2])"
                   : "colours are the last axis: write transpose(x, [2, 3, 1])";
  return several ? "for a single image write image(x)" : "for several images write image_grid(x)";
}

Axes axes_of(const Shape& whole, const lang::Span& span, const std::optional<Shape>& shape,
             const lang::Span& shape_span, bool several) {
  if (shape) {
    if (!with_channels(*shape)) {
      fail("bad-argument",
           "`shape` must be [rows, columns] of pixels, or [rows, columns, 3] in colour, but is " +
               show(*shape),
           shape_span);
    }
    const auto axes = by_given_shape(whole, *shape);
    if (axes && (several || axes->count == 1)) return *axes;
    fail("shape-mismatch",
         "`x` of shape " + show(whole) +
             (several ? " does not consist of images of shape " : " is no image of shape ") + show(*shape),
         span, several ? "" : "for several images write image_grid(x)");
  }
  // The first axis counts images; what is left is one.
  const std::size_t counts = several ? 1 : 0;
  const auto image =
      whole.size() < counts
          ? std::nullopt
          : with_channels(Shape(whole.begin() + static_cast<std::ptrdiff_t>(counts), whole.end()));
  if (image) return {*image, several ? whole[0] : 1};
  fail("wrong-type",
       std::string("`x` must be ") +
           (several ? "images of shape [n, h, w], or [n, h, w, 3] in colour"
                    : "an image of shape [h, w], or [h, w, 3] in colour") +
           ", but has shape " + show(whole),
       span, hint_for(whole, several));
}

/// Elements to levels.
class Scale {
 public:
  Scale(const Tensor& x, const Levels& levels, const lang::Span& span) : x_(x), span_(span) {
    black_ = levels.black.value_or(0);
    white_ = levels.white.value_or(x.storage() == Storage::byte ? 255 : 1);
    if (black_ == white_) {
      fail("bad-argument", "`black` and `white` must differ, but both are " + runtime::show(Value(black_)),
           span);
    }
    // Ints of a file are often 0 to 255, and would all be white.
    counts_ = x.storage() == Storage::integer && !levels.black && !levels.white;
  }

  std::uint8_t operator()(double value, std::int64_t index) const {
    if (std::isnan(value)) refuse(index, runtime::is_missing(value) ? "missing" : "NaN", "");
    if (counts_ && value > 1) {
      refuse(index, std::to_string(x_.integer(index)), "if 255 is the brightest, write white = 255");
    }
    const double part = (value - black_) / (white_ - black_);
    return static_cast<std::uint8_t>(std::floor(255 * std::min(std::max(part, 0.0), 1.0) + 0.5));
  }

 private:
  [[noreturn]] void refuse(std::int64_t index, const std::string& found, const std::string& hint) const {
    fail("bad-argument",
         "pixels of `x` must be between " + runtime::show(Value(black_)) + " and " +
             runtime::show(Value(white_)) + ", but " + runtime::element_name("x", x_.shape(), index) +
             " is " + found,
         span_, hint);
  }

  const Tensor& x_;
  const lang::Span& span_;
  double black_ = 0, white_ = 1;
  bool counts_ = false;
};

}  // namespace

std::vector<Pixels> images_of(const Value& x, const lang::Span& span, const std::optional<Shape>& shape,
                              const lang::Span& shape_span, const Levels& levels, bool several) {
  const Value number = numeric_value(x, span, "x");
  if (symbol(number) != nullptr) wrong_type("x", "data: a picture cannot show random variables", x, span);
  const Tensor tensor = to_tensor(number);
  const Axes axes = axes_of(tensor.shape(), span, shape, shape_span, several);
  if (tensor.size() == 0)
    fail("plot-empty", "there is nothing to show: `x` has shape " + show(tensor.shape()), span);
  const Scale scale(tensor, levels, span);
  std::vector<Pixels> images(
      static_cast<std::size_t>(axes.count),
      Pixels(static_cast<std::size_t>(axes.image[0]), static_cast<std::size_t>(axes.image[1]),
             static_cast<std::size_t>(axes.image[2]), 0));
  runtime::with_elements(tensor, [&](auto elements) {
    std::int64_t index = 0;
    for (Pixels& image : images) {
      for (std::uint8_t& level : image.levels) {
        level = scale(static_cast<double>(elements[static_cast<std::size_t>(index)]), index);
        ++index;
      }
    }
  });
  return images;
}

}  // namespace elbo::stdlib
