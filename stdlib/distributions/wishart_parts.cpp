#include "stdlib/distributions/wishart_parts.hpp"

#include "runtime/plates.hpp"

namespace elbo::stdlib {

Expr wishart_exists(Parameters p) { return less(number(p[0], real_size(p[1]) - 1), p[0]); }

std::string wishart_problem(Parameters p) {
  if (const std::string shape = square_problem("scale", p[1]); !shape.empty()) return shape;
  const auto known = runtime::known_value(p[0]);
  if (!known) return {};
  const std::int64_t n = size_of(p[1]);
  for (std::int64_t i = 0; i < known->size(); ++i) {
    if (known->real(i) > static_cast<double>(n - 1)) continue;
    const std::string size = std::to_string(n);
    return "`df` must be more than " + std::to_string(n - 1) + " for matrices of shape [" + size + ", " +
           size + "]";
  }
  return {};
}

/// The diagonal entries are the roots of chi-squared numbers with df, df - 1, … degrees of freedom.
Expr bartlett_factor(Expr df, const DrawShape& shape) {
  runtime::Graph& graph = df.graph();
  const std::int64_t n = shape.event.back();
  std::vector<double> fewer;
  for (std::int64_t i = 0; i < n; ++i) fewer.push_back(0.5 * static_cast<double>(i));
  const Expr halves = 0.5 * as_column(df) - graph.constant(runtime::Tensor({n}, std::move(fewer)));
  const runtime::Shape rows(shape.event.begin(), shape.event.end() - 1);
  const Expr logs = random_log_gamma(halves, shape.axes, rows);
  const Expr roots = keep_positive(exp(0.5 * (logs + log_2)));
  return lower_matrix(roots, random_normal(graph, shape.axes, shape.event));
}

Expr wishart_kl(Expr df_p, Expr df_q, std::int64_t n, Expr log_det_difference, Expr trace) {
  const Expr half_p = 0.5 * df_p, half_q = 0.5 * df_q;
  return df_q * log_det_difference + half_p * (trace - static_cast<double>(n)) +
         multivariate_lgamma(half_q, n) - multivariate_lgamma(half_p, n) +
         (half_p - half_q) * multivariate_digamma(half_p, n);
}

}  // namespace elbo::stdlib
