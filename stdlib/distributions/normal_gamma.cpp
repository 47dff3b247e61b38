// Normal-gamma distribution of a mean and a precision: the conjugate prior of both parameters of a normal.
#include "stdlib/distributions/list.hpp"
#include "stdlib/distributions/matrix_building.hpp"

namespace elbo::stdlib {
namespace {

using runtime::positive_support;

// Parameters: mean m, weight k, shape a, rate b. An outcome is the pair of mu and tau.

Expr entry(Expr x, std::int64_t i) {
  return gather(x, x.graph().constant(runtime::Tensor({}, std::vector<std::int64_t>{i})), -1);
}

/// Both, as the last dimension, with all axes and dimensions that either has.
Expr pair(Expr first, Expr second) {
  return runtime::concatenate({as_column(spread_over(first, second)), as_column(spread_over(second, first))},
                              -1);
}

/// tau ~ Gamma(a, b), mu ~ Normal(m, precision = k tau).
Expr log_density(Expr x, Parameters p) {
  const Expr mu = entry(x, 0), tau = entry(x, 1);
  const Expr of_tau = p[2] * log(p[3]) - lgamma(p[2]) - p[3] * tau;
  const Expr of_mu = 0.5 * log(p[1]) - half_log_2_pi - 0.5 * p[1] * tau * square(mu - p[0]);
  return of_tau + of_mu + (p[2] - 0.5) * log(tau);
}

Expr sample(Parameters p, const DrawShape& shape) {
  runtime::Shape one(shape.event.begin(), shape.event.end() - 1);
  const DrawShape number{shape.axes, one};
  const Expr tau = keep_positive(random_gamma(p[2], number.axes, number.event) * (1.0 / p[3]));
  return pair(p[0] + standard_normal(p, number) / sqrt(p[1] * tau), tau);
}

Expr mean(Parameters p) { return pair(spread_over(p[0], p[1]), p[2] / p[3]); }

/// mu is Student's t with 2 a degrees of freedom.
Expr variance(Parameters p) {
  const Expr of_mu = heavy_variance(p[2], 0.5, p[3] / (p[1] * (p[2] - 1.0)));
  return pair(spread_over(of_mu, p[0]), p[2] / square(p[3]));
}

Expr entropy(Parameters p) {
  return lgamma(p[2]) - p[2] * log(p[3]) - (p[2] - 0.5) * (digamma(p[2]) - log(p[3])) + p[2] -
         0.5 * log(p[1]) + (half_log_2_pi + 0.5);
}

/// That of the gammas, and the mean of that of the normals.
Expr kl(Parameters p, Parameters q) {
  const Expr gammas = (p[2] - q[2]) * digamma(p[2]) - lgamma(p[2]) + lgamma(q[2]) + q[2] * log(p[3] / q[3]) +
                      p[2] * (q[3] / p[3] - 1.0);
  const Expr ratio = q[1] / p[1];
  return gammas + 0.5 * (ratio - 1.0 - log(ratio) + q[1] * square(p[0] - q[0]) * p[2] / p[3]);
}

// eta = (-b - k m^2 / 2, k m, -k / 2, a - 1/2), T = (tau, mu tau, mu^2 tau, log tau).
const runtime::ExponentialFamily exponential_family{
    .natural_parameters = [](Parameters p) -> std::vector<Expr> {
      return {-p[3] - 0.5 * p[1] * square(p[0]), p[1] * p[0], -0.5 * p[1], p[2] - 0.5};
    },
    .sufficient_statistics = [](Expr x, Parameters) -> std::vector<Expr> {
      const Expr mu = entry(x, 0), tau = entry(x, 1);
      return {tau, mu * tau, square(mu) * tau, log(tau)};
    },
    .log_partition =
        [](Parameters eta, Parameters) {
          const Expr weight = -2.0 * eta[2], shape = eta[3] + 0.5;
          const Expr rate = -eta[0] - 0.5 * square(eta[1]) / weight;
          return lgamma(shape) - shape * log(rate) - 0.5 * log(weight);
        },
    .log_base_measure = [](Expr x,
                           Parameters) { return spread_over(number(x, -half_log_2_pi), entry(x, 0)); },
    .parameters = [](Parameters eta, Parameters) -> std::vector<Expr> {
      const Expr weight = -2.0 * eta[2];
      return {eta[1] / weight, weight, eta[3] + 0.5, -eta[0] - 0.5 * square(eta[1]) / weight};
    },
    .posterior_family = "NormalGamma",
};

}  // namespace

const runtime::Distribution normal_gamma{
    .name = "NormalGamma",
    .summary = "pair of a mean and a precision; conjugate prior of both of a normal's parameters",
    .formula = "Gamma(x[2] | shape, rate) Normal(x[1] | mean, precision = weight x[2])",
    .parameters = {{"mean", &runtime::real_support, "", "centre of the mean"},
                   {"weight", &positive_support, "",
                    "precision of the mean in units of x[2]: observations it is worth"},
                   {"shape", &positive_support, "", "shape of the precision"},
                   {"rate", &positive_support, "", "rate of the precision, whose mean is shape / rate"}},
    .alternatives = {},
    .event_rank = 1,
    .parameter_ranks = {0, 0, 0, 0},
    .outcome_shape = [](Parameters) { return runtime::Shape{2}; },
    .support =
        [](Parameters) {
          return runtime::Support{&runtime::location_precision_support, {}};
        },
    .log_density = log_density,
    .sample = sample,
    .pathwise = runtime::Pathwise::implicit,
    .mean = mean,
    .variance = variance,
    .entropy = entropy,
    .exponential_family = &exponential_family,
    .kl = kl,
    .test_points = {{0.5, 2, 4, 3}, {-3, 0.4, 9, 0.5}, {10, 20, 30, 40}},
    .example =
        R"(# Mean and precision of five measurements. The posterior is NormalGamma(2.15, 6, 4.5, 2.617).
let x = [2.1, 1.4, 3.0, 2.6, 2.8]

model measurements(x) {
  z ~ NormalGamma(mean = 1, weight = 1, shape = 2, rate = 1)
  x ~ Normal(z[1], precision = z[2])
}
guide q {
  param m = 0
  param weight : positive = 1
  param shape : positive = 1
  param rate : positive = 1
  z ~ NormalGamma(m, weight, shape, rate)
}

let fit = infer(measurements(x), q, natural(), steps = 1, seed = 1)
print("{:.3f} {:.3f} {:.3f} {:.3f}", fit.params.m, fit.params.weight, fit.params.shape, fit.params.rate)
)",
};

}  // namespace elbo::stdlib
