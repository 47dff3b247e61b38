// Inverse Wishart distribution: of the inverse of a Wishart matrix with scale^-1.
#include "stdlib/distributions/list.hpp"
#include "stdlib/distributions/wishart_parts.hpp"

namespace elbo::stdlib {
namespace {

using runtime::cholesky;
using runtime::diagonal;
using runtime::solve_lower;
using runtime::transpose;

// Parameters: df, scale (of size n).

/// With the factor of the scale: |C^-1 L|^2 = tr(scale x^-1) for x = C C'.
Expr log_density_by_cholesky(Expr x, Parameters p) {
  const double n = real_size(p[1]);
  const Expr factor = cholesky(x);
  const Expr normaliser =
      p[0] * (0.5 * n * log_2 - log_det_factor(p[1])) + multivariate_lgamma(0.5 * p[0], size_of(p[1]));
  const Expr density = -(p[0] + (n + 1)) * log_det_factor(factor) -
                       0.5 * sum_of_squares(solve_lower(factor, p[1])) - normaliser;
  return where(wishart_exists(p), density);
}

Expr log_density(Expr x, Parameters p) {
  return log_density_by_cholesky(x, std::vector{p[0], cholesky(p[1])});
}

/// With A A' from Wishart(df, 1) and scale = C C': the draw is B' B for A B = C'.
Expr sample(Parameters p, const DrawShape& shape) {
  const Expr root = solve_lower(bartlett_factor(p[0], shape), transpose(cholesky(p[1])));
  return where(over_matrix(wishart_exists(p)), product_with_transpose(transpose(root)));
}

Expr mean(Parameters p) {
  const Expr rest = over_matrix(p[0] - (real_size(p[1]) + 1));
  return where(less(number(rest, 0), rest), p[1] / rest);
}

/// With r = df - n - 1: ((r + 2) V_ij^2 + r V_ii V_jj) / ((r + 1) r^2 (r - 2)).
Expr variance(Parameters p) {
  const Expr r = over_matrix(p[0] - (real_size(p[1]) + 1)), d = diagonal(p[1]);
  const Expr product = over_rows(d) * over_columns(d);
  const Expr value = ((r + 2.0) * square(p[1]) + r * product) / ((r + 1.0) * square(r) * (r - 2.0));
  return where(less(number(r, 2), r), value);
}

/// (n + 1)/2 log det(scale/2) + log gamma_n(df/2) - (df + n + 1)/2 psi_n(df/2) + n df/2.
Expr entropy(Parameters p) {
  const double n = real_size(p[1]);
  const Expr half = 0.5 * p[0];
  const std::int64_t size = size_of(p[1]);
  return (n + 1) * (log_det_factor(cholesky(p[1])) - 0.5 * n * log_2) + multivariate_lgamma(half, size) -
         (half + 0.5 * (n + 1)) * multivariate_digamma(half, size) + n * half;
}

/// That of the inverses.
Expr kl(Parameters p, Parameters q) {
  const Expr from = cholesky(p[1]), to = cholesky(q[1]);
  return wishart_kl(p[0], q[0], size_of(p[1]), log_det_factor(from) - log_det_factor(to),
                    sum_of_squares(solve_lower(from, to)));
}

// eta = (-scale / 2, -(df + n + 1) / 2), T = (x^-1, log det x).
const runtime::ExponentialFamily exponential_family{
    .natural_parameters = [](Parameters p) -> std::vector<Expr> {
      return {-0.5 * p[1], -0.5 * (p[0] + (real_size(p[1]) + 1))};
    },
    .sufficient_statistics = [](Expr x, Parameters) -> std::vector<Expr> {
      const Expr factor = cholesky(x);
      return {inverse_of_product(factor), 2.0 * log_det_factor(factor)};
    },
    .log_partition =
        [](Parameters eta, Parameters) {
          const Expr half = -eta[1] - 0.5 * (real_size(eta[0]) + 1);
          return multivariate_lgamma(half, size_of(eta[0])) - 2.0 * half * log_det_factor(cholesky(-eta[0]));
        },
    .log_base_measure = [](Expr x,
                           Parameters) { return sum_dim(sum_dim(spread_over(number(x, 0), x), -1), -1); },
    .parameters = [](Parameters eta, Parameters) -> std::vector<Expr> {
      return {-2.0 * eta[1] - (real_size(eta[0]) + 1), -2.0 * eta[0]};
    },
};

}  // namespace

const runtime::Distribution inverse_wishart{
    .name = "InverseWishart",
    .summary = "positive definite matrix whose inverse is a Wishart matrix; prior of a covariance",
    .formula =
        "det(scale)^(df/2) det(x)^(-(df + n + 1)/2) exp(-tr(scale x^-1)/2) / (2^(n df/2) Gamma_n(df/2))",
    .parameters = {{"df", &runtime::positive_support, "", "degrees of freedom, more than n - 1"},
                   {"scale", &runtime::covariance_support, "", "matrix; the mean is scale / (df - n - 1)"}},
    .alternatives = {{.name = "cholesky",
                      .replaces = "scale",
                      .support = &runtime::cholesky_covariance_support,
                      .help = "lower triangular L with L L' = scale",
                      .canonical = product_with_transpose,
                      .from_canonical = cholesky,
                      .log_density = log_density_by_cholesky}},
    .event_rank = 2,
    .parameter_ranks = {0, 2},
    .problem = wishart_problem,
    .support =
        [](Parameters) {
          return runtime::Support{&runtime::covariance_support, {}};
        },
    .log_density = log_density,
    .sample = sample,
    .pathwise = runtime::Pathwise::implicit,
    .mean = mean,
    .variance = variance,
    .entropy = entropy,
    .exponential_family = &exponential_family,
    .kl = kl,
    .test_points = {{9, 1, 0.3, 0.3, 0.5}, {10, 2}, {12, 2, 0.4, 0.1, 0.4, 1, -0.2, 0.1, -0.2, 0.5}},
    .example =
        R"(# The covariance of pairs with known mean 0. Its posterior is InverseWishart(9, scale + sum of x x').
let x = [[1.2, 0.9], [-0.4, -1.1], [2.0, 1.4], [-1.7, -0.6], [0.3, 0.1]]

model pairs(x) {
  v : covariance[2] ~ InverseWishart(4, [[1, 0], [0, 1]])
  for i in 1:5 {
    x[i] ~ MultivariateNormal([0, 0], covariance = v)
  }
}
guide q {
  param df : lower(1) = 4
  param scale : covariance[2]
  v ~ InverseWishart(df, scale)
}

let fit = infer(pairs(x), q, natural(), steps = 1, seed = 1)
print("df {:.3f}, scale {:.3f}", fit.params.df, fit.params.scale)
)",
};

}  // namespace elbo::stdlib
