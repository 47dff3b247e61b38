// Diagnostics as text, positions, and suggestions.
#include <catch2/catch.hpp>

#include "support.hpp"

using namespace elbo::lang;
using namespace elbo::lang::test;

TEST_CASE("a diagnostic shows its line with a caret under the span", "[diagnostic]") {
  const auto text = source("let a = 1\n  mu ~ Nromal(0, 1)\n");
  Diagnostic d;
  d.code = "unknown-name";
  d.message = "there is no `Nromal` here";
  d.span = {text, 17, 23};
  d.hint = "did you mean `Normal`?";
  CHECK(render(d) ==
        "error[unknown-name]: there is no `Nromal` here\n"
        " --> test.elbo:2:8\n"
        "  |\n"
        "2 |   mu ~ Nromal(0, 1)\n"
        "  |        ^^^^^^\n"
        "  = hint: did you mean `Normal`?\n");
}

TEST_CASE("line numbers align, and related places follow", "[diagnostic]") {
  std::string lines;
  for (int i = 0; i < 11; ++i) lines += "let x = 1\n";
  const auto text = source(lines);
  Diagnostic d;
  d.code = "duplicate-let";
  d.message = "`x` is defined twice";
  d.span = {text, 104, 105};
  d.related.resize(1);
  d.related[0].span = {text, 4, 5};
  d.related[0].text = "first defined here";
  CHECK(render(d) ==
        "error[duplicate-let]: `x` is defined twice\n"
        "  --> test.elbo:11:5\n"
        "   |\n"
        "11 | let x = 1\n"
        "   |     ^\n"
        "  --> test.elbo:1:5\n"
        "   |\n"
        " 1 | let x = 1\n"
        "   |     - first defined here\n");
}

TEST_CASE("tabs, wide letters, long spans and the end of the text", "[diagnostic]") {
  const auto caret = [](const std::string& text, std::uint32_t begin, std::uint32_t end) {
    const std::string shown = render({"c", "m", {source(text), begin, end}, {}, ""});
    const std::size_t last = shown.rfind(" | ") + 3;
    return shown.substr(last, shown.size() - last - 1);
  };
  CHECK(caret("\tx", 1, 2) == "    ^");
  CHECK(caret("a\tx", 2, 3) == "    ^");
  CHECK(caret("μτ = x", 5, 6) == "   ^");  // inside: the third code point on
  CHECK(caret("\"日本\" x", 9, 10) == "       ^");
  CHECK(caret("f(a,\n  b)", 0, 9) == "^^^^");
  CHECK(caret("ab", 2, 2) == "  ^");
  CHECK(caret("ab\n", 3, 3) == "^");
  CHECK(caret("", 0, 0) == "^");
  CHECK(caret("ab", 7, 9) == "  ^");
}

TEST_CASE("diagnostics without a place, warnings and colours", "[diagnostic]") {
  CHECK(render({"c", "m", {}, {}, "h"}) == "error[c]: m\n  = hint: h\n");
  CHECK(render({"c", "m", {}, {}, "", Tier::warning}) == "warning[c]: m\n");
  CHECK(render({"c", "m", {source("x"), 0, 1}, {}, ""}, true).find("\x1b[1;31m") != std::string::npos);
}

TEST_CASE("positions count code points", "[source]") {
  const Source s("a", "é = 1\r\nb\n");
  CHECK(s.position(2).column == 2);
  CHECK(s.position(8).line == 2);
  CHECK(s.line(1) == "é = 1");
  CHECK(s.line(2) == "b");
  CHECK(s.line(3).empty());
  CHECK(s.line(4).empty());
  CHECK(s.position(1000).line == 3);
  CHECK(Source("a", "").line(1).empty());
}

TEST_CASE("spans join", "[source]") {
  const auto text = source("abcdef");
  CHECK(join({text, 1, 2}, {text, 4, 5}).text() == "bcde");
  CHECK(join({}, {text, 4, 5}).text() == "e");
  CHECK(join({text, 4, 5}, {}).text() == "e");
}

TEST_CASE("suggestions", "[suggest]") {
  const std::vector<std::string> names = {"Normal", "Gamma",    "HalfNormal", "sum",    "mean",
                                          "sd",     "variance", "x",          "μ_prior"};
  CHECK(nearest("normal", names) == "Normal");
  CHECK(nearest("nromal", names) == "Normal");
  CHECK(nearest("Nrmal", names) == "Normal");
  CHECK(nearest("gama", names) == "Gamma");
  CHECK(nearest("halfnormal", names) == "HalfNormal");
  CHECK(nearest("smu", names) == "sum");
  CHECK(nearest("varience", names) == "variance");
  CHECK(nearest("μ_priro", names) == "μ_prior");
  CHECK(nearest("X", names) == "x");
  CHECK(nearest("y", names).empty());
  CHECK(nearest("Poisson", names).empty());
  CHECK(nearest("sum", {"sum"}).empty());
  CHECK(did_you_mean("normal", names) == "did you mean `Normal`?");
  CHECK(did_you_mean("Poisson", names).empty());
}
