// LKJ distribution of correlation matrices (Lewandowski, Kurowicka, Joe 2009), seen by their Cholesky
// factors.
#include <cmath>

#include "stdlib/distributions/list.hpp"
#include "stdlib/distributions/matrix_building.hpp"

namespace elbo::stdlib {
namespace {

// Parameters: dimension (a known whole number n), concentration.
//
// Row k of the factor is a point of the ball with radius 1 in k - 1 dimensions, and what closes it: its
// squared diagonal entry is Beta(concentration + (n - k)/2, (k - 1)/2), independently of the other rows and
// of the direction.

std::int64_t dimension(Parameters p) { return known_length(p[0], "dimension"); }

/// Constant vector f(1), …, f(n).
template <class F>
Expr rows(Expr like, std::int64_t n, F f) {
  std::vector<double> values;
  for (std::int64_t k = 1; k <= n; ++k) values.push_back(f(static_cast<double>(k)));
  return like.graph().constant(runtime::Tensor({n}, std::move(values)));
}

/// First parameter of each row's Beta, and the second (of the first row 0).
Expr beta_first(Expr concentration, std::int64_t n) {
  const auto size = static_cast<double>(n);
  return as_column(concentration) + rows(concentration, n, [&](double k) { return 0.5 * (size - k); });
}
Expr beta_second(Expr like, std::int64_t n) {
  return rows(like, n, [](double k) { return 0.5 * (k - 1); });
}

/// log of the integral of det(L L')^(concentration - 1) over correlation matrices: equation 16 of the paper,
/// as Stan writes it.
Expr log_normaliser(Expr concentration, std::int64_t n) {
  if (n == 1) return spread_over(number(concentration, 0), concentration);
  const auto size = static_cast<double>(n);
  const Expr steps = rows(concentration, n - 1, [&](double k) { return 0.5 * (size - 1 - k); });
  const double constant = 0.25 * log_pi * size * (size - 1);
  return sum_dim(lgamma(as_column(concentration) + steps), -1) -
         (size - 1) * lgamma(concentration + 0.5 * (size - 1)) + constant;
}

/// Sum over rows of a multiple of log L_kk.
template <class F>
Expr weighted_logs(Expr x, F weight) {
  const std::int64_t n = size_of(x);
  return sum_dim(rows(x, n, weight) * log(runtime::diagonal(x)), -1);
}

Expr log_base(Expr x) {
  const double n = real_size(x);
  return weighted_logs(x, [&](double k) { return k == 1 ? 0.0 : n - k - 2; });
}
Expr log_det(Expr x) {  // of the correlation matrix
  return weighted_logs(x, [](double k) { return k == 1 ? 0.0 : 2.0; });
}

Expr log_density(Expr x, Parameters p) {
  return log_base(x) + p[1] * log_det(x) - log_normaliser(p[1], size_of(x));
}

/// Normals below the diagonal with the root of twice a gamma number on it, each row divided by its length.
Expr sample(Parameters p, const DrawShape& shape) {
  runtime::Graph& graph = p[1].graph();
  const std::int64_t n = shape.event.back();
  const runtime::Shape each(shape.event.begin(), shape.event.end() - 1);
  const Expr logs = random_log_gamma(beta_first(p[1], n), shape.axes, each);
  const Expr diagonal = keep_positive(exp(0.5 * (logs + log_2)));
  const Expr raw = lower_matrix(diagonal, random_normal(graph, shape.axes, shape.event));
  return raw / over_rows(sqrt(sum_dim(square(raw), -1)));
}

/// E of a row's squared diagonal entry, and of its logarithm.
Expr mean_square(Parameters p) {
  const std::int64_t n = dimension(p);
  const Expr a = beta_first(p[1], n);
  return a / (a + beta_second(p[1], n));
}
Expr mean_log_square(Parameters p) {
  const std::int64_t n = dimension(p);
  const Expr a = beta_first(p[1], n);
  return digamma(a) - digamma(a + beta_second(p[1], n));
}

/// E sqrt(y) of y from Beta(a, b).
Expr mean_diagonal(Parameters p) {
  const std::int64_t n = dimension(p);
  const Expr a = beta_first(p[1], n), total = a + beta_second(p[1], n);
  return exp(lgamma(a + 0.5) - lgamma(a) + lgamma(total) - lgamma(total + 0.5));
}

Expr mean(Parameters p) { return lower_matrix(mean_diagonal(p), number(p[1], 0)); }

Expr variance(Parameters p) {
  const std::int64_t n = dimension(p);
  const Expr squares = mean_square(p);
  const Expr others = rows(p[1], n, [](double k) { return k == 1 ? 1.0 : k - 1; });
  return lower_matrix(squares - square(mean_diagonal(p)), over_rows((1.0 - squares) / others));
}

Expr entropy(Parameters p) {
  const std::int64_t n = dimension(p);
  const auto size = static_cast<double>(n);
  const Expr base = rows(p[1], n, [&](double k) { return k == 1 ? 0.0 : 0.5 * (size - k - 2); });
  const Expr powers = base + as_column(p[1]);
  // Of the first row E log L_11 = 0.
  return log_normaliser(p[1], n) - sum_dim(powers * mean_log_square(p), -1);
}

Expr kl(Parameters p, Parameters q) {
  const std::int64_t n = dimension(p);
  return log_normaliser(q[1], n) - log_normaliser(p[1], n) + (p[1] - q[1]) * sum_dim(mean_log_square(p), -1);
}

// eta = concentration, T = log det L L'.
const runtime::ExponentialFamily exponential_family{
    .natural_parameters = [](Parameters p) -> std::vector<Expr> { return {p[1]}; },
    .sufficient_statistics = [](Expr x, Parameters) -> std::vector<Expr> { return {log_det(x)}; },
    .log_partition = [](Parameters eta, Parameters p) { return log_normaliser(eta[0], dimension(p)); },
    .log_base_measure = [](Expr x, Parameters) { return log_base(x); },
    .parameters = [](Parameters eta, Parameters p) -> std::vector<Expr> {
      return {p[0], eta[0]};
    },
};

}  // namespace

const runtime::Distribution lkj_cholesky{
    .name = "LKJCholesky",
    .summary = "Cholesky factor of a correlation matrix; prior of correlations",
    .formula = "product over k > 1 of x[k, k]^(n - k + 2 concentration - 2), normalised",
    .parameters = {{"dimension", &runtime::natural_support, "", "number n of rows and columns, known"},
                   {"concentration", &runtime::positive_support, "1",
                    "1: uniform over correlation matrices; larger ones favour small correlations"}},
    .alternatives = {},
    .event_rank = 2,
    .parameter_ranks = {0, 0},
    .outcome_shape =
        [](Parameters p) {
          const std::int64_t n = dimension(p);
          return runtime::Shape{n, n};
        },
    .problem = [](Parameters p) { return length_problem(p[0], "dimension"); },
    .support =
        [](Parameters) {
          return runtime::Support{&runtime::cholesky_correlation_support, {}};
        },
    .log_density = log_density,
    .sample = sample,
    .pathwise = runtime::Pathwise::implicit,
    .mean = mean,
    .variance = variance,
    .entropy = entropy,
    .exponential_family = &exponential_family,
    .kl = kl,
    .test_points = {{3, 1}, {2, 0.7}, {4, 2.5}},
    .example = R"(# Three quantities with known standard deviation 1, and their correlations.
let x = [[0.2, 0.4, -0.1], [1.3, 0.9, -1.1], [-0.8, -1.0, 0.4], [0.1, -0.5, 0.3], [-1.6, -1.2, 1.5]]

model correlated(x) {
  l ~ LKJCholesky(3, 2)
  for i in 1:5 {
    x[i] ~ MultivariateNormal([0, 0, 0], cholesky = l)
  }
  let r = l @ transpose(l)
}

print("log density of no correlation {:.4f}", log_density(LKJCholesky(3, 2), [[1, 0, 0], [0, 1, 0], [0, 0, 1]]))
let fit = infer(correlated(x), bbvi(samples = 40), steps = 500, seed = 1)
print("signs of the correlations with the third: {} {}", fit.mean.r[3, 1] < 0, fit.mean.r[3, 2] < 0)
)",
};

}  // namespace elbo::stdlib
