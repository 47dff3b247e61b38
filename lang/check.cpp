// Names and calls in expressions, and check() itself.
#include "lang/check.hpp"

#include <algorithm>
#include <iterator>

#include "lang/checker.hpp"
#include "lang/lexicon.hpp"
#include "lang/signatures.hpp"

namespace elbo::lang {
namespace {

// `x // one word` divides, to the parser.
bool follows_slashes(const Span& span) {
  const std::string_view before = std::string_view(span.source->text()).substr(0, span.begin);
  const std::size_t last = before.find_last_not_of(' ');
  return last != std::string_view::npos && last > 0 && before.substr(last - 1, 2) == "//";
}

}  // namespace

Diagnostic& Checker::report(std::string code, std::string message, const Span& span, std::string hint) {
  diagnostics_.push_back({std::move(code), std::move(message), span, {}, std::move(hint)});
  return diagnostics_.back();
}

void Checker::add(Diagnostics found) {
  std::move(found.begin(), found.end(), std::back_inserter(diagnostics_));
}

void Checker::expression(const ExpressionPtr& e) {
  if (!e) return;
  const std::vector<const Expression*> chain = chain_of(*e);
  for (std::size_t i = chain.size(); i-- > 0;) {
    const Expression& link = *chain[i];
    std::visit([&](const auto& node) { visit(link, node); }, link.node);
  }
}

void Checker::expressions(const std::vector<ExpressionPtr>& list) {
  for (const ExpressionPtr& e : list) expression(e);
}

void Checker::visit(const Expression& e, const NameExpression& node) { name(node.name, e.span); }
void Checker::visit(const Expression&, const ListLiteral& node) { expressions(node.items); }

void Checker::visit(const Expression&, const Comprehension& node) {
  expression(node.range);
  scopes_.open();
  scopes_.top().names[node.variable.name] = {BindingKind::loop, node.variable.span};
  expression(node.item);
  scopes_.close();
}

void Checker::visit(const Expression&, const RecordLiteral& node) {
  duplicate_fields(node);
  for (const RecordField& field : node.fields) expression(field.value);
}

void Checker::visit(const Expression&, const RangeExpression& node) {
  expression(node.first);
  expression(node.last);
}

void Checker::visit(const Expression&, const UnaryExpression& node) { expression(node.operand); }

// Of operations, calls, indices and fields, the first operand has been visited before.
void Checker::visit(const Expression&, const BinaryExpression& node) { expression(node.right); }

void Checker::visit(const Expression& e, const CallExpression& node) {
  Diagnostics order = check_order(node);
  const bool in_order = order.empty();
  add(std::move(order));
  const auto* callee = std::get_if<NameExpression>(&node.callee->node);
  if (in_order && callee) call_of_name(e, node, callee->name);
  for (const Argument& argument : node.arguments) expression(argument.value);
}

void Checker::visit(const Expression&, const IndexExpression& node) { expressions(node.indices); }
void Checker::visit(const Expression&, const IfExpression& node) { branches(node, Last::value); }
void Checker::visit(const Expression&, const LambdaExpression& node) {
  callable(FrameKind::lambda, *node.callable);
}

void Checker::branches(const IfExpression& node, Last last) {
  for (const IfExpression* choice = &node; choice != nullptr;) {
    expression(choice->condition);
    block(*choice->then, last);
    const Expression* next = else_if(*choice);
    if (next == nullptr && choice->otherwise) block(*choice->otherwise, last);
    choice = next != nullptr ? &std::get<IfExpression>(next->node) : nullptr;
  }
}

void Checker::call_of_name(const Expression& e, const CallExpression& call, const std::string& name) {
  std::vector<Signature> signatures;
  CallRules rules;
  if (const Binding* binding = scopes_.find(name).binding) {
    if (!binding->parameters) return;
    signatures.push_back(signature_of(name, *binding->parameters));
    rules.size = binding->kind == BindingKind::dist;
    rules.record = binding->kind == BindingKind::model || binding->kind == BindingKind::guide;
  } else {
    const auto entry = table_.names.find(name);
    if (entry == table_.names.end()) return;
    signatures = entry->second.signatures;
    rules.size = entry->second.kind == NameKind::distribution;
  }
  // Of several signatures that do not fit, the one with the fewest mistakes is likely to be the one meant; of
  // two with as many, the one whose first mistake comes last.
  Diagnostics closest;
  for (const Signature& signature : signatures) {
    Diagnostics found = check_call(e, call, signature, rules);
    if (found.empty()) return;
    const bool closer =
        closest.empty() || found.size() < closest.size() ||
        (found.size() == closest.size() && found.front().span.begin > closest.front().span.begin);
    if (closer) closest = std::move(found);
  }
  add(std::move(closest));
}

void Checker::name(const std::string& name, const Span& span) {
  if (scopes_.find(name).binding || table_.names.count(name) != 0 || scopes_.is_visible_later(name)) return;
  if (const Span later = scopes_.defined_later(name)) {
    report("unknown-name", "`" + name + "` is used before it is defined", span)
        .related.push_back({later, "defined here"});
    return;
  }
  unknown_name(name, span);
}

void Checker::unknown_name(const std::string& name, const Span& span) {
  if (!reported_.insert(name).second) return;
  std::string hint;
  if (const Foreign* foreign = foreign_name(name)) {
    hint = foreign->hint;
  } else {
    std::vector<std::string> candidates = scopes_.all_names();
    for (const auto& [known, entry] : table_.names) candidates.push_back(known);
    candidates.insert(candidates.end(), {"true", "false", "missing"});
    hint = did_you_mean(name, candidates);
    if (hint.empty() && follows_slashes(span)) hint = "a comment begins with `#`";
  }
  report("unknown-name", "there is no `" + name + "` here", span, std::move(hint));
}

void Checker::duplicate_fields(const RecordLiteral& record) {
  std::map<std::string, Span> seen;
  for (const RecordField& field : record.fields) {
    const auto [first, fresh] = seen.emplace(field.name.name, field.name.span);
    if (fresh) continue;
    report("duplicate-field", "the record has two fields `" + field.name.name + "`", field.name.span)
        .related.push_back({first->second, "first given here"});
  }
}

std::optional<CheckedScript> check(Script script, const NameTable& table,
                                   const std::vector<std::string>& known, bool redefine,
                                   Diagnostics& diagnostics) {
  const std::size_t before = diagnostics.size();
  Checker(table, redefine, diagnostics).script(script, known);
  if (diagnostics.size() != before) return std::nullopt;
  return CheckedScript(std::move(script));
}

}  // namespace elbo::lang
