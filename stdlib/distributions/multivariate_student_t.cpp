// Multivariate Student's t distribution: df, mean, and scale matrix, its lower Cholesky factor, or its
// inverse.
#include "stdlib/distributions/list.hpp"
#include "stdlib/distributions/matrix_building.hpp"

namespace elbo::stdlib {
namespace {

using runtime::cholesky;
using runtime::diagonal;
using runtime::solve_lower_vector;
using runtime::times_vector;

// Parameters: df, mean, scale (of size n).

/// Deviations whose squares are finite: of infinite ones the factor would make inf - inf.
Expr within_reach(Expr x) { return minimum(maximum(x, number(x, -1e140)), number(x, 1e140)); }

/// With log det of the factor of the scale, and (x - m)' scale^-1 (x - m).
Expr density_of_distance(Expr df, double n, Expr log_det, Expr distance) {
  const Expr half = 0.5 * df;
  const Expr normaliser = lgamma(half + 0.5 * n) - lgamma(half) - 0.5 * n * (log(df) + log_pi) - log_det;
  return normaliser - (half + 0.5 * n) * log1p(distance / df);
}

Expr log_density_by_cholesky(Expr x, Parameters p) {
  const Expr z = solve_lower_vector(p[2], within_reach(x - p[1]));
  return density_of_distance(p[0], real_size(p[2]), log_det_factor(p[2]), sum_dim(square(z), -1));
}

Expr log_density(Expr x, Parameters p) {
  return log_density_by_cholesky(x, std::vector{p[0], p[1], cholesky(p[2])});
}

Expr log_density_by_precision(Expr x, Parameters p) {
  const Expr factor = cholesky(p[2]);
  const Expr z = times_vector(runtime::transpose(factor), within_reach(x - p[1]));
  return density_of_distance(p[0], real_size(p[2]), -log_det_factor(factor), sum_dim(square(z), -1));
}

/// A normal vector over the root of an independent Gamma(df/2, df/2), in logarithms since it may underflow.
Expr sample(Parameters p, const DrawShape& shape) {
  const Expr half = 0.5 * p[0];
  const runtime::Shape each(shape.event.begin(), shape.event.end() - 1);
  const Expr log_gamma = random_log_gamma(half, shape.axes, each);
  const Expr stretch = minimum(exp(0.5 * (log(half) - log_gamma)), number(half, 1e140));
  return p[1] + times_vector(cholesky(p[2]), standard_normal(p, shape)) * as_column(stretch);
}

/// The parameters with the batch dimensions of all.
Expr whole(Expr x, Parameters p) {
  return spread_over(spread_over(spread_over(x, as_column(p[0])), p[1]), diagonal(p[2]));
}

Expr mean(Parameters p) { return where(less(number(p[0], 1), as_column(p[0])), whole(p[1], p)); }

Expr variance(Parameters p) {
  const Expr df = as_column(p[0]);
  return heavy_variance(df, 1, whole(diagonal(p[2]), p) * df / (df - 2.0));
}

Expr entropy(Parameters p) {
  const double n = real_size(p[2]);
  const Expr half = 0.5 * p[0], more = half + 0.5 * n;
  return log_det_factor(cholesky(p[2])) + 0.5 * n * (log(p[0]) + log_pi) + lgamma(half) - lgamma(more) +
         more * (digamma(more) - digamma(half));
}

std::string problem(Parameters p) {
  if (const std::string shape = square_problem("scale", p[2]); !shape.empty()) return shape;
  return size_problem("mean", size_of(p[1]), "scale", size_of(p[2]));
}

}  // namespace

const runtime::Distribution multivariate_student_t{
    .name = "MultivariateStudentT",
    .summary = "Student's t of a vector: degrees of freedom, mean and scale matrix; robust to outliers",
    .formula = "c (1 + (x - mean)' scale^-1 (x - mean) / df)^(-(df + n)/2)",
    .parameters = {{"df", &runtime::positive_support, "",
                    "degrees of freedom; smaller ones give heavier tails"},
                   {"mean", &runtime::real_support, "", "centre, a vector"},
                   {"scale", &runtime::covariance_support, "",
                    "matrix; the covariance is scale * df / (df - 2)"}},
    .alternatives = {{.name = "cholesky",
                      .replaces = "scale",
                      .support = &runtime::cholesky_covariance_support,
                      .help = "lower triangular L with L L' = scale",
                      .canonical = product_with_transpose,
                      .from_canonical = cholesky,
                      .log_density = log_density_by_cholesky},
                     {.name = "precision",
                      .replaces = "scale",
                      .support = &runtime::covariance_support,
                      .help = "inverse of the scale matrix",
                      .canonical = inverse,
                      .from_canonical = inverse,
                      .log_density = log_density_by_precision}},
    .event_rank = 1,
    .parameter_ranks = {0, 1, 2},
    .problem = problem,
    .support =
        [](Parameters) {
          return runtime::Support{&runtime::real_support, {}};
        },
    .log_density = log_density,
    .sample = sample,
    .pathwise = runtime::Pathwise::implicit,
    .mean = mean,
    .variance = variance,
    .entropy = entropy,
    .test_points = {{7, 0.5, -1, 2, 0.6, 0.6, 1},
                    {4.5, 3, 2},
                    {30, 1, 2, 3, 4, 1, 0.5, 1, 3, -0.2, 0.5, -0.2, 2}},
    .example = R"(# Two measurements, one pair of which is far out: the centre hardly moves.
let x = [[5.1, 3.5], [4.9, 3.0], [4.7, 3.2], [4.6, 3.1], [5.0, 3.6], [54.0, 0.3]]

model robust(x) {
  m ~ Normal(0, 10, size = 2)
  for i in 1:6 {
    x[i] ~ MultivariateStudentT(3, m, scale = [[0.1, 0.05], [0.05, 0.1]])
  }
}

let fit = infer(robust(x), bbvi(), steps = 800, seed = 1)
print("{:.1f}", fit.mean.m)
)",
};

}  // namespace elbo::stdlib
