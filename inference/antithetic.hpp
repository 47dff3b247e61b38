// Draws in pairs that share their noise, a Bernoulli draw of one being the antithesis of the other's (DisARM:
// Dong, Mnih, Tucker 2020).
#pragma once

#include <cstdint>
#include <vector>

#include "inference/sampled_model.hpp"

namespace elbo::inference {

/// A rule by which draws i and i + pairs, of 2 * pairs, use the same normal and uniform
/// numbers, but for Bernoulli distributions: u and 1 - u.
DrawRule antithetic_pairs(std::int64_t pairs);

/// Whether the gradient of a guide's term can be taken by DisARM: it draws from a Bernoulli whose probability
/// no draw changes.
bool is_antithetic(const Term& term, runtime::AxisId sample);

/// A number whose gradient is the estimate: of a term's log odds phi, per pair and element
///   1/2 (c - c~) (-1)^b~ 1[b != b~] sigma(|phi|),
/// with costs c and c~ of its two draws (or {sample} where all elements have the same), averaged over pairs.
runtime::Expr antithetic_surrogate(const SampledModel& model, const Term& term, runtime::Expr cost);

/// Costs less the mean of the draws of other pairs: what an unbiased score function weighs with. As they are
/// where there is one pair.
runtime::Expr centred_on_other_pairs(runtime::Expr cost, runtime::AxisId sample);

}  // namespace elbo::inference
