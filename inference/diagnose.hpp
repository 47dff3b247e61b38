// Where a bad number came from: the first draw or density that is not finite, with the values that entered
// it.
#pragma once

#include <cstdint>
#include <optional>

#include "inference/estimator.hpp"
#include "lang/diagnostic.hpp"

namespace elbo::inference {

/// Looks at one step again, term by term, with the same random numbers. The diagnostic (code "bad-number",
/// tier numbers) names the statement, the variable, its value and parameters, and the step. `problem` is that
/// of all rows, where `model` sees a batch of them: entries are named as the user knows them. `unit` is what
/// a step is called. The hint is empty where none is known.
lang::Diagnostic diagnose(const Problem& problem, const SampledModel& model, const GradientEstimate& estimate,
                          const ParameterVector& layout, std::span<const double> parameters,
                          std::uint64_t seed, std::int64_t step, const std::string& unit = "step");

}  // namespace elbo::inference
