// elbo dump STAGE FILE: a script as one stage of the compiler sees it. Stages up to `checked` only read the
// script; the later ones run it (what it prints is dropped) and show every model that was applied to data on
// the way.
#include <ostream>
#include <set>

#include "cli/graph.hpp"
#include "cli/script.hpp"
#include "lang/parse.hpp"
#include "lang/print.hpp"
#include "runtime/differentiate.hpp"
#include "runtime/program.hpp"
#include "runtime/simplify.hpp"

namespace elbo::cli {
namespace {

using runtime::Expr;
using runtime::ModelGraph;

// ---- stages that read the script
// -----------------------------------------------------------------------------------

std::string parameter_list(const lang::Callable& callable) {
  std::string text = "(";
  for (const lang::Parameter& parameter : callable.parameters) {
    if (text.size() > 1) text += ", ";
    text += parameter.name.name;
    if (parameter.type) text += ": " + std::string(parameter.type->span.text());
    if (parameter.default_value) text += " = " + lang::show(*parameter.default_value);
  }
  return text + ")";
}

/// One line per name that a script defines, with its kind; empty for statements that define none.
struct DefinedName {
  std::string operator()(const lang::LetStatement& s) const { return "let " + s.target.name.name; }
  std::string operator()(const lang::FunctionStatement& s) const { return callable("fn", s); }
  std::string operator()(const lang::ModelStatement& s) const { return callable("model", s); }
  std::string operator()(const lang::GuideStatement& s) const { return callable("guide", s); }
  std::string operator()(const lang::NetStatement& s) const { return callable("net", s); }
  std::string operator()(const lang::DistStatement& s) const { return "dist " + s.name.name; }
  template <class Other>
  std::string operator()(const Other&) const {
    return {};
  }

 private:
  template <class Statement>
  static std::string callable(const std::string& kind, const Statement& statement) {
    return kind + " " + statement.name.name + parameter_list(*statement.callable);
  }
};

std::string defined_names(const lang::Script& script) {
  std::string text;
  for (const lang::StatementPtr& statement : script.statements) {
    const std::string line = std::visit(DefinedName{}, statement->node);
    if (!line.empty()) text += line + "\n";
  }
  return text;
}

ExitCode dump_parsed(const DumpOptions& options, const Context& context) {
  lang::Diagnostics diagnostics;
  const lang::SourcePtr source = read_script(options.file, diagnostics);
  const auto script = source ? lang::parse(source, diagnostics) : std::nullopt;
  if (script) {
    context.terminal.out << (options.stage == "tree" ? lang::outline(*script) : lang::format(*script));
  }
  return report(diagnostics, context.terminal);
}

ExitCode dump_checked(const DumpOptions& options, const Context& context) {
  lang::Diagnostics diagnostics;
  const auto script = load_script(options.file, options.definitions, context.library, diagnostics);
  if (script) context.terminal.out << defined_names(script->script());
  return report(diagnostics, context.terminal);
}

// ---- stages that run it
// --------------------------------------------------------------------------------------------

/// The inputs of a model's program: its latent variables, then its parameters as optimizers move them.
std::vector<Expr> inputs_of(const ModelGraph& model) {
  std::vector<Expr> inputs;
  for (const runtime::RandomVariable& variable : model.variables) {
    if (!variable.observed) inputs.push_back(variable.value);
  }
  for (const runtime::PointParameter& parameter : model.parameters) inputs.push_back(parameter.unconstrained);
  return inputs;
}

/// The log density of the model and its gradient in every continuous input, simplified and planned.
std::string show_program(const ModelGraph& model) {
  const Expr total = runtime::log_joint(model);
  const std::vector<Expr> inputs = inputs_of(model);
  std::vector<Expr> outputs{total};
  for (const Expr& input : inputs) {
    if (input.type().domain != runtime::Domain::real) continue;
    outputs.push_back(runtime::gradient(total, std::vector<Expr>{input}).front());
  }
  return runtime::show(*runtime::plan(outputs, inputs));
}

std::string show_stage(const std::string& stage, const ModelGraph& model) {
  if (stage == "graph") return runtime::show(model);
  if (stage == "dot") return runtime::to_dot(model);
  if (stage == "program") return show_program(model);
  const std::vector<Expr> root = runtime::simplify(std::vector<Expr>{runtime::log_joint(model)});
  return runtime::show(*model.graph, root);
}

ExitCode dump_elaborated(const DumpOptions& options, const Context& context) {
  lang::Diagnostics diagnostics;
  std::set<std::string> shown;  // a model that is fitted twice is shown once
  const auto show = [&](const ModelGraph& model) {
    if (model.is_guide && options.stage != "graph" && options.stage != "dot") return;
    const std::string text = show_stage(options.stage, model);
    if (!shown.insert(text).second) return;
    if (shown.size() > 1) context.terminal.out << "\n";
    context.terminal.out << text;
  };
  visit_models({options.file, options.definitions, options.seed}, context.library, diagnostics, show);
  if (shown.empty() && diagnostics.empty()) {
    context.terminal.err << "elbo: the script applies no model to data, so there is nothing to show\n";
  }
  return report(diagnostics, context.terminal);
}

}  // namespace

const std::vector<Choice>& dump_stages() {
  static const std::vector<Choice> stages{
      {"tree", "the syntax tree"},
      {"format", "the script in normal form"},
      {"checked", "the names that the script defines, once it is found in order"},
      {"graph", "the random variables of every model that the script applies to data"},
      {"dot", "the same for Graphviz"},
      {"expression", "the log density of each model as a tensor expression"},
      {"program", "the schedule that computes the log density and its gradient"},
  };
  return stages;
}

ExitCode dump(const DumpOptions& options, const Context& context) {
  if (options.stage == "tree" || options.stage == "format") return dump_parsed(options, context);
  if (options.stage == "checked") return dump_checked(options, context);
  return dump_elaborated(options, context);
}

}  // namespace elbo::cli
