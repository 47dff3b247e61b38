// Indexing against a table written by hand from language.md.
#include <catch2/catch.hpp>

#include "tests/runtime/scripts.hpp"

using elbo::tests::Session;

namespace {

struct Row {
  const char* expression;
  const char* expected;
};

const char* setup =
    "let x = [10, 20, 30, 40, 50]\n"
    "let m = [[1, 2, 3], [4, 5, 6]]\n"
    "let t = [[[1, 2], [3, 4]], [[5, 6], [7, 8]]]\n"
    "let l = [\"a\", \"b\", [1, 2]]\n"
    "let s = \"αβγ\"\n"
    "let r = {mean: 1, sd: [2, 3]}\n"
    "let i = 2\n";

}  // namespace

TEST_CASE("entries that an index selects", "[indexing]") {
  const Row rows[] = {
      {"x[1]", "10"},
      {"x[5]", "50"},
      {"x[i]", "20"},
      {"x[2:4]", "[20, 30, 40]"},
      {"x[3:]", "[30, 40, 50]"},
      {"x[:2]", "[10, 20]"},
      {"x[:]", "[10, 20, 30, 40, 50]"},
      {"x[4:3]", "[]"},
      {"x[[5, 1, 1]]", "[50, 10, 10]"},
      {"x[[[1, 2], [3, 4]]]", "[[10, 20], [30, 40]]"},
      {"x[x > 25]", "[30, 40, 50]"},
      {"x[x > 99]", "[]"},
      {"m[2]", "[4, 5, 6]"},
      {"m[2, 3]", "6"},
      {"m[:, 2]", "[2, 5]"},
      {"m[1:1, :]", "[[1, 2, 3]]"},
      {"m[[1, 2], [1, 3]]", "[[1, 3], [4, 6]]"},
      {"m[2, 2:3]", "[5, 6]"},
      {"m[[2, 1]]", "[[4, 5, 6], [1, 2, 3]]"},
      {"m[[false, true]]", "[[4, 5, 6]]"},
      {"m[m > 2]", "[3, 4, 5, 6]"},
      {"t[2, 1]", "[5, 6]"},
      {"t[2, 1, 2]", "6"},
      {"t[:, 2, 1]", "[3, 7]"},
      {"t[1, [2, 1], :]", "[[3, 4], [1, 2]]"},
      {"l[2]", "b"},
      {"l[3][2]", "2"},
      {"l[1:2]", "[\"a\", \"b\"]"},
      {"s[2]", "β"},
      {"s[2:3]", "βγ"},
      {"r.sd[1]", "2"},
      {"r[\"mean\"]", "1"},
      {"(1:9)[3]", "3"},
      {"[1.5, 2][1]", "1.5"},
      {"[true, false][1]", "true"},
      {"[1, missing][2]", "missing"},
  };
  for (const Row& row : rows) {
    Session session;
    INFO(row.expression);
    CHECK(session.shown(setup + std::string(row.expression)) == row.expected);
  }
}

TEST_CASE("an index that is wrong is named", "[indexing]") {
  const Row rows[] = {
      {"x[0]", "index-zero: 0"},
      {"x[6]", "index-out-of-range: 6"},
      {"x[-1]", "index-out-of-range: -1"},
      {"x[2:6]", "index-out-of-range: 2:6"},
      {"x[[1, 7]]", "index-out-of-range: [1, 7]"},
      {"x[true]", "bool-index: true"},
      {"x[[true, false]]", "mask-length: [true, false]"},
      {"x[1.5]", "index-type: 1.5"},
      {"x[\"a\"]", "index-type: \"a\""},
      {"x[1, 2]", "too-many-indices: 2"},
      {"m[1, 4]", "index-out-of-range: 4"},
      {"m[3]", "index-out-of-range: 3"},
      {"l[4]", "index-out-of-range: 4"},
      {"s[4]", "index-out-of-range: 4"},
      {"i[1]", "not-indexable: 1"},
      {"r[\"var\"]", "unknown-field: \"var\""},
  };
  for (const Row& row : rows) {
    Session session;
    INFO(row.expression);
    CHECK(session.shown(setup + std::string(row.expression)) == row.expected);
  }
}

TEST_CASE("messages of indices give the variable, the index and the range", "[indexing]") {
  Session session;
  CHECK(session.failure("let y = [1, 2, 3]\ny[4]").message ==
        "index 4 is out of range: `y` has entries 1 to 3");
  CHECK(session.failure("let m = [[1, 2], [3, 4]]\nm[1, 3]").message ==
        "index 3 is out of range: axis 2 of `m` has entries 1 to 2");
  CHECK(session.failure("let a = []\na[1]").message == "index 1 is out of range: `a` is empty");
  CHECK(session.failure("let c = [1, 2]\nlet z = true\nc[z]").hint.find("+ 1") != std::string::npos);
}

TEST_CASE("assigned entries replace a copy", "[indexing]") {
  const Row rows[] = {
      {"let a = [1, 2, 3]\nlet b = a\na[2] = 9\n[a[2], b[2]]", "[9, 2]"},
      {"let a = [1, 2, 3]\na[1] = 0.5\na", "[0.5, 2, 3]"},
      {"let a = [[1, 2], [3, 4]]\na[:, 1] = [7, 8]\na", "[[7, 2], [8, 4]]"},
      {"let a = [[1, 2], [3, 4]]\na[2] = 0\na", "[[1, 2], [0, 0]]"},
      {"let a = [true, false]\na[2] = true\na", "[true, true]"},
      {"let a = [\"x\", [1, 2]]\na[2][1]", "1"},
      {"let a = [\"x\", [1, 2]]\na[2, 1] = 5\na", "[\"x\", [5, 2]]"},
      {"let a = [1, 2]\na[3] = 1", "index-out-of-range: 3"},
      {"let a = [1, 2]\na[1:2] = [1, 2, 3]", "shape-mismatch: a[1:2] = [1, 2, 3]"},
  };
  for (const Row& row : rows) {
    Session session;
    INFO(row.expression);
    CHECK(session.shown(row.expression) == row.expected);
  }
}
