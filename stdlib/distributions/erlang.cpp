// Erlang distribution: the gamma distribution of a whole shape, the time until that many events.
#include "stdlib/distributions/building.hpp"
#include "stdlib/distributions/list.hpp"

namespace elbo::stdlib {
namespace {

using runtime::positive_support;

const runtime::SupportKind count_support{
    .name = "whole",
    .help = "1, 2, ...",
    .discrete = true,
    .contains =
        [](Expr x, std::span<const Expr> bounds) {
          return logical_and(less(number(x, 0), x), runtime::natural_support.contains(x, bounds));
        },
    .interior = [](Expr like, std::span<const Expr>) { return number(like, 1); },
    .hull = {.least = 1},
};

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

// eta = -rate, T = x; the shape is fixed.
const runtime::ExponentialFamily exponential_family{
    .natural_parameters = [](Parameters p) -> std::vector<Expr> { return {-p[1]}; },
    .sufficient_statistics = [](Expr x, Parameters) -> std::vector<Expr> { return {x}; },
    .log_partition = [](Parameters eta, Parameters p) { return lgamma(p[0]) - p[0] * log(-eta[0]); },
    .log_base_measure = [](Expr x, Parameters p) { return (p[0] - 1.0) * log(x); },
    .parameters = [](Parameters eta, Parameters p) -> std::vector<Expr> {
      return {p[0], -eta[0]};
    },
    .posterior_family = "Gamma",
};

Expr cdf(Expr x, Parameters p) { return regularised_gamma_p(p[0], p[1] * x); }
Expr survival(Expr x, Parameters p) { return regularised_gamma_q(p[0], p[1] * x); }
Expr quantile(Expr q, Parameters p) { return keep_positive(gamma_quantile(p[0], q) * (1.0 / p[1])); }

}  // namespace

const runtime::Distribution erlang{
    .name = "Erlang",
    .summary = "Erlang: time until a whole number of events, with their rate or scale",
    .formula = "rate^shape x^(shape - 1) exp(-rate x) / (shape - 1)!",
    .parameters = {{"shape", &count_support, "", "number of events: 1, 2, ..."},
                   {"rate", &positive_support, "", "events per unit: the mean is shape / rate"}},
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
    .cdf = cdf,
    .survival = survival,
    .quantile = quantile,
    .test_points = {{1, 2}, {3, 0.5}, {12, 7}},
    .example =
        "model waiting(time) {\n"
        "  rate ~ Gamma(2, 1)\n"
        "  time ~ Erlang(3, rate)\n"
        "}\n"
        "let fit = infer(waiting([2.1, 3.4, 1.7, 2.6]), conjugate(), natural(), steps = 1, seed = 1)\n"
        "print(\"{:.2f}\", fit.mean.rate)\n",
};

}  // namespace elbo::stdlib
