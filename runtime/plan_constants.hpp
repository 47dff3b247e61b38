// Constants of a program: its own numbers, or data that stay as they are. Private to the planner.
#pragma once

#include <span>
#include <vector>

#include "runtime/plan.hpp"

namespace elbo::runtime {

/// Whether a constant holds bytes, and all that read it (`order` lists all nodes, `roots` the results) take
/// them as they are: images, of which a step sees a batch.
bool is_read_as_bytes(const Graph& graph, std::span<const NodeId> order, std::span<const Expr> roots,
                      NodeId id);

/// Where the tensor itself lies.
Location kept_as_bytes(Program& program, const Tensor& tensor);

/// Where its elements lie as numbers of the program.
Location stored_as_numbers(Program& program, const Tensor& tensor);

}  // namespace elbo::runtime
