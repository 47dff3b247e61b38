// Arithmetic on expressions: each function adds one node (or finds the equal one). Numbers mix in as
// constants.
#pragma once

#include <vector>

#include "runtime/graph.hpp"

namespace elbo::runtime {

Expr operator+(Expr a, Expr b);
Expr operator-(Expr a, Expr b);
Expr operator*(Expr a, Expr b);
Expr operator/(Expr a, Expr b);
Expr operator-(Expr a);
Expr operator+(Expr a, double b);
Expr operator-(Expr a, double b);
Expr operator*(Expr a, double b);
Expr operator/(Expr a, double b);
Expr operator+(double a, Expr b);
Expr operator-(double a, Expr b);
Expr operator*(double a, Expr b);
Expr operator/(double a, Expr b);

Expr abs(Expr x);
Expr square(Expr x);
Expr sqrt(Expr x);
Expr exp(Expr x);
Expr expm1(Expr x);
Expr log(Expr x);
Expr log1p(Expr x);
Expr sin(Expr x);
Expr cos(Expr x);
Expr tan(Expr x);
Expr atan(Expr x);
Expr tanh(Expr x);
Expr sigmoid(Expr x);
Expr softplus(Expr x);  ///< log(1 + e^x)
Expr floor(Expr x);
Expr lgamma(Expr x);
Expr digamma(Expr x);
Expr polygamma(int order, Expr x);
Expr power(Expr x, Expr y);
Expr power(Expr x, double y);
Expr minimum(Expr a, Expr b);
Expr maximum(Expr a, Expr b);
Expr xlogy(Expr x, Expr y);
Expr log_binomial(Expr n, Expr k);
Expr log_beta(Expr a, Expr b);  ///< lgamma(a) + lgamma(b) - lgamma(a + b)

// Distribution functions of Gamma(a, 1) and Beta(a, b), what they leave to 1, and inverses.
Expr regularised_gamma_p(Expr a, Expr x);
Expr regularised_gamma_q(Expr a, Expr x);
Expr gamma_quantile(Expr a, Expr p);        ///< inverse of P(a, x) in x
Expr gamma_upper_quantile(Expr a, Expr q);  ///< inverse of Q(a, x) in x
Expr regularised_beta(Expr a, Expr b, Expr x);
Expr regularised_beta_complement(Expr a, Expr b, Expr x);
Expr beta_quantile(Expr a, Expr b, Expr p);

// Implicit derivatives: how an outcome moves with a parameter while P(X <= x) stays.
Expr gamma_pathwise(Expr a, Expr x);          ///< dx/da of x from Gamma(a, 1)
Expr log_gamma_pathwise(Expr a, Expr log_x);  ///< d log x / da, also where x itself underflows
struct BetaPath {
  Expr in_a, in_b;
};
BetaPath beta_pathwise(Expr a, Expr b, Expr x);  ///< dx/da and dx/db of x from Beta(a, b)
Expr student_t_pathwise(Expr df, Expr t);        ///< dt/d(df) of t from the standard Student t

Expr less(Expr a, Expr b);
Expr less_equal(Expr a, Expr b);
Expr equal(Expr a, Expr b);
Expr logical_and(Expr a, Expr b);
Expr logical_or(Expr a, Expr b);
Expr logical_not(Expr a);
Expr select(Expr condition, Expr yes, Expr no);

/// The same value, through which no gradient flows.
Expr stop_gradient(Expr x);
/// The value of x, through which gradients flow as if it were y: for an x whose derivative another expression
/// knows. A program computes of y only what a gradient needs, and nothing where none is taken.
Expr with_gradient_of(Expr x, Expr y);

/// Sum over these axes and event dimensions (0-based); nothing is kept of them.
Expr sum(Expr x, std::vector<AxisId> axes, std::vector<std::int64_t> dims);
Expr sum_all(Expr x);                    ///< over all axes and dimensions
Expr sum_event(Expr x);                  ///< over all event dimensions
Expr sum_dim(Expr x, std::int64_t dim);  ///< over one event dimension; negative counts from the end
Expr sum_axis(Expr x, AxisId axis);
Expr max_dim(Expr x, std::int64_t dim);
Expr logsumexp_dim(Expr x, std::int64_t dim);
/// Running sum along an event dimension, from its first element or (`reverse`) from its last.
Expr cumsum_dim(Expr x, std::int64_t dim, bool reverse = false);

/// The same values seen with further axes and a larger event shape (NumPy broadcasting).
Expr broadcast(Expr x, std::vector<AxisId> axes, Shape event);
Expr broadcast_axis(Expr x, AxisId axis);
Expr reshape(Expr x, Shape event);
/// Event dimensions in another order.
Expr permute(Expr x, std::vector<std::int64_t> order);
/// Matrix product of the last two event dimensions (vectors as in NumPy).
Expr matmul(Expr a, Expr b);
/// Elements of event dimension `dim` at 0-based `index` (integers; its event shape replaces the dimension).
Expr gather(Expr x, Expr index, std::int64_t dim);
/// Event dimension `dim` becomes an axis; an axis becomes event dimension `dim`.
Expr to_axis(Expr x, std::int64_t dim, AxisId axis);
Expr to_event(Expr x, AxisId axis, std::int64_t dim);
/// Joins along event dimension `dim`.
Expr concatenate(const std::vector<Expr>& parts, std::int64_t dim);

// Random numbers with a fresh stream of the graph; `axes` and `event` are those of the result.
Expr random_uniform(Graph& graph, const std::vector<AxisId>& axes, const Shape& event);
Expr random_normal(Graph& graph, const std::vector<AxisId>& axes, const Shape& event);
Expr random_gamma(Expr shape, const std::vector<AxisId>& axes, const Shape& event);
Expr random_log_gamma(Expr shape, const std::vector<AxisId>& axes, const Shape& event);
Expr random_poisson(Expr rate, const std::vector<AxisId>& axes, const Shape& event);
/// Numbers (from 0) of `count` random rows out of `rows`: of those of one step, entries from `first` on. Steps go
/// through all rows in random order, `batch` at a time (at the end of a pass those that are left), again and
/// again. [count]
Expr random_row(Graph& graph, std::int64_t rows, std::int64_t batch, std::int64_t first, std::int64_t count);
Expr random_binomial(Expr trials, Expr probability, const std::vector<AxisId>& axes, const Shape& event);

}  // namespace elbo::runtime
