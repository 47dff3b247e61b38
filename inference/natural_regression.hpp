// The natural gradient of an exponential-family guide by regression: the least-squares fit of the costs on
// the sufficient statistics over draws from the guide (Salimans and Knowles 2013, "Fixed-form variational
// posterior approximation through stochastic linear regression"). It needs no derivative of the model.
#pragma once

#include "inference/guide_block.hpp"

namespace elbo::inference {

/// Natural parameters after a step of `step_size` (an input node), as canonical parameters:
/// {plates}[elements…, own…]. The step is shortened by powers of 4 for the elements that it would carry
/// outside the supports of their parameters. Failure "guide-not-natural" where the distribution is no
/// exponential family.
std::vector<runtime::Expr> regression_update(const GuideBlock& block, runtime::Expr step_size);

/// Draws that the regression needs at least.
std::int64_t regression_samples(const GuideBlock& block);

}  // namespace elbo::inference
