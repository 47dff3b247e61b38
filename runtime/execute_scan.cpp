// Runs recurrences: the body's program once per entry of an axis, on addresses that move along the memory of
// the program around it.
#include <cstring>

#include "runtime/execution_state.hpp"
#include "runtime/operations/strided.hpp"

namespace elbo::runtime {

void ExecutionState::link_recurrence(const Recurrence& recurrence) {
  LinkedRecurrence linked;
  linked.recurrence = &recurrence;
  linked.body = std::make_unique<ExecutionState>(recurrence.body, *workers, recurrence.externals.size());
  linked.steps.resize(recurrence.externals.size());
  for (const Copy& copy : recurrence.initial) link_copy(linked.initial, copy);
  recurrences.push_back(std::move(linked));
}

void ExecutionState::link_copy(std::vector<LinkedCopy>& to, const Copy& copy) const {
  std::int64_t elements = 1;
  for (const std::int64_t size : copy.dims) elements *= size;
  to.push_back({&copy, address(copy.from), address(copy.to), elements});
}

// All addresses that lie in memory around this body.
void ExecutionState::link_slots() {
  const auto add = [&](auto& list, auto& slot, const Location& location) {
    if (location.external >= 0) list.push_back({&slot, location});
  };
  for (LinkedLoop& linked : loops) {
    for (std::size_t v = 0; v < linked.bases.size(); ++v) {
      add(moving, linked.bases[v], linked.loop->views[v].location);
    }
    for (std::size_t s = 0; s < linked.targets.size(); ++s) {
      add(moving, linked.targets[s], linked.loop->sums[s].target);
    }
    for (std::size_t p = 0; p < linked.products.size(); ++p) {
      const TileProduct& product = linked.loop->tiles->products[p];
      add(moving, linked.products[p].rows, product.rows);
      add(moving, linked.products[p].value, product.value);
      add(moving, linked.products[p].matrix, product.matrix);
    }
  }
  for (Whole& whole : wholes) {
    for (std::size_t i = 0; i < whole.inputs.size(); ++i) {
      add(moving_views, whole.inputs[i].data, whole.locations[i]);
    }
    add(moving_views, whole.output.data, whole.target);
  }
  const auto add_copy = [&](LinkedCopy& linked) {
    add(moving, linked.from, linked.copy->from);
    add(moving, linked.to, linked.copy->to);
  };
  for (LinkedCopy& copy : copies) add_copy(copy);
  for (LinkedRecurrence& inner : recurrences) {
    for (LinkedCopy& copy : inner.initial) add_copy(copy);
  }
}

void ExecutionState::bind(int external, std::byte* base) {
  externals.at(static_cast<std::size_t>(external)) = base;
  for (const auto& [slot, location] : moving) {
    if (location.external == external) *slot = base + location.offset;
  }
  for (const auto& [slot, location] : moving_views) {
    if (location.external == external) *slot = base + location.offset;
  }
}

void ExecutionState::run_copy(const LinkedCopy& linked) const {
  const Copy& copy = *linked.copy;
  with_number_type(program->precision, [&](auto zero) {
    using T = decltype(zero);
    const T* from = reinterpret_cast<const T*>(linked.from);
    T* to = reinterpret_cast<T*>(linked.to);
    if (linked.elements == 1) {
      *to = *from;
      return;
    }
    StridedLoop loop;
    for (std::size_t d = 0; d < copy.dims.size(); ++d) loop.add(copy.dims[d], copy.strides[d]);
    loop.run([&](std::int64_t offset) { *to++ = from[offset]; });
  });
}

// The addresses of the first iteration.
void ExecutionState::place(const Recurrence& recurrence, const ExecutionState& around) {
  for (std::size_t e = 0; e < externals.size(); ++e) {
    externals[e] = around.address(recurrence.externals[e].base);
  }
  for (const auto& m : moving) *m.slot = address(m.location);
  for (const auto& m : moving_views) *m.slot = address(m.location);
}

void ExecutionState::advance(std::span<const std::int64_t> steps) {
  const auto step = [&](const Location& location) {
    return steps[static_cast<std::size_t>(location.external)];
  };
  for (const auto& m : moving) *m.slot += step(m.location);
  for (const auto& m : moving_views) *m.slot = static_cast<std::byte*>(*m.slot) + step(m.location);
  for (std::size_t e = 0; e < externals.size(); ++e) externals[e] += steps[e];
}

void ExecutionState::run_recurrence(LinkedRecurrence& linked) {
  const Recurrence& recurrence = *linked.recurrence;
  for (const LinkedCopy& copy : linked.initial) run_copy(copy);
  if (recurrence.length == 0) return;
  ExecutionState& body = *linked.body;
  body.seed = seed;
  body.step = step;
  body.place(recurrence, *this);
  for (std::size_t e = 0; e < linked.steps.size(); ++e) linked.steps[e] = recurrence.externals[e].step;
  const std::uint64_t first = iteration * static_cast<std::uint64_t>(recurrence.length);
  for (std::int64_t i = 0; i < recurrence.length; ++i) {
    body.iteration = first + static_cast<std::uint64_t>(recurrence.reverse ? recurrence.length - 1 - i : i);
    body.run();
    if (i + 1 == recurrence.length) break;
    body.advance(linked.steps);
    for (std::size_t e = 0; e < linked.steps.size(); ++e) {
      if (recurrence.externals[e].alternates) linked.steps[e] = -linked.steps[e];
    }
  }
}

}  // namespace elbo::runtime
