// Ordered logistic distribution: a category by where a logistic variable falls between cutpoints (McCullagh
// 1980).
#include <limits>

#include "stdlib/distributions/building.hpp"
#include "stdlib/distributions/inversion.hpp"
#include "stdlib/distributions/list.hpp"

namespace elbo::stdlib {
namespace {

using runtime::real_support;
using runtime::Tensor;

// Parameters: eta, cutpoints [K - 1]. Category k lies between cutpoints k - 1 and k, those at the ends
// infinite.

std::int64_t categories(Parameters p) { return p[1].type().event.back() + 1; }

/// The numbers first, …, first + K - 1 as a row.
Expr row(Expr like, std::int64_t first, std::int64_t count) {
  std::vector<std::int64_t> values;
  for (std::int64_t k = 0; k < count; ++k) values.push_back(first + k);
  return like.graph().constant(Tensor({count}, std::move(values)));
}

/// cutpoint number k - eta for whole k, `otherwise` where there is no such cutpoint.
Expr distance(Expr k, Parameters p, double otherwise) {
  const std::int64_t count = categories(p) - 1;
  const Expr chosen = equal(as_column(k), row(k, 1, count));
  const Expr cutpoint = sum_dim(select(chosen, p[1], number(k, 0)), -1);
  const Expr exists =
      logical_and(less_equal(number(k, 1), k), less_equal(k, number(k, static_cast<double>(count))));
  return select(exists, cutpoint - p[0], number(k, otherwise));
}

constexpr double beyond = 1e300;  // of which the logistic function is 0 or 1

/// log(s(b) - s(a)) with s the logistic function and a < b:  log s(b) + log s(-a) + log(1 - exp(a - b)).
Expr log_density(Expr x, Parameters p) {
  const Expr a = distance(x - 1.0, p, -beyond), b = distance(x, p, beyond);
  return -softplus(-b) - softplus(a) + log1m_exp(maximum(b - a, number(x, 0)));
}

Expr cdf(Expr x, Parameters p) { return sigmoid(distance(x, p, beyond)); }
Expr survival(Expr x, Parameters p) { return sigmoid(-distance(x, p, beyond)); }
Expr log_cdf(Expr x, Parameters p) { return -softplus(-distance(x, p, beyond)); }
Expr log_survival(Expr x, Parameters p) { return -softplus(distance(x, p, beyond)); }

/// 1 + how many cutpoints lie below the logistic variable.
Expr category_of(Expr z, Parameters p) {
  const Expr passed = select(less(p[1], as_column(p[0] + z)), whole_number(z, 1), whole_number(z, 0));
  return sum_dim(passed, -1) + whole_number(z, 1);
}

Expr sample(Parameters p, const DrawShape& shape) {
  const Expr u = uniform(p, shape);
  return category_of(log(u) - log1p(-u), p);
}

Expr quantile(Expr q, Parameters p) {
  return settled(1.0 * category_of(log(q) - log1p(-q), p), q, p, cdf, 1);
}

/// Log probabilities of all categories along a new last dimension.
Expr log_probabilities(Parameters p) {
  const std::vector<Expr> columns{as_column(p[0]), reshape(p[1], [&] {
                                    runtime::Shape shape = p[1].type().event;
                                    shape.insert(shape.end() - 1, 1);
                                    return shape;
                                  }())};
  return log_density(row(p[0], 1, categories(p)) + 0.0 * as_column(p[0]), columns);
}

Expr entropy(Parameters p) {
  const Expr log_p = log_probabilities(p);
  return -sum_dim(times_log(exp(log_p), log_p), -1);
}

Expr kl(Parameters p, Parameters q) {
  const Expr log_p = log_probabilities(p);
  return sum_dim(exp(log_p) * (log_p - log_probabilities(q)), -1);
}

}  // namespace

const runtime::Distribution ordered_logistic{
    .name = "OrderedLogistic",
    .summary = "ordered categories 1, ..., K: a logistic variable around eta, cut at K - 1 points",
    .formula = "s(cutpoints[x] - eta) - s(cutpoints[x - 1] - eta), s(z) = 1 / (1 + exp(-z))",
    .parameters = {{"eta", &real_support, "", "larger ones favour later categories"},
                   {"cutpoints", &runtime::ordered_support, "", "increasing; one fewer than categories"}},
    .alternatives = {},
    .parameter_ranks = {0, 1},
    .support =
        [](Parameters p) {
          return runtime::Support{&runtime::category_support, {whole_number(p[0], categories(p))}};
        },
    .log_density = log_density,
    .sample = sample,
    .entropy = entropy,
    .kl = kl,
    .cdf = cdf,
    .survival = survival,
    .log_cdf = log_cdf,
    .log_survival = log_survival,
    .quantile = quantile,
    .test_points = {{0.3, -1, 0.2, 1.5}, {-2, 0.5, 1, 4}, {1, 0.1}, {-0.4, 0.7}},
    .example =
        "model rating(stars, group) {\n"
        "  cut : ordered[2] ~ Normal(0, 3, size = 2)\n"
        "  effect ~ Normal(0, 2)\n"
        "  stars ~ OrderedLogistic(effect * group, cut)\n"
        "}\n"
        "print(\"{:.3f}\", log_density(OrderedLogistic(0.5, [-1, 1]), 2))\n",
};

}  // namespace elbo::stdlib
