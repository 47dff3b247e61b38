// The innermost loops: a table of plain function pointers per precision, chosen once for the machine. Nothing
// here knows of graphs, axes or tensors; callers pass addresses and lengths.
//
// Every kernel is lane-independent and compiled without contraction, and reductions use one fixed arrangement
// of partial sums, so that all tables (base, v3, v4: levels of the x86-64 instruction set) give the same
// bits; products of large matrices alone do not.
#pragma once

#include <cstdint>

namespace elbo::runtime {

/// Number type of a program.
enum class Precision : std::uint8_t { real64, real32 };

/// One operand of an elementwise kernel: `stride` is 1 (a row of values) or 0 (one value for all).
struct Lanes {
  const void* data;
  std::int64_t stride;
};

/// out[i] = f(in[0][i], in[1][i], …) for i in 0..n-1. `out` may be the same address as an input with
/// stride 1.
using ElementwiseKernel = void (*)(void* out, const Lanes* in, std::int64_t n);

/// Place of a run of random numbers in the counter space of Philox4x32-10 (Salmon et al. 2011): element i of
/// the run depends on (seed, stream, step, first + i) and nothing else.
struct RandomPosition {
  std::uint64_t seed = 0;    ///< the key
  std::uint32_t stream = 0;  ///< which random quantity
  std::uint32_t step = 0;    ///< which repetition of it (the iteration of an optimiser, the call)
  std::uint64_t first = 0;   ///< index of the first element of this run (below 2^48)
};

/// Like ElementwiseKernel, with random numbers.
using RandomKernel = void (*)(void* out, const Lanes* in, std::int64_t n, const RandomPosition& position);

/// *accumulator (a double for both precisions) += sum of row[0..n-1]; 32 interleaved partial sums, added as a
/// tree.
using SumKernel = void (*)(double* accumulator, const void* row, std::int64_t n);

/// accumulator[i] += row[i].
using AccumulateKernel = void (*)(void* accumulator, const void* row, std::int64_t n);

/// out[i] = in[i * stride], any stride (elements).
using LoadKernel = void (*)(void* out, const void* in, std::int64_t stride, std::int64_t n);

/// One matrix of a product: rows (or, by columns, columns) of numbers side by side, `stride` numbers apart.
struct MatrixOperand {
  const void* data;
  std::int64_t stride;
  bool by_columns;
};
struct ProductSize {
  std::int64_t rows, columns, inner;
};

/// out = a b, by rows `stride` numbers apart; a is [rows, inner], b is [inner, columns].
using ProductKernel = void (*)(void* out, std::int64_t stride, const MatrixOperand& a, const MatrixOperand& b,
                               const ProductSize& size);

/// A step of Adam with everything worked out that is the same for all parameters.
struct AdamNumbers {
  double keep1, add1;  ///< of the mean of the gradients, and of the new one: beta1, 1 - beta1
  double keep2, add2;  ///< the same of their squares
  double correction;   ///< of the mean of the squares, for its start at 0
  double epsilon, rate;
};

/// m = keep1 m + add1 g, v = keep2 v + add2 g^2, x += rate m / (sqrt(correction v) + epsilon), elementwise; m and v
/// are rows[1] and rows[2], x is rows[0].
using AdamKernel = void (*)(void* const rows[3], const void* gradient, std::int64_t n,
                            const AdamNumbers& numbers);

/// A block of rows in row-major order, and how many columns go with it. The columns of its other operand or
/// of its result are `column_step` elements apart.
struct ProductShape {
  std::int64_t rows, width, row_stride;
  std::int64_t columns, column_step;
};

/// out[c * column_step + i] = sum over k of rows[i * row_stride + k] * column c at k. The columns lie packed:
/// as many as fill `product_panel_bytes` form a panel, in which all of them at k precede all at k + 1, and
/// those that fill none follow one after the other. No result depends on the other rows and columns.
using RowProductsKernel = void (*)(void* out, const void* rows, const void* columns,
                                   const ProductShape& shape);
constexpr int product_panel_bytes = 32;

/// accumulators[c * width + k] (doubles for both precisions) += sum over i of rows[i * row_stride + k] *
/// factors[c * column_step + i].
using TransposedProductsKernel = void (*)(double* accumulators, const void* rows, const void* factors,
                                          const ProductShape& shape);

/// What a precision can do. Comparisons and logic give 1 or 0 in the number type; anything but 0 is true.
struct KernelTable {
  // one input
  ElementwiseKernel negate, absolute, sign, square, reciprocal, square_root, exp, expm1, log, log1p, sin, cos,
      tan, asin, acos, atan, sinh, cosh, tanh, sigmoid, softplus, floor, ceil, round, logical_not, is_nan,
      copy;
  // special functions of one input: relative error a few ulp, right at zeros, poles (NaN or ±inf) and
  // infinities
  ElementwiseKernel lgamma, digamma, trigamma, erf, erfc, normal_cdf, normal_log_cdf, normal_quantile;
  // two inputs
  ElementwiseKernel add, subtract, multiply, divide, power, minimum, maximum, atan2, floor_divide, modulo,
      less, less_equal, equal, not_equal, logical_and, logical_or;
  ElementwiseKernel xlogy;         ///< x log y, and 0 when x = 0
  ElementwiseKernel polygamma;     ///< (order n = in[0], x = in[1]); order 0 is digamma
  ElementwiseKernel log_binomial;  ///< log of n choose k (n = in[0], k = in[1])
  // the incomplete gamma and beta functions: of Gamma(shape = in[0], rate 1) at in[1], of Beta(in[0], in[1])
  // at in[2]
  ElementwiseKernel gamma_p, gamma_q, gamma_density, gamma_quantile, gamma_upper_quantile;
  ElementwiseKernel beta_cdf, beta_survival, beta_density, beta_quantile;
  /// Derivatives of the distribution function in the shapes (one letter each), over the density, at which no
  /// tail is too far. That of the gamma is a function of log x = in[1], over the density of log x.
  ElementwiseKernel gamma_shape, gamma_shape_shape;
  ElementwiseKernel beta_a, beta_b, beta_aa, beta_ab, beta_bb;
  // three inputs
  ElementwiseKernel select;  ///< in[0] ? in[1] : in[2]
  ElementwiseKernel fma;     ///< in[0] * in[1] + in[2], rounded twice

  SumKernel sum;
  AccumulateKernel accumulate, accumulate_maximum, accumulate_minimum, accumulate_product;
  LoadKernel load;
  /// Of large matrices: with fused multiply-adds where the processor has them, so its last bits depend on it.
  ProductKernel product;

  AdamKernel adam;  ///< the one optimizer that large nets are fitted by: memory is read and written once
  RowProductsKernel row_products;
  TransposedProductsKernel transposed_products;

  // random numbers
  RandomKernel random_uniform;    ///< open interval (0, 1); no input
  RandomKernel random_normal;     ///< standard normal; no input
  RandomKernel random_gamma;      ///< Gamma(shape = in[0], rate 1); 0 only if the draw underflows
  RandomKernel random_log_gamma;  ///< log of the same draw, accurate where the draw itself would underflow
  RandomKernel random_poisson;    ///< rate = in[0]
  RandomKernel random_binomial;   ///< trials = in[0], probability = in[1]
  /// Steps go through 0, …, in[0] - 1 in a random order, in[1] numbers each, but for those that are left at the
  /// end; then again, in another order. Element i of step t (from 1 on) is number in[2] + i of that step.
  RandomKernel random_row;
};

/// The tables in use (choice.hpp says which).
const KernelTable& kernels(Precision precision);

}  // namespace elbo::runtime
