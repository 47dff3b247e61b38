// One statement of a guide whose distribution is to be moved as a whole: its elements, its draws, and the way
// from new values of the distribution's parameters back to those of the guide.
#pragma once

#include <string>
#include <vector>

#include "inference/sampled_model.hpp"

namespace elbo::inference {

class GuideBlock {
 public:
  /// Of guide term `term` of the model, which must outlive the block.
  GuideBlock(const SampledModel& model, std::size_t term);

  const SampledModel& model() const { return model_; }
  std::size_t index() const { return index_; }
  const runtime::Distribution& distribution() const { return *part().call.distribution; }
  const runtime::VariablePart& part() const { return *term().part; }
  /// Parameters in the record's order, {plates}[elements…, own…].
  const std::vector<runtime::Expr>& canonical() const { return part().call.canonical; }
  /// Shape of the independent outcomes, those of plates not among them.
  const runtime::Shape& elements() const { return elements_; }
  /// Of the statement, sorted.
  std::vector<runtime::AxisId> plates() const;
  /// What was drawn from the distribution: {sample, plates}[elements…, outcome…], before the bijector if
  /// there is one.
  runtime::Expr draw() const;
  /// How much more its elements weigh in the objective than they are: those of the rows of a batch stand for
  /// rows that are not there, but move on their own account.
  double weight() const { return part().weight; }
  /// Whether its elements belong to rows of the data, of which there is only a batch.
  bool is_local() const;

  /// Writes the step from what the parameters are to these values, on the unconstrained scale of the guide's
  /// own parameters. Every parameter that moves has to be a parameter of the guide as it stands, for one
  /// element (Failure "guide-not-natural").
  void move_to(const std::vector<runtime::Expr>& canonical, std::vector<runtime::Expr>& steps) const;

  [[noreturn]] void refuse(const std::string& why) const;

 private:
  const Term& term() const { return model_.guide_terms[index_]; }
  void store(std::size_t p, bool moved, runtime::Expr value, std::vector<runtime::Expr>& steps) const;
  [[noreturn]] void shared(const std::string& name) const;

  const SampledModel& model_;
  std::size_t index_;
  runtime::Shape elements_;
};

}  // namespace elbo::inference
