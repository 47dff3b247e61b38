// One interactive session: inputs to effects.
#include "cli/repl/session.hpp"

#include <algorithm>
#include <new>
#include <ostream>

#include "cli/repl/commands.hpp"
#include "cli/repl/display.hpp"
#include "cli/script.hpp"
#include "lang/parse.hpp"

namespace elbo::cli {
namespace {

// Every step keeps the values it took away: more of them would keep a session's large data alive for long.
constexpr std::size_t most_steps = 100;

/// Whether a statement gives a name of the session a new value, as far as its text tells.
struct ChangesNames {
  bool operator()(const lang::LetStatement&) const { return true; }
  bool operator()(const lang::AssignStatement&) const { return true; }
  bool operator()(const lang::FunctionStatement&) const { return true; }
  bool operator()(const lang::ModelStatement&) const { return true; }
  bool operator()(const lang::GuideStatement&) const { return true; }
  bool operator()(const lang::NetStatement&) const { return true; }
  bool operator()(const lang::DistStatement&) const { return true; }
  bool operator()(const lang::ImportStatement&) const { return true; }
  bool operator()(const lang::ForStatement& s) const { return assigns(s.body); }
  bool operator()(const lang::ExpressionStatement& s) const {
    const auto* choice = std::get_if<lang::IfExpression>(&s.value->node);
    return choice != nullptr && (assigns(choice->then) || assigns(choice->otherwise));
  }
  template <class Other>
  bool operator()(const Other&) const {
    return false;
  }

 private:
  /// A `let` in a block is gone when the block ends.
  static bool assigns(const lang::BlockPtr& block) {
    if (!block) return false;
    return std::any_of(block->statements.begin(), block->statements.end(), [](const lang::StatementPtr& s) {
      return !std::holds_alternative<lang::LetStatement>(s->node) && std::visit(ChangesNames{}, s->node);
    });
  }
};

bool changes_names(const std::vector<lang::StatementPtr>& statements) {
  return std::any_of(statements.begin(), statements.end(), [](const lang::StatementPtr& statement) {
    return std::visit(ChangesNames{}, statement->node);
  });
}

/// Whether a `;` follows the last statement.
bool ends_with_semicolon(const lang::Script& script) {
  if (script.statements.empty()) return false;
  const std::string& text = script.source->text();
  const std::size_t at = text.find_first_not_of(" \t\r\n", script.statements.back()->span.end);
  return at != std::string::npos && text[at] == ';';
}

std::string first_line(const std::string& text) {
  const std::size_t begin = text.find_first_not_of(" \t\r\n");
  if (begin == std::string::npos) return {};
  const std::size_t end = text.find('\n', begin);
  return text.substr(begin, end == std::string::npos ? end : end - begin) +
         (end == std::string::npos || text.find_first_not_of(" \t\r\n", end) == std::string::npos ? ""
                                                                                                  : " …");
}

runtime::Settings with_search_path(runtime::Settings settings) {
  settings.search_path = search_path("");
  return settings;
}

}  // namespace

Session::Session(const runtime::Library& library, runtime::Settings settings, Terminal terminal,
                 std::size_t columns)
    : terminal_(terminal),
      columns_(columns),
      table_(runtime::name_table(library)),
      interpreter_(library, with_search_path(std::move(settings)), terminal_.out, terminal_.err),
      workspace_(interpreter_) {}

Session::Outcome Session::enter(const std::string& input) {
  // Ctrl-C between two inputs was meant for neither.
  if (auto* interrupted = interpreter_.settings().interrupted) interrupted->store(false);
  Outcome outcome = Outcome::broken;
  try {
    outcome = enter_unguarded(input);
  } catch (const std::bad_alloc&) {
    outcome = complain("out-of-memory", "the memory is used up");
  } catch (const lang::InternalError& error) {
    terminal_.err
        << "elbo: internal error: " << error.what()
        << "\nThis is a bug in elbo, not in your input. Please report it with the input that shows it.\n";
  }
  interpreter_.elaborated().clear();  // kept for `elbo dump` only
  terminal_.out.flush();
  terminal_.err.flush();
  return outcome;
}

Session::Outcome Session::enter_unguarded(const std::string& input) {
  if (is_command(input)) return run_command(*this, input);
  return run(std::make_shared<lang::Source>("<input>", input), Echo::value, true);
}

bool Session::is_unfinished(const std::string& input) const {
  const std::string text = is_command(input) ? argument_in_place(input) : input;
  return lang::is_unfinished(std::make_shared<lang::Source>("<input>", text));
}

std::optional<runtime::Value> Session::attempt(const lang::SourcePtr& source, bool redefine,
                                               std::optional<lang::Script>& script,
                                               lang::Diagnostics& diagnostics) {
  script = lang::parse(source, diagnostics);
  if (!script) return {};
  const auto checked = lang::check(*script, table_, workspace_.names(), redefine, diagnostics);
  if (!checked) return {};
  return workspace_.run(*checked, diagnostics);
}

Session::Outcome Session::run(const lang::SourcePtr& source, Echo echo, bool redefine, std::string label) {
  const runtime::Workspace::Snapshot before = workspace_.snapshot();
  lang::Diagnostics diagnostics;
  std::optional<lang::Script> script;
  const std::optional<runtime::Value> value = attempt(source, redefine, script, diagnostics);
  if (!value) return report(diagnostics);
  if (changes_names(script->statements)) {
    if (label.empty()) label = first_line(source->text());
    steps_.push_back({std::move(label), before});
    if (steps_.size() > most_steps) steps_.pop_front();
  }
  if (value->is<runtime::None>()) return Outcome::ok;
  if (echo == Echo::value) workspace_.define("ans", *value);
  if (echo == Echo::presence || !ends_with_semicolon(*script)) show(*value, echo);
  return Outcome::ok;
}

std::optional<runtime::Value> Session::evaluate(const lang::SourcePtr& source) {
  const runtime::Workspace::Snapshot before = workspace_.snapshot();
  lang::Diagnostics diagnostics;
  std::optional<lang::Script> script;
  std::optional<runtime::Value> value = attempt(source, true, script, diagnostics);
  workspace_.restore(before);
  if (!value) report(diagnostics);
  return value;
}

void Session::show(const runtime::Value& value, Echo echo) {
  try {
    const auto* object = value.as<runtime::ObjectPtr>();
    const bool is_shown = object != nullptr && (*object)->present(interpreter_);
    if (echo == Echo::value && !is_shown) terminal_.out << display(value, columns_);
  } catch (const lang::Failure& failure) {  // what a fit shows is computed when it is asked for
    report({failure.diagnostic()});
  }
}

Session::Outcome Session::load(const std::string& path) {
  lang::Diagnostics diagnostics;
  const lang::SourcePtr source = read_script(path, diagnostics);
  if (!source) return report(diagnostics);
  last_loaded_ = path;  // also when it is wrong: it is mended, and then :reload
  const std::vector<std::string> folders = interpreter_.search_in(search_path(path));
  const Outcome outcome = run(source, Echo::presence, false, ":load " + path);
  interpreter_.search_in(folders);
  return outcome;
}

std::optional<std::string> Session::undo() {
  if (steps_.empty()) return {};
  const Step step = std::move(steps_.back());
  steps_.pop_back();
  workspace_.restore(step.before);
  return step.label;
}

Session::Outcome Session::report(const lang::Diagnostics& diagnostics) {
  terminal_.out.flush();
  return cli::report(diagnostics, terminal_) == ExitCode::interrupted ? Outcome::interrupted
                                                                      : Outcome::failed;
}

Session::Outcome Session::complain(const std::string& code, const std::string& message,
                                   const std::string& hint) {
  lang::Diagnostic diagnostic;
  diagnostic.code = code;
  diagnostic.message = message;
  diagnostic.hint = hint;
  return report({diagnostic});
}

}  // namespace elbo::cli
