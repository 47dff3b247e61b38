// Where the values of tiled loops lie, and their products written down. Private to the planner.
#pragma once

#include <functional>

#include "runtime/plan.hpp"
#include "runtime/schedule.hpp"

namespace elbo::runtime {

/// Rows of a block: few enough for the block's part of the matrices to stay in the cache.
std::int64_t tile_block(const Graph& graph, const Group& group, Precision precision);

/// Entries along one dimension (axes, then event) follow each other; those of the others are a multiple of
/// `step` apart, row-major.
Placement placement_along(const Graph& graph, const Type& type, std::size_t dimension, std::int64_t step);

/// The product as a step of a loop with this many rows, given the places of values.
TileProduct tile_product(const Graph& graph, const FusedProduct& product, std::int64_t rows,
                         std::int64_t block, const std::function<const Placement&(NodeId)>& placement);

/// Makes a dimension of a loop the last one.
void move_last(Loop& loop, std::size_t dimension);

}  // namespace elbo::runtime
