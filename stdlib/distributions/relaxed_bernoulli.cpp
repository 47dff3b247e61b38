// Relaxed Bernoulli (binary concrete) distribution: a number near 0 or 1 for low temperatures (Maddison,
// Mnih, Teh 2017). Its log odds are logistic with location logits / temperature and scale 1 / temperature.
#include <limits>

#include "stdlib/distributions/building.hpp"
#include "stdlib/distributions/list.hpp"

namespace elbo::stdlib {
namespace {

using runtime::positive_support;
using runtime::real_support;
using runtime::unit_interval_support;

// Parameters: probability (or logits), temperature.

Expr logit(Expr x) { return log(x) - log1p(-x); }

/// Kept off the ends, where they are infinite.
Expr inner(Expr x) { return minimum(keep_positive(x), number(x, 1 - 0x1p-53)); }

/// The logistic variable: temperature logit(x) - logits.
Expr standard(Expr x, Parameters p) { return p[1] * logit(x) - logit(inner(p[0])); }

/// 0 at both ends, where a rounded draw lies just off them.
Expr density_of(Expr x, Expr logits, Expr temperature) {
  const Expr at = inner(x);
  const Expr z = temperature * logit(at) - logits;
  return log(temperature) - softplus(z) - softplus(-z) - log(at) - log1p(-at);
}

Expr log_density(Expr x, Parameters p) { return density_of(x, logit(inner(p[0])), p[1]); }
Expr log_density_by_logits(Expr x, Parameters p) { return density_of(x, p[0], p[1]); }

Expr sample(Parameters p, const DrawShape& shape) {
  return inner(sigmoid((logit(uniform(p, shape)) + logit(inner(p[0]))) / p[1]));
}

Expr cdf(Expr x, Parameters p) { return sigmoid(standard(x, p)); }
Expr survival(Expr x, Parameters p) { return sigmoid(-standard(x, p)); }
Expr log_cdf(Expr x, Parameters p) { return -softplus(-standard(x, p)); }
Expr log_survival(Expr x, Parameters p) { return -softplus(standard(x, p)); }
Expr quantile(Expr q, Parameters p) { return sigmoid((logit(q) + logit(inner(p[0]))) / p[1]); }

}  // namespace

const runtime::Distribution relaxed_bernoulli{
    .name = "RelaxedBernoulli",
    .summary = "relaxed success or failure in (0, 1), with a probability or logits and a temperature",
    .formula =
        "temperature s(z) s(-z) / (x (1 - x)), z = temperature logit(x) - logit(probability), "
        "s(z) = 1 / (1 + exp(-z))",
    .parameters = {{"probability", &unit_interval_support, "", "probability of more than 1/2"},
                   {"temperature", &positive_support, "", "low ones put the draws near 0 and 1"}},
    .alternatives = {{.name = "logits",
                      .replaces = "probability",
                      .support = &real_support,
                      .help = "log(probability / (1 - probability))",
                      .canonical = [](Expr logits) { return sigmoid(logits); },
                      .from_canonical = [](Expr probability) { return logit(probability); },
                      .log_density = log_density_by_logits}},
    .parameter_ranks = {},
    .support =
        [](Parameters) {
          return runtime::Support{&unit_interval_support, {}};
        },
    .log_density = log_density,
    .sample = sample,
    .pathwise = runtime::Pathwise::inverse_cdf,
    .cdf = cdf,
    .survival = survival,
    .log_cdf = log_cdf,
    .log_survival = log_survival,
    .quantile = quantile,
    .test_points = {{0.5, 1}, {0.3, 2.5}, {0.8, 0.7}},
    .example = "print(\"{:.4f}\", log_density(RelaxedBernoulli(0.3, temperature = 0.5), 0.9))\n",
};

}  // namespace elbo::stdlib
