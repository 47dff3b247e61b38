// Arguments of the process to a command. The only file that includes CLI11 is command_line.cpp.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/commands.hpp"

namespace elbo::cli {

/// The command that the arguments (without the program's name) ask for; nothing when they ask for a text only
/// (--help, --version) or are wrong: the text has then been written and `code` says how to end.
std::optional<Command> parse_command_line(const std::vector<std::string>& arguments, const Terminal& terminal,
                                          ExitCode& code);

/// Names of the subcommands, as `elbo help` completes them.
std::vector<std::string> command_names();

}  // namespace elbo::cli
