// A program that goes over all rows of the data of a fit, batch after batch, so that memory does not grow
// with the data: the guide of each row's latent variables, and what the model says of the row given them. The
// choice of rows is carried down to the data (inference/batch_rows.hpp), whose rows are then inputs.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "inference/fit.hpp"

namespace elbo::inference {

/// A part of a variable as a program computes it: with its plates as leading dimensions, the first of which
/// is the batch where `per_row` is set.
struct RowOutput {
  std::string variable;
  const runtime::VariablePart* whole;  ///< the part over all rows
  runtime::Expr value;
  bool per_row;
  std::vector<double> all = {};  ///< when the program has run: of all rows
};

/// The model of a fit, read anew so that its observed variables can be replaced, and the guide, in the graph
/// of the fit.
Problem predictive_problem(runtime::Interpreter& interpreter, const Fit& fit);

/// The numbers of rows that observed variables have.
std::set<std::int64_t> row_counts(const runtime::ModelGraph& model);

/// Names of the latent variables with one entry per row, by the model alone: those that `rows` new rows would
/// have of their own.
std::set<std::string> latents_of_rows(const runtime::ModelGraph& model, std::int64_t rows);

/// How many rows go together when each is drawn so often.
std::int64_t rows_at_once(const Problem& problem, std::int64_t rows, std::int64_t draws);

/// The problem at a batch of rows, with the guide's draws of what belongs to the rows.
class RowPass {
 public:
  /// `whole` is a predictive_problem; `rows` 0: everything at once. With `at_mean`, latent variables are at
  /// their means, averaged over the draws where these have no closed form. All must outlive this.
  RowPass(const Fit& fit, const Problem& whole, std::int64_t rows, std::int64_t batch, std::int64_t draws,
          bool at_mean);

  /// Means of the latent variables that the guide draws row by row.
  std::vector<RowOutput> latent_means() const;
  /// Means of the observed variables given the latent ones, averaged over the draws. Failure "no-mean".
  std::vector<RowOutput> data_means() const;
  /// Whether a mean of latent_means is an average over draws.
  bool uses_draws() const;

  /// Computes all rows of the outputs.
  void run(std::vector<RowOutput>& outputs, std::uint64_t seed) const;

 private:
  /// An input and what it is at all rows, or (`per_row` unset) at every batch.
  struct Given {
    runtime::Expr input;
    runtime::Tensor values;
    bool per_row;
  };

  void use_parameters();
  void share_latents();
  void use_data();
  runtime::Expr completed(const runtime::RandomVariable& v) const;
  const runtime::Tensor* argument(const std::string& name) const;
  runtime::Expr mean(const VariableDraw& draw) const;
  std::vector<Given> shared_values(const std::vector<runtime::Expr>& outputs, std::uint64_t seed) const;
  std::vector<Given> rows_as_inputs(std::vector<runtime::Expr>& outputs) const;
  void keep(RowOutput& output, std::span<const double> values, std::int64_t count) const;

  const Fit& fit_;
  const Problem& whole_;
  runtime::Graph& graph_;
  std::int64_t rows_, batch_;
  bool at_mean_;
  Problem at_;
  runtime::Expr index_;
  runtime::AxisId sample_ = 0;
  Replacements known_;                                         // variables and parameters -> what they are
  std::vector<std::pair<std::string, runtime::Expr>> shared_;  // latent variables that are inputs
  std::vector<VariableDraw> drawn_;                            // of the guide, those of the rows
};

}  // namespace elbo::inference
