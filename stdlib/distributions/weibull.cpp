// Weibull distribution.
#include "stdlib/distributions/building.hpp"
#include "stdlib/distributions/list.hpp"

namespace elbo::stdlib {
namespace {

using runtime::positive_support;

Expr log_density(Expr x, Parameters p) {
  const Expr z = log(x) - log(p[1]);
  return log(p[0]) - log(p[1]) + (p[0] - 1.0) * z - finite_exp(p[0] * z);
}

Expr sample(Parameters p, const DrawShape& shape) {
  return keep_positive(p[1] * exp(log(-log(uniform(p, shape))) / p[0]));
}

Expr mean(Parameters p) { return p[1] * exp(lgamma(1.0 + 1.0 / p[0])); }

Expr variance(Parameters p) {
  return square(p[1]) * (exp(lgamma(1.0 + 2.0 / p[0])) - exp(2.0 * lgamma(1.0 + 1.0 / p[0])));
}

Expr entropy(Parameters p) { return euler * (1.0 - 1.0 / p[0]) + log(p[1] / p[0]) + 1.0; }

/// Bauckhage 2013.
Expr kl(Parameters p, Parameters q) {
  const Expr ratio = q[0] / p[0];
  return log(p[0]) - p[0] * log(p[1]) - log(q[0]) + q[0] * log(q[1]) +
         (p[0] - q[0]) * (log(p[1]) - euler / p[0]) + exp(q[0] * log(p[1] / q[1]) + lgamma(ratio + 1.0)) -
         1.0;
}

std::vector<Expr> fisher(Parameters p) {
  return {((1 - euler) * (1 - euler) + pi * pi / 6) / square(p[0]), -(1 - euler) / p[1], square(p[0] / p[1])};
}

/// -log of the probability beyond x.
Expr exponent(Expr x, Parameters p) { return finite_exp(p[0] * (log(x) - log(p[1]))); }

Expr cdf(Expr x, Parameters p) { return -expm1(-exponent(x, p)); }
Expr survival(Expr x, Parameters p) { return exp(-exponent(x, p)); }
Expr log_cdf(Expr x, Parameters p) { return log1m_exp(exponent(x, p)); }
Expr log_survival(Expr x, Parameters p) { return -exponent(x, p); }
Expr quantile(Expr q, Parameters p) { return p[1] * exp(log(-log1p(-q)) / p[0]); }

}  // namespace

const runtime::Distribution weibull{
    .name = "Weibull",
    .summary = "Weibull with shape and scale: times until a failure",
    .formula = "(shape / scale) (x / scale)^(shape - 1) exp(-(x / scale)^shape)",
    .parameters = {{"shape", &positive_support, "", "1 gives the exponential"},
                   {"scale", &positive_support, "", "63% of the draws lie below it"}},
    .alternatives = {},
    .parameter_ranks = {},
    .support =
        [](Parameters) {
          return runtime::Support{&positive_support, {}};
        },
    .log_density = log_density,
    .sample = sample,
    .pathwise = runtime::Pathwise::inverse_cdf,
    .mean = mean,
    .variance = variance,
    .entropy = entropy,
    .fisher = fisher,
    .kl = kl,
    .cdf = cdf,
    .survival = survival,
    .log_cdf = log_cdf,
    .log_survival = log_survival,
    .quantile = quantile,
    .test_points = {{1, 2}, {0.8, 0.5}, {3.5, 20}, {9, 1}},
    .example = R"(# Times to failure; a shape above 1 means that parts wear out.
let months = [4.1, 6.2, 1.5, 9.0, 5.3, 7.0, 3.4]
model wear(months) {
  shape ~ Gamma(2, 1)
  scale ~ Gamma(2, 0.3)
  months ~ Weibull(shape, scale)
}
let fit = infer(wear(months), bbvi(samples = 20), steps = 1500, seed = 1)
print("shape {:.1f} ± {:.1f}", fit.mean.shape, fit.sd.shape)
)",
};

}  // namespace elbo::stdlib
