// Pictures of pixels: which numbers become which levels, where images stand in a grid, and the files, read
// back by libpng.
#include <png.h>

#include <catch2/catch.hpp>
#include <string>

#include "functions_script.hpp"
#include "stdlib/pictures/picture.hpp"
#include "stdlib/pictures/png.hpp"

using namespace elbo;
using stdlib::Picture;
using stdlib::Pixels;
using test::error_of;
using test::run_script;
using test::ScriptRun;
using test::TemporaryFolder;

namespace {

using Levels = std::vector<std::uint8_t>;

/// The pixels of a picture expression.
Pixels pixels_of(const std::string& expression) {
  const ScriptRun run = run_script("let p = " + expression + "\np");
  INFO(run.message);
  REQUIRE(run.value);
  const auto* object = run.value->as<runtime::ObjectPtr>();
  REQUIRE(object != nullptr);
  const auto* picture = dynamic_cast<const Picture*>(object->get());
  REQUIRE(picture != nullptr);
  return picture->pixels();
}

Pixels decoded(const std::string& bytes) {
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  REQUIRE(png_image_begin_read_from_memory(&image, bytes.data(), bytes.size()) != 0);
  Pixels pixels(image.height, image.width, (image.format & PNG_FORMAT_FLAG_COLOR) != 0 ? 3 : 1, 0);
  REQUIRE(png_image_finish_read(&image, nullptr, pixels.levels.data(), 0, nullptr) != 0);
  return pixels;
}

}  // namespace

TEST_CASE("numbers to levels: 0 is black, 1 is white, beyond is like them") {
  CHECK(pixels_of("image([[0, 1], [0.5, 0.001]])").levels == Levels{0, 255, 128, 0});
  CHECK(pixels_of("image([[-3.5, 7], [inf, -inf]])").levels == Levels{0, 255, 255, 0});
  CHECK(pixels_of("image([[true, false]])").levels == Levels{255, 0});
  CHECK(pixels_of("image([[1, 0]])").levels == Levels{255, 0});
  CHECK(pixels_of("image([[10, 20, 15]], black = 10, white = 20)").levels == Levels{0, 255, 128});
  CHECK(pixels_of("image([[0, 1, 0.2]], black = 1, white = 0)").levels == Levels{255, 0, 204});
  CHECK(pixels_of("image([[0, 51]], white = 255)").levels == Levels{0, 51});
}

TEST_CASE("shapes: matrices, colours, rows of numbers") {
  const Pixels colour = pixels_of("image([[[1, 0, 0], [0, 1, 0]]])");
  CHECK(colour.height == 1);
  CHECK(colour.width == 2);
  CHECK(colour.levels == Levels{255, 0, 0, 0, 255, 0});
  CHECK(pixels_of("image([[[1], [0]]])").channels == 1);
  const Pixels folded = pixels_of("image(1:6, shape = [2, 3], white = 6)");
  CHECK(folded.height == 2);
  CHECK(folded.levels == Levels{43, 85, 128, 170, 213, 255});
  CHECK(pixels_of("image(zeros([1, 1, 6]), shape = [2, 3])").width == 3);
  CHECK(
      pixels_of("image_grid(zeros([2, 3, 12]), shape = [2, 2, 3], padding = 0, columns = 3)").levels.size() ==
      72);
  CHECK(pixels_of("image_grid([0, 1, 1, 0], shape = [2, 2], padding = 0)").levels == Levels{0, 255, 255, 0});
}

TEST_CASE("a grid: row by row, padded, with background where nothing is left") {
  const Pixels grid = pixels_of(
      "image_grid([[[1, 1]], [[0.2, 0.4]], [[0.6, 0.8]]], columns = 2, padding = 1, background = 0.5)");
  CHECK(grid.height == 5);
  CHECK(grid.width == 7);
  CHECK(grid.levels == Levels{128, 128, 128, 128, 128, 128, 128,  //
                              128, 255, 255, 128, 51,  102, 128,  //
                              128, 128, 128, 128, 128, 128, 128,  //
                              128, 153, 204, 128, 128, 128, 128,  //
                              128, 128, 128, 128, 128, 128, 128});
  const auto size = [](const std::string& options) {
    const Pixels pixels = pixels_of("image_grid(zeros([10, 1, 1]), padding = 0" + options + ")");
    return std::pair(pixels.height, pixels.width);
  };
  CHECK(size("") == std::pair<std::size_t, std::size_t>(3, 4));
  CHECK(size(", rows = 2") == std::pair<std::size_t, std::size_t>(2, 5));
  CHECK(size(", columns = 3") == std::pair<std::size_t, std::size_t>(4, 3));
  CHECK(size(", rows = 20") == std::pair<std::size_t, std::size_t>(10, 1));
  CHECK(size(", rows = 3, columns = 5") == std::pair<std::size_t, std::size_t>(3, 5));
  CHECK(size(", rows = 2, zoom = 3") == std::pair<std::size_t, std::size_t>(6, 15));
  CHECK(pixels_of("image([[0, 1]], zoom = 2)").levels == Levels{0, 0, 255, 255, 0, 0, 255, 255});
}

TEST_CASE("mistakes in pictures") {
  CHECK(error_of("image([1, 2])") == "wrong-type");
  CHECK(error_of("image(zeros([2, 2, 4]))") == "wrong-type");
  CHECK(error_of("image(zeros([5, 2, 2]))") == "wrong-type");
  CHECK(error_of("image(\"a\")") == "wrong-type");
  CHECK(error_of("image_grid(zeros([4, 4]))") == "wrong-type");
  CHECK(error_of("image_grid(0.5)") == "wrong-type");
  CHECK(error_of("image_grid(zeros([4, 4]), shape = [3, 1])") == "shape-mismatch");
  CHECK(error_of("image(zeros([2, 4]), shape = [2, 2])") == "shape-mismatch");
  CHECK(error_of("image(zeros(4), shape = 4)") == "bad-argument");
  CHECK(error_of("image(zeros(4), shape = [2, 1, 2])") == "bad-argument");
  CHECK(error_of("image(zeros(4), shape = [0, 2])") == "bad-argument");
  CHECK(error_of("image(zeros([0, 2]))") == "plot-empty");
  CHECK(error_of("image_grid(zeros([0, 2, 2]))") == "plot-empty");
  CHECK(error_of("image([[0, nan]])") == "bad-argument");
  CHECK(error_of("image([[0, missing]])") == "bad-argument");
  CHECK(error_of("image([[0, 2]])") == "bad-argument");
  CHECK(error_of("image([[0, 1]], white = inf)") == "bad-argument");
  CHECK(error_of("image([[0, 1]], black = 1)") == "bad-argument");
  CHECK(error_of("image([[0, 1]], zoom = 0)") == "bad-argument");
  CHECK(error_of("image([[0, 1]], zoom = 100000)") == "bad-argument");
  CHECK(error_of("image_grid(zeros([4, 1, 1]), rows = 0)") == "bad-argument");
  CHECK(error_of("image_grid(zeros([4, 1, 1]), rows = 1, columns = 3)") == "bad-argument");
  CHECK(error_of("image_grid(zeros([4, 1, 1]), padding = -1)") == "bad-argument");
  CHECK(error_of("image_grid(zeros([4, 1, 1]), padding = 1000000)") == "bad-argument");
  CHECK(error_of("image_grid(zeros([4, 1, 1]), background = 2)") == "bad-argument");
  CHECK(error_of("image([[0, 1]], file = \"a.svg\")") == "plot-format");
  CHECK(error_of("image([[0, 1]], file = \"\")") == "plot-format");
  CHECK(error_of("figure([image([[0, 1]])])") == "wrong-type");
}

TEST_CASE("files hold the pixels, and are the same bytes every time") {
  for (const char* expression : {"image([[0, 0.25], [0.5, 1]])", "image([[[0, 0.25, 0.5], [0.75, 1, 0]]])"}) {
    const Pixels pixels = pixels_of(expression);
    const std::string bytes = stdlib::png_bytes(pixels);
    const Pixels back = decoded(bytes);
    CHECK(back.height == pixels.height);
    CHECK(back.width == pixels.width);
    CHECK(back.channels == pixels.channels);
    CHECK(back.levels == pixels.levels);
    CHECK(stdlib::png_bytes(pixels) == bytes);
    CHECK(bytes.find("tIME") == std::string::npos);
  }
}

TEST_CASE(
    "a picture that stands as a statement goes to --out, numbered with the plots; others are not drawn") {
  const TemporaryFolder folder;
  runtime::Settings settings;
  settings.output_folder = folder.path();
  settings.script_name = "demo";
  const ScriptRun run = run_script(
      "image([[0, 1]])\nlet kept = image([[0, 1]])\nfor i in 1:2 { image_grid([[[0, 1]], [[1, 0]]], padding "
      "= i) }\n"
      "image([[0, 1], [1, 0]], file = \"sub/named.png\")",
      settings);
  INFO(run.message);
  REQUIRE(run.value);
  CHECK(folder.names() ==
        std::vector<std::string>{"demo-plot-1.png", "demo-plot-2.png", "demo-plot-3.png", "sub"});
  CHECK(decoded(folder.read("demo-plot-1.png")).levels == Levels{0, 255});
  CHECK(decoded(folder.read("sub/named.png")).levels == Levels{0, 255, 255, 0});
}

TEST_CASE("text pictures: half blocks, dots for greys, colours, averages") {
  const auto text = [](const std::string& expression, std::size_t columns, bool colour) {
    return stdlib::text_picture(pixels_of(expression), columns, colour);
  };
  CHECK(text("image([[1, 1, 0, 0], [1, 0, 1, 0], [0, 1, 1, 1]])", 80, false) == "█▀▄\n ▀▀▀\n");
  CHECK(text("image(zeros([2, 3]))", 80, false) == "\n");
  CHECK(text("image([[0, 1]])", 80, true) ==
        "\x1b[38;2;0;0;0m\x1b[48;2;0;0;0m▀\x1b[38;2;255;255;255m▀\x1b[0m\n");
  CHECK(text("image([[[1, 0, 0.2]], [[0, 1, 0]]])", 80, true) ==
        "\x1b[38;2;255;0;51m\x1b[48;2;0;255;0m▀\x1b[0m\n");
  // Squares of 2 x 2 become one pixel, the last of them narrower.
  CHECK(text("image([[1, 0, 1], [1, 0, 1]])", 2, true) ==
        "\x1b[38;2;128;128;128m\x1b[48;2;0;0;0m▀\x1b[38;2;255;255;255m▀\x1b[0m\n");
  // A grey of one half: every other dot.
  std::size_t dots = 0;
  const std::string grey = text("image(0.5 * ones([4, 4]))", 80, false);
  for (const char* block : {"▀", "▄"}) {
    for (std::size_t at = grey.find(block); at != std::string::npos; at = grey.find(block, at + 1)) ++dots;
  }
  for (std::size_t at = grey.find("█"); at != std::string::npos; at = grey.find("█", at + 1)) dots += 2;
  CHECK(dots == 8);
}
