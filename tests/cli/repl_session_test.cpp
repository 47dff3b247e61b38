// The prompt without its terminal: what one input after another writes and leaves behind.
#include <atomic>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "cli/library.hpp"
#include "cli/repl/session.hpp"
#include "runtime/value.hpp"

using namespace elbo;
using Outcome = cli::Session::Outcome;

namespace {

namespace fs = std::filesystem;

/// A session whose texts can be read.
struct Bench {
  Bench() {
    runtime::Settings settings;
    settings.interrupted = &interrupted;
    session.emplace(library, settings, cli::Terminal{out, err, false, false});
  }
  /// What an input shows; its messages are in `messages`, its outcome in `outcome`.
  std::string show(const std::string& input) {
    out.str("");
    err.str("");
    outcome = session->enter(input);
    messages = err.str();
    return out.str();
  }

  const runtime::Library library = cli::make_library();
  std::atomic<bool> interrupted{false};
  std::ostringstream out, err;
  std::optional<cli::Session> session;
  Outcome outcome = Outcome::ok;
  std::string messages;
};

const char* const normal_model =
    "model m(x) { mu ~ Normal(0, 10); x ~ Normal(mu, 1) }\n"
    "guide q { param a = 0.0; param s : positive = 1.0; mu ~ Normal(a, s) }\n"
    "let x = [1.0, 2.0, 3.0]";

}  // namespace

TEST_CASE("the value of an input is shown, and is `ans` from then on") {
  Bench bench;
  CHECK(bench.show("1 + 1") == "2\n");
  CHECK(bench.show("ans * 10") == "20\n");
  CHECK(bench.show("let y = ans") == "");
  CHECK(bench.show("ans + y") == "40\n");
  CHECK(bench.show("for i in 1:3 { i }") == "");
  CHECK(bench.show("ans") == "40\n");
  CHECK(bench.outcome == Outcome::ok);
}

TEST_CASE("a semicolon at the end keeps the value from being shown") {
  Bench bench;
  CHECK(bench.show("7;") == "");
  CHECK(bench.show("ans") == "7\n");
  CHECK(bench.show("8 ;  # a comment") == "");
  CHECK(bench.show("8  # a comment; with one") == "8\n");
  CHECK(bench.show("\"a;\"") == "\"a;\"\n");
  CHECK(bench.show("1; 2") == "2\n");
  CHECK(bench.show("") == "");
  CHECK(bench.show(";") == "");
  CHECK(bench.outcome == Outcome::ok);
}

TEST_CASE("an input is all or nothing") {
  Bench bench;
  bench.show("let x = 1; let v = [1, 2]");
  SECTION("when it does not check") {
    bench.show("let z = 1; x = 2; let y = nope");
    CHECK_THAT(bench.messages, Catch::Contains("error[unknown-name]") && Catch::Contains("<input>:1:27"));
  }
  SECTION("when it fails while it runs") {
    bench.show("let z = 1; x = 2; v[1] = 9; for i in 1:3 { x = v[i] }");
    CHECK_THAT(bench.messages, Catch::Contains("error[index-out-of-range]"));
  }
  SECTION("when it is no text of the language") { bench.show("let z = 1; x = 2; let = 3"); }
  CHECK(bench.outcome == Outcome::failed);
  CHECK(bench.show("[x, v[1]]") == "[1, 1]\n");
  bench.show("z");
  CHECK_THAT(bench.messages, Catch::Contains("there is no `z` here"));
}

TEST_CASE("names may be given anew; what captured one keeps it") {
  Bench bench;
  bench.show("let rate = 2");
  bench.show("fn cost(n) = n * rate");
  bench.show("let rate = 100");
  CHECK(bench.show("cost(3)") == "6\n");
  bench.show("fn total(n) = cost(n) + 1");
  bench.show("fn cost(n) = 0");
  CHECK(bench.show("total(3)") == "7\n");
  CHECK(bench.show("cost(3)") == "0\n");
}

TEST_CASE("an assignment reaches what has captured the name, as in a script") {
  Bench bench;
  bench.show("let rate = 2");
  bench.show("fn cost(n) = n * rate");
  bench.show("rate = 5");
  CHECK(bench.show("cost(3)") == "15\n");
  CHECK(bench.show(":undo") == "took back: rate = 5\n");
  CHECK(bench.show("cost(3)") == "6\n");
}

TEST_CASE("a name of the library may be taken, and functions made before keep the library's") {
  Bench bench;
  bench.show("fn centre(v) = mean(v)");
  bench.show("let mean = 7");
  CHECK(bench.show("mean") == "7\n");
  CHECK(bench.show("centre([1, 3])") == "2\n");
}

TEST_CASE("within one input, functions see names that come later") {
  Bench bench;
  bench.show(
      "fn is_odd(n) = if n == 0 { false } else { is_even(n - 1) }\n"
      "fn is_even(n) = if n == 0 { true } else { is_odd(n - 1) }");
  CHECK(bench.show("is_even(10)") == "true\n");
}

TEST_CASE("undo takes back one input after another, with all it changed") {
  Bench bench;
  bench.show("let x = 1");
  bench.show("x = 2");
  bench.show("x + 1");  // changes no name
  bench.show("for i in 1:3 { x = x + i }");
  CHECK(bench.show("x") == "8\n");
  CHECK(bench.show(":undo") == "took back: for i in 1:3 { x = x + i }\n");
  CHECK(bench.show("x") == "2\n");
  bench.show("let y = nope");  // has changed nothing: is nothing to take back
  bench.show(":undo");
  CHECK(bench.show("x") == "1\n");
  bench.show("fn f(n) {\n  n\n}");
  CHECK(bench.show(":undo") == "took back: fn f(n) { …\n");
  bench.show(":undo");
  bench.show("x");
  CHECK(bench.outcome == Outcome::failed);
  bench.show(":undo");
  CHECK(bench.outcome == Outcome::failed);
  CHECK_THAT(bench.messages, Catch::Contains("error[nothing-to-undo]"));
}

TEST_CASE("an input that failed or was undone takes its random numbers back") {
  Bench bench;
  bench.show("let a = sample(Normal(0, 1))");
  const std::string first = bench.show("a");
  bench.show(":undo");
  bench.show("let a = sample(Normal(0, 1)); [1][2]");
  bench.show(":type sample(Normal(0, 1))");
  bench.show("let a = sample(Normal(0, 1))");
  CHECK(bench.show("a") == first);
  bench.show("let b = sample(Normal(0, 1))");
  CHECK(bench.show("b") != first);
}

TEST_CASE("blocks, brackets and operators ask for more lines; commands do not, but for their argument") {
  const Bench bench;
  for (const char* text : {"model m(x) {", "f(1,", "1 +", "let x =", ":type [1,", ":time for i in 1:3 {"}) {
    INFO(text);
    CHECK(bench.session->is_unfinished(text));
  }
  for (const char* text : {"", "1", "let = 3", ":load a(", ":help (", ":nothing (", ":", ":type [1, 2]"}) {
    INFO(text);
    CHECK_FALSE(bench.session->is_unfinished(text));
  }
}

TEST_CASE("models, guides and functions are shown as they were written") {
  Bench bench;
  bench.show("model m(x) {\n  mu ~ Normal(0, 1)\n  x ~ Normal(mu, 1)\n}");
  CHECK(bench.show("m") == "model m(x) {\n  mu ~ Normal(0, 1)\n  x ~ Normal(mu, 1)\n}\n");
  CHECK(bench.show("fn(x) = x^2") == "fn(x) = x^2\n");
  CHECK(bench.show("m([1.5, 2.5])") == "model m(x = real[2])\n");
  CHECK_THAT(bench.show(":graph m([1.5, 2.5])"),
             Catch::Contains("latent     mu") && Catch::Contains("observed   x") && Catch::Contains("<- mu"));
}

TEST_CASE("a fit is shown as its summary, and its graphs by :graph") {
  Bench bench;
  bench.show(normal_model);
  const std::string summary = bench.show("infer(m(x), q, bbvi(samples = 20), steps = 50, seed = 1)");
  CHECK_THAT(summary, Catch::Contains("model      m") && Catch::Contains("ELBO") && Catch::Contains("95%"));
  CHECK_THAT(bench.show(":graph ans"), Catch::Contains("model m\n") && Catch::Contains("guide q\n"));
  CHECK(bench.show(":type ans") == "fit\n");
  CHECK(bench.show(":type ans.mean") == "record {mu: real}\n");
}

TEST_CASE(":graph says what it cannot show") {
  Bench bench;
  bench.show(":graph 3");
  CHECK_THAT(bench.messages, Catch::Contains("error[graph-argument]") && Catch::Contains("an int"));
  bench.show(normal_model);
  bench.show(":graph m(\"text\")");
  CHECK(bench.outcome == Outcome::failed);
  CHECK_THAT(bench.messages, Catch::Contains("<input>:1:"));
}

TEST_CASE(":type has no effect") {
  Bench bench;
  bench.show("let x = 1");
  CHECK(bench.show(":type [x, 2.5]") == "real[2]\n");
  CHECK(bench.show(":type {a: 1, b: \"s\"}") == "record {a: int, b: string}\n");
  bench.show(":type let y = 2");
  bench.show("y");
  CHECK(bench.outcome == Outcome::failed);
  bench.show(":type x +");
  CHECK_THAT(bench.messages, Catch::Contains("<input>:1:"));
}

TEST_CASE(":time runs an input as it is") {
  Bench bench;
  CHECK_THAT(bench.show(":time let x = 3"), Catch::Contains("took "));
  CHECK(bench.show("x") == "3\n");
  CHECK_THAT(bench.show(":time x + 1"), Catch::StartsWith("4\ntook "));
  CHECK(bench.show("ans") == "4\n");
  CHECK(bench.show(":time nope") == "");
}

TEST_CASE(":vars lists names with types and values") {
  Bench bench;
  CHECK_THAT(bench.show(":vars"), Catch::Contains("no names yet"));
  bench.show("let x = [1, 2]; fn twice(v) = 2 * v");
  CHECK(bench.show(":vars") == "  x      int[2]    [1, 2]\n  twice  function  fn twice(v)\n");
}

TEST_CASE(":help knows the library, the session and the commands") {
  Bench bench;
  CHECK_THAT(bench.show(":help"), Catch::Contains(":undo") && Catch::Contains(":graph EXPR"));
  CHECK_THAT(bench.show(":help Normal"), Catch::Contains("precision"));
  CHECK_THAT(bench.show(":help :load"), Catch::Contains(":load FILE"));
  bench.show("let lengths = [1, 2]");
  CHECK(bench.show(":help lengths") == "lengths: int[2]\n");
  bench.show(":help Nromal");
  CHECK_THAT(bench.messages, Catch::Contains("did you mean `Normal`"));
}

TEST_CASE("commands may be abbreviated, and mistakes are explained") {
  Bench bench;
  CHECK(bench.show(":ty 1") == "int\n");
  bench.show(":t 1");  // :type or :time
  CHECK_THAT(bench.messages, Catch::Contains("error[unknown-command]"));
  bench.show(":lod x");
  CHECK_THAT(bench.messages, Catch::Contains("did you mean `:load`"));
  bench.show(":load");
  CHECK_THAT(bench.messages, Catch::Contains("error[command-argument]"));
  bench.show(":vars x");
  CHECK_THAT(bench.messages, Catch::Contains("takes no argument"));
  bench.show(":reload");
  CHECK_THAT(bench.messages, Catch::Contains("error[nothing-to-reload]"));
  bench.show(":quit");
  CHECK(bench.outcome == Outcome::left);
}

TEST_CASE(":load runs a script as one input, next to whose file its data lie") {
  std::string pattern = (fs::temp_directory_path() / "elbo-repl-XXXXXX").string();
  REQUIRE(mkdtemp(pattern.data()) != nullptr);
  const fs::path folder = pattern;
  std::ofstream(folder / "d.csv") << "v\n1\n2\n";
  const auto write = [&](const std::string& text) { std::ofstream(folder / "s.elbo") << text; };
  write("let d = read_csv(\"d.csv\")\nlet n = length(d.v)\nn\n");
  Bench bench;
  CHECK(bench.show(":load " + (folder / "s.elbo").string()) == "");
  CHECK(bench.outcome == Outcome::ok);
  CHECK(bench.show("n") == "2\n");
  write("let n = 5\nlet wrong = nope\n");
  bench.show(":reload");
  CHECK(bench.outcome == Outcome::failed);
  CHECK_THAT(bench.messages, Catch::Contains("s.elbo:2:13"));
  CHECK(bench.show("n") == "2\n");
  write("let n = 5\nlet n = 6\n");  // a script may not: only the prompt
  bench.show(":reload");
  CHECK_THAT(bench.messages, Catch::Contains("error[duplicate-let]"));
  write("let n = 5\n");
  CHECK(bench.show(":reload") == "");
  CHECK(bench.show("n") == "5\n");
  CHECK_THAT(bench.show(":undo"), Catch::StartsWith("took back: :load "));
  CHECK(bench.show("n") == "2\n");
  bench.show("read_csv(\"d.csv\")");  // only the script's own folder was searched
  CHECK_THAT(bench.messages, Catch::Contains("error[file-not-found]"));
  fs::remove_all(folder);
}

TEST_CASE("import reads a file anew in every input, and its name may be taken again") {
  std::string pattern = (fs::temp_directory_path() / "elbo-repl-XXXXXX").string();
  REQUIRE(mkdtemp(pattern.data()) != nullptr);
  const std::string path = pattern + "/units.elbo";
  const auto write = [&](const std::string& text) { std::ofstream(path) << text; };
  write("let mile = 1\nfn miles(n) = n * mile\n");
  Bench bench;
  bench.show("import \"" + path + "\"");
  CHECK(bench.show("units.miles(3)") == "3\n");
  bench.show("fn far() = units.miles(10)");
  write("let mile = 1609\nfn miles(n) = n * mile\n");
  bench.show("import \"" + path + "\"");
  CHECK(bench.show("units.miles(3)") == "4827\n");
  CHECK(bench.show("far()") == "10\n");
  CHECK(bench.show(":undo") == "took back: import \"" + path + "\"\n");
  CHECK(bench.show("units.miles(3)") == "3\n");
  write("let wrong = nope\nlet also = nada\n");
  bench.show("import \"" + path + "\"");
  CHECK(bench.outcome == Outcome::failed);
  CHECK_THAT(bench.messages, Catch::Contains("nope") && Catch::Contains("nada"));
  CHECK(bench.show("units.miles(3)") == "3\n");
  fs::remove_all(pattern);
}

TEST_CASE("Ctrl-C stops an input, which leaves nothing behind") {
  Bench bench;
  bench.show("let x = 1");
  // What a signal handler does, at a moment that is known: while the input runs.
  struct Interrupt : std::stringbuf {
    std::atomic<bool>* flag = nullptr;
    int sync() override {
      flag->store(true);
      return 0;
    }
    int_type overflow(int_type c) override {
      flag->store(true);
      return std::stringbuf::overflow(c);
    }
    std::streamsize xsputn(const char* s, std::streamsize n) override {
      flag->store(true);
      return std::stringbuf::xsputn(s, n);
    }
  } buffer;
  buffer.flag = &bench.interrupted;
  std::ostream out(&buffer);
  runtime::Settings settings;
  settings.interrupted = &bench.interrupted;
  cli::Session session(bench.library, settings, cli::Terminal{out, bench.err, false, false});
  CHECK(session.enter("let n = 0") == Outcome::ok);
  CHECK(session.enter("for i in 1:1_000_000_000 { n = i; if i == 5 { print(\"now\") } }") ==
        Outcome::interrupted);
  CHECK(session.workspace().find("n")->as<std::int64_t>() != nullptr);
  CHECK(*session.workspace().find("n")->as<std::int64_t>() == 0);
  CHECK(session.enter("n = 1") == Outcome::ok);
}

TEST_CASE("a long session with many redefinitions stays right") {
  Bench bench;
  bench.show("let x = 0");
  bench.show("fn f0() = x");
  for (int i = 1; i <= 300; ++i) {
    bench.show("let x = x + 1");
    bench.show("fn f" + std::to_string(i) + "() = x");
    REQUIRE(bench.outcome == Outcome::ok);
  }
  CHECK(bench.show("[f0(), f7(), f300(), x]") == "[0, 7, 300, 300]\n");
  for (int i = 0; i < 50; ++i) bench.show(":undo");
  CHECK(bench.show("[f0(), f275(), x]") == "[0, 275, 275]\n");
}
