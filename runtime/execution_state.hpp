// The running state of a program: buffers, and loops with their addresses filled in. Private to the executor:
// execute.cpp links programs and runs their steps, execute_loop.cpp and execute_tiles.cpp run loops.
#pragma once

#include <memory>
#include <new>
#include <span>
#include <vector>

#include "runtime/plan.hpp"
#include "runtime/program.hpp"
#include "runtime/workers.hpp"

namespace elbo::runtime {

struct AlignedDelete {
  void operator()(std::byte* p) const { ::operator delete[](p, std::align_val_t{64}); }
};
using AlignedBytes = std::unique_ptr<std::byte[], AlignedDelete>;

// The state of one thread inside one loop.
struct Cursor {
  std::byte* registers = nullptr;
  std::byte* tile = nullptr;        // of a tiled loop
  std::vector<std::byte*> rows;     // current row of each view
  std::vector<std::int64_t> index;  // of the outer dimensions
};

/// Addresses of a product inside a tiled loop; null for the value of a block in the tile.
struct LinkedProduct {
  std::byte *rows, *value, *matrix;
};

struct LinkedLoop {
  const Loop* loop;
  std::vector<std::byte*> bases;    // of the views
  std::vector<std::byte*> targets;  // of the sums
  std::vector<bool> sums_in_place;  // one chunk of doubles: added up in the target itself
  AlignedBytes scratch;
  std::vector<Cursor> cursors;  // one per thread
  std::int64_t register_stride;
  std::vector<LinkedProduct> products;
  AlignedBytes tiles, packed;
};

/// A copy with its addresses.
struct LinkedCopy {
  const Copy* copy;
  std::byte *from, *to;
  std::int64_t elements;
};

struct LinkedRecurrence;

/// What an Execution has, and what the body of each recurrence in it has.
struct ExecutionState {
  std::shared_ptr<const Program> program;
  AlignedBytes arena;
  AlignedBytes registers;
  std::vector<LinkedLoop> loops;
  std::vector<Whole> wholes;
  std::vector<LinkedRecurrence> recurrences;
  std::vector<LinkedCopy> copies;
  // Results that are not dense in memory, or asked for in the other number type.
  std::vector<std::vector<double>> outputs;
  std::vector<std::vector<float>> single_outputs;
  Workers* workers;                          // shared with the bodies of recurrences
  std::uint64_t seed = 0;
  std::uint32_t step = 0;
  std::int64_t element;

  // Of the body of a recurrence: where the memory around it is now, and the addresses that point there.
  std::vector<std::byte*> externals;
  template <class Pointer>
  struct Moving {
    Pointer* slot;
    Location location;
  };
  std::vector<Moving<std::byte*>> moving;
  std::vector<Moving<void*>> moving_views;
  std::uint64_t iteration = 0;  // number of this run among all of the body, for random numbers

  ExecutionState(std::shared_ptr<const Program> p, Workers& shared, std::size_t external_count);
  ExecutionState(const ExecutionState&) = delete;
  ExecutionState& operator=(const ExecutionState&) = delete;
  ~ExecutionState();

  // Null for memory around a body, which is known when the body runs.
  std::byte* address(const Location& location) const {
    if (location.stored >= 0) {
      const Tensor& tensor = program->stored[static_cast<std::size_t>(location.stored)];
      return static_cast<std::byte*>(const_cast<void*>(tensor.address())) + location.offset;
    }
    if (location.is_constant) return const_cast<std::byte*>(program->constants.data()) + location.offset;
    if (location.external < 0) return arena.get() + location.offset;
    std::byte* base = externals[static_cast<std::size_t>(location.external)];
    return base ? base + location.offset : nullptr;
  }

  void link();
  void link_whole(const Whole& step);
  void link_recurrence(const Recurrence& recurrence);
  void link_copy(std::vector<LinkedCopy>& to, const Copy& copy) const;
  void link_slots();
  void run();
  void run_whole(const Whole& whole);
  template <class T>
  std::span<const T> own_output(std::size_t i, Precision own, std::vector<std::vector<T>>& buffers) const;
  void run_copy(const LinkedCopy& copy) const;
  void run_recurrence(LinkedRecurrence& linked);
  void bind(int external, std::byte* base);
  void place(const Recurrence& recurrence, const ExecutionState& around);
  void advance(std::span<const std::int64_t> steps);
  void link_loop(const Loop& loop);
  void run_loop(LinkedLoop& linked);
  void run_chunk(LinkedLoop& linked, Cursor& cursor, std::int64_t chunk) const;
  void place_row(const LinkedLoop& linked, Cursor& cursor) const;
  void run_block(const LinkedLoop& linked, const Cursor& cursor, std::int64_t row, std::int64_t first,
                 std::int64_t count) const;
  void expand(const LinkedLoop& linked, const Cursor& cursor, const BlockStep& step, std::byte* out,
              std::int64_t first, std::int64_t count) const;
  void add_block(const LinkedLoop& linked, const Cursor& cursor, const SumStep& step, std::byte* scratch,
                 std::int64_t first, std::int64_t count) const;
  void finish_sums(LinkedLoop& linked) const;

  // of tiled loops (execute_tiles.cpp)
  void link_tiles(LinkedLoop& linked) const;
  void pack_columns(LinkedLoop& linked) const;
  void run_tiles(LinkedLoop& linked, Cursor& cursor, std::int64_t chunk) const;
  void run_products(const LinkedLoop& linked, const Cursor& cursor, bool transposed, std::int64_t chunk,
                    std::int64_t first, std::int64_t count) const;
  void finish_products(const LinkedLoop& linked) const;
};

/// A recurrence with the state of its body.
struct LinkedRecurrence {
  const Recurrence* recurrence;
  std::unique_ptr<ExecutionState> body;
  std::vector<LinkedCopy> initial;
  std::vector<std::int64_t> steps;  // of the externals, in this iteration
};

/// Zeroed memory, aligned and padded for the widest vector.
AlignedBytes aligned_bytes(std::int64_t bytes);

}  // namespace elbo::runtime
