// The walk over the tree that check() makes: one Checker per script. Private to the checker; its functions
// are in check.cpp (expressions), check_statements.cpp and check_models.cpp.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "lang/check.hpp"
#include "lang/scope.hpp"

namespace elbo::lang {

class Checker {
 public:
  Checker(const NameTable& table, bool redefine, Diagnostics& diagnostics)
      : table_(table), redefine_(redefine), diagnostics_(diagnostics) {}

  void script(const Script& script, const std::vector<std::string>& known);

 private:
  // Whether the last expression of a block is its value, or a statement like the others.
  enum class Last { value, statement };

  Diagnostic& report(std::string code, std::string message, const Span& span, std::string hint = "");
  void add(Diagnostics found);

  // Expressions.
  void expression(const ExpressionPtr& e);
  void expressions(const std::vector<ExpressionPtr>& list);
  void visit(const Expression& e, const NameExpression& node);
  void visit(const Expression& e, const ListLiteral& node);
  void visit(const Expression& e, const Comprehension& node);
  void visit(const Expression& e, const RecordLiteral& node);
  void visit(const Expression& e, const RangeExpression& node);
  void visit(const Expression& e, const UnaryExpression& node);
  void visit(const Expression& e, const BinaryExpression& node);
  void visit(const Expression& e, const CallExpression& node);
  void visit(const Expression& e, const IndexExpression& node);
  void visit(const Expression& e, const IfExpression& node);
  void visit(const Expression& e, const LambdaExpression& node);
  template <typename Literal>
  void visit(const Expression&, const Literal&) {}
  void branches(const IfExpression& node, Last last);
  void call_of_name(const Expression& e, const CallExpression& call, const std::string& name);
  void name(const std::string& name, const Span& span);
  void unknown_name(const std::string& name, const Span& span);
  void duplicate_fields(const RecordLiteral& record);

  // Statements.
  void block(const Block& block, Last last);
  void statements(const std::vector<StatementPtr>& list, Last last);
  void note_later(const std::vector<StatementPtr>& list);
  void visit(const Statement& s, const LetStatement& node);
  void visit(const Statement& s, const AssignStatement& node);
  void visit(const Statement& s, const FunctionStatement& node);
  void visit(const Statement& s, const ModelStatement& node);
  void visit(const Statement& s, const GuideStatement& node);
  void visit(const Statement& s, const NetStatement& node);
  void visit(const Statement& s, const DistStatement& node);
  void visit(const Statement& s, const ImportStatement& node);
  void visit(const Statement& s, const ExpressionStatement& node);
  void visit(const Statement& s, const ForStatement& node);
  void visit(const Statement& s, const ReturnStatement& node);
  void visit(const Statement& s, const SampleStatement& node);
  void visit(const Statement& s, const FactorStatement& node);
  void visit(const Statement& s, const ParamStatement& node);
  void define(const Identifier& name, BindingKind kind, const std::vector<Parameter>* parameters = nullptr);
  void define_callable(const Identifier& name, BindingKind kind, FrameKind frame, const Callable& callable);
  void callable(FrameKind frame, const Callable& callable);
  void parameters(const std::vector<Parameter>& list);
  void shape_names(const std::vector<Parameter>& list);
  void duplicate_let(const Identifier& name, const Span& first);

  // Models and guides.
  bool in_model() const;
  bool needs_model(const std::string& what, const Span& span, bool net_too);
  void type(const TypeExpression& type, bool new_shape_names);
  bool sample_target(const Target& target);
  void variable(const Target& target, BindingKind kind);
  void bare_value(const Statement& s, const Expression& value);
  void note_carried(const std::vector<StatementPtr>& list);

  const NameTable& table_;
  bool redefine_;
  Diagnostics& diagnostics_;
  Scopes scopes_;
  std::set<std::string> reported_;  // unknown names: one error each is enough
};

}  // namespace elbo::lang
