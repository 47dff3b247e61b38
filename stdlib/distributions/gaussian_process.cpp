// Values of a Gaussian process at given inputs: the matrix of their covariances comes from the kernel
// functions
// (`squared_exponential_kernel(x, sd, length_scale)` and others), whose sums and products are kernels again.
#include "stdlib/distributions/list.hpp"
#include "stdlib/distributions/matrix_building.hpp"

namespace elbo::stdlib {
namespace {

using runtime::cholesky;
using runtime::diagonal;
using runtime::solve_lower;
using runtime::solve_lower_vector;
using runtime::times_vector;

// Parameters: kernel [n, n], noise, mean, jitter.

/// Kernel, noise and jitter together. The jitter is relative to the kernel's mean variance, since smooth
/// kernels at near inputs have a smallest eigenvalue below the rounding of the largest.
Expr covariance(Parameters p) {
  const std::int64_t n = size_of(p[0]);
  const Expr own = square(p[1]) + p[3] * (trace(p[0]) / static_cast<double>(n));
  // Half of a matrix is what its Cholesky factor is made of: the mean of both halves has the gradient of
  // both.
  const Expr symmetric = 0.5 * (p[0] + runtime::transpose(p[0]));
  return symmetric + over_matrix(own) * runtime::identity_matrix(p[0].graph(), n);
}

Expr log_density(Expr x, Parameters p) {
  const Expr factor = cholesky(covariance(p));
  const Expr z = solve_lower_vector(factor, spread_over(x - p[2], x));
  return -0.5 * sum_dim(square(z), -1) - (log_det_factor(factor) + half_log_2_pi * real_size(p[0]));
}

Expr sample(Parameters p, const DrawShape& shape) {
  return p[2] + times_vector(cholesky(covariance(p)), standard_normal(p, shape));
}

Expr variances(Parameters p) { return diagonal(covariance(p)); }

Expr mean(Parameters p) { return spread_over(p[2], variances(p)); }
Expr variance(Parameters p) { return spread_over(variances(p), p[2]); }

Expr entropy(Parameters p) {
  return log_det_factor(cholesky(covariance(p))) + (half_log_2_pi + 0.5) * real_size(p[0]);
}

Expr kl(Parameters p, Parameters q) {
  const Expr from = cholesky(covariance(p)), to = cholesky(covariance(q));
  const Expr shift = spread_over(p[2] - q[2], variances(q));
  return log_det_factor(to) - log_det_factor(from) +
         0.5 * (sum_of_squares(solve_lower(to, from)) + sum_dim(square(solve_lower_vector(to, shift)), -1) -
                real_size(p[0]));
}

std::string problem(Parameters p) {
  if (const std::string shape = square_problem("kernel", p[0]); !shape.empty()) return shape;
  if (p[2].type().event.empty()) return {};
  return size_problem("mean", size_of(p[2]), "kernel", size_of(p[0]));
}

}  // namespace

const runtime::Distribution gaussian_process{
    .name = "GaussianProcess",
    .summary = "values of a Gaussian process at the inputs of a kernel's matrix, with noise",
    .formula = "MultivariateNormal(mean, covariance = kernel + (noise^2 + jitter * mean of its diagonal) 1)",
    .parameters = {{"kernel", &runtime::real_support, "",
                    "matrix of covariances, as by squared_exponential_kernel(x, sd, length_scale)"},
                   {"noise", &runtime::nonnegative_support, "0", "standard deviation of independent noise"},
                   {"mean", &runtime::real_support, "0", "mean function at the inputs, a vector"},
                   {"jitter", &runtime::nonnegative_support, "1e-9",
                    "added to the diagonal, relative to its mean, so that the matrix has a Cholesky factor"}},
    .alternatives = {},
    .event_rank = 1,
    .parameter_ranks = {2, 0, 1, 0},
    .outcome_shape = [](Parameters p) { return runtime::Shape{size_of(p[0])}; },
    .problem = problem,
    .support =
        [](Parameters) {
          return runtime::Support{&runtime::real_support, {}};
        },
    .log_density = log_density,
    .sample = sample,
    .pathwise = runtime::Pathwise::location_scale,
    .mean = mean,
    .variance = variance,
    .entropy = entropy,
    .kl = kl,
    .test_points = {{2, 0.6, 0.6, 1, 0.3, 0.5, -1, 0.01}, {2, 0.7, 1, 0.001}},
    .example = R"(# A smooth curve through noisy points, and how fast it bends.
let x = [0.0, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 3.5, 4.0]
let y = [0.1, 0.4, 0.9, 1.0, 0.8, 0.7, 0.2, -0.4, -0.7]

model curve(y) {
  sd           ~ HalfNormal(1)
  length_scale ~ LogNormal(0, 0.5)
  y ~ GaussianProcess(squared_exponential_kernel(x, sd, length_scale), noise = 0.1)
}

let fit = infer(curve(y), bbvi(), steps = 400, seed = 1)
print("a length scale between 0.5 and 3: {}", fit.mean.length_scale > 0.5 and fit.mean.length_scale < 3)
)",
};

}  // namespace elbo::stdlib
