// What holds in models and guides alone: random variables, parameters, types.
#include <algorithm>
#include <array>

#include "lang/checker.hpp"
#include "lang/lexicon.hpp"

namespace elbo::lang {
namespace {

constexpr std::array<std::string_view, 23> type_names = {"real",        "int",         "bool",
                                                         "positive",    "nonnegative", "unit_interval",
                                                         "simplex",     "ordered",     "positive_ordered",
                                                         "lower",       "upper",       "interval",
                                                         "correlation", "covariance",  "cholesky_correlation",
                                                         "unit_vector", "sum_to_zero", "cholesky_covariance",
                                                         "string",      "record",      "list",
                                                         "natural",     "function"};

}  // namespace

bool Checker::in_model() const {
  return scopes_.frame().kind == FrameKind::model || scopes_.frame().kind == FrameKind::guide;
}

bool Checker::needs_model(const std::string& what, const Span& span, bool net_too) {
  if (in_model() || (net_too && scopes_.frame().kind == FrameKind::net)) return true;
  const bool function = scopes_.frame().kind != FrameKind::script;
  report("sample-outside-model", what + " stands inside a model or guide", span,
         function ? "a function computes; let the model draw, and pass the value on"
                  : "draw from a distribution with `sample(Normal(0, 1))`");
  return false;
}

void Checker::type(const TypeExpression& type, bool new_shape_names) {
  const std::string& name = type.name.name;
  const auto entry = table_.names.find(name);
  const bool constraint = entry != table_.names.end() && entry->second.kind == NameKind::constraint;
  if (!constraint && std::find(type_names.begin(), type_names.end(), name) == type_names.end()) {
    std::vector<std::string> candidates(type_names.begin(), type_names.end());
    for (const auto& [known, each] : table_.names) {
      if (each.kind == NameKind::constraint) candidates.push_back(known);
    }
    report("unknown-type", "there is no type `" + name + "`", type.name.span, did_you_mean(name, candidates));
  }
  expressions(type.arguments);
  for (const ExpressionPtr& size : type.shape) {
    const bool introduces = new_shape_names && std::holds_alternative<NameExpression>(size->node);
    if (!introduces) expression(size);
  }
}

// A variable or parameter of the model: known in all of it, whatever loop or branch its statement stands in.
void Checker::variable(const Target& target, BindingKind kind) {
  Scope& root = scopes_.root();
  const bool indexed = !target.indices.empty();
  const Identifier& name = target.name;
  const auto existing = root.names.find(name.name);
  const bool before = existing != root.names.end() && existing->second.kind != BindingKind::parameter;
  // In two branches of an `if`, only one of the two statements counts.
  if (before && (!indexed || !existing->second.indexed) && scopes_.encloses(existing->second.block)) {
    report("duplicate-variable", "`" + name.name + "` is defined twice", name.span,
           existing->second.kind != kind
               ? "a parameter and a variable take names of their own: `param m = 0`, `" + name.name +
                     " ~ Normal(m, 1)`"
               : "build one array from parts with an index: `" + name.name + "[1]`, `" + name.name + "[2]`")
        .related.push_back({existing->second.span, "first defined here"});
    return;
  }
  root.names[name.name] = {kind, name.span, indexed, scopes_.top().id, nullptr};
}

// Whether `~` may stand after this name.
bool Checker::sample_target(const Target& target) {
  const Identifier& name = target.name;
  const Found found = scopes_.find(name.name);
  if (!found.binding) return true;
  const BindingKind kind = found.binding->kind;
  const bool guide = scopes_.frame().kind == FrameKind::guide;
  if (guide && !found.outside && (kind == BindingKind::parameter || kind == BindingKind::shape)) {
    report("sample-on-argument", "`" + name.name + "` is an argument of the guide, and so data", name.span,
           "a guide draws the latent variables of its model; leave this statement out")
        .related.push_back({found.binding->span, "the argument"});
    return false;
  }
  const bool data = kind == BindingKind::let || kind == BindingKind::loop || kind == BindingKind::shape ||
                    kind == BindingKind::earlier || (kind == BindingKind::parameter && found.outside);
  if (!data || (guide && found.outside)) return true;
  const bool inside_model = !found.outside;
  Diagnostic& d =
      report("sample-on-data",
             "`" + name.name + "` has a value already" +
                 (inside_model ? "" : " outside the model, which does not observe it"),
             name.span,
             inside_model ? "a random variable takes a name of its own"
                          : "make it an argument of the model, or choose another name for the variable");
  if (found.binding->span) d.related.push_back({found.binding->span, "defined here"});
  return false;
}

void Checker::visit(const Statement& s, const SampleStatement& node) {
  expressions(node.target.indices);
  if (node.constraint) type(*node.constraint, false);
  if (!needs_model("`~`", s.span, false)) return expression(node.distribution);
  const std::string& name = node.target.name.name;
  const bool indexed = !node.target.indices.empty();
  // Only with an index can a variable depend on itself: on its other elements.
  if (!indexed) expression(node.distribution);
  if (sample_target(node.target)) {
    if (!indexed && scopes_.in_loop()) {
      const std::string variable = scopes_.loop_variable();
      report("sample-in-loop", "`" + name + "` would be drawn anew in every turn of the loop",
             node.target.span, "write `" + name + "[" + (variable.empty() ? "n" : variable) + "] ~ …`");
    }
    const Found found = scopes_.find(name);
    const bool observed = found.binding && !found.outside && found.binding->kind == BindingKind::parameter;
    variable(node.target, observed ? BindingKind::observed : BindingKind::latent);
  }
  if (indexed) expression(node.distribution);
}

void Checker::visit(const Statement& s, const FactorStatement& node) {
  needs_model("`factor`", s.span, false);
  expression(node.value);
}

void Checker::visit(const Statement& s, const ParamStatement& node) {
  expressions(node.target.indices);
  if (node.constraint) type(*node.constraint, false);
  // The names after `via` are those of bijectors, not of functions; only their arguments are expressions.
  if (node.via) {
    if (const auto* call = std::get_if<CallExpression>(&node.via->node)) {
      for (const Argument& argument : call->arguments) expression(argument.value);
    }
  }
  expression(node.init);
  if (!needs_model("`param`", s.span, true)) return;
  const std::string& name = node.target.name.name;
  if (node.target.indices.empty() && scopes_.in_loop()) {
    const std::string variable = scopes_.loop_variable();
    // parameters of nets have no index
    const std::string per_turn = in_model() ? "write `param " + name + "[" + (variable.empty() ? "n" : variable) +
                                                  "]` for one per turn, or move it before the loop"
                                            : "move it before the loop, and give it a shape for one per turn: "
                                              "`param " + name + " : real[3]`";
    report("param-in-loop", "a `param` without an index stands inside a loop", node.target.span, per_turn);
  }
  const Found found = scopes_.find(name);
  if (found.binding && !found.outside && found.binding->kind == BindingKind::parameter) {
    report("duplicate-variable", "`" + name + "` is an argument already", node.target.name.span)
        .related.push_back({found.binding->span, "the argument"});
    return;
  }
  variable(node.target, BindingKind::param);
}

void Checker::bare_value(const Statement& s, const Expression& value) {
  std::string hint =
      "name it with `let`, add it to the log density with `factor`, or give it back with `return`";
  if (const auto* binary = std::get_if<BinaryExpression>(&value.node); binary && binary->operation == "==") {
    hint = "write `let x = …` for a value, or `x ~ …` for a random variable";
  }
  if (const auto* call = std::get_if<CallExpression>(&value.node)) {
    const auto* callee = std::get_if<NameExpression>(&call->callee->node);
    const auto entry = callee ? table_.names.find(callee->name) : table_.names.end();
    const bool distribution = entry != table_.names.end() && entry->second.kind == NameKind::distribution;
    if (distribution) hint = "write `x ~ " + callee->name + "(…)`";
  }
  report("value-in-model", "this value is not used", s.span, std::move(hint));
}

// In a loop, `a[t] ~ Normal(b[t - 1], 1)` may come before `b[t] ~ …`.
void Checker::note_carried(const std::vector<StatementPtr>& list) {
  for (const StatementPtr& s : list) {
    const Target* target = nullptr;
    if (const auto* node = std::get_if<SampleStatement>(&s->node)) target = &node->target;
    if (const auto* node = std::get_if<LetStatement>(&s->node)) target = &node->target;
    if (target && !target->indices.empty())
      scopes_.top().carried.emplace(target->name.name, target->name.span);
    if (const auto* node = std::get_if<ForStatement>(&s->node)) note_carried(node->body->statements);
  }
}

}  // namespace elbo::lang
