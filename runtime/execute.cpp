// Links planned programs and runs their steps: loops (execute_loop.cpp), whole-array operations, recurrences.
// After an Execution is made nothing is allocated.
#include <algorithm>
#include <cmath>
#include <cstring>

#include "lang/diagnostic.hpp"
#include "runtime/execution_state.hpp"
#include "runtime/operations/strided.hpp"

namespace elbo::runtime {

// Room for the widest vector past the end: kernels may be given any tail, but memory stays aligned and
// padded.
AlignedBytes aligned_bytes(std::int64_t bytes) {
  const auto size = static_cast<std::size_t>(bytes) + 64;
  AlignedBytes memory(static_cast<std::byte*>(::operator new[](size, std::align_val_t{64})));
  std::memset(memory.get(), 0, size);
  return memory;
}

ExecutionState::ExecutionState(std::shared_ptr<const Program> p, Workers& shared, std::size_t external_count)
    : program(std::move(p)), workers(&shared), externals(external_count) {
  link();
}

ExecutionState::~ExecutionState() = default;

// ---- linking
// ---------------------------------------------------------------------------------------------------------

void ExecutionState::link() {
  element = element_bytes(program->precision);
  arena = aligned_bytes(program->arena_bytes);
  std::int64_t widest = 0;
  for (const Step& step : program->steps) {
    if (step.loop)
      widest = std::max(widest, step.loop->registers * ((step.loop->block * element + 63) / 64 * 64));
  }
  registers = aligned_bytes(widest * workers->count());
  for (const Step& step : program->steps) {
    if (step.loop) {
      link_loop(*step.loop);
      for (std::size_t t = 0; t < loops.back().cursors.size(); ++t) {
        loops.back().cursors[t].registers = registers.get() + static_cast<std::int64_t>(t) * widest;
      }
    } else if (step.recurrence) {
      link_recurrence(*step.recurrence);
    } else {
      link_whole(*step.whole);
    }
  }
  for (const Copy& copy : program->copies) link_copy(copies, copy);
  // room now, so that reading allocates nothing
  outputs.resize(program->outputs.size());
  single_outputs.resize(program->outputs.size());
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    const Port& port = program->outputs[i];
    const auto elements = static_cast<std::size_t>(port.elements);
    if (program->precision == Precision::real32) {
      if (!port.is_dense) single_outputs[i].reserve(elements);
      if (elements <= 4096) outputs[i].reserve(elements);
    } else if (!port.is_dense) {
      outputs[i].reserve(elements);
    }
  }
  link_slots();
}

void ExecutionState::link_whole(const Whole& step) {
  Whole whole = step;
  for (std::size_t i = 0; i < whole.inputs.size(); ++i) whole.inputs[i].data = address(whole.locations[i]);
  whole.output.data = address(whole.target);
  wholes.push_back(std::move(whole));
}

void ExecutionState::link_loop(const Loop& loop) {
  LinkedLoop linked;
  linked.loop = &loop;
  linked.register_stride = (loop.block * element + 63) / 64 * 64;
  for (const LoopView& view : loop.views) {
    linked.bases.push_back(view.location.in_tile ? nullptr : address(view.location));
  }
  for (const SumStep& step : loop.sums) {
    linked.targets.push_back(address(step.target));
    linked.sums_in_place.push_back(loop.chunks == 1 && program->precision == Precision::real64);
  }
  linked.scratch = aligned_bytes(loop.scratch_bytes * loop.chunks);
  linked.cursors.resize(static_cast<std::size_t>(workers->count()));
  for (Cursor& cursor : linked.cursors) {
    cursor.rows = linked.bases;
    cursor.index.assign(loop.dims.size() - loop.inner, 0);
  }
  if (loop.tiles) link_tiles(linked);
  loops.push_back(std::move(linked));
}

// ---- the public face
// -------------------------------------------------------------------------------------------------

struct SharedWorkers {
  std::shared_ptr<Workers> shared;
};

struct Execution::State : SharedWorkers, ExecutionState {
  State(const std::shared_ptr<const Program>& p, std::shared_ptr<Workers> threads)
      : SharedWorkers{std::move(threads)}, ExecutionState(p, *shared, external_count(*p)) {}
  static std::size_t external_count(const Program& p) { return p.bound_inputs ? p.inputs.size() : 0; }
};

Execution::Execution(std::shared_ptr<const Program> program, int threads)
    : Execution(std::move(program), std::make_shared<Workers>(threads)) {}
Execution::Execution(std::shared_ptr<const Program> program, std::shared_ptr<Workers> workers)
    : state_(std::make_unique<State>(std::move(program), std::move(workers))) {}
Execution::~Execution() = default;
Execution::Execution(Execution&&) noexcept = default;

namespace {

template <class From>
void write_input(ExecutionState& state, std::size_t i, std::span<const From> values) {
  const Port& port = state.program->inputs.at(i);
  if (state.program->bound_inputs) throw lang::InternalError("a bound input of a program is set");
  if (static_cast<std::int64_t>(values.size()) != port.elements) {
    throw lang::InternalError("input " + std::to_string(i) + " of a program has " +
                              std::to_string(port.elements) + " elements, not " +
                              std::to_string(values.size()));
  }
  with_number_type(state.program->precision, [&](auto zero) {
    using T = decltype(zero);
    T* to = reinterpret_cast<T*>(state.address(port.placement.location));
    std::transform(values.begin(), values.end(), to, [](From v) { return static_cast<T>(v); });
  });
}

/// Values of an output that are not dense in memory, or not of type To there.
template <class To>
void read_output(const Port& port, Precision precision, const std::byte* from, std::vector<To>& to) {
  StridedLoop loop;
  std::vector<std::int64_t> strides = port.placement.axis_strides;
  strides.insert(strides.end(), port.placement.event_strides.begin(), port.placement.event_strides.end());
  for (std::size_t d = 0; d < port.dims.size(); ++d) loop.add(port.dims[d], strides[d]);
  to.resize(static_cast<std::size_t>(port.elements));
  with_number_type(precision, [&](auto zero) {
    using T = decltype(zero);
    std::size_t k = 0;
    loop.run([&](std::int64_t offset) {
      to[k++] = static_cast<To>(reinterpret_cast<const T*>(from)[offset]);
    });
  });
}

}  // namespace

void Execution::set_input(std::size_t i, std::span<const double> values) { write_input(*state_, i, values); }
void Execution::set_input(std::size_t i, std::span<const float> values) { write_input(*state_, i, values); }

void Execution::bind_input(std::size_t i, const void* values) {
  state_->bind(static_cast<int>(i), static_cast<std::byte*>(const_cast<void*>(values)));
}

void Execution::set_random(std::uint64_t seed, std::uint32_t step) {
  state_->seed = seed;
  state_->step = step;
}

void Execution::run() { state_->run(); }

void ExecutionState::run_whole(const Whole& whole) {
  RunContext context{program->precision, &whole.attributes, whole.inputs, &whole.output};
  if (!whole.in_pieces || workers->count() == 1) {
    whole.operation->run(context);
    return;
  }
  context.pieces = workers->count();
  workers->run(context.pieces, [&](std::int64_t piece, int) {
    RunContext own = context;
    own.piece = piece;
    whole.operation->run(own);
  });
}

template <class T>
std::span<const T> ExecutionState::own_output(std::size_t i, Precision own,
                                              std::vector<std::vector<T>>& buffers) const {
  const Port& port = program->outputs.at(i);
  if (program->precision != own) throw lang::InternalError("an output is read in another number type");
  const std::byte* from = address(port.placement.location);
  if (port.is_dense) return {reinterpret_cast<const T*>(from), static_cast<std::size_t>(port.elements)};
  read_output(port, own, from, buffers[i]);
  return buffers[i];
}

void ExecutionState::run() {
  auto loop = loops.begin();
  auto whole = wholes.begin();
  auto recurrence = recurrences.begin();
  for (const Step& step : program->steps) {
    if (step.loop) {
      run_loop(*loop++);
    } else if (step.recurrence) {
      run_recurrence(*recurrence++);
    } else {
      run_whole(*whole++);
    }
  }
  for (const LinkedCopy& copy : copies) run_copy(copy);
}

template <>
std::span<const double> Execution::output_as<double>(std::size_t i) const {
  return state_->own_output(i, Precision::real64, state_->outputs);
}
template <>
std::span<const float> Execution::output_as<float>(std::size_t i) const {
  return state_->own_output(i, Precision::real32, state_->single_outputs);
}

std::span<const double> Execution::output(std::size_t i) const {
  if (state_->program->precision == Precision::real64) return output_as<double>(i);
  const Port& port = state_->program->outputs.at(i);
  read_output(port, Precision::real32, state_->address(port.placement.location), state_->outputs[i]);
  return state_->outputs[i];
}

namespace {

Tensor stored(const Graph& graph, const Type& type, std::span<const double> values) {
  Shape shape;
  for (const AxisId axis : type.axes) shape.push_back(graph.axis(axis).size);
  shape.insert(shape.end(), type.event.begin(), type.event.end());
  Tensor tensor(shape, std::vector<double>(values.begin(), values.end()));
  // what was read out of range is NaN, which is no whole number
  const bool is_whole = std::all_of(values.begin(), values.end(), [](double v) { return std::isfinite(v); });
  if (type.domain == Domain::real || !is_whole) return tensor;
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
