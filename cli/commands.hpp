// The subcommands: a struct of options and a function each. cli/command_line.cpp fills the options from the
// arguments; cli/main.cpp calls the function.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "cli/terminal.hpp"
#include "runtime/library.hpp"

namespace elbo::cli {

/// What a command has to work with.
struct Context {
  const runtime::Library& library;
  Terminal terminal;
};

/// `--set name=value`, value still as text.
using Definitions = std::vector<std::pair<std::string, std::string>>;

/// elbo run FILE: runs a script.
struct RunOptions {
  std::string file;
  Definitions definitions;
  std::uint64_t seed = 0;
  int threads = 1;
  std::string output_folder;  ///< created when it does not exist; empty: none
  bool quiet = false;         ///< no warnings, no progress
  bool resume = false;        ///< runs with a checkpoint go on from it
};
ExitCode run(const RunOptions& options, const Context& context);

/// elbo check FILE: reads a script and reports every mistake that shows without running it.
struct CheckOptions {
  std::string file;
  Definitions definitions;
};
ExitCode check(const CheckOptions& options, const Context& context);

/// elbo dump STAGE FILE: prints a script as one stage of the compiler sees it.
struct DumpOptions {
  std::string stage;
  std::string file;
  Definitions definitions;
  std::uint64_t seed = 0;
};
ExitCode dump(const DumpOptions& options, const Context& context);

/// elbo graph FILE: draws the models that a script applies to data.
struct GraphOptions {
  std::string file;
  Definitions definitions;
  std::uint64_t seed = 0;
  std::string output_folder;  ///< created when it does not exist; empty: DOT to the output
  std::string format;  ///< of graph_formats(); empty: DOT, with --out SVG too where Graphviz is installed
};
ExitCode graph(const GraphOptions& options, const Context& context);

/// A row of a table that is shown in help texts: a word and what it means.
struct Choice {
  std::string_view name;
  std::string_view help;
};
const std::vector<Choice>& dump_stages();
const std::vector<Choice>& graph_formats();

/// elbo list KIND: what the language knows.
struct ListOptions {
  std::string kind;
};
ExitCode list(const ListOptions& options, const Context& context);
const std::vector<Choice>& list_kinds();

/// elbo help NAME: one function, distribution, method, constraint, constant or operation.
struct HelpOptions {
  std::string name;
};
ExitCode help(const HelpOptions& options, const Context& context);

/// elbo docs DIR: writes the reference pages of the distributions, in Markdown, with pictures where gnuplot
/// is.
struct DocsOptions {
  std::string folder;
};
ExitCode docs(const DocsOptions& options, const Context& context);

/// elbo without a command: reads inputs from the terminal or a pipe, and answers each.
struct ReplOptions {};
ExitCode repl(const ReplOptions& options, const Context& context);

using Command = std::variant<ReplOptions, RunOptions, CheckOptions, DumpOptions, GraphOptions, ListOptions,
                             HelpOptions, DocsOptions>;

}  // namespace elbo::cli
