// The tree as an indented outline, one node per line.
#include "lang/print.hpp"

namespace elbo::lang {
namespace {

class Outline {
 public:
  std::string take() { return std::move(out_); }

  void statement(const Statement& s) {
    std::visit([this](const auto& node) { write(node); }, s.node);
  }

 private:
  // One line, and deeper lines for as long as the result lives.
  class Level {
   public:
    Level(Outline& outline, const std::string& text) : outline_(outline) {
      outline.out_ += std::string(2 * outline.depth_++, ' ') + text + "\n";
    }
    ~Level() { --outline_.depth_; }
    Level(const Level&) = delete;
    Level& operator=(const Level&) = delete;

   private:
    Outline& outline_;
  };

  void leaf(const std::string& text) { const Level level(*this, text); }

  // The line of an expression that has a first operand.
  struct Header {
    std::string operator()(const BinaryExpression& node) const { return "binary " + node.operation; }
    std::string operator()(const CallExpression&) const { return "call"; }
    std::string operator()(const IndexExpression&) const { return "index"; }
    std::string operator()(const FieldExpression& node) const { return "member " + node.field.name; }
    template <typename Other>
    std::string operator()(const Other&) const {
      return "";
    }
  };

  void expression(const ExpressionPtr& e) {
    if (!e) return leaf("open");
    // The links of a chain are opened from the outside in, and their other parts written from the inside out.
    const std::vector<const Expression*> chain = chain_of(*e);
    for (std::size_t i = 0; i + 1 < chain.size(); ++i) {
      leaf(std::visit(Header{}, chain[i]->node));
      ++depth_;
    }
    // Literals and names are written as their source would be.
    std::visit([&](const auto& node) { write(node, *chain.back()); }, chain.back()->node);
    for (std::size_t i = chain.size() - 1; i-- > 0;) {
      std::visit([&](const auto& node) { write(node, *chain[i]); }, chain[i]->node);
      --depth_;
    }
  }
  void expressions(const std::vector<ExpressionPtr>& list) {
    for (const ExpressionPtr& e : list) expression(e);
  }
  void part(const std::string& name, const ExpressionPtr& e) {
    if (!e) return;
    const Level level(*this, name);
    expression(e);
  }
  void part(const std::string& name, const BlockPtr& block) {
    if (!block) return;
    const Level level(*this, name);
    for (const StatementPtr& s : block->statements) statement(*s);
  }

  template <typename Literal>
  void write(const Literal&, const Expression& e) {
    const std::string kind = std::holds_alternative<RealLiteral>(e.node)      ? "real "
                             : std::holds_alternative<IntegerLiteral>(e.node) ? "integer "
                             : std::holds_alternative<StringLiteral>(e.node)  ? "string "
                             : std::holds_alternative<BooleanLiteral>(e.node) ? "boolean "
                                                                              : "";
    leaf(kind + show(e));
  }
  void write(const NameExpression& node, const Expression&) { leaf("name " + node.name); }
  void write(const ListLiteral& node, const Expression&) {
    const Level level(*this, "list");
    expressions(node.items);
  }
  void write(const Comprehension& node, const Expression&) {
    const Level level(*this, "comprehension " + node.variable.name);
    expression(node.item);
    expression(node.range);
  }
  void write(const RecordLiteral& node, const Expression&) {
    const Level level(*this, "record");
    for (const RecordField& field : node.fields) part("field " + field.name.name, field.value);
  }
  void write(const RangeExpression& node, const Expression&) {
    const Level level(*this, "range");
    expression(node.first);
    expression(node.last);
  }
  void write(const UnaryExpression& node, const Expression&) {
    const Level level(*this, "unary " + node.operation);
    expression(node.operand);
  }
  // Of these four, only what follows the first operand.
  void write(const BinaryExpression& node, const Expression&) { expression(node.right); }
  void write(const CallExpression& node, const Expression&) {
    for (const Argument& argument : node.arguments) {
      if (argument.name)
        part("argument " + argument.name->name, argument.value);
      else
        expression(argument.value);
    }
  }
  void write(const IndexExpression& node, const Expression&) { expressions(node.indices); }
  void write(const FieldExpression&, const Expression&) {}
  void write(const IfExpression& node, const Expression&) {
    const std::size_t outer = depth_;
    const IfExpression* choice = &node;
    while (choice != nullptr) {
      leaf("if");
      ++depth_;
      expression(choice->condition);
      part("then", choice->then);
      const Expression* next = else_if(*choice);
      if (next == nullptr) part("else", choice->otherwise);
      choice = next != nullptr ? &std::get<IfExpression>(next->node) : nullptr;
      if (choice == nullptr) break;
      leaf("else");
      ++depth_;
    }
    depth_ = outer;
  }
  void write(const LambdaExpression& node, const Expression&) {
    const Level level(*this, "lambda");
    callable(*node.callable);
  }

  // ---- statements ----

  void type(const std::string& word, const std::optional<TypeExpression>& type) {
    if (!type) return;
    const Level level(*this, word + " " + type->name.name);
    if (!type->arguments.empty()) {
      const Level arguments(*this, "arguments");
      expressions(type->arguments);
    }
    if (type->has_shape) {
      const Level shape(*this, "shape");
      expressions(type->shape);
    }
  }
  void parameters(const std::vector<Parameter>& list) {
    for (const Parameter& parameter : list) {
      const Level level(*this, "parameter " + parameter.name.name);
      type("type", parameter.type);
      part("default", parameter.default_value);
    }
  }
  void callable(const Callable& callable) {
    parameters(callable.parameters);
    part("body", callable.block);
    part("value", callable.expression);
  }
  void indices(const Target& target) {
    if (target.indices.empty()) return;
    const Level level(*this, "indices");
    expressions(target.indices);
  }
  void bind(const std::string& word, const Target& target, const ExpressionPtr& value) {
    const Level level(*this, word + " " + target.name.name);
    indices(target);
    expression(value);
  }
  void named(const std::string& word, const Identifier& name, const Callable& body) {
    const Level level(*this, word + " " + name.name);
    callable(body);
  }

  void write(const LetStatement& s) { bind("let", s.target, s.value); }
  void write(const AssignStatement& s) { bind("assign", s.target, s.value); }
  void write(const FunctionStatement& s) { named("fn", s.name, *s.callable); }
  void write(const ModelStatement& s) { named("model", s.name, *s.callable); }
  void write(const GuideStatement& s) { named("guide", s.name, *s.callable); }
  void write(const NetStatement& s) { named("net", s.name, *s.callable); }
  void write(const DistStatement& s) {
    const Level level(*this, "dist " + s.name.name);
    parameters(s.parameters);
    type("on", s.support);
    for (const DistStatement::Member& member : s.members) named("member", member.name, *member.callable);
  }
  void write(const ImportStatement& s) { leaf("import " + s.path); }
  void write(const ExpressionStatement& s) { expression(s.value); }
  void write(const ForStatement& s) {
    const Level level(*this, "for " + s.variable.name);
    expression(s.range);
    part("body", s.body);
  }
  void write(const ReturnStatement& s) {
    const Level level(*this, "return");
    if (s.value) expression(s.value);
  }
  void write(const SampleStatement& s) {
    const Level level(*this, "sample " + s.target.name.name);
    indices(s.target);
    type("constraint", s.constraint);
    expression(s.distribution);
  }
  void write(const FactorStatement& s) { part("factor", s.value); }
  void write(const ParamStatement& s) {
    const Level level(*this, "param " + s.target.name.name);
    indices(s.target);
    type("constraint", s.constraint);
    part("via", s.via);
    part("initial", s.init);
  }

  std::size_t depth_ = 0;
  std::string out_;
};

}  // namespace

std::string outline(const Script& script) {
  Outline outline;
  for (const StatementPtr& statement : script.statements) outline.statement(*statement);
  return outline.take();
}

}  // namespace elbo::lang
