// Pareto distribution of type II (Lomax, moved by a location): a power law from a location on.
#include "stdlib/distributions/building.hpp"
#include "stdlib/distributions/list.hpp"

namespace elbo::stdlib {
namespace {

using runtime::positive_support;
using runtime::real_support;

// Parameters: location, scale, shape.

/// -log of the probability beyond x.
Expr exponent(Expr x, Parameters p) { return p[2] * log1p((x - p[0]) * (1.0 / p[1])); }

Expr log_density(Expr x, Parameters p) {
  return (log(p[2]) - log(p[1])) - (p[2] + 1.0) * log1p((x - p[0]) * (1.0 / p[1]));
}

Expr quantile(Expr q, Parameters p) { return p[0] + p[1] * expm1(-log1p(-q) / p[2]); }

Expr sample(Parameters p, const DrawShape& shape) {
  return p[0] + p[1] * expm1(-log(uniform(p, shape)) / p[2]);
}

Expr mean(Parameters p) { return heavy_mean(p[2], 1, p[0] + p[1] / (p[2] - 1.0)); }

Expr variance(Parameters p) {
  return heavy_variance(p[2], 1, square(p[1] / (p[2] - 1.0)) * p[2] / (p[2] - 2.0));
}

Expr cdf(Expr x, Parameters p) { return -expm1(-exponent(x, p)); }
Expr survival(Expr x, Parameters p) { return exp(-exponent(x, p)); }
Expr log_cdf(Expr x, Parameters p) { return log1m_exp(exponent(x, p)); }
Expr log_survival(Expr x, Parameters p) { return -exponent(x, p); }

}  // namespace

const runtime::Distribution pareto_type_ii{
    .name = "ParetoTypeII",
    .summary = "Pareto of type II (Lomax) with location, scale and shape",
    .formula = "(shape / scale) (1 + (x - location) / scale)^(-shape - 1)",
    .parameters = {{"location", &real_support, "", "least value"},
                   {"scale", &positive_support, "", "width"},
                   {"shape", &positive_support, "", "exponent of the tail: moments of order below it exist"}},
    .alternatives = {},
    .parameter_ranks = {},
    .support =
        [](Parameters p) {
          return runtime::Support{&runtime::lower_support, {p[0]}};
        },
    .log_density = log_density,
    .sample = sample,
    .pathwise = runtime::Pathwise::inverse_cdf,
    .mean = mean,
    .variance = variance,
    .entropy = [](Parameters p) { return log(p[1] / p[2]) + 1.0 / p[2] + 1.0; },
    .cdf = cdf,
    .survival = survival,
    .log_cdf = log_cdf,
    .log_survival = log_survival,
    .quantile = quantile,
    .test_points = {{0, 1, 5}, {-2, 3, 8}, {10, 0.5, 12}},
    .example = "print(\"{:.4f}\", survival(ParetoTypeII(0, 2, 3), 4))\n",
};

}  // namespace elbo::stdlib
