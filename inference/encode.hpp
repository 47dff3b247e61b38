// What a fit says of each row of its data: the means of the row's latent variables under the guide, and those
// of its data given latent variables.
#pragma once

#include <cstdint>
#include <string>

#include "inference/fit.hpp"

namespace elbo::inference {

/// How a mean over latent variables is taken.
struct LatentDraws {
  std::int64_t count = 1;
  std::uint64_t seed = 0;
  /// Latent variables are at their means under the guide instead; where these have no closed form, they are
  /// averages over `count` draws.
  bool at_mean = false;
};

/// Mean under the guide of each latent variable with one entry per row: [rows, shape…] by name. Closed forms
/// where the guide gives them, averages over draws otherwise. Failure "no-row-latents" where there is none.
runtime::Record encode(runtime::Interpreter& interpreter, const Fit& fit, const LatentDraws& draws,
                       const lang::Span& span);

/// Mean of each observed variable given latent variables drawn from the guide, averaged over the draws, in
/// the shape of the data. Failures "no-mean" where a distribution has none in closed form,
/// "nothing-observed", "discrete-mean" where a discrete variable would be at its mean.
runtime::Record reconstruct(runtime::Interpreter& interpreter, const Fit& fit, const LatentDraws& draws,
                            const lang::Span& span);

}  // namespace elbo::inference
