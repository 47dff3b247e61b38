// image and image_grid: their arguments become pixels; what happens to the picture is decided here too.
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <ostream>
#include <string_view>

#include "runtime/files/atomic_file.hpp"
#include "stdlib/functions/common.hpp"
#include "stdlib/pictures/images.hpp"
#include "stdlib/pictures/picture.hpp"
#include "stdlib/pictures/png.hpp"

namespace elbo::stdlib {

namespace {

/// Columns of the terminal that is written to.
std::size_t terminal_width() {
  constexpr std::size_t usual = 80;
  winsize size{};
  const bool known = ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
  return known ? size.ws_col : usual;
}

bool wants_colour() {
  const char* without = std::getenv("NO_COLOR");
  return without == nullptr || *without == '\0';
}

}  // namespace

std::string Picture::show() const {
  return "picture of " + std::to_string(pixels_.width) + " x " + std::to_string(pixels_.height) + " pixels";
}

bool Picture::present(Interpreter& interpreter) const {
  if (!file_.empty()) return false;  // drawn when it was made
  const runtime::Settings& settings = interpreter.settings();
  if (!settings.output_folder.empty()) {
    const std::string number = std::to_string(interpreter.next_plot());
    runtime::write_file(output_path(interpreter, settings.script_name + "-plot-" + number + ".png"),
                        png_bytes(pixels_), span_);
  } else if (settings.interactive && !settings.quiet) {
    interpreter.out() << text_picture(pixels_, terminal_width(), wants_colour());
    return true;
  }
  return false;
}

namespace {

constexpr const char* category = "plots";

/// Pixels of a picture, more than any screen has.
constexpr double most_pixels = 2e8;

/// What both functions take, by the positions of their signatures' last options.
struct Shared {
  std::size_t shape, black, white, zoom, file;
};
constexpr Shared of_image{1, 2, 3, 4, 5}, of_grid{3, 6, 7, 8, 9};

std::optional<Shape> shape_option(const Arguments& a, std::size_t i) {
  if (!is_given(a, i)) return std::nullopt;
  const Shape shape = shape_argument(a, i, "shape");
  if (std::find(shape.begin(), shape.end(), 0) != shape.end())
    fail("bad-argument", "an image of shape " + show(shape) + " has no pixels", a.spans[i]);
  return shape;
}

Levels levels_options(const Arguments& a, const Shared& at) {
  const auto level = [&](std::size_t i, const char* name) -> std::optional<double> {
    if (!is_given(a, i)) return std::nullopt;
    const double value = real_argument(a, i, name);
    if (!std::isfinite(value)) fail("bad-argument", std::string("`") + name + "` must be finite", a.spans[i]);
    return value;
  };
  return {level(at.black, "black"), level(at.white, "white")};
}

std::size_t count_option(const Arguments& a, std::size_t i, const char* name, std::size_t least,
                         std::size_t otherwise) {
  if (!is_given(a, i)) return otherwise;
  return static_cast<std::size_t>(size_argument(a, i, name, static_cast<std::int64_t>(least)));
}

std::string file_option(const Arguments& a, std::size_t i) {
  const std::string name = is_given(a, i) ? string_argument(a, i, "file") : "";
  if (is_given(a, i) && !name.ends_with(".png")) {
    fail("plot-format", "a picture of pixels cannot be written as \"" + name + "\"", a.spans[i],
         "the name must end in .png");
  }
  return name;
}

void require_room(double height, double width, const lang::Span& span) {
  if (height * width <= most_pixels) return;
  fail("bad-argument", "the picture would be larger than 200 million pixels", span,
       "show fewer images, as in x[1:100], or a smaller zoom");
}

/// The picture as a value; drawn now when it names a file.
Value finished(Interpreter& interpreter, const Arguments& a, const Shared& at, const Pixels& pixels,
               const std::string& file) {
  const std::size_t zoom = count_option(a, at.zoom, "zoom", 1, 1);
  require_room(static_cast<double>(pixels.height) * static_cast<double>(zoom),
               static_cast<double>(pixels.width) * static_cast<double>(zoom), a.span);
  const auto picture = std::make_shared<const Picture>(enlarged(pixels, zoom), file, a.span);
  if (!file.empty()) {
    runtime::write_file(output_path(interpreter, file), png_bytes(picture->pixels()), a.spans[at.file]);
  }
  return runtime::ObjectPtr(picture);
}

Value image(Interpreter& interpreter, const Arguments& a) {
  const Shared& at = of_image;
  const std::string file = file_option(a, at.file);
  const std::vector<Pixels> images = images_of(a.values[0], a.spans[0], shape_option(a, at.shape),
                                               a.spans[at.shape], levels_options(a, at), false);
  return finished(interpreter, a, at, images.front(), file);
}

/// Rows and columns for so many images: as given, or as near to a square as they come.
GridLayout grid_options(const Arguments& a, std::size_t count) {
  const auto needed = [count](std::size_t other) { return (count + other - 1) / other; };
  GridLayout layout;
  layout.rows = std::min(count_option(a, 1, "rows", 1, 0), count);
  layout.columns = std::min(count_option(a, 2, "columns", 1, 0), count);
  if (layout.rows == 0 && layout.columns == 0)
    layout.columns = static_cast<std::size_t>(std::ceil(std::sqrt(static_cast<double>(count))));
  if (layout.rows == 0) layout.rows = needed(layout.columns);
  if (layout.columns == 0) layout.columns = needed(layout.rows);
  if (layout.rows * layout.columns < count) {
    fail("bad-argument",
         "`x` has " + std::to_string(count) + " images, but " + std::to_string(layout.rows) + " rows and " +
             std::to_string(layout.columns) + " columns have place for " +
             std::to_string(layout.rows * layout.columns),
         a.spans[1],
         "leave out `rows` or `columns`, or show fewer: x[1:" + std::to_string(layout.rows * layout.columns) +
             "]");
  }
  layout.padding = count_option(a, 4, "padding", 0, 2);
  const double background = is_given(a, 5) ? real_argument(a, 5, "background") : 0;
  if (!(background >= 0 && background <= 1))
    fail("bad-argument", "`background` must be between 0 (black) and 1 (white)", a.spans[5]);
  layout.background = static_cast<std::uint8_t>(std::floor(255 * background + 0.5));
  return layout;
}

Value image_grid(Interpreter& interpreter, const Arguments& a) {
  const Shared& at = of_grid;
  const std::string file = file_option(a, at.file);
  const std::vector<Pixels> images = images_of(a.values[0], a.spans[0], shape_option(a, at.shape),
                                               a.spans[at.shape], levels_options(a, at), true);
  const GridLayout layout = grid_options(a, images.size());
  const auto side = [&](std::size_t count, std::size_t size) {
    return static_cast<double>(count) * static_cast<double>(size + layout.padding) +
           static_cast<double>(layout.padding);
  };
  require_room(side(layout.rows, images.front().height), side(layout.columns, images.front().width), a.span);
  return finished(interpreter, a, at, arranged(images, layout), file);
}

}  // namespace

std::vector<Function> picture_functions() {
  return {
      {"image", "image(x, *, shape = none, black = none, white = none, zoom = 1, file = none)",
       "A picture of a matrix of pixels, or of three in colour ([h, w, 3]): 0 is black and 1 white, of bytes "
       "255; file = "
       "writes a .png — e.g. image([[0, 0.5], [0.5, 1]], zoom = 8)",
       category, image},
      {"image_grid",
       "image_grid(x, *, rows = none, columns = none, shape = none, padding = 2, background = 0, black = "
       "none, white = "
       "none, zoom = 1, file = none)",
       "Images side by side: x[i] is one, of shape [h, w] or [h, w, 3], or of as many numbers as `shape` "
       "says — e.g. "
       "image_grid(x, rows = 8, shape = [28, 28], file = \"samples.png\")",
       category, image_grid},
  };
}

}  // namespace elbo::stdlib
