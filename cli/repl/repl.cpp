// elbo without a file: inputs from a terminal, one by one, or from a pipe.
#include <unistd.h>

#include <iostream>
#include <ostream>

#include "cli/commands.hpp"
#include "cli/interrupt.hpp"
#include "cli/repl/line_reader.hpp"
#include "cli/repl/session.hpp"

namespace elbo::cli {
namespace {

using Outcome = Session::Outcome;

constexpr const char* first_prompt = "elbo> ";
constexpr const char* next_prompt = "  ... ";

runtime::Settings settings_of(const Terminal& terminal, bool prompt) {
  runtime::Settings settings;
  settings.script_name = "elbo";
  settings.interactive = terminal.interactive;
  // At a prompt a second Ctrl-C must not throw the session away.
  settings.interrupted = catch_interrupts(prompt ? SecondInterrupt::asks_again : SecondInterrupt::ends);
  return settings;
}

/// Lines added up until they are a whole input.
class Pending {
 public:
  /// The input that the line completes; nothing while more must come.
  std::optional<std::string> add(const Session& session, const std::string& line) {
    text_ += line;
    if (session.is_unfinished(text_)) {
      text_ += "\n";
      return {};
    }
    return take();
  }
  std::string take() { return std::exchange(text_, {}); }
  const std::string& text() const { return text_; }
  bool empty() const { return text_.empty(); }

 private:
  std::string text_;
};

bool is_blank(const std::string& text) { return text.find_first_not_of(" \t\r\n") == std::string::npos; }

ExitCode converse(const Context& context) {
  std::ostream& out = context.terminal.out;
  Session session(context.library, settings_of(context.terminal, true), context.terminal);
  Pending pending;
  LineReader reader(
      [&](const std::string& line) {
        Completion completion = complete(session, pending.text() + line);
        completion.begin -= pending.text().size();
        return completion;
      },
      history_file());
  out << "elbo " ELBO_VERSION ": :help lists the commands, :quit leaves\n" << std::flush;
  for (;;) {
    const LineReader::Line line = reader.read(pending.empty() ? first_prompt : next_prompt);
    if (line.status == LineReader::Status::end) break;
    if (line.status == LineReader::Status::interrupted) {
      pending.take();
      out << "^C\n" << std::flush;
      continue;
    }
    const auto input = pending.add(session, line.text);
    if (!input || is_blank(*input)) continue;
    reader.remember(*input);
    session.set_columns(reader.columns());
    if (session.enter(*input) == Outcome::left) return ExitCode::ok;
  }
  out << "\n";
  return ExitCode::ok;
}

/// The worst of two endings: a mistake of ours before one of the user's.
ExitCode worse(ExitCode code, Outcome outcome) {
  if (outcome == Outcome::broken) return ExitCode::internal_error;
  if (outcome == Outcome::failed && code != ExitCode::internal_error) return ExitCode::user_error;
  return code;
}

/// No prompt, no colours, no progress: nothing but what the inputs write.
ExitCode read_all(std::istream& in, const Context& context) {
  const Terminal plain{context.terminal.out, context.terminal.err, false, false};
  Session session(context.library, settings_of(plain, false), plain);
  Pending pending;
  ExitCode code = ExitCode::ok;
  const auto enter = [&](const std::string& input) {
    const Outcome outcome = is_blank(input) ? Outcome::ok : session.enter(input);
    code = outcome == Outcome::interrupted ? ExitCode::interrupted : worse(code, outcome);
    return outcome != Outcome::left && outcome != Outcome::interrupted;
  };
  bool goes_on = true;
  for (std::string line; goes_on && std::getline(in, line);) {
    if (!line.empty() && line.back() == '\r') line.pop_back();  // of a file from Windows
    if (const auto input = pending.add(session, line)) goes_on = enter(*input);
  }
  if (goes_on && !pending.empty()) enter(pending.take());  // unfinished, as its error will say
  return code == ExitCode::ok && session.has_bad_numbers() ? ExitCode::bad_numbers : code;
}

}  // namespace

ExitCode repl(const ReplOptions&, const Context& context) {
  const bool prompt = isatty(STDIN_FILENO) == 1 && isatty(STDOUT_FILENO) == 1;
  return prompt ? converse(context) : read_all(std::cin, context);
}

}  // namespace elbo::cli
