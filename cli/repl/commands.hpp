// The commands of the prompt: words that begin with `:`, each a record in one list.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cli/repl/session.hpp"

namespace elbo::cli {

/// What follows the command's word.
struct CommandArgument {
  std::string text;        ///< without the blanks around it
  lang::SourcePtr source;  ///< the input with blanks in the command's place, so that columns are those typed
};

/// What the argument of a command is: decides what is read on, completed, and asked for when it is missing.
enum class ArgumentKind { none, name, file, input };

struct SessionCommand {
  std::string_view name;  ///< without the colon
  ArgumentKind kind;
  std::string_view argument;  ///< as help shows it: "EXPR"; in brackets when it may be left out
  std::string_view help;
  Session::Outcome (*run)(Session& session, const CommandArgument& argument);
};

/// In the order in which help lists them.
const std::vector<SessionCommand>& session_commands();

/// The command that a word means: its name, or a beginning that no other command has. Null when there is
/// none.
const SessionCommand* find_command(std::string_view word);

/// Whether an input is a command rather than a text of the language.
bool is_command(const std::string& input);

/// The input with blanks in place of the command's word, when its argument is a text of the language;
/// otherwise nothing but blanks.
std::string argument_in_place(const std::string& input);

Session::Outcome run_command(Session& session, const std::string& input);

}  // namespace elbo::cli
