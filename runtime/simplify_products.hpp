// Rewrites that lead to few and large matrix products: what does not vary along an axis is multiplied once,
// and sums are taken before products or become part of them.
#pragma once

#include "runtime/graph.hpp"

namespace elbo::runtime {

/// sum over s of A @ B = A @ (sum over s of B), where A lacks the axis s; and the other way round. Empty
/// where it does not apply.
Expr sum_in_product(Expr e);

/// sum over n of a_n @ b_n, products of a column and a row: one product whose inner dimension is n. Empty
/// where it does not apply.
Expr sum_of_outer_products(Expr e);

/// f(broadcast(x)) = broadcast(f(x)) for axes that the broadcast adds, f a product, a reshape or another
/// operation on whole events. Empty where it does not apply.
Expr hoist_axes(Expr e);

/// sum over axes of reshape(x) = reshape(sum over axes of x). Empty where it does not apply.
Expr sum_in_reshape(Expr e);

}  // namespace elbo::runtime
