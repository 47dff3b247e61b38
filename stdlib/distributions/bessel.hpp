// The modified Bessel function I0, as an expression of which any derivative can be taken.
#pragma once

#include "stdlib/distributions/building.hpp"

namespace elbo::stdlib {

/// log(I0(x) exp(-x)) for x >= 0, to 1e-15; its derivative is I1(x) / I0(x) - 1, to full relative precision
/// also where that is nearly 0.
Expr log_bessel_i0e(Expr x);
Expr derivative_of_log_bessel_i0e(Expr x);

}  // namespace elbo::stdlib
