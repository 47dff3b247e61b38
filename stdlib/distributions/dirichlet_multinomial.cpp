// Dirichlet-multinomial distribution: counts of categories whose probabilities are a Dirichlet draw.
#include "stdlib/distributions/building.hpp"
#include "stdlib/distributions/count_vectors.hpp"
#include "stdlib/distributions/list.hpp"

namespace elbo::stdlib {
namespace {

using runtime::positive_support;

// Parameters: trials, concentration.

Expr total(Parameters p) { return sum_dim(p[1], -1); }

Expr log_density(Expr x, Parameters p) {
  const Expr ratios = sum_dim(lgamma(x + p[1]) - lgamma(p[1]), -1);
  return log_multinomial(p[0], x) + ratios - (lgamma(p[0] + total(p)) - lgamma(total(p)));
}

Expr sample(Parameters p, const DrawShape& shape) {
  const Expr logs = random_log_gamma(p[1], shape.axes, shape.event);
  return multinomial_draw(p[0], logs - as_column(logsumexp_dim(logs, -1)), shape);
}

Expr mean(Parameters p) { return as_column(p[0] / total(p)) * p[1]; }

Expr variance(Parameters p) {
  const Expr share = p[1] / as_column(total(p));
  const Expr excess = (p[0] + total(p)) / (1.0 + total(p));
  return as_column(p[0] * excess) * share * (1.0 - share);
}

}  // namespace

const runtime::Distribution dirichlet_multinomial{
    .name = "DirichletMultinomial",
    .summary = "counts of categories in trials whose probabilities are a Dirichlet draw",
    .formula = "trials! B(concentration + x) / (B(concentration) product of x[k]!)",
    .parameters = {{"trials", &runtime::natural_support, "", "number of trials: the sum of the counts"},
                   {"concentration", &positive_support, "", "as of Dirichlet"}},
    .alternatives = {},
    .event_rank = 1,
    .parameter_ranks = {0, 1},
    .support =
        [](Parameters p) {
          return runtime::Support{&count_vector_support, {p[0]}};
        },
    .log_density = log_density,
    .sample = sample,
    .mean = mean,
    .variance = variance,
    .test_points = {{5, 1, 1, 1}, {1, 0.6, 2.4}, {12, 0.5, 2, 3, 4}},
    .example = "print(\"{:.4f}\", log_density(DirichletMultinomial(20, [1, 1, 1]), [14, 3, 3]))\n",
};

}  // namespace elbo::stdlib
