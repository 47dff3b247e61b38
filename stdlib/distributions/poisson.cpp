// Poisson distribution of counts: rate or its logarithm.
#include "stdlib/distributions/building.hpp"
#include "stdlib/distributions/inversion.hpp"
#include "stdlib/distributions/list.hpp"

namespace elbo::stdlib {
namespace {

using runtime::nonnegative_support;
using runtime::real_support;

Expr log_density(Expr x, Parameters p) { return times_log(x, log_from_zero(p[0])) - p[0] - lgamma(x + 1.0); }

Expr log_density_by_log_rate(Expr x, Parameters p) { return x * p[0] - exp(p[0]) - lgamma(x + 1.0); }

Expr sample(Parameters p, const DrawShape& shape) { return random_poisson(p[0], shape.axes, shape.event); }

/// r log(r / r') + r' - r.
Expr kl(Parameters p, Parameters q) { return xlogy(p[0], p[0] / q[0]) + q[0] - p[0]; }

// eta = log rate, T = x.
const runtime::ExponentialFamily exponential_family{
    .natural_parameters = [](Parameters p) -> std::vector<Expr> { return {log(p[0])}; },
    .sufficient_statistics = [](Expr x, Parameters) -> std::vector<Expr> { return {x}; },
    .log_partition = [](Parameters eta, Parameters) { return exp(eta[0]); },
    .log_base_measure = [](Expr x, Parameters) { return -lgamma(x + 1.0); },
    .parameters = [](Parameters eta, Parameters) -> std::vector<Expr> { return {exp(eta[0])}; },
};

Expr positive_rate(Parameters p) { return keep_positive(p[0]); }

// The waiting time until the next event is a gamma variable.
Expr cdf(Expr x, Parameters p) { return regularised_gamma_q(x + 1.0, positive_rate(p)); }
Expr survival(Expr x, Parameters p) {
  const Expr none = number(x, 0);
  return select(equal(p[0], none), none, regularised_gamma_p(x + 1.0, positive_rate(p)));
}
Expr quantile(Expr q, Parameters p) { return count_quantile(q, p, cdf); }

}  // namespace

const runtime::Distribution poisson{
    .name = "Poisson",
    .summary = "count of independent events with a rate or log rate",
    .formula = "rate^x exp(-rate) / x!",
    .parameters = {{"rate", &nonnegative_support, "", "expected count"}},
    .alternatives = {{.name = "log_rate",
                      .replaces = "rate",
                      .support = &real_support,
                      .help = "log of the expected count",
                      .canonical = [](Expr log_rate) { return exp(log_rate); },
                      .from_canonical = [](Expr rate) { return log(rate); },
                      .log_density = log_density_by_log_rate}},
    .parameter_ranks = {},
    .support =
        [](Parameters) {
          return runtime::Support{&runtime::natural_support, {}};
        },
    .log_density = log_density,
    .sample = sample,
    .mean = [](Parameters p) { return p[0]; },
    .variance = [](Parameters p) { return p[0]; },
    .exponential_family = &exponential_family,
    .kl = kl,
    .cdf = cdf,
    .survival = survival,
    .quantile = quantile,
    .test_points = {{1}, {0.07}, {6.5}, {90}},
    .example = R"(# Poisson regression.
let size = [1, 2, 3, 4, 5]
let birds = [2, 3, 6, 9, 15]
model islands(size, birds) {
  a ~ Normal(0, 2)
  b ~ Normal(0, 1)
  birds ~ Poisson(exp(a + b * (size - 3)))
}
let fit = infer(islands(size, birds), bbvi(samples = 20), steps = 1000, seed = 1)
print("each unit of size gives {:.1f} times the birds", exp(fit.mean.b))
)",
};

}  // namespace elbo::stdlib
