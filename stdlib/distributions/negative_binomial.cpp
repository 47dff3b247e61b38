// Negative binomial distribution by its mean: a Poisson count whose rate is a gamma draw.
#include "stdlib/distributions/building.hpp"
#include "stdlib/distributions/list.hpp"

namespace elbo::stdlib {
namespace {

using runtime::positive_support;

Expr log_density(Expr x, Parameters p) {
  const Expr choose = -log(x + p[1]) - log_beta(p[1], x + 1.0);
  return choose - p[1] * log1p(p[0] / p[1]) - x * log1p(p[1] / p[0]);
}

Expr sample(Parameters p, const DrawShape& shape) {
  const Expr rate = random_gamma(p[1], shape.axes, shape.event) * (p[0] / p[1]);
  return random_poisson(keep_positive(rate), shape.axes, shape.event);
}

}  // namespace

const runtime::Distribution negative_binomial{
    .name = "NegativeBinomial",
    .summary = "counts with more variance than Poisson: mean and overdispersion",
    .formula =
        "binomial(x + overdispersion - 1, x) (mean / (mean + overdispersion))^x (overdispersion / (mean + "
        "overdispersion))^overdispersion",
    .parameters = {{"mean", &positive_support, "", "mean"},
                   {"overdispersion", &positive_support, "",
                    "the variance is mean + mean^2 / overdispersion: Poisson for large ones"}},
    .alternatives = {},
    .parameter_ranks = {},
    .support =
        [](Parameters) {
          return runtime::Support{&runtime::natural_support, {}};
        },
    .log_density = log_density,
    .sample = sample,
    .mean = [](Parameters p) { return p[0]; },
    .variance = [](Parameters p) { return p[0] + square(p[0]) / p[1]; },
    .test_points = {{3, 2}, {0.4, 0.7}, {20, 50}},
    .example = R"(# Counts that vary more than Poisson counts of the same mean.
let sick = sample(NegativeBinomial(mean = 4, overdispersion = 2), 500, seed = 1)
model days(sick) {
  mu  ~ Gamma(2, 0.5)
  phi ~ Gamma(2, 0.5)
  sick ~ NegativeBinomial(mean = mu, overdispersion = phi)
}
let fit = infer(days(sick), bbvi(samples = 20), steps = 800, seed = 1)
print("mean {:.1f}, overdispersion {:.1f}", fit.mean.mu, fit.mean.phi)
)",
};

}  // namespace elbo::stdlib
