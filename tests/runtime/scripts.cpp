// The small library and the sessions of the evaluator's tests.
#include "tests/runtime/scripts.hpp"

#include <catch2/catch.hpp>
#include <cmath>

#include "lang/parse.hpp"
#include "runtime/expression.hpp"
#include "runtime/format.hpp"

namespace elbo::tests {

using namespace runtime;

namespace {

using Parameters = std::span<const Expr>;

const double half_log_2_pi = 0.91893853320467274178;

const Distribution normal{
    .name = "Normal",
    .summary = "normal",
    .formula = "",
    .parameters = {{"mean", &real_support, "", "centre"},
                   {"sd", &positive_support, "1", "standard deviation"}},
    .alternatives = {{.name = "precision",
                      .replaces = "sd",
                      .support = &positive_support,
                      .help = "1 / sd^2",
                      .canonical = [](Expr precision) { return 1.0 / sqrt(precision); }}},
    .parameter_ranks = {},
    .support =
        [](Parameters) {
          return Support{&real_support, {}};
        },
    .log_density = [](Expr x,
                      Parameters p) { return -0.5 * square((x - p[0]) / p[1]) - log(p[1]) - half_log_2_pi; },
    .test_points = {},
};

const Distribution gamma_distribution{
    .name = "Gamma",
    .summary = "gamma",
    .formula = "",
    .parameters = {{"shape", &positive_support, "", "shape"}, {"rate", &positive_support, "", "rate"}},
    .alternatives = {},
    .parameter_ranks = {},
    .support =
        [](Parameters) {
          return Support{&positive_support, {}};
        },
    .log_density =
        [](Expr x, Parameters p) {
          return p[0] * log(p[1]) - lgamma(p[0]) + (p[0] - 1.0) * log(x) - p[1] * x;
        },
    .test_points = {},
};

const Distribution bernoulli{
    .name = "Bernoulli",
    .summary = "coin",
    .formula = "",
    .parameters = {{"probability", &unit_interval_support, "", "of 1"}},
    .alternatives = {},
    .parameter_ranks = {},
    .support =
        [](Parameters) {
          return Support{&boolean_support, {}};
        },
    .log_density = [](Expr x, Parameters p) { return xlogy(x, p[0]) + xlogy(1.0 - x, 1.0 - p[0]); },
    .test_points = {},
};

const Distribution uniform{
    .name = "Uniform",
    .summary = "uniform",
    .formula = "",
    .parameters = {{"lower", &real_support, "", "least"}, {"upper", &real_support, "", "greatest"}},
    .alternatives = {},
    .parameter_ranks = {},
    .support =
        [](Parameters p) {
          return Support{&interval_support, {p[0], p[1]}};
        },
    .log_density = [](Expr, Parameters p) { return -log(p[1] - p[0]); },
    .test_points = {},
};

Value print(Interpreter& interpreter, const Arguments& a) {
  interpreter.out() << format_string(string_argument(a, 0, "format"), a.rest) << "\n";
  return None{};
}

Value apply_twice(Interpreter& interpreter, const Arguments& a) {
  return interpreter.call(a.values[0], {interpreter.call(a.values[0], {a.values[1]}, a.span)}, a.span);
}

Value rate_of(Interpreter&, const Arguments& a) { return 2.0 * real_argument(a, 0, "x"); }

}  // namespace

const Library& small_library() {
  static const Library library{
      .functions = {{"print", "print(format, ...)", "prints", "output", print},
                    {"apply_twice", "apply_twice(f, x)", "f(f(x))", "functions", apply_twice},
                    {"double", "double(x)", "2 x", "functions", rate_of}},
      .distributions = {&normal, &gamma_distribution, &bernoulli, &uniform},
      .methods = {},
      .constants = {{"pi", Value(M_PI)}}};
  return library;
}

Session::Session(Settings settings) : interpreter_(small_library(), std::move(settings), out_, log_) {}

std::optional<Value> Session::run(const std::string& text) {
  const auto source = std::make_shared<const lang::Source>("test.elbo", text);
  auto script = lang::parse(source, diagnostics_);
  if (!script) return std::nullopt;
  const auto checked = lang::check(std::move(*script), name_table(small_library()),
                                   interpreter_.global_names(), true, diagnostics_);
  if (!checked) return std::nullopt;
  return interpreter_.run(*checked, diagnostics_);
}

Value Session::value(const std::string& text) {
  auto result = run(text);
  for (const auto& diagnostic : diagnostics_) FAIL(text << "\n" << lang::render(diagnostic));
  return *result;
}

std::string Session::shown(const std::string& text) {
  const auto result = run(text);
  if (result) return show(*result);
  const lang::Diagnostic diagnostic = diagnostics_.front();
  diagnostics_.clear();
  return diagnostic.code + ": " + std::string(diagnostic.span.text());
}

lang::Diagnostic Session::failure(const std::string& text) {
  run(text);
  INFO(text);
  REQUIRE(diagnostics_.size() == 1);
  lang::Diagnostic diagnostic = diagnostics_[0];
  diagnostics_.clear();
  return diagnostic;
}

std::shared_ptr<const ModelGraph> Session::model(const std::string& text) {
  const Value call = value(text);
  REQUIRE(call.is<std::shared_ptr<const ModelCall>>());
  return elaborate(interpreter_, **call.as<std::shared_ptr<const ModelCall>>());
}

}  // namespace elbo::tests
