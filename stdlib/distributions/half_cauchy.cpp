// Half-Cauchy distribution: the absolute value of a Cauchy centred at zero (Gelman 2006, a prior of scales).
#include "stdlib/distributions/building.hpp"
#include "stdlib/distributions/list.hpp"

namespace elbo::stdlib {
namespace {

using runtime::nonnegative_support;
using runtime::positive_support;

Expr log_density(Expr x, Parameters p) {
  return (log_2 - log_pi) - log(p[0]) - log1p(square(x * (1.0 / p[0])));
}

Expr sample(Parameters p, const DrawShape& shape) { return p[0] * tan((0.5 * pi) * uniform(p, shape)); }

/// log((s + s')^2 / (4 s s')): that of two Cauchy distributions with one centre (Chyzak and Nielsen 2019).
Expr kl(Parameters p, Parameters q) { return 2.0 * log(p[0] + q[0]) - log(p[0]) - log(q[0]) - 2.0 * log_2; }

Expr cdf(Expr x, Parameters p) { return atan2(x, p[0]) * (2 / pi); }
Expr survival(Expr x, Parameters p) { return atan2(p[0], x) * (2 / pi); }

// Whichever of the tangent and its reciprocal has the smaller angle.
Expr quantile(Expr q, Parameters p) {
  const Expr is_lower = less(q, number(q, 0.5));
  const Expr tangent = tan((0.5 * pi) * select(is_lower, q, 1.0 - q));
  return p[0] * select(is_lower, tangent, 1.0 / tangent);
}

}  // namespace

const runtime::Distribution half_cauchy{
    .name = "HalfCauchy",
    .summary = "absolute value of a Cauchy at zero; heavy-tailed prior of scales",
    .formula = "2 / (pi scale (1 + (x / scale)^2))",
    .parameters = {{"scale", &positive_support, "", "median"}},
    .alternatives = {},
    .parameter_ranks = {},
    .support =
        [](Parameters) {
          return runtime::Support{&nonnegative_support, {}};
        },
    .log_density = log_density,
    .sample = sample,
    .pathwise = runtime::Pathwise::inverse_cdf,
    .entropy = [](Parameters p) { return log(p[0]) + (log_2 + log_pi); },
    .fisher = [](Parameters p) -> std::vector<Expr> { return {0.5 / square(p[0])}; },
    .kl = kl,
    .cdf = cdf,
    .survival = survival,
    .quantile = quantile,
    .test_points = {{1}, {5}, {0.03}},
    .example = R"(# A prior of scales that allows for large ones.
model groups(y) {
  tau ~ HalfCauchy(scale = 1)
  y   ~ Normal(0, tau)
}
let fit = infer(groups([0.1, -8, 11, 3, -6]), bbvi(samples = 20), steps = 1000, seed = 1)
print("tau {:.0f}", fit.mean.tau)
)",
};

}  // namespace elbo::stdlib
