// Names, arguments and the rules of models: source in, codes and places out.
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

void check_rows(const std::vector<Row>& rows) {
  for (const Row& row : rows) {
    INFO(row.text);
    const Diagnostics found = check_errors(row.text);
    INFO(rendered(found));
    REQUIRE(found.size() == 1);
    CHECK(found.front().code == row.code);
    CHECK(found.front().span.text() == row.span);
    CHECK(found.front().hint.find(row.hint) != std::string::npos);
  }
}

void check_fine(const std::vector<std::string>& texts) {
  for (const std::string& text : texts) {
    INFO(text);
    const Diagnostics found = check_errors(text);
    INFO(rendered(found));
    CHECK(found.empty());
  }
}

}  // namespace

TEST_CASE("names", "[check]") {
  check_rows({
      {"nromal", "unknown-name", "nromal", "`Normal`"},
      {"normal(0, 1)", "unknown-name", "normal", "`Normal`"},
      {"let count = 1; print(cuont)", "unknown-name", "cuont", "`count`"},
      {"print(TRUE)", "unknown-name", "TRUE", "`true`"},
      {"print(NULL)", "unknown-name", "NULL", "missing"},
      {"zzzzz; zzzzz", "unknown-name", "zzzzz"},
      {"print(x)\nlet x = 1", "unknown-name", "x"},
      {"let x = x", "unknown-name", "x"},
      {"for i in 1:3 { let y = i }\nprint(y)", "unknown-name", "y"},
      {"for i in 1:3 { }\nprint(i)", "unknown-name", "i"},
      {"if true { let y = 1 } else { print(y) }", "unknown-name", "y"},
      {"let a = [k for k in 1:3]; k", "unknown-name", "k"},
      {"let a = [k for k in 1:k]", "unknown-name", "k"},
      {"fn f(x) = y", "unknown-name", "y"},
      {"fn f(x, y = z) = x", "unknown-name", "z"},
      {"fn f(x) { let unit = 1; x }\nunit", "unknown-name", "unit"},
      {"let x = [1]; x[q] = 1", "unknown-name", "q"},
  });
  const Diagnostics found = check_errors("print(x)\nlet x = 1");
  REQUIRE(found.front().related.size() == 1);
  CHECK(found.front().related.front().span.begin == 13);
}

TEST_CASE("names that are in order", "[check]") {
  check_fine({
      "fn f(x) = g(x)\nfn g(x) = x",
      "fn even(n) = if n == 0 { true } else { odd(n - 1) }\nfn odd(n) = even(n - 1)",
      "fn f(x) = later + x\nlet later = 1",
      "model m { z ~ Normal(shift(1), 1) }\nfn shift(x) = x",
      "let x = 1; fn f(y) { let x = 2; x + y }; f(x)",
      "let sum = 1; print(sum)",
      "let f = fn(x) = x; f(1, 2, 3)",
      "let x = 1; x = x + 1; for i in 1:3 { x = x + i }",
      "let j = 2; let y = [i + j for i in 1:3]",
      "import \"other.elbo\"\nother.f(1)",
      "import \"lib/tools.elbo\"\nprint(tools.x)",
      "fn f(x) { let x = exp(x); x }",
      "if true { let y = 1; y } else { let y = 2; y }",
      "let r = {a: 1, let: 2}; r.anything.at.all",
      "pi",
  });
}

TEST_CASE("duplicates", "[check]") {
  check_rows({
      {"let x = 1\nlet x = 2", "duplicate-let", "x", "x = …"},
      {"fn f(x) = x\nlet f = 2", "duplicate-let", "f"},
      {"model m {}\nguide m {}", "duplicate-let", "m"},
      {"fn f(a, b, a) = a", "duplicate-parameter", "a"},
      {"print({a: 1, b: 2, a: 3})", "duplicate-field", "a"},
      {"model m(y) { let y = 1 }", "duplicate-let", "y"},
      {"model m { z ~ Normal(0, 1); let z = 1 }", "duplicate-let", "z"},
      {"dist T(a) { sample() = a; sample() = a }", "duplicate-let", "sample"},
  });
  const Diagnostics found = check_errors("let x = 1\nlet x = 2");
  REQUIRE(found.front().related.size() == 1);
  CHECK(found.front().related.front().span.begin == 4);
}

TEST_CASE("the prompt may define a name again, and knows the earlier ones", "[check]") {
  CHECK(check_errors("let x = 1\nlet x = x + 1", {}, true).empty());
  CHECK(check_errors("let x = x + 1", {"x"}, true).empty());
  CHECK(check_errors("x = 2", {"x"}).empty());
  CHECK(check_errors("fn f() { let x = 1; let x = 2; x }", {}, true).size() == 1);
}

TEST_CASE("assignment", "[check]") {
  check_rows({
      {"x = 1", "assign-undefined", "x", "let x"},
      {"let count = 1; cuont = 2", "assign-undefined", "cuont", "`count`"},
      {"let x = 1; fn f() { x = 2 }", "assign-undefined", "x", "return"},
      {"let x = 1; print(fn() { x = 2 })", "assign-undefined", "x", "return"},
      {"fn f(x) { x = 2 }", "assign-undefined", "x", "let"},
      {"for i in 1:2 { i = 3 }", "assign-undefined", "i", "let"},
      {"model m { z ~ Normal(0, 1); z = 3 }", "assign-undefined", "z"},
      {"fn f() = 1\nf = 2", "assign-undefined", "f"},
  });
  check_fine({"model m(x) { let acc = 0; for t in 1:3 { acc = acc + x[t] } }", "let x = [1]; x[1] = 2"});
}

TEST_CASE("arguments", "[check]") {
  const std::string normal = "`Normal(mean, sd | variance | precision)`";
  check_rows({
      {"Normal(0, sdd = 1)", "unknown-argument", "sdd", "`sd`"},
      {"sum(1, axes = 1)", "unknown-argument", "axes", "`sum(x)`"},
      {"Normal(0)", "missing-argument", "Normal(0)", normal},
      {"Normal(0, 1, 2)", "too-many-arguments", "2", normal},
      {"Normal(0, 1, 2, 3)", "too-many-arguments", "2"},
      {"Normal(mean = 0, mean = 1, sd = 1)", "repeated-argument", "mean"},
      {"Normal(0, mean = 1, sd = 1)", "repeated-argument", "mean"},
      {"Normal(0, 1, precision = 2)", "conflicting-arguments", "precision", "one of"},
      {"Normal(0, sd = 1, precision = 2)", "conflicting-arguments", "precision"},
      {"Normal(mean = 0, 1)", "positional-after-named", "1"},
      {"bbvi(30)", "too-many-arguments", "30"},
      {"bbvi(sample = 30)", "unknown-argument", "sample", "`samples`"},
      {"plot(1, 2, 3, label = [1])", "unknown-argument", "label", "`labels`"},
      {"draw(1, 2, 3, 4)", "too-many-arguments", "4"},
      {"fn f(a, b = 2) = a\nf()", "missing-argument", "f()", "`f(a, b = 2)`"},
      {"fn f(a, b = 2) = a\nf(1, c = 2)", "unknown-argument", "c"},
      {"model m(a, b) {}\nm(1, c = 2, b = 3)", "unknown-argument", "c"},
      {"model m(a, b) {}\nm([1, 2])", "missing-argument", "m([1, 2])", "`m(a, b)`"},
      {"model m(a, b) {}\nm(b = 1)", "missing-argument", "m(b = 1)"},
      {"dist T(a) { sample() = a }\nT()", "missing-argument", "T()"},
      {"sum(x = 1, x = 2)", "repeated-argument", "x"},
  });
  const Diagnostics found = check_errors("Normal(0)");
  CHECK(found.front().message == "`Normal` needs the argument `sd` or `variance` or `precision`");
}

TEST_CASE("arguments that are in order", "[check]") {
  check_fine({
      "Normal(0, 1)",
      "Normal(0, precision = 2)",
      "Normal(mean = 0, variance = 1, size = 3)",
      "Normal(sd = 1, mean = 0)",
      "plot(1, 2, 3, labels = [1], x = \"step\")",
      "infer(1, 2, 3, steps = 5, anything = 6)",
      "draw(1)",
      "draw(1, n = 2)",
      "draw(1, 2, 3)",
      "draw(1, 2, seed = 3)",
      "model m(a, b) {}\nm({a: 1, b: 2})",
      "model m(a, b) {}\nlet d = 1\nm(d)",
      "let sum = fn(a, b) = a; sum(1, 2)",
      "dist T(a) { sample() = a }\nT(1, size = 3)",
      "fn f(a, b = 2) = a\nf(b = 1, a = 2)",
  });
}

TEST_CASE("models and guides", "[check]") {
  check_rows({
      {"z ~ Normal(0, 1)", "sample-outside-model", "z ~ Normal(0, 1)"},
      {"fn f() { z ~ Normal(0, 1) }", "sample-outside-model", "z ~ Normal(0, 1)"},
      {"factor 1", "sample-outside-model", "factor 1"},
      {"param p = 1", "sample-outside-model", "param p = 1"},
      {"return 1", "return-outside-function", "return 1"},
      {"guide q { return 1 }", "return-outside-function", "return 1"},
      {"model m { z ~ Normal(0, 1)\n z ~ Normal(0, 1) }", "duplicate-variable", "z"},
      {"model m { z ~ Normal(0, 1)\n z[1] ~ Normal(0, 1) }", "duplicate-variable", "z"},
      {"model m { z ~ Normal(0, 1)\n if true { z ~ Normal(0, 1) } }", "duplicate-variable", "z"},
      {"model m { param p\n p ~ Normal(0, 1) }", "duplicate-variable", "p"},
      {"model m(y) { y ~ Normal(0, 1)\n y ~ Normal(0, 1) }", "duplicate-variable", "y"},
      {"model m(y) { param y }", "duplicate-variable", "y"},
      {"model m { 1 + 2 }", "value-in-model", "1 + 2", "factor"},
      {"model m { Normal(0, 1) }", "value-in-model", "Normal(0, 1)", "x ~ Normal(…)"},
      {"model m(y) { y == 3 }", "value-in-model", "y == 3", "let x"},
      {"model m { if true { 3 } }", "value-in-model", "3"},
      {"model m { for i in 1:3 { i } }", "value-in-model", "i"},
      {"let y = 1\nmodel m { y ~ Normal(0, 1) }", "sample-on-data", "y", "argument of the model"},
      {"model m { let d = 1; d ~ Normal(0, 1) }", "sample-on-data", "d"},
      {"model m { for n in 1:3 { n ~ Normal(0, 1) } }", "sample-on-data", "n"},
      {"model m(x: real[K]) { K ~ Normal(0, 1) }", "sample-on-data", "K"},
      {"guide q(x) { x ~ Normal(0, 1) }", "sample-on-argument", "x"},
      {"guide q { for n in 1:3 { param p = 0 } }", "param-in-loop", "p", "param p[n]"},
      {"model m { for j in 1:3 { theta ~ Normal(0, 1) } }", "sample-in-loop", "theta", "theta[j]"},
      {"model m(x: reel[N]) { }", "unknown-type", "reel", "`real`"},
      {"model m { z : positiv ~ Normal(0, 1) }", "unknown-type", "positiv", "`positive`"},
      {"model m { z : lower(q) ~ Normal(0, 1) }", "unknown-name", "q"},
      {"model m { z ~ Normal(z, 1) }", "unknown-name", "z"},
      {"model m { a ~ Normal(b, 1)\n b ~ Normal(0, 1) }", "unknown-name", "b"},
      {"for i in 1:2 { import \"a.elbo\" }", "import-inside-block", "import \"a.elbo\""},
      {"import \"my-file.elbo\"", "bad-import-name", "\"my-file.elbo\""},
  });
}

TEST_CASE("models and guides that are in order", "[check]") {
  check_fine({
      "model m(y: real[N], J: int) { for n in 1:N { y[n] ~ Normal(J, 1) } }",
      "model m(y: real[J], J: int) { for n in 1:J { y[n] ~ Normal(J, 1) } }",
      "model m { for t in 1:3 { z[t] ~ Normal(0, 1) }\n let s = sum(z)\n return s }",
      "model m { z[1] ~ Normal(0, 1)\n for t in 2:3 { z[t] ~ Normal(z[t - 1], 1) } }",
      "model m { for t in 2:3 { a[t] ~ Normal(b[t - 1], 1)\n b[t] ~ Normal(a[t], 1) } }",
      "model m { let s[1] = 0\n for t in 2:3 { let s[t] = s[t - 1] + 1 }\n factor sum(s) }",
      "model m(c) { if c { z ~ Normal(0, 1) } else { z ~ Normal(1, 1) }\n w ~ Normal(z, 1) }",
      "model m { gamma ~ Normal(0, 1)\n sum ~ Normal(gamma, 1) }",
      "model m { param p : positive via clamp(1e-4) = 0.5\n param q via softplus\n factor p + q }",
      "model m { z : softmax_simplex[3] ~ Normal(0, 1) }",
      "model inner { z ~ Normal(0, 1)\n return z }\nmodel outer { a ~ inner()\n b ~ Normal(a, 1) }",
      "model m { let d = if true { 1 } else { 2 }\n factor d }",
      "model m { fn f(x) = x^2\n z ~ Normal(f(1), 1) }",
      "model m { z ~ Normal(0, 1) }\nlet z = 1",
      "let mu = 1\nguide q { mu ~ Normal(0, 1) }",
      "guide q(x) { for n in 1:length(x) { param m[n] = 0\n z[n] ~ Normal(m[n], x[n]) } }",
      "net f(x) { param w[1] = 1\n let h = x\n return h }",
      "dist T(a, b) on interval(a, b) { log_density(x) = x - a\n sample() { let u = b; u } }\n"
      "model m { z ~ T(0, 1) }",
  });
}

TEST_CASE("signatures as text", "[check]") {
  const NameTable table = names();
  const auto shown = [&](const std::string& name) { return show(table.names.at(name).signatures.front()); };
  CHECK(shown("Normal") == "Normal(mean, sd | variance | precision)");
  CHECK(shown("plot") == "plot(y, …, labels = …, x = …)");
  CHECK(shown("draw") == "draw(d, n = 1)");
  CHECK(shown("infer") == "infer(model, …, name = …)");
}

TEST_CASE("all mistakes of a script are reported", "[check]") {
  CHECK(check_errors("aa\nbb\nNormal(1)\nlet c = 1\nlet c = 2").size() == 4);
}
