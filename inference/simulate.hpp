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

/// n new rows of the data (new turns of the outermost loop around an observed statement), each with its own
/// draw of the latent variables that all rows see: those with one entry per row from their prior, observed
/// ones given these; [n, shape of a row…] by name. `of` as in new_row (inference/new_row.hpp), whose failures
/// these are, too.
runtime::Record predict_rows(runtime::Interpreter& interpreter, const Fit& fit, std::int64_t n,
                             const std::string& of, std::uint64_t seed, const lang::Span& span);

}  // namespace elbo::inference
