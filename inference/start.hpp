// Where parameters start: `init` of a run, `at` of a gradient's statistics.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "inference/estimator.hpp"

namespace elbo::inference {

/// Failure "nothing-to-fit" where there is no parameter: but where all variables were summed out, there is a
/// posterior all the same.
void require_parameters(const ParameterVector& layout, const Problem& problem, const lang::Span& span);

/// Unconstrained values in the order of the layout: those of a fit or a record where it has them, and the
/// parameters' own starting values elsewhere; none: these only. `option` is the name of the option that gave
/// the value, for messages; `seed` is that of weights that start at random. Failures "bad-option",
/// "unknown-parameter", "shape-mismatch", "outside-support".
std::vector<double> starting_values(const ParameterVector& layout, const runtime::Value& given,
                                    const std::string& option, std::uint64_t seed, const lang::Span& span);

}  // namespace elbo::inference
