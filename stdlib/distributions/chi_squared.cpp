// Chi-squared distribution: the sum of squares of standard normals.
#include "stdlib/distributions/building.hpp"
#include "stdlib/distributions/list.hpp"

namespace elbo::stdlib {
namespace {

using runtime::positive_support;

Expr log_density(Expr x, Parameters p) {
  const Expr half = 0.5 * p[0];
  return (half - 1.0) * log(x) - 0.5 * x - half * log_2 - lgamma(half);
}

Expr sample(Parameters p, const DrawShape& shape) {
  return keep_positive(2.0 * random_gamma(0.5 * p[0], shape.axes, shape.event));
}

Expr entropy(Parameters p) {
  const Expr half = 0.5 * p[0];
  return half + log_2 + lgamma(half) + (1.0 - half) * digamma(half);
}

Expr kl(Parameters p, Parameters q) {
  return 0.5 * (p[0] - q[0]) * digamma(0.5 * p[0]) - lgamma(0.5 * p[0]) + lgamma(0.5 * q[0]);
}

// eta = df / 2, T = log x.
const runtime::ExponentialFamily exponential_family{
    .natural_parameters = [](Parameters p) -> std::vector<Expr> { return {0.5 * p[0]}; },
    .sufficient_statistics = [](Expr x, Parameters) -> std::vector<Expr> { return {log(x)}; },
    .log_partition = [](Parameters eta, Parameters) { return lgamma(eta[0]) + eta[0] * log_2; },
    .log_base_measure = [](Expr x, Parameters) { return -log(x) - 0.5 * x; },
    .parameters = [](Parameters eta, Parameters) -> std::vector<Expr> { return {2.0 * eta[0]}; },
    .posterior_family = "Gamma",
};

Expr cdf(Expr x, Parameters p) { return regularised_gamma_p(0.5 * p[0], 0.5 * x); }
Expr survival(Expr x, Parameters p) { return regularised_gamma_q(0.5 * p[0], 0.5 * x); }
Expr quantile(Expr q, Parameters p) { return keep_positive(gamma_quantile(0.5 * p[0], q) * 2.0); }

/// Of twice a gamma variable of shape df / 2.
std::vector<Expr> pathwise_derivative(Expr x, Parameters p) { return {gamma_pathwise(0.5 * p[0], 0.5 * x)}; }

}  // namespace

const runtime::Distribution chi_squared{
    .name = "ChiSquared",
    .summary = "chi-squared with degrees of freedom",
    .formula = "x^(df / 2 - 1) exp(-x / 2) / (2^(df / 2) gamma(df / 2))",
    .parameters = {{"df", &positive_support, "", "degrees of freedom: the mean"}},
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
    .mean = [](Parameters p) { return p[0]; },
    .variance = [](Parameters p) { return 2.0 * p[0]; },
    .entropy = entropy,
    .exponential_family = &exponential_family,
    .kl = kl,
    .cdf = cdf,
    .survival = survival,
    .quantile = quantile,
    .test_points = {{2}, {0.8}, {7}, {120}},
    .example = R"(# A sum of squares of df standard normals.
let squares = sum(sample(Normal(0, 1), [20000, 3], seed = 1)^2, axis = 2)
print("mean {:.1f} {:.1f}, variance {:.1f} {:.1f}", mean(squares), mean(ChiSquared(df = 3)),
      variance(squares), variance(ChiSquared(df = 3)))
)",
};

}  // namespace elbo::stdlib
