// Inverse chi-squared distribution: of 1 / x for a chi-squared draw x.
#include "stdlib/distributions/building.hpp"
#include "stdlib/distributions/list.hpp"

namespace elbo::stdlib {
namespace {

using runtime::positive_support;

Expr log_density(Expr x, Parameters p) {
  const Expr half = 0.5 * p[0];
  return -(half + 1.0) * log(x) - 0.5 / x - half * log_2 - lgamma(half);
}

Expr sample(Parameters p, const DrawShape& shape) {
  return keep_positive(0.5 * exp(-random_log_gamma(0.5 * p[0], shape.axes, shape.event)));
}

Expr mean(Parameters p) { return heavy_mean(p[0], 2, 1.0 / (p[0] - 2.0)); }

Expr variance(Parameters p) { return heavy_variance(p[0], 2, 2.0 / (square(p[0] - 2.0) * (p[0] - 4.0))); }

Expr entropy(Parameters p) {
  const Expr half = 0.5 * p[0];
  return half - log_2 + lgamma(half) - (1.0 + half) * digamma(half);
}

/// That of the chi-squared distributions of 1 / x.
Expr kl(Parameters p, Parameters q) {
  return 0.5 * (p[0] - q[0]) * digamma(0.5 * p[0]) - lgamma(0.5 * p[0]) + lgamma(0.5 * q[0]);
}

// eta = df / 2, T = -log x.
const runtime::ExponentialFamily exponential_family{
    .natural_parameters = [](Parameters p) -> std::vector<Expr> { return {0.5 * p[0]}; },
    .sufficient_statistics = [](Expr x, Parameters) -> std::vector<Expr> { return {-log(x)}; },
    .log_partition = [](Parameters eta, Parameters) { return lgamma(eta[0]) + eta[0] * log_2; },
    .log_base_measure = [](Expr x, Parameters) { return -log(x) - 0.5 / x; },
    .parameters = [](Parameters eta, Parameters) -> std::vector<Expr> { return {2.0 * eta[0]}; },
    .posterior_family = "InverseGamma",
};

Expr cdf(Expr x, Parameters p) { return regularised_gamma_q(0.5 * p[0], 0.5 / x); }
Expr survival(Expr x, Parameters p) { return regularised_gamma_p(0.5 * p[0], 0.5 / x); }
Expr quantile(Expr q, Parameters p) { return 0.5 / keep_positive(gamma_upper_quantile(0.5 * p[0], q)); }

/// Of 1 over twice a gamma variable of shape df / 2.
std::vector<Expr> pathwise_derivative(Expr x, Parameters p) {
  return {-square(x) * gamma_pathwise(0.5 * p[0], 0.5 / x)};
}

}  // namespace

const runtime::Distribution inverse_chi_squared{
    .name = "InverseChiSquared",
    .summary = "inverse chi-squared with degrees of freedom",
    .formula = "x^(-df / 2 - 1) exp(-1 / (2 x)) / (2^(df / 2) gamma(df / 2))",
    .parameters = {{"df", &positive_support, "", "degrees of freedom: moments of order below df / 2 exist"}},
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
    .test_points = {{11}, {14.5}, {40}},
    .example = R"(let d = InverseChiSquared(df = 6)
print("mean {}, sd {:.3f}", mean(d), sd(d))
print("log density {:.4f}, as an inverse gamma {:.4f}", log_density(d, 0.3),
      log_density(InverseGamma(shape = 3, scale = 0.5), 0.3))
)",
};

}  // namespace elbo::stdlib
