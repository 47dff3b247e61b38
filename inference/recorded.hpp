// What the trace of a run records, step by step.
#pragma once

#include <string>
#include <vector>

#include "inference/sampled_model.hpp"

namespace elbo::inference {

/// Values for the trace: parameters on the user's scale, then the guide's mean of every latent variable; not
/// the weights of nets, nor those of the rows of the data, where a step sees only a batch of these.
struct Recorded {
  std::vector<std::string> names;
  std::vector<runtime::Expr> values;
};

/// `problem` is that of all rows, where `model` sees a batch of them.
Recorded recorded_values(const Problem& problem, const SampledModel& model);

}  // namespace elbo::inference
