// What TAB offers, by where the cursor stands.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <sstream>

#include "cli/library.hpp"
#include "cli/repl/complete.hpp"
#include "cli/repl/line_reader.hpp"

using namespace elbo;
using cli::common_beginning;
using Names = std::vector<std::string>;

namespace {

struct Bench {
  Bench() : session(library, {}, cli::Terminal{out, out, false, false}) {
    session.enter("let weights = [1, 2]; let weather = {wind: 1, rain: {light: 1, heavy: 2}}");
    session.enter("fn mix(first, second = 2) = first");
  }
  Names offered(const std::string& input) const { return cli::complete(session, input).candidates; }
  bool offers(const std::string& input, const std::string& name) const {
    const Names names = offered(input);
    return std::find(names.begin(), names.end(), name) != names.end();
  }

  const runtime::Library library = cli::make_library();
  std::ostringstream out;
  cli::Session session;
};

}  // namespace

TEST_CASE("names of the session, of the library and of the language") {
  const Bench bench;
  CHECK(bench.offered("wei") == Names{"weights"});
  CHECK(bench.offered("1 + we") == Names{"weather", "weights"});
  CHECK(bench.offered("read_c") == Names{"read_csv"});
  CHECK(bench.offers("Norm", "Normal"));
  CHECK(bench.offers("gui", "guide"));
  CHECK(bench.offers("ret", "return"));
  CHECK(bench.offers("x : posi", "positive"));
  CHECK(cli::complete(bench.session, "1 + we").begin == 4);
  CHECK(bench.offered("").empty());
  CHECK(bench.offered("no_such_na").empty());
}

TEST_CASE("words of the input itself") {
  const Bench bench;
  CHECK(bench.offered("model m(x) {\n  lodging ~ Normal(0, 1)\n  x ~ Normal(lodg") == Names{"lodging"});
  CHECK(bench.offered("lodg + lodg").empty());
  CHECK(bench.offered("1e5 + 1").empty());
}

TEST_CASE("arguments inside a call") {
  const Bench bench;
  CHECK(bench.offered("mix(") == Names{"first = ", "second = "});
  CHECK(bench.offered("mix(1, sec") == Names{"second = "});
  CHECK(bench.offers("mix([1, (2)], s", "second = "));
  CHECK(bench.offers("Normal(0, pre", "precision = "));
  CHECK_FALSE(bench.offers("Normal(0, 1) + pre", "precision = "));
  CHECK_FALSE(bench.offers("Normal([pre", "precision = "));
  CHECK(bench.offers("mix(\"(\", we", "weights"));
  CHECK(bench.offered("infer(m(x), ste") == Names{"steps = "});
  CHECK(bench.offers("infer(m, bbvi(sam", "samples = "));
}

TEST_CASE("fields after a point") {
  const Bench bench;
  CHECK(bench.offered("weather.") == Names{"rain", "wind"});
  CHECK(bench.offered("2 * weather.rain.h") == Names{"heavy"});
  CHECK(bench.offered("weights.").empty());
  CHECK(bench.offered("weather.nothing.").empty());
  CHECK(bench.offered("mix(1).").empty());
  CHECK(bench.offered("1.").empty());
}

TEST_CASE("fields of a fit") {
  Bench bench;
  bench.session.enter(
      "model m(x) { mu ~ Normal(0, 1); x ~ Normal(mu, 1) }\nguide q { param a = 0.0; mu ~ Normal(a, 1) }\n"
      "let f = infer(m([1.0]), q, bbvi(samples = 2), steps = 2)");
  CHECK(bench.offers("f.", "elbo"));
  CHECK(bench.offered("f.mean.") == Names{"mu"});
  CHECK(bench.offered("f.gradients.").empty());  // which this fit has not kept
}

TEST_CASE("commands and their arguments") {
  const Bench bench;
  CHECK(bench.offered(":ti") == Names{":time"});
  CHECK(bench.offered(":t") == Names{":time", ":type"});
  CHECK(bench.offered(":type wei") == Names{"weights"});
  CHECK(bench.offers(":help Nor", "Normal"));
  CHECK(bench.offers(":help :un", ":undo"));
  CHECK(bench.offers(":help wea", "weather"));
  CHECK(bench.offered(":vars we").empty());
}

TEST_CASE("nothing in a comment, files in a string") {
  const Bench bench;
  CHECK(bench.offered("1 # wei").empty());
  CHECK(bench.offered("1 # \"quoted\nwei") == Names{"weights"});
  CHECK(bench.offered("read_csv(\"/no/such/folder/").empty());
  CHECK(bench.offered("read_csv(\"/et") == Names{"/etc/"});
  CHECK(bench.offered(":load /et") == Names{"/etc/"});
}

TEST_CASE("the common beginning of candidates keeps characters whole") {
  CHECK(common_beginning({}) == "");
  CHECK(common_beginning({"mean"}) == "mean");
  CHECK(common_beginning({"mean", "mean_field", "measure"}) == "mea");
  CHECK(common_beginning({"α", "β"}) == "");
  CHECK(common_beginning({"xα", "xβ"}) == "x");
}

TEST_CASE("the history lies where the XDG specification says") {
  const auto with = [](const char* state, const char* home) {
    state == nullptr ? unsetenv("XDG_STATE_HOME") : setenv("XDG_STATE_HOME", state, 1);
    home == nullptr ? unsetenv("HOME") : setenv("HOME", home, 1);
    return cli::history_file();
  };
  const char* before = std::getenv("HOME");
  const std::string home = before == nullptr ? "" : before;
  CHECK(with("/state", "/home/a") == "/state/elbo/history");
  CHECK(with(nullptr, "/home/a") == "/home/a/.local/state/elbo/history");
  CHECK(with("relative", "/home/a") ==
        "/home/a/.local/state/elbo/history");  // not a path that the specification allows
  CHECK(with(nullptr, nullptr) == "");
  setenv("HOME", home.c_str(), 1);
}
