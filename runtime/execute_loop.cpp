// Runs the loops of a program block by block through the kernel tables, with sums in fixed pieces.
#include <algorithm>
#include <cstring>

#include "runtime/execution_state.hpp"
#include "runtime/operations/strided.hpp"

namespace elbo::runtime {

void ExecutionState::run_loop(LinkedLoop& linked) {
  const Loop& loop = *linked.loop;
  for (std::size_t i = 0; i < loop.sums.size(); ++i) {
    if (linked.sums_in_place[i]) {
      std::memset(linked.targets[i], 0, static_cast<std::size_t>(loop.sums[i].elements * element));
    }
  }
  if (loop.chunks > 1 || loop.tiles || program->precision != Precision::real64) {
    std::memset(linked.scratch.get(), 0, static_cast<std::size_t>(loop.scratch_bytes * loop.chunks));
  }
  const auto run_piece = [&](std::int64_t chunk, int worker) {
    Cursor& cursor = linked.cursors[static_cast<std::size_t>(worker)];
    if (linked.loop->tiles) {
      run_tiles(linked, cursor, chunk);
    } else {
      run_chunk(linked, cursor, chunk);
    }
  };
  if (loop.tiles) pack_columns(linked);
  if (loop.rows * loop.row > 0) {
    if (loop.chunks == 1) {
      run_piece(0, 0);
    } else {
      workers->run(loop.chunks, run_piece);
    }
  }
  if (!loop.sums.empty()) finish_sums(linked);
  if (loop.tiles) finish_products(linked);
}

// The addresses of the cursor's row.
void ExecutionState::place_row(const LinkedLoop& linked, Cursor& cursor) const {
  const Loop& loop = *linked.loop;
  for (std::size_t v = 0; v < loop.views.size(); ++v) {
    std::int64_t offset = 0;
    for (std::size_t d = 0; d < cursor.index.size(); ++d) offset += cursor.index[d] * loop.views[v].strides[d];
    const Location& location = loop.views[v].location;
    cursor.rows[v] = (location.in_tile ? cursor.tile + location.offset : linked.bases[v]) + offset * element;
  }
}

void ExecutionState::run_chunk(LinkedLoop& linked, Cursor& cursor, std::int64_t chunk) const {
  const Loop& loop = *linked.loop;
  const std::int64_t blocks = (loop.row + loop.block - 1) / loop.block;
  const std::int64_t units = loop.rows * blocks;
  const std::int64_t first = units * chunk / loop.chunks, last = units * (chunk + 1) / loop.chunks;
  const std::size_t outer = loop.dims.size() - loop.inner;
  std::byte* const scratch = linked.scratch.get() + chunk * loop.scratch_bytes;
  // place the cursor on the first row of this chunk
  std::int64_t row = first / blocks, rest = row;
  for (std::size_t d = outer; d-- > 0;) {
    cursor.index[d] = rest % loop.dims[d];
    rest /= loop.dims[d];
  }
  place_row(linked, cursor);
  for (std::int64_t unit = first; unit < last; ++unit) {
    const std::int64_t start = (unit % blocks) * loop.block;
    const std::int64_t count = std::min(loop.block, loop.row - start);
    run_block(linked, cursor, row, start, count);
    for (const SumStep& step : loop.sums) add_block(linked, cursor, step, scratch, start, count);
    if (start + count < loop.row || ++row == loop.rows) continue;
    for (std::size_t d = outer; d-- > 0;) {
      if (++cursor.index[d] < loop.dims[d]) break;
      cursor.index[d] = 0;
    }
    place_row(linked, cursor);
  }
}

void ExecutionState::run_block(const LinkedLoop& linked, const Cursor& cursor, std::int64_t row,
                               std::int64_t first, std::int64_t count) const {
  const Loop& loop = *linked.loop;
  const auto address_of = [&](const Lane& lane) -> std::byte* {
    if (lane.is_register) return cursor.registers + lane.index * linked.register_stride;
    const auto v = static_cast<std::size_t>(lane.index);
    const bool stays = loop.views[v].is_uniform || loop.views[v].location.in_tile;
    return cursor.rows[v] + (stays ? 0 : first * element);
  };
  for (const BlockStep& step : loop.steps) {
    if (!step.operation) {
      expand(linked, cursor, step, address_of(step.out), first, count);
      continue;
    }
    Lanes in[3];
    for (int i = 0; i < step.inputs; ++i) {
      const Lane& lane = step.in[i];
      const bool is_one = !lane.is_register && loop.views[static_cast<std::size_t>(lane.index)].is_uniform;
      in[i] = {address_of(lane), is_one ? 0 : 1};
    }
    if (step.random) {
      // every iteration of a recurrence has numbers of its own
      const auto index = static_cast<std::uint64_t>(row * loop.row + first);
      const RandomPosition position{step.seed.value_or(seed), step.stream, step.seed ? 0 : this->step,
                                    iteration * static_cast<std::uint64_t>(loop.rows * loop.row) + index};
      step.random(address_of(step.out), in, count, position);
    } else {
      step.elementwise(address_of(step.out), in, count);
    }
  }
}

namespace {

// Visits the stretches of a block along the innermost dimension: visit(offset in the row, offset of the
// operand, length).
template <class Visit>
void for_each_stretch(const Loop& loop, const std::vector<std::int64_t>& strides, std::int64_t first,
                      std::int64_t count, Visit visit) {
  const std::size_t rank = loop.dims.size();
  const std::int64_t length = loop.dims.back();
  std::int64_t position = first;
  while (position < first + count) {
    std::int64_t rest = position / length;
    const std::int64_t start = position % length;
    std::int64_t offset = start * strides[rank - 1];
    for (std::size_t d = rank - 1; d-- > rank - loop.inner;) {
      offset += rest % loop.dims[d] * strides[d];
      rest /= loop.dims[d];
    }
    const std::int64_t n = std::min(length - start, first + count - position);
    visit(position - first, offset, n);
    position += n;
  }
}

}  // namespace

void ExecutionState::expand(const LinkedLoop& linked, const Cursor& cursor, const BlockStep& step,
                            std::byte* out, std::int64_t first, std::int64_t count) const {
  const Loop& loop = *linked.loop;
  const auto v = static_cast<std::size_t>(step.in[0].index);
  const KernelTable& table = kernels(program->precision);
  for_each_stretch(
      loop, loop.views[v].strides, first, count, [&](std::int64_t to, std::int64_t from, std::int64_t n) {
        table.load(out + to * element, cursor.rows[v] + from * element, loop.views[v].strides.back(), n);
      });
}

void ExecutionState::add_block(const LinkedLoop& linked, const Cursor& cursor, const SumStep& step,
                               std::byte* scratch, std::int64_t first, std::int64_t count) const {
  const Loop& loop = *linked.loop;
  const KernelTable& table = kernels(program->precision);
  const auto s = static_cast<std::size_t>(&step - loop.sums.data());
  std::byte* target = linked.sums_in_place[s] ? linked.targets[s] : scratch + step.scratch_offset;
  std::int64_t outer = 0;
  for (std::size_t d = 0; d < cursor.index.size(); ++d) outer += cursor.index[d] * step.strides[d];
  const std::byte* values = cursor.registers + step.in.index * linked.register_stride;
  if (!step.in.is_register) {
    const auto v = static_cast<std::size_t>(step.in.index);
    values = cursor.rows[v] + (loop.views[v].location.in_tile ? 0 : first * element);
  }
  // Rows that are summed add to doubles; rows that are kept add elementwise in the number type.
  for_each_stretch(loop, step.strides, first, count, [&](std::int64_t from, std::int64_t to, std::int64_t n) {
    const std::byte* row = values + from * element;
    if (!step.accumulates_rows) {
      table.sum(reinterpret_cast<double*>(target) + outer + to, row, n);
    } else if (step.strides.back() == 1) {
      table.accumulate(target + (outer + to) * element, row, n);
    } else {
      for (std::int64_t i = 0; i < n; ++i) {
        table.accumulate(target + (outer + to + i * step.strides.back()) * element, row + i * element, 1);
      }
    }
  });
}

void ExecutionState::finish_sums(LinkedLoop& linked) const {
  const Loop& loop = *linked.loop;
  for (std::size_t s = 0; s < loop.sums.size(); ++s) {
    if (linked.sums_in_place[s]) continue;
    const SumStep& step = loop.sums[s];
    with_number_type(program->precision, [&](auto zero) {
      using T = decltype(zero);
      T* target = reinterpret_cast<T*>(linked.targets[s]);
      for (std::int64_t i = 0; i < step.elements; ++i) {
        double total = 0;
        for (std::int64_t chunk = 0; chunk < loop.chunks; ++chunk) {
          const std::byte* part = linked.scratch.get() + chunk * loop.scratch_bytes + step.scratch_offset;
          total += step.accumulates_rows ? static_cast<double>(reinterpret_cast<const T*>(part)[i])
                                         : reinterpret_cast<const double*>(part)[i];
        }
        target[i] = static_cast<T>(total);
      }
    });
  }
}

}  // namespace elbo::runtime
