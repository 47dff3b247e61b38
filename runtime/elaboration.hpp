// Reading the body of a model or guide once, with symbols for what is random. Internal to elaborate*.cpp.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "runtime/defined_array.hpp"
#include "runtime/evaluation.hpp"
#include "runtime/model_graph.hpp"
#include "runtime/nets.hpp"
#include "runtime/plates.hpp"

namespace elbo::runtime {

/// Defines the arguments of a model or guide in `scope`, with their declared types checked and the names of
/// sizes (`real[N, D]`) bound. Failures: shape-argument, support-argument, nan-in-data, not-yet-supported
/// (missing entries).
void bind_arguments(Interpreter& interpreter, const ModelCall& call, const std::shared_ptr<Scope>& scope);

/// A constraint or type as written, with its numbers: `interval(0, b)[3]`.
struct Constraint {
  const SupportKind* kind = nullptr;
  std::vector<Value> bounds;
  bool has_shape = false;
  Shape shape;
};
Constraint evaluate_constraint(Evaluation& evaluation, const lang::TypeExpression& type);

/// Observed values of a shape larger than the parameters' are independent copies: the call then says how
/// many.
void set_size(DistributionCall& call, const Shape& data);

/// The body of one model or guide being read.
class Elaboration : public ModelStatements, public NameReader, public Weights {
 public:
  Elaboration(Interpreter& interpreter, const ModelCall& call, std::shared_ptr<Graph> graph,
              bool replicate = false);

  /// Nets that this graph calls, too, keep the weights that it gave them.
  void share_nets(const ModelGraph& model) {
    shared_ = &model;
    model_->nets = model.nets;
  }

  /// Reads the body.
  std::shared_ptr<ModelGraph> read();
  /// Calls a net instead.
  std::shared_ptr<ModelGraph> read_net(const std::shared_ptr<const Closure>& net,
                                       std::vector<CallArgument> arguments, const lang::Span& span);

  void sample(Evaluation&, const lang::SampleStatement&, const lang::Span&) override;
  void param(Evaluation&, const lang::ParamStatement&, const lang::Span&) override;
  void factor(Evaluation&, const lang::FactorStatement&, const lang::Span&) override;
  void defined(const std::string& name, const Value& value, const lang::Span&) override;
  void define_entry(Evaluation&, const lang::LetStatement&, const lang::Span&) override;
  void loop(Evaluation&, const lang::ForStatement&, const lang::Span&) override;
  Completion choose_statements(Evaluation&, const Symbol& condition, const lang::IfExpression&,
                               const lang::Span&) override;
  Value choose_value(Evaluation&, const Symbol& condition, const lang::IfExpression&) override;

  Value read(const Value& value) override;
  std::optional<Value> read_entry(const Value& value, const std::vector<Subscript>& subscripts,
                                  const lang::Span& span) override;
  std::optional<Value> read_field(const Value& value, const lang::Identifier& field) override;
  bool defines_later(const std::string& name) const override;

  // elaborate_nets.cpp
  std::string name_of(const std::shared_ptr<const Closure>& net, const lang::Span& span) override;
  std::optional<Value> find(const std::string& name) const override;
  Value make(const std::string& name, const Shape& shape, const WeightStart& start,
             const lang::Span& span) override;
  Value make(Evaluation& evaluation, const lang::ParamStatement& node, const std::string& name,
             const lang::Span& span) override;

 private:
  using ArrayPtr = std::shared_ptr<DefinedArray>;
  struct LoopEntries;
  struct Sides;
  /// A name that a loop assigns to: its value before the first turn, and what stands for it in the body.
  struct Carried {
    std::string name;
    Expr initial;
    Expr placeholder;
    Value before;
  };
  /// The body being read: that of the model itself, or of one that a statement of it embeds.
  struct Body {
    const ModelCall* call = nullptr;
    std::shared_ptr<Scope> scope;  ///< random variables belong to it wherever they stand
    std::string prefix;            ///< "z." of the variables of `z ~ other_model(…)`
    Positions at;                  ///< index of that statement: every variable inside has it first
  };
  /// Data with missing entries.
  struct Incomplete {
    Tensor data;                                 ///< with something in the place of missing entries
    std::map<std::int64_t, std::int64_t> slots;  ///< which entry of the latent variable each missing one is
    std::set<std::int64_t> modelled;             ///< slots that a statement has given a distribution
    Expr latent;
    RandomVariable variable;
  };
  /// Entries of a `let` array that depend on entries of earlier turns of the loop being read.
  struct Recurrence;

  // elaborate.cpp
  bool is_argument(const std::string& name) const;
  void check_fresh(const lang::Identifier& name) const;
  RandomVariable observe(const std::string& name, DistributionCall call, const lang::Span& span);
  /// The data that an argument holds, missing entries filled.
  Tensor data_of(const std::string& name, const lang::Span& span) const;
  void restrict(DistributionCall& call, Support& support, const Constraint& constraint,
                const std::string& name, const lang::Span& span) const;
  Support constraint_support(const Constraint& constraint) const;
  DistributionCall distribution(const Value& value, const lang::SampleStatement& node) const;
  /// A name of the present body as the whole model knows it.
  lang::Identifier full(const lang::Identifier& name) const { return {body_.prefix + name.name, name.span}; }
  /// Puts what placeholders stand for in their place, everywhere.
  void resolve_all();

  // elaborate_embedded.cpp
  void embed(Evaluation& evaluation, const lang::SampleStatement& node, const Positions& at,
             const ModelCall& call, const lang::Span& span);
  Value run_embedded(const ModelCall& call, const std::string& name, const Positions& at,
                     const lang::Span& span);
  void observe_in_plate(const lang::SampleStatement& node, DistributionCall call, const lang::Span& span);

  // elaborate_missing.cpp
  /// The call with something in the place of missing entries of observed arguments, which are noted.
  ModelCall without_missing();  // of the present body
  /// Gives arguments with missing entries their value in the body: data and latent values together.
  void define_missing();
  /// Adds a statement on data (all of them, or those of `subscripts`) to its variable: what is there, and
  /// what is not.
  void add_observed(RandomVariable& variable, VariablePart part, const std::vector<Subscript>& subscripts);
  void finish_missing();

  // elaborate_params.cpp
  /// The value of the parameter that the statement declares, for all turns of the loops in `at`.
  Value add_parameter(Evaluation& evaluation, const lang::ParamStatement& node, std::string name,
                      const Positions& at, const lang::Span& span);
  Tensor initial_value(Evaluation& evaluation, const lang::ParamStatement& node, const Constraint& constraint,
                       const PointParameter& parameter) const;
  Tensor indexed_initial_value(Evaluation& evaluation, const lang::ParamStatement& node, const Positions& at,
                               const Constraint& constraint, const PointParameter& parameter);

  // elaborate_arrays.cpp
  Positions positions(Evaluation& evaluation, const lang::Target& target) const;
  void sample_entry(Evaluation& evaluation, const lang::SampleStatement& node, const Positions& at,
                    const Value& distribution, const lang::Span& span);
  Value entry_of(DefinedArray& array, const Positions& at, const lang::Span& span);
  void observe_entry(Evaluation& evaluation, const lang::SampleStatement& node, const lang::Span& span);
  ArrayPtr array_named(const lang::Identifier& name, DefinedArray::Kind kind, std::size_t rank);
  ArrayPtr array_of(const Value& value) const;
  void complete(DefinedArray& array);
  void complete_variable(DefinedArray& array, const Shape& extents);

  // elaborate_loops.cpp
  LoopEntries entries_of(Evaluation& evaluation, const lang::ForStatement& node) const;
  Sides sides(const Symbol& condition, const Tensor& values) const;
  void run_side(Evaluation& evaluation, const Sides& sides, bool side, const std::function<void()>& body);
  Completion merge_assignments(Evaluation& evaluation, const Symbol& condition,
                               const lang::IfExpression& node);
  bool is_open(Expr value) const;

  // elaborate_carried.cpp
  std::vector<Carried> begin_carried(Evaluation& evaluation,
                                     const std::vector<const lang::Identifier*>& assigned);
  void finish_carried(Evaluation& evaluation, AxisId axis, std::vector<Carried> carried,
                      const std::vector<std::size_t>& pieces_before);
  std::vector<Recurrence> recurrences(AxisId axis, const std::vector<std::size_t>& pieces_before) const;

  Interpreter& interpreter_;
  std::shared_ptr<ModelGraph> model_;
  Body body_;
  Plates plates_;
  std::vector<ArrayPtr> arrays_;  // in the order of their first statements
  std::map<std::string, Incomplete> incomplete_;
  bool replicate_;                             // all entries of observed data are taken as not observed
  std::vector<Expr> open_;                     // placeholders of carried values of the loops being read
  std::unordered_map<NodeId, Expr> resolved_;  // what placeholders stand for
  const ModelGraph* shared_ = nullptr;         // whose nets keep their weights
};

/// Checks a guide against its model (elaborate_guide.cpp).
void check_guide(const ModelGraph& guide, const ModelGraph& model, const std::vector<std::string>& may_miss);

}  // namespace elbo::runtime
