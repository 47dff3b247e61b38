// Arranging and enlarging of pixels.
#include "stdlib/pictures/pixels.hpp"

#include <algorithm>

namespace elbo::stdlib {

namespace {

void copy_into(const Pixels& image, std::size_t top, std::size_t left, Pixels& page) {
  for (std::size_t row = 0; row < image.height; ++row) {
    const std::uint8_t* from = image.at(row, 0);
    std::copy(from, from + image.width * image.channels, page.at(top + row, left));
  }
}

}  // namespace

Pixels arranged(const std::vector<Pixels>& images, const GridLayout& layout) {
  const Pixels& first = images.front();
  const std::size_t down = first.height + layout.padding, across = first.width + layout.padding;
  Pixels page(layout.rows * down + layout.padding, layout.columns * across + layout.padding, first.channels,
              layout.background);
  for (std::size_t i = 0; i < images.size(); ++i) {
    copy_into(images[i], layout.padding + i / layout.columns * down,
              layout.padding + i % layout.columns * across, page);
  }
  return page;
}

Pixels enlarged(const Pixels& pixels, std::size_t zoom) {
  if (zoom == 1) return pixels;
  Pixels result(pixels.height * zoom, pixels.width * zoom, pixels.channels, 0);
  for (std::size_t row = 0; row < result.height; ++row) {
    for (std::size_t column = 0; column < result.width; ++column) {
      const std::uint8_t* from = pixels.at(row / zoom, column / zoom);
      std::copy(from, from + pixels.channels, result.at(row, column));
    }
  }
  return result;
}

}  // namespace elbo::stdlib
