// Rao-Blackwell costs by brute force: what changes when one element of one draw does.
#pragma once

#include "inference/problem.hpp"

namespace elbo::tests {

/// Checks inference::downstream_cost of every latent variable against brute force, element by element. In the
/// guide every variable must be one statement, and none a chain.
void check_costs(const elbo::inference::Problem& problem);

}  // namespace elbo::tests
