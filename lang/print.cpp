// The tree as source text in normal form: one space around operators, two per level of indentation,
// parentheses only where the tree needs them. What it writes parses to the same tree.
#include "lang/print.hpp"

#include <charconv>

#include "lang/lexicon.hpp"
#include "lang/operators.hpp"

namespace elbo::lang {
namespace {

constexpr int loosest = 0;   // anything may stand here without parentheses
constexpr int operand = 10;  // stronger than every operator: what `.`, `(` and `[` can follow
constexpr int call_strength = 11;

std::string show_real(double value) {
  char buffer[64];
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, value).ptr;
  std::string text(buffer, end);
  if (const auto e = text.find('e'); e != std::string::npos) {  // `1e-04` as `1e-4`, `1e+20` as `1e20`
    if (text[e + 1] == '+') text.erase(e + 1, 1);
    const std::size_t digits = text[e + 1] == '-' ? e + 2 : e + 1;
    if (text[digits] == '0') text.erase(digits, 1);
  }
  return text.find_first_of(".en") == std::string::npos ? text + ".0" : text;
}

std::string show_string(const std::string& value) {
  std::string text = "\"";
  for (const char c : value) {
    switch (c) {
      case '\n':
        text += "\\n";
        break;
      case '\t':
        text += "\\t";
        break;
      case '\r':
        text += "\\r";
        break;
      case '\0':
        text += "\\0";
        break;
      case '"':
        text += "\\\"";
        break;
      case '\\':
        text += "\\\\";
        break;
      default:
        text += c;
    }
  }
  return text + "\"";
}

// How tightly an expression holds together; below what its place demands, it takes parentheses.
int strength_of(const Expression& expression) {
  if (const auto* binary = std::get_if<BinaryExpression>(&expression.node)) {
    return operator_row(binary->operation, false).strength;
  }
  if (const auto* unary = std::get_if<UnaryExpression>(&expression.node)) {
    return operator_row(unary->operation, true).strength;
  }
  if (std::holds_alternative<RangeExpression>(expression.node)) return operator_row(":", false).strength;
  // A lambda takes in all that follows it, and `if` reads badly as an operand.
  if (std::holds_alternative<LambdaExpression>(expression.node)) return loosest;
  if (std::holds_alternative<IfExpression>(expression.node)) return loosest;
  // `1.x` would be half a number.
  if (std::holds_alternative<IntegerLiteral>(expression.node)) return operand;
  if (std::holds_alternative<RealLiteral>(expression.node)) return operand;
  return call_strength;
}

class Writer {
 public:
  explicit Writer(bool one_line) : one_line_(one_line) {}

  std::string take() { return std::move(out_); }

  void script(const Script& script) {
    for (std::size_t i = 0; i < script.statements.size(); ++i) {
      statement(*script.statements[i], i == 0);
      out_ += '\n';
    }
  }

  // What stands first in a chain is written first, and then the rest of each link from the inside out.
  void expression(const Expression& e, int demanded = loosest) {
    const std::vector<const Expression*> chain = chain_of(e);
    std::vector<bool> parentheses;
    for (const Expression* link : chain) {
      parentheses.push_back(strength_of(*link) < demanded);
      if (parentheses.back()) out_ += '(';
      demanded = demanded_of_first(*link);
    }
    for (std::size_t i = chain.size(); i-- > 0;) {
      std::visit([this](const auto& node) { write(node); }, chain[i]->node);
      if (parentheses[i]) out_ += ')';
    }
  }

 private:
  static int demanded_of_first(const Expression& e) {
    if (std::holds_alternative<FieldExpression>(e.node)) return call_strength;
    const auto* binary = std::get_if<BinaryExpression>(&e.node);
    if (binary == nullptr) return operand;
    const OperatorRow& row = operator_row(binary->operation, false);
    return row.strength + (row.side == Side::left ? 0 : 1);
  }

  void list(const std::vector<ExpressionPtr>& items) {
    for (std::size_t i = 0; i < items.size(); ++i) {
      if (i > 0) out_ += ", ";
      expression(*items[i]);
    }
  }

  void write(const RealLiteral& node) { out_ += show_real(node.value); }
  void write(const IntegerLiteral& node) { out_ += std::to_string(node.value); }
  void write(const StringLiteral& node) { out_ += show_string(node.value); }
  void write(const BooleanLiteral& node) { out_ += node.value ? "true" : "false"; }
  void write(const MissingLiteral&) { out_ += "missing"; }
  void write(const NameExpression& node) { out_ += node.name; }

  void write(const ListLiteral& node) {
    out_ += '[';
    list(node.items);
    out_ += ']';
  }

  void write(const Comprehension& node) {
    out_ += '[';
    expression(*node.item);
    out_ += " for " + node.variable.name + " in ";
    expression(*node.range);
    out_ += ']';
  }

  void write(const RecordLiteral& node) {
    out_ += '{';
    for (std::size_t i = 0; i < node.fields.size(); ++i) {
      out_ += (i > 0 ? ", " : "") + node.fields[i].name.name + ": ";
      expression(*node.fields[i].value);
    }
    out_ += '}';
  }

  void write(const RangeExpression& node) {
    const int inside = operator_row(":", false).strength + 1;
    if (node.first) expression(*node.first, inside);
    out_ += ':';
    if (node.last) expression(*node.last, inside);
  }

  void write(const UnaryExpression& node) {
    out_ += node.operation == "not" ? "not " : node.operation;
    expression(*node.operand, operator_row(node.operation, true).strength);
  }

  // Of these four, only what follows the first operand.
  void write(const BinaryExpression& node) {
    const OperatorRow& row = operator_row(node.operation, false);
    out_ += node.operation == "^" ? "^" : " " + node.operation + " ";
    expression(*node.right, row.strength + (row.side == Side::right ? 0 : 1));
  }

  void write(const CallExpression& node) {
    out_ += '(';
    for (std::size_t i = 0; i < node.arguments.size(); ++i) {
      const Argument& argument = node.arguments[i];
      if (i > 0) out_ += ", ";
      if (argument.name) out_ += argument.name->name + " = ";
      expression(*argument.value);
    }
    out_ += ')';
  }

  void write(const IndexExpression& node) {
    out_ += '[';
    list(node.indices);
    out_ += ']';
  }

  void write(const FieldExpression& node) { out_ += '.' + node.field.name; }

  void write(const IfExpression& node) {
    for (const IfExpression* choice = &node; choice != nullptr;) {
      out_ += "if ";
      expression(*choice->condition);
      out_ += ' ';
      block(*choice->then);
      if (!choice->otherwise) return;
      out_ += " else ";
      const Expression* next = else_if(*choice);
      if (next == nullptr) block(*choice->otherwise);
      choice = next != nullptr ? &std::get<IfExpression>(next->node) : nullptr;
    }
  }

  void write(const LambdaExpression& node) {
    out_ += "fn";
    callable(*node.callable, true);
  }

  // ---- statements ----

  void break_line() {
    out_ += '\n';
    out_.append(2 * indentation_, ' ');
  }

  template <typename Items, typename Write>
  void braces(const Items& items, Write write_item) {
    if (items.empty()) {
      out_ += "{}";
      return;
    }
    out_ += '{';
    ++indentation_;
    for (std::size_t i = 0; i < items.size(); ++i) {
      if (!one_line_)
        break_line();
      else
        out_ += i == 0 ? " " : "; ";
      write_item(items[i], i == 0);
    }
    --indentation_;
    if (one_line_)
      out_ += ' ';
    else
      break_line();
    out_ += '}';
  }

  void block(const Block& block) {
    braces(block.statements, [this](const StatementPtr& s, bool first) { statement(*s, first); });
  }

  void parameters(const std::vector<Parameter>& list) {
    out_ += '(';
    for (std::size_t i = 0; i < list.size(); ++i) {
      out_ += (i > 0 ? ", " : "") + list[i].name.name;
      if (list[i].type) {
        out_ += ": ";
        type(*list[i].type);
      }
      if (list[i].default_value) {
        out_ += " = ";
        expression(*list[i].default_value);
      }
    }
    out_ += ')';
  }

  void callable(const Callable& callable, bool with_empty_parameters) {
    if (with_empty_parameters || !callable.parameters.empty()) parameters(callable.parameters);
    if (callable.block) {
      out_ += ' ';
      block(*callable.block);
    } else {
      out_ += " = ";
      expression(*callable.expression);
    }
  }

  void type(const TypeExpression& type) {
    out_ += type.name.name;
    if (!type.arguments.empty()) {
      out_ += '(';
      list(type.arguments);
      out_ += ')';
    }
    if (type.has_shape) {
      out_ += '[';
      list(type.shape);
      out_ += ']';
    }
  }

  void note(const std::optional<TypeExpression>& constraint) {
    if (!constraint) return;
    out_ += " : ";
    type(*constraint);
  }

  void target(const Target& target) {
    out_ += target.name.name;
    if (target.indices.empty()) return;
    out_ += '[';
    list(target.indices);
    out_ += ']';
  }

  void bind(const Target& name, const char* sign, const Expression& value) {
    target(name);
    out_ += sign;
    expression(value);
  }

  void named(const char* keyword, const Identifier& name, const Callable& body, bool with_empty_parameters) {
    out_ += keyword + name.name;
    callable(body, with_empty_parameters);
  }

  // After another statement, a line that begins with an operator would not parse; `factor(x)` as a call would
  // parse as something else.
  void expression_statement(const Expression& e, bool first) {
    const std::size_t begin = out_.size();
    expression(e);
    const bool sign = !first && (out_[begin] == '-' || out_[begin] == '+');
    if (!sign && !begins_factor(out_, static_cast<std::uint32_t>(begin))) return;
    out_.insert(begin, "(");
    out_ += ')';
  }

  void statement(const Statement& s, bool first) {
    if (const auto* value = std::get_if<ExpressionStatement>(&s.node))
      return expression_statement(*value->value, first);
    std::visit([this](const auto& node) { write_statement(node); }, s.node);
  }

  void write_statement(const ExpressionStatement&) {}
  void write_statement(const LetStatement& s) {
    out_ += "let ";
    bind(s.target, " = ", *s.value);
  }
  void write_statement(const AssignStatement& s) { bind(s.target, " = ", *s.value); }
  void write_statement(const FunctionStatement& s) { named("fn ", s.name, *s.callable, true); }
  void write_statement(const NetStatement& s) { named("net ", s.name, *s.callable, true); }
  void write_statement(const ModelStatement& s) { named("model ", s.name, *s.callable, false); }
  void write_statement(const GuideStatement& s) { named("guide ", s.name, *s.callable, false); }
  void write_statement(const ImportStatement& s) { out_ += "import " + show_string(s.path); }

  void write_statement(const DistStatement& s) {
    out_ += "dist " + s.name.name;
    parameters(s.parameters);
    if (s.support) {
      out_ += " on ";
      type(*s.support);
    }
    out_ += ' ';
    braces(s.members, [this](const DistStatement::Member& member, bool) {
      out_ += member.name.name;
      callable(*member.callable, true);
    });
  }

  void write_statement(const ForStatement& s) {
    out_ += "for " + s.variable.name + " in ";
    expression(*s.range);
    out_ += ' ';
    block(*s.body);
  }

  void write_statement(const ReturnStatement& s) {
    out_ += "return";
    if (!s.value) return;
    out_ += ' ';
    expression(*s.value);
  }

  void write_statement(const SampleStatement& s) {
    target(s.target);
    note(s.constraint);
    out_ += " ~ ";
    expression(*s.distribution);
  }

  void write_statement(const FactorStatement& s) {
    out_ += "factor ";
    const std::size_t begin = out_.size();
    expression(*s.value);
    // `factor [1]` and `factor {…}` begin like an index and a block.
    if (begins_factor(out_, static_cast<std::uint32_t>(begin - std::string_view("factor ").size()))) return;
    out_.insert(begin, "(");
    out_ += ')';
  }

  void write_statement(const ParamStatement& s) {
    out_ += "param ";
    target(s.target);
    note(s.constraint);
    if (s.via) {
      out_ += " via ";
      expression(*s.via);
    }
    if (s.init) {
      out_ += " = ";
      expression(*s.init);
    }
  }

  bool one_line_;
  std::size_t indentation_ = 0;
  std::string out_;
};

}  // namespace

std::string show(const Expression& expression) {
  Writer writer(true);
  writer.expression(expression);
  return writer.take();
}

std::string format(const Script& script) {
  Writer writer(false);
  writer.script(script);
  return writer.take();
}

}  // namespace elbo::lang
