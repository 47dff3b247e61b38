// Arithmetic on expressions, in terms of the operation records.
#include "runtime/expression.hpp"

#include <algorithm>
#include <numeric>
#include <optional>

#include "lang/diagnostic.hpp"
#include "runtime/operations/operations.hpp"

namespace elbo::runtime {

namespace {

Expr unary(const Operation& operation, Expr x) { return x.graph().add(operation, {x}); }
Expr binary(const Operation& operation, Expr a, Expr b) { return a.graph().add(operation, {a, b}); }

std::int64_t rank(Expr x) { return static_cast<std::int64_t>(x.type().event.size()); }

std::int64_t dimension(Expr x, std::int64_t dim) { return dim < 0 ? dim + rank(x) : dim; }

std::vector<std::int64_t> all_dims(Expr x) {
  std::vector<std::int64_t> dims(x.type().event.size());
  std::iota(dims.begin(), dims.end(), 0);
  return dims;
}

Attributes integers(std::vector<std::int64_t> values) {
  return {.integers = std::move(values), .text = {}, .tensor = nullptr};
}

Expr reduce(const Operation& operation, Expr x, std::vector<AxisId> axes, std::vector<std::int64_t> dims) {
  if (axes.empty() && dims.empty()) return x;
  std::sort(axes.begin(), axes.end());
  std::sort(dims.begin(), dims.end());
  std::vector<std::int64_t> list{static_cast<std::int64_t>(axes.size())};
  list.insert(list.end(), axes.begin(), axes.end());
  list.insert(list.end(), dims.begin(), dims.end());
  return x.graph().add(operation, {x}, integers(std::move(list)));
}

// With the dimension kept as one of size 1, so that the result broadcasts against x.
Expr keep_dim(Expr reduced, Expr x, std::int64_t dim) {
  Shape shape = x.type().event;
  shape[static_cast<std::size_t>(dim)] = 1;
  return reshape(reduced, shape);
}

Expr random(const Operation& operation, Graph& graph, std::span<const Expr> parameters,
            const std::vector<AxisId>& axes, const Shape& event, std::optional<std::uint32_t> stream = {}) {
  std::vector<AxisId> sorted = axes;
  for (const Expr& p : parameters) sorted.insert(sorted.end(), p.type().axes.begin(), p.type().axes.end());
  std::sort(sorted.begin(), sorted.end());
  sorted.erase(std::unique(sorted.begin(), sorted.end()), sorted.end());
  std::vector<std::int64_t> list{stream ? *stream : graph.new_stream(),
                                 static_cast<std::int64_t>(sorted.size())};
  list.insert(list.end(), sorted.begin(), sorted.end());
  list.insert(list.end(), event.begin(), event.end());
  return graph.add(operation, parameters, integers(std::move(list)));
}

}  // namespace

Expr operator+(Expr a, Expr b) { return binary(add_operation, a, b); }
Expr operator-(Expr a, Expr b) { return binary(subtract_operation, a, b); }
Expr operator*(Expr a, Expr b) { return binary(multiply_operation, a, b); }
Expr operator/(Expr a, Expr b) { return binary(divide_operation, a, b); }
Expr operator-(Expr a) { return unary(negate_operation, a); }
Expr operator+(Expr a, double b) { return a + a.graph().constant(b); }
Expr operator-(Expr a, double b) { return a - a.graph().constant(b); }
Expr operator*(Expr a, double b) { return a * a.graph().constant(b); }
Expr operator/(Expr a, double b) { return a / a.graph().constant(b); }
Expr operator+(double a, Expr b) { return b.graph().constant(a) + b; }
Expr operator-(double a, Expr b) { return b.graph().constant(a) - b; }
Expr operator*(double a, Expr b) { return b.graph().constant(a) * b; }
Expr operator/(double a, Expr b) { return b.graph().constant(a) / b; }

Expr abs(Expr x) { return unary(abs_operation, x); }
Expr square(Expr x) { return unary(square_operation, x); }
Expr sqrt(Expr x) { return unary(sqrt_operation, x); }
Expr exp(Expr x) { return unary(exp_operation, x); }
Expr expm1(Expr x) { return unary(expm1_operation, x); }
Expr log(Expr x) { return unary(log_operation, x); }
Expr log1p(Expr x) { return unary(log1p_operation, x); }
Expr sin(Expr x) { return unary(sin_operation, x); }
Expr cos(Expr x) { return unary(cos_operation, x); }
Expr tan(Expr x) { return unary(tan_operation, x); }
Expr atan(Expr x) { return unary(atan_operation, x); }
Expr tanh(Expr x) { return unary(tanh_operation, x); }
Expr sigmoid(Expr x) { return unary(sigmoid_operation, x); }
Expr softplus(Expr x) { return unary(softplus_operation, x); }
Expr floor(Expr x) { return unary(floor_operation, x); }
Expr lgamma(Expr x) { return unary(lgamma_operation, x); }
Expr digamma(Expr x) { return unary(digamma_operation, x); }

Expr polygamma(int order, Expr x) {
  if (order == 0) return digamma(x);
  if (order == 1) return unary(trigamma_operation, x);
  return x.graph().add(polygamma_operation, {x.graph().constant(order), x});
}

Expr power(Expr x, Expr y) { return binary(power_operation, x, y); }
Expr power(Expr x, double y) { return binary(power_operation, x, x.graph().constant(y)); }
Expr minimum(Expr a, Expr b) { return binary(minimum_operation, a, b); }
Expr maximum(Expr a, Expr b) { return binary(maximum_operation, a, b); }
Expr xlogy(Expr x, Expr y) { return binary(xlogy_operation, x, y); }
Expr log_binomial(Expr n, Expr k) { return binary(log_binomial_operation, n, k); }
Expr log_beta(Expr a, Expr b) { return lgamma(a) + lgamma(b) - lgamma(a + b); }

Expr regularised_gamma_p(Expr a, Expr x) { return binary(gamma_p_operation, a, x); }
Expr regularised_gamma_q(Expr a, Expr x) { return binary(gamma_q_operation, a, x); }
Expr regularised_beta(Expr a, Expr b, Expr x) { return a.graph().add(beta_cdf_operation, {a, b, x}); }
Expr regularised_beta_complement(Expr a, Expr b, Expr x) {
  return a.graph().add(beta_survival_operation, {a, b, x});
}
Expr gamma_upper_quantile(Expr a, Expr q) { return binary(gamma_upper_quantile_operation, a, q); }
Expr gamma_quantile(Expr a, Expr p) { return binary(gamma_quantile_operation, a, p); }
Expr beta_quantile(Expr a, Expr b, Expr p) { return a.graph().add(beta_quantile_operation, {a, b, p}); }

Expr log_gamma_pathwise(Expr a, Expr log_x) { return -binary(gamma_shape_operation, a, log_x); }

// A draw that underflowed to 0 stays there.
Expr gamma_pathwise(Expr a, Expr x) {
  const Expr zero = x.graph().constant(0);
  const Expr is_positive = less(zero, x);
  return select(is_positive, x * log_gamma_pathwise(a, log(select(is_positive, x, x.graph().constant(1)))),
                zero);
}

BetaPath beta_pathwise(Expr a, Expr b, Expr x) {
  return {-a.graph().add(beta_a_operation, {a, b, x}), -a.graph().add(beta_b_operation, {a, b, x})};
}

// x = df / (df + t^2) is from Beta(df / 2, 1 / 2), and y = 1 - x from Beta(1 / 2, df / 2); the smaller of the
// two is known to full accuracy. Where t > 0, P(T > t) = I_x(df / 2, 1 / 2) / 2 stays if x moves as its own
// implicit derivative says: dx/d(df) = y x / df + (dx/dt) dt/d(df), with dx/dt = -2 x y / t.
Expr student_t_pathwise(Expr df, Expr t) {
  Graph& graph = t.graph();
  const Expr zero = graph.constant(0), half = graph.constant(0.5);
  const Expr half_df = 0.5 * df, square_t = square(t), total = df + square_t;
  const Expr x = df / total, y = square_t / total;
  const Expr is_tail = less(df, square_t), is_centre = equal(t, zero);
  const Expr safe_x = select(is_tail, x, half);
  const Expr safe_y = select(logical_or(is_tail, is_centre), half, y);
  const Expr by_x = -graph.add(beta_a_operation, {half_df, half, safe_x});
  const Expr by_y = graph.add(beta_b_operation, {half, half_df, safe_y});
  const Expr motion = 0.5 * select(is_tail, by_x, by_y) - x * y / df;
  return select(is_centre, zero, -t * motion / (2.0 * x * select(is_centre, half, y)));
}

Expr less(Expr a, Expr b) { return binary(less_operation, a, b); }
Expr less_equal(Expr a, Expr b) { return binary(less_equal_operation, a, b); }
Expr equal(Expr a, Expr b) { return binary(equal_operation, a, b); }
Expr logical_and(Expr a, Expr b) { return binary(and_operation, a, b); }
Expr logical_or(Expr a, Expr b) { return binary(or_operation, a, b); }
Expr logical_not(Expr a) { return unary(not_operation, a); }
Expr select(Expr condition, Expr yes, Expr no) {
  return yes.graph().add(select_operation, {condition, yes, no});
}
Expr stop_gradient(Expr x) { return unary(stop_gradient_operation, x); }
Expr with_gradient_of(Expr x, Expr y) {
  // Stopped, so that what enters x alone is not taken for something that a gradient reaches.
  return binary(with_gradient_of_operation, stop_gradient(x), y);
}

Expr sum(Expr x, std::vector<AxisId> axes, std::vector<std::int64_t> dims) {
  return reduce(sum_operation, x, std::move(axes), std::move(dims));
}
Expr sum_all(Expr x) { return sum(x, x.type().axes, all_dims(x)); }
Expr sum_event(Expr x) { return sum(x, {}, all_dims(x)); }
Expr sum_dim(Expr x, std::int64_t dim) { return sum(x, {}, {dimension(x, dim)}); }
Expr sum_axis(Expr x, AxisId axis) { return sum(x, {axis}, {}); }
Expr max_dim(Expr x, std::int64_t dim) { return reduce(max_operation, x, {}, {dimension(x, dim)}); }

Expr logsumexp_dim(Expr x, std::int64_t dim) {
  dim = dimension(x, dim);
  // The maximum is only a shift: its gradient cancels, and leaving it out keeps the graph small. Where it is
  // not finite (all -inf, or some inf) there is nothing to shift by.
  const Expr m = stop_gradient(max_dim(x, dim));
  const Expr zero = x.graph().constant(0);
  const Expr shift = select(less(abs(m), x.graph().constant(1e300)), m, zero);
  return log(sum_dim(exp(x - keep_dim(shift, x, dim)), dim)) + shift;
}

Expr cumsum_dim(Expr x, std::int64_t dim, bool reverse) {
  return x.graph().add(cumsum_operation, {x}, integers({dimension(x, dim), reverse ? 1 : 0}));
}

Expr broadcast(Expr x, std::vector<AxisId> axes, Shape event) {
  std::sort(axes.begin(), axes.end());
  std::vector<std::int64_t> list{static_cast<std::int64_t>(axes.size())};
  list.insert(list.end(), axes.begin(), axes.end());
  list.insert(list.end(), event.begin(), event.end());
  return x.graph().add(broadcast_operation, {x}, integers(std::move(list)));
}

Expr broadcast_axis(Expr x, AxisId axis) { return broadcast(x, {axis}, x.type().event); }

Expr reshape(Expr x, Shape event) {
  if (x.type().event == event) return x;
  return x.graph().add(reshape_operation, {x}, integers(std::move(event)));
}

Expr permute(Expr x, std::vector<std::int64_t> order) {
  return x.graph().add(permute_operation, {x}, integers(std::move(order)));
}

Expr matmul(Expr a, Expr b) {
  // Vectors become a row on the left and a column on the right; the added dimension is dropped from the
  // result.
  const Shape sa = a.type().event, sb = b.type().event;
  if (sa.empty() || sb.empty() || sa.size() > 2 || sb.size() > 2 || sa.back() != sb.front()) {
    throw lang::Failure(
        {.code = "shape-mismatch",
         .message = "shapes " + show(sa) + " and " + show(sb) + " do not fit a matrix product",
         .span = {},
         .related = {},
         .hint = "the last dimension of the left must equal the first of the right"});
  }
  const Expr left = sa.size() == 2 ? a : reshape(a, {1, sa[0]});
  const Expr right = sb.size() == 2 ? b : reshape(b, {sb[0], 1});
  Shape shape;
  if (sa.size() == 2) shape.push_back(sa[0]);
  if (sb.size() == 2) shape.push_back(sb[1]);
  return reshape(a.graph().add(matmul_operation, {left, right}), shape);
}

Expr gather(Expr x, Expr index, std::int64_t dim) {
  return x.graph().add(gather_operation, {x, index}, integers({dimension(x, dim)}));
}

Expr to_axis(Expr x, std::int64_t dim, AxisId axis) {
  return x.graph().add(to_axis_operation, {x}, integers({dimension(x, dim), axis}));
}

Expr to_event(Expr x, AxisId axis, std::int64_t dim) {
  return x.graph().add(to_event_operation, {x}, integers({axis, dim}));
}

Expr concatenate(const std::vector<Expr>& parts, std::int64_t dim) {
  return parts.at(0).graph().add(concatenate_operation, parts, integers({dimension(parts[0], dim)}));
}

Expr random_uniform(Graph& graph, const std::vector<AxisId>& axes, const Shape& event) {
  return random(random_uniform_operation, graph, {}, axes, event);
}
Expr random_normal(Graph& graph, const std::vector<AxisId>& axes, const Shape& event) {
  return random(random_normal_operation, graph, {}, axes, event);
}
Expr random_gamma(Expr shape, const std::vector<AxisId>& axes, const Shape& event) {
  return random(random_gamma_operation, shape.graph(), std::array{shape}, axes, event);
}
Expr random_log_gamma(Expr shape, const std::vector<AxisId>& axes, const Shape& event) {
  return random(random_log_gamma_operation, shape.graph(), std::array{shape}, axes, event);
}
Expr random_poisson(Expr rate, const std::vector<AxisId>& axes, const Shape& event) {
  return random(random_poisson_operation, rate.graph(), std::array{rate}, axes, event);
}
Expr random_row(Graph& graph, std::int64_t rows, std::int64_t batch, std::int64_t first, std::int64_t count) {
  // all programs of a run go through the rows in the same order
  constexpr std::uint32_t stream = 0xffffffff;
  const std::array parameters{graph.constant(static_cast<double>(rows)),
                              graph.constant(static_cast<double>(batch)),
                              graph.constant(static_cast<double>(first))};
  return random(random_row_operation, graph, parameters, {}, {count}, stream);
}

Expr random_binomial(Expr trials, Expr probability, const std::vector<AxisId>& axes, const Shape& event) {
  return random(random_binomial_operation, trials.graph(), std::array{trials, probability}, axes, event);
}

}  // namespace elbo::runtime
