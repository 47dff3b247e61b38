// Gumbel (extreme value) distribution, of maxima.
#include "stdlib/distributions/building.hpp"
#include "stdlib/distributions/list.hpp"

namespace elbo::stdlib {
namespace {

using runtime::positive_support;
using runtime::real_support;

Expr log_density(Expr x, Parameters p) {
  const Expr z = (x - p[0]) * (1.0 / p[1]);
  // far to the left exp(-z) decides, also where z itself is infinite
  return -maximum(z, number(z, -1e300)) - exp(-z) - log(p[1]);
}

Expr sample(Parameters p, const DrawShape& shape) { return p[0] - p[1] * log(-log(uniform(p, shape))); }

/// With E[x] = location + euler scale and E[exp(-t x)] = exp(-t location) gamma(1 + t scale).
Expr kl(Parameters p, Parameters q) {
  const Expr ratio = p[1] / q[1], shift = (p[0] - q[0]) / q[1];
  return -log(ratio) + euler * (ratio - 1.0) + shift + exp(lgamma(1.0 + ratio) - shift) - 1.0;
}

std::vector<Expr> fisher(Parameters p) {
  const Expr precision = 1.0 / square(p[1]);
  return {precision, -(1 - euler) * precision, ((1 - euler) * (1 - euler) + pi * pi / 6) * precision};
}

/// -log of the distribution function.
Expr exponent(Expr x, Parameters p) { return finite_exp((p[0] - x) * (1.0 / p[1])); }

Expr cdf(Expr x, Parameters p) { return exp(-exponent(x, p)); }
Expr survival(Expr x, Parameters p) { return -expm1(-exponent(x, p)); }
Expr log_cdf(Expr x, Parameters p) { return -exponent(x, p); }

/// -z far to the right, where the exponent e^-z underflows.
Expr log_survival(Expr x, Parameters p) {
  const Expr z = (x - p[0]) * (1.0 / p[1]);
  const Expr is_far = less(number(x, 40), z);
  return select(is_far, -z, log1m_exp(finite_exp(-select(is_far, number(x, 0), z))));
}

Expr quantile(Expr q, Parameters p) { return p[0] - p[1] * log(-log(q)); }

}  // namespace

const runtime::Distribution gumbel{
    .name = "Gumbel",
    .summary = "Gumbel of maxima, with location and scale",
    .formula = "exp(-z - exp(-z)) / scale, z = (x - location) / scale",
    .parameters = {{"location", &real_support, "", "mode"},
                   {"scale", &positive_support, "", "the standard deviation is pi / sqrt(6) scale"}},
    .alternatives = {},
    .parameter_ranks = {},
    .support =
        [](Parameters) {
          return runtime::Support{&real_support, {}};
        },
    .log_density = log_density,
    .sample = sample,
    .pathwise = runtime::Pathwise::location_scale,
    .mean = [](Parameters p) { return p[0] + euler * p[1]; },
    .variance = [](Parameters p) { return square(p[1]) * (pi * pi / 6); },
    .entropy = [](Parameters p) { return log(p[1]) + (euler + 1); },
    .fisher = fisher,
    .kl = kl,
    .cdf = cdf,
    .survival = survival,
    .log_cdf = log_cdf,
    .log_survival = log_survival,
    .quantile = quantile,
    .test_points = {{0, 1}, {-3, 0.2}, {10, 5}},
    .example = R"(# Highest water levels of each year; the level that one year in a hundred exceeds.
let level = [3.1, 2.7, 4.2, 3.3, 2.9, 3.8, 3.0, 3.5]
model floods(level) {
  location ~ Normal(3, 2)
  scale    ~ HalfNormal(1)
  level    ~ Gumbel(location, scale)
}
let fit = infer(floods(level), bbvi(samples = 20), steps = 1500, seed = 1)
print("once in 100 years: {:.1f}", fit.mean.location - fit.mean.scale * log(-log(0.99)))
)",
};

}  // namespace elbo::stdlib
