// Dirichlet distribution on vectors of probabilities.
#include "stdlib/distributions/building.hpp"
#include "stdlib/distributions/list.hpp"

namespace elbo::stdlib {
namespace {

using runtime::positive_support;
using runtime::Shape;
using runtime::simplex_support;

/// log of the multivariate beta function.
Expr log_normaliser(Expr concentration) {
  return sum_dim(lgamma(concentration), -1) - lgamma(sum_dim(concentration, -1));
}

Expr log_density(Expr x, Parameters p) { return sum_dim(xlogy(p[0] - 1.0, x), -1) - log_normaliser(p[0]); }

/// Normalised gamma draws, in logarithms since small ones underflow. An entry that does so itself is kept off
/// 0, where the density of a concentration below 1 is infinite.
Expr sample(Parameters p, const DrawShape& shape) {
  const Expr logs = random_log_gamma(p[0], shape.axes, shape.event);
  return keep_positive(exp(logs - as_column(logsumexp_dim(logs, -1))));
}

Expr mean(Parameters p) { return p[0] / as_column(sum_dim(p[0], -1)); }

Expr variance(Parameters p) {
  const Expr m = mean(p);
  return m * (1.0 - m) / (as_column(sum_dim(p[0], -1)) + 1.0);
}

Expr entropy(Parameters p) {
  const Expr total = sum_dim(p[0], -1), size = number(p[0], static_cast<double>(p[0].type().event.back()));
  return log_normaliser(p[0]) + (total - size) * digamma(total) - sum_dim((p[0] - 1.0) * digamma(p[0]), -1);
}

Expr kl(Parameters p, Parameters q) {
  const Expr difference = p[0] - q[0];
  return log_normaliser(q[0]) - log_normaliser(p[0]) + sum_dim(difference * digamma(p[0]), -1) -
         sum_dim(difference, -1) * digamma(sum_dim(p[0], -1));
}

// eta = concentration - 1, T = log x.
const runtime::ExponentialFamily exponential_family{
    .natural_parameters = [](Parameters p) -> std::vector<Expr> { return {p[0] - 1.0}; },
    .sufficient_statistics = [](Expr x, Parameters) -> std::vector<Expr> { return {log_from_zero(x)}; },
    .log_partition = [](Parameters eta, Parameters) { return log_normaliser(eta[0] + 1.0); },
    .log_base_measure = [](Expr x, Parameters) { return sum_dim(spread_over(number(x, 0), x), -1); },
    .parameters = [](Parameters eta, Parameters) -> std::vector<Expr> { return {eta[0] + 1.0}; },
    .posterior_family = "Dirichlet",
};

}  // namespace

const runtime::Distribution dirichlet{
    .name = "Dirichlet",
    .summary = "vector of probabilities with a vector of concentrations; prior of Categorical's",
    .formula = "product of x[k]^(concentration[k] - 1) / B(concentration)",
    .parameters = {{"concentration", &positive_support, "",
                    "one for each category; larger ones hold the draw closer to their proportions"}},
    .alternatives = {},
    .event_rank = 1,
    .parameter_ranks = {1},
    .support =
        [](Parameters) {
          return runtime::Support{&simplex_support, {}};
        },
    .log_density = log_density,
    .sample = sample,
    .pathwise = runtime::Pathwise::implicit,
    .mean = mean,
    .variance = variance,
    .entropy = entropy,
    .exponential_family = &exponential_family,
    .kl = kl,
    .test_points = {{1, 1, 1}, {0.5, 2, 4, 0.7}, {30, 12}},
    .example = R"(let votes = [1, 3, 3, 2, 3, 1, 3, 3]
model election(votes) {
  share ~ Dirichlet([1, 1, 1])
  votes ~ Categorical(share)
}
let fit = infer(election(votes), natural(), seed = 1)   # the exact posterior, Dirichlet([3, 2, 6])
print("shares {:.3f}", fit.mean.share)
)",
};

}  // namespace elbo::stdlib
