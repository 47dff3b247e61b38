// Products of large matrices: right for every layout, and the same bits in pieces of eight rows as in one.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <cstring>
#include <random>
#include <string>
#include <vector>

#include "runtime/kernels/variants.hpp"

using namespace elbo::runtime;

namespace {

template <class T>
struct Matrix {
  std::int64_t rows, columns;
  bool by_columns;
  std::vector<T> numbers;

  Matrix(std::int64_t m, std::int64_t n, bool columns_first, std::mt19937& random)
      : rows(m), columns(n), by_columns(columns_first), numbers(static_cast<std::size_t>(m * n)) {
    std::normal_distribution<double> normal;
    for (T& x : numbers) x = static_cast<T>(normal(random));
  }
  double at(std::int64_t i, std::int64_t j) const {
    return static_cast<double>(
        numbers[static_cast<std::size_t>(by_columns ? j * rows + i : i * columns + j)]);
  }
  MatrixOperand operand(std::int64_t first_row = 0) const {
    const std::int64_t stride = by_columns ? rows : columns;
    return {numbers.data() + first_row * (by_columns ? 1 : stride), stride, by_columns};
  }
};

struct Sides {
  std::int64_t rows, columns, inner;
};

// A VAE's forward and backward products, and sides that nothing divides.
const Sides shapes[] = {{128, 200, 784}, {200, 784, 128}, {128, 20, 200}, {96, 784, 200}, {61, 37, 53},
                        {8, 1000, 70},   {150, 9, 301},   {17, 200, 20},  {40, 48, 49},   {33, 130, 1}};

const KernelTable& table_of(const KernelVariant& variant, bool is_double) {
  static KernelTable real64, real32;
  fill_kernel_tables(variant, real64, real32);
  return is_double ? real64 : real32;
}

}  // namespace

TEMPLATE_TEST_CASE("products of large matrices are right, and the same in pieces", "[kernels]", double,
                   float) {
  using T = TestType;
  std::mt19937 random(3);
  for (const KernelVariant& variant : kernel_variants()) {
    if (!variant.supported()) continue;
    const KernelTable& table = table_of(variant, sizeof(T) == 8);
    for (const Sides& s : shapes) {
      for (const int layout : {0, 1, 2, 3}) {
        const Matrix<T> a(s.rows, s.inner, layout % 2 != 0, random),
            b(s.inner, s.columns, layout > 1, random);
        std::vector<T> whole(static_cast<std::size_t>(s.rows * s.columns)), pieces(whole.size());
        table.product(whole.data(), s.columns, a.operand(), b.operand(), {s.rows, s.columns, s.inner});
        double worst = 0;
        for (std::int64_t i = 0; i < s.rows; i += 7) {
          for (std::int64_t j = 0; j < s.columns; ++j) {
            double expected = 0, size = 0;
            for (std::int64_t k = 0; k < s.inner; ++k) {
              expected += a.at(i, k) * b.at(k, j);
              size += std::fabs(a.at(i, k) * b.at(k, j));
            }
            const double found = static_cast<double>(whole[static_cast<std::size_t>(i * s.columns + j)]);
            worst = std::max(worst, std::fabs(found - expected) / size);
          }
        }
        INFO(variant.name << " " << s.rows << "x" << s.inner << "x" << s.columns << " layout " << layout);
        // the error of a sum of n products is at most n roundings of its size, and mostly much less
        CHECK(worst < 8 * std::sqrt(static_cast<double>(s.inner)) * (sizeof(T) == 8 ? 1.2e-16 : 6e-8));
        for (const std::int64_t cut : {8, 16, 64, 104}) {
          if (cut + 8 > s.rows) continue;
          table.product(pieces.data(), s.columns, a.operand(), b.operand(), {cut, s.columns, s.inner});
          table.product(pieces.data() + cut * s.columns, s.columns, a.operand(cut), b.operand(),
                        {s.rows - cut, s.columns, s.inner});
          INFO("cut at " << cut);
          CHECK(std::memcmp(whole.data(), pieces.data(), whole.size() * sizeof(T)) == 0);
        }
      }
    }
  }
}
