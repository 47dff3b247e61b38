// Log-normal distribution: log x is normal.
#include "stdlib/distributions/building.hpp"
#include "stdlib/distributions/list.hpp"

namespace elbo::stdlib {
namespace {

using runtime::positive_support;
using runtime::real_support;

Expr log_density(Expr x, Parameters p) {
  const Expr y = log(x);
  return -0.5 * square((y - p[0]) * (1.0 / p[1])) - y - (log(p[1]) + half_log_2_pi);
}

Expr sample(Parameters p, const DrawShape& shape) {
  return keep_positive(exp(p[0] + p[1] * standard_normal(p, shape)));
}

/// That of the normals of log x: relative entropy does not change under a bijection.
Expr kl(Parameters p, Parameters q) {
  return log(q[1] / p[1]) + (square(p[1]) + square(p[0] - q[0])) / (2.0 * square(q[1])) - 0.5;
}

// eta = (mean_log / sd_log^2, -1 / (2 sd_log^2)), T = (log x, (log x)^2).
const runtime::ExponentialFamily exponential_family{
    .natural_parameters = [](Parameters p) -> std::vector<Expr> {
      const Expr precision = 1.0 / square(p[1]);
      return {p[0] * precision, -0.5 * precision};
    },
    .sufficient_statistics = [](Expr x, Parameters) -> std::vector<Expr> {
      return {log(x), square(log(x))};
    },
    .log_partition = [](Parameters eta,
                        Parameters) { return square(eta[0]) / (-4.0 * eta[1]) - 0.5 * log(-2.0 * eta[1]); },
    .log_base_measure = [](Expr x, Parameters) { return -log(x) - half_log_2_pi; },
    .parameters = [](Parameters eta, Parameters) -> std::vector<Expr> {
      const Expr variance = -0.5 / eta[1];
      return {eta[0] * variance, sqrt(variance)};
    },
};

Expr standard(Expr x, Parameters p) { return (log(x) - p[0]) * (1.0 / p[1]); }

Expr cdf(Expr x, Parameters p) { return normal_cdf(standard(x, p)); }
Expr survival(Expr x, Parameters p) { return normal_cdf(-standard(x, p)); }
Expr log_cdf(Expr x, Parameters p) { return normal_log_cdf(standard(x, p)); }
Expr log_survival(Expr x, Parameters p) { return normal_log_cdf(-standard(x, p)); }
Expr quantile(Expr q, Parameters p) { return exp(p[0] + p[1] * normal_quantile(q)); }

}  // namespace

const runtime::Distribution log_normal{
    .name = "LogNormal",
    .summary = "positive number whose logarithm is normal",
    .formula = "exp(-((log x - mean_log) / sd_log)^2 / 2) / (x sd_log sqrt(2 pi))",
    .parameters = {{"mean_log", &real_support, "", "mean of log x"},
                   {"sd_log", &positive_support, "", "standard deviation of log x"}},
    .alternatives = {},
    .parameter_ranks = {},
    .support =
        [](Parameters) {
          return runtime::Support{&positive_support, {}};
        },
    .log_density = log_density,
    .sample = sample,
    .pathwise = runtime::Pathwise::location_scale,
    .mean = [](Parameters p) { return exp(p[0] + 0.5 * square(p[1])); },
    .variance = [](Parameters p) { return expm1(square(p[1])) * exp(2.0 * p[0] + square(p[1])); },
    .entropy = [](Parameters p) { return p[0] + log(p[1]) + (half_log_2_pi + 0.5); },
    .exponential_family = &exponential_family,
    .kl = kl,
    .cdf = cdf,
    .survival = survival,
    .log_cdf = log_cdf,
    .log_survival = log_survival,
    .quantile = quantile,
    .test_points = {{0, 1}, {-2, 0.25}, {3, 0.6}},
    .example = R"(let price = [12, 30, 18, 55, 22, 9]
model prices(price) {
  m     ~ Normal(0, 10)
  price ~ LogNormal(mean_log = m, sd_log = 0.6)
}
let fit = infer(prices(price), natural(), seed = 1)
print("median price {:.1f}", exp(fit.mean.m))
)",
};

}  // namespace elbo::stdlib
