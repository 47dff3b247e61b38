// Steps of variable elimination and what they share: tables as expressions, chains, drawing values back. Only
// elimination.cpp makes steps.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "inference/elimination.hpp"
#include "inference/impossible.hpp"

namespace elbo::inference {

using Rows = std::vector<std::int64_t>;

/// log sum exp over an event dimension of entries that may be impossible.
runtime::Expr log_total(runtime::Expr x, std::int64_t dim);

/// What is impossible altogether has the log density -inf again.
runtime::Expr settled(runtime::Expr total);

/// An axis of values as the last event dimension.
runtime::Expr values_last(runtime::Expr table, runtime::AxisId axis);

/// 0, 1, … along an axis.
runtime::Expr places_along(runtime::Graph& graph, runtime::AxisId axis);

/// Integers as a constant.
runtime::Expr whole_numbers(runtime::Graph& graph, runtime::Shape shape, Rows values);

/// Elements of a variable that do not depend on each other: a table [elements], with the axis of its values
/// and those of `others`, one row per element.
std::shared_ptr<const EliminationStep> separate_elements(std::size_t variable, runtime::Expr table,
                                                         std::vector<Slot> others);

/// Which element of a variable is where: chain and turn of each, and the element of each turn of each chain.
struct Chains {
  std::int64_t turns = 0, chains = 0;
  Rows chain, turn;       // of each element
  Rows element;           // [turns, chains]; -1 past the end of a shorter chain
  bool has_gaps = false;  // some chains are shorter

  std::int64_t at(std::int64_t t, std::int64_t c) const { return t * chains + c; }
};

/// Elements joined by these pairs as chains, each from its end of smaller number; nothing when they are no
/// chains.
std::optional<Chains> chains_of(std::int64_t elements,
                                const std::set<std::pair<std::int64_t, std::int64_t>>& pairs);

/// Log weights of a chain: of the values of each turn, and of the steps between turns.
struct ChainTables {
  runtime::Expr first;  // [chains, values]
  runtime::Expr later;  // [chains, values] with the axis of steps: of turns 2, 3, …
  runtime::Expr
      steps;  // [chains, values before, values after] (or without chains), with the axis of steps or without
};

/// Log weights of the last turn with all before it summed out: [chains, values].
runtime::Expr forward_total(runtime::Graph& graph, runtime::AxisId axis, const ChainTables& tables);

/// A variable whose elements are chains, with the axis of the steps between turns; `others` has one row per
/// chain.
std::shared_ptr<const EliminationStep> chain_of_elements(std::size_t variable, Chains chains,
                                                         runtime::AxisId axis, ChainTables tables,
                                                         std::vector<Slot> others);

/// Variables whose combinations of values are all in one table [], along an axis; `places`: [combinations,
/// elements] of each.
std::shared_ptr<const EliminationStep> joint_values(std::vector<std::size_t> of, runtime::AxisId axis,
                                                    runtime::Expr table, std::vector<Rows> places);

}  // namespace elbo::inference
