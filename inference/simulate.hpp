// Draws of whole models: from the prior, and of new data given a fit.
#pragma once

#include <cstdint>
#include <optional>

#include "inference/fit.hpp"

namespace elbo::inference {

/// All variables of a model, observed ones too, and its deterministic quantities, drawn in order: [shape…] by
/// name, or with n, n times: [n, shape…]. Failures: factor-in-simulation, constraint-in-simulation,
/// parameter-in-simulation.
runtime::Record simulate(runtime::Interpreter& interpreter, const runtime::ModelCall& call,
                         std::optional<std::int64_t> n, std::uint64_t seed, const lang::Span& span);

/// The observed variables drawn anew, once for each of n draws of the fit: [n, shape…] by name. Same
/// failures.
runtime::Record predict(runtime::Interpreter& interpreter, const Fit& fit, std::int64_t n, std::uint64_t seed,
                        const lang::Span& span);

}  // namespace elbo::inference
