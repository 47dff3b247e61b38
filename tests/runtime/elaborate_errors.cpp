// What is wrong with a model, its data or its guide is said with its name, before anything runs.
#include <catch2/catch.hpp>

#include "tests/runtime/scripts.hpp"

using elbo::tests::Session;
using namespace elbo::runtime;

namespace {

struct Row {
  std::string text;  // of a script whose last expression is a model applied to data
  const char* code;
  const char* spanned;  // the text under the caret
};

elbo::lang::Diagnostic elaboration_failure(Session& session, const std::string& text) {
  const Value call = session.value(text);
  try {
    elaborate(session.interpreter(), **call.as<std::shared_ptr<const ModelCall>>());
  } catch (const elbo::lang::Failure& failure) {
    return failure.diagnostic();
  }
  FAIL("no failure: " << text);
  return {};
}

std::string with_body(const std::string& body, const std::string& call = "m([1.0, 2.0])") {
  return "model m(x) {\n" + body + "\n}\n" + call;
}

std::string with_header(const std::string& header, const std::string& call) {
  return "model m(" + header + ") {\n  mu ~ Normal(0, 1)\n}\n" + call;
}

}  // namespace

TEST_CASE("mistakes in the body of a model", "[elaborate]") {
  const Row rows[] = {
      {with_body("let a = 1"), "empty-model", "model m(x) {\nlet a = 1\n}"},
      {with_body("z ~ 3"), "not-a-distribution", "3"},
      {with_body("z ~ Normal"), "not-a-distribution", "Normal"},
      {with_body("mu ~ Normal(0, 1)\nx ~ Normal([mu, mu, mu], 1)"), "observed-shape",
       "x ~ Normal([mu, mu, mu], 1)"},
      {with_body("x ~ Gamma(1, 1)", "m([1.0, -2.0])"), "outside-support", "x ~ Gamma(1, 1)"},
      {with_body("x ~ Bernoulli(0.5)"), "outside-support", "x ~ Bernoulli(0.5)"},
      {with_body("x ~ Uniform(0, 1.5)"), "outside-support", "x ~ Uniform(0, 1.5)"},
      {with_body("for n in 1:2 { z[n + 1] ~ Normal(0, 1) }"), "hole", "z[n + 1] ~ Normal(0, 1)"},
      {with_body("z[1] ~ Normal(0, 1)\nz[1] ~ Normal(0, 1)"), "overlap", "z[1] ~ Normal(0, 1)"},
      {with_body("z ~ Normal(0, 1)\nif z > 0 { w ~ Normal(0, 1) } else { w ~ Normal(1, 1) }"),
       "random-branch", "w ~ Normal(0, 1)"},
      {with_body("z : lower(0, 1) ~ Normal(0, 1)"), "bad-constraint", "lower(0, 1)"},
      {with_body("z : interval(2, 1) ~ Normal(0, 1)"), "bad-constraint", "interval(2, 1)"},
      {with_body("z : simplex ~ Normal(0, 1)"), "shape-mismatch", "simplex"},
      {with_body("z : ordered[3] ~ Normal([1, 2], 1)"), "shape-mismatch", "ordered[3]"},
      {with_body("z : lower(0) ~ Bernoulli(0.5)"), "bad-constraint", "lower(0)"},
      {with_body("z ~ Normal(0, -1)"), "bad-parameter", "-1"},
      {with_body("z ~ Normal(0, 1, size = 2)\nw ~ Normal(z + [1, 2, 3], 1)"), "shape-mismatch",
       "z + [1, 2, 3]"},
      {with_body("z ~ Normal(0, 1)\nfactor \"a\""), "wrong-type", "\"a\""},
      {with_body("param p : positive = -1\nx ~ Normal(p, 1)"), "param-init", "-1"},
      {with_body("param p : positive = 0\nx ~ Normal(p, 1)"), "param-init", "0"},
      {with_body("param p : unit_interval = 1\nx ~ Normal(p, 1)"), "param-init", "1"},
      {with_body("param p : real[3] = [1, 2]\nx ~ Normal(p[1], 1)"), "param-init", "[1, 2]"},
      {with_body("param p = \"a\"\nx ~ Normal(0, 1)"), "param-init", "\"a\""},
      {with_body("z ~ Normal(0, 1)\nparam p = z"), "param-init", "z"},
      {with_body("param p : simplex = 1\nx ~ Normal(0, 1)"), "shape-mismatch", "1"},
      {with_body("param p via softplus = 1\nx ~ Normal(0, 1)"), "bad-via", "softplus"},
      {with_body("param p : positive via soft = 1\nx ~ Normal(0, 1)"), "bad-via", "soft"},
      {with_body("param p : positive via clamp = 1\nx ~ Normal(0, 1)"), "bad-via", "clamp"},
      {with_body("param p : positive via clamp(-1) = 1\nx ~ Normal(0, 1)"), "bad-via", "-1"},
      {with_body("param p : positive via clamp(2) = 1\nx ~ Normal(0, 1)"), "param-init", "1"},
      {with_body("param p : positive = 1\nparam q : lower(p) = 2\nx ~ Normal(q, 1)"), "not-yet-supported",
       "lower(p)"},
      {with_body("param p : natural = 1\nx ~ Normal(0, 1)"), "bad-constraint", "natural"},
  };
  for (const Row& row : rows) {
    Session session;
    INFO(row.text);
    const auto diagnostic = elaboration_failure(session, row.text);
    CHECK(diagnostic.code == row.code);
    CHECK(diagnostic.span.text() == row.spanned);
  }
}

TEST_CASE("data that do not fit their declared types", "[elaborate]") {
  struct Case {
    std::string text;
    const char* code;
    const char* message;
  };
  const Case rows[] = {
      {with_header("J: int, y: real[J]", "m(3, [1, 2])"), "shape-argument",
       "argument `y` of `m` must be real[J], but has shape [2], and `J` is 3"},
      {with_header("y: real[N], z: real[N]", "m([1, 2], [1, 2, 3])"), "shape-argument",
       "argument `z` of `m` must be real[N], but has shape [3], and `N` is 2"},
      {with_header("y: real", "m([1, 2])"), "shape-argument",
       "argument `y` of `m` must be real, but has shape [2]"},
      {with_header("y: real[N, D]", "m([1, 2])"), "shape-argument",
       "argument `y` of `m` must be real[N, D], but has shape [2]"},
      {with_header("y: real[2]", "m(1)"), "shape-argument",
       "argument `y` of `m` must be real[2], but has a single number"},
      {with_header("y: int[N]", "m([1, 2.5])"), "support-argument",
       "argument `y` of `m` must be int[N], but y[2] is 2.5"},
      {with_header("s: positive[N]", "m([1, 0])"), "support-argument",
       "argument `s` of `m` must be positive, but s[2] is 0"},
      {with_header("p: unit_interval", "m(1.5)"), "support-argument",
       "argument `p` of `m` must be between 0 and 1, but is 1.5"},
      {with_header("p: simplex[3]", "m([0.5, 0.6, 0.1])"), "support-argument",
       "argument `p` of `m` must be a vector of nonnegative numbers that sum to 1, but is [0.5, 0.6, 0.1]"},
      {with_header("p: lower(2)[N]", "m([2.5, 1.5])"), "support-argument",
       "argument `p` of `m` must be at least 2, but p[2] is 1.5"},
      {with_header("y: real", "m(\"a\")"), "support-argument",
       "argument `y` of `m` must be real, but is string"},
      {with_header("y: bool", "m(2)"), "support-argument", "argument `y` of `m` must be bool, but y is 2"},
      {with_header("y: string", "m(2)"), "support-argument",
       "argument `y` of `m` must be string, but is int"},
      {with_header("y", "m([1, 0.0 / 0.0])"), "nan-in-data", "`y[2]` is NaN"},
      {with_header("y", "m([[1.0, 2], [missing, 2]])"), "nan-in-data",
       "`y[2, 1]` is missing, and nothing in the model gives it a distribution"},
      {with_header("y", "m(missing)"), "nan-in-data",
       "`y` is missing, and nothing in the model gives it a distribution"},
  };
  for (const Case& row : rows) {
    Session session;
    INFO(row.text);
    const auto diagnostic = elaboration_failure(session, row.text);
    CHECK(diagnostic.code == row.code);
    CHECK(diagnostic.message == row.message);
    CHECK(std::string(diagnostic.span.text()).substr(0, 2) == "m(");
  }
}

TEST_CASE("a guide draws exactly the latent variables of its model", "[elaborate]") {
  const std::string model =
      "model m(x) {\n  tau ~ Gamma(1, 1)\n  beta ~ Normal(0, 1, size = 2)\n  x ~ Normal(beta[1], precision = "
      "tau)\n}\n";
  const auto outcome = [&](const std::string& body, const std::string& header = "guide q") {
    Session session;
    const Value guide = session.value(model + header + " {\n" + body + "\n}\nlet target = m(1.0)\nq");
    const auto target =
        elaborate(session.interpreter(),
                  **session.interpreter().global("target")->as<std::shared_ptr<const ModelCall>>());
    try {
      const auto call = as_model_call(session.interpreter(), guide, CallableKind::guide, {});
      REQUIRE(call != nullptr);
      const auto result = elaborate_guide(session.interpreter(), *call, *target);
      CHECK(result->graph == target->graph);
      CHECK(result->is_guide);
      CHECK(result->find("tau")->value.id() != target->find("tau")->value.id());
      return std::string("fits");
    } catch (const elbo::lang::Failure& failure) {
      return failure.diagnostic().code + ": " + std::string(failure.diagnostic().span.text());
    }
  };
  CHECK(outcome("param a : positive\ntau ~ Gamma(a, 1)\nparam b : real[2]\nbeta ~ Normal(b, 1)") == "fits");
  CHECK(outcome("tau ~ Uniform(0.5, 1)\nbeta ~ Normal([0, 0], 1)") == "fits");
  CHECK(outcome("tau ~ Gamma(1, 1)\nbeta ~ Normal(0, s, size = 2)", "guide q(s = 2.0)") == "fits");
  CHECK(outcome("tau ~ Gamma(1, 1)") == "guide-misses: guide q {\ntau ~ Gamma(1, 1)\n}");
  CHECK(outcome("tau ~ Gamma(1, 1)\nbetta ~ Normal(0, 1, size = 2)") ==
        "guide-unknown-variable: betta ~ Normal(0, 1, size = 2)");
  CHECK(outcome("x ~ Normal(0, 1)") == "guide-unknown-variable: x ~ Normal(0, 1)");
  CHECK(outcome("tau ~ Gamma(1, 1)\nbeta ~ Normal(0, 1)") == "guide-shape: beta ~ Normal(0, 1)");
  CHECK(outcome("tau ~ Normal(0, 1)\nbeta ~ Normal(0, 1, size = 2)") == "guide-support: tau ~ Normal(0, 1)");
  CHECK(outcome("param x = 1\ntau ~ Gamma(1, 1)\nbeta ~ Normal(x, 1, size = 2)") ==
        "guide-parameter-name: param x = 1");
  CHECK(outcome("tau ~ Gamma(1, 1)\nbeta ~ Normal(0, 1, size = 2)\nfactor tau") ==
        "guide-factor: factor tau");
}

TEST_CASE("hints of guides", "[elaborate]") {
  Session session;
  session.value(
      "model m(x) {\n  sigma ~ Gamma(1, 1)\n  x ~ Normal(0, sigma)\n}\nguide q { sgima ~ Gamma(1, 1) }\nlet "
      "target = m(1.0)");
  const auto& interpreter = session.interpreter();
  const auto target = elaborate(session.interpreter(),
                                **interpreter.global("target")->as<std::shared_ptr<const ModelCall>>());
  const auto guide = as_model_call(session.interpreter(), *interpreter.global("q"), CallableKind::guide, {});
  try {
    elaborate_guide(session.interpreter(), *guide, *target);
    FAIL("the guide was taken");
  } catch (const elbo::lang::Failure& failure) {
    CHECK(failure.diagnostic().hint == "did you mean `sigma`?");
  }
}
