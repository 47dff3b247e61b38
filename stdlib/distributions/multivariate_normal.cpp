// Multivariate normal distribution: mean vector, with covariance, its lower Cholesky factor, or precision.
#include "runtime/matrices.hpp"
#include "stdlib/distributions/building.hpp"
#include "stdlib/distributions/list.hpp"

namespace elbo::stdlib {
namespace {

using runtime::cholesky;
using runtime::diagonal;
using runtime::identity_matrix;
using runtime::matrix_product;
using runtime::real_support;
using runtime::solve_lower;
using runtime::solve_lower_vector;
using runtime::times_vector;
using runtime::transpose;

double size(Expr vectors) { return static_cast<double>(vectors.type().event.back()); }

/// log det L.
Expr log_det_factor(Expr factor) { return sum_dim(log(diagonal(factor)), -1); }

Expr log_density_by_cholesky(Expr x, Parameters p) {
  const Expr z = solve_lower_vector(p[1], x - p[0]);
  return -0.5 * sum_dim(square(z), -1) - (log_det_factor(p[1]) + half_log_2_pi * size(x));
}

Expr log_density(Expr x, Parameters p) {
  return log_density_by_cholesky(x, std::vector{p[0], cholesky(p[1])});
}

/// (x - m)' P (x - m) = |L' (x - m)|^2 with P = L L'.
Expr log_density_by_precision(Expr x, Parameters p) {
  const Expr factor = cholesky(p[1]);
  const Expr z = times_vector(transpose(factor), x - p[0]);
  return -0.5 * sum_dim(square(z), -1) + (log_det_factor(factor) - half_log_2_pi * size(x));
}

Expr sample_by_cholesky(Parameters p, const DrawShape& shape) {
  return p[0] + times_vector(p[1], standard_normal(p, shape));
}

Expr sample(Parameters p, const DrawShape& shape) {
  return sample_by_cholesky(std::vector{p[0], cholesky(p[1])}, shape);
}

/// Inverse of L L'.
Expr inverse_of_product(Expr factor) {
  const Expr inverse = solve_lower(factor, identity_matrix(factor.graph(), factor.type().event.back()));
  return matrix_product(transpose(inverse), inverse);
}
Expr inverse(Expr definite) { return inverse_of_product(cholesky(definite)); }

/// A mean for each matrix and each mean's own.
Expr whole_mean(Parameters p) { return spread_over(p[0], diagonal(p[1])); }

Expr entropy(Parameters p) { return log_det_factor(cholesky(p[1])) + (half_log_2_pi + 0.5) * size(p[0]); }

/// log det Lq - log det Lp + (|Lq^-1 Lp|^2 + |Lq^-1 (mp - mq)|^2 - n) / 2.
Expr kl(Parameters p, Parameters q) {
  const Expr from = cholesky(p[1]), to = cholesky(q[1]);
  const Expr spread = sum_dim(sum_dim(square(solve_lower(to, from)), -1), -1);
  const Expr shift = sum_dim(square(solve_lower_vector(to, p[0] - q[0])), -1);
  return log_det_factor(to) - log_det_factor(from) + 0.5 * (spread + shift - size(p[0]));
}

// eta = (P m, -P / 2), T = (x, x x'), P the precision.
const runtime::ExponentialFamily exponential_family{
    .natural_parameters = [](Parameters p) -> std::vector<Expr> {
      const Expr precision = inverse(p[1]);
      return {times_vector(precision, p[0]), -0.5 * precision};
    },
    .sufficient_statistics = [](Expr x, Parameters) -> std::vector<Expr> {
      runtime::Shape row = x.type().event;
      row.insert(row.end() - 1, 1);
      return {x, as_column(x) * reshape(x, row)};
    },
    .log_partition =
        [](Parameters eta, Parameters) {
          const Expr factor = cholesky(-2.0 * eta[1]);
          return 0.5 * sum_dim(square(solve_lower_vector(factor, eta[0])), -1) - log_det_factor(factor);
        },
    .log_base_measure = [](Expr x,
                           Parameters) { return sum_dim(spread_over(number(x, -half_log_2_pi), x), -1); },
    .parameters = [](Parameters eta, Parameters) -> std::vector<Expr> {
      const Expr covariance = inverse(-2.0 * eta[1]);
      return {times_vector(covariance, eta[0]), covariance};
    },
};

const runtime::GaussianForm gaussian{
    .location = whole_mean,
    .scale = [](Parameters p) { return cholesky(p[1]); },
    .parameters = [](Expr location, Expr scale) -> std::vector<Expr> {
      return {location, matrix_product(scale, transpose(scale))};
    },
};

}  // namespace

const runtime::Distribution multivariate_normal{
    .name = "MultivariateNormal",
    .summary = "normal distribution of a vector: mean with covariance, Cholesky factor or precision",
    .formula = "exp(-(x - mean)' covariance^-1 (x - mean) / 2) / sqrt((2 pi)^n det(covariance))",
    .parameters = {{"mean", &real_support, "", "centre, a vector"},
                   {"covariance", &runtime::covariance_support, "", "matrix of covariances of the entries"}},
    .alternatives = {{.name = "cholesky",
                      .replaces = "covariance",
                      .support = &runtime::cholesky_covariance_support,
                      .help = "lower triangular L with L L' = covariance",
                      .canonical = [](Expr factor) { return matrix_product(factor, transpose(factor)); },
                      .from_canonical = [](Expr covariance) { return cholesky(covariance); },
                      .log_density = log_density_by_cholesky,
                      .sample = sample_by_cholesky},
                     {.name = "precision",
                      .replaces = "covariance",
                      .support = &runtime::covariance_support,
                      .help = "inverse of the covariance",
                      .canonical = inverse,
                      .from_canonical = inverse,
                      .log_density = log_density_by_precision}},
    .event_rank = 1,
    .parameter_ranks = {1, 2},
    .support =
        [](Parameters) {
          return runtime::Support{&real_support, {}};
        },
    .log_density = log_density,
    .sample = sample,
    .pathwise = runtime::Pathwise::location_scale,
    .mean = whole_mean,
    .variance = [](Parameters p) { return spread_over(diagonal(p[1]), p[0]); },
    .entropy = entropy,
    .exponential_family = &exponential_family,
    .gaussian = &gaussian,
    .kl = kl,
    .test_points = {{0.5, -1, 2, 0.6, 0.6, 1}, {1, 2, 3, 4, 1, 0.5, 1, 3, -0.2, 0.5, -0.2, 2}},
    .example = R"(# Two measurements of ten flowers that vary together.
let x = [[5.1, 3.5], [4.9, 3.0], [4.7, 3.2], [4.6, 3.1], [5.0, 3.6],
         [5.4, 3.9], [4.6, 3.4], [5.0, 3.4], [4.4, 2.9], [4.9, 3.1]]

model flowers(x) {
  m ~ Normal(0, 10, size = 2)
  for i in 1:10 {
    x[i] ~ MultivariateNormal(m, covariance = [[0.12, 0.1], [0.1, 0.14]])
  }
}
guide q {
  param centre = zeros(2)
  param spread : covariance[2]
  m ~ MultivariateNormal(centre, spread)
}

let fit = infer(flowers(x), q, natural(), steps = 1, seed = 1)
print("{:.3f}", fit.mean.m)
)",
};

}  // namespace elbo::stdlib
