// Definitions, scopes and duplicates in statements.
#include <filesystem>

#include "lang/checker.hpp"
#include "lang/lexicon.hpp"

namespace elbo::lang {
namespace {

std::string describe(BindingKind kind) {
  switch (kind) {
    case BindingKind::parameter:
      return "an argument";
    case BindingKind::shape:
      return "the size of an argument";
    case BindingKind::loop:
      return "the variable of a loop";
    case BindingKind::latent:
    case BindingKind::observed:
      return "a random variable";
    case BindingKind::param:
      return "a parameter";
    default:
      return "not a `let`";
  }
}

// The name that a statement gives to what it defines; null when it defines nothing.
const Identifier* defined_name(const Statement& s) {
  if (const auto* node = std::get_if<LetStatement>(&s.node)) return &node->target.name;
  if (const auto* node = std::get_if<FunctionStatement>(&s.node)) return &node->name;
  if (const auto* node = std::get_if<ModelStatement>(&s.node)) return &node->name;
  if (const auto* node = std::get_if<GuideStatement>(&s.node)) return &node->name;
  if (const auto* node = std::get_if<NetStatement>(&s.node)) return &node->name;
  if (const auto* node = std::get_if<DistStatement>(&s.node)) return &node->name;
  if (const auto* node = std::get_if<SampleStatement>(&s.node)) return &node->target.name;
  if (const auto* node = std::get_if<ParamStatement>(&s.node)) return &node->target.name;
  return nullptr;
}

}  // namespace

void Checker::script(const Script& script, const std::vector<std::string>& known) {
  scopes_.open_frame(FrameKind::script);
  for (const std::string& name : known) scopes_.top().names[name] = {BindingKind::earlier, {}};
  statements(script.statements, Last::value);
  scopes_.close_frame();
}

void Checker::block(const Block& block, Last last) {
  scopes_.open();
  statements(block.statements, last);
  scopes_.close();
}

void Checker::statements(const std::vector<StatementPtr>& list, Last last) {
  note_later(list);
  for (std::size_t i = 0; i < list.size(); ++i) {
    const Statement& s = *list[i];
    const auto* value = std::get_if<ExpressionStatement>(&s.node);
    const bool is_value = value && last == Last::value && i + 1 == list.size();
    if (is_value)
      expression(value->value);
    else
      std::visit([&](const auto& node) { visit(s, node); }, s.node);
  }
}

void Checker::note_later(const std::vector<StatementPtr>& list) {
  for (const StatementPtr& s : list) {
    if (const Identifier* name = defined_name(*s)) scopes_.top().later.emplace(name->name, name->span);
  }
}

void Checker::duplicate_let(const Identifier& name, const Span& first) {
  report("duplicate-let", "`" + name.name + "` is defined twice", name.span,
         "change the value with `" + name.name + " = …`, or choose another name")
      .related.push_back({first, "first defined here"});
}

void Checker::define(const Identifier& name, BindingKind kind, const std::vector<Parameter>* parameters) {
  Scope& scope = scopes_.top();
  const auto existing = scope.names.find(name.name);
  const bool taken = existing != scope.names.end() && existing->second.kind != BindingKind::earlier;
  if (taken && !(redefine_ && scopes_.at_top_level())) {
    duplicate_let(name, existing->second.span);
    return;
  }
  scope.names[name.name] = {kind, name.span, false, scope.id, parameters};
}

void Checker::visit(const Statement&, const LetStatement& node) {
  expressions(node.target.indices);
  const Identifier& name = node.target.name;
  if (node.target.indices.empty()) {
    expression(node.value);
    const Found found = scopes_.find(name.name);
    // In a model, a `let` of the same name as data or a random variable would hide it without a word.
    const bool hides = in_model() && found.binding && !found.outside &&
                       found.binding->kind != BindingKind::let && found.binding->kind != BindingKind::loop;
    if (hides)
      duplicate_let(name, found.binding->span);
    else
      define(name, BindingKind::let);
    return;
  }
  // `let s[t] = f(s[t - 1])` builds one array, which belongs to the whole model.
  Scope& root = scopes_.root();
  const auto existing = root.names.find(name.name);
  if (existing != root.names.end() && !existing->second.indexed)
    duplicate_let(name, existing->second.span);
  else
    root.names[name.name] = {BindingKind::let, name.span, true, scopes_.top().id, nullptr};
  expression(node.value);
}

void Checker::visit(const Statement&, const AssignStatement& node) {
  expressions(node.target.indices);
  expression(node.value);
  const Identifier& name = node.target.name;
  const Found found = scopes_.find(name.name);
  const bool assignable = found.binding && (found.binding->kind == BindingKind::let ||
                                            found.binding->kind == BindingKind::earlier);
  if (assignable && !found.outside) return;
  if (!found.binding) {
    std::string hint = did_you_mean(name.name, scopes_.all_names());
    report("assign-undefined", "there is no `" + name.name + "` to assign to", name.span,
           hint + (hint.empty() ? "" : " ") + "a new name begins with `let " + name.name + " = …`");
    return;
  }
  if (assignable) {
    report("assign-undefined",
           "`" + name.name + "` belongs to the code around this function, which cannot change it", name.span,
           "give the new value back with `return`, or make a new name with `let`")
        .related.push_back({found.binding->span, "defined here"});
    return;
  }
  report("assign-undefined",
         "`" + name.name + "` is " + describe(found.binding->kind) + " and cannot be assigned to", name.span,
         "make a new name with `let`")
      .related.push_back({found.binding->span, "defined here"});
}

void Checker::define_callable(const Identifier& name, BindingKind kind, FrameKind frame,
                              const Callable& body) {
  define(name, kind, &body.parameters);
  callable(frame, body);
}

void Checker::visit(const Statement&, const FunctionStatement& node) {
  define_callable(node.name, BindingKind::function, FrameKind::function, *node.callable);
}
void Checker::visit(const Statement&, const ModelStatement& node) {
  define_callable(node.name, BindingKind::model, FrameKind::model, *node.callable);
}
void Checker::visit(const Statement&, const GuideStatement& node) {
  define_callable(node.name, BindingKind::guide, FrameKind::guide, *node.callable);
}
void Checker::visit(const Statement&, const NetStatement& node) {
  define_callable(node.name, BindingKind::net, FrameKind::net, *node.callable);
}

void Checker::visit(const Statement&, const DistStatement& node) {
  define(node.name, BindingKind::dist, &node.parameters);
  scopes_.open_frame(FrameKind::member);
  parameters(node.parameters);
  if (node.support) type(*node.support, false);
  std::map<std::string, Span> seen;
  for (const DistStatement::Member& member : node.members) {
    const auto [first, fresh] = seen.emplace(member.name.name, member.name.span);
    if (!fresh) duplicate_let(member.name, first->second);
    callable(FrameKind::member, *member.callable);
  }
  scopes_.close_frame();
}

void Checker::callable(FrameKind frame, const Callable& callable) {
  scopes_.open_frame(frame);
  parameters(callable.parameters);
  expression(callable.expression);
  if (callable.block) {
    const bool statements_only = frame == FrameKind::model || frame == FrameKind::guide;
    block(*callable.block, statements_only ? Last::statement : Last::value);
  }
  scopes_.close_frame();
}

void Checker::parameters(const std::vector<Parameter>& list) {
  for (const Parameter& parameter : list) {
    expression(parameter.default_value);
    const Identifier& name = parameter.name;
    const Binding binding{BindingKind::parameter, name.span, false, scopes_.top().id, nullptr};
    const auto [first, fresh] = scopes_.top().names.emplace(name.name, binding);
    if (fresh) continue;
    report("duplicate-parameter", "two arguments are called `" + name.name + "`", name.span)
        .related.push_back({first->second.span, "the first one"});
  }
  shape_names(list);
}

// `y: real[N]` makes `N` a name of the body, unless it has one already.
void Checker::shape_names(const std::vector<Parameter>& list) {
  for (const Parameter& parameter : list) {
    if (!parameter.type) continue;
    for (const ExpressionPtr& size : parameter.type->shape) {
      const auto* node = std::get_if<NameExpression>(&size->node);
      if (!node || scopes_.find(node->name).binding) continue;
      scopes_.top().names[node->name] = {BindingKind::shape, size->span, false, scopes_.top().id, nullptr};
    }
  }
  for (const Parameter& parameter : list) {
    if (parameter.type) type(*parameter.type, true);
  }
}

void Checker::visit(const Statement& s, const ImportStatement& node) {
  if (!scopes_.at_top_level()) {
    report("import-inside-block", "`import` stands at the top level of a script", s.span,
           "move it out of the block");
    return;
  }
  const std::string stem = std::filesystem::path(node.path).stem().string();
  if (word_end(stem, 0) != stem.size() || stem.empty() || is_reserved(stem)) {
    report("bad-import-name", "`" + stem + "` cannot be the name of what is imported", node.path_span,
           "rename the file: letters, digits and `_`");
    return;
  }
  define({stem, node.path_span}, BindingKind::import);
}

void Checker::visit(const Statement& s, const ExpressionStatement& node) {
  if (const auto* choice = std::get_if<IfExpression>(&node.value->node)) {
    branches(*choice, in_model() ? Last::statement : Last::value);
    return;
  }
  expression(node.value);
  if (in_model()) bare_value(s, *node.value);
}

void Checker::visit(const Statement&, const ForStatement& node) {
  expression(node.range);
  scopes_.open(true);
  scopes_.top().names[node.variable.name] = {BindingKind::loop, node.variable.span, false, scopes_.top().id,
                                             nullptr};
  if (in_model()) note_carried(node.body->statements);
  block(*node.body, in_model() ? Last::statement : Last::value);
  scopes_.close();
}

void Checker::visit(const Statement& s, const ReturnStatement& node) {
  expression(node.value);
  const FrameKind kind = scopes_.frame().kind;
  if (kind != FrameKind::script && kind != FrameKind::guide) return;
  const std::string where =
      kind == FrameKind::guide ? "a guide returns nothing" : "`return` stands inside a function or model";
  report("return-outside-function", where, s.span);
}

}  // namespace elbo::lang
