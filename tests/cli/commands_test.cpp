// The commands themselves, on scripts written to a temporary folder.
#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "cli/commands.hpp"
#include "cli/library.hpp"
#include "cli/script.hpp"
#include "runtime/operation.hpp"

using namespace elbo;
using namespace elbo::cli;

namespace {

namespace fs = std::filesystem;

/// A folder that is gone afterwards, and a terminal whose texts can be read.
struct Bench {
  Bench() {
    std::string pattern = (fs::temp_directory_path() / "elbo-cli-XXXXXX").string();
    REQUIRE(mkdtemp(pattern.data()) != nullptr);
    folder = pattern;
  }
  ~Bench() { fs::remove_all(folder); }

  std::string write(const std::string& name, const std::string& text) const {
    std::ofstream(folder / name) << text;
    return (folder / name).string();
  }
  ExitCode run(const std::string& text, RunOptions options = {}) {
    options.file = write("script.elbo", text);
    return cli::run(options, context());
  }
  Context context() { return {library, Terminal{out, err, false, false}}; }

  runtime::Library library = make_library();
  fs::path folder;
  std::ostringstream out;
  std::ostringstream err;
};

}  // namespace

TEST_CASE("run: what a script prints goes to out, and the exit code is 0") {
  Bench bench;
  CHECK(bench.run("print(\"{}\", 1 + 2)\n") == ExitCode::ok);
  CHECK(bench.out.str() == "3\n");
  CHECK(bench.err.str().empty());
}

TEST_CASE("run: a mistake goes to err with exit code 1, after what was printed before it") {
  Bench bench;
  CHECK(bench.run("print(\"{}\", 1)\nlet y = [1, 2]\nprint(\"{}\", y[3])\n") == ExitCode::user_error);
  CHECK(bench.out.str() == "1\n");
  CHECK_THAT(bench.err.str(), Catch::Contains("error[") && Catch::Contains("script.elbo:3:"));
}

TEST_CASE("run: a script that does not check does not start") {
  Bench bench;
  CHECK(bench.run("print(\"{}\", 1)\nlet y = nope\nlet z = nada\n") == ExitCode::user_error);
  CHECK(bench.out.str().empty());
  CHECK_THAT(bench.err.str(), Catch::Contains("nope") && Catch::Contains("nada"));
}

TEST_CASE("run --set: values are expressions, and take the place of the script's own") {
  Bench bench;
  RunOptions options;
  options.definitions = {{"n", "2 * 3"}, {"name", "\"two words\""}};
  CHECK(bench.run("let n = 1\nlet name = \"\"\nprint(\"{} {}\", n, name)\n", options) == ExitCode::ok);
  CHECK(bench.out.str() == "6 two words\n");
}

TEST_CASE("run --set: slips are reported") {
  struct Case {
    Definitions definitions;
    std::string part;
  };
  const std::vector<Case> cases{
      {{{"m", "3"}}, "the script has no such name"},
      {{{"stesp", "3"}}, "did you mean `steps`?"},
      {{{"steps", "hello"}}, "--set 'steps=\"hello\"'"},
      {{{"steps", "1 +"}}, "error["},
      {{{"steps", "let x = 1"}}, "--set takes one expression"},
      {{{"2x", "1"}}, "not a name"},
  };
  for (const Case& one : cases) {
    Bench bench;
    RunOptions options;
    options.definitions = one.definitions;
    CHECK(bench.run("let steps = 1\nprint(\"{}\", steps)\n", options) == ExitCode::user_error);
    CAPTURE(one.part, bench.err.str());
    CHECK(bench.out.str().empty());
    CHECK_THAT(bench.err.str(), Catch::Contains(one.part));
  }
}

TEST_CASE("run --out makes the folder, and says when it cannot") {
  Bench bench;
  RunOptions options;
  options.output_folder = (bench.folder / "a" / "b").string();
  CHECK(bench.run("let x = 1\n", options) == ExitCode::ok);
  CHECK(fs::is_directory(bench.folder / "a" / "b"));
  options.output_folder = bench.write("file", "");
  CHECK(bench.run("let x = 1\n", options) == ExitCode::user_error);
  CHECK_THAT(bench.err.str(), Catch::Contains("error[cannot-write]"));
}

TEST_CASE("run --seed changes draws that have no seed of their own, and repeats them") {
  const std::string script =
      "print(\"{}\", sample(Normal(0, 1), 3))\nprint(\"{}\", sample(Normal(0, 1), 3, seed = 5))\n";
  std::vector<std::string> texts;
  for (const std::uint64_t seed : {1, 2, 1}) {
    Bench bench;
    RunOptions options;
    options.seed = seed;
    CHECK(bench.run(script, options) == ExitCode::ok);
    texts.push_back(bench.out.str());
  }
  const auto seeded = [](const std::string& text) { return text.substr(text.find('\n')); };
  CHECK(texts[0] == texts[2]);
  CHECK(texts[0] != texts[1]);
  CHECK(seeded(texts[0]) == seeded(texts[1]));
}

TEST_CASE("a script that cannot be read") {
  Bench bench;
  bench.write("model.elbo", "");
  CHECK(check({(bench.folder / "modle.elbo").string(), {}}, bench.context()) == ExitCode::user_error);
  CHECK_THAT(bench.err.str(),
             Catch::Contains("script-not-found") && Catch::Contains("did you mean `model.elbo`?"));
  CHECK(check({bench.folder.string(), {}}, bench.context()) == ExitCode::user_error);
  CHECK_THAT(bench.err.str(), Catch::Contains("is a folder, not a script"));
}

TEST_CASE("check reports every mistake and runs nothing") {
  Bench bench;
  const std::string good = bench.write("good.elbo", "print(\"{}\", 1)\n");
  CHECK(check({good, {}}, bench.context()) == ExitCode::ok);
  CHECK(bench.out.str() == good + ": no errors\n");
  const std::string bad = bench.write("bad.elbo", "let a = one\nlet b = two\n");
  CHECK(check({bad, {}}, bench.context()) == ExitCode::user_error);
  CHECK_THAT(bench.err.str(), Catch::Contains("`one`") && Catch::Contains("`two`"));
}

TEST_CASE("files are looked for next to the script, then in the folders of ELBO_DATA") {
  setenv("ELBO_DATA", "/first::/second", 1);
  CHECK(search_path("a/b.elbo") == std::vector<std::string>{"a", "/first", "/second"});
  unsetenv("ELBO_DATA");
  CHECK(search_path("b.elbo") == std::vector<std::string>{"."});
}

TEST_CASE("reports end with the code of the gravest diagnostic") {
  std::ostringstream text;
  const Terminal terminal{text, text, false, false};
  lang::Diagnostic warning;
  warning.tier = lang::Tier::warning;
  lang::Diagnostic numbers;
  numbers.tier = lang::Tier::numbers;
  lang::Diagnostic mistake;
  CHECK(report({}, terminal) == ExitCode::ok);
  CHECK(report({warning}, terminal) == ExitCode::ok);
  CHECK(report({warning, numbers}, terminal) == ExitCode::bad_numbers);
  CHECK(report({numbers, mistake}, terminal) == ExitCode::user_error);
  CHECK(report({mistake, numbers}, terminal) == ExitCode::user_error);
}

TEST_CASE("lists name everything that the library holds") {
  Bench bench;
  for (const Choice& kind : list_kinds())
    CHECK(list({std::string(kind.name)}, bench.context()) == ExitCode::ok);
  const std::string text = bench.out.str();
  for (const auto& one : bench.library.functions) CHECK_THAT(text, Catch::Contains(one.signature));
  for (const auto* one : bench.library.distributions)
    CHECK_THAT(text, Catch::Contains(std::string(one->name)));
  for (const auto& one : bench.library.methods) CHECK_THAT(text, Catch::Contains(one.name));
  for (const auto* one : runtime::operation_list()) CHECK_THAT(text, Catch::Contains(std::string(one->help)));
}

TEST_CASE("every name of the library has a help text") {
  Bench bench;
  std::vector<std::string> names;
  for (const auto& one : bench.library.functions) names.push_back(one.name);
  for (const auto* one : bench.library.distributions) names.emplace_back(one->name);
  for (const auto& one : bench.library.methods) names.push_back(one.name);
  for (const auto& one : bench.library.constants) names.push_back(one.first);
  for (const auto* one : runtime::operation_list()) names.emplace_back(one->name);
  for (const auto* one : runtime::support_list()) names.emplace_back(one->name);
  for (const std::string& name : names) {
    CAPTURE(name);
    bench.out.str("");
    CHECK(help({name}, bench.context()) == ExitCode::ok);
    CHECK(bench.out.str().find(name) != std::string::npos);
  }
  CHECK(help({"Nromal"}, bench.context()) == ExitCode::user_error);
  CHECK_THAT(bench.err.str(), Catch::Contains("did you mean `Normal`?"));
}
