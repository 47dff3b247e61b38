// Groups the nodes of a graph into loops: elementwise operations over one index space that can run block by block,
// with the sums that consume them, or single operations that run by themselves.
#pragma once

#include <span>
#include <vector>

#include "runtime/graph.hpp"

namespace elbo::runtime {

/// A matrix product that is part of a loop (runtime/fuse_products.hpp).
struct FusedProduct {
  NodeId node;
  std::size_t rows;       ///< which of its inputs is the matrix whose rows go along the loop
  std::size_t dimension;  ///< of its result (axes, then event) that is one of this matrix
  bool is_transposed;     ///< the other input is a value of the loop
};

/// One step of a program.
struct Group {
  bool is_loop = false;       ///< a fused loop over `space`; otherwise one operation with a `run`
  Type space;                 ///< index space of the loop (its domain means nothing)
  std::vector<NodeId> nodes;  ///< in order; a loop's sums come after what they add up
  std::vector<FusedProduct> products{};  ///< those among the nodes
  std::size_t along = 0;                 ///< dimension of the space (axes, then event) that their rows go along
};

/// What a node's memory is: itself, or, for a chain of views, the node at its end.
NodeId base_of(const Graph& graph, NodeId id, const std::vector<bool>& is_alias);

/// Which of the nodes are views of their input's memory (by operation, or a reshape of dense memory).
/// `order` lists the nodes in topological order.
std::vector<Group> schedule(const Graph& graph, const std::vector<NodeId>& order, const std::vector<bool>& is_alias);

}  // namespace elbo::runtime
