// Vectors of counts with a known sum: their support, and draws given probabilities.
#pragma once

#include "stdlib/distributions/building.hpp"

namespace elbo::stdlib {

/// Whole numbers >= 0 that sum to the bound.
extern const runtime::SupportKind count_vector_support;

/// log n! - sum of log x[k]!, along the last dimension of x.
Expr log_multinomial(Expr n, Expr x);

/// Counts of n independent draws of categories with these log probabilities [..., K]: each category takes its
/// share of what the earlier ones have left.
Expr multinomial_draw(Expr n, Expr log_probabilities, const DrawShape& shape);

}  // namespace elbo::stdlib
