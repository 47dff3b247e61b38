// Distribution functions and quantiles of a distribution with its parameters, made safe at and outside the
// ends of its support. Of distributions on numbers whose record has them.
#pragma once

#include "runtime/distribution.hpp"

namespace elbo::runtime {

/// P(X <= x), elementwise.
Expr cdf(const DistributionCall& call, Expr x);
/// P(X > x), accurate where it is small if the record knows how.
Expr survival(const DistributionCall& call, Expr x);
/// Their logarithms.
Expr log_cdf(const DistributionCall& call, Expr x);
Expr log_survival(const DistributionCall& call, Expr x);

/// The least x with P(X <= x) >= p: an end of the support at p = 0 and 1, NaN for p outside [0, 1].
Expr quantile(const DistributionCall& call, Expr p);

/// dx / dparameter for each canonical parameter while P(X <= x) stays: how a draw at x, inside the support of
/// a continuous distribution, moves with the parameters.
std::vector<Expr> pathwise_derivative(const DistributionCall& call, Expr x);

}  // namespace elbo::runtime
