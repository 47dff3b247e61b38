// Beta-binomial distribution: a binomial count whose probability is a beta draw.
#include "stdlib/distributions/building.hpp"
#include "stdlib/distributions/inversion.hpp"
#include "stdlib/distributions/list.hpp"

namespace elbo::stdlib {
namespace {

using runtime::positive_support;

Expr log_density(Expr x, Parameters p) {
  return log_binomial(p[0], x) + log_beta(x + p[1], p[0] - x + p[2]) - log_beta(p[1], p[2]);
}

Expr sample(Parameters p, const DrawShape& shape) {
  const Expr first = random_log_gamma(p[1], shape.axes, shape.event);
  const Expr second = random_log_gamma(p[2], shape.axes, shape.event);
  return random_binomial(p[0], sigmoid(first - second), shape.axes, shape.event);
}

Expr variance(Parameters p) {
  const Expr total = p[1] + p[2];
  return p[0] * p[1] * p[2] * (total + p[0]) / (square(total) * (total + 1.0));
}

Expr probability(Expr x, Parameters p) { return exp(log_density(x, p)); }

Expr cdf(Expr x, Parameters p) { return sum_to(x, p, p[0], probability); }
Expr survival(Expr x, Parameters p) { return sum_beyond(x, p, p[0], probability); }
Expr quantile(Expr q, Parameters p) { return settled(sums_below(q, p, p[0], probability), q, p, cdf); }

// By the mean and concentration of the beta draw: alpha = mean concentration, beta = (1 - mean)
// concentration.

std::vector<Expr> from_mean(Parameters given) {
  return {given[0], given[1] * given[2], (1.0 - given[1]) * given[2]};
}

std::vector<Expr> to_mean(Parameters p) {
  const Expr total = p[1] + p[2];
  return {p[0], p[1] / total, total};
}

}  // namespace

const runtime::Distribution beta_binomial{
    .name = "BetaBinomial",
    .summary = "successes in trials whose probability is a Beta(alpha, beta) draw",
    .formula = "binomial(trials, x) B(x + alpha, trials - x + beta) / B(alpha, beta)",
    .parameters = {{"trials", &runtime::natural_support, "", "number of trials"},
                   {"alpha", &positive_support, "", "as of Beta"},
                   {"beta", &positive_support, "", "as of Beta"}},
    .alternatives = {{.name = "mean",
                      .replaces = "alpha",
                      .support = &runtime::unit_interval_support,
                      .help = "mean of the probability: alpha / (alpha + beta)",
                      .partners = {{"concentration", "beta", &positive_support,
                                    "alpha + beta: prior successes and failures together"}},
                      .all_canonical = from_mean,
                      .all_given = to_mean}},
    .parameter_ranks = {},
    .support =
        [](Parameters p) {
          return runtime::Support{&runtime::natural_up_to_support, {p[0]}};
        },
    .log_density = log_density,
    .sample = sample,
    .mean = [](Parameters p) { return p[0] * p[1] / (p[1] + p[2]); },
    .variance = variance,
    .cdf = cdf,
    .survival = survival,
    .quantile = quantile,
    .test_points = {{10, 2, 3}, {1, 0.5, 0.5}, {30, 8, 0.9}},
    .example = R"(# Litters differ more than a binomial allows for.
let d = BetaBinomial(trials = 10, alpha = 2, beta = 3)
let b = Binomial(trials = 10, probability = 0.4)
print("means {} {}, variances {:.1f} {:.1f}", mean(d), mean(b), variance(d), variance(b))
)",
};

}  // namespace elbo::stdlib
