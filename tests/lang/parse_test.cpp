// Source text in, outline of the tree out.
#include <catch2/catch.hpp>

#include "scripts.hpp"
#include "support.hpp"

using namespace elbo::lang;
using namespace elbo::lang::test;

namespace {

struct Row {
  std::string text;
  std::string outline;
};

// The outline of an expression, as one line: children in parentheses.
std::string tree(const std::string& text) {
  const std::string lines = outline_of(text);
  std::string result;
  std::size_t depth = 0;
  for (std::size_t at = 0; at < lines.size();) {
    const std::size_t end = lines.find('\n', at);
    const std::size_t begin = lines.find_first_not_of(' ', at);
    const std::size_t level = (begin - at) / 2;
    if (level > depth) result += "(";
    if (level < depth) result += std::string(depth - level, ')');
    if (level <= depth && at > 0) result += level == 0 ? "; " : ", ";
    depth = level;
    result += lines.substr(begin, end - begin);
    at = end + 1;
  }
  return result + std::string(depth, ')');
}

}  // namespace

TEST_CASE("operators bind as in mathematics", "[parse]") {
  const std::vector<Row> rows = {
      {"1 + 2 * 3", "binary +(integer 1, binary *(integer 2, integer 3))"},
      {"(1 + 2) * 3", "binary *(binary +(integer 1, integer 2), integer 3)"},
      {"a - b - c", "binary -(binary -(name a, name b), name c)"},
      {"a / b * c", "binary *(binary /(name a, name b), name c)"},
      {"-2^2", "unary -(binary ^(integer 2, integer 2))"},
      {"2^-1", "binary ^(integer 2, unary -(integer 1))"},
      {"2^3^4", "binary ^(integer 2, binary ^(integer 3, integer 4))"},
      {"2^-3^4", "binary ^(integer 2, unary -(binary ^(integer 3, integer 4)))"},
      {"2^-3 * 4", "binary *(binary ^(integer 2, unary -(integer 3)), integer 4)"},
      {"-a * b", "binary *(unary -(name a), name b)"},
      {"a * -b", "binary *(name a, unary -(name b))"},
      {"--a", "unary -(unary -(name a))"},
      {"1:N - 1", "range(integer 1, binary -(name N, integer 1))"},
      {"1:N < 3", "binary <(range(integer 1, name N), integer 3)"},
      {"not a == b", "unary not(binary ==(name a, name b))"},
      {"not a and b", "binary and(unary not(name a), name b)"},
      {"a or b and c", "binary or(name a, binary and(name b, name c))"},
      {"a == b or c != d", "binary or(binary ==(name a, name b), binary !=(name c, name d))"},
      {"a // b % c @ d", "binary @(binary %(binary //(name a, name b), name c), name d)"},
      {"a < -3", "binary <(name a, unary -(integer 3))"},
      {"-x[1].y(2)^2", "unary -(binary ^(call(member y(index(name x, integer 1)), integer 2), integer 2))"},
      {"f(x)(y)", "call(call(name f, name x), name y)"},
  };
  for (const Row& row : rows) {
    INFO(row.text);
    CHECK(tree(row.text) == row.outline);
  }
}

TEST_CASE("literals and other primaries", "[parse]") {
  const std::vector<Row> rows = {
      {"10_000", "integer 10000"},
      {"9223372036854775807", "integer 9223372036854775807"},
      {"1.5", "real 1.5"},
      {"2.0", "real 2.0"},
      {"1e-3", "real 0.001"},
      {"1_0.5_0e1_0", "real 1.05e11"},
      {"1e-999", "real 0.0"},
      {R"("a\n\t\"\\\u00e9\u{1F600}")", "string \"a\\n\\t\\\"\\\\é😀\""},
      {"true", "boolean true"},
      {"false", "boolean false"},
      {"missing", "missing"},
      {"truely", "name truely"},
      {"μ_1", "name μ_1"},
      {"x₁", "name x₁"},
      {"[]", "list"},
      {"[1, 2,]", "list(integer 1, integer 2)"},
      {"[[1], [2]]", "list(list(integer 1), list(integer 2))"},
      {"[i for i in 1:3]", "comprehension i(name i, range(integer 1, integer 3))"},
      {"{}", "record"},
      {"{a: 1, for: 2,}", "record(field a(integer 1), field for(integer 2))"},
      {"x[]", ""},
      {"x[:]", "index(name x, range(open, open))"},
      {"x[2:]", "index(name x, range(integer 2, open))"},
      {"x[:n + 1]", "index(name x, range(open, binary +(name n, integer 1)))"},
      {"x[:, j]", "index(name x, range(open, open), name j)"},
      {"x[2:5, 1]", "index(name x, range(integer 2, integer 5), integer 1)"},
      {"f()", "call(name f)"},
      {"f(1, a = 2, if = 3,)", "call(name f, integer 1, argument a(integer 2), argument if(integer 3))"},
      {"f(a == 2)", "call(name f, binary ==(name a, integer 2))"},
      {"d.dist.in", "member in(member dist(name d))"},
      {"fn(x, y = 1) = x + y",
       "lambda(parameter x, parameter y(default(integer 1)), value(binary +(name x, name y)))"},
      {"fn() { 1 }", "lambda(body(integer 1))"},
      {"if a { 1 }", "if(name a, then(integer 1))"},
      {"if a { 1 } else { 2 }", "if(name a, then(integer 1), else(integer 2))"},
      {"if a { 1 } else if b { 2 } else {}",
       "if(name a, then(integer 1), else(if(name b, then(integer 2), else)))"},
      {"[-3, -1][d]", "index(list(unary -(integer 3), unary -(integer 1)), name d)"},
  };
  for (const Row& row : rows) {
    INFO(row.text);
    if (row.outline.empty())
      CHECK(syntax_errors(row.text).size() == 1);
    else
      CHECK(tree(row.text) == row.outline);
  }
}

TEST_CASE("statements", "[parse]") {
  const std::vector<Row> rows = {
      {"let x = 1", "let x(integer 1)"},
      {"let x[i] = 1", "let x(indices(name i), integer 1)"},
      {"x = 1", "assign x(integer 1)"},
      {"x[i, 2] = 1", "assign x(indices(name i, integer 2), integer 1)"},
      {"fn f(a, b: real[N, 2] = 1) = a",
       "fn f(parameter a, parameter b(type real(shape(name N, integer 2)), default(integer 1)), value(name "
       "a))"},
      {"fn f() { return }", "fn f(body(return))"},
      {"net f(x) { dense(x, 2) }", "net f(parameter x, body(call(name dense, name x, integer 2)))"},
      {"model m { }", "model m(body)"},
      {"model m() { }", "model m(body)"},
      {"guide q(x) { z ~ N(0) }", "guide q(parameter x, body(sample z(call(name N, integer 0))))"},
      {"import \"a.elbo\"", "import a.elbo"},
      {"for i in 1:2 { i }", "for i(range(integer 1, integer 2), body(name i))"},
      {"z[n] : ordered[2] ~ N(0)",
       "sample z(indices(name n), constraint ordered(shape(integer 2)), call(name N, integer 0))"},
      {"s : lower(0) ~ N(0)", "sample s(constraint lower(arguments(integer 0)), call(name N, integer 0))"},
      {"factor -x", "factor(unary -(name x))"},
      {"factor (a) * 2", "factor(binary *(name a, integer 2))"},
      {"factor = 2", "assign factor(integer 2)"},
      {"factor[1] ~ N(0)", "sample factor(indices(integer 1), call(name N, integer 0))"},
      {"factor + 2", "factor(unary +(integer 2))"},
      {"param p", "param p"},
      {"param p = 1", "param p(initial(integer 1))"},
      {"param a[j] : positive via clamp(1e-4) = 0.5",
       "param a(indices(name j), constraint positive, via(call(name clamp, real 1e-4)), initial(real 0.5))"},
      {"dist T(a) on interval(a, 1) { log_density(x) = x; sample() { a } }",
       "dist T(parameter a, on interval(arguments(name a, integer 1)), member log_density(parameter x, "
       "value(name x)), member sample(body(name a)))"},
      {"dist T(a) {\n}", "dist T(parameter a)"},
      {"dist = 1", "assign dist(integer 1)"},
      {"dist(1)", "call(name dist, integer 1)"},
      {"via.on", "member on(name via)"},
      {"return", "return"},
      {"return -1", "return(unary -(integer 1))"},
      {"fn(x) = x", "lambda(parameter x, value(name x))"},
      {"a:b", "range(name a, name b)"},
  };
  for (const Row& row : rows) {
    INFO(row.text);
    CHECK(tree(row.text) == row.outline);
  }
}

TEST_CASE("newlines end statements, except where something is open", "[parse]") {
  const std::vector<Row> rows = {
      {"a\nb", "name a; name b"},
      {"a; b;", "name a; name b"},
      {"\n;;a # comment\n\n# another\nb\n", "name a; name b"},
      {"a +\n b", "binary +(name a, name b)"},
      {"a + # why\n\n b", "binary +(name a, name b)"},
      {"a and\n not\n b", "binary and(name a, unary not(name b))"},
      {"let x =\n 1", "let x(integer 1)"},
      {"x ~\n f", "sample x(name f)"},
      {"(a\n + b)", "binary +(name a, name b)"},
      {"[1\n, 2\n]", "list(integer 1, integer 2)"},
      {"f(\n a,\n b = 1\n)", "call(name f, name a, argument b(integer 1))"},
      {"{\n a: 1,\n b: 2\n}", "record(field a(integer 1), field b(integer 2))"},
      {"f\n(x)", "name f; name x"},
      {"f\n[1]", "name f; list(integer 1)"},
      {"f (x) [1]", "index(call(name f, name x), integer 1)"},
      {"(f\n(x))", "call(name f, name x)"},
      {"if a { b }\nelse { c }", "if(name a, then(name b), else(name c))"},
      {"if a { b }\n\n# so\nelse if c { d }\nelse { e }",
       "if(name a, then(name b), else(if(name c, then(name d), else(name e))))"},
      {"(fn(x) {\n a\n b\n})", "lambda(parameter x, body(name a, name b))"},
      {"f(if a {\n b\n c\n})", "call(name f, if(name a, then(name b, name c)))"},
      {"fn f(x) {\n -x\n}", "fn f(parameter x, body(unary -(name x)))"},
      {"-3", "unary -(integer 3)"},
      {"let a = 1\r\nlet b = 2\r\n", "let a(integer 1); let b(integer 2)"},
      {"\xEF\xBB\xBFlet a = 1", "let a(integer 1)"},
      {"", ""},
      {"# nothing", ""},
  };
  for (const Row& row : rows) {
    INFO(row.text);
    CHECK(tree(row.text) == row.outline);
  }
}

TEST_CASE("spans cover what they name", "[parse]") {
  Diagnostics diagnostics;
  const auto script = parse(source("let x = ( 1 + 2 ) * f(3) # end\n"), diagnostics);
  REQUIRE(script);
  const Statement& let = *script->statements.front();
  CHECK(let.span.text() == "let x = ( 1 + 2 ) * f(3)");
  const auto& value = *std::get<LetStatement>(let.node).value;
  CHECK(value.span.text() == "( 1 + 2 ) * f(3)");
  const auto& product = std::get<BinaryExpression>(value.node);
  CHECK(product.left->span.text() == "( 1 + 2 )");
  CHECK(product.operation_span.text() == "*");
  CHECK(product.right->span.text() == "f(3)");
}

TEST_CASE("whole scripts parse, and format to the same tree", "[parse]") {
  for (const std::string& text : scripts()) {
    INFO(text);
    Diagnostics diagnostics;
    const auto script = parse(source(text), diagnostics);
    INFO(rendered(diagnostics));
    REQUIRE(script);
    const std::string formatted = format(*script);
    INFO(formatted);
    CHECK(outline_of(formatted) == outline(*script));
    Diagnostics again;
    const auto second = parse(source(formatted), again);
    REQUIRE(second);
    CHECK(format(*second) == formatted);
  }
}

TEST_CASE("the grammar cannot loop without consuming", "[parse]") { CHECK(analyze_grammar() == 0); }

TEST_CASE("the prompt can tell an unfinished input", "[parse]") {
  for (const char* text : {"let x =",
                           "f(1,",
                           "model m {",
                           "model m {\n x ~ Normal(0, 1)\n",
                           "a +",
                           "[1, 2",
                           "{a: ",
                           "if a {",
                           "f(fn(x) {",
                           "for i in",
                           "a and",
                           "let x = not",
                           "x ~",
                           "a = -",
                           "f(1 # one",
                           "a + # and",
                           "let x = # it",
                           "{",
                           "x[1:",
                           "if a { 1 } else",
                           "param p :",
                           "f(\n\n",
                           "a + \n# and\n",
                           "for i in 1:3 {\n  if a {\n  }\n",
                           "fn f(x) =",
                           "y : positive ~",
                           "let a = 1; b = ",
                           "model m(y) {\n  # nothing yet"}) {
    INFO(text);
    CHECK(is_unfinished(source(text)));
  }
  // Nothing is missing, or what is missing cannot come on another line.
  for (const char* text : {"",
                           "a",
                           "let x = 1",
                           "f(1))",
                           "let = 3",
                           "\"abc",
                           "a b",
                           "1 + * 2",
                           "x ]",
                           "let",
                           "let x",
                           "model m(y)",
                           "fn f",
                           "fn f(x)",
                           "for",
                           "for i",
                           "f(\"abc",
                           "\"a +",
                           "# only",
                           "a # and (",
                           "a \n\n",
                           "x.",
                           "import",
                           "if a",
                           "a # \"",
                           "\"(\" # {",
                           "return",
                           "f(1]",
                           "1 && ",
                           "let x = 3 3\nf(",
                           "\xFF (",
                           "let s = \"{\"",
                           "a; b;",
                           "model m { }",
                           "x ~ Normal(0)",
                           "model m {\n x ~ )\n"}) {
    INFO(text);
    CHECK_FALSE(is_unfinished(source(text)));
  }
}
