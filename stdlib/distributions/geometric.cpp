// Geometric distribution: failures before the first success.
#include "stdlib/distributions/building.hpp"
#include "stdlib/distributions/inversion.hpp"
#include "stdlib/distributions/list.hpp"

namespace elbo::stdlib {
namespace {

using runtime::unit_interval_support;

Expr log_density(Expr x, Parameters p) { return log_from_zero(p[0]) + times_log(x, log1m_to_one(p[0])); }

/// Inverse distribution function; a probability of 1 gives 0.
Expr sample(Parameters p, const DrawShape& shape) {
  return floor(log(uniform(p, shape)) / log1m_to_one(p[0]));
}

Expr entropy(Parameters p) {
  const Expr failure = 1.0 - p[0];
  return -(xlogy(failure, failure) + xlogy(p[0], p[0])) / p[0];
}

Expr kl(Parameters p, Parameters q) {
  return log(p[0] / q[0]) + xlogy(1.0 - p[0], (1.0 - p[0]) / (1.0 - q[0])) / p[0];
}

// eta = log(1 - probability), T = x.
const runtime::ExponentialFamily exponential_family{
    .natural_parameters = [](Parameters p) -> std::vector<Expr> { return {log1p(-p[0])}; },
    .sufficient_statistics = [](Expr x, Parameters) -> std::vector<Expr> { return {x}; },
    .log_partition = [](Parameters eta, Parameters) { return -log(-expm1(eta[0])); },
    .log_base_measure = [](Expr x, Parameters) { return number(x, 0); },
    .parameters = [](Parameters eta, Parameters) -> std::vector<Expr> { return {-expm1(eta[0])}; },
};

/// -log of the probability beyond x.
Expr exponent(Expr x, Parameters p) { return -(x + 1.0) * log1m_to_one(p[0]); }

Expr cdf(Expr x, Parameters p) { return -expm1(-exponent(x, p)); }
Expr survival(Expr x, Parameters p) { return exp(-exponent(x, p)); }
Expr log_cdf(Expr x, Parameters p) { return log1m_exp(exponent(x, p)); }
Expr log_survival(Expr x, Parameters p) { return -exponent(x, p); }

Expr quantile(Expr q, Parameters p) {
  const Expr near = floor(log1p(-q) / log1m_to_one(p[0]));
  return settled(near, q, p, cdf);
}

}  // namespace

const runtime::Distribution geometric{
    .name = "Geometric",
    .summary = "number of failures before the first success",
    .formula = "probability (1 - probability)^x",
    .parameters = {{"probability", &unit_interval_support, "", "of success"}},
    .alternatives = {},
    .parameter_ranks = {},
    .support =
        [](Parameters) {
          return runtime::Support{&runtime::natural_support, {}};
        },
    .log_density = log_density,
    .sample = sample,
    .mean = [](Parameters p) { return (1.0 - p[0]) / p[0]; },
    .variance = [](Parameters p) { return (1.0 - p[0]) / square(p[0]); },
    .entropy = entropy,
    .exponential_family = &exponential_family,
    .kl = kl,
    .cdf = cdf,
    .survival = survival,
    .log_cdf = log_cdf,
    .log_survival = log_survival,
    .quantile = quantile,
    .test_points = {{0.5}, {0.2}, {0.93}},
    .example = R"(# Failures before the first success.
let failures = [0, 2, 1, 0, 4]
model tries(failures) {
  p        ~ Beta(1, 1)
  failures ~ Geometric(p)
}
let fit = infer(tries(failures), natural(), seed = 1)   # the exact posterior, Beta(6, 8)
print("p {:.3f} ± {:.3f}", fit.mean.p, fit.sd.p)
)",
};

}  // namespace elbo::stdlib
