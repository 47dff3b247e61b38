// Rewrites that lead to few and large matrix products: what does not vary along an axis is multiplied once,
// and sums are taken before products or become part of them.
#pragma once

#include <span>
#include <unordered_map>
#include <vector>

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

/// Views of large constants, by the constants that they were folded to.
using FoldedViews = std::unordered_map<NodeId, Expr>;

/// The roots with products of views in place of products of the constants that these were folded to: a matrix
/// and its transpose are then one constant, which a program reads once where it can.
std::vector<Expr> products_of_views(std::span<const Expr> roots, const FoldedViews& folded);

}  // namespace elbo::runtime
