// The regularised incomplete beta function where its argument is given by its log odds, which say how near it
// is to either end: for Student's t, binomial and negative binomial variables.
#pragma once

#include "stdlib/distributions/building.hpp"

namespace elbo::stdlib {

/// I_x(a, b) at x = 1 / (1 + exp(-log_odds)); at -log_odds with a and b exchanged it is the complement. Small
/// values keep their digits.
Expr incomplete_beta(Expr a, Expr b, Expr log_odds);

}  // namespace elbo::stdlib
