// The reparameterised estimator of the gradient of the ELBO: draws are functions of the guide's parameters
// and of noise, and gradients flow through them (Kingma and Welling 2014; implicit derivatives where the draw
// is no closed form: Figurnov, Mohamed, Mnih 2018). Latent variables whose draws do not move are taken by
// score functions, with the costs that each can change, in the same program (Schulman et al. 2015).
#pragma once

#include <cstdint>
#include <vector>

#include "inference/relaxation.hpp"
#include "inference/score_gradient.hpp"

namespace elbo::inference {

/// How gradients are taken of discrete variables that the guide draws.
enum class DiscreteGradient : std::uint8_t {
  score,   ///< scores, less the mean of the other draws
  disarm,  ///< Bernoulli variables by antithetic pairs of draws (inference/antithetic.hpp), others by scores
  relaxed  ///< through relaxed draws (inference/relaxation.hpp): biased
};

struct PathwiseOptions {
  std::int64_t samples = 1;
  /// Sticking the landing (Roeder, Wu, Duvenaud 2017): parameters are held inside log q, the path through the
  /// draws is kept. Unbiased, and without noise once the guide is the posterior.
  bool stick_the_landing = false;
  /// Closed forms of KL(q || p) of a variable, where there are any, in place of log q - log p at the draws.
  bool analytic_kl = false;
  /// No gradient of the likelihood reaches the guide: a known mistake, to be looked at.
  bool detach_likelihood = false;
  DiscreteGradient discrete = DiscreteGradient::score;
  Relaxation relaxation = {};  ///< where discrete variables are relaxed
  /// Of a guide that is a mixture: `samples` draws from each of its components, and gradients in the weights
  /// through what these draws weigh. Parameters that are held inside log q are not held there (Roeder, Wu,
  /// Duvenaud 2017, on mixtures). Otherwise its draws do not move.
  bool stratify = true;
};

/// A model whose draws move with the guide's parameters as far as they can. Failures "not-relaxed" where a
/// discrete variable cannot be relaxed, or the guide reads one that is.
SampledModel pathwise_model(const Problem& problem, const PathwiseOptions& options);

/// The estimate at the draws of such a model.
GradientEstimate pathwise_gradient(const SampledModel& model, const PathwiseOptions& options);

/// The bound of importance weighting, E[log mean of `inner` weights p / q] (Burda, Grosse, Salakhutdinov
/// 2016), over the groups that the draws make. The guide's gradient is doubly reparameterised (Tucker et al.
/// 2019): squares of the normalised weights times the path derivatives, parameters held inside log q. Failure
/// "no-path" where a latent variable's draws do not move.
GradientEstimate importance_weighted_gradient(const SampledModel& model, std::int64_t inner);

}  // namespace elbo::inference
