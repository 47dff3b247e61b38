// How an outcome moves with the parameters of its distribution while P(X <= x) stays: implicit derivatives.
#pragma once

#include <vector>

#include "runtime/distribution.hpp"

namespace elbo::stdlib {

/// dx/dparameter for each canonical parameter, at an outcome of a continuous distribution on numbers: by
/// formulas of their own for Gamma and its relatives, Beta and Student's t; for others -(dF/dparameter) /
/// p(x) from the record's distribution function. Empty where the record has none.
std::vector<runtime::Expr> pathwise_derivative(const runtime::DistributionCall& call, runtime::Expr x);

}  // namespace elbo::stdlib
