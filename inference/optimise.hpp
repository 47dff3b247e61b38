// The loop: estimate a gradient, look at it, take a step, until a stopping rule says so.
#pragma once

#include <memory>

#include "inference/fit.hpp"
#include "inference/method.hpp"
#include "inference/run_options.hpp"

namespace elbo::runtime {
class Interpreter;
}

namespace elbo::inference {

/// Maximises the ELBO of a problem along the gradient estimate. Warnings (interruption, bad numbers) go to the
/// interpreter.
std::shared_ptr<const Fit> optimise(runtime::Interpreter& interpreter, const Problem& problem,
                                    const PreparedRun& prepared, const std::string& method,
                                    const RunOptions& options, const lang::Span& span);

}  // namespace elbo::inference
