// Functions, closures, control flow and the errors of running scripts.
#include <atomic>
#include <catch2/catch.hpp>

#include "runtime/expression.hpp"
#include "runtime/program.hpp"
#include "tests/runtime/scripts.hpp"

using elbo::tests::Session;
using namespace elbo::runtime;

namespace {

struct Row {
  const char* expression;
  const char* expected;
};

void check(const Row& row) {
  Session session;
  INFO(row.expression);
  CHECK(session.shown(row.expression) == row.expected);
}

}  // namespace

TEST_CASE("functions take arguments by position, by name and by default", "[evaluate]") {
  const Row rows[] = {
      {"fn f(a, b = 2) = a * 10 + b\nf(1)", "12"},
      {"fn f(a, b = 2) = a * 10 + b\nf(1, 3)", "13"},
      {"fn f(a, b = 2) = a * 10 + b\nf(b = 3, a = 1)", "13"},
      {"fn f(a, b = a + 1) = [a, b]\nf(4)", "[4, 5]"},
      {"fn f(a) { let b = a + 1; b * 2 }\nf(1)", "4"},
      {"fn f(a) { if a > 0 { return 1 }; 0 - 1 }\n[f(3), f(-3)]", "[1, -1]"},
      {"fn f(a) { for i in 1:10 { if i > a { return i } }; 0 }\n[f(3), f(30)]", "[4, 0]"},
      {"fn f(n) = if n <= 1 { 1 } else { n * f(n - 1) }\nf(20)", "2432902008176640000"},
      {"fn even(n) = if n == 0 { true } else { odd(n - 1) }\nfn odd(n) = if n == 0 { false } else { even(n - "
       "1) }\neven(10)",
       "true"},
      {"let sq = fn(x) = x ^ 2\nsq(3)", "9"},
      {"fn add(n) = fn(x) = x + n\nlet add3 = add(3)\nadd3(4)", "7"},
      {"let k = 1\nfn f(x) = x + k\nk = 10\nf(1)", "11"},
      {"let fs = [fn(x) = x + i for i in 1:3]\n[fs[1](10), fs[3](10)]", "[11, 13]"},
      {"apply_twice(fn(x) = x * 3, 2)", "18"},
      {"apply_twice(double, 2)", "8"},
      {"apply_twice(exp, 0) > 2.7", "true"},
      {"[double(1), -double(2)]", "[2, -4]"},
      {"let r = {f: fn(x) = x + 1}\nr.f(1)", "2"},
      {"fn none() {}\nnone()", "none"},
      {"fn f(x: real[N, D]) = N * 10 + D\nf([[1, 2, 3], [4, 5, 6]])", "23"},
      {"fn f(k: int) = 1:k\nf(2.0)", "1:2"},
  };
  for (const Row& row : rows) check(row);
}

TEST_CASE("statements", "[evaluate]") {
  const Row rows[] = {
      {"let a = 1\nif a > 0 { a = 5 } else { a = 6 }\na", "5"},
      {"let a = if false { 1 } else if true { 2 } else { 3 }\na", "2"},
      {"let s = 0\nfor v in [1.5, 2.5] { s = s + v }\ns", "4"},
      {"let s = 0\nfor row in [[1, 2], [3, 4]] { s = s + row[2] }\ns", "6"},
      {"let s = \"\"\nfor w in [\"a\", \"b\"] { s = s + w }\ns", "ab"},
      {"let s = 0\nfor i in 3:1 { s = 1 }\ns", "0"},
      {"let a = 1\nif true { let a = 2 }\na", "1"},
      {"false and 1 // 0 == 1", "false"},
      {"true or 1 // 0 == 1", "true"},
      {"let d = {x: [1, 2], y: {z: 3}}\nd.y.z + d.x[2]", "5"},
      {"Normal(1, precision = 4).precision", "4"},
      {"Normal(0, size = 3)", "Normal(mean = 0, sd = 1, size = 3)"},
      {"missing", "missing"},
      {"1:3", "1:3"},
      {"let fs = [0, 0]\nfor i in 1:2 { fs[i] = i * 10 }\nfs", "[10, 20]"},
  };
  for (const Row& row : rows) check(row);
}

TEST_CASE("mistakes that only running finds", "[evaluate]") {
  const Row rows[] = {
      {"fn f(n) = f(n + 1)\nf(1)", "recursion-too-deep: f(n + 1)"},
      {"let g = fn(a) = a\nlet h = g\nh(1, 2)", "too-many-arguments: 2"},
      {"let g = [fn(a, b) = a]\ng[1](1)", "missing-argument: g[1](1)"},
      {"let g = [fn(a) = a]\ng[1](b = 1)", "unknown-argument: 1"},
      {"let g = [fn(a) = a]\ng[1](1, a = 1)", "repeated-argument: 1"},
      {"let d = {mean: 1}\nd.maen", "unknown-field: maen"},
      {"let x = 1\nx.y", "unknown-field: y"},
      {"fn f(x: real[N]) = N\nf(3)", "shape-argument: f(3)"},
      {"fn f(x: real[N], y: real[N]) = N\nf([1, 2], [1, 2, 3])", "shape-argument: f([1, 2], [1, 2, 3])"},
      {"fn f(p: unit_interval) = p\nf(2)", "support-argument: f(2)"},
      {"for i in 3 { }", "not-iterable: 3"},
      {"for i in 1:2.5 { }", "wrong-type: 2.5"},
      {"let x = if true { 1 }\nlet y = if false { 1 }\ny", "none"},
      {"Normal(0, -1)", "bad-parameter: -1"},
      {"Normal(0, [1, 0, 2])", "bad-parameter: [1, 0, 2]"},
      {"Normal(\"a\", 1)", "wrong-type: \"a\""},
      {"Normal([1, 2], [1, 2, 3])", "shape-mismatch: Normal([1, 2], [1, 2, 3])"},
      {"Normal(0, 1, size = 0)", "bad-parameter: 0"},
      {"Normal(0, 1, size = 1.5)", "wrong-type: 1.5"},
      {"Uniform(2, 1)", "bad-parameter: Uniform(2, 1)"},
      {"let D = [Normal]\nD[1](0, sd = 1, precision = 2)", "conflicting-arguments: 2"},
      {"let D = [Normal]\nD[1](0, scale = 2)", "unknown-argument: 2"},
      {"let D = [Normal]\nD[1]()", "missing-argument: D[1]()"},
      {"import \"a.elbo\"", "file-not-found: \"a.elbo\""},
      {"fn f() { let y = if true { return 1 } else { 2 }; y }\nf()", "return-in-expression: { return 1 }"},
  };
  for (const Row& row : rows) check(row);
  Session session;
  CHECK(session.failure("let d = {mean: 1}\nd.maen").hint == "did you mean `mean`?");
  CHECK(session.failure("Normal(0, [1, 0, 2])").message == "sd of Normal must be positive, but sd[2] is 0");
  CHECK(session.failure("Normal(0, precision = -1)").message ==
        "precision of Normal must be positive, but is -1");
}

TEST_CASE("a failure inside a function says where it was called", "[evaluate]") {
  Session session;
  const auto diagnostic = session.failure("fn g(x) = x[9]\nfn f(x) = g(x) + 1\nf([1, 2])");
  CHECK(diagnostic.code == "index-out-of-range");
  CHECK(diagnostic.span.text() == "9");
  REQUIRE(diagnostic.related.size() == 2);
  CHECK(diagnostic.related[0].span.text() == "g(x)");
  CHECK(diagnostic.related[1].span.text() == "f([1, 2])");
  CHECK(diagnostic.related[0].text == "called here");
}

TEST_CASE("a run goes on where the last one stopped, and settings override lets", "[evaluate]") {
  Settings settings;
  settings.definitions = {{"n", Value(7)}, {"unused", Value(1)}};
  Session session(settings);
  session.value("let n = 2\nlet m = n * 2");
  CHECK(session.shown("m + 1") == "15");
  CHECK(session.interpreter().unused_definitions() == std::vector<std::string>{"unused"});
  CHECK(session.shown("fn f() { let n = 1; n }\nf()") == "1");
  CHECK(session.shown("let a = 5\nlet b = 1 // 0") == "division-by-zero: 1 // 0");
  CHECK(session.shown("a") == "5");
}

TEST_CASE("Ctrl-C stops loops", "[evaluate]") {
  std::atomic<bool> interrupted = true;
  Settings settings;
  settings.interrupted = &interrupted;
  Session session(settings);
  CHECK(session.shown("for i in 1:10 { }") == "interrupted: 1:10");
  CHECK(session.shown("fn f() = 1\nf()") == "interrupted: f()");
  CHECK(session.shown("1 + 1") == "2");
}

TEST_CASE("seeds of unseeded calls repeat", "[evaluate]") {
  Settings settings;
  settings.seed = 3;
  Session a(settings), b(settings), c;
  const auto first = a.interpreter().next_seed();
  CHECK(first == b.interpreter().next_seed());
  CHECK(a.interpreter().next_seed() == b.interpreter().next_seed());
  CHECK(first != c.interpreter().next_seed());
}

TEST_CASE("functions of symbols build graphs", "[evaluate]") {
  const auto graph = std::make_shared<Graph>();
  const Expr x = graph->input("x", {.axes = {}, .event = {3}, .domain = Domain::real});
  const auto apply = [&](Session& session, const std::string& text, const std::vector<double>& at) {
    const Value function = session.value(text);
    const Value result = session.interpreter().call(function, {Symbol{graph, x}}, {});
    const Expr expr = result.as<Symbol>()->expr;
    const Expr roots[] = {expr};
    return evaluate(substitute(roots, {{x.id(), graph->constant(Tensor({3}, at))}})[0]).reals();
  };
  Session session;
  CHECK(apply(session, "fn(x) = x[2] ^ 2 + x[3]", {1, 2, 3}) == std::vector<double>{7});
  CHECK(apply(session, "fn(x) = x[2:] * [10, 100]", {1, 2, 3}) == std::vector<double>{20, 300});
  CHECK(apply(session, "fn(x) = x[[3, 1]]", {1, 2, 3}) == std::vector<double>{3, 1});
  CHECK(apply(session, "fn(x) = if x[1] > 0 { x[2] } else { x[3] }", {1, 2, 3}) == std::vector<double>{2});
  CHECK(apply(session, "fn(x) = if x[1] > 0 { x[2] } else { x[3] }", {-1, 2, 3}) == std::vector<double>{3});
  CHECK(apply(session, "fn(x) = [v * 2 for v in x]", {1, 2, 3}) == std::vector<double>{2, 4, 6});
  CHECK(apply(session, "fn(x) { let s = 0.0; for v in x { s = s + v }; s }", {1, 2, 3}) ==
        std::vector<double>{6});
  CHECK(apply(session, "fn(x) = [x[1], 5, -x[2]]", {1, 2, 3}) == std::vector<double>{1, 5, -2});
  const auto refused = [&](const std::string& text) {
    try {
      session.interpreter().call(session.value(text), {Symbol{graph, x}}, {});
    } catch (const elbo::lang::Failure& failure) {
      return failure.diagnostic().code;
    }
    return std::string("nothing");
  };
  CHECK(refused("fn(x) { if x[1] > 0 { return 1 }; 2 }") == "random-branch");
  CHECK(refused("fn(x) = if x[1] > 0 { \"a\" } else { 1 }") == "random-branch");
  CHECK(refused("fn(x) { let a = 1; if x[1] > 0 { a = 2; 1 } else { 2 }; a }") == "random-branch");
  CHECK(refused("fn(x) = [1, 2][x[1] > 0]") == "bool-index");
  CHECK(refused("fn(x) = [1, 2][x[1]]") == "index-type");
  CHECK(refused("fn(x) = x[4]") == "index-out-of-range");
  CHECK(refused("fn(x) = if x[1] { 1 } else { 2 }") == "condition-type");
  CHECK(refused("fn(x) = 1:x[1]") == "wrong-type");
}

TEST_CASE("chains of ten thousand links are evaluated", "[evaluate]") {
  constexpr int length = 10'000;
  const auto chain = [](std::string text, const std::string& link) {
    for (int i = 0; i < length; ++i) text += link;
    return text;
  };
  std::string choices = "fn f(x) {\n  if x == 0 { 0 }";
  for (int i = 1; i < length; ++i) {
    choices += " else if x == " + std::to_string(i) + " { " + std::to_string(2 * i) + " }";
  }
  choices += " else { -1 }\n}\n[f(0), f(9999), f(10000)]";
  Session session;
  CHECK(session.shown(chain("1", " + 1")) == "10001");
  CHECK(session.shown(chain("1", " - 1")) == "-9999");
  CHECK(session.shown(chain("true", " and true") + " and false") == "false");
  CHECK(session.shown(chain("false", " or false") + " or true") == "true");
  CHECK(session.shown("fn g() = g\n" + chain("g", "()") + " == g") == "true");
  CHECK(session.shown("let r = {a: 3}\nfor i in 1:9999 { r = {a: r} }\n" + chain("r", ".a")) == "3");
  CHECK(session.shown(choices) == "[0, 19998, -1]");
  // The caret shows the link that failed, and what was half evaluated is forgotten.
  CHECK(session.shown(chain("1", " + 1") + " + \"a\"").find("wrong-type: ") == 0);
  CHECK(session.shown("1 + 2 + 3") == "6");
}
