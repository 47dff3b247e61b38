// The second half of a loop's plan, from its operands and steps to rows, registers and blocks: dimensions are
// joined, operands that are not rows get expanded, registers are shared, and the work is cut into pieces.
#include <algorithm>

#include "runtime/plan.hpp"

namespace elbo::runtime {

namespace {

// Rows shorter than this are not worth a pass of their own: blocks then span rows and operands are expanded.
constexpr std::int64_t shortest_row = 48;
// Registers of a loop should stay in the first-level cache together.
constexpr std::int64_t register_bytes = 24 * 1024;
// One piece of work for a thread; fixed, so that sums are formed in the same pieces for any number of
// threads.
constexpr std::int64_t chunk_elements = 1 << 16;

// Neighbouring dimensions over which every operand moves evenly are one dimension.
void coalesce(Loop& loop) {
  std::vector<std::vector<std::int64_t>*> operands;
  for (LoopView& view : loop.views) operands.push_back(&view.strides);
  for (SumStep& step : loop.sums) operands.push_back(&step.strides);
  const auto drop = [&](std::size_t d) {
    loop.dims.erase(loop.dims.begin() + static_cast<std::ptrdiff_t>(d));
    for (auto* strides : operands) strides->erase(strides->begin() + static_cast<std::ptrdiff_t>(d));
  };
  for (std::size_t d = loop.dims.size(); d-- > 0;) {
    if (loop.dims[d] == 1 && loop.dims.size() > 1) drop(d);
  }
  // the rows of a tiled loop stay a dimension of their own
  for (std::size_t d = loop.dims.size() - (loop.tiles ? 1 : 0); d-- > 1;) {
    const bool even = std::all_of(operands.begin(), operands.end(), [&](const auto* strides) {
      return (*strides)[d - 1] == (*strides)[d] * loop.dims[d];
    });
    if (!even) continue;
    loop.dims[d - 1] *= loop.dims[d];
    for (auto* strides : operands) (*strides)[d - 1] = (*strides)[d];
    drop(d);
  }
  if (loop.dims.empty()) {
    loop.dims = {1};
    for (auto* strides : operands) *strides = {0};
    for (LoopView& view : loop.views) view.strides = {1};
  }
}

void shape_rows(Loop& loop) {
  const std::size_t rank = loop.dims.size();
  loop.inner = rank > 1 && loop.dims.back() < shortest_row && !loop.tiles ? rank : 1;
  loop.rows = loop.row = 1;
  for (std::size_t d = 0; d < rank; ++d) (d < rank - loop.inner ? loop.rows : loop.row) *= loop.dims[d];
  for (LoopView& view : loop.views) {
    view.is_dense = view.is_uniform = true;
    std::int64_t expected = 1;
    for (std::size_t d = rank; d-- > rank - loop.inner;) {
      view.is_uniform = view.is_uniform && view.strides[d] == 0;
      view.is_dense = view.is_dense && view.strides[d] == expected;
      expected *= loop.dims[d];
    }
    if (loop.row == 1) view.is_uniform = false, view.is_dense = true;
  }
  for (SumStep& step : loop.sums) step.accumulates_rows = step.strides.back() != 0;
}

// An operand that is neither dense nor uniform along a row is copied into a register first, once per block.
// A sum wants a row of values, so a uniform operand is spread out for it too.
void expand_views(Loop& loop) {
  std::vector<int> expanded(loop.views.size(), -1);
  std::vector<BlockStep> steps;
  const auto expand = [&](Lane& lane, bool also_uniform) {
    if (lane.is_register) return;
    const LoopView& view = loop.views[static_cast<std::size_t>(lane.index)];
    if (view.is_dense || (view.is_uniform && !also_uniform)) return;
    int& target = expanded[static_cast<std::size_t>(lane.index)];
    if (target < 0) {
      target = loop.registers++;
      BlockStep copy;
      copy.inputs = 1;
      copy.in[0] = lane;
      copy.out = {true, target};
      steps.push_back(copy);
    }
    lane = {true, target};
  };
  for (BlockStep& step : loop.steps) {
    for (int i = 0; i < step.inputs; ++i) expand(step.in[i], false);
    steps.push_back(step);
  }
  for (SumStep& step : loop.sums) expand(step.in, true);
  loop.steps = std::move(steps);
}

// Virtual registers to few: a register is free again after the last step that reads it.
void assign_registers(Loop& loop) {
  std::vector<std::size_t> last(static_cast<std::size_t>(loop.registers), 0);
  for (std::size_t s = 0; s < loop.steps.size(); ++s) {
    for (int i = 0; i < loop.steps[s].inputs; ++i) {
      if (loop.steps[s].in[i].is_register) last[static_cast<std::size_t>(loop.steps[s].in[i].index)] = s;
    }
  }
  for (const SumStep& step : loop.sums) {
    if (step.in.is_register) last[static_cast<std::size_t>(step.in.index)] = loop.steps.size();
  }
  std::vector<int> physical(last.size(), -1), free;
  int count = 0;
  const auto rename = [&](Lane& lane) {
    if (lane.is_register) lane.index = physical[static_cast<std::size_t>(lane.index)];
  };
  for (std::size_t s = 0; s < loop.steps.size(); ++s) {
    BlockStep& step = loop.steps[s];
    std::vector<int> ended;
    for (int i = 0; i < step.inputs; ++i) {
      if (!step.in[i].is_register) continue;
      const auto v = static_cast<std::size_t>(step.in[i].index);
      if (last[v] == s && std::find(ended.begin(), ended.end(), physical[v]) == ended.end())
        ended.push_back(physical[v]);
    }
    for (int i = 0; i < step.inputs; ++i) rename(step.in[i]);
    free.insert(free.end(), ended.begin(),
                ended.end());  // an output may overwrite an input: kernels allow it
    if (step.out.is_register) {
      const auto v = static_cast<std::size_t>(step.out.index);
      if (free.empty()) free.push_back(count++);
      physical[v] = free.back();
      free.pop_back();
      rename(step.out);
      if (last[v] == 0 && s > 0) free.push_back(physical[v]);  // never read
    }
  }
  for (SumStep& step : loop.sums) rename(step.in);
  loop.registers = count;
}

// Of a tiled loop the block is given. Eight products of numbers count as one element.
std::int64_t work_of(const Loop& loop) {
  std::int64_t per_row = loop.rows;
  if (loop.tiles) {
    for (const TileProduct& p : loop.tiles->products) per_row += p.width * p.columns / 8;
  }
  return per_row * loop.row;
}

// Packed columns and partial sums of the products of a tiled loop.
void size_products(Tiles& tiles, std::int64_t& scratch, Precision precision) {
  for (TileProduct& p : tiles.products) {
    std::int64_t& bytes = p.is_transposed ? scratch : tiles.packed_bytes;
    p.offset = bytes;
    bytes += (p.width * p.columns * (p.is_transposed ? 8 : element_bytes(precision)) + 63) / 64 * 64;
  }
}

void size_blocks(Loop& loop, Precision precision) {
  if (!loop.tiles) {
    const std::int64_t per_element = element_bytes(precision) * std::max(1, loop.registers);
    loop.block = std::clamp<std::int64_t>(register_bytes / per_element / 64 * 64, 128, 1024);
  }
  loop.block = std::max<std::int64_t>(1, std::min(loop.block, loop.row));
  loop.chunks = std::clamp<std::int64_t>(work_of(loop) / chunk_elements, 1, 64);
  std::int64_t scratch = 0;
  if (loop.tiles) size_products(*loop.tiles, scratch, precision);
  for (SumStep& step : loop.sums) {
    step.scratch_offset = scratch;
    scratch += (step.elements * 8 + 63) / 64 * 64;
  }
  loop.scratch_bytes = scratch;
  // Partial sums of many outputs would cost more memory than the threads are worth.
  if (loop.scratch_bytes * loop.chunks > (std::int64_t{1} << 24)) loop.chunks = 1;
}

}  // namespace

void finish_loop(Loop& loop, Precision precision) {
  coalesce(loop);
  shape_rows(loop);
  expand_views(loop);
  assign_registers(loop);
  size_blocks(loop, precision);
}

}  // namespace elbo::runtime
