// Broken texts: every prefix, every deleted byte and every doubled byte of whole scripts. Nothing may crash,
// and every error must point into the text.
#include <catch2/catch.hpp>

#include "scripts.hpp"
#include "support.hpp"

using namespace elbo::lang;
using namespace elbo::lang::test;

namespace {

// Parses, checks, prints and renders; tells what is wrong, if anything.
std::string problem_with(const std::string& text) {
  const SourcePtr s = source(text);
  Diagnostics diagnostics;
  auto script = parse(s, diagnostics);
  if (script.has_value() != diagnostics.empty()) return "a result with errors, or none without";
  if (script) {
    if (outline_of(format(*script)) != outline(*script)) return "format changes the tree";
    check(std::move(*script), names(), {}, false, diagnostics);
  }
  is_unfinished(s);
  for (const Diagnostic& d : diagnostics) {
    if (d.code.empty() || d.message.empty()) return "an error without a code or message";
    if (d.span.source != s || d.span.begin > d.span.end || d.span.end > text.size())
      return "a span outside the text";
    for (const Label& label : d.related) {
      if (label.span && label.span.end > text.size()) return "a label outside the text";
    }
    if (render(d).empty()) return "nothing shown";
  }
  return "";
}

}  // namespace

TEST_CASE("every prefix of a script is handled", "[robustness]") {
  for (const std::string& text : scripts()) {
    for (std::size_t length = 0; length < text.size(); ++length) {
      const std::string problem = problem_with(text.substr(0, length));
      if (problem.empty()) continue;
      INFO(text.substr(0, length));
      FAIL_CHECK(problem);
    }
  }
  SUCCEED();
}

TEST_CASE("every script with one byte deleted, doubled or replaced is handled", "[robustness]") {
  constexpr char others[] = {'(', ')', '[', '{', '}', '"', '\n', ',',
                             '=', '~', ':', '-', '.', '1', '\0', '\xC3'};
  for (const std::string& text : scripts()) {
    for (std::size_t at = 0; at < text.size(); ++at) {
      std::string broken = text;
      // One of the three at each place: all of them would triple the time and find the same.
      if (at % 3 == 0) broken.erase(at, 1);
      if (at % 3 == 1) broken.insert(at, 1, text[at]);
      if (at % 3 == 2) broken[at] = others[at % sizeof others];
      const std::string problem = problem_with(broken);
      if (problem.empty()) continue;
      INFO(broken);
      FAIL_CHECK(problem);
    }
  }
  SUCCEED();
}

TEST_CASE("any bytes at all are handled", "[robustness]") {
  std::uint32_t state = 1;
  const auto next = [&] { return state = state * 1664525u + 1013904223u; };
  const std::vector<std::string> words = {
      "let ",  "x",     "=",        "~",      "(",       ")",    "[",    "]",     "{",     "}", "fn",
      " if ",  "else ", "model m ", "1",      ":",       ",",    "\n",   ";",     "\"a\"", "-", "^",
      " for ", " in ",  ".",        "param ", "factor ", "and ", "not ", "dist ", "#",     "<", "return "};
  for (int round = 0; round < 3000; ++round) {
    std::string text;
    for (std::uint32_t length = (next() >> 16) % 30; length > 0; --length)
      text += words[(next() >> 16) % words.size()];
    const std::string problem = problem_with(text);
    if (problem.empty()) continue;
    INFO(text);
    FAIL_CHECK(problem);
  }
  SUCCEED();
}

TEST_CASE("a long script is read in time that grows with its length", "[robustness]") {
  std::string text;
  for (int i = 0; i < 20'000; ++i) text += "x[" + std::to_string(i) + "] = f(a + b * c, [1, 2, 3])\n";
  Diagnostics diagnostics;
  const auto script = parse(source(text), diagnostics);
  REQUIRE(script);
  CHECK(script->statements.size() == 20'000);
}
