// Fisher information of observed variables in the parameters of a model: of the distributions by their
// exponential family form (the Hessian of the log-partition function) or their own closed form, carried to
// the script's parameters by the chain rule, J' F J, also through functions of parameters and with different
// values for every observation.
#pragma once

#include <span>

#include "inference/sampled_model.hpp"

namespace elbo::inference {

/// Which entries of the Fisher information are kept.
enum class FisherStructure : std::uint8_t { full, block, diagonal };

/// Sum over the observed terms of the Fisher information in `parameters` (unconstrained inputs, flattened in
/// order, P numbers in all): [P, P], or its diagonal [P] for FisherStructure::diagonal. `block` keeps the
/// entries within one parameter. Failure "no-fisher-information" where a term has none.
runtime::Expr fisher_information(std::span<const Term> terms, std::span<const runtime::Expr> parameters,
                                 FisherStructure structure);

/// Solves (F + damping I) d = g for the gradients g of the parameters: the natural gradient.
std::vector<runtime::Expr> natural_gradient(runtime::Expr fisher, FisherStructure structure, double damping,
                                            std::span<const runtime::Expr> gradients);

}  // namespace elbo::inference
