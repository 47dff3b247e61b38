// The plan of a program in detail: private to the planner (plan.cpp) and the executor (execute.cpp).
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "runtime/operation.hpp"
#include "runtime/program.hpp"

namespace elbo::runtime {

/// Bytes from the start of the arena (values), of the constants, of a thread's tile (Tiles), or, in the body of
/// a recurrence, of a piece of the memory around it.
struct Location {
  bool is_constant = false;
  std::int64_t offset = 0;
  int external = -1;  ///< which piece
  int stored = -1;    ///< which of the program's tensors, kept as they are: `offset` bytes into it
  bool in_tile = false;
};

/// Where a value lies and how to walk it: strides (elements) over its own axes, then its event dimensions.
struct Placement {
  Location location;
  std::vector<std::int64_t> axis_strides;
  std::vector<std::int64_t> event_strides;
};

/// Memory operand of a loop: strides over the loop's dimensions. Within a row (the inner dimensions) a dense
/// or uniform one is used in place; any other is expanded into a register block by block.
struct LoopView {
  Location location;
  std::vector<std::int64_t> strides;
  bool is_dense = false;
  bool is_uniform = false;
};

/// Operand of a step: register `index`, or loop view `index`.
struct Lane {
  bool is_register = true;
  int index = 0;
};

/// Elementwise or random kernel on a block, or the expansion of a view into a register.
struct BlockStep {
  const Operation* operation = nullptr;  ///< null: expand view in[0] into register `out`
  ElementwiseKernel elementwise = nullptr;
  RandomKernel random = nullptr;
  std::uint32_t stream = 0;
  std::optional<std::uint64_t> seed;  ///< of the node itself, in place of the run's seed and step
  int inputs = 0;
  Lane in[3];
  Lane out;
};

/// Adds a block's values up into `target`, whose strides are 0 along what is summed.
struct SumStep {
  Lane in;
  Location target;
  std::vector<std::int64_t> strides;
  std::int64_t elements = 1;        ///< of the target
  bool accumulates_rows = false;    ///< the innermost dimension is kept
  std::int64_t scratch_offset = 0;  ///< bytes into a chunk's scratch
};

/// Matrix product inside a tiled loop: the block's rows of a matrix times some columns, whose result is a value
/// of the block; or, transposed, times a value of the block, the columns, added up over all blocks.
struct TileProduct {
  bool is_transposed = false;
  Location rows;
  std::int64_t row_stride = 0, width = 0;
  Location value;  ///< of the block: one row of it per column, `column_step` elements apart
  std::int64_t columns = 0, column_step = 0;
  Location matrix;               ///< the columns, or what is added up
  std::int64_t step = 0;         ///< in it along a column
  std::vector<std::int64_t> at;  ///< in it where each column starts
  std::int64_t offset = 0;       ///< bytes into the packed columns, or into a chunk's scratch
};

/// What a tiled loop has besides: it runs block by block of its last dimension, for all indices of the others
/// in turn, so that products with the rows along that dimension are part of it.
struct Tiles {
  std::vector<TileProduct> products;
  std::int64_t bytes = 0;         ///< of a thread's tile, for values of one block
  std::int64_t packed_bytes = 0;  ///< of the columns of all products
};

/// A fused loop: `dims` with the last `inner` of them forming a row of `row` elements.
struct Loop {
  std::vector<std::int64_t> dims;
  std::size_t inner = 1;
  std::int64_t rows = 1;
  std::int64_t row = 1;
  std::int64_t block = 1;
  std::int64_t chunks = 1;  ///< pieces of work for threads, fixed by size alone
  int registers = 0;
  std::int64_t scratch_bytes = 0;  ///< per chunk, for partial sums
  std::vector<LoopView> views;
  std::vector<BlockStep> steps;
  std::vector<SumStep> sums;
  std::optional<Tiles> tiles;
};

/// Settles rows, registers and blocks of a loop that has its dimensions, views and steps (with a register for
/// every value that is not a view).
void finish_loop(Loop& loop, Precision precision);

/// A whole-array operation.
struct Whole {
  const Operation* operation = nullptr;
  Attributes attributes;
  std::vector<View> inputs;  ///< data pointers are filled when an Execution is made
  std::vector<Location> locations;
  View output;
  Location target;
  bool in_pieces = false;  ///< large enough for several threads
};

/// A value copied to dense memory: `dims` with the strides (elements) of the source.
struct Copy {
  std::vector<std::int64_t> dims, strides;
  Location from, to;
};

/// Memory that the body of a recurrence sees: where it starts in the program around, and how it moves (bytes)
/// from one iteration to the next; one that alternates moves back again.
struct External {
  Location base;
  std::int64_t step = 0;
  bool alternates = false;
};

/// A program that runs once for every entry of an axis.
struct Recurrence {
  std::shared_ptr<const Program> body;
  std::int64_t length = 0;
  bool reverse = false;
  std::vector<Copy> initial;
  std::vector<External> externals;
};

struct Step {
  std::unique_ptr<Loop> loop;
  std::unique_ptr<Whole> whole;
  std::unique_ptr<Recurrence> recurrence;
};

struct Port {
  Placement placement;
  std::vector<std::int64_t> dims;  ///< axes, then event
  std::int64_t elements = 1;
  bool is_dense = false;
};

class Program {
 public:
  Precision precision = Precision::real64;
  std::vector<Step> steps;
  std::vector<Port> inputs, outputs;
  std::vector<Copy> copies;  ///< of a body's results that are views or inputs, after all steps
  std::int64_t arena_bytes = 0;
  std::vector<std::byte> constants;
  std::vector<Tensor> stored;  ///< data of bytes that need not be numbers of the program
  std::string text;  ///< for `elbo dump program`
  std::size_t instructions = 0;
  bool is_random = false;
  bool bound_inputs = false;  ///< input i is external piece i
};

/// Where the inputs of a body lie, and where its results go (dense): in memory of the program around.
struct BodyPlaces {
  std::vector<std::pair<NodeId, Placement>> inputs;
  std::vector<Location> outputs;
};

/// Plans the body of a recurrence.
std::shared_ptr<const Program> plan_body(std::span<const Expr> outputs, const BodyPlaces& places,
                                         const PlanOptions& options);

inline std::int64_t element_bytes(Precision precision) { return precision == Precision::real64 ? 8 : 4; }

}  // namespace elbo::runtime
