// Negative binomial distribution by its mean: a Poisson count whose rate is a gamma draw.
#include "stdlib/distributions/building.hpp"
#include "stdlib/distributions/incomplete.hpp"
#include "stdlib/distributions/inversion.hpp"
#include "stdlib/distributions/list.hpp"

namespace elbo::stdlib {
namespace {

using runtime::positive_support;
using runtime::real_support;
using runtime::unit_interval_support;

/// log binomial(x + r - 1, x).
Expr log_choose(Expr x, Expr r) { return -log(x + r) - log_beta(r, x + 1.0); }

Expr log_density(Expr x, Parameters p) {
  return log_choose(x, p[1]) - p[1] * log1p(p[0] / p[1]) - x * log1p(p[1] / p[0]);
}

Expr sample(Parameters p, const DrawShape& shape) {
  const Expr rate = random_gamma(p[1], shape.axes, shape.event) * (p[0] / p[1]);
  return random_poisson(keep_positive(rate), shape.axes, shape.event);
}

// By the logarithm of the mean.

Expr log_density_by_log_mean(Expr x, Parameters given) {
  const Expr log_odds = given[0] - log(given[1]);
  return log_choose(x, given[1]) - given[1] * softplus(log_odds) - x * softplus(-log_odds);
}

// By probability of success and number of successes: x is the number of failures before the last of them. The
// probability stands in the place of the mean.

std::vector<Expr> from_successes(Parameters given) {
  // of probability 1 it is 0, which is no mean of the family
  return {keep_positive(given[1] * (1.0 - given[0]) / given[0]), given[1]};
}
std::vector<Expr> to_successes(Parameters p) { return {p[1] / (p[0] + p[1]), p[1]}; }

Expr log_density_by_successes(Expr x, Parameters given) {
  return log_choose(x, given[1]) + given[1] * log_from_zero(given[0]) + times_log(x, log1m_to_one(given[0]));
}

// By the gamma distribution of the Poisson rate, whose rate stands in the place of the mean.

std::vector<Expr> from_rate(Parameters given) { return {given[1] / given[0], given[1]}; }
std::vector<Expr> to_rate(Parameters p) { return {p[1] / p[0], p[1]}; }

Expr log_density_by_rate(Expr x, Parameters given) {
  return log_choose(x, given[1]) - given[1] * log1p(1.0 / given[0]) - x * log1p(given[0]);
}

Expr cdf(Expr x, Parameters p) { return incomplete_beta(p[1], x + 1.0, log(p[1]) - log(p[0])); }
Expr survival(Expr x, Parameters p) { return incomplete_beta(x + 1.0, p[1], log(p[0]) - log(p[1])); }
Expr quantile(Expr q, Parameters p) { return count_quantile(q, p, cdf); }

}  // namespace

const runtime::Distribution negative_binomial{
    .name = "NegativeBinomial",
    .summary = "counts with more variance than Poisson: by mean, successes, or a gamma of rates",
    .formula =
        "binomial(x + overdispersion - 1, x) (mean / (mean + overdispersion))^x (overdispersion / (mean + "
        "overdispersion))^overdispersion",
    .parameters = {{"mean", &positive_support, "", "mean"},
                   {"overdispersion", &positive_support, "",
                    "the variance is mean + mean^2 / overdispersion: Poisson for large ones"}},
    .alternatives = {{.name = "log_mean",
                      .replaces = "mean",
                      .support = &real_support,
                      .help = "log of the mean",
                      .canonical = [](Expr log_mean) { return exp(log_mean); },
                      .from_canonical = [](Expr mean) { return log(mean); },
                      .log_density = log_density_by_log_mean},
                     {.name = "probability",
                      .replaces = "mean",
                      .support = &unit_interval_support,
                      .help = "of success; x counts the failures",
                      .log_density = log_density_by_successes,
                      .partners = {{"successes", "overdispersion", &positive_support,
                                    "successes after which counting ends"}},
                      .all_canonical = from_successes,
                      .all_given = to_successes},
                     {.name = "rate",
                      .replaces = "mean",
                      .support = &positive_support,
                      .help = "of the gamma distribution of the Poisson rate",
                      .log_density = log_density_by_rate,
                      .partners = {{"shape", "overdispersion", &positive_support,
                                    "of the gamma distribution of the Poisson rate"}},
                      .all_canonical = from_rate,
                      .all_given = to_rate}},
    .parameter_ranks = {},
    .support =
        [](Parameters) {
          return runtime::Support{&runtime::natural_support, {}};
        },
    .log_density = log_density,
    .sample = sample,
    .mean = [](Parameters p) { return p[0]; },
    .variance = [](Parameters p) { return p[0] + square(p[0]) / p[1]; },
    .cdf = cdf,
    .survival = survival,
    .quantile = quantile,
    .test_points = {{3, 2}, {0.4, 0.7}, {20, 50}},
    .example = R"(# Counts that vary more than Poisson counts of the same mean.
let sick = sample(NegativeBinomial(mean = 4, overdispersion = 2), 500, seed = 1)
model days(sick) {
  mu  ~ Gamma(2, 0.5)
  phi ~ Gamma(2, 0.5)
  sick ~ NegativeBinomial(mean = mu, overdispersion = phi)
}
let fit = infer(days(sick), bbvi(samples = 20), steps = 800, seed = 1)
print("mean {:.1f}, overdispersion {:.1f}", fit.mean.mu, fit.mean.phi)
)",
};

}  // namespace elbo::stdlib
