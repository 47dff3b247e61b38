// Tensor functions against values worked out by hand, or by R 4 and NumPy 1.24 (marked).
#include <catch2/catch.hpp>
#include <cmath>

#include "functions_script.hpp"

using elbo::test::error_of;
using elbo::test::require_numbers;
using elbo::test::run_script;
using elbo::test::shown;
using elbo::test::type_of;

namespace {
const double not_a_number = std::nan("");
}

TEST_CASE("sums, over everything and along axes") {
  require_numbers("sum([[1, 2, 3], [4, 5, 6]])", {21});
  require_numbers("sum([[1, 2, 3], [4, 5, 6]], axis = 1)", {5, 7, 9});
  require_numbers("sum([[1, 2, 3], [4, 5, 6]], axis = 2)", {6, 15});
  require_numbers("sum(reshape(1:24, [2, 3, 4]), axis = 2)", {15, 18, 21, 24, 51, 54, 57, 60});
  CHECK(type_of("sum([1, 2])") == "int");
  CHECK(type_of("sum([1.5, 2])") == "real");
  CHECK(type_of("sum([true, true])") == "int");
  CHECK(type_of("sum(reshape(1:24, [2, 3, 4]), axis = 3)") == "int[2, 3]");
  require_numbers("sum(zeros(0))", {0});
  require_numbers("prod(zeros(0))", {1});
  require_numbers("prod([[1, 2, 3], [4, 5, 6]], axis = 1)", {4, 10, 18});
  require_numbers("cumsum([[1, 2], [3, 4]], axis = 1)", {1, 2, 4, 6});
  require_numbers("cumsum([[1, 2], [3, 4]], axis = 2)", {1, 3, 3, 7});
  require_numbers("cumsum([0.5, 0.25])", {0.5, 0.75});
  require_numbers("cumprod([2, 3, 4])", {2, 6, 24});
  // a plain loop over 10 million elements of 0.1 is off by 1.6e-4
  require_numbers("sum(fill(10_000_000, 0.1))", {1e6}, 1e-14);
  // exact where doubles would round: 2^53 + 1
  CHECK(shown("sum([9007199254740992, 1])") == "9007199254740993");
  CHECK(error_of("sum([9223372036854775807, 1])") == "integer-overflow");
  CHECK(error_of("prod([4611686018427387904, 2])") == "integer-overflow");
  CHECK(shown("prod([4611686018427387904, 2, 0])") == "0");
}

TEST_CASE("means and variances divide by N and N - 1") {
  require_numbers("mean([[1, 2], [3, 6]])", {3});
  require_numbers("mean([[1, 2], [3, 6]], axis = 2)", {1.5, 4.5});
  require_numbers("variance([2, 4, 4, 4, 5, 5, 7, 9])", {32.0 / 7});
  require_numbers("sd([2, 4, 4, 4, 5, 5, 7, 9])", {std::sqrt(32.0 / 7)});
  require_numbers("variance([[1, 2], [3, 6]], axis = 1)", {2, 8});
  // catastrophic cancellation in the one-pass formula
  require_numbers("variance([1e9 + 4, 1e9 + 7, 1e9 + 13, 1e9 + 16])", {30});
  CHECK(error_of("mean(zeros(0))") == "empty-tensor");
  CHECK(error_of("variance([1])") == "too-few-values");
  CHECK(error_of("sd(3)") == "too-few-values");
}

TEST_CASE("mean, variance and sd of distributions are theirs") {
  require_numbers("mean(Gamma(3, 2))", {1.5});
  require_numbers("variance(Gamma(3, 2))", {0.75});
  require_numbers("sd(Normal(1, [2, 3]))", {2, 3});
  require_numbers("mean(Normal(1, 2, size = 3))", {1, 1, 1});
  CHECK(error_of("mean(Normal(0, 1), axis = 1)") == "bad-argument");
}

TEST_CASE("extremes and where they are") {
  require_numbers("max([[1, 9], [4, 2]])", {9});
  require_numbers("min([[1, 9], [4, 2]], axis = 1)", {1, 2});
  require_numbers("argmax([3, 7, 7])", {2});
  require_numbers("argmin([[3, 1], [0, 5]], axis = 2)", {2, 1});
  require_numbers("argmin([[3, 1], [0, 5]], axis = 1)", {2, 1});
  require_numbers("max([1, nan, 3])", {not_a_number});
  require_numbers("argmax([1, nan, 3])", {2});
  require_numbers("max([1, 5], 3)", {3, 5});
  require_numbers("min(4, 2, 3)", {2});
  CHECK(type_of("max([1, 2])") == "int");
  CHECK(error_of("max(zeros(0))") == "empty-tensor");
  CHECK(error_of("argmax([[1, 2], [3, 4]])") == "bad-argument");
  CHECK(error_of("max(1, 2, axis = 1)") == "bad-argument");
}

TEST_CASE("true and false are counted") {
  CHECK(shown("any([1, 2] > 1)") == "true");
  CHECK(shown("all([1, 2] > 1)") == "false");
  CHECK(shown("all(zeros(0) > 1)") == "true");
  CHECK(shown("any([[true, false], [false, false]], axis = 2)") == shown("[true, false]"));
  require_numbers("count([[true, false], [true, true]], axis = 1)", {2, 1});
  CHECK(error_of("any([1, 0])") == "wrong-type");
}

TEST_CASE("the axis of a function is checked") {
  CHECK(error_of("sum([1, 2], axis = 2)") == "axis-range");
  CHECK(error_of("sum([1, 2], axis = 0)") == "axis-range");
  CHECK(error_of("mean(1, axis = 1)") == "axis-range");
  CHECK(run_script("sum([1, 2], axis = 2)").spot == "2");
  CHECK(error_of("sum(\"a\")") == "wrong-type");
}

TEST_CASE("order: sorting, quantiles of type 7, distinct values") {
  require_numbers("sort([3, 1, nan, 2])", {1, 2, 3, not_a_number});
  require_numbers("sort([3, 1, nan, 2], decreasing = true)", {3, 2, 1, not_a_number});
  require_numbers("sort([[3, 1], [2, 5]], axis = 1)", {2, 1, 3, 5});
  CHECK(type_of("sort([2, 1])") == "int[2]");
  require_numbers("order([30, 10, 20, 10])", {2, 4, 3, 1});
  require_numbers("order([30, 10, 20, 10], decreasing = true)", {1, 3, 2, 4});
  // R: quantile(c(1, 3, 4, 10, 12), c(0, .1, .25, .6, 1))
  require_numbers("quantile([10, 1, 4, 3, 12], [0, 0.1, 0.25, 0.6, 1])", {1, 1.8, 3, 6.4, 12});
  CHECK(type_of("quantile([1, 2], 0.5)") == "real");
  CHECK(type_of("quantile(zeros([5, 3]), [0.1, 0.9], axis = 1)") == "real[2, 3]");
  require_numbers("quantile([[1, 10], [2, 20], [3, 30]], [0, 0.75], axis = 1)", {1, 10, 2.5, 25});
  require_numbers("quantile([-inf, 0, inf], 0.5)", {0});
  require_numbers("median([4, 1, 2, 3])", {2.5});
  require_numbers("median([[1, 5, 2], [9, 7, 8]], axis = 2)", {2, 8});
  require_numbers("median([1, nan])", {not_a_number});
  require_numbers("unique([2, 1, 2, 5])", {1, 2, 5});
  CHECK(shown("unique([\"b\", \"a\", \"b\"])") == shown("[\"b\", \"a\"]"));
  CHECK(error_of("quantile([1, 2], 1.5)") == "bad-argument");
  CHECK(error_of("median(zeros(0))") == "empty-tensor");
  CHECK(error_of("sort([[1, 2]])") == "bad-argument");
}

TEST_CASE("shapes") {
  CHECK(shown("length([[1, 2], [3, 4], [5, 6]])") == "3");
  CHECK(shown("length(\"μτ\")") == "2");
  CHECK(shown("length({a: 1, b: 2})") == "2");
  CHECK(shown("length(3:7)") == "5");
  CHECK(shown("length([\"a\", 1])") == "2");
  CHECK(error_of("length(3)") == "wrong-type");
  CHECK(shown("rows(zeros([3, 4]))") == "3");
  CHECK(shown("columns(zeros([3, 4]))") == "4");
  CHECK(error_of("columns([1, 2])") == "wrong-type");
  require_numbers("shape(zeros([3, 4]))", {3, 4});
  CHECK(type_of("shape(3)") == "int[0]");
  CHECK(shown("rank(zeros([3, 4, 5]))") == "3");
  CHECK(type_of("reshape(1:6, [3, 2])") == "int[3, 2]");
  CHECK(error_of("reshape(1:6, [4, 2])") == "shape-mismatch");
  require_numbers("transpose(reshape(1:6, [2, 3]))", {1, 4, 2, 5, 3, 6});
  // NumPy: arange(24).reshape(2, 3, 4).transpose(2, 0, 1).ravel()[:8]
  require_numbers("reshape(transpose(reshape(0:23, [2, 3, 4]), [3, 1, 2]), 24)[1:8]",
                  {0, 4, 8, 12, 16, 20, 1, 5});
  CHECK(type_of("transpose(zeros([2, 3, 4]))") == "real[4, 3, 2]");
  CHECK(type_of("transpose([true, false])") == "bool[2]");
  CHECK(error_of("transpose(zeros([2, 3]), [1, 1])") == "axis-range");
  require_numbers("first([[1, 2], [3, 4]])", {1, 2});
  require_numbers("last([[1, 2], [3, 4]])", {3, 4});
  CHECK(shown("last([\"a\", \"b\"])") == shown("\"b\""));
  CHECK(error_of("last(zeros(0))") == "empty-tensor");
  require_numbers("reverse([[1, 2], [3, 4]])", {3, 4, 1, 2});
}

TEST_CASE("making tensors") {
  CHECK(type_of("zeros(3)") == "real[3]");
  CHECK(type_of("ones([2, 0])") == "real[2, 0]");
  CHECK(error_of("zeros([2, -1])") == "bad-argument");
  CHECK(error_of("zeros(2.5)") == "wrong-type");
  CHECK(error_of("zeros([1000000, 1000000])") == "bad-argument");
  CHECK(type_of("fill(2, true)") == "bool[2]");
  CHECK(type_of("fill([2, 2], 7)") == "int[2, 2]");
  require_numbers("linspace(0, 1, 5)", {0, 0.25, 0.5, 0.75, 1}, 0);
  CHECK(shown("linspace(0.1, 0.7, 4)[4] == 0.7") == "true");
  CHECK(error_of("linspace(0, 1, 1)") == "bad-argument");
  require_numbers("identity(2)", {1, 0, 0, 1});
  require_numbers("stack([1, 2], [3, 4])", {1, 2, 3, 4});
  CHECK(type_of("stack([1, 2], [3, 4])") == "int[2, 2]");
  CHECK(type_of("stack([[1, 2], [3, 4.5]])") == "real[2, 2]");
  CHECK(error_of("stack([1, 2], [3])") == "shape-mismatch");
  require_numbers("concat([1, 2], 3, [4])", {1, 2, 3, 4});
  require_numbers("concat([[1, 2], [3, 4]], [[5], [6]], axis = 2)", {1, 2, 5, 3, 4, 6});
  require_numbers("concat([[1, 2]], [[3, 4]])", {1, 2, 3, 4});
  CHECK(type_of("concat([1], [2.5])") == "real[2]");
  CHECK(type_of("concat([true], [false])") == "bool[2]");
  CHECK(error_of("concat([[1, 2]], [[3]])") == "shape-mismatch");
  CHECK(shown("concat([\"a\"], [\"b\"])") == shown("[\"a\", \"b\"]"));
  require_numbers("one_hot([3, 1], 3)", {0, 0, 1, 1, 0, 0});
  CHECK(error_of("one_hot([0], 3)") == "category-range");
}

TEST_CASE("elementwise functions and conversions") {
  require_numbers("where([1, -2, 3] > 0, 10, [1, 2, 3])", {10, 2, 10});
  CHECK(error_of("where([1, 0], 1, 2)") == "wrong-type");
  require_numbers("relu([-1.5, 2])", {0, 2});
  require_numbers("leaky_relu([-1.5, 2])", {-0.015, 2});
  require_numbers("logsumexp([-inf, -inf])", {-HUGE_VAL});
  require_numbers("logsumexp([-1000, -1000.0])", {-1000 + std::log(2)});
  require_numbers("logsumexp([[0, 0], [1, 1]], axis = 2)", {std::log(2), 1 + std::log(2)});
  require_numbers("softmax([1000, 1001])", {1 / (1 + std::exp(1)), 1 / (1 + std::exp(-1))});
  require_numbers("softmax([[0, 0], [3, 3]], axis = 1)", {1 / (1 + std::exp(3)), 1 / (1 + std::exp(3)),
                                                          1 / (1 + std::exp(-3)), 1 / (1 + std::exp(-3))});
  CHECK(type_of("to_int([2.0, 3.0])") == "int[2]");
  CHECK(error_of("to_int(2.5)") == "bad-argument");
  CHECK(error_of("to_int(1e300)") == "bad-argument");
  CHECK(error_of("to_int(nan)") == "bad-argument");
  CHECK(type_of("to_real(2)") == "real");
  CHECK(shown("is_missing([1, missing, nan])") == shown("[false, true, false]"));
}

TEST_CASE("statistics of several variables and of categories") {
  // NumPy: cov([[1, 2, 4], [3, 1, 8]]), corrcoef
  require_numbers("covariance([1, 2, 4], [3, 1, 8])", {4.5});
  require_numbers("covariance([[1, 3], [2, 1], [4, 8]])", {7.0 / 3, 4.5, 4.5, 13});
  require_numbers("correlation([1, 2, 4], [3, 1, 8])", {4.5 / std::sqrt(7.0 / 3 * 13)});
  require_numbers("counts([3, 1, 3], 4)", {1, 0, 2, 0});
  require_numbers("counts([3, 1, 3])", {1, 0, 2});
  require_numbers("frequencies([3, 1, 3, 3], 4)", {0.25, 0, 0.75, 0});
  CHECK(error_of("counts([0, 1])") == "category-range");
  CHECK(error_of("counts([5], 4)") == "category-range");
  CHECK(error_of("counts([1.5])") == "wrong-type");
  CHECK(error_of("covariance([1, 2])") == "wrong-type");
  CHECK(error_of("covariance([1, 2], [1, 2, 3])") == "shape-mismatch");
}

TEST_CASE("linear algebra") {
  require_numbers("dot([1, 2, 3], [4, 5, 6])", {32});
  CHECK(error_of("dot([1, 2], [1, 2, 3])") == "shape-mismatch");
  require_numbers("norm([3e200, 4e200])", {5e200}, 1e-14);
  require_numbers("norm([0, 0])", {0});
  require_numbers("outer([1, 2], [3, 4, 5])", {3, 4, 5, 6, 8, 10});
  require_numbers("diag([[1, 2], [3, 4]])", {1, 4});
  require_numbers("diag([5, 6])", {5, 0, 0, 6});
  require_numbers("trace([[1, 2], [3, 4]])", {5});
  // Hilbert matrix of order 3: det = 1/2160
  require_numbers("det([[1, 1/2, 1/3], [1/2, 1/3, 1/4], [1/3, 1/4, 1/5]])", {1.0 / 2160}, 1e-15);
  require_numbers("det([[0, 1], [1, 0]])", {-1});
  require_numbers("log_det([[0, 2], [3, 0]])", {std::log(6)});
  require_numbers("inverse([[1, 2], [3, 4]])", {-2, 1, 1.5, -0.5});
  require_numbers("solve([[1, 2], [3, 4]], [5, 6])", {-4, 4.5});
  require_numbers("solve([[1, 2], [3, 4]], [[5, 1], [6, 0]])", {-4, -2, 4.5, 1.5});
  require_numbers("cholesky([[4, 2], [2, 5]])", {2, 0, 1, 2});
  require_numbers("solve_triangular([[2, 0], [1, 4]], [2, 9])", {1, 2});
  require_numbers("solve_triangular([[2, 0], [1, 4]], [4, 8], transposed = true)", {1, 2});
  CHECK(error_of("solve([[1, 2], [2, 4]], [1, 0])") == "singular-matrix");
  CHECK(error_of("inverse([[0, 0], [0, 0]])") == "singular-matrix");
  CHECK(error_of("cholesky([[1, 2], [2, 1]])") == "not-positive-definite");
  CHECK(error_of("cholesky([[1, 2], [0, 1]])") == "not-symmetric");
  CHECK(error_of("solve([[1, 2], [3, 4]], [1, 2, 3])") == "shape-mismatch");
  CHECK(error_of("det([1, 2])") == "wrong-type");
}

TEST_CASE("records, tables, text") {
  CHECK(shown("keys({b: 1, a: 2})") == shown("[\"b\", \"a\"]"));
  CHECK(shown("has({a: 1}, \"a\")") == "true");
  CHECK(shown("merge({a: 1, b: 2}, {b: 3})") == shown("{a: 1, b: 3}"));
  CHECK(run_script("print(table({name: [\"x\", \"long\"], n: [1, 100]}))").out ==
        "name    n\nx       1\nlong  100\n");
  CHECK(run_script("print(\"{:.2f} and {}\", 1.5, [1, 2])").out == "1.50 and [1, 2]\n");
  CHECK(run_script("print(1, \"a\", [1, 2])").out == "1 a [1, 2]\n");
  CHECK(run_script("print()").out == "\n");
  CHECK(run_script("print(format(\"{}-{}\", 1, 2))").out == "1-2\n");
  CHECK(run_script("assert(1 < 2)").code.empty());
  const auto failed = run_script("assert([1, 3] < 2)");
  CHECK(failed.code == "assertion-failed");
  CHECK(failed.message == "`[1, 3] < 2` is false for 1 of 2 elements");
  CHECK(run_script("error(\"no {}\", 5)").message == "no 5");
  CHECK(error_of("error(\"stop\")") == "script-error");
}
