// Multinomial distribution: how often each category comes in a number of trials.
#include <limits>

#include "stdlib/distributions/building.hpp"
#include "stdlib/distributions/count_vectors.hpp"
#include "stdlib/distributions/list.hpp"

namespace elbo::stdlib {
namespace {

using runtime::real_support;
using runtime::simplex_support;

// Parameters: trials, probabilities.

Expr log_softmax(Expr logits) { return logits - as_column(logsumexp_dim(logits, -1)); }

Expr log_density(Expr x, Parameters p) {
  return sum_dim(times_log(x, log_from_zero(p[1])), -1) + log_multinomial(p[0], x);
}

Expr log_density_by_logits(Expr x, Parameters p) {
  return sum_dim(x * p[1], -1) - p[0] * logsumexp_dim(p[1], -1) + log_multinomial(p[0], x);
}

Expr sample(Parameters p, const DrawShape& shape) {
  return multinomial_draw(p[0], log_from_zero(p[1]), shape);
}

/// For the same number of trials, as many times that of one trial; not closed (NaN) for different numbers.
Expr kl(Parameters p, Parameters q) {
  const Expr one_trial = sum_dim(xlogy(p[1], p[1] / q[1]), -1);
  return select(equal(p[0], q[0]), p[0] * one_trial, number(p[0], std::numeric_limits<double>::quiet_NaN()));
}

// eta = log probabilities, T = x; the number of trials is fixed.
const runtime::ExponentialFamily exponential_family{
    .natural_parameters = [](Parameters p) -> std::vector<Expr> { return {log(p[1])}; },
    .sufficient_statistics = [](Expr x, Parameters) -> std::vector<Expr> { return {x}; },
    .log_partition = [](Parameters eta, Parameters p) { return p[0] * logsumexp_dim(eta[0], -1); },
    .log_base_measure = [](Expr x, Parameters p) { return log_multinomial(p[0], x); },
    .parameters = [](Parameters eta, Parameters p) -> std::vector<Expr> {
      return {p[0], exp(log_softmax(eta[0]))};
    },
};

}  // namespace

const runtime::Distribution multinomial{
    .name = "Multinomial",
    .summary = "counts of categories in independent trials, with a vector of probabilities or logits",
    .formula = "trials! product of probabilities[k]^x[k] / x[k]!",
    .parameters = {{"trials", &runtime::natural_support, "", "number of trials: the sum of the counts"},
                   {"probabilities", &simplex_support, "", "probability of each category; they sum to 1"}},
    .alternatives = {{.name = "logits",
                      .replaces = "probabilities",
                      .support = &real_support,
                      .help = "log probabilities up to a constant",
                      .canonical = [](Expr logits) { return exp(log_softmax(logits)); },
                      .from_canonical = [](Expr probabilities) { return log(probabilities); },
                      .log_density = log_density_by_logits}},
    .event_rank = 1,
    .parameter_ranks = {0, 1},
    .support =
        [](Parameters p) {
          return runtime::Support{&count_vector_support, {p[0]}};
        },
    .log_density = log_density,
    .sample = sample,
    .mean = [](Parameters p) { return as_column(p[0]) * p[1]; },
    .variance = [](Parameters p) { return as_column(p[0]) * p[1] * (1.0 - p[1]); },
    .exponential_family = &exponential_family,
    .kl = kl,
    .test_points = {{5, 0.2, 0.3, 0.5}, {1, 0.6, 0.4}, {12, 0.1, 0.2, 0.3, 0.4}},
    .example =
        "model poll(votes) {\n"
        "  shares ~ Dirichlet([1, 1, 1])\n"
        "  votes ~ Multinomial(20, shares)\n"
        "}\n"
        "let fit = infer(poll([14, 3, 3]), bbvi(), steps = 500, seed = 1)\n"
        "print(\"{:.1f}\", fit.mean.shares[1])\n",
};

}  // namespace elbo::stdlib
