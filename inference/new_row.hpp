// A model at a row that its data do not have: a new member of the outermost plate over observations. The
// choice of rows is carried down through the model's graph (inference/batch_rows.hpp); a statement that then
// still asks which row it is cannot be drawn for a new one.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "inference/ancestral.hpp"
#include "runtime/model_graph.hpp"

namespace elbo::inference {

struct NewRow {
  /// The model with one row in the place of all: variables with one entry per row have a leading dimension
  /// of 1.
  std::shared_ptr<const runtime::ModelGraph> model;
  std::vector<std::string> drawn;  ///< names of these variables, in the model's order
  Replacements alike;  ///< data that are the same in all rows, where the statements of the row read them
};

/// `model` is one whose observed variables are to be drawn (ElaborateOptions::replicate). `of` names an
/// observed variable or a loop, where observed variables differ in their rows; empty: they do not. Failures
/// "no-rows" where it is not said which rows are meant or there are none, "row-data" where a statement of the
/// row reads data of it, "bound-rows" where it reads what other rows read too.
NewRow new_row(const std::shared_ptr<const runtime::ModelGraph>& model, const std::string& of,
               const lang::Span& span);

}  // namespace elbo::inference
