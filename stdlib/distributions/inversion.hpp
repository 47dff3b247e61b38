// Quantiles without a closed form, as expressions: distribution functions inverted by bisection, steps that
// carry the gradients, and sums over the outcomes of counts.
#pragma once

#include "stdlib/distributions/building.hpp"

namespace elbo::stdlib {

/// A function of an outcome and the parameters of a distribution.
using OfOutcome = Expr (*)(Expr x, Parameters p);

/// What a continuous distribution is inverted by.
struct Curve {
  OfOutcome cdf;
  OfOutcome log_density;
};

/// One Newton step from x towards the quantile of q: x itself gets no gradient, the step has that of the
/// quantile (the implicit function theorem, to first order).
Expr refined(Expr x, Expr q, Parameters p, Curve f);

/// The quantile of q, which lies between low and high.
Expr inverse_of(Expr q, Parameters p, Curve f, Expr low, Expr high);
/// The same for positive outcomes of any size, between exp(log_low) and exp(log_high).
Expr inverse_on_log_scale(Expr q, Parameters p, Curve f, Expr log_low, Expr log_high);

/// The least whole number whose distribution function reaches q, which is at most one away from `near`.
Expr settled(Expr near, Expr q, Parameters p, OfOutcome cdf, double least = 0);
/// The same from nothing but the distribution function, for counts from 0 on.
Expr count_quantile(Expr q, Parameters p, OfOutcome cdf);

// Of counts 0, …, n with n known when the graph is built (Failure "not-yet-supported" otherwise): sums of
// probabilities up to x, and above it; and how many of the former are below q.
Expr sum_to(Expr x, Parameters p, Expr n, OfOutcome probability);
Expr sum_beyond(Expr x, Parameters p, Expr n, OfOutcome probability);
Expr sums_below(Expr q, Parameters p, Expr n, OfOutcome probability);

}  // namespace elbo::stdlib
