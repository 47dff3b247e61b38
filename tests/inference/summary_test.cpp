// Tables and summaries, as text.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <limits>

#include "inference/summary.hpp"
#include "lang/diagnostic.hpp"

namespace {

using namespace elbo::inference;

PosteriorVariable vector_of(const std::string& name, std::int64_t size) {
  PosteriorVariable result{name, {size}, {}};
  for (std::int64_t i = 0; i < size; ++i) {
    const double mean = static_cast<double>(i);
    result.elements.push_back({mean, 1, mean - 1.645, mean, mean + 1.645});
  }
  return result;
}

std::size_t lines(const std::string& text) {
  return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

}  // namespace

TEST_CASE("numbers keep their significant digits") {
  CHECK(significant(0.89) == "0.8900");
  CHECK(significant(-12.345) == "-12.35");
  CHECK(significant(123.44) == "123.4");
  CHECK(significant(999.94) == "999.9");
  CHECK(significant(999.96) == "1000");
  CHECK(significant(1234.4) == "1234");
  CHECK(significant(9999.4) == "9999");
  CHECK(significant(9999.6) == "10000");
  CHECK(significant(123456.7) == "123457");
  CHECK(significant(2.5e8) == "2.500e+08");
  CHECK(significant(0.00012345) == "0.0001234");
  CHECK(significant(0.000012345) == "1.234e-05");
  CHECK(significant(0) == "0");
  CHECK(significant(-0.0) == "0");
  CHECK(significant(1) == "1.000");
  CHECK(significant(-185.93724, 6) == "-185.937");
  CHECK(significant(0.0123, 2) == "0.012");
  CHECK(significant(99.7, 2) == "100");
  CHECK(significant(std::numeric_limits<double>::quiet_NaN()) == "nan");
  CHECK(significant(-std::numeric_limits<double>::infinity()) == "-inf");
}

TEST_CASE("a table aligns names left and numbers right, by characters") {
  const Table table{{"", "mean", "sd"}, {{"μ", "1.50", "0.1"}, {"theta[1]", "-20.25", "3"}, {"…"}}};
  CHECK(text(table) ==
        "            mean   sd\n"
        "μ           1.50  0.1\n"
        "theta[1]  -20.25    3\n"
        "…\n");
  CHECK(text(Table{}).empty());
  CHECK(text(Table{{}, {{"a", "1"}, {"bc", "23"}}}) == "a    1\nbc  23\n");
}

TEST_CASE("the summary of a fit, whole") {
  FitSummary fit;
  fit.model = "normal_gamma";
  fit.guide = "q";
  fit.method = "bbvi(samples = 30)";
  fit.optimizer = "adam(cosine(0.05))";
  fit.steps = 10000;
  fit.seconds = 0.31234;
  fit.ended = "interrupted";
  fit.value = -185.9412;
  fit.standard_error = 0.0123;
  fit.variables = {
      {"tau", {}, {{0.4633, 0.0648, 0.3623, 0.4603, 0.5746}}},
      {"L", {2, 2}, {{1, 0, 1, 1, 1}, {0, 0, 0, 0, 0}, {-12.5, 20000, -1e-9, 2, 3}, {4, 5, 6, 7, 8}}}};
  fit.warnings = {"the ELBO was still rising"};
  CHECK(text(fit) ==
        "model      normal_gamma\n"
        "guide      q\n"
        "method     bbvi(samples = 30)\n"
        "optimizer  adam(cosine(0.05))\n"
        "steps      10000 in 0.312 s, interrupted\n"
        "ELBO       -185.941 ± 0.012\n"
        "\n"
        "           mean       sd          5%     50%     95%\n"
        "tau      0.4633  0.06480      0.3623  0.4603  0.5746\n"
        "L[1, 1]   1.000        0       1.000   1.000   1.000\n"
        "L[1, 2]       0        0           0       0       0\n"
        "L[2, 1]  -12.50    20000  -1.000e-09   2.000   3.000\n"
        "L[2, 2]   4.000    5.000       6.000   7.000   8.000\n"
        "\n"
        "warning: the ELBO was still rising\n");
}

TEST_CASE("what is not known is not shown") {
  FitSummary fit;
  fit.method = "mle()";
  fit.objective = "loss";
  fit.steps = 1;
  fit.seconds = 2;
  CHECK(text(fit) == "method  mle()\nsteps   1 in 2.00 s\n");
  fit.value = 3;
  CHECK(text(fit) == "method  mle()\nsteps   1 in 2.00 s\nloss    3.00000\n");
}

TEST_CASE("long vectors are cut after 20 elements, when that saves lines") {
  FitSummary fit;
  fit.method = "bbvi()";
  const std::size_t before = 2 + 1 + 1;  // facts, an empty line, the heading
  fit.variables = {vector_of("theta", 21)};
  CHECK(lines(text(fit)) == before + 21);
  CHECK(text(fit).find("more") == std::string::npos);
  fit.variables = {vector_of("theta", 100), vector_of("z", 1)};
  const std::string cut = text(fit);
  CHECK(lines(cut) == before + 22);
  CHECK(cut.find("theta[20]") != std::string::npos);
  CHECK(cut.find("theta[21]") == std::string::npos);
  CHECK(cut.find("\n… 80 more\nz[1]") != std::string::npos);
  fit.variables = {vector_of("empty", 0)};
  CHECK(lines(text(fit)) == before);
}

TEST_CASE("a summary whose numbers do not match its shape is our mistake") {
  FitSummary fit;
  fit.variables = {{"theta", {3}, {{0, 1, 2, 3, 4}}}};
  CHECK_THROWS_AS(text(fit), elbo::lang::InternalError);
}

TEST_CASE("a parameter of the model is one value") {
  FitSummary fit;
  fit.method = "bbvi()";
  fit.variables = {{"mu", {}, {{1, 0.5, 0.2, 1, 1.8}}}, {"s", {2}, {{0.25}, {0.5}}, true}};
  CHECK(text(fit).find("mu     1.000  0.5000  0.2000  1.000  1.800\n"
                       "s[1]  0.2500   param\n"
                       "s[2]  0.5000   param\n") != std::string::npos);
}
