// Reverse mode as a walk over the graph that writes a graph.
#pragma once

#include <span>
#include <vector>

#include "runtime/graph.hpp"

namespace elbo::runtime {

/// d root / d each of `targets`; `root` must be a single number per element of no axis and no event (a scalar).
/// Entry i has the type of target i; a target that root does not depend on gives zeros. Targets may be any nodes.
std::vector<Expr> gradient(Expr root, std::span<const Expr> targets);

/// Whether some gradient can flow from root to target.
bool depends_on(Expr root, Expr target);

}  // namespace elbo::runtime
