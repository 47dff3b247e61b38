// Convolutions as matrix products: the entries of windows (rows) by windows (columns) are written out as a
// matrix tile by tile ("im2col"; Chellapilla, Puri, Simard 2006), in buffers of fixed size on the stack.
// Where one weight serves many images, their windows share tiles, so that small images make no small
// products.
#include "runtime/operations/convolution_rules.hpp"

#include <algorithm>

#include "runtime/operations/block_product.hpp"
#include "runtime/operations/strided.hpp"
#include "runtime/windows.hpp"

namespace elbo::runtime {

namespace {

// Elements of a buffer, and the most outputs, entries and windows of a tile: any two of them fit a buffer.
constexpr std::int64_t capacity = 32768, most_outputs = 64, most_entries = 512, most_windows = 512;
// The same of entries where tiles are shared out by them.
constexpr std::int64_t most_shared_entries = 64;
// From this many windows on, an image has tiles of its own, which are read and written in place.
constexpr std::int64_t enough_windows = 64;
// Most places of entries of windows that are looked up rather than counted.
constexpr std::int64_t most_places = 4096;

/// One of the three values: its memory, its strides along the batch, and those of its last dimensions.
template <class T>
struct Operand {
  T* data;
  const View* view;
  std::size_t rank;  ///< of its last dimensions: 3, of weights 4

  std::int64_t stride(std::size_t k) const { return view->strides[view->strides.size() - rank + k]; }
  std::int64_t dim(std::size_t k) const { return view->dims[view->dims.size() - rank + k]; }
};

template <class T>
class Convolution {
 public:
  Convolution(const RunContext& context, const View& image, const View& grid, const View& weight)
      : windows_(to_windows(context.attributes->integers)),
        groups_(context.attributes->integers[windows_length]),
        piece_(context.piece),
        pieces_(context.pieces),
        image_{static_cast<T*>(image.data), &image, 3},
        grid_{static_cast<T*>(grid.data), &grid, 3},
        weight_{static_cast<T*>(weight.data), &weight, 4} {
    const Extent extent = windows_.grid();
    rows_ = extent[0];
    columns_ = extent[1];
    entries_ = weight_.dim(1) * weight_.dim(2) * weight_.dim(3);
    outputs_ = weight_.dim(0) / groups_;
    is_dense_weight_ = weight_.stride(3) == 1 && weight_.stride(2) == weight_.dim(3) &&
                       weight_.stride(1) == weight_.dim(2) * weight_.dim(3);
    is_dense_grid_ = grid_.stride(2) == 1 && grid_.stride(1) == columns_;
    arrange_batch();
    find_pixels();
  }

  // Tiles of other images write elsewhere, so that each thread takes some of them.
  void forward() {
    for_each_tile(
        most_entries, [&](std::int64_t unit) { return unit % pieces_ == piece_; },
        [&] {
          unfold();
          for_outputs([&](std::int64_t o, std::int64_t n) {
            const bool is_first = first_entry_ == 0, directly = in_place_ && is_first;
            T* const to = directly ? grid_at(o) : stage_;
            multiply(to, directly ? grid_.stride(0) : count_, weight_block(o, n), tile(),
                     {n, count_, entry_count_});
            if (directly) return;
            for_grid(o, n, [&](const T* stage, T* at, std::int64_t length, std::int64_t step) {
              for (std::int64_t i = 0; i < length; ++i)
                at[i * step] = is_first ? stage[i] : at[i * step] + stage[i];
            });
          });
        });
  }

  void transpose() {
    for_each_tile(
        most_entries, [&](std::int64_t unit) { return unit % pieces_ == piece_; },
        [&] {
          if (first_entry_ == 0 && row_ == 0 && column_ == 0) clear_images();
          for_outputs([&](std::int64_t o, std::int64_t n) {
            MatrixOperand weights = weight_block(o, n);
            weights.by_columns = true;
            multiply(o == 0 ? tile_ : product_, count_, weights, read_grid(o, n), {entry_count_, count_, n});
            if (o == 0) return;
            for (std::int64_t i = 0; i < entry_count_ * count_; ++i) tile_[i] += product_[i];
          });
          fold();
        });
  }

  // Sums over images are not shared out, but columns of the weights are.
  void weights() {
    if (piece_ == 0 && pieces_ == 1) clear_weights(0, entries_);
    for (std::int64_t r = 0; pieces_ > 1 && r < entries_; r += most_shared_entries) {
      if (is_own_entries(r)) clear_weights(r, std::min(most_shared_entries, entries_ - r));
    }
    for_each_tile(
        most_shared_entries, [](std::int64_t) { return true; },
        [&] {
          if (!is_own_entries(first_entry_)) return;
          unfold();
          for_outputs([&](std::int64_t o, std::int64_t n) {
            MatrixOperand windows = tile();
            windows.by_columns = true;
            multiply(product_, entry_count_, read_grid(o, n), windows, {n, entry_count_, count_});
            for (std::int64_t k = 0; k < n; ++k) {
              T* const to = factors_ + (o + k) * weight_.stride(0) + first_entry_;
              for (std::int64_t i = 0; i < entry_count_; ++i) to[i] += product_[k * entry_count_ + i];
            }
          });
        });
  }

 private:
  bool is_own_entries(std::int64_t first) const { return first / most_shared_entries % pieces_ == piece_; }

  // Of every output (and element of the batch) these entries; the weights are dense.
  void clear_weights(std::int64_t first, std::int64_t count) {
    std::int64_t outputs = 1;
    for (const std::int64_t size : weight_.view->dims) outputs *= size;
    outputs = entries_ == 0 ? 0 : outputs / entries_;
    for (std::int64_t o = 0; o < outputs; ++o) std::fill_n(weight_.data + o * entries_ + first, count, T{0});
  }

  // Of the images whose windows the tile begins with, the channels of the group.
  void clear_images() {
    const std::int64_t size = rows_ * columns_;
    const std::int64_t images = size >= enough_windows ? 1 : count_ / size;
    for (std::int64_t k = 0; k < images; ++k) {
      std::fill_n(pixels_ + (number_ + k) * next_image_, weight_.dim(1) * image_.stride(0), T{0});
    }
  }

  // ---- the batch: axes, and dimensions in front
  // ----------------------------------------------------------------------------------

  // The longest of its dimensions along which the weight stays is that of the images that share tiles.
  void arrange_batch() {
    const View &image = *image_.view, &grid = *grid_.view, &weight = *weight_.view;
    const View& widest = image.axes >= grid.axes ? image : grid;
    const std::size_t axes = widest.axes, in_front = image.dims.size() - image.axes - 3;
    const auto along = [&](const View& view, std::size_t i) {
      return i < view.axes ? view.strides[i] : std::int64_t{0};
    };
    const auto sizes = [&](std::size_t i) {
      return i < axes ? widest.dims[i] : image.dims[image.axes + i - axes];
    };
    const auto strides = [&](std::size_t i) {
      if (i < axes) return std::array{along(image, i), along(grid, i), along(weight, i)};
      return std::array{image.strides[image.axes + i - axes], grid.strides[grid.axes + i - axes],
                        std::int64_t{0}};
    };
    std::size_t shared = axes + in_front;  // none yet
    for (std::size_t i = 0; i < axes + in_front; ++i) {
      if (sizes(i) < 2 || strides(i)[2] != 0) continue;
      if (shared == axes + in_front || sizes(i) > sizes(shared)) shared = i;
    }
    for (std::size_t i = 0; i < axes + in_front; ++i) {
      const auto [of_image, of_grid, of_weight] = strides(i);
      if (i == shared) {
        images_ = sizes(i);
        next_image_ = of_image;
        next_grid_ = of_grid;
      } else {
        batch_.add(sizes(i), of_image, of_grid, of_weight);
      }
    }
  }

  // Calls body() for every tile with up to `most` entries, of every group and element of the batch, in whose
  // unit (numbered in order: an image, or those that share a tile) is_own says so.
  template <class IsOwn, class Body>
  void for_each_tile(std::int64_t most, IsOwn is_own, Body body) {
    if (images_ == 0 || entries_ == 0 || outputs_ == 0) return;
    const std::int64_t total = images_ * rows_ * columns_;
    std::int64_t unit = -1;
    batch_.run([&](std::int64_t i, std::int64_t g, std::int64_t w) {
      for (std::int64_t group = 0; group < groups_; ++group) {
        pixels_ = image_.data + i + group * weight_.dim(1) * image_.stride(0);
        places_ = grid_.data + g + group * outputs_ * grid_.stride(0);
        factors_ = weight_.data + w + group * outputs_ * weight_.stride(0);
        for (std::int64_t q = 0; q < total; q += count_) {
          place_tile(q, total);
          if (row_ == 0 && column_ == 0) ++unit;
          if (!is_own(unit)) continue;
          for (std::int64_t r = 0; r < entries_; r += most) {
            first_entry_ = r;
            entry_count_ = std::min(most, entries_ - r);
            body();
          }
        }
      }
    });
  }

  void place_tile(std::int64_t first, std::int64_t total) {
    const std::int64_t size = rows_ * columns_, at = first % size;
    const std::int64_t room = std::min(most_windows, capacity / std::min(entries_, most_entries));
    count_ = std::min(total - first, size >= enough_windows ? std::min(room, size - at) : room / size * size);
    number_ = first / size;
    row_ = at / columns_;
    column_ = at % columns_;
    in_place_ = is_dense_grid_ && at + count_ <= size;
  }

  template <class Body>
  void for_outputs(Body body) {
    for (std::int64_t o = 0; o < outputs_; o += most_outputs) body(o, std::min(most_outputs, outputs_ - o));
  }

  // Calls visit(column of the tile, number of windows, image, row and column of the grid) for every piece of
  // a row of the grid in the tile.
  template <class Visit>
  void for_pieces(Visit visit) const {
    std::int64_t image = number_, row = row_, column = column_;
    for (std::int64_t done = 0; done < count_;) {
      const std::int64_t length = std::min(count_ - done, columns_ - column);
      visit(done, length, image, row, column);
      done += length;
      column = 0;
      if (++row == rows_) {
        row = 0;
        ++image;
      }
    }
  }

  // ---- windows to columns
  // ----------------------------------------------------------------------------------------

  // Calls visit(entries in the tile, their number, first pixel or null, step from pixel to pixel, the first
  // and past the last entry that the image has) for every entry of a window and every piece.
  template <class Visit>
  void for_entries(Visit visit) {
    const auto [height, width] = windows_.size;
    for (std::int64_t k = 0; k < entry_count_; ++k) {
      const std::int64_t r = first_entry_ + k, channel = r / (height * width);
      const std::int64_t down = r / width % height * windows_.dilation[0] - windows_.before[0];
      const std::int64_t across = r % width * windows_.dilation[1] - windows_.before[1];
      T* const to = tile_ + k * count_;
      T* const plane = pixels_ + channel * image_.stride(0);
      for_pieces([&](std::int64_t at, std::int64_t length, std::int64_t image, std::int64_t row,
                     std::int64_t column) {
        const std::int64_t y = row * windows_.stride[0] + down, x = column * windows_.stride[1] + across;
        const std::int64_t step = windows_.stride[1];
        if (y < 0 || y >= windows_.image[0]) {
          visit(to + at, length, plane, 0, 0, 0);
          return;
        }
        const std::int64_t first = x >= 0 ? 0 : std::min(length, (-x + step - 1) / step);
        const std::int64_t last =
            x >= windows_.image[1] ? 0 : std::min(length, (windows_.image[1] - 1 - x) / step + 1);
        T* const pixel =
            plane + image * next_image_ + y * image_.stride(1) + (x + first * step) * image_.stride(2);
        visit(to + at, length, pixel, step * image_.stride(2), first, std::max(first, last));
      });
    }
  }

  // Of small grids, the place in an image of every entry of every window; -1 where the image has none.
  void find_pixels() {
    const auto [height, width] = windows_.size;
    const std::int64_t size = rows_ * columns_;
    looks_up_ = size < enough_windows && height * width * size <= most_places;
    if (!looks_up_) return;
    for (std::int64_t k = 0; k < height * width * size; ++k) {
      const std::int64_t entry = k / size, window = k % size;
      const std::int64_t y =
          window / columns_ * windows_.stride[0] - windows_.before[0] + entry / width * windows_.dilation[0];
      const std::int64_t x =
          window % columns_ * windows_.stride[1] - windows_.before[1] + entry % width * windows_.dilation[1];
      const bool is_inside = y >= 0 && y < windows_.image[0] && x >= 0 && x < windows_.image[1];
      pixel_of_[k] = is_inside ? y * image_.stride(1) + x * image_.stride(2) : -1;
    }
  }

  // Calls visit(windows in the tile, their pixels' places, image) for every entry and image.
  template <class Visit>
  void for_images(Visit visit) {
    const std::int64_t size = rows_ * columns_, area = windows_.size[0] * windows_.size[1];
    for (std::int64_t k = 0; k < entry_count_; ++k) {
      const std::int64_t r = first_entry_ + k;
      T* const plane = pixels_ + r / area * image_.stride(0) + number_ * next_image_;
      for (std::int64_t i = 0; i < count_ / size; ++i)
        visit(tile_ + k * count_ + i * size, pixel_of_ + r % area * size, plane + i * next_image_);
    }
  }

  void unfold() {
    if (looks_up_) {
      for_images([size = rows_ * columns_](T* to, const std::int64_t* place, const T* image) {
        for (std::int64_t i = 0; i < size; ++i) to[i] = place[i] < 0 ? T{0} : image[place[i]];
      });
      return;
    }
    for_entries([](T* to, std::int64_t length, const T* from, std::int64_t step, std::int64_t first,
                   std::int64_t last) {
      std::fill(to, to + first, T{0});
      if (step == 1) {
        std::copy(from, from + (last - first), to + first);
      } else {
        for (std::int64_t i = first; i < last; ++i) to[i] = from[(i - first) * step];
      }
      std::fill(to + last, to + length, T{0});
    });
  }

  void fold() {
    if (looks_up_) {
      for_images([size = rows_ * columns_](const T* from, const std::int64_t* place, T* image) {
        for (std::int64_t i = 0; i < size; ++i) {
          if (place[i] >= 0) image[place[i]] += from[i];
        }
      });
      return;
    }
    for_entries(
        [](const T* from, std::int64_t, T* to, std::int64_t step, std::int64_t first, std::int64_t last) {
          for (std::int64_t i = first; i < last; ++i) to[(i - first) * step] += from[i];
        });
  }

  // ---- matrices
  // --------------------------------------------------------------------------------------------------

  MatrixOperand tile() const { return {tile_, count_, false}; }

  // The grid's part of the tile, where it lies in one piece.
  T* grid_at(std::int64_t output) const {
    return places_ + output * grid_.stride(0) + number_ * next_grid_ + row_ * columns_ + column_;
  }

  template <class Move>
  void for_grid(std::int64_t output, std::int64_t outputs, Move move) {
    for (std::int64_t k = 0; k < outputs; ++k) {
      T* const plane = places_ + (output + k) * grid_.stride(0);
      for_pieces([&](std::int64_t at, std::int64_t length, std::int64_t image, std::int64_t row,
                     std::int64_t column) {
        move(stage_ + k * count_ + at,
             plane + image * next_grid_ + row * grid_.stride(1) + column * grid_.stride(2), length,
             grid_.stride(2));
      });
    }
  }

  MatrixOperand read_grid(std::int64_t output, std::int64_t outputs) {
    if (in_place_) return {grid_at(output), grid_.stride(0), false};
    for_grid(output, outputs, [](T* stage, const T* from, std::int64_t length, std::int64_t step) {
      for (std::int64_t i = 0; i < length; ++i) stage[i] = from[i * step];
    });
    return {stage_, count_, false};
  }

  // Of these outputs, the tile's entries.
  MatrixOperand weight_block(std::int64_t output, std::int64_t outputs) {
    const T* const from = factors_ + output * weight_.stride(0);
    if (is_dense_weight_) return {from + first_entry_, weight_.stride(0), false};
    const std::int64_t height = weight_.dim(2), width = weight_.dim(3);
    for (std::int64_t k = 0; k < outputs * entry_count_; ++k) {
      const std::int64_t r = first_entry_ + k % entry_count_;
      copied_[k] = from[k / entry_count_ * weight_.stride(0) + r / (height * width) * weight_.stride(1) +
                        r / width % height * weight_.stride(2) + r % width * weight_.stride(3)];
    }
    return {copied_, entry_count_, false};
  }

  const Windows windows_;
  const std::int64_t groups_, piece_, pieces_;
  Operand<T> image_, grid_, weight_;
  std::int64_t rows_, columns_;     // of the grid
  std::int64_t entries_, outputs_;  // of a group
  bool is_dense_weight_, is_dense_grid_;

  StridedTriple batch_;  // image, grid, weight
  std::int64_t images_ = 1, next_image_ = 0, next_grid_ = 0;

  // the tile: windows from (image, row, column) on
  std::int64_t number_ = 0, row_ = 0, column_ = 0, count_ = 0;
  std::int64_t first_entry_ = 0, entry_count_ = 0;
  bool in_place_ = false, looks_up_ = false;
  T *pixels_ = nullptr, *places_ = nullptr, *factors_ = nullptr;
  std::int64_t pixel_of_[most_places];
  alignas(64) T tile_[capacity];
  alignas(64) T stage_[capacity];
  alignas(64) T copied_[capacity];
  alignas(64) T product_[capacity];
};

}  // namespace

void run_convolve(const RunContext& context) {
  with_number_type(context.precision, [&](auto zero) {
    Convolution<decltype(zero)>(context, context.inputs[0], *context.output, context.inputs[1]).forward();
  });
}

void run_convolve_transpose(const RunContext& context) {
  with_number_type(context.precision, [&](auto zero) {
    Convolution<decltype(zero)>(context, *context.output, context.inputs[0], context.inputs[1]).transpose();
  });
}

void run_convolve_weight(const RunContext& context) {
  with_number_type(context.precision, [&](auto zero) {
    Convolution<decltype(zero)>(context, context.inputs[0], context.inputs[1], *context.output).weights();
  });
}

}  // namespace elbo::runtime
