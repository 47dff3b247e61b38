// Gumbel-softmax (concrete) distribution: a relaxed category, a point of the simplex that lies near a corner
// for low temperatures (Maddison, Mnih, Teh 2017; Jang, Gu, Poole 2017).
#include "stdlib/distributions/building.hpp"
#include "stdlib/distributions/list.hpp"

namespace elbo::stdlib {
namespace {

using runtime::positive_support;
using runtime::real_support;
using runtime::simplex_support;

// Parameters: probabilities (or logits), temperature.

/// gamma(K) temperature^(K - 1) prod_k (w_k x_k^(-temperature - 1)) / (sum_k w_k x_k^-temperature)^K with
/// weights w up to a factor; 0 on the faces of the simplex.
Expr density_of(Expr x, Expr log_weights, Expr temperature) {
  const auto size = static_cast<double>(x.type().event.back());
  // Draws that underflow lie on a face: they count as the smallest positive number.
  const Expr log_x = log(keep_positive(x));
  const Expr scores = log_weights - as_column(temperature) * log_x;
  return (size - 1.0) * log(temperature) + lgamma(number(x, size)) + sum_dim(scores - log_x, -1) -
         size * logsumexp_dim(scores, -1);
}

Expr log_density(Expr x, Parameters p) { return density_of(x, log(keep_positive(p[0])), p[1]); }
Expr log_density_by_logits(Expr x, Parameters p) { return density_of(x, p[0], p[1]); }

Expr log_softmax(Expr logits) { return logits - as_column(logsumexp_dim(logits, -1)); }

Expr sample(Parameters p, const DrawShape& shape) {
  const Expr gumbel = -log(-log(uniform(p, shape)));
  const Expr draw = exp(log_softmax((log(keep_positive(p[0])) + gumbel) / as_column(p[1])));
  return keep_positive(draw);
}

}  // namespace

const runtime::Distribution gumbel_softmax{
    .name = "GumbelSoftmax",
    .summary = "relaxed category on the simplex, with probabilities or logits and a temperature",
    .formula =
        "gamma(K) t^(K - 1) product of (w[k] x[k]^(-t - 1)) / (sum of w[k] x[k]^-t)^K, w the probabilities, "
        "t the temperature",
    .parameters = {{"probabilities", &simplex_support, "", "probability that each entry is the largest"},
                   {"temperature", &positive_support, "", "low ones put the draws into the corners"}},
    .alternatives = {{.name = "logits",
                      .replaces = "probabilities",
                      .support = &real_support,
                      .help = "log probabilities up to a constant",
                      .canonical = [](Expr logits) { return exp(log_softmax(logits)); },
                      .from_canonical = [](Expr probabilities) { return log(probabilities); },
                      .log_density = log_density_by_logits}},
    .event_rank = 1,
    .parameter_ranks = {1, 0},
    .support =
        [](Parameters) {
          return runtime::Support{&simplex_support, {}};
        },
    .log_density = log_density,
    .sample = sample,
    .pathwise = runtime::Pathwise::inverse_cdf,
    .test_points = {{0.2, 0.3, 0.5, 0.7}, {0.6, 0.4, 2}, {0.1, 0.2, 0.3, 0.4, 0.4}},
    .example =
        "print(\"{:.4f}\", log_density(GumbelSoftmax([0.2, 0.3, 0.5], temperature = 0.5), [0.1, 0.1, "
        "0.8]))\n",
};

}  // namespace elbo::stdlib
