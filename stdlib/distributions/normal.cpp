// Normal distribution: mean and standard deviation, variance or precision.
#include "stdlib/distributions/building.hpp"
#include "stdlib/distributions/list.hpp"

namespace elbo::stdlib {
namespace {

using runtime::positive_support;
using runtime::real_support;

Expr log_density(Expr x, Parameters p) {
  return -0.5 * square((x - p[0]) * (1.0 / p[1])) - (log(p[1]) + half_log_2_pi);
}

Expr log_density_by_variance(Expr x, Parameters p) {
  return square(x - p[0]) * (-0.5 / p[1]) - (0.5 * log(p[1]) + half_log_2_pi);
}

Expr log_density_by_precision(Expr x, Parameters p) {
  return square(x - p[0]) * (-0.5 * p[1]) + (0.5 * log(p[1]) - half_log_2_pi);
}

Expr sample(Parameters p, const DrawShape& shape) { return p[0] + p[1] * standard_normal(p, shape); }

/// log(q.sd / p.sd) + (p.sd^2 + (p.mean - q.mean)^2) / (2 q.sd^2) - 1/2.
Expr kl(Parameters p, Parameters q) {
  return log(q[1] / p[1]) + (square(p[1]) + square(p[0] - q[0])) / (2.0 * square(q[1])) - 0.5;
}

// eta = (mean / sd^2, -1 / (2 sd^2)), T = (x, x^2).
const runtime::ExponentialFamily exponential_family{
    .natural_parameters = [](Parameters p) -> std::vector<Expr> {
      const Expr precision = 1.0 / square(p[1]);
      return {p[0] * precision, -0.5 * precision};
    },
    .sufficient_statistics = [](Expr x, Parameters) -> std::vector<Expr> {
      return {x, square(x)};
    },
    .log_partition = [](Parameters eta,
                        Parameters) { return square(eta[0]) / (-4.0 * eta[1]) - 0.5 * log(-2.0 * eta[1]); },
    .log_base_measure = [](Expr x, Parameters) { return number(x, -half_log_2_pi); },
    .parameters = [](Parameters eta, Parameters) -> std::vector<Expr> {
      const Expr variance = -0.5 / eta[1];
      return {eta[0] * variance, sqrt(variance)};
    },
};

const runtime::GaussianForm gaussian{
    .location = [](Parameters p) { return p[0]; },
    .scale = [](Parameters p) { return p[1]; },
    .parameters = [](Expr location, Expr scale) -> std::vector<Expr> {
      return {location, scale};
    },
};

Expr standard(Expr x, Parameters p) { return (x - p[0]) * (1.0 / p[1]); }

Expr cdf(Expr x, Parameters p) { return normal_cdf(standard(x, p)); }
Expr survival(Expr x, Parameters p) { return normal_cdf(-standard(x, p)); }
Expr log_cdf(Expr x, Parameters p) { return normal_log_cdf(standard(x, p)); }
Expr log_survival(Expr x, Parameters p) { return normal_log_cdf(-standard(x, p)); }
Expr quantile(Expr q, Parameters p) { return p[0] + p[1] * normal_quantile(q); }

}  // namespace

const runtime::Distribution normal{
    .name = "Normal",
    .summary = "normal (Gaussian) with mean and standard deviation, variance or precision",
    .formula = "exp(-((x - mean) / sd)^2 / 2) / (sd sqrt(2 pi))",
    .parameters = {{"mean", &real_support, "", "centre"},
                   {"sd", &positive_support, "", "standard deviation"}},
    .alternatives = {{.name = "variance",
                      .replaces = "sd",
                      .support = &positive_support,
                      .help = "sd^2",
                      .canonical = [](Expr variance) { return sqrt(variance); },
                      .from_canonical = [](Expr sd) { return square(sd); },
                      .log_density = log_density_by_variance},
                     {.name = "precision",
                      .replaces = "sd",
                      .support = &positive_support,
                      .help = "1 / sd^2",
                      .canonical = [](Expr precision) { return 1.0 / sqrt(precision); },
                      .from_canonical = [](Expr sd) { return 1.0 / square(sd); },
                      .log_density = log_density_by_precision}},
    .parameter_ranks = {},
    .support =
        [](Parameters) {
          return runtime::Support{&real_support, {}};
        },
    .log_density = log_density,
    .sample = sample,
    .pathwise = runtime::Pathwise::location_scale,
    .mean = [](Parameters p) { return p[0]; },
    .variance = [](Parameters p) { return square(p[1]); },
    .entropy = [](Parameters p) { return log(p[1]) + (half_log_2_pi + 0.5); },
    .exponential_family = &exponential_family,
    .gaussian = &gaussian,
    .kl = kl,
    .cdf = cdf,
    .survival = survival,
    .log_cdf = log_cdf,
    .log_survival = log_survival,
    .quantile = quantile,
    .test_points = {{0, 1}, {-3, 0.2}, {150, 40}},
    .example = R"(let x = [4.8, 5.1, 5.9, 4.4, 5.3]
model heights(x) {
  mu ~ Normal(0, 10)
  x  ~ Normal(mu, variance = 0.25)
}
let fit = infer(heights(x), natural(), seed = 1)
print("mean {:.3f} ± {:.3f}", fit.mean.mu, fit.sd.mu)
)",
};

}  // namespace elbo::stdlib
