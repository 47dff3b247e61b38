// Exponentially modified normal distribution: the sum of a normal and an exponential variable.
#include "runtime/operations/operations.hpp"
#include "stdlib/distributions/building.hpp"
#include "stdlib/distributions/list.hpp"

namespace elbo::stdlib {
namespace {

using runtime::positive_support;
using runtime::real_support;

Expr log_density(Expr x, Parameters p) {
  const Expr scaled_rate = p[2] * p[1];
  // finite below, where the last two terms would meet as inf - inf
  const Expr z = maximum((x - p[0]) * (1.0 / p[1]), number(x, -1e300));
  return (log(p[2]) + 0.5 * square(scaled_rate)) - scaled_rate * z +
         x.graph().add(runtime::normal_log_cdf_operation, {z - scaled_rate});
}

Expr sample(Parameters p, const DrawShape& shape) {
  return p[0] + p[1] * standard_normal(p, shape) - log(uniform(p, shape)) / p[2];
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
