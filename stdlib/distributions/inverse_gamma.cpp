// Inverse gamma distribution: of 1 / x for a gamma draw x.
#include "stdlib/distributions/building.hpp"
#include "stdlib/distributions/list.hpp"

namespace elbo::stdlib {
namespace {

using runtime::positive_support;

Expr log_density(Expr x, Parameters p) {
  return p[0] * log(p[1]) - lgamma(p[0]) - (p[0] + 1.0) * log(x) - p[1] / x;
}

Expr sample(Parameters p, const DrawShape& shape) {
  return keep_positive(p[1] * exp(-random_log_gamma(p[0], shape.axes, shape.event)));
}

Expr mean(Parameters p) { return heavy_mean(p[0], 1, p[1] / (p[0] - 1.0)); }

Expr variance(Parameters p) { return heavy_variance(p[0], 1, square(p[1] / (p[0] - 1.0)) / (p[0] - 2.0)); }

Expr entropy(Parameters p) { return p[0] + log(p[1]) + lgamma(p[0]) - (1.0 + p[0]) * digamma(p[0]); }

/// That of the gamma distributions of 1 / x.
Expr kl(Parameters p, Parameters q) {
  return (p[0] - q[0]) * digamma(p[0]) - lgamma(p[0]) + lgamma(q[0]) + q[0] * log(p[1] / q[1]) +
         p[0] * (q[1] / p[1] - 1.0);
}

// eta = (-shape - 1, -scale), T = (log x, 1 / x).
const runtime::ExponentialFamily exponential_family{
    .natural_parameters = [](Parameters p) -> std::vector<Expr> {
      return {-1.0 - p[0], -p[1]};
    },
    .sufficient_statistics = [](Expr x, Parameters) -> std::vector<Expr> {
      return {log(x), 1.0 / x};
    },
    .log_partition =
        [](Parameters eta, Parameters) {
          const Expr shape = -1.0 - eta[0];
          return lgamma(shape) - shape * log(-eta[1]);
        },
    .log_base_measure = [](Expr x, Parameters) { return number(x, 0); },
    .parameters = [](Parameters eta, Parameters) -> std::vector<Expr> {
      return {-1.0 - eta[0], -eta[1]};
    },
    .posterior_family = "InverseGamma",
};

Expr cdf(Expr x, Parameters p) { return regularised_gamma_q(p[0], p[1] / x); }
Expr survival(Expr x, Parameters p) { return regularised_gamma_p(p[0], p[1] / x); }
Expr quantile(Expr q, Parameters p) { return p[1] / keep_positive(gamma_upper_quantile(p[0], q)); }

/// Of scale over a gamma variable.
std::vector<Expr> pathwise_derivative(Expr x, Parameters p) {
  return {-square(x) / p[1] * gamma_pathwise(p[0], p[1] / x), x / p[1]};
}

}  // namespace

const runtime::Distribution inverse_gamma{
    .name = "InverseGamma",
    .summary = "inverse gamma with shape and scale; prior of variances",
    .formula = "scale^shape x^(-shape - 1) exp(-scale / x) / gamma(shape)",
    .parameters = {{"shape", &positive_support, "", "moments of order below it exist"},
                   {"scale", &positive_support, "", "1 / x is Gamma(shape, rate = scale)"}},
    .alternatives = {},
    .parameter_ranks = {},
    .support =
        [](Parameters) {
          return runtime::Support{&positive_support, {}};
        },
    .log_density = log_density,
    .sample = sample,
    .pathwise = runtime::Pathwise::implicit,
    .pathwise_derivative = pathwise_derivative,
    .mean = mean,
    .variance = variance,
    .entropy = entropy,
    .exponential_family = &exponential_family,
    .kl = kl,
    .cdf = cdf,
    .survival = survival,
    .quantile = quantile,
    .test_points = {{5, 2}, {12, 30}, {6.5, 0.1}},
    .example = R"(# The conjugate prior of a variance.
let x = [0.5, -1.2, 2.3, 0.1, -0.7]
model spread(x) {
  v ~ InverseGamma(shape = 2, scale = 1)
  x ~ Normal(0, variance = v)
}
let fit = infer(spread(x), natural(), seed = 1)   # the exact posterior, InverseGamma(4.5, 4.74)
print("variance {:.3f}, exactly {:.3f}", fit.mean.v, 4.74 / 3.5)
)",
};

}  // namespace elbo::stdlib
