// Models applied to data: the graph of random variables, its log density against formulas, and every mistake
// that a model, its data or its guide can hold.
#include <catch2/catch.hpp>
#include <cmath>

#include "runtime/expression.hpp"
#include "runtime/program.hpp"
#include "tests/runtime/scripts.hpp"

using elbo::tests::Session;
using namespace elbo::runtime;

namespace {

const char* normal_gamma =
    "model normal_gamma(x) {\n"
    "  tau ~ Gamma(shape = 1, rate = 2)\n"
    "  mu  ~ Normal(1, precision = 0.1 * tau)\n"
    "  x   ~ Normal(mu, precision = tau)\n"
    "  let sd = tau ^ -0.5\n"
    "}\n";

/// The log joint with latent values filled in.
double log_joint_at(const ModelGraph& model, const std::vector<Tensor>& values) {
  std::unordered_map<NodeId, Expr> replacements;
  std::size_t next = 0;
  for (const RandomVariable& v : model.variables) {
    if (!v.observed) replacements[v.value.id()] = model.graph->constant(values.at(next++));
  }
  const Expr roots[] = {log_joint(model)};
  return evaluate(substitute(roots, replacements)[0]).real(0);
}

double normal_log_density(double x, double mean, double precision) {
  return 0.5 * std::log(precision / (2 * M_PI)) - 0.5 * precision * (x - mean) * (x - mean);
}

}  // namespace

TEST_CASE("a model is latent and observed variables, quantities and edges", "[elaborate]") {
  Session session;
  const auto model = session.model(std::string(normal_gamma) + "normal_gamma([0.5, 1.5, 3])");
  REQUIRE(model->variables.size() == 3);
  CHECK(model->variables[0].name == "tau");
  CHECK_FALSE(model->variables[0].observed);
  CHECK(model->variables[0].parts[0].support.kind == &positive_support);
  CHECK(model->variables[2].observed);
  CHECK(model->variables[2].value.type().event == Shape{3});
  CHECK(model->variables[2].parts[0].log_density.type().event == Shape{3});
  REQUIRE(model->quantities.size() == 1);
  CHECK(model->quantities[0].name == "sd");
  CHECK(parents(*model, model->variables[2].parts[0].log_density) == std::vector<std::size_t>{0, 1});
  CHECK(parents(*model, model->variables[1].parts[0].call.canonical[1]) == std::vector<std::size_t>{0});
  CHECK(parents(*model, model->quantities[0].value) == std::vector<std::size_t>{0});
  CHECK(model->find("mu") == &model->variables[1]);
  CHECK(model->find("nu") == nullptr);
  CHECK(event_shape(model->variables[2].parts[0].call) == Shape{3});
}

TEST_CASE("the log joint is that of the formulas", "[elaborate]") {
  Session session;
  const auto model = session.model(std::string(normal_gamma) + "normal_gamma([0.5, 1.5, 3])");
  const double tau = 0.7, mu = 1.3;
  double expected = std::log(2) - 2 * tau + normal_log_density(mu, 1, 0.1 * tau);
  for (const double x : {0.5, 1.5, 3.0}) expected += normal_log_density(x, mu, tau);
  CHECK(std::abs(log_joint_at(*model, {Tensor::scalar(tau), Tensor::scalar(mu)}) - expected) < 1e-12);
}

TEST_CASE("vectors, factors, choices and indices enter the log joint", "[elaborate]") {
  Session session;
  const auto model = session.model(
      "model m(y: real[N], group: int[N]) {\n"
      "  a ~ Normal(0, 2, size = 2)\n"
      "  z ~ Bernoulli(0.25)\n"
      "  y ~ Normal(a[group] + (if z { 1.0 } else { -1.0 }), 1)\n"
      "  factor -N * a[1] ^ 2\n"
      "}\n"
      "m([0.5, 1.0, 2.0], [1, 2, 2])");
  REQUIRE(model->variables.size() == 3);
  CHECK(model->variables[0].value.type().event == Shape{2});
  CHECK(model->variables[1].value.type().domain == Domain::boolean);
  const double a1 = 0.3, a2 = -0.4;
  const auto expected = [&](double z) {
    const double shift = z == 1 ? 1 : -1;
    return normal_log_density(a1, 0, 0.25) + normal_log_density(a2, 0, 0.25) +
           std::log(z == 1 ? 0.25 : 0.75) + normal_log_density(0.5, a1 + shift, 1) +
           normal_log_density(1, a2 + shift, 1) + normal_log_density(2, a2 + shift, 1) - 3 * a1 * a1;
  };
  for (const double z : {0.0, 1.0}) {
    const Tensor a({2}, std::vector<double>{a1, a2});
    CHECK(std::abs(log_joint_at(*model, {a, Tensor::scalar(z)}) - expected(z)) < 1e-12);
  }
}

TEST_CASE("Markov blankets hold a variable and its children", "[elaborate]") {
  Session session;
  const auto model = session.model(
      "model chain(x) {\n"
      "  a ~ Normal(0, 1)\n"
      "  b ~ Normal(a, 1)\n"
      "  c ~ Normal(b, 1)\n"
      "  d ~ Normal(0, 1)\n"
      "  x ~ Normal(c + d, 1)\n"
      "  factor a * d\n"
      "}\nchain(1.0)");
  using Indices = std::vector<std::size_t>;
  CHECK(markov_blanket(*model, 0).variables == Indices{0, 1});
  CHECK(markov_blanket(*model, 1).variables == Indices{1, 2});
  CHECK(markov_blanket(*model, 2).variables == Indices{2, 4});
  CHECK(markov_blanket(*model, 3).variables == Indices{3, 4});
  CHECK(markov_blanket(*model, 0).factors == Indices{0});
  CHECK(markov_blanket(*model, 1).factors.empty());
  // What the blanket leaves out does not change with the variable: the log joint minus the blanket is
  // constant in b.
  const auto rest = [&](double b) {
    std::unordered_map<NodeId, Expr> replacements;
    const double values[] = {0.2, b, -0.3, 0.4};
    for (std::size_t i = 0; i < 4; ++i) {
      replacements[model->variables[i].value.id()] = model->graph->constant(values[i]);
    }
    Expr remainder = log_joint(*model);
    for (const std::size_t j : markov_blanket(*model, 1).variables)
      remainder = remainder - model->variables[j].parts[0].log_density;
    const Expr roots[] = {remainder};
    return evaluate(substitute(roots, replacements)[0]).real(0);
  };
  CHECK(std::abs(rest(0.1) - rest(2.7)) < 1e-12);
}

TEST_CASE("observed data decide the shape", "[elaborate]") {
  Session session;
  const auto model = session.model(
      "model m(y, sd) {\n  mu ~ Normal(0, 1, size = 3)\n  y ~ Normal(mu, sd)\n}\n"
      "m([[1.0, 2, 3], [4, 5, 6]], 2)");
  CHECK(event_shape(model->variables[1].parts[0].call) == Shape{2, 3});
  CHECK(model->variables[1].parts[0].log_density.type().event == Shape{2, 3});
}

TEST_CASE("parameters start on the user's scale", "[elaborate]") {
  Session session;
  const auto model = session.model(
      "model m(x) {\n"
      "  param a = 2\n"
      "  param b : positive = 3\n"
      "  param c : positive via softplus = 3\n"
      "  param d : positive via clamp(1e-4) = 0.5\n"
      "  param e : unit_interval\n"
      "  param f : interval(2, 6)\n"
      "  param g : lower(1)\n"
      "  param h : real[3] = 0.5\n"
      "  param i : simplex[4]\n"
      "  param j = [1, 2]\n"
      "  param k : lower(1) via softplus = 1.5\n"
      "  param l : ordered[3] = [-1, 0, 5]\n"
      "  x ~ Normal(a, b)\n"
      "}\nm(1.0)");
  REQUIRE(model->parameters.size() == 12);
  const double scalars[] = {2, 3, 3, 0.5, 0.5, 4, 2};
  for (std::size_t i = 0; i < 7; ++i) {
    INFO(model->parameters[i].name);
    CHECK(model->parameters[i].initial.real(0) == Approx(scalars[i]));
  }
  CHECK(model->parameters[7].initial.shape() == Shape{3});
  CHECK(model->parameters[8].initial.reals() == std::vector<double>{0.25, 0.25, 0.25, 0.25});
  CHECK(model->parameters[8].unconstrained.type().event == Shape{3});
  CHECK(model->parameters[3].clamp == 1e-4);
  CHECK(unconstrain(model->parameters[1], Tensor::scalar(3))[0] == Approx(std::log(3)));
  CHECK(unconstrain(model->parameters[2], Tensor::scalar(3))[0] == Approx(std::log(std::expm1(3))));
  CHECK(unconstrain(model->parameters[2], Tensor::scalar(800))[0] == Approx(800));
  CHECK(unconstrain(model->parameters[3], Tensor::scalar(3))[0] == 3);
  // constrain(unconstrain(x)) = x
  for (const PointParameter& p : model->parameters) {
    INFO(p.name);
    const std::vector<double> y = unconstrain(p, p.initial);
    const std::unordered_map<NodeId, Expr> replacements{
        {p.unconstrained.id(), model->graph->constant(Tensor(p.unconstrained.type().event, y))}};
    const Expr roots[] = {p.value};
    const std::vector<double> back = evaluate(substitute(roots, replacements)[0]).reals();
    REQUIRE(back.size() == static_cast<std::size_t>(p.initial.size()));
    for (std::size_t i = 0; i < back.size(); ++i) {
      CHECK(back[i] == Approx(p.initial.real(static_cast<std::int64_t>(i))).epsilon(1e-12).margin(1e-12));
    }
  }
}

TEST_CASE("a constraint restricts a latent variable and keeps its density", "[elaborate]") {
  Session session;
  const auto model = session.model(
      "model m(x) {\n  s : lower(0) ~ Normal(0, 1)\n  mu : ordered[2] ~ Normal(0, 3)\n  x ~ Normal(mu[1], "
      "s)\n}\nm(1.0)");
  CHECK(model->variables[0].parts[0].support.kind == &lower_support);
  CHECK(model->variables[1].parts[0].support.kind == &ordered_support);
  CHECK(model->variables[1].value.type().event == Shape{2});
  const double expected = normal_log_density(0.5, 0, 1) + normal_log_density(-1, 0, 1.0 / 9) +
                          normal_log_density(2, 0, 1.0 / 9) + normal_log_density(1, -1, 4);
  CHECK(std::abs(log_joint_at(*model, {Tensor::scalar(0.5), Tensor({2}, std::vector<double>{-1, 2})}) -
                 expected) < 1e-12);
}

TEST_CASE("if on data chooses statements, and a model keeps what it returns", "[elaborate]") {
  Session session;
  const std::string text =
      "model m(x, wide) {\n"
      "  if wide { mu ~ Normal(0, 10) } else { mu ~ Normal(0, 1) }\n"
      "  x ~ Normal(mu, 1)\n"
      "  return mu * 2\n"
      "}\n";
  const auto wide = session.model(text + "m(1.0, true)");
  CHECK(std::abs(log_joint_at(*wide, {Tensor::scalar(0)}) -
                 (normal_log_density(0, 0, 0.01) + normal_log_density(1, 0, 1))) < 1e-12);
  CHECK(wide->returned.is<Symbol>());
  const auto narrow = session.model("m(1.0, false)");
  CHECK(std::abs(log_joint_at(*narrow, {Tensor::scalar(0)}) -
                 (normal_log_density(0, 0, 1) + normal_log_density(1, 0, 1))) < 1e-12);
}

TEST_CASE("arguments are bound by position, by name and from a record", "[elaborate]") {
  Session session;
  session.value(
      "model m(J: int, y: real[J], s: positive[J], k = 2.0) {\n  a ~ Normal(0, k)\n  y ~ Normal(a, s)\n}\n"
      "let d = {y: [1, 2], s: [0.5, 1], J: 2, name: \"x\"}");
  for (const char* call : {"m(2, [1, 2], [0.5, 1])", "m(s = [0.5, 1], y = [1, 2], J = 2)", "m(d)",
                           "m(2.0, [1, 2], [0.5, 1], k = 2)"}) {
    INFO(call);
    const auto model = session.model(call);
    const double expected =
        normal_log_density(0.3, 0, 0.25) + normal_log_density(1, 0.3, 4) + normal_log_density(2, 0.3, 1);
    CHECK(std::abs(log_joint_at(*model, {Tensor::scalar(0.3)}) - expected) < 1e-12);
  }
  CHECK(session.failure("m({y: [1, 2], J: 2})").code == "missing-argument");
}

TEST_CASE("text and drawing of the graph", "[elaborate]") {
  Session session;
  const auto model = session.model(std::string(normal_gamma) + "normal_gamma([0.5, 1.5, 3])");
  CHECK(show(*model) ==
        "model normal_gamma\n"
        "  latent     tau ~ Gamma on positive  real  (blanket: tau, mu, x)\n"
        "  latent     mu ~ Normal on real  real  <- tau  (blanket: mu, x)\n"
        "  observed   x ~ Normal on real  real[3]  <- tau, mu\n"
        "  quantity   sd  real  <- tau\n");
  const std::string dot = to_dot(*model);
  CHECK(dot.find("\"tau\" -> \"mu\";") != std::string::npos);
  CHECK(dot.find("\"mu\" -> \"x\";") != std::string::npos);
  CHECK(dot.find("\"tau\" -> \"sd\";") != std::string::npos);
  CHECK(dot.find("\"x\" -> ") == std::string::npos);
}
