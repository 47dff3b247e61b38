// Rewrites of sums over axes and dimensions. Each gives what its law says, or nothing where it does not
// apply.
#pragma once

#include "runtime/graph.hpp"

namespace elbo::runtime {

/// sum over n of c = n c.
Expr sum_of_constant(Expr e);
/// sum over s of x = S x, where x lacks s.
Expr sum_of_broadcast(Expr e);
/// sum(c x) = c sum(x), sum((c x)^2) = c^2 sum(x^2), sum(x / c) = sum(x) / c.
Expr sum_factor(Expr e);
/// sum(x + c) = sum(x) + n c, where something is won.
Expr sum_split(Expr e);
/// sum (x - m)^2 = sum (x - mean)^2 + n (mean - m)^2 for data x.
Expr sum_of_squares(Expr e);
/// sum(sum(x)) = sum(x).
Expr sum_of_sum(Expr e);
/// sum over s of x = x, where s has one entry.
Expr sum_of_one(Expr e);

}  // namespace elbo::runtime
