// Convolutions and pools of scripts. The expected numbers come from a calculation that shares nothing with
// the program: convolutions by their definition; transposes as PyTorch defines them, as convolutions of the
// grid with zeros between its entries by flipped weights.
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "functions_script.hpp"

using elbo::test::error_of;
using elbo::test::require_numbers;

namespace {

// Small whole numbers, in an order that repeats late.
const std::string images =
    "let x = reshape([(i * 7 + 3) % 11 - 5 for i in 0:59], [2, 5, 6])\n"
    "let y = reshape([(i * 7 + 3) % 11 - 5 for i in 0:11], [2, 3, 2])\n"
    "let w = reshape([(i * 5 + 3) % 7 - 3 for i in 0:35], [3, 2, 3, 2])\n"
    "let v = reshape([(i * 5 + 3) % 7 - 3 for i in 0:35], [2, 3, 3, 2])\n";

}  // namespace

TEST_CASE("convolutions and pools of one image") {
  struct Row {
    std::string call, shape;
    std::vector<double> numbers;
  };
  const std::vector<Row> rows = {
      {"convolve(x, w)", "[3, 3, 5]", {-18, 0,   -26, -8, 21,  24, 20,  16,  1,  -14, 0,  -26,
                                       -8,  21,  -16, 52, -14, 19, -3,  -25, -3, -25, -3, 19,
                                       -14, -14, 19,  -3, -25, -3, -18, -14, 1,  16,  20, -16,
                                       21,  -8,  -26, 0,  -14, 1,  16,  20,  24}},
      {"convolve(x, w, [1, 2, 3])", "[3, 3, 5]", {-17, 1,   -25, -7, 22,  25, 21,  17,  2,  -13, 1,  -25,
                                                  -7,  22,  -15, 54, -12, 21, -1,  -23, -1, -23, -1, 21,
                                                  -12, -12, 21,  -1, -23, -1, -15, -11, 4,  19,  23, -13,
                                                  24,  -5,  -23, 3,  -11, 4,  19,  23,  27}},
      {"convolve(x, w, stride = 2, padding = 1)",
       "[3, 3, 4]",
       {10, 36, 6,  -1, -15, 20, 1, -18, 1,  24, -5, -9, -9,  -12, -8, -2, 6,  -25,
        19, 26, -8, -7, 0,   -2, 7, -4,  -8, -3, 20, 21, -26, 0,   -3, 4,  12, -23}},
      {"convolve(x, w, padding = \"same\")",
       "[3, 5, 6]",
       {-26, 36,  10, 6,   13,  -1, -18, 0,   -26, -8, 21,  -1,  24,  20,  16,  1,   -14, -18,
        0,   -26, -8, 21,  -16, 20, 0,   24,  -7,  -5, -3,  -9,  -3,  -12, -10, -8,  5,   -2,
        52,  -14, 19, -3,  -25, -9, -3,  -25, -3,  19, -14, 26,  -14, 19,  -3,  -25, -3,  6,
        -5,  -7,  24, 0,   20,  -2, 20,  -4,  5,   -8, -10, -3,  -18, -14, 1,   16,  20,  4,
        -16, 21,  -8, -26, 0,   0,  -14, 1,   16,  20, 24,  -15, 11,  4,   -36, 12,  -6,  -23}},
      {"convolve(x, w, padding = \"valid\", stride = [2, 1])",
       "[3, 2, 5]",
       {-18, 0,  -26, -8,  21, 0,   -26, -8, 21, -16, 52,  -14, 19, -3, -25,
        -14, 19, -3,  -25, -3, -18, -14, 1,  16, 20,  -14, 1,   16, 20, 24}},
      {"convolve(x, w, stride = [1, 2], padding = [2, 0], dilation = [2, 3])",
       "[3, 5, 2]",
       {-40, 18, -31, -17, 48, -26, 16, -13, -16, 21,  48, -14, 16, -13, -9,
        13,  21, -16, -13, 16, -11, -4, 21,  -16, -17, 24, -30, 44, -17, -31}},
      {"convolve(x, reshape(w, [6, 1, 3, 2]), stride = 2, groups = 2)",
       "[6, 2, 3]",
       {-27, -11, 16,  14, -25, 2,  17, -18, 2,  5,   14, 12,  26,  -4, -12, -11, 25, -27,
        26,  23,  -13, -3, -28, 24, 17, -14, -1, -15, 9,  -11, -27, 12, 18,  -13, 4,  10}},
      {"convolve_transpose(y, v)",
       "[3, 5, 3]",
       {4,   13,  -19, -13, 25, 26, 9, -47, -3,  17, 7,  -6, -8,  -2,  -6, -8, 17, -3,  17, -43, 26, 9, 33,
        -28, -13, 20,  9,   4,  -8, 4, -6,  -14, 13, -2, 8,  -30, -19, 29, 24, -1, -30, 3,  16,  0,  0}},
      {"convolve_transpose(y, v, stride = 2, padding = 1, output_padding = 1)",
       "[3, 6, 3]",
       {-2,  21,  5,   -5, -6, 15, 1, -19, -3,  -20, 15,  0,  4,   -4, 0,  -6, 4,  -6,
        -14, -19, 21,  11, -6, -6, 1, 21,  -19, -1,  -5,  15, 16,  6,  -4, -8, 0,  4,
        16,  -3,  -19, -1, 15, -6, 1, 5,   21,  11,  -25, -5, -14, 2,  6,  4,  -4, 0}},
      {"convolve_transpose(y, v, padding = [0, 1], dilation = 2, output_padding = [1, 0])",
       "[3, 8, 2]",
       {-3, 16, 5,  1, 23, -16, -19, 1, -15, -2, 13, -6, 4,  -6, 0, 0, 13, 4,   -11, 1, -21, -16, 21, 1,
        11, 26, -3, 1, 0,  -8,  0,   0, -6,  -8, -6, 1,  -9, 26, 5, 1, 23, -16, -19, 1, -4,  4,   0,  0}},
      {"convolve_transpose(y, v, [1, 2, 3, 4, 5, 6], stride = [2, 1], groups = 2)",
       "[6, 7, 3]",
       {1,  5,   -9, -5, 14,  6,  3,  0,  -8, 4, -7, -2, 0,  -7, 10, 13, 5,  1,  -3, -11, 1,
        -2, 12,  2,  6,  -14, 17, 2,  3,  -3, 0, 11, -7, 11, -2, 5,  -6, 14, 2,  6,  -2,  2,
        9,  -16, 13, 3,  7,   -7, -6, 27, 2,  3, 1,  9,  -6, 3,  0,  3,  -5, 3,  15, 7,   3,
        8,  13,  -5, -4, 10,  4,  13, -6, 28, 2, -6, 4,  4,  7,  -5, 8,  0,  4,  0,  14,  -2,
        1,  12,  2,  17, -12, 11, 4,  9,  4,  8, 18, -5, 7,  3,  17, -1, 15, 1,  5,  1,   9,
        -6, 11,  9,  10, 15,  -3, -5, -4, 1,  7, 14, 21, 10, -8, 4,  4,  2,  12, 10, 2,   6}},
      {"max_pool(x, 2)", "[2, 2, 3]", {5, 1, 4, 5, 4, 5, 4, 2, 5, 4, 5, 1}},
      {"max_pool(x, 3, 2, 1)", "[2, 3, 3]", {5, 5, 4, 5, 4, 5, 3, 4, 5, 4, 4, 5, 4, 5, 5, 4, 5, 4}},
      {"max_pool(x, [1, 2], stride = [2, 3])", "[2, 3, 2]", {5, 4, 5, 4, 1, 0, -1, 5, 2, 5, 2, 1}},
      {"avg_pool(x, 2)", "[2, 2, 3]", {0.5, -2.0, 1.0, 2.0, -0.5, -0.25, -1.25, -1.0, 2.0, 0.25, 0.5, -2.0}},
      {"avg_pool(x, 3, 2, 1)",
       "[2, 3, 3]",
       {0.222222222222, 0.0, -0.444444444444, 0.777777777778, -0.555555555556, 0.0, 0.0, -0.333333333333,
        0.444444444444, -0.555555555556, -0.555555555556, 0.222222222222, 0.222222222222, 0.444444444444,
        -0.222222222222, 0.444444444444, 0.333333333333, -0.111111111111}},
      {"avg_pool(x, 3, 2, 1, count_padding = false)",
       "[2, 3, 3]",
       {0.5, 0.0, -0.666666666667, 1.166666666667, -0.555555555556, 0.0, 0.0, -0.5, 0.666666666667, -1.25,
        -0.833333333333, 0.333333333333, 0.333333333333, 0.444444444444, -0.222222222222, 1.0, 0.5,
        -0.166666666667}},
  };
  for (const Row& row : rows) {
    INFO(row.call);
    require_numbers(images + "flatten(" + row.call + ")", row.numbers);
    require_numbers(images + "to_real(all(shape(" + row.call + ") == " + row.shape + "))", {1});
  }
}

TEST_CASE("images without channels, and stacks of images") {
  require_numbers("flatten(convolve([[1, 2], [3, 4]], [[[[1, 0], [0, 1]]]]))", {5});
  require_numbers("flatten(max_pool([[1, 2], [3, 4]], 2))", {4});
  require_numbers("shape(max_pool([[1, 2], [3, 4]], 2))", {1, 1});
  // every image of a stack for itself
  require_numbers(images +
                      "let s = stack(x, 2 * x, -x)\nlet c = convolve(s, w, padding = 1)\n"
                      "let t = convolve_transpose(stack(y, 3 * y), v)\nlet m = max_pool(s, 2)\n"
                      "[max(abs(c[2] - 2 * convolve(x, w, padding = 1))), "
                      "max(abs(c[3] + convolve(x, w, padding = 1))), "
                      "max(abs(t[2] - 3 * convolve_transpose(y, v))), max(abs(m[2] - 2 * max_pool(x, 2)))]",
                  {0, 0, 0, 0});
}

TEST_CASE("convolutions refuse what does not fit") {
  const auto refused = [](const std::string& call) { return error_of(images + call); };
  CHECK(refused("convolve(1, w)") == "wrong-type");
  CHECK(refused("convolve(x, y)") == "wrong-type");
  CHECK(refused("convolve(y[1], w)") == "shape-mismatch");
  CHECK(refused("convolve(x, w, groups = 2)") == "bad-argument");
  CHECK(refused("convolve(x, w, [1, 2])") == "shape-mismatch");
  CHECK(refused("convolve(y, w, dilation = 2)") == "shape-mismatch");
  CHECK(refused("convolve(x, w, stride = 0)") == "bad-argument");
  CHECK(refused("convolve(x, w, stride = 1.5)") == "wrong-type");
  CHECK(refused("convolve(x, w, padding = [1, 2, 3])") == "wrong-type");
  CHECK(refused("convolve(x, w, padding = \"full\")") == "bad-argument");
  CHECK(refused("convolve(x, w, stride = 2, padding = \"same\")") == "bad-argument");
  CHECK(refused("convolve_transpose(y, v, padding = \"same\")") == "wrong-type");
  CHECK(refused("convolve_transpose(y, v, padding = 4)") == "shape-mismatch");
  CHECK(refused("convolve_transpose(y, v, output_padding = 1)") == "bad-argument");
  CHECK(refused("max_pool(x, 7)") == "shape-mismatch");
  CHECK(refused("max_pool(x, 2, padding = 2)") == "bad-argument");
  CHECK(refused("avg_pool([1, 2], 1)") == "wrong-type");
}
