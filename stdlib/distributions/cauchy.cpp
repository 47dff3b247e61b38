// Cauchy distribution with location and scale.
#include "stdlib/distributions/building.hpp"
#include "stdlib/distributions/list.hpp"

namespace elbo::stdlib {
namespace {

using runtime::positive_support;
using runtime::real_support;

Expr log_density(Expr x, Parameters p) {
  return -log_pi - log(p[1]) - log1p(square((x - p[0]) * (1.0 / p[1])));
}

Expr sample(Parameters p, const DrawShape& shape) {
  return p[0] + p[1] * tan(pi * (uniform(p, shape) - 0.5));
}

/// Chyzak and Nielsen 2019.
Expr kl(Parameters p, Parameters q) {
  return log(square(p[1] + q[1]) + square(p[0] - q[0])) - log(p[1]) - log(q[1]) - 2.0 * log_2;
}

std::vector<Expr> fisher(Parameters p) {
  const Expr half = 0.5 / square(p[1]);
  return {half, number(p[0], 0), half};
}

// By angles, which keep their digits in both tails.
Expr cdf(Expr x, Parameters p) { return atan2(p[1], p[0] - x) * (1 / pi); }
Expr survival(Expr x, Parameters p) { return atan2(p[1], x - p[0]) * (1 / pi); }

Expr quantile(Expr q, Parameters p) {
  const Expr is_lower = less(q, number(q, 0.5));
  const Expr cotangent = 1.0 / tan(pi * select(is_lower, q, 1.0 - q));
  return p[0] + p[1] * select(is_lower, -cotangent, cotangent);
}

}  // namespace

const runtime::Distribution cauchy{
    .name = "Cauchy",
    .summary = "Cauchy with location and scale; it has no mean",
    .formula = "1 / (pi scale (1 + ((x - location) / scale)^2))",
    .parameters = {{"location", &real_support, "", "centre and median"},
                   {"scale", &positive_support, "", "half the interquartile range"}},
    .alternatives = {},
    .parameter_ranks = {},
    .support =
        [](Parameters) {
          return runtime::Support{&real_support, {}};
        },
    .log_density = log_density,
    .sample = sample,
    .pathwise = runtime::Pathwise::location_scale,
    .entropy = [](Parameters p) { return log(p[1]) + (2.0 * log_2 + log_pi); },
    .fisher = fisher,
    .kl = kl,
    .cdf = cdf,
    .survival = survival,
    .quantile = quantile,
    .test_points = {{0, 1}, {-3, 0.2}, {10, 5}},
    .example = R"(model effects(y) {
  beta ~ Cauchy(0, 2.5, size = 2)
  y    ~ Normal(beta, 1)
}
let fit = infer(effects([0.3, 12.0]), bbvi(samples = 20), steps = 1000, seed = 1)
print("effects {:.1f}", fit.mean.beta)
)",
};

}  // namespace elbo::stdlib
