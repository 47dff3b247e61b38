// Functions of models applied to data.
#pragma once

#include "runtime/value.hpp"

namespace elbo::stdlib {

/// Log density of a model (of its data and latent variables together, factors included) at the values of a
/// record, on the user's scale; constraints of latent variables restrict it, and add no Jacobian. A symbol
/// where a value is one, so that `gradient` goes through. Failures: unknown-variable, missing-variable,
/// shape-mismatch.
runtime::Value model_log_density(runtime::Interpreter& interpreter, const runtime::ModelCall& call,
                                 const runtime::Value& values, const lang::Span& span);

}  // namespace elbo::stdlib
