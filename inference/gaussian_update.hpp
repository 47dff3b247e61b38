// The natural-gradient step of a Gaussian guide from derivatives of the model. With precision P and mean m,
// by the identities of Bonnet and Price,
//   P' = (1 - r) P - r E[H],   m' = m + r P'^-1 E[g],
// g and H the gradient and the Hessian of the log joint density at draws from the guide (Khan and Rue 2023,
// "The Bayesian learning rule", section 3). Where that P' is not positive definite, it is that of Lin,
// Schmidt and Khan 2020 ("Handling the positive-definite constraint in the Bayesian learning rule"), which
// always is: with G = P + E[H],
//   P' = P - r G + r^2 G P^-1 G / 2.
// Both are written in the coordinates in which the guide is a standard normal.
#pragma once

#include <cstdint>

#include "inference/gaussian_derivatives.hpp"
#include "inference/guide_block.hpp"

namespace elbo::inference {

/// Whether a step can be written for this block: Normal, or a multivariate normal, on numbers through which
/// the log joint density can be differentiated.
bool is_gaussian(const GuideBlock& block);

/// Canonical parameters after a step of `step_size` (an input node): {plates}[elements…, own…]. `probe` is
/// the same model at the draws where steps are tried (inference/step_guard.hpp).
std::vector<runtime::Expr> gaussian_update(const GuideBlock& block, const SampledModel& probe,
                                           runtime::Expr step_size, Curvature curvature);

/// The step of a guide that is one normal of all latent variables (ModelGraph::joint), on the unconstrained
/// scale of its parameters.
void move_joint(const SampledModel& model, const SampledModel& probe, runtime::Expr step_size,
                Curvature curvature, std::vector<runtime::Expr>& steps);

/// Draws that a step needs at least.
std::int64_t gaussian_samples(Curvature curvature);

}  // namespace elbo::inference
