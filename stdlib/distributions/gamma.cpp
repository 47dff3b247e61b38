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
};

}  // namespace

const runtime::Distribution gamma{
    .name = "Gamma",
    .summary = "gamma with shape and rate or scale",
    .formula = "rate^shape x^(shape - 1) exp(-rate x) / gamma(shape)",
    .parameters = {{"shape", &positive_support, "", "shape: 1 gives the exponential"},
                   {"rate", &positive_support, "", "inverse scale: the mean is shape / rate"}},
    .alternatives = {{.name = "scale",
                      .replaces = "rate",
                      .support = &positive_support,
                      .help = "1 / rate",
                      .canonical = [](Expr scale) { return 1.0 / scale; },
                      .from_canonical = [](Expr rate) { return 1.0 / rate; },
                      .log_density = log_density_by_scale}},
    .parameter_ranks = {},
    .support =
        [](Parameters) {
          return runtime::Support{&positive_support, {}};
        },
    .log_density = log_density,
    .sample = sample,
    .pathwise = runtime::Pathwise::implicit,
    .mean = [](Parameters p) { return p[0] / p[1]; },
    .variance = [](Parameters p) { return p[0] / square(p[1]); },
    .entropy = entropy,
    .exponential_family = &exponential_family,
    .kl = kl,
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
