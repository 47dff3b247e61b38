// Inverse Gaussian (Wald) distribution: when a Brownian motion with drift first reaches a level.
#include "stdlib/distributions/building.hpp"
#include "stdlib/distributions/inversion.hpp"
#include "stdlib/distributions/list.hpp"

namespace elbo::stdlib {
namespace {

using runtime::positive_support;

Expr log_density(Expr x, Parameters p) {
  return 0.5 * log(p[1]) - half_log_2_pi - 1.5 * log(x) - 0.5 * p[1] * square((x - p[0]) / p[0]) / x;
}

/// Michael, Schucany, Haas 1976; the smaller root is written without its cancellation.
Expr sample(Parameters p, const DrawShape& shape) {
  const Expr w = p[0] * square(standard_normal(p, shape)) / (2.0 * p[1]);
  const Expr ratio = 1.0 / (1.0 + w + sqrt(w * (w + 2.0)));  // of the smaller root to the mean
  const Expr smaller = less_equal(uniform(p, shape), 1.0 / (1.0 + ratio));
  // Which root is taken depends on the parameters as well: the derivative of the one taken would be wrong.
  return stop_gradient(keep_positive(p[0] * select(smaller, ratio, 1.0 / ratio)));
}

Expr kl(Parameters p, Parameters q) {
  const Expr distance = p[0] / square(q[0]) - 2.0 / q[0] + 1.0 / p[0] + 1.0 / p[1];
  return 0.5 * (log(p[1] / q[1]) - 1.0 + q[1] * distance);
}

// eta = (-shape / (2 mean^2), -shape / 2), T = (x, 1 / x).
const runtime::ExponentialFamily exponential_family{
    .natural_parameters = [](Parameters p) -> std::vector<Expr> {
      return {p[1] * (-0.5 / square(p[0])), -0.5 * p[1]};
    },
    .sufficient_statistics = [](Expr x, Parameters) -> std::vector<Expr> {
      return {x, 1.0 / x};
    },
    .log_partition = [](Parameters eta,
                        Parameters) { return -2.0 * sqrt(eta[0] * eta[1]) - 0.5 * log(-2.0 * eta[1]); },
    .log_base_measure = [](Expr x, Parameters) { return -half_log_2_pi - 1.5 * log(x); },
    .parameters = [](Parameters eta, Parameters) -> std::vector<Expr> {
      return {sqrt(eta[1] / eta[0]), -2.0 * eta[1]};
    },
};

/// The two normal probabilities of which the distribution function is the sum, in logarithms: the first, and
/// the second, whose factor exp(2 shape / mean) overflows by itself (Shuster 1968).
struct LogTerms {
  Expr lower, upper, image;  // of z, of -z, of the image of the level
};

LogTerms log_terms(Expr x, Parameters p) {
  const Expr root = sqrt(p[1] / x);
  const Expr z = keep_finite(root * (x / p[0] - 1.0));
  const Expr image = keep_finite(-root * (x / p[0] + 1.0));
  return {normal_log_cdf(z), normal_log_cdf(-z), 2.0 * p[1] / p[0] + normal_log_cdf(image)};
}

Expr cdf(Expr x, Parameters p) {
  const LogTerms t = log_terms(x, p);
  return exp(t.lower) + exp(t.image);
}

Expr log_survival(Expr x, Parameters p) {
  const LogTerms t = log_terms(x, p);
  return t.upper + log1m_exp(maximum(t.upper - t.image, number(x, 0)));
}

Expr survival(Expr x, Parameters p) { return exp(log_survival(x, p)); }

/// Between ends that enclose all but 1e-320 below and 1e-17 above.
Expr quantile(Expr q, Parameters p) {
  const Expr log_mean = log(p[0]), log_shape = log(p[1]);
  const Expr low = minimum(log_mean, log_shape) - 9.0;
  const Expr high = log_mean + maximum(log_mean - log_shape + 6.0, number(q, 1));
  return inverse_on_log_scale(q, p, {cdf, log_density}, low, high);
}

}  // namespace

const runtime::Distribution inverse_gaussian{
    .name = "InverseGaussian",
    .summary = "inverse Gaussian (Wald) with mean and shape",
    .formula = "sqrt(shape / (2 pi x^3)) exp(-shape (x - mean)^2 / (2 mean^2 x))",
    .parameters = {{"mean", &positive_support, "", "mean"},
                   {"shape", &positive_support, "", "the variance is mean^3 / shape"}},
    .alternatives = {},
    .parameter_ranks = {},
    .support =
        [](Parameters) {
          return runtime::Support{&positive_support, {}};
        },
    .log_density = log_density,
    .sample = sample,
    .mean = [](Parameters p) { return p[0]; },
    .variance = [](Parameters p) { return p[0] * square(p[0]) / p[1]; },
    .exponential_family = &exponential_family,
    .kl = kl,
    .cdf = cdf,
    .survival = survival,
    .log_survival = log_survival,
    .quantile = quantile,
    .test_points = {{1, 1}, {2, 30}, {0.3, 0.8}},
    .example = R"(# The time at which a drifting random walk first reaches a level.
let times = sample(InverseGaussian(mean = 2, shape = 5), 500, seed = 1)
model passage(times) {
  mu    ~ Gamma(2, 1)
  shape ~ Gamma(2, 0.5)
  times ~ InverseGaussian(mu, shape)
}
let fit = infer(passage(times), bbvi(samples = 20), steps = 800, seed = 1)
print("mean {:.1f}, shape {:.1f}", fit.mean.mu, fit.mean.shape)
)",
};

}  // namespace elbo::stdlib
