// An expression as a formula. Every operation prints itself by what its record says: a symbol stands between
// its operands, a signature makes it a call; the few that have neither are in a table here.
#include "cli/formula.hpp"

#include <cmath>
#include <functional>
#include <map>
#include <string_view>
#include <utility>
#include <vector>

#include "runtime/format.hpp"
#include "runtime/operation.hpp"

namespace elbo::cli {
namespace {

using runtime::Expr;

/// How tightly the outermost operation of a text binds.
enum Binding { logic, comparison, sum, product, sign, power, atom };

struct Text {
  std::string text;
  Binding binding = atom;
};

struct NotAFormula {};

Text print(Expr e);

std::vector<Expr> inputs_of(Expr e) {
  std::vector<Expr> inputs;
  for (const runtime::NodeId id : e.node().inputs) inputs.push_back(e.graph().at(id));
  return inputs;
}

std::string_view name_of(Expr e) { return e.node().operation->name; }

/// The operand's text, in parentheses where it binds less tightly than its place asks for.
std::string operand(Expr e, Binding least) {
  const Text text = print(e);
  return text.binding < least ? "(" + text.text + ")" : text.text;
}

Text number(double value) {
  if (std::isnan(value)) return {"nan", atom};
  if (std::isinf(value)) return {value > 0 ? "inf" : "-inf", value > 0 ? atom : sign};
  return {runtime::show_real(value), std::signbit(value) ? sign : atom};
}

std::optional<double> constant(Expr e) {
  const auto& tensor = e.node().attributes.tensor;
  if (name_of(e) != "constant" || tensor == nullptr || tensor->size() != 1) return {};
  return tensor->real(0);
}

Text call(std::string_view name, const std::vector<Expr>& inputs) {
  std::string text(name);
  for (std::size_t i = 0; i < inputs.size(); ++i) text += (i == 0 ? "(" : ", ") + print(inputs[i]).text;
  return {text + ")", atom};
}

/// A comparison with a number on its left is turned around: df > 1.
Text compared(const std::string& symbol, const std::string& turned, Expr a, Expr b) {
  if (constant(a)) return {operand(b, sum) + " " + turned + " " + operand(a, sum), comparison};
  return {operand(a, sum) + " " + symbol + " " + operand(b, sum), comparison};
}

/// Operands of a symmetric operation in an order that only their texts decide: which of them the graph has
/// first depends on the compiler, which may evaluate operands from the right. Numbers come first in products
/// and last in sums, as do terms with a minus.
std::pair<std::string, std::string> ordered(Expr a, Expr b, Binding least) {
  const auto key = [&](Expr e) {
    std::string text = operand(e, least);
    const bool is_number = constant(e).has_value();
    const bool is_late = least == product ? !is_number : is_number || text.front() == '-';
    return std::pair{is_late, std::move(text)};
  };
  auto first = key(a), second = key(b);
  if (second < first) std::swap(first, second);
  return {std::move(first.second), std::move(second.second)};
}

using Infix = Text (*)(Expr a, Expr b);

const std::map<std::string_view, Infix>& infix_operations() {
  static const std::map<std::string_view, Infix> rows{
      {"+",
       [](Expr a, Expr b) {
         const auto [left, right] = ordered(a, b, sum);
         const bool negative = right.front() == '-';
         return Text{left + (negative ? " - " + right.substr(1) : " + " + right), sum};
       }},
      {"-",
       [](Expr a, Expr b) {
         return Text{operand(a, sum) + " - " + operand(b, product), sum};
       }},
      {"*",
       [](Expr a, Expr b) {
         const auto [left, right] = ordered(a, b, product);
         return Text{left + " * " + right, product};
       }},
      {"/",
       [](Expr a, Expr b) {
         return Text{operand(a, product) + " / " + operand(b, sign), product};
       }},
      {"^",
       [](Expr a, Expr b) {
         return Text{operand(a, atom) + "^" + operand(b, sign), power};
       }},
      {"<", [](Expr a, Expr b) { return compared("<", ">", a, b); }},
      {"<=", [](Expr a, Expr b) { return compared("<=", ">=", a, b); }},
      {"==", [](Expr a, Expr b) { return compared("==", "==", a, b); }},
      {"and",
       [](Expr a, Expr b) {
         const auto [left, right] = ordered(a, b, comparison);
         return Text{left + " and " + right, logic};
       }},
      {"or",
       [](Expr a, Expr b) {
         const auto [left, right] = ordered(a, b, comparison);
         return Text{left + " or " + right, logic};
       }},
  };
  return rows;
}

using Other = Text (*)(Expr e, const std::vector<Expr>& inputs);

/// Operations that neither a symbol nor a signature prints.
const std::map<std::string_view, Other>& other_operations() {
  static const std::map<std::string_view, Other> rows{
      {"input",
       [](Expr e, const std::vector<Expr>&) {
         return Text{e.node().attributes.text, atom};
       }},
      {"constant",
       [](Expr e, const std::vector<Expr>&) {
         const auto value = constant(e);
         if (!value) throw NotAFormula();
         return number(*value);
       }},
      {"negate",
       [](Expr, const std::vector<Expr>& in) {
         return Text{"-" + operand(in[0], product), sign};
       }},
      {"square",
       [](Expr, const std::vector<Expr>& in) {
         return Text{operand(in[0], atom) + "^2", power};
       }},
      {"reciprocal",
       [](Expr, const std::vector<Expr>& in) {
         return Text{"1 / " + operand(in[0], sign), product};
       }},
      {"broadcast", [](Expr, const std::vector<Expr>& in) { return print(in[0]); }},
      {"stop_gradient", [](Expr, const std::vector<Expr>& in) { return print(in[0]); }},
      {"with_gradient_of", [](Expr, const std::vector<Expr>& in) { return print(in[0]); }},
      {"sum", [](Expr, const std::vector<Expr>& in) { return call("sum", in); }},
      {"select", [](Expr, const std::vector<Expr>& in) { return call("where", in); }},
  };
  return rows;
}

Text print(Expr e) {
  const runtime::Operation& operation = *e.node().operation;
  const std::vector<Expr> inputs = inputs_of(e);
  if (const auto row = other_operations().find(operation.name); row != other_operations().end())
    return row->second(e, inputs);
  if (const auto row = infix_operations().find(operation.symbol); row != infix_operations().end())
    return row->second(inputs.at(0), inputs.at(1));
  const bool is_call = !operation.signature.empty() && e.node().attributes.integers.empty();
  if (!is_call || inputs.empty()) throw NotAFormula();
  return call(operation.name, inputs);
}

/// One branch of nested selections: its value, and the conditions under which it holds.
struct Branch {
  Expr value;
  std::vector<Expr> conditions;
};

/// `low < x` says nothing more where `high < x` stands beside it with a larger number.
bool implied(Expr condition, Expr stronger) {
  if (name_of(condition) != "less" || name_of(stronger) != "less") return false;
  const std::vector<Expr> weak = inputs_of(condition), strong = inputs_of(stronger);
  const auto low = constant(weak[0]), high = constant(strong[0]);
  return low && high && *low <= *high && weak[1] == strong[1];
}

/// A value as one of several cases: in words where it is no number.
std::string case_text(Expr value) {
  const auto number = constant(value);
  if (number && std::isnan(*number)) return "undefined";
  if (number && std::isinf(*number)) return *number > 0 ? "infinite" : "minus infinite";
  return print(value).text;
}

/// In the order in which the first that holds is the one meant.
void add_branches(Expr e, const std::vector<Expr>& conditions, std::vector<Branch>& branches) {
  if (name_of(e) != "select") return branches.push_back({e, conditions});
  const std::vector<Expr> inputs = inputs_of(e);
  std::vector<Expr> inner;
  for (const Expr& condition : conditions) {
    if (!implied(condition, inputs[0])) inner.push_back(condition);
  }
  inner.push_back(inputs[0]);
  add_branches(inputs[1], inner, branches);
  add_branches(inputs[2], conditions, branches);
}

}  // namespace

std::optional<std::string> formula(Expr expression) {
  std::vector<Branch> branches;
  add_branches(expression, {}, branches);
  std::string text;
  try {
    for (const Branch& branch : branches) {
      const bool is_last = &branch == &branches.back();
      if (!text.empty()) text += is_last ? ", otherwise " : ", ";
      text += case_text(branch.value);
      for (std::size_t i = 0; i < branch.conditions.size(); ++i)
        text += (i == 0 ? " where " : " and ") + operand(branch.conditions[i], comparison);
    }
  } catch (const NotAFormula&) {
    return {};
  }
  return text;
}

}  // namespace elbo::cli
