// Values as text, format strings, and signatures.
#include <catch2/catch.hpp>
#include <limits>

#include "runtime/format.hpp"
#include "runtime/library.hpp"
#include "runtime/missing.hpp"
#include "tests/runtime/scripts.hpp"

using namespace elbo::runtime;
using elbo::tests::Session;

TEST_CASE("numbers are shown with six digits", "[format]") {
  CHECK(show_real(1) == "1");
  CHECK(show_real(0.8902134) == "0.890213");
  CHECK(show_real(1e-9) == "1e-09");
  CHECK(show_real(-0.0) == "0");
  CHECK(show_real(123456789) == "1.23457e+08");
  CHECK(show_real(std::numeric_limits<double>::quiet_NaN()) == "nan");
  CHECK(show_real(-std::numeric_limits<double>::quiet_NaN()) == "nan");
  CHECK(show_real(-std::numeric_limits<double>::infinity()) == "-inf");
  CHECK(show_real(missing_real()) == "missing");
}

TEST_CASE("values are shown as they are written", "[format]") {
  Session session;
  CHECK(session.shown("{mean: 1, sd: 2.5, name: \"a\", list: [\"b\", 1]}") ==
        "{mean: 1, sd: 2.5, name: \"a\", list: [\"b\", 1]}");
  CHECK(session.shown("[i for i in 1:20]") ==
        "[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20]");
  CHECK(session.shown("[i for i in 1:21]") == "[1, 2, 3, 4, 5, …, 20, 21] (int[21])");
  CHECK(session.shown("[[true, false]]") == "[[true, false]]");
  CHECK(session.shown("[1, missing]") == "[1, missing]");
  CHECK(session.shown("fn f(a, b = 1 + 1) = a\nf") == "fn f(a, b = 1 + 1)");
  CHECK(session.shown("fn(x) = x") == "fn(x)");
  CHECK(session.shown("exp") == "fn exp(x)");
  CHECK(session.shown("Normal(0, precision = [1, 2])") == "Normal(mean = 0, precision = [1, 2])");
  CHECK(session.shown("model m(x) { x ~ Normal(0, 1) }\nm") == "model m(x)");
  CHECK(session.shown("m([1.0])") == "model m");
}

TEST_CASE("format strings follow fmt", "[format]") {
  const auto f = [](const std::string& pattern, const std::vector<Value>& arguments) {
    try {
      return format_string(pattern, arguments);
    } catch (const elbo::lang::Failure& failure) {
      return failure.diagnostic().code;
    }
  };
  CHECK(f("{:.4f}", {Value(0.89021)}) == "0.8902");
  CHECK(f("{:.2f}", {Value(3)}) == "3.00");
  CHECK(f("{:3}|{:<4}|{:>4}", {Value(7), Value(7), Value(7)}) == "  7|7   |   7");
  CHECK(f("{:8}", {Value(1.0 / 3)}) == "0.333333");
  CHECK(f("{:10.3e}", {Value(12345.678)}) == " 1.235e+04");
  CHECK(f("{:+.1f}", {Value(2.0)}) == "+2.0");
  CHECK(f("{:05d}", {Value(42)}) == "00042");
  CHECK(f("{:>5}", {Value("ab")}) == "   ab");
  CHECK(f("{:.1f}", {Value(Tensor({2}, std::vector<double>{1, 2.25}))}) == "[1.0, 2.2]");
  CHECK(f("{:.1f}", {Value(Tensor({2, 1}, std::vector<std::int64_t>{1, 2}))}) == "[[1.0], [2.0]]");
  CHECK(f("{} {}", {Value(true), Value()}) == "true none");
  CHECK(f("{:6}", {Value(true)}) == "true  ");
  CHECK(f("{{}} {}", {Value(1)}) == "{} 1");
  CHECK(f("{1} {0}", {Value(1), Value(2)}) == "2 1");
  CHECK(f("{:8.2f}|", {Value(std::numeric_limits<double>::quiet_NaN())}) == "     nan|");
  CHECK(f("{:<6.1f}|", {Value(-std::numeric_limits<double>::infinity())}) == "-inf  |");
  CHECK(f("{:08.2f}", {Value(missing_real())}) == " missing");
  CHECK(f("plain", {}) == "plain");
  CHECK(f("{} {}", {Value(1)}) == "format-argument");
  CHECK(f("{}", {Value(1), Value(2)}) == "format-argument");
  CHECK(f("{5}", {Value(1)}) == "format-argument");
  CHECK(f("{:q}", {Value(1)}) == "format-spec");
  CHECK(f("{:d}", {Value(1.5)}) == "format-spec");
  CHECK(f("{:.2f}", {Value("a")}) == "format-spec");
  CHECK(f("{", {Value(1)}) == "format-spec");
  CHECK(f("}", {}) == "format-spec");
  CHECK(f("{:{}}", {Value(1), Value(2)}) == "format-spec");
  CHECK(f("{name}", {Value(1)}) == "format-spec");
}

TEST_CASE("signatures are read from their text", "[library]") {
  const auto s = parse_signature("quantile(x, p = [0.1, 0.9], ..., *, axis = none, by = \"a, b\", **)");
  CHECK(s.name == "quantile");
  REQUIRE(s.parameters.size() == 4);
  CHECK(s.parameters[0].required);
  CHECK(s.parameters[1].default_text == "[0.1, 0.9]");
  CHECK_FALSE(s.parameters[1].required);
  CHECK_FALSE(s.parameters[1].keyword_only);
  CHECK(s.parameters[2].keyword_only);
  CHECK(s.parameters[3].default_text == "\"a, b\"");
  CHECK(s.variadic);
  CHECK(s.open_keywords);
  CHECK(parse_signature("now()").parameters.empty());
  CHECK_THROWS_AS(parse_signature("bad"), elbo::lang::InternalError);
  CHECK_THROWS_AS(parse_signature("f(a b)"), elbo::lang::InternalError);

  const auto normal = signature(*elbo::tests::small_library().distribution("Normal"));
  CHECK(elbo::lang::show(normal) == "Normal(mean, sd | precision = 1, size = none)");
}

TEST_CASE("the table of names holds everything a script may use", "[library]") {
  const auto table = name_table(elbo::tests::small_library());
  using elbo::lang::NameKind;
  CHECK(table.names.at("Normal").kind == NameKind::distribution);
  CHECK(table.names.at("print").kind == NameKind::function);
  CHECK(table.names.at("exp").kind == NameKind::function);
  CHECK(table.names.at("pi").kind == NameKind::constant);
  CHECK(table.names.at("positive").kind == NameKind::constraint);
  CHECK(table.names.count("add") == 0);
}
