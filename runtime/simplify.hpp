// Rewrites that keep values and make programs shorter: constant folding, algebraic identities, sums that factor,
// broadcasts moved outwards. Common subexpressions are one node by construction; dead code is what no root needs.
#pragma once

#include <functional>
#include <span>
#include <string_view>
#include <vector>

#include "runtime/graph.hpp"

namespace elbo::runtime {

/// A rewrite of one node whose inputs are already simplified: the better expression, or empty.
struct Rewrite {
  std::string_view name;
  std::string_view law;  ///< "x * 1 = x", shown in docs and tests
  Expr (*apply)(Expr node);
};

/// All rewrites, in the order they are tried.
std::span<const Rewrite> rewrite_list();

/// Equivalent expressions of the same types.
std::vector<Expr> simplify(std::span<const Expr> roots);

}  // namespace elbo::runtime
