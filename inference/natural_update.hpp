// Steps along natural gradients for guides of exponential-family distributions. In the natural parameters eta
// of such a guide, the natural gradient of the ELBO is its ordinary gradient in the mean parameters E[T]
// (Hoffman et al. 2013). Gaussians take theirs from derivatives of the model (inference/gaussian_update.hpp),
// all others from a regression on their sufficient statistics (inference/natural_regression.hpp). Both are
// exact, whatever the draws, where log p is linear in T: a conjugate model's posterior is one step of size 1
// away, and the conjugate parts of a mixed model have exact updates.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "inference/gaussian_update.hpp"
#include "inference/score_gradient.hpp"

namespace elbo::inference {

/// Record of a choice of how the steps of a guide's Gaussians are found.
struct CurvatureChoice {
  std::string_view name;
  std::string_view help;
  /// Empty: by regression, as those of all other distributions.
  std::optional<Curvature> (*of)(const GuideBlock& gaussian);
};

/// auto, hessian, stein, values.
std::span<const CurvatureChoice> curvature_choices();

/// The step of every guide parameter, eta + step_size * (natural gradient) in eta, on the unconstrained
/// scale. `step_size` is an input node. Every parameter of the guide has to be one distribution's parameter
/// as it stands, for one element (Failure "guide-not-natural" otherwise).
GradientEstimate natural_update(const SampledModel& model, runtime::Expr step_size,
                                const CurvatureChoice& curvature);

/// Draws that the steps of this guide need at least.
std::int64_t least_samples(const SampledModel& model, const CurvatureChoice& curvature);

}  // namespace elbo::inference
