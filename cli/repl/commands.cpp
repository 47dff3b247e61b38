// The commands of the prompt.
#include "cli/repl/commands.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <ostream>

#include "cli/explain.hpp"
#include "cli/repl/display.hpp"
#include "inference/fit.hpp"
#include "runtime/model_graph.hpp"

namespace elbo::cli {
namespace {

using Outcome = Session::Outcome;
constexpr const char* blanks = " \t\r\n";

// ---- help
// --------------------------------------------------------------------------------------------------

void write_usage(const SessionCommand& command, std::ostream& out) {
  std::string usage = ":" + std::string(command.name);
  if (!command.argument.empty()) usage += " " + std::string(command.argument);
  constexpr std::size_t width = 16;
  out << "  " << usage << std::string(usage.size() < width ? width - usage.size() : 1, ' ') << command.help
      << "\n";
}

Outcome general_help(std::ostream& out) {
  out << "Type an expression to see its value, or any statement of the language. A block may\n"
         "take several lines. `ans` is the last value; a `;` at the end keeps it from being\n"
         "shown. TAB completes names, the arrow keys fetch earlier inputs, Ctrl-R searches them,\n"
         "Ctrl-C stops what is running.\n\n";
  for (const SessionCommand& command : session_commands()) write_usage(command, out);
  return Outcome::ok;
}

/// A name of the session or of the library, or a command.
Outcome help(Session& session, const CommandArgument& argument) {
  std::ostream& out = session.terminal().out;
  const std::string& name = argument.text;
  if (name.empty()) return general_help(out);
  if (const SessionCommand* command = name[0] == ':' ? find_command(name.substr(1)) : nullptr) {
    write_usage(*command, out);
    return Outcome::ok;
  }
  const runtime::Value* own = session.workspace().find(name);
  if (own != nullptr) {
    out << name << ": " << describe_type(*own) << "\n";
    return Outcome::ok;
  }
  if (explain(name, session.library(), out)) return Outcome::ok;
  std::vector<std::string> known = explained_names(session.library());
  for (const SessionCommand& command : session_commands()) known.push_back(":" + std::string(command.name));
  return session.complain("unknown-name", "there is no help for `" + name + "`",
                          lang::did_you_mean(name, known));
}

// ---- looking at values
// ---------------------------------------------------------------------------------------------

Outcome type(Session& session, const CommandArgument& argument) {
  const auto value = session.evaluate(argument.source);
  if (!value) return Outcome::failed;
  session.terminal().out << describe_type(*value) << "\n";
  return Outcome::ok;
}

/// The graphs of a fit, or that of a model applied to data.
Outcome write_graphs(Session& session, const runtime::Value& value, const lang::Span& span) {
  std::ostream& out = session.terminal().out;
  if (const auto* object = value.as<runtime::ObjectPtr>()) {
    if (const auto* fit = dynamic_cast<const inference::Fit*>(object->get())) {
      out << runtime::show(*fit->problem().model);
      if (fit->problem().guide) out << "\n" << runtime::show(*fit->problem().guide);
      return Outcome::ok;
    }
  }
  const auto model = runtime::as_model_call(session.interpreter(), value, runtime::CallableKind::model, span);
  if (!model) {
    return session.complain(
        "graph-argument",
        ":graph shows a model applied to data, or a fit; this is " + runtime::with_article(value),
        "for example :graph my_model(x)");
  }
  out << runtime::show(*runtime::elaborate(session.interpreter(), *model));
  return Outcome::ok;
}

Outcome graph(Session& session, const CommandArgument& argument) {
  const auto value = session.evaluate(argument.source);
  if (!value) return Outcome::failed;
  const std::string& text = argument.source->text();
  const auto begin = static_cast<std::uint32_t>(text.find(argument.text));
  const lang::Span span{argument.source, begin, static_cast<std::uint32_t>(begin + argument.text.size())};
  try {
    return write_graphs(session, *value, span);
  } catch (const lang::Failure& failure) {  // the model does not take its data
    return session.report({failure.diagnostic()});
  }
}

Outcome vars(Session& session, const CommandArgument&) {
  const runtime::Workspace& workspace = session.workspace();
  const std::vector<std::string> names = workspace.names();
  std::size_t name_width = 0, type_width = 0;
  std::vector<std::string> types;
  for (const std::string& name : names) {
    types.push_back(runtime::type_name(*workspace.find(name)));
    name_width = std::max(name_width, columns(name));
    type_width = std::max(type_width, columns(types.back()));
  }
  for (std::size_t i = 0; i < names.size(); ++i) {
    std::string line = "  " + names[i] + std::string(name_width - columns(names[i]) + 2, ' ') + types[i] +
                       std::string(type_width - columns(types[i]) + 2, ' ');
    const std::size_t used = columns(line);
    const std::size_t left = session.columns() > used + 10 ? session.columns() - used : 10;
    session.terminal().out << line << brief(*workspace.find(names[i]), left) << "\n";
  }
  if (names.empty()) session.terminal().out << "there are no names yet; `let x = 1` makes one\n";
  return Outcome::ok;
}

/// "35 µs", "0.35 ms", "1.20 s".
std::string duration(double seconds) {
  if (seconds < 1e-4) return std::to_string(std::lround(seconds * 1e6)) + " µs";
  const double value = seconds < 1 ? seconds * 1e3 : seconds;
  char text[32];
  std::snprintf(text, sizeof text, value < 10 ? "%.2f" : value < 100 ? "%.1f" : "%.0f", value);
  return std::string(text) + (seconds < 1 ? " ms" : " s");
}

Outcome time(Session& session, const CommandArgument& argument) {
  const auto start = std::chrono::steady_clock::now();
  const Outcome outcome = session.run(argument.source, Session::Echo::value, true);
  const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
  if (outcome == Outcome::ok) session.terminal().out << "took " << duration(taken.count()) << "\n";
  return outcome;
}

// ---- the session
// ---------------------------------------------------------------------------------------------

/// A path as a shell reads it: quotes around it go, `~/` is the home folder.
std::string path_of(std::string text) {
  const bool in_quotes = text.size() > 1 && (text[0] == '"' || text[0] == '\'') && text.back() == text[0];
  if (in_quotes) text = text.substr(1, text.size() - 2);
  const char* home = std::getenv("HOME");
  if (text.rfind("~/", 0) == 0 && home != nullptr) text = home + text.substr(1);
  return text;
}

Outcome load(Session& session, const CommandArgument& argument) {
  return session.load(path_of(argument.text));
}

Outcome reload(Session& session, const CommandArgument&) {
  if (!session.last_loaded().empty()) return session.load(session.last_loaded());
  return session.complain("nothing-to-reload", "no file has been loaded yet", "load one with :load FILE");
}

Outcome undo(Session& session, const CommandArgument&) {
  const auto line = session.undo();
  if (!line) return session.complain("nothing-to-undo", "no input is left that changed a name");
  session.terminal().out << "took back: " << *line << "\n";
  return Outcome::ok;
}

Outcome quit(Session&, const CommandArgument&) { return Outcome::left; }

// ---- from a text to a command
// --------------------------------------------------------------------------------------

/// Where the command's word begins (past the colon) and ends.
std::pair<std::size_t, std::size_t> word_of(const std::string& input) {
  const std::size_t begin = input.find(':') + 1;
  return {begin, std::min(input.find_first_of(blanks, begin), input.size())};
}

std::string trimmed(const std::string& text) {
  const std::size_t begin = text.find_first_not_of(blanks);
  if (begin == std::string::npos) return {};
  return text.substr(begin, text.find_last_not_of(blanks) - begin + 1);
}

}  // namespace

const std::vector<SessionCommand>& session_commands() {
  using enum ArgumentKind;
  static const std::vector<SessionCommand> commands{
      {"help", name, "[NAME]", "explains a function, distribution, method or command", help},
      {"vars", none, "", "lists the names of the session", vars},
      {"type", input, "EXPR", "says what kind of value an expression has", type},
      {"graph", input, "EXPR", "shows the random variables of a model applied to data, or of a fit", graph},
      {"time", input, "EXPR", "runs an input and says how long it took", time},
      {"load", file, "FILE", "runs a script, whose names then belong to the session", load},
      {"reload", none, "", "loads the last file again", reload},
      {"undo", none, "", "takes back the last input that changed a name", undo},
      {"quit", none, "", "ends the session; so does Ctrl-D", quit},
  };
  return commands;
}

const SessionCommand* find_command(std::string_view word) {
  const SessionCommand* found = nullptr;
  int beginnings = 0;
  for (const SessionCommand& command : session_commands()) {
    if (command.name == word) return &command;
    if (word.empty() || command.name.rfind(word, 0) != 0) continue;
    found = &command;
    ++beginnings;
  }
  return beginnings == 1 ? found : nullptr;
}

bool is_command(const std::string& input) {
  const std::size_t begin = input.find_first_not_of(blanks);
  return begin != std::string::npos && input[begin] == ':';
}

std::string argument_in_place(const std::string& input) {
  const auto [begin, end] = word_of(input);
  const SessionCommand* command = find_command(input.substr(begin, end - begin));
  if (command == nullptr || command->kind != ArgumentKind::input) return std::string(input.size(), ' ');
  return std::string(end, ' ') + input.substr(end);
}

Outcome run_command(Session& session, const std::string& input) {
  const auto [begin, end] = word_of(input);
  const std::string word = input.substr(begin, end - begin);
  const SessionCommand* command = find_command(word);
  if (command == nullptr) {
    std::vector<std::string> names;
    for (const SessionCommand& one : session_commands()) names.push_back(":" + std::string(one.name));
    const std::string guess = lang::did_you_mean(":" + word, names);
    return session.complain("unknown-command", "there is no command `:" + word + "`",
                            guess.empty() ? ":help lists the commands" : guess);
  }
  const std::string name = ":" + std::string(command->name);
  const CommandArgument argument{trimmed(input.substr(end)),
                                 std::make_shared<lang::Source>("<input>", argument_in_place(input))};
  if (argument.text.empty() && !command->argument.empty() && command->argument[0] != '[') {
    return session.complain("command-argument", "`" + name + "` wants an argument",
                            "write " + name + " " + std::string(command->argument));
  }
  if (!argument.text.empty() && command->kind == ArgumentKind::none) {
    return session.complain("command-argument", "`" + name + "` takes no argument");
  }
  return command->run(session, argument);
}

}  // namespace elbo::cli
