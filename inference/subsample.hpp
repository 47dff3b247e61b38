// Subsampling (Hoffman et al. 2013, "Stochastic variational inference"): a batch of random rows of the data
// stands for all of them. In the graphs of model and guide the batch takes the place of the rows, and the log
// densities of what belongs to rows weigh rows / batch, so that every estimate of the ELBO and its gradients
// stays unbiased. Rows are drawn without replacement, pass by pass over the data; the last batch of a pass has
// the rows that are left.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

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

/// The problem at the rows whose numbers (0-based, [batch]) an expression gives, each weighing 1; the same in
/// all else. There need be no guide: latent variables with one entry per row, seen by that row only, are then
/// those of the model alone. Observed variables that are to be drawn (ElaborateOptions::replicate) are, like
/// latent ones, drawn for the batch if they are seen by their own row only. A variable is drawn for the batch
/// where its value is another node than in `problem`.
Problem at_rows(const Problem& problem, std::int64_t rows, runtime::Expr index);

/// The rows of one statement on an observed variable.
struct ObservedRows {
  std::string variable;
  std::string loop;  ///< the outermost one around the statement; empty for entries of a vector
  std::int64_t rows;
};

/// Of all statements that have rows.
std::vector<ObservedRows> observed_rows(const runtime::ModelGraph& model);

/// "`y` has 100, `x` has 20".
std::string listed(const std::vector<ObservedRows>& rows);

}  // namespace elbo::inference
