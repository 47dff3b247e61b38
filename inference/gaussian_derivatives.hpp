// Derivatives of the log joint density at draws from a guide, as updates of Gaussians need them: with respect
// to the numbers that the guide draws, before any bijector.
#pragma once

#include <cstdint>
#include <span>

#include "inference/sampled_model.hpp"

namespace elbo::inference {

/// How E[Hessian] is found.
enum class Curvature : std::uint8_t {
  stein,  ///< from the gradients at the draws: their regression on the draws, or Stein's identity where those
          ///< are few
  hessian  ///< by differentiating the gradient: the mean Hessian of the draws
};

struct GaussianDerivatives {
  runtime::Expr draw;      ///< {sample, plates}[event…]
  runtime::Expr gradient;  ///< the same
  runtime::Expr hessian;   ///< [count, count] of all numbers, plates first; empty unless asked for
};

/// log p of the numbers that the guide draws, {sample}: the log joint density, and for what is an image under
/// a bijector the log Jacobian.
runtime::Expr log_target(const SampledModel& model);

/// At the draws of one statement.
GaussianDerivatives derivatives_at(const SampledModel& model, runtime::Expr draw, Curvature curvature);

/// At several draws {sample}[n], one after the other: draw and gradient are {sample}[sum of n].
GaussianDerivatives joint_derivatives(const SampledModel& model, std::span<const runtime::Expr> draws,
                                      Curvature curvature);

}  // namespace elbo::inference
