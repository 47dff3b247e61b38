// Reverse mode as a walk over the graph that writes a graph.
#pragma once

#include <span>
#include <vector>

#include "runtime/graph.hpp"

namespace elbo::runtime {

/// d root / d each of `targets`; `root` must be a single number per element of no axis and no event (a scalar).
/// Entry i has the type of target i; a target that root does not depend on gives zeros. Targets may be any nodes.
std::vector<Expr> gradient(Expr root, std::span<const Expr> targets);

/// Reverse mode from several values at once: cotangents of the targets, given those of the roots (`seeds`, which may
/// be wider or narrower than the roots, as those of gradient rules). An empty Expr where none flows.
std::vector<Expr> pull_back(std::span<const Expr> roots, std::span<const Expr> seeds,
                            std::span<const Expr> targets);

/// Whether some gradient can flow from root to target.
bool depends_on(Expr root, Expr target);

}  // namespace elbo::runtime
