// Steps along natural gradients for guides of exponential-family distributions. In the natural parameters eta
// of such a guide, the natural gradient of the ELBO is its ordinary gradient in the mean parameters E[T]; and
// that is the least-squares fit of log p - log q on the sufficient statistics T under the guide (Salimans and
// Knowles 2013, "Fixed-form variational posterior approximation through stochastic linear regression"). The
// fit is exact, whatever the draws, where log p is linear in T: a conjugate model's posterior is one step of
// size 1 away.
#pragma once

#include "inference/score_gradient.hpp"

namespace elbo::inference {

/// The step of every guide parameter, eta + step_size * (natural gradient) in eta, on the unconstrained
/// scale; shortened by powers of 4 for the elements that it would carry outside the supports of their
/// parameters. `step_size` is an input node. Every parameter of the guide has to be one distribution's
/// parameter as it stands, for one element (Failure "guide-not-natural" otherwise).
GradientEstimate natural_update(const SampledModel& model, runtime::Expr step_size);

/// Draws that the regressions of this guide need at least: more than any element has sufficient statistics.
std::int64_t least_samples(const SampledModel& model);

}  // namespace elbo::inference
