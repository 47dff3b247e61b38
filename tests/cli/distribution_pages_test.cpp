// The pages of docs/distributions are those that the records write, examples run and print what the pages
// show, and formulas have the values of what they print.
#include <catch2/catch.hpp>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "cli/distribution_facts.hpp"
#include "cli/distribution_page.hpp"
#include "cli/distribution_picture.hpp"
#include "cli/formula.hpp"
#include "cli/library.hpp"
#include "runtime/expression.hpp"

using namespace elbo;
using namespace elbo::cli;

namespace {

namespace fs = std::filesystem;

const char* const how_to_update =
    "to update docs/distributions, run ./bootstrap docs and read the difference";

fs::path folder() { return fs::path(ELBO_SOURCE_DIR) / "docs/distributions"; }

std::string text_of(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

std::set<std::string> names_in(const fs::path& where) {
  std::set<std::string> names;
  for (const auto& entry : fs::directory_iterator(where)) names.insert(entry.path().filename().string());
  return names;
}

}  // namespace

TEST_CASE(
    "every page of docs/distributions says what the record says, and its example prints what it shows") {
  const runtime::Library library = make_library();
  for (const runtime::Distribution* distribution : library.distributions) {
    INFO(distribution->name << ": " << how_to_update);
    CHECK_FALSE(distribution->example.empty());
    CHECK(text_of(folder() / page_name(*distribution)) == distribution_page(*distribution, library));
  }
  INFO(how_to_update);
  CHECK(text_of(folder() / "README.md") == distribution_index(library));
}

TEST_CASE("docs/distributions has a picture for each distribution on numbers, no other file, and is small") {
  const runtime::Library library = make_library();
  std::set<std::string> pages{"README.md", "images"}, pictures;
  for (const runtime::Distribution* distribution : library.distributions) {
    pages.insert(page_name(*distribution));
    if (has_picture(*distribution))
      pictures.insert(fs::path(picture_name(*distribution)).filename().string());
  }
  INFO(how_to_update << "; of what is no distribution any more, remove page and picture");
  CHECK(names_in(folder()) == pages);
  CHECK(names_in(folder() / "images") == pictures);
  std::uintmax_t bytes = 0;
  for (const auto& entry : fs::directory_iterator(folder() / "images")) bytes += entry.file_size();
  CHECK(bytes < 30'000 * (pictures.size() + 1));
}

TEST_CASE("formulas of moments have the values of the moments, where they are formulas of the language") {
  const runtime::Library library = make_library();
  int compared = 0;
  for (const runtime::Distribution* distribution : library.distributions) {
    for (const TestPoint& point : test_points(*distribution)) {
      std::string names;
      for (std::size_t i = 0; i < point.values.size(); ++i) {
        std::ostringstream numbers;
        numbers.precision(17);
        const runtime::Tensor& value = point.values[i];
        for (std::int64_t k = 0; k < value.size(); ++k) numbers << (k > 0 ? ", " : "") << value.real(k);
        const bool is_vector = value.rank() > 0;
        names += "let " + distribution->parameters[i].name + "_ = " + (is_vector ? "[" : "") + numbers.str() +
                 (is_vector ? "]" : "") + "\n";
      }
      const Moments expected = moments(*distribution, point);
      for (const Fact& fact : moment_formulas(*distribution)) {
        auto value = fact.name == "mean"       ? expected.mean
                     : fact.name == "variance" ? expected.sd
                                               : expected.entropy;
        // branches are prose; a vector's moments are not one number
        if (!value || !std::isfinite(*value) || fact.text.find(" where ") != std::string::npos) continue;
        if (fact.name == "variance") *value *= *value;
        // the names of parameters may be those of functions (`mean`): as arguments of a function they hide
        // those
        std::string parameters, arguments;
        for (const auto& p : distribution->parameters) {
          parameters += (parameters.empty() ? "" : ", ") + p.name;
          arguments += (arguments.empty() ? "" : ", ") + p.name + "_";
        }
        INFO(distribution->name << "(" << point.arguments << "): " << fact.name << " = " << fact.text);
        const std::string text = output_of(names + "fn f(" + parameters + ") = " + fact.text +
                                               "\nprint(\"{:.12e}\", f(" + arguments + "))\n",
                                           "formula", library);
        CHECK(std::stod(text) == Approx(*value).epsilon(2e-5).margin(2e-5));
        ++compared;
      }
    }
  }
  CHECK(compared > 150);
}

TEST_CASE("a formula keeps the order of operations, turns comparisons and names what does not exist") {
  runtime::Graph graph;
  const runtime::Expr a = graph.input("a", {}), b = graph.input("b", {}), c = graph.input("c", {});
  CHECK(formula(a - (b - c)) == "a - (b - c)");
  CHECK(formula(a / (b * c)) == "a / (b * c)");
  CHECK(formula(a / (b / c)) == "a / (b / c)");
  CHECK(formula((a + b) * c) == "(a + b) * c");  // the order is that of their texts
  CHECK(formula(a + (-b)) == "a - b");
  CHECK(formula(-(a + b)) == "-(a + b)");
  CHECK(formula(square(-a)) == "(-a)^2");
  CHECK(formula(-square(a)) == "-a^2");
  CHECK(formula(power(power(a, b), c)) == "(a^b)^c");
  CHECK(formula(lgamma(a) - log1p(b)) == "lgamma(a) - log1p(b)");
  CHECK(formula(minimum(a, b) * -2.0) == "-2 * minimum(a, b)");
  const runtime::Expr nothing = graph.constant(std::nan(""));
  CHECK(formula(select(less(graph.constant(2), a), b, nothing)) == "b where a > 2, otherwise undefined");
  CHECK(formula(select(less(graph.constant(1), a), select(less(graph.constant(2), a), b, c), nothing)) ==
        "b where a > 2, c where a > 1, otherwise undefined");
  CHECK(formula(select(less(a, b), select(less(b, c), a, c), nothing)) ==
        "a where a < b and b < c, c where a < b, otherwise undefined");
  CHECK_FALSE(formula(runtime::random_uniform(graph, {}, {})));
}

TEST_CASE("an example that fails, or prints nothing, is no page") {
  const runtime::Library library = make_library();
  runtime::Distribution distribution = *library.distribution("Normal");
  distribution.example = "print(1 / )\n";
  CHECK_THROWS_AS(distribution_page(distribution, library), lang::Failure);
  distribution.example = "let x = 1\n";
  CHECK_THROWS_AS(distribution_page(distribution, library), lang::Failure);
}
