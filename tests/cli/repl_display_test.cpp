// Values as the prompt shows them.
#include <catch2/catch.hpp>

#include "cli/repl/display.hpp"
#include "runtime/tensor.hpp"

using namespace elbo;
using namespace elbo::runtime;
using cli::display;

namespace {

Tensor counting(Shape shape) {
  std::vector<std::int64_t> values(static_cast<std::size_t>(element_count(shape)));
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<std::int64_t>(i + 1);
  return Tensor(std::move(shape), std::move(values));
}

/// The widest line of a text.
std::size_t widest(const std::string& text) {
  std::size_t width = 0;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = text.find('\n', at);
    width = std::max(width, cli::columns(text.substr(at, end - at)));
    at = end + 1;
  }
  return width;
}

}  // namespace

TEST_CASE("scalars, texts and nothing") {
  CHECK(display(Value(3), 80) == "3\n");
  CHECK(display(Value(2.50), 80) == "2.5\n");
  CHECK(display(Value("two \"words\"\n"), 80) == "\"two \\\"words\\\"\\n\"\n");
  CHECK(display(Value(), 80) == "");
}

TEST_CASE("matrices stand in columns") {
  CHECK(display(Value(counting({2, 3})), 80) == "int[2, 3]\n  1  2  3\n  4  5  6\n");
  CHECK(display(Value(Tensor({2, 2}, std::vector<double>{1, -2.5, 10, 0})), 80) ==
        "real[2, 2]\n   1  -2.5\n  10     0\n");
  CHECK(display(Value(Tensor({0, 2}, std::vector<double>{})), 80) == "real[0, 2]\n");
}

TEST_CASE("long and wide matrices are cut in the middle") {
  const std::string tall = display(Value(counting({100, 2})), 80);
  CHECK_THAT(tall, Catch::Contains("    9   10\n") && Catch::Contains("…") && Catch::Contains("199  200\n") &&
                       !Catch::Contains("11"));
  const std::string wide = display(Value(counting({2, 18})), 30);
  CHECK(widest(wide) <= 30);
  CHECK_THAT(wide, Catch::Contains("…") && Catch::Contains("18\n") && Catch::Contains("36\n"));
}

TEST_CASE("tensors of more axes are a row of matrices") {
  CHECK(display(Value(counting({2, 1, 2})), 80) == "int[2, 1, 2]\n[1, :, :]\n  1  2\n[2, :, :]\n  3  4\n");
}

TEST_CASE("vectors are broken after commas") {
  const std::string text = display(Value(counting({20})), 30);
  CHECK(widest(text) <= 30);
  CHECK_THAT(text, Catch::StartsWith("[1, 2, 3") && Catch::EndsWith("20]\n") && Catch::Contains(",\n "));
}

TEST_CASE("a record that is too long has a field on each line") {
  Record record{{"mean", Value(1.5)}, {"words", Value("some text")}, {"v", Value(counting({20}))}};
  CHECK(display(make_record({{"a", Value(1)}, {"b", Value("x")}}), 80) == "{a: 1, b: \"x\"}\n");
  const std::string text = display(make_record(record), 40);
  CHECK(widest(text) <= 40);
  CHECK_THAT(text, Catch::StartsWith("{\n  mean:  1.5\n  words: \"some text\"\n  v:     [1, 2") &&
                       Catch::EndsWith("]\n}\n"));
}

TEST_CASE("a brief text is one line that keeps characters whole") {
  CHECK(cli::brief(Value("a\nb"), 20) == "\"a\\nb\"");
  CHECK(cli::brief(Value(counting({20})), 12) == "[1, 2, 3, 4…");
  CHECK(cli::brief(Value("ααααααα"), 5) == "\"ααα…");
  CHECK(cli::columns(cli::brief(Value("ααααααα"), 5)) <= 5);
}
