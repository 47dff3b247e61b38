// Comparisons from given numbers: who arrived when, what the table and the curves show.
#include "inference/comparison.hpp"

#include <catch2/catch.hpp>
#include <cmath>

#include "inference/summary.hpp"

namespace elbo::inference {
namespace {

ComparisonRow row(std::string label, double elbo, std::vector<double> curve) {
  ComparisonRow result;
  result.label = std::move(label);
  result.elbo = elbo;
  result.elbo_error = 0.0123;
  for (std::size_t t = 1; t <= curve.size(); ++t) result.curve_seconds.push_back(static_cast<double>(t));
  result.curve = std::move(curve);
  return result;
}

Comparison comparison(std::vector<ComparisonRow> rows) {
  Comparison::Facts facts;
  facts.model = "m";
  facts.objective = "ELBO";
  facts.budget = "4 steps";
  facts.draws = 100;
  return {std::move(facts), std::move(rows)};
}

double to_best(const Comparison& c, std::size_t i) {
  const runtime::Value table = *c.field("table");
  const auto& list = **table.as<std::shared_ptr<const runtime::List>>();
  const auto& record = **list[i].as<std::shared_ptr<const runtime::Record>>();
  const runtime::Value* value = runtime::find_field(record, "to_best");
  return value->is<runtime::None>() ? -1 : *value->as<double>();
}

TEST_CASE("curves are smoothed over the last fifth of the steps so far") {
  CHECK(smoothed({}).empty());
  CHECK(smoothed({3}) == std::vector<double>{3});
  // a window of one up to step 5, then of two, of three from step 11 on
  std::vector<double> values;
  for (int t = 1; t <= 11; ++t) values.push_back(t);
  CHECK(smoothed(values) == std::vector<double>{1, 2, 3, 4, 5, 5.5, 6.5, 7.5, 8.5, 9.5, 10});
}

TEST_CASE("a row has arrived where its curve is near the best final value, if it ends there") {
  const Comparison c = comparison({row("best", -1, {-9, -2, -1.05, -1}), row("lucky", -2, {-9, -1, -3, -2}),
                                   row("late", -1.05, {-9, -8, -7, -6}), row("far", -5, {-9, -8, -7, -5})});
  CHECK(to_best(c, 0) == 3);
  CHECK(to_best(c, 1) == -1);
  CHECK(to_best(c, 2) == 4);
  CHECK(to_best(c, 3) == -1);
  CHECK(*c.field("best")->as<std::string>() == "best");
}

TEST_CASE("rows that are not finite, or could not run, are nobody's best") {
  ComparisonRow failed;
  failed.label = "failed";
  failed.why_not = "no guide";
  const Comparison c = comparison({row("bad", std::nan(""), {-1}), failed, row("good", -3, {-3})});
  CHECK(*c.field("best")->as<std::string>() == "good");
  CHECK(to_best(c, 0) == -1);
  CHECK(to_best(c, 2) == 1);
  const Comparison none = comparison({failed});
  CHECK(none.field("best")->is<runtime::None>());
  CHECK(none.curves()->curves.empty());
}

TEST_CASE(
    "the table gives a final value with two digits of its error, and says a note of several rows once") {
  ComparisonRow noted = row("noted", -1.23456, {-1});
  noted.notes = {"a note", "another"};
  ComparisonRow too = row("too", -10.5, {-1});
  too.elbo_error = 2.4;
  too.notes = {"another"};
  CHECK(comparison({noted, too}).show() ==
        "m: 4 steps per run, seed 0; final ELBO by 100 draws\n\n"
        "method             final ELBO  gradient variance  per step  to best - 0.1\n"
        "noted [1] [2]  -1.235 ± 0.012                  -         -         1.00 s\n"
        "too [2]           -10.5 ± 2.4                  -         -              -\n\n"
        "[1] a note\n[2] another");
}

TEST_CASE("a picture shows the ends of the curves") {
  const Comparison c = comparison({row("a", -1, {-1000, -2, -1}), row("b", -3, {-900, -4, -3})});
  const runtime::Curves shown = *c.curves();
  REQUIRE(shown.curves.size() == 2);
  CHECK(shown.log_x);
  CHECK(std::isnan(shown.curves[0].y[0]));
  CHECK(shown.curves[0].y[1] == -2);
  CHECK(shown.curves[1].y[1] == -4);
  CHECK(shown.curves[1].x == std::vector<double>{1, 2, 3});
}

TEST_CASE("durations have three digits and a unit") {
  CHECK(time_text(1.234e-6) == "1.23 µs");
  CHECK(time_text(0.99949e-3) == "999 µs");
  CHECK(time_text(0.9996e-3) == "1.00 ms");
  CHECK(time_text(0.25) == "250 ms");
  CHECK(time_text(0.9996) == "1.00 s");
  CHECK(time_text(61.5) == "61.5 s");
}

}  // namespace
}  // namespace elbo::inference
