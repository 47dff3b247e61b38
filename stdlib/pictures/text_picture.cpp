// Pictures for terminals: a character shows two pixels, the upper half of its cell in one colour, the lower
// in another.
#include <algorithm>
#include <array>

#include "stdlib/pictures/pixels.hpp"

namespace elbo::stdlib {

namespace {

/// Averages over squares of `side` pixels, those at the right and lower edge over what there is.
Pixels averaged(const Pixels& pixels, std::size_t side) {
  Pixels result((pixels.height + side - 1) / side, (pixels.width + side - 1) / side, pixels.channels, 0);
  for (std::size_t row = 0; row < result.height; ++row) {
    for (std::size_t column = 0; column < result.width; ++column) {
      const std::size_t bottom = std::min((row + 1) * side, pixels.height);
      const std::size_t right = std::min((column + 1) * side, pixels.width);
      for (std::size_t c = 0; c < pixels.channels; ++c) {
        std::size_t sum = 0, count = 0;
        for (std::size_t i = row * side; i < bottom; ++i) {
          for (std::size_t j = column * side; j < right; ++j, ++count) sum += pixels.at(i, j)[c];
        }
        result.at(row, column)[c] = static_cast<std::uint8_t>((sum + count / 2) / count);
      }
    }
  }
  return result;
}

/// "R;G;B" of a pixel; below the last row it is black.
std::string colour_of(const Pixels& pixels, std::size_t row, std::size_t column) {
  std::string text;
  for (std::size_t c = 0; c < 3; ++c) {
    const int level = row < pixels.height ? pixels.at(row, column)[pixels.channels == 3 ? c : 0] : 0;
    text += (c > 0 ? ";" : "") + std::to_string(level);
  }
  return text;
}

std::string coloured_line(const Pixels& pixels, std::size_t row) {
  std::string line, upper, lower;
  for (std::size_t column = 0; column < pixels.width; ++column) {
    const std::string above = colour_of(pixels, row, column), below = colour_of(pixels, row + 1, column);
    if (above != upper) line += "\x1b[38;2;" + above + "m";
    if (below != lower) line += "\x1b[48;2;" + below + "m";
    line += "▀";
    upper = above;
    lower = below;
  }
  return line + "\x1b[0m\n";
}

/// Whether a pixel is bright: brighter than its place in a pattern of 4 x 4 thresholds (Bayer's ordered
/// dither).
bool is_bright(const Pixels& pixels, std::size_t row, std::size_t column) {
  constexpr std::array<std::array<int, 4>, 4> order{
      {{0, 8, 2, 10}, {12, 4, 14, 6}, {3, 11, 1, 9}, {15, 7, 13, 5}}};
  if (row >= pixels.height) return false;
  const std::uint8_t* pixel = pixels.at(row, column);
  // Brightness of a colour: the weights of ITU-R BT.601.
  const int level =
      pixels.channels == 1 ? pixel[0] : (299 * pixel[0] + 587 * pixel[1] + 114 * pixel[2]) / 1000;
  return 16 * level > 255 * order[row % 4][column % 4] + 127;
}

std::string plain_line(const Pixels& pixels, std::size_t row) {
  constexpr std::array<const char*, 4> blocks{" ", "▀", "▄", "█"};
  std::string line;
  for (std::size_t column = 0; column < pixels.width; ++column) {
    line += blocks[(is_bright(pixels, row, column) ? 1 : 0) + (is_bright(pixels, row + 1, column) ? 2 : 0)];
  }
  return line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
}

}  // namespace

std::string text_picture(const Pixels& pixels, std::size_t columns, bool colour) {
  const Pixels small = averaged(pixels, std::max<std::size_t>((pixels.width + columns - 1) / columns, 1));
  std::string text;
  for (std::size_t row = 0; row < small.height; row += 2) {
    text += colour ? coloured_line(small, row) : plain_line(small, row);
  }
  return text;
}

}  // namespace elbo::stdlib
