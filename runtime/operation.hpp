// The record of an operation: its shape rule, how it is computed, and its gradient rule, which writes graph nodes.
// All operations are constant records named in one list (operation_list), which the verifier, the executor, the
// language and the conformance tests iterate.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/graph.hpp"
#include "runtime/kernels/kernels.hpp"

namespace elbo::runtime {

/// Memory of one value as an operation's `run` meets it. `dims` and `strides` (elements) list first the result's
/// axes (stride 0 where the operand lacks one), then, in inputs, the axes that the operation sums away (in the order
/// of their numbers), then the operand's own event dimensions.
struct View {
  void* data = nullptr;
  std::vector<std::int64_t> dims;
  std::vector<std::int64_t> strides;
  std::size_t axes = 0;  ///< how many of the leading dims are axes
  bool is_bytes = false;  ///< numbers stored as bytes, whatever the precision: where `takes_bytes` says so
};

struct RunContext {
  Precision precision;
  const Attributes* attributes;
  std::span<const View> inputs;
  const View* output;  ///< contiguous, row-major in the order of its dims
  /// Of an operation that is done in pieces, side by side: which of how many. What they are must not show in the
  /// result.
  std::int64_t piece = 0, pieces = 1;
};

/// What a shape rule sees and returns. `error` is one sentence for the user.
struct TypeContext {
  const Graph* graph;
  std::span<const Type> inputs;
  const Attributes* attributes;
};
struct TypeResult {
  Type type;
  std::string error;
};

using TypeRule = TypeResult (*)(const TypeContext&);
using RunRule = void (*)(const RunContext&);
/// Cotangents of the inputs, given the node's inputs, itself, and its own cotangent. An empty Expr: no gradient
/// flows to that input. A cotangent may have more axes or broadcast dimensions than its input; reverse mode sums
/// them away.
using GradientRule = std::vector<Expr> (*)(std::span<const Expr> inputs, Expr output, Expr cotangent);

/// The node on other inputs, where its attributes depend on their types.
using RebuildRule = Expr (*)(Graph& graph, const Node& node, std::span<const Expr> inputs);
/// Of an operation with several results, each seen through a node of its own (a projection): cotangents of the
/// inputs, given those of some projections.
struct Projected {
  Expr projection;
  Expr cotangent;
};
using ProjectedRule = std::vector<Expr> (*)(Expr node, std::span<const Projected> cotangents);

struct Operation {
  std::string_view name;       ///< "add"; in the language too when `signature` is not empty
  std::string_view symbol;     ///< "+" for printing infix; empty otherwise
  std::string_view signature;  ///< "log(x)": callable in the language; empty: internal or an operator
  std::string_view help;       ///< one line: what it computes, with its domain
  int arity = 1;               ///< -1: any number
  TypeRule infer = nullptr;

  // How it is computed: exactly one of these (none for inputs, constants and views; sums and recurrences are the
  // planner's).
  ElementwiseKernel KernelTable::*elementwise = nullptr;
  RandomKernel KernelTable::*random = nullptr;
  RunRule run = nullptr;

  GradientRule gradient = nullptr;  ///< null: piecewise constant (or random); no gradient flows

  ProjectedRule projected_gradient = nullptr;
  RebuildRule rebuild = nullptr;  ///< null: the same attributes on the new inputs

  bool commutative = false;
  /// The result is the (first) input seen differently: no memory of its own, no work.
  bool is_view = false;
  /// Data of bytes (or bools) may come as they are stored, as the first input of `run`.
  bool takes_bytes = false;
  bool in_pieces = false;  ///< `run` heeds RunContext::piece
  /// Interval of inputs in which the conformance suite checks gradients and precisions.
  double test_lower = 0.1, test_upper = 0.9;
};

/// Every operation, in the order of the documentation.
std::span<const Operation* const> operation_list();

/// By name; null when there is none.
const Operation* find_operation(std::string_view name);

}  // namespace elbo::runtime
