// Regularised incomplete gamma and beta functions, as expressions with gradients in all arguments: the
// distribution functions of gamma, beta, Student's t, Poisson, binomial and negative binomial variables.
#pragma once

#include "stdlib/distributions/building.hpp"

namespace elbo::stdlib {

/// P(a, x) and Q(a, x) = 1 - P(a, x), each to 1e-11 of itself where it is small.
Expr incomplete_gamma(Expr a, Expr x);
Expr incomplete_gamma_complement(Expr a, Expr x);

/// I_x(a, b) at x = 1 / (1 + exp(-log_odds)); at -log_odds with a and b exchanged it is the complement. Small
/// values keep their digits.
Expr incomplete_beta(Expr a, Expr b, Expr log_odds);

/// Log odds between which the quantile of q of the beta distribution lies, for bisection.
struct Enclosure {
  Expr low, high;
};
Enclosure beta_enclosure(Expr q, Expr a, Expr b);
/// The same of log x for the quantile of the gamma distribution with rate 1; `tail` is 1 - q.
Enclosure gamma_enclosure(Expr q, Expr tail, Expr a);

}  // namespace elbo::stdlib
