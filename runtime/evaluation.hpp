// One activation of the evaluator: a scope, and the statements and expressions that run in it. Internal to
// the runtime; the rest of the program calls Interpreter.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "lang/syntax.hpp"
#include "runtime/indexing.hpp"
#include "runtime/interpreter.hpp"
#include "runtime/scope.hpp"

namespace elbo::runtime {

class Evaluation;

/// How a block ended: the value of its last expression statement, or of the `return` that ended it.
struct Completion {
  Value value;
  bool returned = false;
};

/// What the statements that only models and guides have mean (runtime/elaboration.hpp), and those that mean
/// something else in them: a loop is a plate. Functions and scripts have none.
class ModelStatements {
 public:
  virtual ~ModelStatements() = default;
  virtual void sample(Evaluation&, const lang::SampleStatement&, const lang::Span&) = 0;
  virtual void param(Evaluation&, const lang::ParamStatement&, const lang::Span&) = 0;
  virtual void factor(Evaluation&, const lang::FactorStatement&, const lang::Span&) = 0;
  /// After `let name = value`.
  virtual void defined(const std::string& name, const Value& value, const lang::Span&) = 0;
  /// `let name[i] = value`.
  virtual void define_entry(Evaluation&, const lang::LetStatement&, const lang::Span&) = 0;
  virtual void loop(Evaluation&, const lang::ForStatement&, const lang::Span&) = 0;
  /// An `if` whose condition is a symbol: as a statement, and as a value.
  virtual Completion choose_statements(Evaluation&, const Symbol& condition, const lang::IfExpression&,
                                       const lang::Span&) = 0;
  virtual Value choose_value(Evaluation&, const Symbol& condition, const lang::IfExpression&) = 0;
};

/// What `param` means in the body of a net.
class NetStatements {
 public:
  virtual ~NetStatements() = default;
  virtual void param(Evaluation&, const lang::ParamStatement&, const lang::Span&) = 0;
};

/// How names are read while a model's body is: in a loop over part of a plate, values of the whole plate are
/// cut to that part; an array that is still being defined is read by its elements.
class NameReader {
 public:
  virtual ~NameReader() = default;
  virtual Value read(const Value& value) = 0;
  /// name[subscripts] of an array that is still being defined; nothing for any other value.
  virtual std::optional<Value> read_entry(const Value& value, const std::vector<Subscript>& subscripts,
                                          const lang::Span& span) = 0;
  /// value.field of an embedded model; nothing for any other value.
  virtual std::optional<Value> read_field(const Value& value, const lang::Identifier& field) = 0;
  /// Whether a statement of the body gives the name a value, though it has none yet.
  virtual bool defines_later(const std::string& name) const = 0;
};

class Evaluation {
 public:
  Evaluation(Interpreter& interpreter, std::shared_ptr<Scope> scope, ModelStatements* model = nullptr,
             NetStatements* net = nullptr)
      : interpreter_(interpreter), scope_(std::move(scope)), model_(model), net_(net) {}

  Value evaluate(const lang::Expression& expression);
  /// A block in a scope of its own, inside the present one.
  Completion run(const lang::Block& block);
  /// Statements in the present scope (the body of a function or model).
  Completion run_statements(const std::vector<lang::StatementPtr>& statements);
  Completion run(const lang::Statement& statement);
  /// The value of a statement that nothing uses: a plot draws itself.
  void discard(const Value& value);

  Interpreter& interpreter() { return interpreter_; }
  const std::shared_ptr<Scope>& scope() const { return scope_; }

  /// Runs `body` in a fresh scope inside the present one.
  Completion run_in(const std::shared_ptr<Scope>& inner, const std::vector<lang::StatementPtr>& body);
  std::vector<Subscript> subscripts(const std::vector<lang::ExpressionPtr>& indices);
  /// A function, model, … whose body sees the present scope.
  Value closure(CallableKind kind, std::string name, lang::CallablePtr callable, const lang::Span& span) {
    return make_closure(kind, std::move(name), std::move(callable), span);
  }
  /// Both sides of an `if` on a random value, elementwise.
  Value choose(const Value& condition, const lang::IfExpression& node);

 private:
  friend struct StatementRunner;
  friend struct ExpressionEvaluator;
  friend struct LinkEvaluator;

  const Value& lookup(const std::string& name) const;
  /// The value of a name as an expression sees it.
  Value read(const std::string& name) const;
  Value make_closure(CallableKind kind, std::string name, lang::CallablePtr callable, const lang::Span& span);
  Value branch(const lang::BlockPtr& block);
  bool is_true(const lang::Expression& condition, const Value& value);
  /// One link of a chain, given the value of its first operand.
  Value evaluate_link(const lang::Expression& link, Value first);
  /// Whether an expression is evaluated by itself, and not as a link of a chain.
  bool ends_chain(const lang::Expression& expression) const;
  Value let_value(const lang::LetStatement& node);

  Interpreter& interpreter_;
  std::shared_ptr<Scope> scope_;
  ModelStatements* model_;
  NetStatements* net_;
  int random_branches_ = 0;                     // inside how many `if`s on random values
  int blocks_ = 0;                              // inside how many blocks
  std::vector<const lang::Expression*> chain_;  // links of the chains that are being evaluated
};

/// An argument of a call, evaluated. An empty name: positional.
struct CallArgument {
  std::string name;
  Value value;
  lang::Span span;
};

/// Counts nested calls of closures, and stops them with "recursion-too-deep" before the machine's stack is
/// used up.
class CallFrame {
 public:
  CallFrame(Interpreter& interpreter, const Closure& closure, const lang::Span& span);
  CallFrame(const CallFrame&) = delete;
  CallFrame& operator=(const CallFrame&) = delete;
  ~CallFrame();

 private:
  Interpreter& interpreter_;
  bool outermost_;
};

/// Calls visit(entry) for the entries of a range, tensor (rows), list or symbol, until it returns false.
/// Failure "not-iterable".
void for_each_entry(Interpreter& interpreter, const Value& sequence, const lang::Span& span,
                    const std::function<bool(Value)>& visit);

/// Calls a function of the script, or a net with what its `param` statements mean.
Value call_closure(Interpreter& interpreter, const Closure& closure, std::vector<CallArgument> arguments,
                   const lang::Span& span, NetStatements* net = nullptr);

/// Calls anything that can be called.
Value call_value(Interpreter& interpreter, const Value& callee, std::vector<CallArgument> arguments,
                 const lang::Span& span);

/// Gives the parameters of a closure their values, positional, named and default ones, in `scope`; returns
/// them in order. Failures: unknown-argument, repeated-argument, missing-argument, too-many-arguments.
std::vector<Value> bind_parameters(Interpreter& interpreter, const Closure& closure,
                                   std::vector<CallArgument> arguments, const std::shared_ptr<Scope>& scope,
                                   const lang::Span& span);

/// Checks the arguments of a closure, which `scope` holds already, against their declared types, and binds
/// the names of sizes (`real[N, D]`). Failures: shape-argument, support-argument.
void check_types(Interpreter& interpreter, const Closure& closure, const std::vector<Value>& values,
                 const std::shared_ptr<Scope>& scope, const lang::Span& span);

/// Sorts the arguments of a built-in by its signature, with the same failures.
Arguments sort_arguments(const lang::Signature& signature, std::vector<CallArgument> arguments,
                         const lang::Span& span);

/// Signature of a distribution's positional arguments; make_distribution sorts the named ones.
lang::Signature positional_signature(const Distribution& distribution);

/// The value of a call of a distribution: parameters by position or name, alternatives, `size`.
Value make_distribution(const Distribution& distribution, const Arguments& arguments);

/// A field of a record, object or distribution. Failure "unknown-field".
Value field_of(const Value& base, const lang::Identifier& field);

/// Raises "interrupted" when Ctrl-C has been pressed.
void check_interrupted(const Interpreter& interpreter, const lang::Span& span);

}  // namespace elbo::runtime
