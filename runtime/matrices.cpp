// Matrices and stacks of them, by the operations on single matrices.
#include "runtime/matrices.hpp"

#include <algorithm>

#include "runtime/expression.hpp"
#include "runtime/operations/operations.hpp"

namespace elbo::runtime {

namespace {

Shape leading_of(Expr x, std::size_t own_rank) {
  const Shape& event = x.type().event;
  return Shape(event.begin(), event.end() - static_cast<std::ptrdiff_t>(std::min(event.size(), own_rank)));
}

// A stack in which items of both have their place.
Shape joint(Expr a, std::size_t rank_a, Expr b, std::size_t rank_b) {
  Shape result;
  broadcast(leading_of(a, rank_a), leading_of(b, rank_b), result);
  return result;
}

// f of single items, for stacks.
template <class F>
Expr each(Expr a, std::size_t rank_a, Expr b, std::size_t rank_b, F f) {
  const Shape leading = joint(a, rank_a, b, rank_b);
  if (leading.empty()) return f(a, b);
  const Stack stack(a.graph(), leading);
  return stack.outward(f(stack.inward(a, rank_a), stack.inward(b, rank_b)));
}

Expr triangular(Expr factor, Expr b, bool transposed) {
  return factor.graph().add(solve_triangular_operation, {factor, b},
                            Attributes{.integers = {transposed ? 1 : 0}, .text = {}, .tensor = nullptr});
}

Expr column(Expr x) { return reshape(x, {x.type().event[0], 1}); }
Expr flat(Expr x) { return reshape(x, {x.type().event[0]}); }

// A function of the columns of a matrix, for [..., n] vectors that all meet the same single matrix.
template <class F>
Expr as_columns(Expr x, F f) {
  const Shape& event = x.type().event;
  const std::int64_t n = event.back(), count = n == 0 ? 0 : element_count(event) / n;
  const Expr result = f(permute(reshape(x, {count, n}), {1, 0}));
  Shape shape(event.begin(), event.end() - 1);
  shape.push_back(result.type().event[0]);
  return reshape(permute(result, {1, 0}), shape);
}

}  // namespace

Stack::Stack(Graph& graph, Shape leading) : graph_(graph), leading_(std::move(leading)) {
  for (const std::int64_t size : leading_) axes_.push_back(graph_.add_axis("element", size, AxisKind::plate));
}

Expr Stack::inward(Expr x, std::size_t own_rank) const {
  const Shape& event = x.type().event;
  if (event.size() <= own_rank) return x;
  Shape shape = leading_;
  shape.insert(shape.end(), event.end() - static_cast<std::ptrdiff_t>(own_rank), event.end());
  x = broadcast(x, x.type().axes, shape);
  for (const AxisId axis : axes_) x = to_axis(x, 0, axis);
  return x;
}

Expr Stack::outward(Expr x) const {
  x = broadcast(x, axes_, x.type().event);
  for (auto axis = axes_.rbegin(); axis != axes_.rend(); ++axis) x = to_event(x, *axis, 0);
  return x;
}

Expr identity_matrix(Graph& graph, std::int64_t size) {
  std::vector<double> values(static_cast<std::size_t>(size * size), 0.0);
  for (std::int64_t i = 0; i < size; ++i) values[static_cast<std::size_t>(i * size + i)] = 1.0;
  return graph.constant(Tensor({size, size}, std::move(values)));
}

Expr transpose(Expr x) {
  std::vector<std::int64_t> order;
  for (std::size_t i = 0; i < x.type().event.size(); ++i) order.push_back(static_cast<std::int64_t>(i));
  std::swap(order[order.size() - 1], order[order.size() - 2]);
  return permute(x, order);
}

Expr diagonal(Expr x) {
  Shape shape = x.type().event;
  const std::int64_t n = shape.back();
  shape.pop_back();
  shape.back() = n * n;
  std::vector<std::int64_t> places;
  for (std::int64_t i = 0; i < n; ++i) places.push_back(i * n + i);
  return gather(reshape(x, shape), x.graph().constant(Tensor({n}, std::move(places))), -1);
}

Expr lower_triangle(Expr x) {
  const std::int64_t n = x.type().event.back();
  std::vector<std::uint8_t> kept;
  for (std::int64_t i = 0; i < n; ++i) {
    for (std::int64_t j = 0; j < n; ++j) kept.push_back(j <= i ? 1 : 0);
  }
  return select(x.graph().constant(Tensor::boolean({n, n}, std::move(kept))), x, x.graph().constant(0));
}

Expr matrix_product(Expr a, Expr b) {
  return each(a, 2, b, 2, [](Expr x, Expr y) { return matmul(x, y); });
}

Expr cholesky(Expr x) {
  return each(x, 2, x, 2, [](Expr m, Expr) { return m.graph().add(cholesky_operation, {m}); });
}

Expr solve_lower(Expr factor, Expr b, bool transposed) {
  return each(factor, 2, b, 2, [&](Expr l, Expr x) { return triangular(l, x, transposed); });
}

Expr solve_lower_vector(Expr factor, Expr b, bool transposed) {
  if (factor.type().event.size() == 2 && b.type().event.size() > 1)
    return as_columns(b, [&](Expr x) { return triangular(factor, x, transposed); });
  return each(factor, 2, b, 1, [&](Expr l, Expr x) { return flat(triangular(l, column(x), transposed)); });
}

Expr times_vector(Expr a, Expr x) {
  if (a.type().event.size() == 2 && x.type().event.size() > 1)
    return as_columns(x, [&](Expr y) { return matmul(a, y); });
  return each(a, 2, x, 1, [](Expr m, Expr y) { return matmul(m, y); });
}

}  // namespace elbo::runtime
