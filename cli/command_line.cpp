// Arguments of the process to a command, with CLI11 (https://github.com/CLIUtils/CLI11), which no other file
// includes. Mistakes end with exit code 2, one sentence, and the nearest right word.
#include "cli/command_line.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <memory>
#include <ostream>

#include "lang/diagnostic.hpp"
#include "runtime/kernels/choice.hpp"

namespace elbo::cli {
namespace {

constexpr const char* footer_text =
    "Without a command, elbo reads inputs from the terminal (or a pipe) and answers each.\n\n"
    "Exit codes: 0 ok, 1 mistake in the script or its data, 2 mistake on the command line,\n"
    "3 a number went bad (NaN or infinite), 70 a bug in elbo, 130 interrupted by Ctrl-C.";

/// The parser together with the options it fills.
struct Parser {
  CLI::App app{"elbo: models, guides and variational inference in one small language", "elbo"};
  RunOptions run;
  CheckOptions check;
  DumpOptions dump;
  GraphOptions graph;
  ListOptions list;
  HelpOptions help;
  DocsOptions docs;
  std::vector<std::string> settings;  ///< every --set as written
};

std::string describe(std::string intro, const std::vector<Choice>& choices) {
  intro += ":";
  for (const Choice& choice : choices) {
    intro += "\n" + std::string(choice.name) + ": " + std::string(choice.help);
  }
  return intro;
}

const CLI::App* find_command(const CLI::App& app, const std::string& name) {
  for (const CLI::App* command : app.get_subcommands({})) {
    if (command->get_name() == name) return command;
  }
  return nullptr;
}

std::vector<std::string> names(const std::vector<Choice>& choices) {
  std::vector<std::string> result;
  for (const Choice& choice : choices) result.emplace_back(choice.name);
  return result;
}

/// Accepts one of the choices; otherwise a sentence with all of them and the nearest.
CLI::Validator is_one_of(const std::vector<Choice>& choices) {
  return CLI::Validator(
      [words = names(choices)](std::string& word) -> std::string {
        if (std::find(words.begin(), words.end(), word) != words.end()) return {};
        std::string all;
        for (const std::string& name : words) all += (all.empty() ? "" : ", ") + name;
        const std::string guess = lang::did_you_mean(word, words);
        return "'" + word + "' is not one of " + all + (guess.empty() ? "" : "; " + guess);
      },
      "");
}

/// Accepts `name=value` with neither part empty.
CLI::Validator is_setting() {
  return CLI::Validator(
      [](std::string& text) -> std::string {
        const std::size_t equals = text.find('=');
        if (equals != std::string::npos && equals > 0 && equals + 1 < text.size()) return {};
        return "'" + text + "' is not of the form NAME=VALUE, for example steps=100";
      },
      "");
}

void add_settings(CLI::App* command, Parser& parser) {
  command
      ->add_option("--set", parser.settings,
                   "NAME=VALUE: gives the script's `let NAME` this value; repeatable")
      ->type_name("NAME=VALUE")
      ->take_all()
      ->allow_extra_args(false)
      ->check(is_setting());
}

void add_run(Parser& parser) {
  CLI::App* command = parser.app.add_subcommand("run", "Run a script");
  command->add_option("FILE", parser.run.file, "the script")->required();
  add_settings(command, parser);
  command
      ->add_option("--seed", parser.run.seed,
                   "seed of everything random that the script gives none (default 0)")
      ->type_name("N")
      ->check(CLI::NonNegativeNumber);
  command
      ->add_option("--threads", parser.run.threads,
                   "threads for large loops (default 1); no result depends on it")
      ->type_name("N")
      ->check(CLI::Range(1, 1024));
  command
      ->add_option("--out", parser.run.output_folder, "write plots to this folder, which is made if need be")
      ->type_name("DIR");
  command->add_flag("--quiet", parser.run.quiet, "no warnings and no progress");
  command->add_flag("--resume", parser.run.resume, "runs with a checkpoint go on from it, bit for bit");
}

void add_graph(Parser& parser) {
  CLI::App* graph = parser.app.add_subcommand(
      "graph", "Draw the plate diagrams of the models that a script applies to data");
  graph->add_option("FILE", parser.graph.file, "the script")->required();
  add_settings(graph, parser);
  graph->add_option("--seed", parser.graph.seed, "as for run")->type_name("N")->check(CLI::NonNegativeNumber);
  graph
      ->add_option(
          "--out", parser.graph.output_folder,
          "write SCRIPT-MODEL.dot and, where Graphviz is installed, SCRIPT-MODEL.svg to this folder; "
          "without it DOT goes to the output")
      ->type_name("DIR");
  graph->add_option("--format", parser.graph.format, describe("only one of", graph_formats()))
      ->check(is_one_of(graph_formats()));
}

void add_commands(Parser& parser) {
  add_run(parser);
  CLI::App* check =
      parser.app.add_subcommand("check", "Report the mistakes that show without running a script");
  check->add_option("FILE", parser.check.file, "the script")->required();
  add_settings(check, parser);

  CLI::App* dump = parser.app.add_subcommand("dump", "Print a script as one stage of the compiler sees it");
  dump->add_option("STAGE", parser.dump.stage, describe("one of", dump_stages()))
      ->required()
      ->check(is_one_of(dump_stages()));
  dump->add_option("FILE", parser.dump.file, "the script")->required();
  add_settings(dump, parser);
  dump->add_option("--seed", parser.dump.seed, "as for run")->type_name("N")->check(CLI::NonNegativeNumber);

  add_graph(parser);

  CLI::App* list = parser.app.add_subcommand("list", "List what the language knows");
  list->add_option("KIND", parser.list.kind, describe("one of", list_kinds()))
      ->required()
      ->check(is_one_of(list_kinds()));

  CLI::App* help =
      parser.app.add_subcommand("help", "Explain a function, distribution, method, … or command");
  help->add_option("NAME", parser.help.name, "its name")->required();

  CLI::App* docs =
      parser.app.add_subcommand("docs", "Write the reference pages of the distributions, in Markdown");
  docs->add_option("DIR", parser.docs.folder, "the folder for them, which is made if need be")->required();
}

std::unique_ptr<Parser> make_parser() {
  auto parser = std::make_unique<Parser>();
  parser->app.set_version_flag(
      "--version", "elbo " ELBO_VERSION ", kernels " + std::string(runtime::kernel_variant()),
      "Print the version, and which of the kernels v4, v3 and base this machine runs");
  parser->app.footer(footer_text);
  add_commands(*parser);
  return parser;
}

ExitCode wrong_usage(const Terminal& terminal, const std::string& message, const std::string& hint) {
  terminal.err << "elbo: " << message << "\n";
  if (!hint.empty()) terminal.err << "  hint: " << hint << "\n";
  terminal.err << "Run elbo --help for the commands and their options.\n";
  return ExitCode::usage;
}

/// A first word that is no command: a script without `run`, or a slip.
ExitCode unknown_command(const Terminal& terminal, const std::string& word) {
  std::error_code ignored;
  const bool is_script =
      std::filesystem::path(word).extension() == ".elbo" || std::filesystem::is_regular_file(word, ignored);
  return wrong_usage(
      terminal, "there is no command '" + word + "'",
      is_script ? "to run a script, write: elbo run " + word : lang::did_you_mean(word, command_names()));
}

/// CLI11's sentence, with the nearest option when one is unknown.
ExitCode wrong_arguments(const Terminal& terminal, const CLI::App& app,
                         const std::vector<std::string>& arguments, const CLI::ParseError& error) {
  std::vector<std::string> options;
  const std::vector<CLI::App*> chosen = app.get_subcommands();
  const CLI::App& command = chosen.empty() ? app : *chosen.front();
  for (const CLI::Option* option : command.get_options()) {
    for (const std::string& name : option->get_lnames()) options.push_back("--" + name);
  }
  for (const std::string& argument : arguments) {
    const std::string word = argument.substr(0, argument.find('='));
    if (word.rfind("--", 0) != 0 || word == "--") continue;
    if (std::find(options.begin(), options.end(), word) != options.end()) continue;
    return wrong_usage(terminal, "elbo " + command.get_name() + " has no option " + word,
                       lang::did_you_mean(word, options));
  }
  return wrong_usage(terminal, error.what(), "");
}

/// The command whose options the parser has filled.
std::optional<Command> chosen_command(const Parser& parser, const Terminal& terminal, ExitCode& code) {
  const CLI::App& command = *parser.app.get_subcommands().front();
  Definitions definitions;
  for (const std::string& text : parser.settings) {
    const std::size_t equals = text.find('=');
    definitions.emplace_back(text.substr(0, equals), text.substr(equals + 1));
  }
  const std::string name = command.get_name();
  if (name == "run") {
    RunOptions options = parser.run;
    options.definitions = definitions;
    return options;
  }
  if (name == "check") return CheckOptions{parser.check.file, definitions};
  if (name == "dump") {
    DumpOptions options = parser.dump;
    options.definitions = definitions;
    return options;
  }
  if (name == "graph") {
    GraphOptions options = parser.graph;
    options.definitions = definitions;
    return options;
  }
  if (name == "list") return parser.list;
  if (name == "docs") return parser.docs;
  if (const CLI::App* asked = find_command(parser.app, parser.help.name)) {
    terminal.out << asked->help();
    code = ExitCode::ok;
    return {};
  }
  return parser.help;
}

}  // namespace

std::vector<std::string> command_names() {
  std::vector<std::string> result;
  const auto parser = make_parser();
  for (const CLI::App* command : parser->app.get_subcommands({})) result.push_back(command->get_name());
  return result;
}

std::optional<Command> parse_command_line(const std::vector<std::string>& arguments, const Terminal& terminal,
                                          ExitCode& code) {
  if (arguments.empty()) return ReplOptions{};
  const auto parser = make_parser();
  const std::string& first = arguments.front();
  if (first[0] != '-' && find_command(parser->app, first) == nullptr) {
    code = unknown_command(terminal, first);
    return {};
  }
  try {
    // CLI11 takes the arguments from the back.
    parser->app.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
  } catch (const CLI::Success& text) {  // --help or --version
    parser->app.exit(text, terminal.out, terminal.err);
    code = ExitCode::ok;
    return {};
  } catch (const CLI::ParseError& error) {
    code = wrong_arguments(terminal, parser->app, arguments, error);
    return {};
  }
  if (parser->app.get_subcommands().empty()) {
    code = wrong_usage(terminal, "a command is missing", "");
    return {};
  }
  return chosen_command(*parser, terminal, code);
}

}  // namespace elbo::cli
