// The graph of random variables: what a model (or guide) applied to data becomes. Nodes are latent and
// observed variables, parameters and deterministic quantities; edges follow from which values a node's
// expressions use.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "lang/source.hpp"
#include "runtime/distribution.hpp"
#include "runtime/graph.hpp"
#include "runtime/value.hpp"

namespace elbo::runtime {

class Interpreter;

/// What one `~` statement says of a variable: all of it, or (`z[1] ~ …`, `for t in 2:T { z[t] ~ … }`) the
/// elements of one index set.
struct VariablePart {
  DistributionCall call;
  /// Of the elements that the statement defines, for one index: with the axes of its plates where it is
  /// indexed. An expression of RandomVariable::value.
  Expr value;
  Expr log_density;  ///< elementwise, with the axes of its plates and the event shape of the value
  Support support;
  std::vector<AxisId> plates;  ///< of the loops around the statement, outermost first
  /// For an indexed statement: which elements of the array it defines, by 0-based row-major number over the
  /// indexed dimensions; its dimensions are the plates', then those of an index that is itself a vector.
  std::optional<Tensor> positions;
  lang::Span span;  ///< of the statement
  /// Of a ready-made guide: `call` is the distribution of unconstrained numbers, whose image under the
  /// bijector of this support is the value.
  std::optional<Support> bijector = {};
  /// Of the log density in an objective: more than 1 where a batch of rows stands for all.
  double weight = 1;
  /// Its log density is in a factor already, in which discrete variables are summed out.
  bool in_factor = false;

  /// How many trailing dimensions of the value one outcome takes: those are drawn, or constrained, as a
  /// whole.
  int outcome_rank() const;
};

struct RandomVariable {
  std::string name;
  bool observed = false;
  Expr
      value;  ///< observed: the data; latent: an input node that stands for the value (user scale), all of it
  std::vector<VariablePart> parts;  ///< in the order of the statements; at least one
  Shape indexed;  ///< extents of the indexed dimensions; empty when written without an index
  Expr
      data;  ///< of an observed variable that is to be drawn (ElaborateOptions::replicate): what was observed

  const lang::Span& span() const { return parts.front().span; }
};

/// How a constrained parameter is stored and moved: what may follow `via`.
struct ParameterTransform {
  std::string_view name;  ///< "exp", "softplus", "clamp"
  std::string_view help;
  /// Whether it can keep this constraint when the user asks for it by name.
  bool (*applies)(const SupportKind& kind);
  Expr (*constrain)(Expr unconstrained, const Support& support);
  Expr (*unconstrain)(Expr value, const Support& support);
};
/// All of them. "exp", the first, stands for the bijector of the support whatever that is, and is the
/// default.
std::span<const ParameterTransform> parameter_transforms();

/// How the weights of a net's layer start: numbers of this shape for a seed.
using WeightStart = std::function<Tensor(const Shape& shape, std::uint64_t seed)>;

/// A net whose weights are among the parameters, all named with `name` and a dot first.
struct NetUse {
  std::string name;
  std::shared_ptr<const Closure> net;
};

struct PointParameter {
  std::string name;
  Support support;
  std::string via;     ///< "exp" (the support's bijector), "softplus" or "clamp"
  double clamp = 0;    ///< of "clamp": after each step the optimizer moves the value back to at least this
  Expr unconstrained;  ///< the input node that optimizers move
  Expr value;          ///< on the user's scale, a function of `unconstrained`
  Tensor initial;      ///< on the user's scale; of weights only the shape
  lang::Span span;
  /// Of a weight that starts at random numbers.
  WeightStart start = nullptr;
  bool is_weight = false;  ///< of a net
};

struct DeterministicQuantity {
  std::string name;
  Expr value;
  lang::Span span;
};

struct FactorTerm {
  Expr log_density;  ///< of one turn, with the axes of its plates
  lang::Span span;
  std::vector<AxisId> plates;  ///< of the loops around the statement, outermost first
  double weight = 1;  ///< as of VariablePart
  /// What it is, for messages: empty for what `factor` wrote.
  std::string name = {};
};

/// A body that was read for a graph: that of the model itself, then those of models that it embeds. For
/// drawing the graph as it is written.
struct ModelBody {
  std::string prefix;  ///< of the names of its variables: "z." for `z ~ other_model(…)`
  ModelCall call;
};

/// What a loop of a body ran over.
struct ModelLoop {
  std::string prefix;  ///< of the body
  lang::Span span;     ///< of the `for` statement
  std::int64_t turns = 0;
  std::int64_t first = 0;  ///< value of the loop's variable in the first turn (an int; 0 for others)
  bool counts = false;     ///< the variable goes up by 1 in every turn
  bool ragged = false;     ///< the range depends on the loops around it: `turns` counts those of all together
};

/// Of a guide that is one normal distribution of the unconstrained numbers of all latent variables, in their
/// order: which of its parameters are the mean and the lower Cholesky factor of the covariance.
struct JointNormal {
  std::size_t mean, cholesky;
};

/// Of a guide that is a mixture of distributions of all latent variables together: how to draw from one
/// component at a time, in a way that moves with its parameters. An expectation is then the sum over the
/// components of weight times expectation.
struct ComponentDraws {
  Expr weights;  ///< [components]
  /// A draw of what `call`, the distribution of a statement of the guide, is about, from component number
  /// `component` (0-based, an integer for each of the draws).
  Expr (*draw)(const DistributionCall& call, Expr component, const std::vector<AxisId>& axes);
};

/// Of a graph in which a batch of rows stands for all rows of the data.
struct RowBatch {
  AxisId axis = 0;
  Expr index;             ///< 0-based numbers of the rows, [batch]
  std::int64_t rows = 0;  ///< of all
  /// Parameters with one entry per row: the entries of the batch, [batch, …] -> index in `parameters`.
  std::unordered_map<NodeId, std::size_t> parameter_rows = {};
};

struct ModelGraph {
  std::string name;
  bool is_guide = false;
  std::shared_ptr<Graph> graph;
  std::vector<RandomVariable> variables;  ///< in the order of the statements
  std::vector<PointParameter> parameters;
  std::vector<DeterministicQuantity> quantities;
  std::vector<FactorTerm> factors;
  std::vector<NetUse> nets;  ///< that the body called; in a guide, those of its model come first
  std::vector<ModelBody> bodies;  ///< empty for a guide that no statement of a script wrote
  std::vector<ModelLoop> loops;
  std::optional<JointNormal> joint = {};
  std::optional<ComponentDraws> components = {};
  std::optional<RowBatch> batch = {};
  /// Supports that were made for this graph, and live as long.
  std::vector<std::shared_ptr<const SupportKind>> own_supports = {};
  Value returned;         ///< of `return`; none without one
  lang::Span span;        ///< of the call that gave the model its data
  lang::Span definition;  ///< of the `model` or `guide` statement

  const RandomVariable* find(const std::string& name) const;
};

/// The transform of a parameter of this constraint that `via` names.
const ParameterTransform& parameter_transform(const std::string& via);

struct ElaborateOptions {
  std::shared_ptr<Graph> graph = {};  ///< in which to build; empty: one of its own
  /// Observed variables are to be drawn rather than given: their values are input nodes, as those of latent
  /// variables are, and the body reads these (an autoregression its own past). Entries that no statement
  /// stands for stay data.
  bool replicate = false;
};

/// Applies a model to its data: reads its body once with symbolic variables. Failure on the user's mistakes.
std::shared_ptr<const ModelGraph> elaborate(Interpreter& interpreter, const ModelCall& model,
                                            const ElaborateOptions& options = {});

/// Elaborates a guide for a model in the model's own graph, and checks that it covers exactly the model's
/// latent variables, but for those that `may_miss` names, with shapes and supports that fit (codes guide-misses,
/// guide-unknown-variable, guide-shape, guide-support, guide-parameter-name).
std::shared_ptr<const ModelGraph> elaborate_guide(Interpreter& interpreter, const ModelCall& guide,
                                                  const ModelGraph& model,
                                                  const std::vector<std::string>& may_miss = {});

/// A value on the user's scale as unconstrained numbers (row-major): the inverse of `parameter.value`.
std::vector<double> unconstrain(const PointParameter& parameter, const Tensor& value);

/// The whole of a variable from values of its parts, which have the parts' plates as axes and any further
/// axes (of Monte Carlo draws): the inverse of VariablePart::value.
Expr assemble(const RandomVariable& variable, std::span<const Expr> parts);

/// Total log density of all variables and factors: a scalar per remaining axis (none, unless values have been
/// substituted).
Expr log_joint(const ModelGraph& model);

// ---- questions to the graph -------------------------------------------------------------------------------

/// Indices of the latent variables whose value the given expression uses.
std::vector<std::size_t> parents(const ModelGraph& model, Expr expression);

/// Which terms of the log joint mention latent variable i: its own density and its children's (variables by
/// index, then factors by index). Their sum is the part of the log joint that changes with i: its Markov
/// blanket.
struct Blanket {
  std::vector<std::size_t> variables;
  std::vector<std::size_t> factors;
};
Blanket markov_blanket(const ModelGraph& model, std::size_t i);

/// The variables, parameters, quantities and edges as text, for `elbo dump graph`.
std::string show(const ModelGraph& model);
/// The same as Graphviz DOT (observed nodes shaded, deterministic ones double).
std::string to_dot(const ModelGraph& model);

}  // namespace elbo::runtime
