// Discrete uniform distribution: every whole number between two alike.
#include <limits>

#include "stdlib/distributions/building.hpp"
#include "stdlib/distributions/list.hpp"

namespace elbo::stdlib {
namespace {

const runtime::SupportKind whole_support{
    .name = "integer",
    .help = "a whole number",
    .discrete = true,
    .contains =
        [](Expr x, std::span<const Expr>) {
          const Expr finite = less(abs(x), number(x, std::numeric_limits<double>::infinity()));
          return logical_and(finite, equal(floor(x), x));
        },
    .interior = [](Expr like, std::span<const Expr>) { return number(like, 0); },
};

const runtime::SupportKind between_support{
    .name = "integers",
    .help = "whole numbers a, ..., b",
    .bounds = 2,
    .discrete = true,
    .contains =
        [](Expr x, std::span<const Expr> b) {
          const Expr between = logical_and(less_equal(b[0], x), less_equal(x, b[1]));
          return logical_and(between, whole_support.contains(x, {}));
        },
    .interior = [](Expr, std::span<const Expr> b) { return b[0]; },
    .hull = {.least_bound = 0, .greatest_bound = 1},
};

Expr count(Parameters p) { return p[1] - p[0] + 1.0; }

Expr sample(Parameters p, const DrawShape& shape) {
  return stop_gradient(minimum(p[0] + floor(count(p) * uniform(p, shape)), p[1]));
}

Expr kl(Parameters p, Parameters q) {
  const Expr nested = logical_and(less_equal(q[0], p[0]), less_equal(p[1], q[1]));
  return select(nested, log(count(q) / count(p)), number(p[0], std::numeric_limits<double>::infinity()));
}

/// The least x with (x - lower + 1) / count >= q.
Expr quantile(Expr q, Parameters p) {
  const Expr passed = floor(q * count(p));
  const Expr exact = less_equal(q, passed / count(p));
  return minimum(p[0] + select(exact, maximum(passed - 1.0, number(q, 0)), passed), p[1]);
}

}  // namespace

const runtime::Distribution discrete_uniform{
    .name = "DiscreteUniform",
    .summary = "every whole number between two bounds alike, both included",
    .formula = "1 / (upper - lower + 1)",
    .parameters = {{"lower", &whole_support, "", "least value"},
                   {"upper", &whole_support, "", "greatest value"}},
    .alternatives = {},
    .parameter_ranks = {},
    .support =
        [](Parameters p) {
          return runtime::Support{&between_support, {p[0], p[1]}};
        },
    .log_density = [](Expr, Parameters p) { return -log(count(p)); },
    .sample = sample,
    .mean = [](Parameters p) { return 0.5 * (p[0] + p[1]); },
    .variance = [](Parameters p) { return (square(count(p)) - 1.0) / 12.0; },
    .entropy = [](Parameters p) { return log(count(p)); },
    .kl = kl,
    .cdf = [](Expr x, Parameters p) { return (x - p[0] + 1.0) / count(p); },
    .survival = [](Expr x, Parameters p) { return (p[1] - x) / count(p); },
    .quantile = quantile,
    .test_points = {{1, 6}, {-3, 2}, {0, 99}},
    .example = "print(\"{:.0f}\", mean(1.0 * sample(DiscreteUniform(1, 6), 100_000, seed = 1)) * 2)\n",
};

}  // namespace elbo::stdlib
