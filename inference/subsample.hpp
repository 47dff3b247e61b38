// Subsampling (Hoffman et al. 2013, "Stochastic variational inference"): a batch of random rows of the data
// stands for all of them. In the graphs of model and guide the batch takes the place of the rows, and the log
// densities of what belongs to rows weigh rows / batch, so that every estimate of the ELBO and its gradients
// stays unbiased. Rows are drawn without replacement, pass by pass over the data; the last batch of a pass has
// the rows that are left.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "inference/problem.hpp"

namespace elbo::inference {

struct BatchOption {
  std::int64_t size = 0;  ///< 0: all rows
  std::string of;  ///< the observed variable whose rows are meant, or the loop's; empty: there is one choice
  lang::Span span;
};

/// Which of a step's rows a program sees: `count` from number `first` on, of `of` in all.
struct StepRows {
  std::int64_t first = 0, count = 0, of = 0;
};

/// The problem at these rows of a batch (left out: all of them); the same problem where the option asks for
/// no batch. Parameters are the same input nodes. Latent variables with one entry per row, seen by that row only,
/// are drawn for the batch; all others as before. Failure "bad-option" where the data has no such rows.
Problem subsample(const Problem& problem, const BatchOption& batch, std::optional<StepRows> part = {});

/// How many rows `subsample` draws from.
std::int64_t row_count(const runtime::ModelGraph& model, const BatchOption& batch);

/// Steps of one pass over all rows, and the rows of its last step where they are fewer than a batch (0
/// otherwise).
struct PassSteps {
  std::int64_t steps = 1, rest = 0;
};
PassSteps steps_of_pass(const runtime::ModelGraph& model, const BatchOption& batch);

}  // namespace elbo::inference
