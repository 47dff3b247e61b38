// Conditional independence read off the graph of random variables: d-separation (Pearl 1988), and which
// plates a model factorises over.
#pragma once

#include <cstddef>
#include <vector>

#include "runtime/model_graph.hpp"

namespace elbo::runtime {

/// Variables whose values a variable's distribution uses, by index. Observed variables count where the body
/// reads latent values; data that enter as plain numbers have no name in the graph.
std::vector<std::vector<std::size_t>> parent_lists(const ModelGraph& model);

/// Whether the variables `a` are independent of `b` given `c` in every distribution with this graph: no path
/// between them is active. Factors connect all the variables that they mention, as a hidden common effect
/// that is always known. Indices of ModelGraph::variables; an index in `a` or `b` that is in `c` as well is
/// known and separates nothing.
bool d_separated(const ModelGraph& model, const std::vector<std::size_t>& a,
                 const std::vector<std::size_t>& b, const std::vector<std::size_t>& c);

/// The same on a plain directed graph, node i having the parents `parents[i]`.
bool d_separated(const std::vector<std::vector<std::size_t>>& parents, const std::vector<std::size_t>& a,
                 const std::vector<std::size_t>& b, const std::vector<std::size_t>& c);

/// Whether the log joint, given the variables outside of the plate, is a sum over the plate's entries with
/// none that mentions two of them: what may be subsampled, and fitted entry by entry.
bool factorises_over(const ModelGraph& model, AxisId plate);

}  // namespace elbo::runtime
