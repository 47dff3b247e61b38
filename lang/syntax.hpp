// The syntax tree: what the parser makes of a text, with a span on every node. Plain immutable values, shared
// so that closures can keep the part of the tree that they run.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "lang/source.hpp"

namespace elbo::lang {

struct Expression;
struct Statement;
using ExpressionPtr = std::shared_ptr<const Expression>;
using StatementPtr = std::shared_ptr<const Statement>;

struct Identifier {
  std::string name;
  Span span;
};

struct Block {
  std::vector<StatementPtr> statements;
  Span span;
};
using BlockPtr = std::shared_ptr<const Block>;

/// `real[N, D]`, `positive`, `ordered[2]`, `lower(0)`, `interval(a, b)`, `int`: types of arguments and
/// constraints of variables share one form: name, optional (arguments), optional [shape].
struct TypeExpression {
  Identifier name;
  std::vector<ExpressionPtr> arguments;
  std::vector<ExpressionPtr> shape;
  bool has_shape = false;
  Span span;
};

/// `name`, `name: type`, `name = default`, `name: type = default` in a header.
struct Parameter {
  Identifier name;
  std::optional<TypeExpression> type;
  ExpressionPtr default_value;  // null when required
};

/// What a `fn`, `model`, `guide`, `net` or lambda does when called. `expression` (for `= e`) or `block`.
struct Callable {
  std::vector<Parameter> parameters;
  ExpressionPtr expression;  // null when the body is a block
  BlockPtr block;            // null when the body is an expression
};
using CallablePtr = std::shared_ptr<const Callable>;

// ---- expressions
// ---------------------------------------------------------------------------------------------

struct RealLiteral {
  double value;
};
struct IntegerLiteral {
  std::int64_t value;
};
struct StringLiteral {
  std::string value;
};  // escapes resolved
struct BooleanLiteral {
  bool value;
};
struct MissingLiteral {};
struct NameExpression {
  std::string name;
};
struct ListLiteral {
  std::vector<ExpressionPtr> items;
};
struct Comprehension {
  ExpressionPtr item;
  Identifier variable;
  ExpressionPtr range;
};  // [item for v in range]
struct RecordField {
  Identifier name;
  ExpressionPtr value;
};
struct RecordLiteral {
  std::vector<RecordField> fields;
};
/// `first:last`; inside an index either may be null (`x[:]`, `x[2:]`).
struct RangeExpression {
  ExpressionPtr first;
  ExpressionPtr last;
};
/// operator is "-", "+" or "not".
struct UnaryExpression {
  std::string operation;
  ExpressionPtr operand;
};
/// operator is one of  + - * / // % ^ @ == != < <= > >= and or.
struct BinaryExpression {
  std::string operation;
  Span operation_span;
  ExpressionPtr left;
  ExpressionPtr right;
};
struct Argument {
  std::optional<Identifier> name;
  ExpressionPtr value;
};
struct CallExpression {
  ExpressionPtr callee;
  std::vector<Argument> arguments;
};
struct IndexExpression {
  ExpressionPtr base;
  std::vector<ExpressionPtr> indices;
};
struct FieldExpression {
  ExpressionPtr base;
  Identifier field;
};
/// `if c {…} else {…}`; `otherwise` is null without else; `else if` is a block holding one IfExpression.
struct IfExpression {
  ExpressionPtr condition;
  BlockPtr then;
  BlockPtr otherwise;
};
struct LambdaExpression {
  CallablePtr callable;
};

struct Expression {
  std::variant<RealLiteral, IntegerLiteral, StringLiteral, BooleanLiteral, MissingLiteral, NameExpression,
               ListLiteral, Comprehension, RecordLiteral, RangeExpression, UnaryExpression, BinaryExpression,
               CallExpression, IndexExpression, FieldExpression, IfExpression, LambdaExpression>
      node;
  Span span;
};

/// Puts an expression into the tree. The parts of a tree that goes away are freed one after another instead
/// of one inside the other, so that a long chain does not use up the stack.
ExpressionPtr make_expression(Expression expression);

/// What an operation, call, index or field begins with: `a` of `a + b`, `a(b)`, `a[b]` and `a.b`; null for
/// other expressions. Chains such as `a + b + c` hang together by it and may be thousands of links long, so
/// whoever walks over expressions follows it in a loop.
const Expression* first_operand(const Expression& expression);

/// The expression, its first operand, the first operand of that, and so on.
std::vector<const Expression*> chain_of(const Expression& expression);

/// The expression that is an `if` and all that stands after `else`; null when there is none. Chains of them
/// are as long, and walked over in a loop as well.
const Expression* else_if(const IfExpression& expression);

// ---- statements
// ----------------------------------------------------------------------------------------------

/// `name` or `name[i, j]` on the left of `=`, `~` or after `let` and `param`.
struct Target {
  Identifier name;
  std::vector<ExpressionPtr> indices;  // empty when plain
  Span span;
};

struct LetStatement {
  Target target;
  ExpressionPtr value;
};
struct AssignStatement {
  Target target;
  ExpressionPtr value;
};
struct FunctionStatement {
  Identifier name;
  CallablePtr callable;
};
struct ModelStatement {
  Identifier name;
  CallablePtr callable;
};
struct GuideStatement {
  Identifier name;
  CallablePtr callable;
};
struct NetStatement {
  Identifier name;
  CallablePtr callable;
};
struct DistStatement {  // dist Name(parameters) on support { log_density(x) = …; sample() = … }
  Identifier name;
  std::vector<Parameter> parameters;
  std::optional<TypeExpression> support;
  struct Member {
    Identifier name;
    CallablePtr callable;
  };
  std::vector<Member> members;
};
struct ImportStatement {
  std::string path;
  Span path_span;
};
struct ExpressionStatement {
  ExpressionPtr value;
};  // an `if` as a statement is one of these
struct ForStatement {
  Identifier variable;
  ExpressionPtr range;
  BlockPtr body;
};
struct ReturnStatement {
  ExpressionPtr value;
};  // null for a bare return
/// `z[n] : ordered[2] ~ Normal(0, 1)`.
struct SampleStatement {
  Target target;
  std::optional<TypeExpression> constraint;
  ExpressionPtr distribution;
};
struct FactorStatement {
  ExpressionPtr value;
};
/// `param p[j] : positive via softplus = 1`.
struct ParamStatement {
  Target target;
  std::optional<TypeExpression> constraint;
  ExpressionPtr via;   // null: the default of the constraint
  ExpressionPtr init;  // null: the default initial value of the constraint
};

struct Statement {
  std::variant<LetStatement, AssignStatement, FunctionStatement, ModelStatement, GuideStatement, NetStatement,
               DistStatement, ImportStatement, ExpressionStatement, ForStatement, ReturnStatement,
               SampleStatement, FactorStatement, ParamStatement>
      node;
  Span span;
};

struct Script {
  SourcePtr source;
  std::vector<StatementPtr> statements;
};

}  // namespace elbo::lang
