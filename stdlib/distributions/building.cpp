#include "stdlib/distributions/building.hpp"

#include <algorithm>
#include <limits>

#include "runtime/operations/operations.hpp"

namespace elbo::stdlib {

Expr number(Expr like, double value) { return like.graph().constant(value); }

Expr whole_number(Expr like, std::int64_t value) {
  return like.graph().constant(runtime::Tensor({}, std::vector<std::int64_t>{value}));
}

Expr as_column(Expr x) {
  runtime::Shape shape = x.type().event;
  shape.push_back(1);
  return reshape(x, shape);
}

Expr spread_over(Expr x, Expr other) {
  std::vector<runtime::AxisId> axes = x.type().axes;
  axes.insert(axes.end(), other.type().axes.begin(), other.type().axes.end());
  std::sort(axes.begin(), axes.end());
  axes.erase(std::unique(axes.begin(), axes.end()), axes.end());
  runtime::Shape event;
  if (!runtime::broadcast(x.type().event, other.type().event, event)) return x;
  return broadcast(x, std::move(axes), std::move(event));
}

Expr heavy_mean(Expr tail, double order, Expr mean) {
  return select(less(number(tail, order), tail), mean, number(tail, std::numeric_limits<double>::infinity()));
}

Expr heavy_variance(Expr tail, double order, Expr variance) {
  const Expr undefined = number(tail, std::numeric_limits<double>::quiet_NaN());
  return select(less(number(tail, order), tail), heavy_mean(tail, 2 * order, variance), undefined);
}

Expr log_from_zero(Expr x) {
  const Expr at_end = equal(x, number(x, 0));
  return select(at_end, number(x, -std::numeric_limits<double>::infinity()),
                log(select(at_end, number(x, 1), x)));
}

Expr log1m_to_one(Expr x) {
  const Expr at_end = equal(x, number(x, 1));
  return select(at_end, number(x, -std::numeric_limits<double>::infinity()),
                log1p(-select(at_end, number(x, 0), x)));
}

Expr times_log(Expr count, Expr log_value) {
  // What is decided by log_value alone is decided once for all counts; nothing infinite is ever multiplied.
  const Expr minus_infinity = number(count, -std::numeric_limits<double>::infinity());
  const Expr impossible = equal(log_value, minus_infinity);
  const Expr at_end = select(equal(count, number(count, 0)), number(count, 0), minus_infinity);
  return select(impossible, at_end, count * select(impossible, number(count, 0), log_value));
}

Expr xlog1my(Expr a, Expr x) {
  // At x = 1 the value is -inf, 0 or inf by the sign of a; a constant there, so that no gradient is 0 * inf.
  const Expr at_end = equal(x, number(x, 1));
  return select(at_end, xlogy(stop_gradient(a), number(x, 0)), a * log1p(-select(at_end, number(x, 0), x)));
}

Expr keep_finite(Expr x) { return minimum(maximum(x, number(x, -1e300)), number(x, 1e300)); }

Expr keep_positive(Expr x) { return maximum(x, number(x, std::numeric_limits<double>::min())); }

Expr finite_exp(Expr x) { return exp(minimum(x, number(x, 700))); }

Expr log1m_exp(Expr x) {
  // Each branch sees only what it is chosen for, so that the other's infinities reach no gradient; none flows
  // where x has underflowed.
  const Expr is_zero = less(x, number(x, 1e-300));
  const Expr is_small = logical_and(less(x, number(x, log_2)), logical_not(is_zero));
  const Expr near = select(is_small, x, number(x, 1));
  const Expr far = select(less(x, number(x, log_2)), number(x, 1), x);
  const Expr inside = select(is_small, log(-expm1(-near)), log1p(-exp(-far)));
  return select(is_zero, number(x, -std::numeric_limits<double>::infinity()), inside);
}

Expr normal_cdf(Expr x) { return x.graph().add(runtime::normal_cdf_operation, {x}); }
Expr normal_log_cdf(Expr x) { return x.graph().add(runtime::normal_log_cdf_operation, {x}); }
Expr normal_quantile(Expr q) { return q.graph().add(runtime::normal_quantile_operation, {q}); }
Expr erf(Expr x) { return x.graph().add(runtime::erf_operation, {x}); }
Expr atan2(Expr y, Expr x) { return y.graph().add(runtime::atan2_operation, {y, x}); }

Expr uniform(Parameters p, const DrawShape& shape) {
  return random_uniform(p[0].graph(), shape.axes, shape.event);
}

Expr standard_normal(Parameters p, const DrawShape& shape) {
  return random_normal(p[0].graph(), shape.axes, shape.event);
}

}  // namespace elbo::stdlib
