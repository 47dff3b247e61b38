// Inputs for the conformance suite of operations: what each operation is tried on. Elementwise operations
// have them generated; every other needs a row in the table (operation_cases.cpp), and one that has none
// fails the suite.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "graph_checks.hpp"

namespace elbo::tests {

/// One operand. `axes` count from 0 in the order in which a CaseGraph adds them.
struct Argument {
  std::vector<AxisId> axes = {};
  Shape event = {};
  double lower = -2, upper = 2;
  std::optional<Numbers> fixed = {};  ///< these numbers; no derivative is taken
  /// What the operation gets, made from the free numbers (a positive definite matrix, say); none: the
  /// numbers.
  Expr (*prepare)(Expr) = nullptr;
};

struct Case {
  std::string name;
  std::vector<Argument> arguments;
  runtime::Attributes attributes = {};
  /// Makes the result from the operands where the operation is not used by itself.
  Expr (*make)(Graph&, std::span<const Expr>) = nullptr;
};

/// The cases of an operation; empty when nothing is known of it.
std::vector<Case> cases_of(const runtime::Operation& operation);

/// Those of convolutions and pools (operation_cases_windows.cpp).
std::vector<Case> window_cases(std::string_view operation);

/// Axes that cases refer to: 0 is {s: 3}, 1 is {n: 2}; 2 is {batch: 4}, kept for the batching test.
inline constexpr AxisId axis_s = 0, axis_n = 1, axis_batch = 2;
void add_case_axes(Graph& graph);

/// A case put into a graph with random numbers for its operands.
struct Instance {
  Given given;                  ///< operands that derivatives may be taken of
  std::vector<Expr> constants;  ///< placeholders of the fixed ones
  Expr result;

  std::vector<Expr> inputs() const;
};

/// `batched`: operands (not the fixed ones) get the axis {batch} as well.
Instance instantiate(Graph& graph, const runtime::Operation& operation, const Case& c, std::uint64_t seed,
                     bool batched = false);

}  // namespace elbo::tests
