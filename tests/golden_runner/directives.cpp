// The golden runner's own reading of scripts and outputs: a runner that overlooks a difference would hide
// every bug.
#include <catch2/catch.hpp>

#include "tests/golden/runner/difference.hpp"
#include "tests/golden/runner/script.hpp"

using namespace elbo::golden;

TEST_CASE("directives are read from comments") {
  const Script script = read_directives("# args: --set n=3 --out plots\n# data: a.csv b/c.gz\nlet x = 1\n");
  CHECK(script.command == std::vector<std::string>{"run"});
  CHECK(script.arguments == std::vector<std::string>{"--set", "n=3", "--out", "plots"});
  CHECK(script.data == std::vector<std::string>{"a.csv", "b/c.gz"});
  CHECK(read_directives("# command: dump graph\n").command == std::vector<std::string>{"dump", "graph"});
}

TEST_CASE("expectations belong to the print before them, a row per printed line") {
  const Script script = read_directives(
      "print(\"first {}\", a)\n"
      "print(\"m {:.2f} s {} {{}}\", m, s)  # expect~ 1.5 +- 0.1, _\n"
      "# expect~ -2 +- 1e-3\n");
  REQUIRE(script.prints.size() == 1);
  CHECK(script.prints[0].line == 2);
  CHECK(script.prints[0].pieces == std::vector<std::string>{"m ", " s ", " {}"});
  REQUIRE(script.prints[0].rows.size() == 2);
  CHECK(script.prints[0].rows[0].size() == 2);
  CHECK(script.prints[0].rows[1][0]->value == -2);
  CHECK(script.prints[0].rows[1][0]->tolerance == 1e-3);
}

TEST_CASE("expectations that make no sense are refused") {
  CHECK_THROWS_WITH(read_directives("let x = 1  # expect~ 1 +- 1\n"),
                    "line 1: expect~ must follow a print with fields");
  CHECK_THROWS_WITH(read_directives("print(\"{}\", x) # expect~ 1\n"), Catch::Contains("VALUE +- TOLERANCE"));
  CHECK_THROWS_WITH(read_directives("print(\"{}\", x) # expect~ one +- 1\n"),
                    "line 1: 'one' is not a number");
  CHECK_THROWS_WITH(read_directives("print(\"{}\", x) # expect~ 1 +- 0\n"),
                    Catch::Contains("must be positive"));
  CHECK_THROWS_WITH(read_directives("print(\"{}\", x) # expect~ 1 +- 1, 2 +- 1\n"),
                    Catch::Contains("more expectations"));
}

TEST_CASE("fields with an expectation are checked and hidden, the rest is left") {
  const Script script =
      read_directives("print(\"m = {} s = {}\", m, s)  # expect~ 1.5 +- 0.1\n# expect~ _, 2 +- 0.5\n");
  std::vector<std::string> failures;
  CHECK(mask(script, "hello\nm = 1.45 s = 7\nm = 3 s =  2.5\nm = 1 s = 1\n", failures) ==
        "hello\nm = <~> s = 7\nm = <~> s = <~>\nm = 1 s = 1\n");
  CHECK(failures.empty());

  mask(script, "m = 1.7 s = 7\nm = 3 s = 2.6\n", failures);
  CHECK(failures == std::vector<std::string>{"line 1: printed 1.7, expected 1.5 +- 0.1",
                                             "line 1: printed 2.6, expected 2 +- 0.5"});
}

TEST_CASE("an expectation fails when its line is not printed or its field is no number") {
  const Script script = read_directives("print(\"m = {}.\", m)  # expect~ 1 +- 0.1\n");
  for (const std::string output : {"", "m = 1\n", "n = 1.\n", "m = nan.\n", "m = one.\n", "m = 1 2.\n"}) {
    std::vector<std::string> failures;
    mask(script, output, failures);
    CAPTURE(output);
    CHECK(failures.size() == 1);
  }
}

TEST_CASE("differences are shown by line") {
  CHECK(difference("a\nb\nc\n", "a\nb\nc\n").empty());
  CHECK(difference("a\nb\nc\n", "a\nx\nc\n") == "  a\n- b\n+ x\n  c\n");
  CHECK(difference("", "a\n") == "+ a\n");
  CHECK_FALSE(difference("a\n", "a").empty());
}
