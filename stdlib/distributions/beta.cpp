// Beta distribution of a proportion.
#include "stdlib/distributions/building.hpp"
#include "stdlib/distributions/list.hpp"

namespace elbo::stdlib {
namespace {

using runtime::positive_support;
using runtime::unit_interval_support;

// The ends 0 and 1 are inside: there the log density is -inf, finite or inf as the exponent is above, at or
// below 0.
Expr log_density(Expr x, Parameters p) {
  return xlogy(p[0] - 1.0, x) + xlog1my(p[1] - 1.0, x) - log_beta(p[0], p[1]);
}

/// Kept off the ends, where rounding would put numbers that are within 1e-16 of 1.
Expr between_ends(Expr x) { return minimum(keep_positive(x), number(x, 1.0 - 0x1p-53)); }

/// g / (g + h) of two gamma draws, from their logarithms: for small parameters the draws themselves
/// underflow.
Expr sample(Parameters p, const DrawShape& shape) {
  // One after the other: which stream each draws from must not depend on the compiler.
  const Expr second = random_log_gamma(p[1], shape.axes, shape.event);
  const Expr log_odds = random_log_gamma(p[0], shape.axes, shape.event) - second;
  return between_ends(sigmoid(log_odds));
}

Expr variance(Parameters p) {
  const Expr total = p[0] + p[1];
  return p[0] * p[1] / (square(total) * (total + 1.0));
}

Expr entropy(Parameters p) {
  const Expr total = p[0] + p[1];
  return log_beta(p[0], p[1]) - (p[0] - 1.0) * digamma(p[0]) - (p[1] - 1.0) * digamma(p[1]) +
         (total - 2.0) * digamma(total);
}

/// log B(a', b') - log B(a, b) + (a - a') psi(a) + (b - b') psi(b) + (a' - a + b' - b) psi(a + b).
Expr kl(Parameters p, Parameters q) {
  const Expr da = p[0] - q[0], db = p[1] - q[1];
  return log_beta(q[0], q[1]) - log_beta(p[0], p[1]) + da * digamma(p[0]) + db * digamma(p[1]) -
         (da + db) * digamma(p[0] + p[1]);
}

// eta = (alpha - 1, beta - 1), T = (log x, log(1 - x)).
const runtime::ExponentialFamily exponential_family{
    .natural_parameters = [](Parameters p) -> std::vector<Expr> {
      return {p[0] - 1.0, p[1] - 1.0};
    },
    .sufficient_statistics = [](Expr x, Parameters) -> std::vector<Expr> {
      return {log(x), log1p(-x)};
    },
    .log_partition = [](Parameters eta, Parameters) { return log_beta(eta[0] + 1.0, eta[1] + 1.0); },
    .log_base_measure = [](Expr x, Parameters) { return number(x, 0); },
    .parameters = [](Parameters eta, Parameters) -> std::vector<Expr> {
      return {eta[0] + 1.0, eta[1] + 1.0};
    },
    .posterior_family = "Beta",
};

// By mean and concentration: alpha = mean concentration, beta = (1 - mean) concentration.

std::vector<Expr> from_mean(Parameters given) { return {given[0] * given[1], (1.0 - given[0]) * given[1]}; }

std::vector<Expr> to_mean(Parameters p) {
  const Expr total = p[0] + p[1];
  return {p[0] / total, total};
}

Expr cdf(Expr x, Parameters p) { return regularised_beta(p[0], p[1], x); }
Expr survival(Expr x, Parameters p) { return regularised_beta_complement(p[0], p[1], x); }
Expr quantile(Expr q, Parameters p) { return between_ends(beta_quantile(p[0], p[1], q)); }

std::vector<Expr> pathwise_derivative(Expr x, Parameters p) {
  const runtime::BetaPath path = beta_pathwise(p[0], p[1], x);
  return {path.in_a, path.in_b};
}

}  // namespace

const runtime::Distribution beta{
    .name = "Beta",
    .summary = "beta on the unit interval, by its exponents or by mean and concentration",
    .formula = "x^(alpha - 1) (1 - x)^(beta - 1) / B(alpha, beta)",
    .parameters = {{"alpha", &positive_support, "", "prior successes: exponent of x is alpha - 1"},
                   {"beta", &positive_support, "", "prior failures: exponent of 1 - x is beta - 1"}},
    .alternatives = {{.name = "mean",
                      .replaces = "alpha",
                      .support = &unit_interval_support,
                      .help = "alpha / (alpha + beta)",
                      .partners = {{"concentration", "beta", &positive_support,
                                    "alpha + beta: prior successes and failures together"}},
                      .all_canonical = from_mean,
                      .all_given = to_mean}},
    .parameter_ranks = {},
    .support =
        [](Parameters) {
          return runtime::Support{&unit_interval_support, {}};
        },
    .log_density = log_density,
    .sample = sample,
    .pathwise = runtime::Pathwise::implicit,
    .pathwise_derivative = pathwise_derivative,
    .mean = [](Parameters p) { return p[0] / (p[0] + p[1]); },
    .variance = variance,
    .entropy = entropy,
    .exponential_family = &exponential_family,
    .kl = kl,
    .cdf = cdf,
    .survival = survival,
    .quantile = quantile,
    .test_points = {{1, 1}, {2, 5}, {0.6, 0.7}, {30, 12}},
    .example = R"(model coin(flips) {
  p     ~ Beta(2, 2)
  flips ~ Bernoulli(p)
}
let fit = infer(coin([1, 0, 1, 1, 0, 1, 1]), natural(), seed = 1)   # the exact posterior, Beta(7, 4)
print("p {:.3f} ± {:.3f}", fit.mean.p, fit.sd.p)
)",
};

}  // namespace elbo::stdlib
