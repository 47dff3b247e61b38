#include "stdlib/distributions/matrix_building.hpp"

#include <limits>

#include "lang/diagnostic.hpp"
#include "runtime/plates.hpp"

namespace elbo::stdlib {

using runtime::Graph;
using runtime::Shape;
using runtime::Tensor;

std::int64_t size_of(Expr x) { return x.type().event.back(); }
double real_size(Expr x) { return static_cast<double>(size_of(x)); }

Expr over_matrix(Expr x) {
  Shape shape = x.type().event;
  shape.insert(shape.end(), {1, 1});
  return reshape(x, shape);
}

Expr over_columns(Expr x) {
  Shape shape = x.type().event;
  shape.insert(shape.end() - 1, 1);
  return reshape(x, shape);
}

namespace {

template <class F>
Expr mask(Graph& graph, std::int64_t n, F f) {
  std::vector<std::uint8_t> values;
  for (std::int64_t i = 0; i < n; ++i) {
    for (std::int64_t j = 0; j < n; ++j) values.push_back(f(i, j) ? 1 : 0);
  }
  return graph.constant(Tensor::boolean({n, n}, std::move(values)));
}

/// The constant vector 0, -1/2, -1, ….
Expr half_steps_down(Graph& graph, std::int64_t n) {
  std::vector<double> values;
  for (std::int64_t i = 0; i < n; ++i) values.push_back(-0.5 * static_cast<double>(i));
  return graph.constant(Tensor({n}, std::move(values)));
}

}  // namespace

Expr below_diagonal(Graph& graph, std::int64_t n) {
  return mask(graph, n, [](std::int64_t i, std::int64_t j) { return j < i; });
}

Expr on_diagonal(Graph& graph, std::int64_t n) {
  return mask(graph, n, [](std::int64_t i, std::int64_t j) { return j == i; });
}

Expr lower_matrix(Expr diagonal, Expr below) {
  Graph& graph = diagonal.graph();
  const std::int64_t n = size_of(diagonal);
  return select(below_diagonal(graph, n), below,
                select(on_diagonal(graph, n), over_rows(diagonal), number(diagonal, 0)));
}

Expr trace(Expr x) { return sum_dim(runtime::diagonal(x), -1); }
Expr sum_of_squares(Expr x) { return sum_dim(sum_dim(square(x), -1), -1); }
Expr log_det_factor(Expr factor) { return sum_dim(log(runtime::diagonal(factor)), -1); }

Expr product_with_transpose(Expr factor) {
  return runtime::matrix_product(factor, runtime::transpose(factor));
}

Expr inverse_of_product(Expr factor) {
  const Expr root = runtime::solve_lower(factor, runtime::identity_matrix(factor.graph(), size_of(factor)));
  return runtime::matrix_product(runtime::transpose(root), root);
}

Expr inverse(Expr definite) { return inverse_of_product(runtime::cholesky(definite)); }

Expr multivariate_lgamma(Expr a, std::int64_t n) {
  const auto size = static_cast<double>(n);
  return sum_dim(lgamma(as_column(a) + half_steps_down(a.graph(), n)), -1) +
         0.25 * size * (size - 1) * log_pi;
}

Expr multivariate_digamma(Expr a, std::int64_t n) {
  return sum_dim(digamma(as_column(a) + half_steps_down(a.graph(), n)), -1);
}

Expr where(Expr condition, Expr value) {
  return select(condition, value, number(value, std::numeric_limits<double>::quiet_NaN()));
}

std::string length_problem(Expr length, const char* name) {
  const std::string quoted = "`" + std::string(name) + "`";
  if (!length.type().event.empty() || !length.type().axes.empty()) return quoted + " must be one number";
  const auto value = runtime::known_value(length);
  if (!value) return quoted + " must be a known number, not a random variable or a parameter";
  return value->real(0) < 1 ? quoted + " must be at least 1" : std::string();
}

std::int64_t known_length(Expr length, const char* name) {
  const std::string problem = length_problem(length, name);
  if (problem.empty()) return static_cast<std::int64_t>(runtime::known_value(length)->real(0));
  throw lang::Failure({.code = "bad-parameter", .message = problem, .span = {}, .related = {}, .hint = {}});
}

std::string size_problem(const char* a, std::int64_t size_a, const char* b, std::int64_t size_b) {
  if (size_a == size_b) return {};
  return "`" + std::string(a) + "` is of size " + std::to_string(size_a) + ", but `" + b + "` of size " +
         std::to_string(size_b);
}

std::string square_problem(const char* name, Expr matrix) {
  const Shape& shape = matrix.type().event;
  if (shape.size() >= 2 && shape[shape.size() - 1] == shape[shape.size() - 2]) return {};
  return "`" + std::string(name) + "` must be a square matrix, but has shape " + runtime::show(shape);
}

}  // namespace elbo::stdlib
