// Integrals as expressions, by a Gauss-Legendre rule along one more dimension: distribution functions of
// smooth densities that have no closed form.
#pragma once

#include "stdlib/distributions/building.hpp"

namespace elbo::stdlib {

/// Integral of f from `from` to `to` by 64 nodes, exact to rounding for a function that is smooth on the
/// scale of a tenth of the interval. f takes its argument and the parameters as columns, see as_column.
Expr integral(Expr (*f)(Expr t, Parameters columns), Expr from, Expr to, Parameters p);

}  // namespace elbo::stdlib
