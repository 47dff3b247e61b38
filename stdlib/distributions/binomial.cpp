// Binomial distribution: successes in a number of trials, by probability or log odds.
#include <limits>

#include "stdlib/distributions/building.hpp"
#include "stdlib/distributions/incomplete.hpp"
#include "stdlib/distributions/inversion.hpp"
#include "stdlib/distributions/list.hpp"

namespace elbo::stdlib {
namespace {

using runtime::natural_support;
using runtime::real_support;
using runtime::unit_interval_support;

// Parameters: trials, probability.

Expr log_density(Expr x, Parameters p) {
  return times_log(x, log_from_zero(p[1])) + times_log(p[0] - x, log1m_to_one(p[1])) + log_binomial(p[0], x);
}

Expr log_density_by_logits(Expr x, Parameters p) {
  return x * p[1] - p[0] * softplus(p[1]) + log_binomial(p[0], x);
}

Expr sample(Parameters p, const DrawShape& shape) {
  return random_binomial(p[0], p[1], shape.axes, shape.event);
}

/// For the same number of trials, as many times that of one trial; not closed (NaN) for different numbers.
Expr kl(Parameters p, Parameters q) {
  const Expr one_trial = xlogy(p[1], p[1] / q[1]) + xlogy(1.0 - p[1], (1.0 - p[1]) / (1.0 - q[1]));
  return select(equal(p[0], q[0]), p[0] * one_trial, number(p[0], std::numeric_limits<double>::quiet_NaN()));
}

// eta = log odds, T = x; the number of trials is fixed.
const runtime::ExponentialFamily exponential_family{
    .natural_parameters = [](Parameters p) -> std::vector<Expr> { return {log(p[1]) - log1p(-p[1])}; },
    .sufficient_statistics = [](Expr x, Parameters) -> std::vector<Expr> { return {x}; },
    .log_partition = [](Parameters eta, Parameters p) { return p[0] * softplus(eta[0]); },
    .log_base_measure = [](Expr x, Parameters p) { return log_binomial(p[0], x); },
    .parameters = [](Parameters eta, Parameters p) -> std::vector<Expr> {
      return {p[0], sigmoid(eta[0])};
    },
};

/// Kept off the ends, where they are infinite; what is certain there is told apart.
Expr log_odds(Parameters p) {
  const Expr inside = minimum(keep_positive(p[1]), number(p[1], 1 - 0x1p-53));
  return log(inside) - log1p(-inside);
}

// For x below the number of trials; the comparison with it comes before.
Expr cdf(Expr x, Parameters p) {
  const Expr below = minimum(x, p[0] - 1.0);
  const Expr value =
      incomplete_beta(maximum(p[0] - below, number(x, 1)), maximum(below, number(x, 0)) + 1.0, -log_odds(p));
  const Expr certain = select(less(x, p[0]), number(x, 0), number(x, 1));
  const Expr is_certain = logical_or(equal(p[1], number(x, 1)), less_equal(p[0], x));
  return select(is_certain, certain, value);
}

Expr survival(Expr x, Parameters p) {
  const Expr value = incomplete_beta(x + 1.0, maximum(p[0] - x, number(x, 1)), log_odds(p));
  const Expr is_certain = logical_or(equal(p[1], number(x, 0)), equal(p[1], number(x, 1)));
  return select(is_certain, p[1], value);  // 0 or 1
}

Expr quantile(Expr q, Parameters p) { return minimum(count_quantile(q, p, cdf), p[0]); }

}  // namespace

const runtime::Distribution binomial{
    .name = "Binomial",
    .summary = "number of successes in independent trials with one probability or log odds",
    .formula = "choose(trials, x) probability^x (1 - probability)^(trials - x)",
    .parameters = {{"trials", &natural_support, "", "number of trials"},
                   {"probability", &unit_interval_support, "", "probability of success in each"}},
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
        [](Parameters p) {
          return runtime::Support{&runtime::natural_up_to_support, {p[0]}};
        },
    .log_density = log_density,
    .sample = sample,
    .mean = [](Parameters p) { return p[0] * p[1]; },
    .variance = [](Parameters p) { return p[0] * p[1] * (1.0 - p[1]); },
    .exponential_family = &exponential_family,
    .kl = kl,
    .cdf = cdf,
    .survival = survival,
    .quantile = quantile,
    .test_points = {{1, 0.3}, {12, 0.5}, {40, 0.05}, {200, 0.7}},
    .example = R"(model trial(cured) {
  p     ~ Beta(1, 1)
  cured ~ Binomial(trials = 20, probability = p)
}
let fit = infer(trial(14), natural(), seed = 1)   # the exact posterior, Beta(15, 7)
print("cured {:.3f} ± {:.3f}", fit.mean.p, fit.sd.p)
)",
};

}  // namespace elbo::stdlib
