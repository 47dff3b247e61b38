// Pareto distribution.
#include "stdlib/distributions/building.hpp"
#include "stdlib/distributions/list.hpp"

namespace elbo::stdlib {
namespace {

using runtime::lower_support;
using runtime::positive_support;

Expr log_density(Expr x, Parameters p) { return log(p[1]) + p[1] * log(p[0]) - (p[1] + 1.0) * log(x); }

Expr sample(Parameters p, const DrawShape& shape) { return p[0] * exp(-log(uniform(p, shape)) / p[1]); }

Expr mean(Parameters p) { return heavy_mean(p[1], 1, p[0] * p[1] / (p[1] - 1.0)); }

Expr variance(Parameters p) {
  return heavy_variance(p[1], 1, square(p[0] / (p[1] - 1.0)) * p[1] / (p[1] - 2.0));
}

/// -log of the probability beyond x.
Expr exponent(Expr x, Parameters p) { return p[1] * (log(x) - log(p[0])); }

Expr cdf(Expr x, Parameters p) { return -expm1(-exponent(x, p)); }
Expr survival(Expr x, Parameters p) { return exp(-exponent(x, p)); }
Expr log_cdf(Expr x, Parameters p) { return log1m_exp(exponent(x, p)); }
Expr log_survival(Expr x, Parameters p) { return -exponent(x, p); }
Expr quantile(Expr q, Parameters p) { return p[0] * exp(-log1p(-q) / p[1]); }

}  // namespace

const runtime::Distribution pareto{
    .name = "Pareto",
    .summary = "Pareto with minimum and shape: a power law above the minimum",
    .formula = "shape minimum^shape / x^(shape + 1)",
    .parameters = {{"minimum", &positive_support, "", "least value"},
                   {"shape", &positive_support, "", "exponent of the tail: moments of order below it exist"}},
    .alternatives = {},
    .parameter_ranks = {},
    .support =
        [](Parameters p) {
          return runtime::Support{&lower_support, {p[0]}};
        },
    .log_density = log_density,
    .sample = sample,
    .pathwise = runtime::Pathwise::inverse_cdf,
    .mean = mean,
    .variance = variance,
    .entropy = [](Parameters p) { return log(p[0] / p[1]) + 1.0 / p[1] + 1.0; },
    .cdf = cdf,
    .survival = survival,
    .log_cdf = log_cdf,
    .log_survival = log_survival,
    .quantile = quantile,
    .test_points = {{1, 5}, {2.5, 8}, {0.1, 12}},
    .example = R"(# The share of all income that the richest tenth has: 0.1^(1 - 1 / shape).
let income = sample(Pareto(minimum = 1, shape = 2), 1000, seed = 1)
model incomes(income) {
  shape  ~ Gamma(2, 1)
  income ~ Pareto(minimum = 1, shape = shape)
}
let fit = infer(incomes(income), bbvi(), steps = 800, seed = 1)
print("shape {:.1f}, share {:.2f}", fit.mean.shape, 0.1^(1 - 1 / fit.mean.shape))
)",
};

}  // namespace elbo::stdlib
