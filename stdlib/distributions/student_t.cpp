// Student's t distribution with location and scale.
#include <limits>

#include "stdlib/distributions/building.hpp"
#include "stdlib/distributions/incomplete.hpp"
#include "stdlib/distributions/inversion.hpp"
#include "stdlib/distributions/list.hpp"
#include "stdlib/distributions/quadrature.hpp"

namespace elbo::stdlib {
namespace {

using runtime::positive_support;
using runtime::real_support;

// Parameters: df, location, scale.

Expr log_density(Expr x, Parameters p) {
  const Expr half_df = 0.5 * p[0];
  // -log B(df/2, 1/2) = lgamma((df + 1)/2) - lgamma(df/2) - log(pi)/2.
  const Expr log_normaliser = -log_beta(half_df, number(x, 0.5)) - 0.5 * log(p[0]) - log(p[2]);
  const Expr z = (x - p[1]) * (1.0 / p[2]);
  return log_normaliser - (half_df + 0.5) * log1p(square(z) * (1.0 / p[0]));
}

/// A normal over the root of an independent Gamma(df/2, df/2), taken in logarithms since it may underflow.
Expr sample(Parameters p, const DrawShape& shape) {
  const Expr half_df = 0.5 * p[0];
  const Expr log_gamma = random_log_gamma(half_df, shape.axes, shape.event);
  return p[1] + p[2] * standard_normal(p, shape) * exp(0.5 * (log(half_df) - log_gamma));
}

Expr mean(Parameters p) {
  return select(less(number(p[0], 1), p[0]), p[1], number(p[0], std::numeric_limits<double>::quiet_NaN()));
}

Expr variance(Parameters p) { return heavy_variance(p[0], 1, square(p[2]) * p[0] / (p[0] - 2.0)); }

Expr entropy(Parameters p) {
  const Expr half_df = 0.5 * p[0];
  return (half_df + 0.5) * (digamma(half_df + 0.5) - digamma(half_df)) + 0.5 * log(p[0]) +
         log_beta(half_df, number(p[0], 0.5)) + log(p[2]);
}

/// Lange, Little, Taylor 1989, in (df, location, scale).
std::vector<Expr> fisher(Parameters p) {
  const Expr df = p[0], zero = number(p[0], 0);
  const Expr both = (df + 1.0) * (df + 3.0);
  const Expr of_df =
      0.25 * (polygamma(1, 0.5 * df) - polygamma(1, 0.5 * df + 0.5)) - (df + 5.0) / (2.0 * df * both);
  return {of_df,
          zero,
          -2.0 / (p[2] * both),
          (df + 1.0) / ((df + 3.0) * square(p[2])),
          zero,
          2.0 * df / ((df + 3.0) * square(p[2]))};
}

/// Integral of the density of the standardised variable from 0 to t, where it is smooth: for |t| at most
/// sqrt(df) and 2.
Expr standard_density(Expr t, Parameters df) {
  const Expr half_df = 0.5 * df[0];
  return exp(-log_beta(half_df, number(t, 0.5)) - 0.5 * log(df[0]) -
             (half_df + 0.5) * log1p(square(t) / df[0]));
}

/// P(T > t) of the standardised variable. In the tail it is half the probability that a beta variable,
/// df / (df + T^2), is at most df / (df + t^2).
Expr tail(Expr t, Expr df) {
  const Expr reach = stop_gradient(minimum(sqrt(df), number(t, 2)));
  const Expr is_central = less(abs(t), reach), is_negative = less(t, number(t, 0));
  const Expr near = select(is_central, t, number(t, 0)), far = select(is_central, reach, abs(t));
  const Expr central = 0.5 - integral(standard_density, number(t, 0), near, std::vector<Expr>{df});
  const Expr beyond = 0.5 * incomplete_beta(0.5 * df, number(t, 0.5), log(df) - 2.0 * log(far));
  return select(is_central, central, select(is_negative, 1.0 - beyond, beyond));
}

Expr standard(Expr x, Parameters p) { return (x - p[1]) * (1.0 / p[2]); }

Expr cdf(Expr x, Parameters p) { return tail(-standard(x, p), p[0]); }
Expr survival(Expr x, Parameters p) { return tail(standard(x, p), p[0]); }

/// What the distance from the centre is refined by.
Expr distance_tail(Expr x, Parameters p) { return -tail(x, p[0]); }
Expr distance_log_density(Expr x, Parameters p) {
  return log_density(x, std::vector<Expr>{p[0], number(x, 0), number(x, 1)});
}

/// The distance from the centre that a standardised variable exceeds with this probability, on either side.
/// Of x = df / (df + T^2), a beta variable, and 1 - x the smaller one is computed.
Expr distance_exceeded(Expr both, Expr df) {
  const Expr shape = 0.5 * df, half = number(both, 0.5);
  const Expr x = beta_quantile(shape, half, both), rest = beta_quantile(half, shape, 1.0 - both);
  // where x underflows its distribution function is x^shape / (shape B(shape, 1 / 2))
  const Expr least = (log(both) + log(shape) + log_beta(shape, half)) / shape;
  const Expr log_x = select(less(x, number(x, 1e-290)), least, log(x));
  const Expr far = exp(0.5 * (log(df) + log1p(-x) - log_x)), near = sqrt(df * rest / (1.0 - rest));
  return select(less(x, half), far, near);
}

Expr quantile(Expr q, Parameters p) {
  const Expr is_lower = less(q, number(q, 0.5));
  const Expr beyond = select(is_lower, q, 1.0 - q);
  const Expr distance =
      refined(distance_exceeded(2.0 * beyond, p[0]), -beyond, p, {distance_tail, distance_log_density});
  return p[1] + p[2] * select(is_lower, -distance, distance);
}

std::vector<Expr> pathwise_derivative(Expr x, Parameters p) {
  const Expr t = standard(x, p);
  return {p[2] * student_t_pathwise(p[0], t), number(x, 1), t};
}

}  // namespace

const runtime::Distribution student_t{
    .name = "StudentT",
    .summary = "Student's t with degrees of freedom, location and scale",
    .formula = "(1 + ((x - location) / scale)^2 / df)^(-(df + 1) / 2) / (scale sqrt(df) B(df / 2, 1 / 2))",
    .parameters = {{"df", &positive_support, "", "degrees of freedom: tails are heavier for fewer"},
                   {"location", &real_support, "", "centre"},
                   {"scale", &positive_support, "", "width (not the standard deviation)"}},
    .alternatives = {},
    .parameter_ranks = {},
    .support =
        [](Parameters) {
          return runtime::Support{&real_support, {}};
        },
    .log_density = log_density,
    .sample = sample,
    .pathwise = runtime::Pathwise::implicit,
    .pathwise_derivative = pathwise_derivative,
    .mean = mean,
    .variance = variance,
    .entropy = entropy,
    .fisher = fisher,
    .cdf = cdf,
    .survival = survival,
    .quantile = quantile,
    .test_points = {{5, 0, 1}, {1, 2, 0.5}, {30, -1, 3}, {8.5, 10, 0.1}},
    .example = R"(# One wild value moves the centre little.
let x = [1.1, 0.9, 1.3, 0.8, 25]
model robust(x) {
  mu ~ Normal(0, 10)
  x  ~ StudentT(df = 3, location = mu, scale = 0.3)
}
let fit = infer(robust(x), bbvi(), steps = 1000, seed = 1)
print("centre {:.1f}, mean of the data {:.1f}", fit.mean.mu, mean(x))
)",
};

}  // namespace elbo::stdlib
