// Half-normal distribution: the absolute value of a normal centred at zero.
#include <cmath>

#include "stdlib/distributions/building.hpp"
#include "stdlib/distributions/inversion.hpp"
#include "stdlib/distributions/list.hpp"

namespace elbo::stdlib {
namespace {

using runtime::nonnegative_support;
using runtime::positive_support;

Expr log_density(Expr x, Parameters p) {
  return -0.5 * square(x * (1.0 / p[0])) - (log(p[0]) - half_log_2_over_pi);
}

Expr sample(Parameters p, const DrawShape& shape) { return p[0] * abs(standard_normal(p, shape)); }

/// log(q.sd / p.sd) + (p.sd / q.sd)^2 / 2 - 1/2.
Expr kl(Parameters p, Parameters q) { return log(q[0] / p[0]) + 0.5 * square(p[0] / q[0]) - 0.5; }

// eta = -1 / (2 sd^2), T = x^2.
const runtime::ExponentialFamily exponential_family{
    .natural_parameters = [](Parameters p) -> std::vector<Expr> { return {-0.5 / square(p[0])}; },
    .sufficient_statistics = [](Expr x, Parameters) -> std::vector<Expr> { return {square(x)}; },
    .log_partition = [](Parameters eta, Parameters) { return -0.5 * log(-2.0 * eta[0]); },
    .log_base_measure = [](Expr x, Parameters) { return number(x, half_log_2_over_pi); },
    .parameters = [](Parameters eta, Parameters) -> std::vector<Expr> { return {sqrt(-0.5 / eta[0])}; },
};

Expr cdf(Expr x, Parameters p) { return erf(x * (1.0 / p[0]) * std::sqrt(0.5)); }
Expr survival(Expr x, Parameters p) { return 2.0 * normal_cdf(-x * (1.0 / p[0])); }
Expr log_survival(Expr x, Parameters p) { return normal_log_cdf(-x * (1.0 / p[0])) + log_2; }

// Near 0 the quantile of 1/2 + q/2 has lost digits of q; the step after it brings them back.
Expr quantile(Expr q, Parameters p) {
  return refined(-p[0] * normal_quantile(0.5 * (1.0 - q)), q, p, {cdf, log_density});
}

}  // namespace

const runtime::Distribution half_normal{
    .name = "HalfNormal",
    .summary = "absolute value of a normal at zero; prior of scales",
    .formula = "sqrt(2 / pi) exp(-(x / sd)^2 / 2) / sd",
    .parameters = {{"sd", &positive_support, "", "standard deviation of the normal before folding"}},
    .alternatives = {},
    .parameter_ranks = {},
    .support =
        [](Parameters) {
          return runtime::Support{&nonnegative_support, {}};
        },
    .log_density = log_density,
    .sample = sample,
    .pathwise = runtime::Pathwise::location_scale,
    .mean = [](Parameters p) { return p[0] * 0.79788456080286535588; },  // sqrt(2 / pi)
    .variance = [](Parameters p) { return square(p[0]) * (1.0 - 2.0 / pi); },
    .entropy = [](Parameters p) { return log(p[0]) + (0.5 - half_log_2_over_pi); },
    .exponential_family = &exponential_family,
    .kl = kl,
    .cdf = cdf,
    .survival = survival,
    .log_survival = log_survival,
    .quantile = quantile,
    .test_points = {{1}, {7}, {0.05}},
    .example = R"(# A prior of scales that rules large ones out.
model groups(y) {
  tau ~ HalfNormal(sd = 1)
  y   ~ Normal(0, tau)
}
let fit = infer(groups([0.1, -8, 11, 3, -6]), bbvi(samples = 20), steps = 1000, seed = 1)
print("tau {:.1f}", fit.mean.tau)
)",
};

}  // namespace elbo::stdlib
