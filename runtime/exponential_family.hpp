// What the log-partition function of an exponential family gives: mean parameters, entropy and relative
// entropy, for distributions whose record has no closed form of them.
#pragma once

#include "runtime/distribution.hpp"

namespace elbo::runtime {

/// The expectations of the sufficient statistics: the gradient of the log-partition function.
std::vector<Expr> mean_parameters(const ExponentialFamily& family, std::span<const Expr> canonical);

/// Entropy from the record, or else from its family where the base measure is constant; empty where neither
/// gives it.
Expr entropy(const Distribution& distribution, std::span<const Expr> canonical);

/// KL(p || q) of two distributions of one record, likewise; NaN where parameters that are fixed within the
/// family (counts) differ.
Expr kl(const Distribution& distribution, std::span<const Expr> p, std::span<const Expr> q);

}  // namespace elbo::runtime
