// Fisher information of a distribution on numbers without a closed form: the expectation of the outer product
// of the score, by quadrature over the probability scale or, of counts, by a sum over the outcomes.
#pragma once

#include "lang/diagnostic.hpp"
#include "runtime/tensor.hpp"
#include "runtime/value.hpp"

namespace elbo::inference {

/// Whether the record has what is needed: numbers as outcomes and parameters, and a quantile.
bool has_fisher_by_quadrature(const runtime::Distribution& distribution);

/// The information in the parameters as they are given, but for counts; of a batch, the sum. Failure
/// "no-fisher-information" where a parameter is an end of the support, or where outcomes are too many.
runtime::Tensor fisher_by_quadrature(const runtime::DistributionValue& value, const lang::Span& span);

}  // namespace elbo::inference
