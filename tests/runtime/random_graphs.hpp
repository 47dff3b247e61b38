// Random expression graphs from fixed seeds, to try the simplifier and the planner on what nobody thought of.
#pragma once

#include <memory>

#include "graph_checks.hpp"

namespace elbo::tests {

struct GraphOptions {
  std::size_t steps = 20;                          ///< operations to add
  std::vector<std::int64_t> sizes = {1, 2, 3, 5};  ///< what axes and dimensions may measure
  bool moves = false;                              ///< permutations, gathers, joins, matrix products, running sums
  bool draws = false;                              ///< random operations
};

struct RandomGraph {
  std::unique_ptr<Graph> graph;
  Given given;
  std::vector<Expr> roots;
};

RandomGraph random_graph(std::uint64_t seed, const GraphOptions& options);

/// How many of the elements of `values` were found to agree with the definition of `root`; a disagreement beyond
/// 1e-12 (relative, or amplified as the graph amplifies rounding) is recorded as a failure of the test. `exact`: where
/// the definition gives NaN or an infinity, values must too.
std::size_t check_values(const RandomGraph& g, Expr root, const Numbers& values, bool exact);

}  // namespace elbo::tests
