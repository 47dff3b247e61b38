// Pictures as pixels, independent of where the numbers came from and of how they are written.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace elbo::stdlib {

/// Rows of pixels from top to bottom, each of 1 level (grey) or 3 (red, green, blue), 0 dark to 255 bright.
struct Pixels {
  std::size_t height = 0, width = 0, channels = 1;
  std::vector<std::uint8_t> levels;

  Pixels() = default;
  Pixels(std::size_t height_, std::size_t width_, std::size_t channels_, std::uint8_t level)
      : height(height_), width(width_), channels(channels_), levels(height_ * width_ * channels_, level) {}
  std::uint8_t* at(std::size_t row, std::size_t column) {
    return levels.data() + (row * width + column) * channels;
  }
  const std::uint8_t* at(std::size_t row, std::size_t column) const {
    return levels.data() + (row * width + column) * channels;
  }
};

/// How images stand in a grid: row by row, with `padding` pixels around each, in a background of one level.
struct GridLayout {
  std::size_t rows = 1, columns = 1, padding = 0;
  std::uint8_t background = 0;
};

/// Images of one size in a grid; places that are left over are background.
Pixels arranged(const std::vector<Pixels>& images, const GridLayout& layout);

/// Each pixel as a square of zoom x zoom.
Pixels enlarged(const Pixels& pixels, std::size_t zoom);

/// Lines of half blocks, two pixels above one another in a character, at most `columns` wide: larger pictures
/// are averaged over squares. In colours of 24 bits, or without any: then greys are dots of an ordered
/// dither.
std::string text_picture(const Pixels& pixels, std::size_t columns, bool colour);

}  // namespace elbo::stdlib
