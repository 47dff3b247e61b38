// Bernoulli distribution: one success (1) or failure (0), by probability or log odds.
#include "stdlib/distributions/building.hpp"
#include "stdlib/distributions/list.hpp"

namespace elbo::stdlib {
namespace {

using runtime::real_support;
using runtime::unit_interval_support;

// Both logarithms are of the parameter alone, so many outcomes of one coin need no further ones.
Expr log_density(Expr x, Parameters p) {
  return select(equal(x, number(x, 1)), log_from_zero(p[0]), log1m_to_one(p[0]));
}

Expr log_density_by_logits(Expr x, Parameters p) { return x * p[0] - softplus(p[0]); }

Expr sample(Parameters p, const DrawShape& shape) { return less(uniform(p, shape), p[0]); }

Expr entropy(Parameters p) { return -(xlogy(p[0], p[0]) + xlog1my(1.0 - p[0], p[0])); }

/// p log(p / q) + (1 - p) log((1 - p) / (1 - q)).
Expr kl(Parameters p, Parameters q) {
  return xlogy(p[0], p[0] / q[0]) + xlogy(1.0 - p[0], (1.0 - p[0]) / (1.0 - q[0]));
}

// eta = log odds, T = x.
const runtime::ExponentialFamily exponential_family{
    .natural_parameters = [](Parameters p) -> std::vector<Expr> { return {log(p[0]) - log1p(-p[0])}; },
    .sufficient_statistics = [](Expr x, Parameters) -> std::vector<Expr> { return {x}; },
    .log_partition = [](Parameters eta, Parameters) { return softplus(eta[0]); },
    .log_base_measure = [](Expr x, Parameters) { return number(x, 0); },
    .parameters = [](Parameters eta, Parameters) -> std::vector<Expr> { return {sigmoid(eta[0])}; },
};

// For outcomes below 1, of which there is 0.
Expr cdf(Expr, Parameters p) { return 1.0 - p[0]; }
Expr survival(Expr, Parameters p) { return p[0]; }
Expr quantile(Expr q, Parameters p) { return select(less_equal(q, 1.0 - p[0]), number(q, 0), number(q, 1)); }

}  // namespace

const runtime::Distribution bernoulli{
    .name = "Bernoulli",
    .summary = "success (1) or failure (0) with a probability or log odds",
    .formula = "probability^x (1 - probability)^(1 - x)",
    .parameters = {{"probability", &unit_interval_support, "", "probability of 1"}},
    .alternatives = {{.name = "logits",
                      .replaces = "probability",
                      .support = &real_support,
                      .help = "log(probability / (1 - probability))",
                      .canonical = [](Expr logits) { return sigmoid(logits); },
                      .from_canonical =
                          [](Expr probability) { return log(probability) - log1p(-probability); },
                      .log_density = log_density_by_logits}},
    .parameter_ranks = {},
    .support =
        [](Parameters) {
          return runtime::Support{&runtime::boolean_support, {}};
        },
    .log_density = log_density,
    .sample = sample,
    .mean = [](Parameters p) { return p[0]; },
    .variance = [](Parameters p) { return p[0] * (1.0 - p[0]); },
    .entropy = entropy,
    .exponential_family = &exponential_family,
    .kl = kl,
    .cdf = cdf,
    .survival = survival,
    .quantile = quantile,
    .test_points = {{0.5}, {0.03}, {0.9}},
    .example = R"(# Logistic regression.
let hours = [0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 3.5, 4.0]
let passed = [0, 0, 0, 1, 0, 1, 1, 1]
model exam(hours, passed) {
  a ~ Normal(0, 2)
  b ~ Normal(0, 2)
  passed ~ Bernoulli(logits = a + b * (hours - 2))
}
let fit = infer(exam(hours, passed), bbvi(samples = 20), steps = 1000, seed = 1)
print("slope {:.1f} ± {:.1f}", fit.mean.b, fit.sd.b)
)",
};

}  // namespace elbo::stdlib
