// Arguments to commands: what is accepted, what is refused, and in which words.
#include <catch2/catch.hpp>
#include <sstream>

#include "cli/command_line.hpp"
#include "runtime/kernels/choice.hpp"

using namespace elbo::cli;

namespace {

struct Parsed {
  std::optional<Command> command;
  ExitCode code = ExitCode::ok;
  std::string out;
  std::string err;
};

Parsed parse(const std::vector<std::string>& arguments) {
  std::ostringstream out;
  std::ostringstream err;
  Parsed parsed;
  parsed.command = parse_command_line(arguments, Terminal{out, err, false, false}, parsed.code);
  parsed.out = out.str();
  parsed.err = err.str();
  return parsed;
}

}  // namespace

TEST_CASE("run takes its options in any order") {
  const Parsed parsed = parse({"run", "--seed", "7", "a.elbo", "--set", "n=3", "--threads=4", "--out",
                               "plots", "--set", "s=\"a=b\"", "--quiet"});
  REQUIRE(parsed.command);
  const auto& options = std::get<RunOptions>(*parsed.command);
  CHECK(options.file == "a.elbo");
  CHECK(options.seed == 7);
  CHECK(options.threads == 4);
  CHECK(options.output_folder == "plots");
  CHECK(options.quiet);
  CHECK(options.definitions == Definitions{{"n", "3"}, {"s", "\"a=b\""}});
}

TEST_CASE("a value of --set may be negative or a list") {
  const Parsed parsed = parse({"run", "a.elbo", "--set", "x=-1.5", "--set", "y=[1, 2]"});
  REQUIRE(parsed.command);
  CHECK(std::get<RunOptions>(*parsed.command).definitions == Definitions{{"x", "-1.5"}, {"y", "[1, 2]"}});
}

TEST_CASE("the defaults of run") {
  const Parsed parsed = parse({"run", "a.elbo"});
  REQUIRE(parsed.command);
  const auto& options = std::get<RunOptions>(*parsed.command);
  CHECK(options.seed == 0);
  CHECK(options.threads == 1);
  CHECK(options.output_folder.empty());
  CHECK_FALSE(options.quiet);
}

TEST_CASE("every other command") {
  CHECK(std::get<CheckOptions>(*parse({"check", "a.elbo"}).command).file == "a.elbo");
  const auto dump = std::get<DumpOptions>(*parse({"dump", "graph", "a.elbo", "--seed", "3"}).command);
  CHECK(dump.stage == "graph");
  CHECK(dump.file == "a.elbo");
  CHECK(dump.seed == 3);
  CHECK(std::get<ListOptions>(*parse({"list", "methods"}).command).kind == "methods");
  CHECK(std::get<HelpOptions>(*parse({"help", "Normal"}).command).name == "Normal");
}

TEST_CASE("nothing at all starts the prompt") {
  const Parsed parsed = parse({});
  REQUIRE(parsed.command);
  CHECK(std::holds_alternative<ReplOptions>(*parsed.command));
}

TEST_CASE("options without a command print what is missing") {
  const Parsed parsed = parse({"--"});
  CHECK_FALSE(parsed.command);
  CHECK(parsed.code == ExitCode::usage);
  CHECK_THAT(parsed.err, Catch::Contains("a command is missing") && Catch::Contains("elbo --help"));
}

TEST_CASE("texts that are asked for go to standard output") {
  const Parsed version = parse({"--version"});
  CHECK_FALSE(version.command);
  CHECK(version.code == ExitCode::ok);
  CHECK(version.out ==
        "elbo " ELBO_VERSION ", kernels " + std::string(elbo::runtime::kernel_variant()) + "\n");
  const Parsed help = parse({"run", "--help"});
  CHECK(help.code == ExitCode::ok);
  CHECK_THAT(help.out, Catch::Contains("--threads"));
  CHECK_THAT(parse({"help", "run"}).out, Catch::Contains("--threads"));
}

TEST_CASE("mistakes end with the usage code, a sentence and a hint") {
  struct Case {
    std::vector<std::string> arguments;
    std::string part;
  };
  const std::vector<Case> cases{
      {{"rnu", "a.elbo"}, "did you mean `run`?"},
      {{"a.elbo"}, "elbo run a.elbo"},
      {{"run"}, "FILE is required"},
      {{"run", "a.elbo", "--seeed", "3"}, "did you mean `--seed`?"},
      {{"run", "a.elbo", "--seed", "x"}, "--seed"},
      {{"run", "a.elbo", "--seed", "-1"}, "--seed"},
      {{"run", "a.elbo", "--threads", "0"}, "--threads"},
      {{"run", "a.elbo", "b.elbo"}, "b.elbo"},
      {{"run", "a.elbo", "--set", "n"}, "NAME=VALUE"},
      {{"run", "a.elbo", "--set", "=3"}, "NAME=VALUE"},
      {{"run", "a.elbo", "--set"}, "--set"},
      {{"dump", "grahp", "a.elbo"}, "did you mean `graph`?"},
      {{"list", "distribution"}, "did you mean `distributions`?"},
      {{"--verbose"}, "--verbose"},
  };
  for (const Case& one : cases) {
    const Parsed parsed = parse(one.arguments);
    CAPTURE(one.part, parsed.err);
    CHECK_FALSE(parsed.command);
    CHECK(parsed.code == ExitCode::usage);
    CHECK(parsed.out.empty());
    CHECK_THAT(parsed.err, Catch::Contains(one.part));
  }
}
