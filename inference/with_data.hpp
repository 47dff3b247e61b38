// A fit on other data: model and guide applied anew, with the parameters as they were fitted. That says
// something only where no parameter belongs to a row of the data: with amortised guides, which compute the
// distribution of a row from the row, and where all rows share their latent variables.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "inference/fit.hpp"
#include "inference/run_options.hpp"

namespace elbo::inference {

/// The fit with the arguments of these names replaced, in its model and in its guide. `function` is that
/// which the script calls. Failures "unknown-argument", "missing-argument" where none is named,
/// "stale-argument" where the guide goes on seeing what was replaced in the model, "parameter-of-rows" where
/// a parameter belongs to the rows that were fitted, and those of applying a model.
FitPtr with_data(runtime::Interpreter& interpreter, const Fit& fit, const std::vector<GivenOption>& data,
                 const std::string& function, const lang::Span& span);

}  // namespace elbo::inference
