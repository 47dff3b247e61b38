// Exponentially modified normal distribution: the sum of a normal and an exponential variable.
#include "stdlib/distributions/building.hpp"
#include "stdlib/distributions/inversion.hpp"
#include "stdlib/distributions/list.hpp"

namespace elbo::stdlib {
namespace {

using runtime::positive_support;
using runtime::real_support;

/// log Phi(t) + t^2 / 2 for t <= -30 (Abramowitz and Stegun 26.2.12), where the two sides of the sum cancel.
Expr log_mills(Expr t) {
  const Expr z = 1.0 / square(t);
  return log1p(-z * (1.0 - z * (3.0 - 15.0 * z))) - log(-t) - half_log_2_pi;
}

Expr log_density(Expr x, Parameters p) {
  const Expr scaled_rate = p[2] * p[1];
  // finite below, where the last two terms would meet as inf - inf
  const Expr z = maximum((x - p[0]) * (1.0 / p[1]), number(x, -1e160));
  const Expr t = z - scaled_rate;
  const Expr is_far = less(t, number(x, -30));
  const Expr near = select(is_far, number(x, 0), z), far = select(is_far, t, number(x, -30));
  const Expr rate = select(is_far, number(x, 1), scaled_rate);
  const Expr direct = 0.5 * square(rate) - rate * near + normal_log_cdf(near - rate);
  return log(p[2]) + select(is_far, log_mills(far) - 0.5 * square(z), direct);
}

Expr sample(Parameters p, const DrawShape& shape) {
  // one after the other: compilers may evaluate operands in any order, and streams are numbered as they are made
  const Expr u = uniform(p, shape), normal = standard_normal(p, shape);
  return p[0] + p[1] * normal - log(u) / p[2];
}

Expr standard(Expr x, Parameters p) { return keep_finite((x - p[0]) * (1.0 / p[1])); }

/// Log of what the distribution function of the normal part exceeds this one by: the density over the rate.
Expr log_excess(Expr x, Parameters p) { return log_density(x, p) - log(p[2]); }

Expr log_cdf(Expr x, Parameters p) {
  const Expr log_normal = normal_log_cdf(standard(x, p));
  return log_normal + log1m_exp(log_normal - log_excess(x, p));
}

Expr cdf(Expr x, Parameters p) { return exp(log_cdf(x, p)); }
Expr survival(Expr x, Parameters p) { return normal_cdf(-standard(x, p)) + exp(log_excess(x, p)); }

Expr quantile(Expr q, Parameters p) {
  // the normal part alone lies below, and both parts at equal shares of the tail above
  const Expr low = p[0] + p[1] * normal_quantile(q);
  const Expr high = p[0] + p[1] * normal_quantile(0.5 * (1.0 + q)) - log(0.5 * (1.0 - q)) / p[2];
  return inverse_of(q, p, {cdf, log_density}, low, high);
}

}  // namespace

const runtime::Distribution exp_mod_normal{
    .name = "ExpModNormal",
    .summary = "exponentially modified normal: a normal variable plus an exponential one",
    .formula =
        "rate exp(rate (mean - x) + (rate sd)^2 / 2) Phi((x - mean) / sd - rate sd), with Phi of the "
        "standard normal",
    .parameters = {{"mean", &real_support, "", "mean of the normal part"},
                   {"sd", &positive_support, "", "standard deviation of the normal part"},
                   {"rate", &positive_support, "", "rate of the exponential part"}},
    .alternatives = {},
    .parameter_ranks = {},
    .support =
        [](Parameters) {
          return runtime::Support{&real_support, {}};
        },
    .log_density = log_density,
    .sample = sample,
    .pathwise = runtime::Pathwise::location_scale,
    .mean = [](Parameters p) { return p[0] + 1.0 / p[2]; },
    .variance = [](Parameters p) { return square(p[1]) + 1.0 / square(p[2]); },
    .cdf = cdf,
    .survival = survival,
    .log_cdf = log_cdf,
    .quantile = quantile,
    .test_points = {{0, 1, 1}, {-3, 0.2, 5}, {50, 10, 0.3}},
    .example = R"(# Reaction times: a normal part, then an exponential delay.
let seconds = sample(ExpModNormal(mean = 0.4, sd = 0.05, rate = 5), 150, seed = 1)
model reaction(seconds) {
  mu      ~ Normal(0, 1)
  rate    ~ Gamma(2, 0.2)
  seconds ~ ExpModNormal(mu, 0.05, rate)
}
let fit = infer(reaction(seconds), bbvi(), steps = 600, seed = 1)
print("normal part {:.2f} s, delay {:.2f} s", fit.mean.mu, 1 / fit.mean.rate)
)",
};

}  // namespace elbo::stdlib
