// Exponential distribution: rate or scale.
#include "stdlib/distributions/building.hpp"
#include "stdlib/distributions/list.hpp"

namespace elbo::stdlib {
namespace {

using runtime::nonnegative_support;
using runtime::positive_support;

Expr log_density(Expr x, Parameters p) { return log(p[0]) - p[0] * x; }

Expr log_density_by_scale(Expr x, Parameters p) { return -x * (1.0 / p[0]) - log(p[0]); }

Expr sample(Parameters p, const DrawShape& shape) { return -log(uniform(p, shape)) * (1.0 / p[0]); }

/// log(p.rate / q.rate) + q.rate / p.rate - 1.
Expr kl(Parameters p, Parameters q) { return log(p[0] / q[0]) + q[0] / p[0] - 1.0; }

// eta = -rate, T = x.
const runtime::ExponentialFamily exponential_family{
    .natural_parameters = [](Parameters p) -> std::vector<Expr> { return {-p[0]}; },
    .sufficient_statistics = [](Expr x, Parameters) -> std::vector<Expr> { return {x}; },
    .log_partition = [](Parameters eta, Parameters) { return -log(-eta[0]); },
    .log_base_measure = [](Expr x, Parameters) { return number(x, 0); },
    .parameters = [](Parameters eta, Parameters) -> std::vector<Expr> { return {-eta[0]}; },
    .posterior_family = "Gamma",
};

Expr cdf(Expr x, Parameters p) { return -expm1(-p[0] * x); }
Expr survival(Expr x, Parameters p) { return exp(-p[0] * x); }
Expr log_cdf(Expr x, Parameters p) { return log1m_exp(p[0] * x); }
Expr log_survival(Expr x, Parameters p) { return -p[0] * x; }
Expr quantile(Expr q, Parameters p) { return -log1p(-q) * (1.0 / p[0]); }

}  // namespace

const runtime::Distribution exponential{
    .name = "Exponential",
    .summary = "exponential waiting time with rate or scale",
    .formula = "rate exp(-rate x)",
    .parameters = {{"rate", &positive_support, "", "events per unit: the mean is 1 / rate"}},
    .alternatives = {{.name = "scale",
                      .replaces = "rate",
                      .support = &positive_support,
                      .help = "1 / rate: the mean",
                      .canonical = [](Expr scale) { return 1.0 / scale; },
                      .from_canonical = [](Expr rate) { return 1.0 / rate; },
                      .log_density = log_density_by_scale}},
    .parameter_ranks = {},
    .support =
        [](Parameters) {
          return runtime::Support{&nonnegative_support, {}};
        },
    .log_density = log_density,
    .sample = sample,
    .pathwise = runtime::Pathwise::inverse_cdf,
    .mean = [](Parameters p) { return 1.0 / p[0]; },
    .variance = [](Parameters p) { return 1.0 / square(p[0]); },
    .entropy = [](Parameters p) { return 1.0 - log(p[0]); },
    .exponential_family = &exponential_family,
    .kl = kl,
    .cdf = cdf,
    .survival = survival,
    .log_cdf = log_cdf,
    .log_survival = log_survival,
    .quantile = quantile,
    .test_points = {{1}, {0.02}, {35}},
    .example = R"(let wait = [0.6, 1.4, 0.2, 3.1, 0.9]
model queue(wait) {
  rate ~ Gamma(1, 1)
  wait ~ Exponential(rate)
}
let fit = infer(queue(wait), natural(), seed = 1)   # the exact posterior, Gamma(6, 7.2)
print("rate {:.3f} ± {:.3f}", fit.mean.rate, fit.sd.rate)
)",
};

}  // namespace elbo::stdlib
