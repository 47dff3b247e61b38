// Reverse mode through recurrences: the cotangents of the carries are a recurrence that runs the other way.
#pragma once

#include <span>
#include <vector>

#include "runtime/operation.hpp"

namespace elbo::runtime {

/// Cotangents of a scan node's inputs (initial values, operands), given those of some of its results. An
/// empty Expr: none.
std::vector<Expr> scan_gradient(Expr scan, std::span<const Projected> cotangents);

}  // namespace elbo::runtime
