// What the parser says: the code, the text that the caret underlines, and words of the hint.
#include <catch2/catch.hpp>

#include "support.hpp"

using namespace elbo::lang;
using namespace elbo::lang::test;

namespace {

struct Row {
  std::string text;
  std::string code;
  std::string span;
  std::string hint = "";
};

}  // namespace

TEST_CASE("every syntax error has its code, its place and its hint", "[syntax]") {
  const std::vector<Row> rows = {
      // something is missing
      {"let x =", "unexpected-end", ""},
      {"let x = \nlet y = 1", "syntax", ""},
      {"f(1 +\nlet y = 1", "unclosed-bracket", "", "`)`"},
      {"model m(y)\n{ }", "syntax", "", "line of its header"},
      {"let x", "unexpected-end", ""},
      {"let x 3", "syntax", "3"},
      {"let", "unexpected-end", ""},
      {"a b", "syntax", "b"},
      {"f(a b)", "syntax", "b"},
      {"f(,)", "syntax", ","},
      {"1 + * 2", "syntax", "*"},
      {"x.", "unexpected-end", ""},
      {"x.1", "syntax", "1"},
      {"for i in 1:3", "unexpected-end", ""},
      {"import other", "syntax", "other", "import \"other.elbo\""},
      {"model { }", "syntax", "{"},
      {"fn f { }", "syntax", "{"},
      {"fn f(x)", "unexpected-end", ""},
      {"param : positive", "syntax", ":"},
      {"x : real[ ~ N(0)", "syntax", "~"},
      {"y : ~ Normal(0, 1)", "syntax", "~"},
      {"dist T(a) { 3 }", "syntax", "3"},
      {"{1, 2}", "syntax", "1", "{mean: 0, sd: 1}"},
      {"{\"a\": 1}", "syntax", "\"a\"", "without quotes"},
      {"f({a = 1})", "syntax", "=", "`:`"},
      {"[x for x in y if z]", "syntax", "if", "mask"},
      {"[1, 2; 3, 4]", "syntax", ";", "list of rows"},
      // brackets
      {"f(1, 2", "unclosed-bracket", "", "`)`"},
      {"let a = [1, 2\nlet b = 3", "unclosed-bracket", "", "`]`"},
      {"model m {", "unclosed-bracket", "", "`}`"},
      {"f(1]", "mismatched-bracket", "]", "`)`"},
      {"x[1)", "mismatched-bracket", ")", "`]`"},
      {"a)", "syntax", ")"},
      {"}", "stray-bracket", "}"},
      {"]", "stray-bracket", "]"},
      // literals
      {"\"abc", "unterminated-string", "\"abc"},
      {"let a = \"abc\nlet b = 1", "unterminated-string", "\"abc"},
      {"\"a\\q\"", "bad-escape", "\\q"},
      {"\"a\\u12\"", "bad-escape", "\\u"},
      {"\"a\\u{110000}\"", "bad-escape", "\\u"},
      {"1.", "bad-number", "1.", "1.0"},
      {"12abc", "bad-number", "12abc"},
      {"1_", "bad-number", "1_", "10_000"},
      {"1__0", "bad-number", "1__0", "10_000"},
      {"1e", "bad-number", "1e", "1e-3"},
      {"0x1F", "bad-number", "0x1F", "decimal"},
      {"10L", "bad-number", "10L", "`L`"},
      {"1.2.3", "bad-number", "1.2.3"},
      {"1e999", "bad-number", "1e999"},
      {"9223372036854775808", "integer-too-large", "9223372036854775808", ".0"},
      {".5", "syntax", "."},
      // names
      {"let in = 3", "reserved-word", "in", "in_"},
      {"fn model(x) = x", "reserved-word", "model"},
      {"for for in x { }", "reserved-word", "for"},
      {"fn f(if) = 1", "reserved-word", "if"},
      // operators
      {"a < b < c", "chained-comparison", "<", "and"},
      {"a == b != c", "chained-comparison", "!="},
      {"1:2:10", "chained-range", ":"},
      {"let x = a\n  + b", "operator-at-line-start", "+", "end of the line before"},
      {"let x = a\n  * b", "operator-at-line-start", "*"},
      {"let x = a\n  - b", "operator-at-line-start", "-", "parentheses"},
      {"let x = a\n  and b", "operator-at-line-start", "and"},
      {"let x = a\n  == b", "operator-at-line-start", "=="},
      {"let x = a\n  .b", "operator-at-line-start", "."},
      {"fn f(a) {\n  a\n  -b\n}", "operator-at-line-start", "-"},
      {"2 ** 3", "unknown-operator", "**", "^"},
      {"a && b", "unknown-operator", "&&", "and"},
      {"a || b", "unknown-operator", "||", "or"},
      {"a & b", "unknown-operator", "&", "and"},
      {"!a", "unknown-operator", "!", "not"},
      {"a %% b", "unknown-operator", "%%", "%"},
      {"a %*% b", "unknown-operator", "%*%", "@"},
      {"a |> f", "unknown-operator", "|>", "f(x)"},
      {"x += 1", "unknown-operator", "+=", "factor"},
      {"target += f(x)", "unknown-operator", "+=", "factor e"},
      {"x := 1", "unknown-operator", ":=", "let"},
      {"3 -> x", "unknown-operator", "->", "let"},
      {"x <- 3", "unknown-operator", "<-", "let"},
      {"x[1] <- 3", "unknown-operator", "<-", "~"},
      {"a === b", "unknown-operator", "===", "=="},
      {"a ? b : c", "unknown-operator", "?", "if c"},
      {"fit$mu", "unknown-operator", "$", "fit.mean"},
      {"x'", "unknown-operator", "'", "transpose"},
      {"'abc'", "unknown-operator", "'", "double quotes"},
      {"“abc”", "unknown-operator", "“", "straight"},
      {"a .* b", "unknown-operator", ".*", "elementwise"},
      {"a ≤ b", "unknown-operator", "≤", "<="},
      {"a − b", "unknown-operator", "−", "minus of the keyboard"},
      {"a € b", "unexpected-character", "€"},
      // habits
      {"var x = 3", "foreign-syntax", "var", "let name"},
      {"const x = 3", "foreign-syntax", "const", "let name"},
      {"def f(x):\n  x", "foreign-syntax", "def", "fn name"},
      {"function f(x) { x }", "foreign-syntax", "function", "fn name"},
      {"while a { }", "foreign-syntax", "while", "for i in"},
      {"if a { b } elif c { d }", "foreign-syntax", "elif", "else if"},
      {"real x;", "foreign-syntax", "real", "not declared"},
      {"real<lower=0> x;", "foreign-syntax", "real", "not declared"},
      {"vector[N] x;", "foreign-syntax", "vector", "not declared"},
      {"data { int N; }", "foreign-syntax", "data", "model name"},
      {"library(x) y", "foreign-syntax", "library", "import"},
      {"print x", "foreign-syntax", "print", "print(…)"},
      {"let x == 3", "syntax", "==", "one `=`"},
      {"let x ~ N(0)", "syntax", "~", "x ~ Normal"},
      {"let f(x) = x", "syntax", "(", "fn f"},
      {"let x : real = 3", "syntax", ":", "leave it out"},
      {"if x = 3 { }", "syntax", "=", "=="},
      {"if x then y", "syntax", "then", "leave `then` out"},
      {"if (x) y", "syntax", "y", "braces"},
      {"model m(x):\n  y", "syntax", ":", "`{`"},
      {"fn f(x):\n  y", "syntax", ":", "`{`"},
      {"for (i in 1:3) { }", "syntax", "(", "without parentheses"},
      {"for i = 1:3 { }", "syntax", "=", "for i in"},
      {"else { }", "else-without-if", "else"},
      {"a.b = 3", "syntax", "=", "=="},
      {"f(x) ~ N(0)", "syntax", "~", "before `~`"},
  };
  for (const Row& row : rows) {
    INFO(row.text);
    const Diagnostics found = syntax_errors(row.text);
    INFO(rendered(found));
    REQUIRE_FALSE(found.empty());
    CHECK(found.size() == 1);
    CHECK(found.front().code == row.code);
    CHECK(found.front().span.text() == row.span);
    CHECK(found.front().hint.find(row.hint) != std::string::npos);
  }
}

TEST_CASE("a byte that is not UTF-8 is an error with its line and column", "[syntax]") {
  const Diagnostics found = syntax_errors("let a = 1\nlet é\xFF = 2\n");
  REQUIRE(found.size() == 1);
  CHECK(found.front().code == "invalid-utf8");
  CHECK(rendered(found).find("test.elbo:2:6") != std::string::npos);
  for (const char* text : {"\xC0\x80", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xE2\x82", "\x80"}) {
    CHECK(syntax_errors(text).front().code == "invalid-utf8");
  }
}

TEST_CASE("all statements that fail are reported, each once", "[syntax]") {
  const Diagnostics found = syntax_errors(
      "let a = 1 +\n"
      "let b = 2\n"
      "let c = (1 + 2\n"    // not closed
      "let d = 3 ** 4\n"    //
      "let e = f(1, 2))\n"  //
      "model m(x) {\n"
      "  a ~ Normal(0, 1\n"  // not closed, inside a block
      "  b ~ Normal(0, 1)\n"
      "}\n"
      "let ok = 1\n"
      "let g = x <\n");
  std::vector<std::uint32_t> lines;
  for (const Diagnostic& d : found) lines.push_back(d.span.source->position(d.span.begin).line);
  INFO(rendered(found));
  CHECK(lines == std::vector<std::uint32_t>{1, 3, 4, 5, 7, 11});
}

TEST_CASE("all statements of a block that fail are reported, each once", "[syntax]") {
  struct Case {
    std::string text;
    std::vector<std::uint32_t> lines;
  };
  const std::vector<Case> cases = {
      {"model m {\n  a ~ )\n  b ~ N(0)\n  c ~ N(0 1)\n  d = = 2\n}\nlet e = )\n", {2, 4, 5, 7}},
      {"fn f(x) { let a = 1 1; let b = 2 2; a }\n", {1, 1}},
      // inside other blocks
      {"model m {\n  for i in 1:3 {\n    a[i] ~ *\n    b[i] ~ N(0)\n    c[i] ~ 1 1\n  }\n  d ~ 2 2\n}\n",
       {3, 5, 7}},
      {"let f = fn(x) {\n  if x {\n    1 1\n  } else {\n    2 2\n  }\n}\n3 3\n", {3, 5, 8}},
      // brackets that do not close: the lines that belong to the statement are skipped, those after it are
      // not
      {"model m {\n  a ~ N(0, 1\n  b ~ N(0)\n  c ~ 3 3\n}\n4 4\n", {2, 4, 6}},
      {"model m {\n  a ~ f(1 2,\n        3,\n        4\n  b ~ 3 3\n}\n", {2, 5}},
      {"model m { a ~ N(0, 1 }\n2 2\n", {1, 2}},
      {"model m {\n  a ~ [1, 2\n}\n3 3\n", {3, 4}},
      {"model m {\n  a ~ N(0, 1]\n  b = \"x\n  c ~ N(0)\n}\n", {2, 3}},
      // a block that fails in its header, or is another language's, is skipped as a whole
      {"fn f(x) {\n  while x {\n    1 1\n  }\n  2 2\n}\n", {2, 5}},
      {"data {\n  int N;\n  real y;\n}\nmodel {\n  real x;\n}\n", {1, 5}},
      {"fn f(x) {\n  if x then { 1 } else { 2 }\n  else { 3 }\n  4 4\n}\n", {2, 4}},
      // a block that does not end
      {"model m {\n  a ~ 1 1\n  b ~ N(0)\n", {2, 3}},
      {"model m {\n  for i in 1:2 {\n    a ~ 1 1\n  b ~ 2 2\n}\n", {3, 4, 5}},
      // in strings and comments nothing ends
      {"fn f(x) {\n  a b \"}\" # }\n  c d\n}\n", {2, 3}},
  };
  for (const Case& each : cases) {
    const Diagnostics found = syntax_errors(each.text);
    std::vector<std::uint32_t> lines;
    for (const Diagnostic& d : found) lines.push_back(d.span.source->position(d.span.begin).line);
    INFO(each.text << rendered(found));
    CHECK(lines == each.lines);
  }
}

TEST_CASE("two thousand errors of one block are all found", "[syntax]") {
  std::string text = "model m {\n";
  for (int i = 0; i < 2'000; ++i) text += "  a ~ N(0 1)\n";
  CHECK(syntax_errors(text + "}\n").size() == 2'000);
}

TEST_CASE("chains of any length are read, printed, checked and freed", "[syntax]") {
  constexpr int length = 20'000;
  const auto chain = [](std::string first, const std::string& link) {
    for (int i = 0; i < length; ++i) first += link;
    return first;
  };
  const std::vector<std::string> texts = {
      chain("1", " + 1"),          chain("1", " - 1 * 2"),
      chain("true", " and false"), chain("true", " or true"),
      chain("[1]", "[1]"),         chain("fn(x) = x", "(1)").replace(0, 9, "let f = (fn(x) = x)"),
      chain("{x: 1}", ".x"),       chain("not true", " == false or true"),
  };
  for (const std::string& text : texts) {
    Diagnostics diagnostics;
    const auto script = parse(source(text), diagnostics);
    INFO(text.substr(0, 40) << rendered(diagnostics).substr(0, 300));
    REQUIRE(script);
    CHECK(format(*script) == text + "\n");
    CHECK(check_errors(text).empty());
  }
  const std::string choice = "let a = true\nif a {}";
  std::string choices = choice;
  for (int i = 1; i < 10'000; ++i) choices += " else if a {}";
  Diagnostics diagnostics;
  const auto script = parse(source(choices), diagnostics);
  REQUIRE(script);
  CHECK(format(*script) == choices + "\n");
  CHECK(check_errors(choices).empty());
}

TEST_CASE("an unclosed bracket points at the one that was opened", "[syntax]") {
  const Diagnostics found = syntax_errors("let a = f(1, [2, 3)\n");
  REQUIRE(found.size() == 1);
  REQUIRE(found.front().related.size() == 1);
  CHECK(found.front().related.front().span.text() == "[");
  CHECK(found.front().related.front().span.begin == 13);
}

TEST_CASE("what is nested too deeply is an error, not a crash", "[syntax]") {
  const auto repeat = [](const std::string& text, int count) {
    std::string result;
    for (int i = 0; i < count; ++i) result += text;
    return result;
  };
  const std::vector<std::string> texts = {
      repeat("(", 100'000),
      repeat("[", 100'000),
      repeat("{a:", 100'000),
      repeat("f(", 100'000),
      repeat("-", 100'000) + "1",
      repeat("not ", 100'000) + "a",
      "a" + repeat("^a", 50'000),
      repeat("if a { ", 100'000),
      "if a {}" + repeat(" else if a {}", 50'000),
      repeat("fn(x) = ", 100'000) + "1",
      repeat("for i in 1:2 { ", 100'000),
      repeat("x[", 100'000),
  };
  for (const std::string& text : texts) {
    INFO(text.substr(0, 40));
    const Diagnostics found = syntax_errors(text);
    REQUIRE(found.size() == 1);
    CHECK(found.front().code == "too-deep");
  }
}

TEST_CASE("what is nested to the limit goes through every stage", "[syntax]") {
  std::string parentheses = "1";
  for (int i = 0; i < 90; ++i) parentheses = "(" + parentheses + ")";
  std::string calls = "1";
  for (int i = 0; i < 45; ++i) calls = "exp([" + calls + "])";
  for (const std::string& text : {parentheses, calls}) {
    const std::string once = outline_of(text);
    CHECK(once.find("error[") == std::string::npos);
    CHECK(check_errors("fn exp(x) = x\n" + text).empty());
  }
}
