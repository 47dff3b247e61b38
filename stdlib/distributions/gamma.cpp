// Gamma distribution: shape with rate or scale.
#include "stdlib/distributions/building.hpp"
#include "stdlib/distributions/list.hpp"

namespace elbo::stdlib {
namespace {

using runtime::positive_support;

Expr log_density(Expr x, Parameters p) {
  return (p[0] - 1.0) * log(x) - p[1] * x + (p[0] * log(p[1]) - lgamma(p[0]));
}

Expr log_density_by_scale(Expr x, Parameters p) {
  return (p[0] - 1.0) * log(x) - x * (1.0 / p[1]) - (p[0] * log(p[1]) + lgamma(p[0]));
}

Expr sample(Parameters p, const DrawShape& shape) {
  return keep_positive(random_gamma(p[0], shape.axes, shape.event) * (1.0 / p[1]));
}

Expr entropy(Parameters p) { return p[0] - log(p[1]) + lgamma(p[0]) + (1.0 - p[0]) * digamma(p[0]); }

/// (a - a') psi(a) - log G(a) + log G(a') + a' log(b / b') + a (b' / b - 1), with q's parameters primed.
Expr kl(Parameters p, Parameters q) {
  return (p[0] - q[0]) * digamma(p[0]) - lgamma(p[0]) + lgamma(q[0]) + q[0] * log(p[1] / q[1]) +
         p[0] * (q[1] / p[1] - 1.0);
}

// eta = (shape - 1, -rate), T = (log x, x).
const runtime::ExponentialFamily exponential_family{
    .natural_parameters = [](Parameters p) -> std::vector<Expr> {
      return {p[0] - 1.0, -p[1]};
    },
    .sufficient_statistics = [](Expr x, Parameters) -> std::vector<Expr> {
      return {log(x), x};
    },
    .log_partition =
        [](Parameters eta, Parameters) {
          const Expr shape = eta[0] + 1.0;
          return lgamma(shape) - shape * log(-eta[1]);
        },
    .log_base_measure = [](Expr x, Parameters) { return number(x, 0); },
    .parameters = [](Parameters eta, Parameters) -> std::vector<Expr> {
      return {eta[0] + 1.0, -eta[1]};
    },
    .posterior_family = "Gamma",
};

// By the mean, with the shape, the standard deviation or the variance.

std::vector<Expr> from_mean(Parameters given) { return {given[0], given[0] / given[1]}; }
std::vector<Expr> to_mean(Parameters p) { return {p[0], p[0] / p[1]}; }

// sd in the place of the shape, mean in that of the rate.
std::vector<Expr> from_sd(Parameters given) {
  const Expr precision = 1.0 / square(given[0]);
  return {square(given[1]) * precision, given[1] * precision};
}
std::vector<Expr> to_sd(Parameters p) { return {sqrt(p[0]) / p[1], p[0] / p[1]}; }

std::vector<Expr> from_variance(Parameters given) {
  return {square(given[1]) / given[0], given[1] / given[0]};
}
std::vector<Expr> to_variance(Parameters p) { return {p[0] / square(p[1]), p[0] / p[1]}; }

Expr cdf(Expr x, Parameters p) { return regularised_gamma_p(p[0], p[1] * x); }
Expr survival(Expr x, Parameters p) { return regularised_gamma_q(p[0], p[1] * x); }
Expr quantile(Expr q, Parameters p) { return keep_positive(gamma_quantile(p[0], q) * (1.0 / p[1])); }

std::vector<Expr> pathwise_derivative(Expr x, Parameters p) {
  return {gamma_pathwise(p[0], x * p[1]) / p[1], -x / p[1]};
}

}  // namespace

const runtime::Distribution gamma{
    .name = "Gamma",
    .summary = "gamma with shape and rate or scale, or by its mean",
    .formula = "rate^shape x^(shape - 1) exp(-rate x) / gamma(shape)",
    .parameters = {{"shape", &positive_support, "", "shape: 1 gives the exponential"},
                   {"rate", &positive_support, "", "inverse scale: the mean is shape / rate"}},
    .alternatives = {{.name = "scale",
                      .replaces = "rate",
                      .support = &positive_support,
                      .help = "1 / rate",
                      .canonical = [](Expr scale) { return 1.0 / scale; },
                      .from_canonical = [](Expr rate) { return 1.0 / rate; },
                      .log_density = log_density_by_scale},
                     {.name = "mean",
                      .replaces = "rate",
                      .support = &positive_support,
                      .help = "shape / rate",
                      .all_canonical = from_mean,
                      .all_given = to_mean},
                     {.name = "mean",
                      .replaces = "rate",
                      .support = &positive_support,
                      .help = "shape / rate",
                      .partners = {{"sd", "shape", &positive_support, "standard deviation"}},
                      .all_canonical = from_sd,
                      .all_given = to_sd},
                     {.name = "mean",
                      .replaces = "rate",
                      .support = &positive_support,
                      .help = "shape / rate",
                      .partners = {{"variance", "shape", &positive_support, "shape / rate^2"}},
                      .all_canonical = from_variance,
                      .all_given = to_variance}},
    .parameter_ranks = {},
    .support =
        [](Parameters) {
          return runtime::Support{&positive_support, {}};
        },
    .log_density = log_density,
    .sample = sample,
    .pathwise = runtime::Pathwise::implicit,
    .pathwise_derivative = pathwise_derivative,
    .mean = [](Parameters p) { return p[0] / p[1]; },
    .variance = [](Parameters p) { return p[0] / square(p[1]); },
    .entropy = entropy,
    .exponential_family = &exponential_family,
    .kl = kl,
    .cdf = cdf,
    .survival = survival,
    .quantile = quantile,
    .test_points = {{1, 2}, {0.4, 0.5}, {3.5, 20}, {60, 0.7}},
    .example = R"(let counts = [3, 5, 2, 4, 6, 3]
model shop(counts) {
  rate   ~ Gamma(shape = 2, rate = 0.5)
  counts ~ Poisson(rate)
}
let fit = infer(shop(counts), natural(), seed = 1)   # the exact posterior, Gamma(25, 6.5)
print("{:.3f} customers an hour, sd {:.3f}", fit.mean.rate, fit.sd.rate)
)",
};

}  // namespace elbo::stdlib
