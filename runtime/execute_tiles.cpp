// Runs tiled loops: block by block of the rows, first the products with the columns, then the loop's steps
// and sums for all indices of the other dimensions, then the transposed products, while the block's part of
// the matrix is in the cache. Chunks of blocks and the order in which their sums are combined are fixed by
// size.
#include <algorithm>

#include "runtime/execution_state.hpp"
#include "runtime/operations/strided.hpp"

namespace elbo::runtime {

void ExecutionState::link_tiles(LinkedLoop& linked) const {
  const Tiles& tiles = *linked.loop->tiles;
  linked.tiles = aligned_bytes(tiles.bytes * workers->count());
  linked.packed = aligned_bytes(tiles.packed_bytes);
  for (std::size_t t = 0; t < linked.cursors.size(); ++t) {
    linked.cursors[t].tile = linked.tiles.get() + static_cast<std::int64_t>(t) * tiles.bytes;
  }
  for (const TileProduct& p : tiles.products) {
    linked.products.push_back(
        {address(p.rows), p.value.in_tile ? nullptr : address(p.value), address(p.matrix)});
  }
}

// In the order that the kernel asks for.
void ExecutionState::pack_columns(LinkedLoop& linked) const {
  with_number_type(program->precision, [&](auto zero) {
    using T = decltype(zero);
    constexpr std::int64_t panel = product_panel_bytes / static_cast<std::int64_t>(sizeof(T));
    for (std::size_t i = 0; i < linked.products.size(); ++i) {
      const TileProduct& p = linked.loop->tiles->products[i];
      if (p.is_transposed) continue;
      const T* from = reinterpret_cast<const T*>(linked.products[i].matrix);
      T* to = reinterpret_cast<T*>(linked.packed.get() + p.offset);
      for (std::int64_t c = 0; c < p.columns; ++c) {
        const bool in_panel = c < p.columns / panel * panel;
        const T* column = from + p.at[static_cast<std::size_t>(c)];
        T* first = to + (in_panel ? c / panel * panel * p.width + c % panel : c * p.width);
        for (std::int64_t k = 0; k < p.width; ++k) first[in_panel ? k * panel : k] = column[k * p.step];
      }
    }
  });
}

void ExecutionState::run_tiles(LinkedLoop& linked, Cursor& cursor, std::int64_t chunk) const {
  const Loop& loop = *linked.loop;
  const std::int64_t blocks = (loop.row + loop.block - 1) / loop.block;
  std::byte* const scratch = linked.scratch.get() + chunk * loop.scratch_bytes;
  for (std::int64_t b = blocks * chunk / loop.chunks; b < blocks * (chunk + 1) / loop.chunks; ++b) {
    const std::int64_t first = b * loop.block, count = std::min(loop.block, loop.row - first);
    run_products(linked, cursor, false, chunk, first, count);
    std::fill(cursor.index.begin(), cursor.index.end(), 0);
    for (std::int64_t row = 0; row < loop.rows; ++row) {
      place_row(linked, cursor);
      run_block(linked, cursor, row, first, count);
      for (const SumStep& step : loop.sums) add_block(linked, cursor, step, scratch, first, count);
      for (std::size_t d = cursor.index.size(); d-- > 0;) {
        if (++cursor.index[d] < loop.dims[d]) break;
        cursor.index[d] = 0;
      }
    }
    run_products(linked, cursor, true, chunk, first, count);
  }
}

void ExecutionState::run_products(const LinkedLoop& linked, const Cursor& cursor, bool transposed,
                                  std::int64_t chunk, std::int64_t first, std::int64_t count) const {
  const KernelTable& table = kernels(program->precision);
  for (std::size_t i = 0; i < linked.products.size(); ++i) {
    const TileProduct& p = linked.loop->tiles->products[i];
    if (p.is_transposed != transposed) continue;
    const std::byte* rows = linked.products[i].rows + first * p.row_stride * element;
    std::byte* value =
        p.value.in_tile ? cursor.tile + p.value.offset : linked.products[i].value + first * element;
    const ProductShape shape{count, p.width, p.row_stride, p.columns, p.column_step};
    if (transposed) {
      std::byte* total = linked.scratch.get() + chunk * linked.loop->scratch_bytes + p.offset;
      table.transposed_products(reinterpret_cast<double*>(total), rows, value, shape);
    } else {
      table.row_products(value, rows, linked.packed.get() + p.offset, shape);
    }
  }
}

void ExecutionState::finish_products(const LinkedLoop& linked) const {
  const Loop& loop = *linked.loop;
  for (std::size_t i = 0; i < linked.products.size(); ++i) {
    const TileProduct& p = loop.tiles->products[i];
    if (!p.is_transposed) continue;
    with_number_type(program->precision, [&](auto zero) {
      using T = decltype(zero);
      T* target = reinterpret_cast<T*>(linked.products[i].matrix);
      for (std::int64_t c = 0; c < p.columns; ++c) {
        for (std::int64_t k = 0; k < p.width; ++k) {
          double total = 0;
          for (std::int64_t chunk = 0; chunk < loop.chunks; ++chunk) {
            const std::byte* part = linked.scratch.get() + chunk * loop.scratch_bytes + p.offset;
            total += reinterpret_cast<const double*>(part)[c * p.width + k];
          }
          target[p.at[static_cast<std::size_t>(c)] + k * p.step] = static_cast<T>(total);
        }
      }
    });
  }
}

}  // namespace elbo::runtime
