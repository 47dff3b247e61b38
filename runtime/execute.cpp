// Runs a planned program: loops block by block through the kernel tables, sums in fixed pieces, whole-array
// operations one by one. After an Execution is made nothing is allocated.
#include <algorithm>
#include <cstring>
#include <new>

#include "lang/diagnostic.hpp"
#include "runtime/operations/strided.hpp"
#include "runtime/plan.hpp"
#include "runtime/workers.hpp"

namespace elbo::runtime {

namespace {

struct AlignedDelete {
  void operator()(std::byte* p) const { ::operator delete[](p, std::align_val_t{64}); }
};
using AlignedBytes = std::unique_ptr<std::byte[], AlignedDelete>;

// Room for the widest vector past the end: kernels may be given any tail, but memory stays aligned and
// padded.
AlignedBytes aligned_bytes(std::int64_t bytes) {
  const auto size = static_cast<std::size_t>(bytes) + 64;
  AlignedBytes memory(static_cast<std::byte*>(::operator new[](size, std::align_val_t{64})));
  std::memset(memory.get(), 0, size);
  return memory;
}

// The state of one thread inside one loop.
struct Cursor {
  std::byte* registers = nullptr;
  std::vector<std::byte*> rows;     // current row of each view
  std::vector<std::int64_t> index;  // of the outer dimensions
};

struct LinkedLoop {
  const Loop* loop;
  std::vector<std::byte*> bases;    // of the views
  std::vector<std::byte*> targets;  // of the sums
  std::vector<bool> sums_in_place;  // one chunk of doubles: added up in the target itself
  AlignedBytes scratch;
  std::vector<Cursor> cursors;  // one per thread
  std::int64_t register_stride;
};

}  // namespace

struct Execution::State {
  std::shared_ptr<const Program> program;
  AlignedBytes arena;
  AlignedBytes registers;
  std::vector<LinkedLoop> loops;
  std::vector<Whole> wholes;
  std::vector<std::vector<double>> outputs;  // of what is not dense double memory
  Workers workers;
  std::uint64_t seed = 0;
  std::uint32_t step = 0;
  std::int64_t element;

  State(std::shared_ptr<const Program> p, int threads) : program(std::move(p)), workers(threads) {}

  std::byte* address(const Location& location) const {
    return location.is_constant ? const_cast<std::byte*>(program->constants.data()) + location.offset
                                : arena.get() + location.offset;
  }

  void link();
  void link_loop(const Loop& loop);
  void run_loop(LinkedLoop& linked);
  void run_chunk(LinkedLoop& linked, Cursor& cursor, std::int64_t chunk) const;
  void run_block(const LinkedLoop& linked, const Cursor& cursor, std::int64_t row, std::int64_t first,
                 std::int64_t count) const;
  void expand(const LinkedLoop& linked, const Cursor& cursor, const BlockStep& step, std::byte* out,
              std::int64_t first, std::int64_t count) const;
  void add_block(const LinkedLoop& linked, const Cursor& cursor, const SumStep& step, std::byte* scratch,
                 std::int64_t first, std::int64_t count) const;
  void finish_sums(LinkedLoop& linked) const;
};

// ---- linking
// ---------------------------------------------------------------------------------------------------------

void Execution::State::link() {
  element = element_bytes(program->precision);
  arena = aligned_bytes(program->arena_bytes);
  std::int64_t widest = 0;
  for (const Step& step : program->steps) {
    if (step.loop)
      widest = std::max(widest, step.loop->registers * ((step.loop->block * element + 63) / 64 * 64));
  }
  registers = aligned_bytes(widest * workers.count());
  for (const Step& step : program->steps) {
    if (step.loop) {
      link_loop(*step.loop);
      for (std::size_t t = 0; t < loops.back().cursors.size(); ++t) {
        loops.back().cursors[t].registers = registers.get() + static_cast<std::int64_t>(t) * widest;
      }
      continue;
    }
    Whole whole;
    whole.operation = step.whole->operation;
    whole.attributes = step.whole->attributes;
    whole.inputs = step.whole->inputs;
    whole.output = step.whole->output;
    for (std::size_t i = 0; i < whole.inputs.size(); ++i)
      whole.inputs[i].data = address(step.whole->locations[i]);
    whole.output.data = address(step.whole->target);
    wholes.push_back(std::move(whole));
  }
  for (const Port& port : program->outputs) outputs.emplace_back(static_cast<std::size_t>(port.elements));
}

void Execution::State::link_loop(const Loop& loop) {
  LinkedLoop linked;
  linked.loop = &loop;
  linked.register_stride = (loop.block * element + 63) / 64 * 64;
  for (const LoopView& view : loop.views) linked.bases.push_back(address(view.location));
  for (const SumStep& step : loop.sums) {
    linked.targets.push_back(address(step.target));
    linked.sums_in_place.push_back(loop.chunks == 1 && program->precision == Precision::real64);
  }
  linked.scratch = aligned_bytes(loop.scratch_bytes * loop.chunks);
  linked.cursors.resize(static_cast<std::size_t>(workers.count()));
  for (Cursor& cursor : linked.cursors) {
    cursor.rows = linked.bases;
    cursor.index.assign(loop.dims.size() - loop.inner, 0);
  }
  loops.push_back(std::move(linked));
}

// ---- loops
// -----------------------------------------------------------------------------------------------------------

void Execution::State::run_loop(LinkedLoop& linked) {
  const Loop& loop = *linked.loop;
  for (std::size_t i = 0; i < loop.sums.size(); ++i) {
    if (linked.sums_in_place[i]) {
      std::memset(linked.targets[i], 0, static_cast<std::size_t>(loop.sums[i].elements * element));
    }
  }
  if (loop.chunks > 1 || program->precision != Precision::real64) {
    std::memset(linked.scratch.get(), 0, static_cast<std::size_t>(loop.scratch_bytes * loop.chunks));
  }
  if (loop.rows * loop.row > 0) {
    if (loop.chunks == 1) {
      run_chunk(linked, linked.cursors[0], 0);
    } else {
      workers.run(loop.chunks, [&](std::int64_t chunk, int worker) {
        run_chunk(linked, linked.cursors[static_cast<std::size_t>(worker)], chunk);
      });
    }
  }
  if (!loop.sums.empty()) finish_sums(linked);
}

void Execution::State::run_chunk(LinkedLoop& linked, Cursor& cursor, std::int64_t chunk) const {
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
  const auto place = [&] {
    for (std::size_t v = 0; v < loop.views.size(); ++v) {
      std::int64_t offset = 0;
      for (std::size_t d = 0; d < outer; ++d) offset += cursor.index[d] * loop.views[v].strides[d];
      cursor.rows[v] = linked.bases[v] + offset * element;
    }
  };
  place();
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
    place();
  }
}

void Execution::State::run_block(const LinkedLoop& linked, const Cursor& cursor, std::int64_t row,
                                 std::int64_t first, std::int64_t count) const {
  const Loop& loop = *linked.loop;
  const auto address_of = [&](const Lane& lane) -> std::byte* {
    if (lane.is_register) return cursor.registers + lane.index * linked.register_stride;
    const auto v = static_cast<std::size_t>(lane.index);
    return cursor.rows[v] + (loop.views[v].is_uniform ? 0 : first * element);
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
      const RandomPosition position{seed, step.stream, this->step,
                                    static_cast<std::uint64_t>(row * loop.row + first)};
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

void Execution::State::expand(const LinkedLoop& linked, const Cursor& cursor, const BlockStep& step,
                              std::byte* out, std::int64_t first, std::int64_t count) const {
  const Loop& loop = *linked.loop;
  const auto v = static_cast<std::size_t>(step.in[0].index);
  const KernelTable& table = kernels(program->precision);
  for_each_stretch(
      loop, loop.views[v].strides, first, count, [&](std::int64_t to, std::int64_t from, std::int64_t n) {
        table.load(out + to * element, cursor.rows[v] + from * element, loop.views[v].strides.back(), n);
      });
}

void Execution::State::add_block(const LinkedLoop& linked, const Cursor& cursor, const SumStep& step,
                                 std::byte* scratch, std::int64_t first, std::int64_t count) const {
  const Loop& loop = *linked.loop;
  const KernelTable& table = kernels(program->precision);
  const auto s = static_cast<std::size_t>(&step - loop.sums.data());
  std::byte* target = linked.sums_in_place[s] ? linked.targets[s] : scratch + step.scratch_offset;
  std::int64_t outer = 0;
  for (std::size_t d = 0; d < cursor.index.size(); ++d) outer += cursor.index[d] * step.strides[d];
  const std::byte* values = step.in.is_register
                                ? cursor.registers + step.in.index * linked.register_stride
                                : cursor.rows[static_cast<std::size_t>(step.in.index)] + first * element;
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

void Execution::State::finish_sums(LinkedLoop& linked) const {
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

// ---- the public face
// -------------------------------------------------------------------------------------------------

Execution::Execution(std::shared_ptr<const Program> program, int threads)
    : state_(std::make_unique<State>(std::move(program), threads)) {
  state_->link();
}
Execution::~Execution() = default;
Execution::Execution(Execution&&) noexcept = default;

void Execution::set_input(std::size_t i, std::span<const double> values) {
  const Port& port = state_->program->inputs.at(i);
  if (static_cast<std::int64_t>(values.size()) != port.elements) {
    throw lang::InternalError("input " + std::to_string(i) + " of a program has " +
                              std::to_string(port.elements) + " elements, not " +
                              std::to_string(values.size()));
  }
  with_number_type(state_->program->precision, [&](auto zero) {
    using T = decltype(zero);
    T* to = reinterpret_cast<T*>(state_->address(port.placement.location));
    for (std::size_t k = 0; k < values.size(); ++k) to[k] = static_cast<T>(values[k]);
  });
}

void Execution::set_random(std::uint64_t seed, std::uint32_t step) {
  state_->seed = seed;
  state_->step = step;
}

void Execution::run() {
  auto loop = state_->loops.begin();
  auto whole = state_->wholes.begin();
  for (const Step& step : state_->program->steps) {
    if (step.loop) {
      state_->run_loop(*loop++);
    } else {
      whole->operation->run({state_->program->precision, &whole->attributes, whole->inputs, &whole->output});
      ++whole;
    }
  }
}

std::span<const double> Execution::output(std::size_t i) const {
  const Port& port = state_->program->outputs.at(i);
  const std::byte* from = state_->address(port.placement.location);
  if (port.is_dense && state_->program->precision == Precision::real64) {
    return {reinterpret_cast<const double*>(from), static_cast<std::size_t>(port.elements)};
  }
  std::vector<double>& to = state_->outputs[i];
  StridedLoop loop;
  std::vector<std::int64_t> strides = port.placement.axis_strides;
  strides.insert(strides.end(), port.placement.event_strides.begin(), port.placement.event_strides.end());
  for (std::size_t d = 0; d < port.dims.size(); ++d) loop.add(port.dims[d], strides[d]);
  with_number_type(state_->program->precision, [&](auto zero) {
    using T = decltype(zero);
    std::size_t k = 0;
    loop.run([&](std::int64_t offset) {
      to[k++] = static_cast<double>(reinterpret_cast<const T*>(from)[offset]);
    });
  });
  return to;
}

namespace {

Tensor stored(const Graph& graph, const Type& type, std::span<const double> values) {
  Shape shape;
  for (const AxisId axis : type.axes) shape.push_back(graph.axis(axis).size);
  shape.insert(shape.end(), type.event.begin(), type.event.end());
  Tensor tensor(shape, std::vector<double>(values.begin(), values.end()));
  if (type.domain == Domain::real) return tensor;
  return tensor.stored_as(type.domain == Domain::integer ? Storage::integer : Storage::boolean);
}

}  // namespace

std::vector<Tensor> evaluate(std::span<const Expr> roots, std::uint64_t seed, std::uint32_t step,
                             int threads) {
  if (roots.empty()) return {};
  // Simplifying costs more than it saves on what runs once (and itself evaluates constants).
  PlanOptions options;
  options.simplify = false;
  Execution execution(plan(roots, {}, options), threads);
  execution.set_random(seed, step);
  execution.run();
  std::vector<Tensor> result;
  for (std::size_t i = 0; i < roots.size(); ++i) {
    result.push_back(stored(roots[i].graph(), roots[i].type(), execution.output(i)));
  }
  return result;
}

Tensor evaluate(Expr root) { return evaluate(std::span(&root, 1)).front(); }

}  // namespace elbo::runtime
