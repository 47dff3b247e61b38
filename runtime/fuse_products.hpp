// Matrix products that become part of the loop over the same rows.
#pragma once

#include <span>
#include <vector>

#include "runtime/schedule.hpp"

namespace elbo::runtime {

/// Moves products into loops: those whose rows a loop consumes, and those that add a loop's values up over
/// the rows. Only matrices of `least_entries` and more are worth it. `results` are the nodes that must have
/// memory after the program has run.
void fuse_products(const Graph& graph, const std::vector<bool>& is_alias, std::span<const NodeId> results,
                   std::int64_t least_entries, std::vector<Group>& groups);

/// Whether a node of a loop is a sum or a product over the loop's indices, and not a value at each of them.
bool is_added_up(const Graph& graph, const Group& group, NodeId id);

/// Whether the loop's own order of dimensions is another than that of the space: the rows' dimension is last.
bool is_reordered(const Graph& graph, const Group& group);

}  // namespace elbo::runtime
