// Operators and literals against values worked out by hand.
#include <catch2/catch.hpp>
#include <chrono>
#include <limits>

#include "runtime/format.hpp"
#include "tests/runtime/scripts.hpp"

using elbo::tests::Session;

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

TEST_CASE("arithmetic of scalars", "[evaluate]") {
  const Row rows[] = {
      {"1 + 2", "3"},
      {"7 / 2", "3.5"},
      {"6 / 2", "3"},
      {"7 // 2", "3"},
      {"-7 // 2", "-4"},
      {"7 // -2", "-4"},
      {"-6 // 2", "-3"},
      {"7 % 3", "1"},
      {"-7 % 3", "2"},
      {"7 % -3", "-2"},
      {"-6 % 3", "0"},
      {"2 ^ 10", "1024"},
      {"2 ^ -1", "0.5"},
      {"(-2) ^ 3", "-8"},
      {"0 ^ 0", "1"},
      {"9 ^ 0.5", "3"},
      {"2 * 3.5", "7"},
      {"1 - 2.5", "-1.5"},
      {"-(3)", "-3"},
      {"true + true", "2"},
      {"3 < 4", "true"},
      {"3 >= 4", "false"},
      {"3 > 2.5", "true"},
      {"1 == 1.0", "true"},
      {"1 != 2", "true"},
      {"0.1 + 0.2 == 0.3", "false"},
      {"true and false", "false"},
      {"true or false", "true"},
      {"not true", "false"},
      {"\"a\" + \"b\"", "ab"},
      {"\"a\" == \"a\"", "true"},
      {"\"a\" != \"b\"", "true"},
      {"\"1\" == 1", "false"},
      {"missing == missing", "true"},
      {"missing + 1", "missing"},
      {"1 == missing", "false"},
      {"9007199254740993 + 0", "9007199254740993"},  // 2^53 + 1, which no double holds
      {"9007199254740993 == 9007199254740992", "false"},
      {"pi > 3.14159 and pi < 3.1416", "true"},
  };
  for (const Row& row : rows) check(row);
}

TEST_CASE("arithmetic that fails says where", "[evaluate]") {
  const Row rows[] = {
      {"1 + (9223372036854775807 + 1)", "integer-overflow: (9223372036854775807 + 1)"},
      {"9223372036854775807 * 2", "integer-overflow: 9223372036854775807 * 2"},
      {"-9223372036854775807 - 2", "integer-overflow: -9223372036854775807 - 2"},
      {"10 ^ 19", "integer-overflow: 10 ^ 19"},
      {"1 // 0", "division-by-zero: 1 // 0"},
      {"1 % 0", "division-by-zero: 1 % 0"},
      {"1.5 // 2", "wrong-type: 1.5 // 2"},
      {"[1.5] % 2", "wrong-type: [1.5] % 2"},
      {"\"a\" + 1", "wrong-type: \"a\" + 1"},
      {"{a: 1} * 2", "wrong-type: {a: 1} * 2"},
      {"1 and true", "wrong-type: 1 and true"},
      {"true and 1", "wrong-type: true and 1"},
      {"not 1", "wrong-type: not 1"},
      {"-\"a\"", "wrong-type: -\"a\""},
      {"[1, 2] + [1, 2, 3]", "shape-mismatch: [1, 2] + [1, 2, 3]"},
      {"[[1, 2]] @ [[1, 2]]", "shape-mismatch: [[1, 2]] @ [[1, 2]]"},
      {"2 * exp([1, 2] + [1, 2, 3])", "shape-mismatch: [1, 2] + [1, 2, 3]"},
      {"if 1 { 2 } else { 3 }", "condition-type: 1"},
      {"1(2)", "not-callable: 1(2)"},
      {"exp(\"a\")", "wrong-type: exp(\"a\")"},
  };
  for (const Row& row : rows) check(row);
  Session session;
  CHECK(session.value("10 ^ 18").as<std::int64_t>() != nullptr);
  CHECK(session.value("-9223372036854775807 - 1").as<std::int64_t>() != nullptr);
}

TEST_CASE("arithmetic of tensors broadcasts and keeps its storage", "[evaluate]") {
  const Row rows[] = {
      {"[1, 2] + [10, 20]", "[11, 22]"},
      {"[1, 2] + 1", "[2, 3]"},
      {"10 - [1, 2]", "[9, 8]"},
      {"[[1, 2], [3, 4]] + [10, 20]", "[[11, 22], [13, 24]]"},
      {"[[1], [2]] * [10, 20, 30]", "[[10, 20, 30], [20, 40, 60]]"},
      {"[1, 2] / 4", "[0.25, 0.5]"},
      {"[7, -7] // 2", "[3, -4]"},
      {"[7, -7] % 3", "[1, 2]"},
      {"[1, 2, 3] ^ 2", "[1, 4, 9]"},
      {"2 ^ [0.5, -1]", "[1.41421, 0.5]"},
      {"-[1, -2]", "[-1, 2]"},
      {"[1, 2, 3] > 1.5", "[false, true, true]"},
      {"[1, 2, 3] >= 2", "[false, true, true]"},
      {"[1, 2] == [1, 3]", "[true, false]"},
      {"not [true, false]", "[false, true]"},
      {"[true, false] and [true, true]", "[true, false]"},
      {"[true, false] or [false, false]", "[true, false]"},
      {"true and [true, false]", "[true, false]"},
      {"[[1, 2], [3, 4]] @ [1, 1]", "[3, 7]"},
      {"[[1, 2], [3, 4]] @ [[0, 1], [1, 0]]", "[[2, 1], [4, 3]]"},
      {"(1:3) * 2", "[2, 4, 6]"},
      {"[9007199254740993] + [0]", "[9007199254740993]"},
      {"exp([0.0])", "[1]"},
      {"sqrt(16)", "4"},
      {"[0.5, 1] ^ 2", "[0.25, 1]"},
      {"[] + 1", "[]"},
  };
  for (const Row& row : rows) check(row);
  Session session;
  using elbo::runtime::type_name;
  CHECK(type_name(session.value("[1, 2] + [3, 4]")) == "int[2]");
  CHECK(type_name(session.value("[1, 2] / [3, 4]")) == "real[2]");
  CHECK(type_name(session.value("[1, 2] < 3")) == "bool[2]");
  CHECK(type_name(session.value("[true] + 1")) == "int[1]");
  CHECK(type_name(session.value("6 / 2")) == "real");
}

TEST_CASE("literals in brackets are tensors where they can be", "[evaluate]") {
  const Row rows[] = {
      {"[1, 2]", "int[2]"},
      {"[1, 2.5]", "real[2]"},
      {"[true, false]", "bool[2]"},
      {"[true, 2]", "int[2]"},
      {"[[1, 2], [3, 4]]", "int[2, 2]"},
      {"[[1, 2], [3.5, 4]]", "real[2, 2]"},
      {"[[1], [2, 3]]", "list"},
      {"[\"a\", 1]", "list"},
      {"[]", "real[0]"},
      {"[1, missing]", "real[2]"},
      {"[missing, missing]", "list"},
      {"[1:3, 4:6]", "list"},
      {"[i * 2 for i in 1:3]", "int[3]"},
      {"[[i, j] for i in 1:2]", "int[2, 2]"},
  };
  for (const Row& row : rows) {
    Session session;
    INFO(row.expression);
    CHECK(elbo::runtime::type_name(session.value("let j = 7\n" + std::string(row.expression))) ==
          row.expected);
  }
}

TEST_CASE("values of lists and records compare entry by entry", "[evaluate]") {
  const Row rows[] = {
      {"{a: 1, b: \"x\"} == {b: \"x\", a: 1.0}", "true"},
      {"{a: 1} == {a: 2}", "false"},
      {"{a: 1} == {a: 1, b: 2}", "false"},
      {"[\"a\", [1, 2]] == [\"a\", [1, 2]]", "true"},
      {"[\"a\"] != [\"b\"]", "true"},
      {"{a: [1, 2]} == {a: [1, 3]}", "false"},
  };
  for (const Row& row : rows) check(row);
}

TEST_CASE("a million scalar additions take less than a second", "[evaluate]") {
  Session session;
  const auto start = std::chrono::steady_clock::now();
  CHECK(session.shown("let acc = 0\nfor i in 1:1000000 { acc = acc + i }\nacc") == "500000500000");
  const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start;
#if defined(__OPTIMIZE__) && !defined(__SANITIZE_ADDRESS__)
  CHECK(elapsed.count() < 1.0);
#else
  CHECK(elapsed.count() < 30.0);
#endif
}
