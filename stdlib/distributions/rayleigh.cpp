// Rayleigh distribution: the length of a normal vector in the plane.
#include "stdlib/distributions/building.hpp"
#include "stdlib/distributions/list.hpp"

namespace elbo::stdlib {
namespace {

using runtime::positive_support;

Expr log_density(Expr x, Parameters p) { return log(x) - 2.0 * log(p[0]) - 0.5 * square(x * (1.0 / p[0])); }

Expr sample(Parameters p, const DrawShape& shape) { return p[0] * sqrt(-2.0 * log(uniform(p, shape))); }

Expr kl(Parameters p, Parameters q) {
  const Expr ratio = square(p[0] / q[0]);
  return ratio - log(ratio) - 1.0;
}

// eta = -1 / (2 scale^2), T = x^2.
const runtime::ExponentialFamily exponential_family{
    .natural_parameters = [](Parameters p) -> std::vector<Expr> { return {-0.5 / square(p[0])}; },
    .sufficient_statistics = [](Expr x, Parameters) -> std::vector<Expr> { return {square(x)}; },
    .log_partition = [](Parameters eta, Parameters) { return -log(-2.0 * eta[0]); },
    .log_base_measure = [](Expr x, Parameters) { return log(x); },
    .parameters = [](Parameters eta, Parameters) -> std::vector<Expr> { return {sqrt(-0.5 / eta[0])}; },
};

/// -log of the probability beyond x.
Expr exponent(Expr x, Parameters p) { return 0.5 * square(x * (1.0 / p[0])); }

Expr cdf(Expr x, Parameters p) { return -expm1(-exponent(x, p)); }
Expr survival(Expr x, Parameters p) { return exp(-exponent(x, p)); }
Expr log_cdf(Expr x, Parameters p) { return log1m_exp(exponent(x, p)); }
Expr log_survival(Expr x, Parameters p) { return -exponent(x, p); }
Expr quantile(Expr q, Parameters p) { return p[0] * sqrt(-2.0 * log1p(-q)); }

}  // namespace

const runtime::Distribution rayleigh{
    .name = "Rayleigh",
    .summary = "Rayleigh: length of two independent normals",
    .formula = "x exp(-(x / scale)^2 / 2) / scale^2",
    .parameters = {{"scale", &positive_support, "", "standard deviation of the two normals"}},
    .alternatives = {},
    .parameter_ranks = {},
    .support =
        [](Parameters) {
          return runtime::Support{&positive_support, {}};
        },
    .log_density = log_density,
    .sample = sample,
    .pathwise = runtime::Pathwise::inverse_cdf,
    .mean = [](Parameters p) { return p[0] * 1.25331413731550025121; },
    .variance = [](Parameters p) { return square(p[0]) * (2.0 - 0.5 * pi); },
    .entropy = [](Parameters p) { return log(p[0]) + (1 + 0.5 * euler - 0.5 * log_2); },
    .exponential_family = &exponential_family,
    .kl = kl,
    .cdf = cdf,
    .survival = survival,
    .log_cdf = log_cdf,
    .log_survival = log_survival,
    .quantile = quantile,
    .test_points = {{1}, {7}, {0.05}},
    .example = R"(# The length of a vector of two independent normals.
let xy = sample(Normal(0, 2), [20000, 2], seed = 1)
print("{:.2f} {:.2f}", mean(sqrt(sum(xy^2, axis = 2))), mean(Rayleigh(scale = 2)))
)",
};

}  // namespace elbo::stdlib
