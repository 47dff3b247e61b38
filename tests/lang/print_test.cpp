// Expressions as text: the normal form, and that it keeps the tree.
#include <catch2/catch.hpp>

#include "support.hpp"

using namespace elbo::lang;
using namespace elbo::lang::test;

namespace {

std::string shown(const std::string& text) {
  Diagnostics diagnostics;
  const auto script = parse(source(text), diagnostics);
  REQUIRE(script);
  return show(*std::get<ExpressionStatement>(script->statements.front()->node).value);
}

std::string formatted(const std::string& text) {
  Diagnostics diagnostics;
  const auto script = parse(source(text), diagnostics);
  INFO(rendered(diagnostics));
  REQUIRE(script);
  return format(*script);
}

}  // namespace

TEST_CASE("expressions in normal form", "[print]") {
  const std::vector<std::pair<std::string, std::string>> rows = {
      {"a+b*c", "a + b * c"},
      {"((a)+b)*c", "(a + b) * c"},
      {"a-(b-c)", "a - (b - c)"},
      {"(a-b)-c", "a - b - c"},
      {"-a^2", "-a^2"},
      {"(-a)^2", "(-a)^2"},
      {"2^(-a)", "2^(-a)"},
      {"(2^3)^4", "(2^3)^4"},
      {"2^3^4", "2^3^4"},
      {"1:(n-1)", "1:n - 1"},
      {"(1:n)-1", "(1:n) - 1"},
      {"not(a and b)", "not (a and b)"},
      {"(a==b)==c", "(a == b) == c"},
      {"f( x,y=1 )[2 : 3].z", "f(x, y = 1)[2:3].z"},
      {"(1).x", "(1).x"},
      {"(fn(x)=x)(1)", "(fn(x) = x)(1)"},
      {"(fn(x)=x)+1", "(fn(x) = x) + 1"},
      {"(if a{1}else{2})+1", "(if a { 1 } else { 2 }) + 1"},
      {"if a{b;c}else if d{}", "if a { b; c } else if d {}"},
      {"{a:1,b:{}}", "{a: 1, b: {}}"},
      {"[x for x in y]", "[x for x in y]"},
      {"2.0", "2.0"},
      {"1e300", "1e300"},
      {"0.1", "0.1"},
      {"1e-04", "1e-4"},
      {"\"a\\\\b\"", "\"a\\\\b\""},
      {"x[:,2:]", "x[:, 2:]"},
  };
  for (const auto& [text, expected] : rows) {
    INFO(text);
    CHECK(shown(text) == expected);
    CHECK(outline_of(expected) == outline_of(text));
  }
}

TEST_CASE("statements in normal form", "[print]") {
  CHECK(formatted("model m(a,b:real[N]){z:lower(0)~N(0);for i in 1:2{y[i]~N(z)}}") ==
        "model m(a, b: real[N]) {\n  z : lower(0) ~ N(0)\n  for i in 1:2 {\n    y[i] ~ N(z)\n  }\n}\n");
  CHECK(formatted("guide q{}") == "guide q {}\n");
  CHECK(formatted("f(fn(x){a;b})") == "f(fn(x) {\n  a\n  b\n})\n");
}

TEST_CASE("what would be read differently as a statement takes parentheses", "[print]") {
  for (const char* text : {"a\n(-b)", "a\n(-b + c)", "(factor)(x)", "model m {\n a ~ N(0)\n factor ([1])\n}",
                           "model m { factor ({a: 1}.a) }", "fn f() {\n a\n (-b)\n}"}) {
    INFO(text);
    CHECK(outline_of(formatted(text)) == outline_of(text));
  }
}
