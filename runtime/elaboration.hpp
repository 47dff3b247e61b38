// Reading the body of a model or guide once, with symbols for what is random. Internal to elaborate*.cpp.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "runtime/evaluation.hpp"
#include "runtime/model_graph.hpp"

namespace elbo::runtime {

/// Defines the arguments of a model or guide in `scope`, with their declared types checked and the names of
/// sizes
/// (`real[N, D]`) bound. Failures: shape-argument, support-argument, nan-in-data, not-yet-supported (missing
/// entries).
void bind_arguments(Interpreter& interpreter, const ModelCall& call, const std::shared_ptr<Scope>& scope);

/// A constraint or type as written, with its numbers: `interval(0, b)[3]`.
struct Constraint {
  const SupportKind* kind = nullptr;
  std::vector<Value> bounds;
  bool has_shape = false;
  Shape shape;
};
Constraint evaluate_constraint(Evaluation& evaluation, const lang::TypeExpression& type);

/// The body of one model or guide being read.
class Elaboration : public ModelStatements {
 public:
  Elaboration(Interpreter& interpreter, const ModelCall& call, std::shared_ptr<Graph> graph);

  /// Reads the body.
  std::shared_ptr<ModelGraph> read();

  void sample(Evaluation&, const lang::SampleStatement&, const lang::Span&) override;
  void param(Evaluation&, const lang::ParamStatement&, const lang::Span&) override;
  void factor(Evaluation&, const lang::FactorStatement&, const lang::Span&) override;
  void defined(const std::string& name, const Value& value, const lang::Span&) override;

 private:
  bool is_argument(const std::string& name) const;
  void check_fresh(const lang::Identifier& name) const;
  RandomVariable observe(const std::string& name, DistributionCall call, const lang::Span& span) const;
  void restrict(DistributionCall& call, Support& support, const Constraint& constraint,
                const std::string& name, const lang::Span& span) const;
  Support constraint_support(const Constraint& constraint) const;
  Tensor initial_value(Evaluation& evaluation, const lang::ParamStatement& node, const Constraint& constraint,
                       const PointParameter& parameter) const;

  Interpreter& interpreter_;
  const ModelCall& call_;
  std::shared_ptr<ModelGraph> model_;
  std::shared_ptr<Scope> scope_;  // of the whole body: random variables belong to it wherever they stand
};

/// Checks a guide against its model (elaborate_guide.cpp).
void check_guide(const ModelGraph& guide, const ModelGraph& model);

}  // namespace elbo::runtime
