// Matrix operations, by Eigen. Matrices are the last two event dimensions, exactly two; axes are a batch.
// Gradients: Giles 2008, "Collected matrix derivative results"; Murray 2016 for the Cholesky factor.
#include <Eigen/Cholesky>
#include <Eigen/Core>
#include <Eigen/LU>
#include <Eigen/QR>
#include <cmath>
#include <limits>

#include "runtime/expression.hpp"
#include "runtime/operations/matrix_product.hpp"
#include "runtime/operations/operations.hpp"
#include "runtime/operations/strided.hpp"

namespace elbo::runtime {

namespace {

template <class T>
using Matrix = Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using Strides = Eigen::Stride<Eigen::Dynamic, Eigen::Dynamic>;

template <class T>
Eigen::Map<const Matrix<T>, 0, Strides> input_matrix(const View& view, std::int64_t offset) {
  const std::size_t a = view.axes;
  return {static_cast<const T*>(view.data) + offset, view.dims[a], view.dims[a + 1],
          Strides(view.strides[a], view.strides[a + 1])};
}

// Calls body(T{}, output offset, offsets of the inputs) for every index of the axes.
template <class Body>
void for_each_matrix(const RunContext& context, Body body) {
  const View& out = *context.output;
  StridedTriple loop;
  for (std::size_t i = 0; i < out.axes; ++i) {
    loop.add(out.dims[i], out.strides[i], context.inputs[0].strides[i],
             context.inputs.size() > 1 ? context.inputs[1].strides[i] : 0);
  }
  with_number_type(context.precision, [&](auto zero) {
    loop.run([&](std::int64_t o, std::int64_t a, std::int64_t b) { body(zero, o, a, b); });
  });
}

template <class T>
Eigen::Map<Matrix<T>> output_matrix(const View& view, std::int64_t offset) {
  return {static_cast<T*>(view.data) + offset, view.dims[view.axes], view.dims[view.axes + 1]};
}

TypeResult square_error(const Type& type, const char* what) {
  if (type.event.size() == 2 && type.event[0] == type.event[1]) return {};
  return {{}, std::string(what) + " needs a square matrix, not shape " + show(type.event)};
}

Expr transpose(Expr x) { return permute(x, {1, 0}); }

Expr full(Expr cotangent, Expr out) { return broadcast(cotangent, out.type().axes, out.type().event); }

// A constant matrix with `diagonal` on, 1 below and 0 above the diagonal.
Expr lower_mask(Graph& graph, std::int64_t n, double diagonal) {
  std::vector<double> values(static_cast<std::size_t>(n * n), 0.0);
  for (std::int64_t i = 0; i < n; ++i) {
    for (std::int64_t j = 0; j <= i; ++j)
      values[static_cast<std::size_t>(i * n + j)] = i == j ? diagonal : 1.0;
  }
  return graph.constant(Tensor({n, n}, std::move(values)));
}

Expr identity(Graph& graph, std::int64_t n) {
  std::vector<double> values(static_cast<std::size_t>(n * n), 0.0);
  for (std::int64_t i = 0; i < n; ++i) values[static_cast<std::size_t>(i * n + i)] = 1.0;
  return graph.constant(Tensor({n, n}, std::move(values)));
}

// ---- product
// ---------------------------------------------------------------------------------------------------------

TypeResult matmul_type(const TypeContext& context) {
  const Shape &a = context.inputs[0].event, &b = context.inputs[1].event;
  if (a.size() != 2 || b.size() != 2 || a[1] != b[0]) {
    return {{}, "shapes " + show(a) + " and " + show(b) + " do not fit a matrix product"};
  }
  Type type{
      union_axes(context.inputs), {a[0], b[1]}, std::max(context.inputs[0].domain, context.inputs[1].domain)};
  if (type.domain == Domain::boolean) type.domain = Domain::integer;
  return {std::move(type), {}};
}

std::vector<Expr> matmul_gradient(std::span<const Expr> in, Expr out, Expr cotangent) {
  const Expr ct = full(cotangent, out);
  Graph& graph = out.graph();
  return {graph.add(matmul_operation, {ct, transpose(in[1])}),
          graph.add(matmul_operation, {transpose(in[0]), ct})};
}

// ---- Cholesky factor
// -------------------------------------------------------------------------------------------------

TypeResult cholesky_type(const TypeContext& context) {
  TypeResult result = square_error(context.inputs[0], "cholesky");
  if (!result.error.empty()) return result;
  result.type = context.inputs[0];
  result.type.domain = Domain::real;
  return result;
}

// A = L L'. With P = tril(L' Lbar), halved on the diagonal: Abar = sym(L^-T P L^-1).
std::vector<Expr> cholesky_gradient(std::span<const Expr>, Expr out, Expr cotangent) {
  Graph& graph = out.graph();
  const std::int64_t n = out.type().event[0];
  const Expr p =
      graph.add(matmul_operation, {transpose(out), full(cotangent, out)}) * lower_mask(graph, n, 0.5);
  const Attributes transposed{.integers = {1}, .text = {}, .tensor = nullptr};
  const Expr left = graph.add(solve_triangular_operation, {out, p}, transposed);
  const Expr both = transpose(graph.add(solve_triangular_operation, {out, transpose(left)}, transposed));
  return {0.5 * (both + transpose(both))};
}

void run_cholesky(const RunContext& context) {
  for_each_matrix(context, [&](auto zero, std::int64_t o, std::int64_t a, std::int64_t) {
    using T = decltype(zero);
    const Eigen::LLT<Matrix<T>> factor(input_matrix<T>(context.inputs[0], a));
    auto result = output_matrix<T>(*context.output, o);
    if (factor.info() == Eigen::Success) {
      result = factor.matrixL();
    } else {
      result.setConstant(std::numeric_limits<T>::quiet_NaN());
    }
  });
}

// ---- linear systems
// --------------------------------------------------------------------------------------------------

TypeResult solve_type(const TypeContext& context) {
  TypeResult result = square_error(context.inputs[0], "solve");
  if (!result.error.empty()) return result;
  const Shape& b = context.inputs[1].event;
  if (b.size() != 2 || b[0] != context.inputs[0].event[0]) {
    return {{},
            "shapes " + show(context.inputs[0].event) + " and " + show(b) + " do not fit a linear system"};
  }
  result.type = {union_axes(context.inputs), b, Domain::real};
  return result;
}

std::vector<Expr> solve_gradient(std::span<const Expr> in, Expr out, Expr cotangent) {
  Graph& graph = out.graph();
  const Expr b = graph.add(solve_operation, {transpose(in[0]), full(cotangent, out)});
  return {-graph.add(matmul_operation, {b, transpose(out)}), b};
}

void run_solve(const RunContext& context) {
  for_each_matrix(context, [&](auto zero, std::int64_t o, std::int64_t a, std::int64_t b) {
    using T = decltype(zero);
    const Eigen::PartialPivLU<Matrix<T>> lu(input_matrix<T>(context.inputs[0], a));
    output_matrix<T>(*context.output, o) = lu.solve(input_matrix<T>(context.inputs[1], b));
  });
}

// attributes: {1 to solve L' X = B, 0 to solve L X = B}; only the lower triangle of L is read.
std::vector<Expr> solve_triangular_gradient(std::span<const Expr> in, Expr out, Expr cotangent) {
  Graph& graph = out.graph();
  const bool transposed = out.node().attributes.integers[0] == 1;
  const Attributes other{.integers = {transposed ? 0 : 1}, .text = {}, .tensor = nullptr};
  const Expr b = graph.add(solve_triangular_operation, {in[0], full(cotangent, out)}, other);
  const Expr outer = transposed ? graph.add(matmul_operation, {out, transpose(b)})
                                : graph.add(matmul_operation, {b, transpose(out)});
  return {-(outer * lower_mask(graph, in[0].type().event[0], 1.0)), b};
}

void run_solve_triangular(const RunContext& context) {
  const bool transposed = context.attributes->integers[0] == 1;
  for_each_matrix(context, [&](auto zero, std::int64_t o, std::int64_t a, std::int64_t b) {
    using T = decltype(zero);
    const Matrix<T> factor = input_matrix<T>(context.inputs[0], a);
    auto result = output_matrix<T>(*context.output, o);
    result = input_matrix<T>(context.inputs[1], b);
    if (transposed) {
      factor.transpose().template triangularView<Eigen::Upper>().solveInPlace(result);
    } else {
      factor.template triangularView<Eigen::Lower>().solveInPlace(result);
    }
  });
}

// ---- log determinant
// -------------------------------------------------------------------------------------------------

TypeResult log_det_type(const TypeContext& context) {
  TypeResult result = square_error(context.inputs[0], "log_det");
  if (!result.error.empty()) return result;
  result.type = {context.inputs[0].axes, {}, Domain::real};
  return result;
}

std::vector<Expr> log_det_gradient(std::span<const Expr> in, Expr out, Expr cotangent) {
  Graph& graph = out.graph();
  const Expr inverse = graph.add(solve_operation, {transpose(in[0]), identity(graph, in[0].type().event[0])});
  return {cotangent * inverse};
}

void run_log_det(const RunContext& context) {
  for_each_matrix(context, [&](auto zero, std::int64_t o, std::int64_t a, std::int64_t) {
    using T = decltype(zero);
    const Eigen::PartialPivLU<Matrix<T>> lu(input_matrix<T>(context.inputs[0], a));
    static_cast<T*>(context.output->data)[o] = lu.matrixLU().diagonal().array().abs().log().sum();
  });
}

// ---- least squares
// ---------------------------------------------------------------------------------------------------

TypeResult least_squares_type(const TypeContext& context) {
  const Shape &a = context.inputs[0].event, &b = context.inputs[1].event;
  if (a.size() != 2 || b.size() != 2 || a[0] != b[0])
    return {{}, "shapes " + show(a) + " and " + show(b) + " do not fit a regression"};
  return {{union_axes(context.inputs), {a[1], b[1]}, Domain::real}, {}};
}

// X = (A'A)^-1 A'B for independent columns: with Z = (A'A)^-1 dX, dB = A Z and dA = (B - A X) Z' - A Z X'.
std::vector<Expr> least_squares_gradient(std::span<const Expr> in, Expr out, Expr cotangent) {
  Graph& graph = out.graph();
  const auto product = [&](Expr a, Expr b) { return graph.add(matmul_operation, {a, b}); };
  const Expr gram = product(transpose(in[0]), in[0]);
  const Expr z = graph.add(solve_operation, {gram, full(cotangent, out)});
  const Expr az = product(in[0], z);
  const Expr residual = in[1] - product(in[0], out);
  return {product(residual, transpose(z)) - product(az, transpose(out)), az};
}

void run_least_squares(const RunContext& context) {
  for_each_matrix(context, [&](auto zero, std::int64_t o, std::int64_t a, std::int64_t b) {
    using T = decltype(zero);
    const auto design = input_matrix<T>(context.inputs[0], a);
    const auto target = input_matrix<T>(context.inputs[1], b);
    auto result = output_matrix<T>(*context.output, o);
    if (!design.allFinite() || !target.allFinite()) {
      result.setConstant(std::numeric_limits<T>::quiet_NaN());
      return;
    }
    // Columns of one length, so that the rank does not depend on their units.
    const Eigen::Matrix<T, 1, Eigen::Dynamic> norm = design.colwise().norm();
    const Eigen::Matrix<T, 1, Eigen::Dynamic> scale =
        norm.unaryExpr([](T n) { return n > 0 ? T(1) / n : T(0); });
    const Matrix<T> scaled = design * scale.asDiagonal();
    // Dependent columns (indicators of categories, which sum to one) come out of centring dependent up to
    // rounding only; taken for independent, their slopes would be of size 1 / rounding.
    Eigen::CompleteOrthogonalDecomposition<Matrix<T>> decomposition;
    decomposition.setThreshold(std::sqrt(std::numeric_limits<T>::epsilon()) / 100);
    decomposition.compute(scaled);
    result = scale.asDiagonal() * decomposition.solve(target);
  });
}

}  // namespace

const Operation matmul_operation{.name = "matmul",
                                 .symbol = "@",
                                 .signature = {},
                                 .help = "matrix product",
                                 .arity = 2,
                                 .infer = matmul_type,
                                 .run = run_matrix_product,
                                 .gradient = matmul_gradient,
                                 .in_pieces = true};
const Operation cholesky_operation{.name = "cholesky",
                                   .symbol = {},
                                   .signature = {},
                                   .help = "lower Cholesky factor of a positive definite matrix",
                                   .arity = 1,
                                   .infer = cholesky_type,
                                   .run = run_cholesky,
                                   .gradient = cholesky_gradient};
const Operation solve_operation{.name = "solve",
                                .symbol = {},
                                .signature = {},
                                .help = "solution X of A X = B",
                                .arity = 2,
                                .infer = solve_type,
                                .run = run_solve,
                                .gradient = solve_gradient};
const Operation solve_triangular_operation{
    .name = "solve_triangular",
    .symbol = {},
    .signature = {},
    .help = "solution of a lower triangular system, or of its transpose",
    .arity = 2,
    .infer = solve_type,
    .run = run_solve_triangular,
    .gradient = solve_triangular_gradient};
const Operation log_det_operation{.name = "log_det",
                                  .symbol = {},
                                  .signature = {},
                                  .help = "log of the absolute value of the determinant",
                                  .arity = 1,
                                  .infer = log_det_type,
                                  .run = run_log_det,
                                  .gradient = log_det_gradient};
const Operation least_squares_operation{
    .name = "least_squares",
    .symbol = {},
    .signature = {},
    .help = "X that makes A X nearest to B, the shortest where many do; no gradient flows through it",
    .arity = 2,
    .infer = least_squares_type,
    .run = run_least_squares,
    .gradient = least_squares_gradient};

}  // namespace elbo::runtime
