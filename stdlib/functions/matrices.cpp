// Linear algebra on vectors and matrices. What has a derivative goes through the operations of the runtime.
#include <algorithm>
#include <cmath>

#include "stdlib/functions/common.hpp"
#include "stdlib/functions/families.hpp"

namespace elbo::stdlib {

namespace {

constexpr const char* category = "linear algebra";

Value matrix_argument(const Arguments& a, std::size_t i, const char* name, bool square) {
  const Value x = numeric_argument(a, i, name);
  const Shape shape = shape_of(x);
  if (shape.size() != 2 || (square && shape[0] != shape[1])) {
    wrong_type(name, square ? "a square matrix" : "a matrix", a.values[i], a.spans[i]);
  }
  return x;
}

Value vector_argument(const Arguments& a, std::size_t i, const char* name) {
  const Value x = numeric_argument(a, i, name);
  if (shape_of(x).size() != 1) wrong_type(name, "a vector", a.values[i], a.spans[i]);
  return x;
}

Value reshaped(const Value& x, const Shape& shape) {
  if (const Symbol* s = symbol(x)) return symbolic(*s, runtime::reshape(s->expr, shape));
  return from_tensor(to_tensor(x).reshaped(shape));
}

/// Sum of all elements, eagerly or as a node.
Value total(const Value& x) {
  if (const Symbol* s = symbol(x)) return symbolic(*s, runtime::sum_event(s->expr));
  const Tensor tensor = to_tensor(x);
  if (!is_integral(tensor)) return pairwise_sum(tensor.reals());
  std::int64_t sum = 0;
  for (std::int64_t i = 0; i < tensor.size(); ++i) {
    if (__builtin_add_overflow(sum, tensor.integer(i), &sum)) {
      fail("integer-overflow", "the result does not fit into a 64-bit int", {}, "use reals: to_real(x)");
    }
  }
  return sum;
}

/// Whether a result that was computed at once has only numbers; results to be computed later show it then.
bool is_finite(const Value& x) {
  if (symbol(x) != nullptr) return true;
  const Tensor tensor = to_tensor(x);
  for (std::int64_t i = 0; i < tensor.size(); ++i) {
    if (!std::isfinite(tensor.real(i))) return false;
  }
  return true;
}

Value dot(Interpreter&, const Arguments& a) {
  const Value x = vector_argument(a, 0, "x"), y = vector_argument(a, 1, "y");
  if (shape_of(x) != shape_of(y)) {
    fail("shape-mismatch",
         "`dot` takes vectors of one length, but is given " + show(shape_of(x)) + " and " + show(shape_of(y)),
         a.span);
  }
  return total(runtime::apply_operator("*", x, y));
}

Value norm(Interpreter&, const Arguments& a) {
  const Value x = numeric_argument(a, 0, "x");
  if (const Symbol* s = symbol(x)) {
    return symbolic(*s, runtime::sqrt(runtime::sum_event(runtime::square(s->expr))));
  }
  double largest = 0;  // scaling by it keeps the squares from overflowing
  std::vector<double> values = to_tensor(x).reals();
  for (const double v : values) {
    if (!std::isfinite(v)) return std::abs(v);
    largest = std::max(largest, std::abs(v));
  }
  if (largest == 0) return 0.0;
  for (double& v : values) v = (v / largest) * (v / largest);
  return largest * std::sqrt(pairwise_sum(values));
}

Value outer(Interpreter&, const Arguments& a) {
  const Value x = vector_argument(a, 0, "x"), y = vector_argument(a, 1, "y");
  return runtime::apply_operator("*", reshaped(x, {shape_of(x)[0], 1}), reshaped(y, {1, shape_of(y)[0]}));
}

/// Flat positions of the diagonal of an n x n matrix.
Tensor diagonal_positions(std::int64_t n) {
  std::vector<std::int64_t> positions;
  for (std::int64_t i = 0; i < n; ++i) positions.push_back(i * n + i);
  return Tensor({n}, std::move(positions));
}

Value diagonal_of(const Value& x) {
  const std::int64_t n = shape_of(x)[0];
  const Tensor positions = diagonal_positions(n);
  if (const Symbol* s = symbol(x)) {
    const Expr flat = runtime::reshape(s->expr, {n * n});
    return symbolic(*s, runtime::gather(flat, s->graph->constant(positions), 0));
  }
  const Tensor tensor = to_tensor(x);
  if (!is_integral(tensor)) {
    std::vector<double> values;
    for (std::int64_t i = 0; i < n; ++i) values.push_back(tensor.real(positions.integer(i)));
    return Tensor({n}, std::move(values));
  }
  std::vector<std::int64_t> values;
  for (std::int64_t i = 0; i < n; ++i) values.push_back(tensor.integer(positions.integer(i)));
  return Tensor({n}, std::move(values));
}

Tensor identity_matrix(std::int64_t n) {
  std::vector<double> values(static_cast<std::size_t>(n * n), 0.0);
  for (std::int64_t i = 0; i < n; ++i) values[static_cast<std::size_t>(i * n + i)] = 1;
  return Tensor({n, n}, std::move(values));
}

Value diag(Interpreter&, const Arguments& a) {
  const Value x = numeric_argument(a, 0, "x");
  if (shape_of(x).size() == 2) return diagonal_of(matrix_argument(a, 0, "x", true));
  const Value vector = vector_argument(a, 0, "x");
  const Value mask = runtime::apply_operator("==", identity_matrix(shape_of(vector)[0]), Value(1));
  return operate("select", {mask, vector, Value(0)});
}

Value trace(Interpreter&, const Arguments& a) { return total(diagonal_of(matrix_argument(a, 0, "A", true))); }

/// Determinant by elimination with partial pivoting.
double determinant(std::vector<double> m, std::size_t n) {
  double result = 1;
  for (std::size_t k = 0; k < n; ++k) {
    std::size_t pivot = k;
    for (std::size_t i = k + 1; i < n; ++i) {
      if (std::abs(m[i * n + k]) > std::abs(m[pivot * n + k])) pivot = i;
    }
    if (m[pivot * n + k] == 0) return 0;
    if (pivot != k) {
      result = -result;
      for (std::size_t j = 0; j < n; ++j) std::swap(m[k * n + j], m[pivot * n + j]);
    }
    result *= m[k * n + k];
    for (std::size_t i = k + 1; i < n; ++i) {
      const double factor = m[i * n + k] / m[k * n + k];
      for (std::size_t j = k; j < n; ++j) m[i * n + j] -= factor * m[k * n + j];
    }
  }
  return result;
}

Value det(Interpreter&, const Arguments& a) {
  const Value x = matrix_argument(a, 0, "A", true);
  if (symbol(x) != nullptr) {
    fail("not-differentiable", "`det` works on data only: it has no derivative here", a.spans[0],
         "log_det, the log of its absolute value, has one");
  }
  return determinant(to_tensor(x).reals(), static_cast<std::size_t>(shape_of(x)[0]));
}

Value log_det(Interpreter&, const Arguments& a) {
  return operate("log_det", {matrix_argument(a, 0, "A", true)});
}

Value solve_system(const char* operation, const Value& matrix, const Value& right, const Arguments& a,
                   runtime::Attributes attributes = {}) {
  const std::int64_t n = shape_of(matrix)[0];
  const Shape shape = shape_of(right);
  if (shape.empty() || shape.size() > 2 || shape[0] != n) {
    fail("shape-mismatch",
         "`b` must be a vector or matrix with " + std::to_string(n) + " rows, but is " + type_name(right),
         a.spans[1]);
  }
  const Value columns = shape.size() == 2 ? right : reshaped(right, {n, 1});
  const Value result = operate(operation, {matrix, columns}, std::move(attributes));
  if (!is_finite(result) && is_finite(matrix) && is_finite(right)) {
    fail("singular-matrix", "the matrix has no inverse", a.spans[0], "", lang::Tier::numbers);
  }
  return shape.size() == 2 ? result : reshaped(result, shape);
}

Value solve(Interpreter&, const Arguments& a) {
  return solve_system("solve", matrix_argument(a, 0, "A", true), numeric_argument(a, 1, "b"), a);
}

Value solve_triangular(Interpreter&, const Arguments& a) {
  const bool transposed = a.given[2] && boolean_argument(a, 2, "transposed");
  runtime::Attributes attributes;
  attributes.integers = {transposed ? 1 : 0};
  return solve_system("solve_triangular", matrix_argument(a, 0, "L", true), numeric_argument(a, 1, "b"), a,
                      attributes);
}

Value inverse(Interpreter&, const Arguments& a) {
  const Value x = matrix_argument(a, 0, "A", true);
  return solve_system("solve", x, identity_matrix(shape_of(x)[0]), a);
}

void require_symmetric(const Value& x, const lang::Span& span) {
  if (symbol(x) != nullptr) return;
  const Tensor m = to_tensor(x);
  const std::int64_t n = m.shape()[0];
  for (std::int64_t i = 0; i < n; ++i) {
    for (std::int64_t j = 0; j < i; ++j) {
      const double u = m.real(i * n + j), v = m.real(j * n + i);
      // a matrix made by rounding arithmetic may miss symmetry by a few units in the last place
      if (std::abs(u - v) > 1e-8 * (std::abs(u) + std::abs(v))) {
        fail("not-symmetric",
             "`cholesky` takes a symmetric matrix, but entries [" + std::to_string(i + 1) + ", " +
                 std::to_string(j + 1) + "] and [" + std::to_string(j + 1) + ", " + std::to_string(i + 1) +
                 "] differ",
             span);
      }
    }
  }
}

Value cholesky(Interpreter&, const Arguments& a) {
  const Value x = matrix_argument(a, 0, "A", true);
  require_symmetric(x, a.spans[0]);
  const Value factor = operate("cholesky", {x});
  if (!is_finite(factor) && is_finite(x)) {
    fail("not-positive-definite", "the matrix is not positive definite", a.spans[0], "", lang::Tier::numbers);
  }
  return factor;
}

}  // namespace

std::vector<Function> matrix_functions() {
  return {
      {"dot", "dot(x, y)", "Inner product of two vectors — e.g. dot([1, 2], [3, 4]) is 11", category, dot},
      {"norm", "norm(x)", "Square root of the sum of squares — e.g. norm([3, 4]) is 5", category, norm},
      {"outer", "outer(x, y)",
       "Matrix of all products x[i] y[j] — e.g. outer([1, 2], [3, 4]) is [[3, 4], [6, 8]]", category, outer},
      {"diag", "diag(x)",
       "Diagonal of a square matrix, or the matrix with this diagonal — e.g. diag([1, 2]) is [[1, 0], [0, "
       "2]]",
       category, diag},
      {"trace", "trace(A)", "Sum of the diagonal of a square matrix — e.g. trace([[1, 2], [3, 4]]) is 5",
       category, trace},
      {"det", "det(A)", "Determinant of a square matrix — e.g. det([[1, 2], [3, 4]]) is -2", category, det},
      {"log_det", "log_det(A)",
       "Log of the absolute value of the determinant — e.g. log_det(identity(3)) is 0", category, log_det},
      {"inverse", "inverse(A)", "Inverse of a square matrix (prefer solve) — e.g. inverse([[2, 0], [0, 4]])",
       category, inverse},
      {"solve", "solve(A, b)",
       "The x with A @ x = b, for a vector or a matrix b — e.g. solve([[2, 0], [0, 4]], [2, 2])", category,
       solve},
      {"solve_triangular", "solve_triangular(L, b, *, transposed = false)",
       "The x with L @ x = b for a lower triangular L, or with transpose(L) @ x = b — e.g. "
       "solve_triangular(cholesky(S), b)",
       category, solve_triangular},
      {"cholesky", "cholesky(A)",
       "Lower triangular L with L @ transpose(L) = A, for a symmetric positive definite A — e.g. "
       "cholesky([[4, 2], [2, 5]]) is [[2, 0], [1, 2]]",
       category, cholesky},
  };
}

}  // namespace elbo::stdlib
