// Wishart distribution: of the sum of the products x x' of `df` normal vectors with covariance `scale`.
#include "stdlib/distributions/list.hpp"
#include "stdlib/distributions/wishart_parts.hpp"

namespace elbo::stdlib {
namespace {

using runtime::cholesky;
using runtime::diagonal;
using runtime::matrix_product;
using runtime::solve_lower;

// Parameters: df, scale (of size n).

/// With the factor of the scale: |L^-1 C|^2 = tr(scale^-1 x) for x = C C'.
Expr log_density_by_cholesky(Expr x, Parameters p) {
  const double n = real_size(p[1]);
  const Expr factor = cholesky(x);
  const Expr normaliser =
      p[0] * (0.5 * n * log_2 + log_det_factor(p[1])) + multivariate_lgamma(0.5 * p[0], size_of(p[1]));
  const Expr density = (p[0] - (n + 1)) * log_det_factor(factor) -
                       0.5 * sum_of_squares(solve_lower(p[1], factor)) - normaliser;
  return where(wishart_exists(p), density);
}

Expr log_density(Expr x, Parameters p) {
  return log_density_by_cholesky(x, std::vector{p[0], cholesky(p[1])});
}

Expr sample(Parameters p, const DrawShape& shape) {
  const Expr factor = matrix_product(cholesky(p[1]), bartlett_factor(p[0], shape));
  return where(over_matrix(wishart_exists(p)), product_with_transpose(factor));
}

Expr mean(Parameters p) { return where(over_matrix(wishart_exists(p)), over_matrix(p[0]) * p[1]); }

Expr variance(Parameters p) {
  const Expr d = diagonal(p[1]);
  const Expr product = over_rows(d) * over_columns(d);
  return where(over_matrix(wishart_exists(p)), over_matrix(p[0]) * (square(p[1]) + product));
}

/// (n + 1)/2 log det(2 V) + log gamma_n(df/2) - (df - n - 1)/2 psi_n(df/2) + n df/2.
Expr entropy(Parameters p) {
  const double n = real_size(p[1]);
  const Expr half = 0.5 * p[0];
  const std::int64_t size = size_of(p[1]);
  return (n + 1) * (log_det_factor(cholesky(p[1])) + 0.5 * n * log_2) + multivariate_lgamma(half, size) -
         (half - 0.5 * (n + 1)) * multivariate_digamma(half, size) + n * half;
}

Expr kl(Parameters p, Parameters q) {
  const Expr from = cholesky(p[1]), to = cholesky(q[1]);
  return wishart_kl(p[0], q[0], size_of(p[1]), log_det_factor(to) - log_det_factor(from),
                    sum_of_squares(solve_lower(to, from)));
}

// eta = (-scale^-1 / 2, (df - n - 1) / 2), T = (x, log det x).
const runtime::ExponentialFamily exponential_family{
    .natural_parameters = [](Parameters p) -> std::vector<Expr> {
      return {-0.5 * inverse(p[1]), 0.5 * (p[0] - (real_size(p[1]) + 1))};
    },
    .sufficient_statistics = [](Expr x, Parameters) -> std::vector<Expr> {
      return {x, 2.0 * log_det_factor(cholesky(x))};
    },
    .log_partition =
        [](Parameters eta, Parameters) {
          const Expr half = eta[1] + 0.5 * (real_size(eta[0]) + 1);
          return multivariate_lgamma(half, size_of(eta[0])) - 2.0 * half * log_det_factor(cholesky(-eta[0]));
        },
    .log_base_measure = [](Expr x,
                           Parameters) { return sum_dim(sum_dim(spread_over(number(x, 0), x), -1), -1); },
    .parameters = [](Parameters eta, Parameters) -> std::vector<Expr> {
      return {2.0 * eta[1] + (real_size(eta[0]) + 1), inverse(-2.0 * eta[0])};
    },
};

}  // namespace

const runtime::Distribution wishart{
    .name = "Wishart",
    .summary = "positive definite matrix with degrees of freedom and scale; Gamma of matrices",
    .formula =
        "det(x)^((df - n - 1)/2) exp(-tr(scale^-1 x)/2) / (2^(n df/2) det(scale)^(df/2) Gamma_n(df/2))",
    .parameters = {{"df", &runtime::positive_support, "", "degrees of freedom, more than n - 1"},
                   {"scale", &runtime::covariance_support, "", "matrix; the mean is df * scale"}},
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
    .test_points = {{4, 1, 0.3, 0.3, 0.5}, {2.5, 2}, {5.2, 2, 0.4, 0.1, 0.4, 1, -0.2, 0.1, -0.2, 0.5}},
    .example = R"(# The covariance of two normals, from the sum of the products of six observations.
let s = [[9.1, 4.2], [4.2, 6.3]]

model products(s) {
  v : covariance[2] ~ InverseWishart(4, [[1, 0], [0, 1]])
  s ~ Wishart(6, v)
}
guide q {
  param df : lower(1) = 4
  param scale : covariance[2]
  v ~ InverseWishart(df, scale)
}

let fit = infer(products(s), q, natural(), steps = 1, seed = 1)
print("df {:.3f}, scale {:.3f}", fit.params.df, fit.params.scale)
)",
};

}  // namespace elbo::stdlib
