// Laplace (double exponential) distribution.
#include "stdlib/distributions/building.hpp"
#include "stdlib/distributions/list.hpp"

namespace elbo::stdlib {
namespace {

using runtime::positive_support;
using runtime::real_support;

Expr log_density(Expr x, Parameters p) { return -abs(x - p[0]) * (1.0 / p[1]) - (log(p[1]) + log_2); }

/// The difference of two exponentials.
Expr sample(Parameters p, const DrawShape& shape) {
  const Expr first = log(uniform(p, shape)), second = log(uniform(p, shape));
  return p[0] + p[1] * (first - second);
}

Expr kl(Parameters p, Parameters q) {
  const Expr distance = abs(p[0] - q[0]);
  return log(q[1] / p[1]) + (p[1] * exp(-distance / p[1]) + distance) / q[1] - 1.0;
}

std::vector<Expr> fisher(Parameters p) {
  const Expr precision = 1.0 / square(p[1]);
  return {precision, number(p[0], 0), precision};
}

/// The probability beyond x, on whichever side of the centre it lies, in logarithms. Not by `abs`, whose
/// derivative at the centre is 0: the density there is that of either side.
Expr log_tail(Expr x, Parameters p) {
  return select(less(x, p[0]), x - p[0], p[0] - x) * (1.0 / p[1]) - log_2;
}

Expr tail(Expr x, Parameters p) { return exp(log_tail(x, p)); }

Expr cdf(Expr x, Parameters p) { return select(less(x, p[0]), tail(x, p), 1.0 - tail(x, p)); }
Expr survival(Expr x, Parameters p) { return select(less(x, p[0]), 1.0 - tail(x, p), tail(x, p)); }
Expr log_cdf(Expr x, Parameters p) { return select(less(x, p[0]), log_tail(x, p), log1p(-tail(x, p))); }
Expr log_survival(Expr x, Parameters p) { return select(less(x, p[0]), log1p(-tail(x, p)), log_tail(x, p)); }

Expr quantile(Expr q, Parameters p) {
  const Expr is_lower = less(q, number(q, 0.5));
  const Expr distance = log(2.0 * select(is_lower, q, 1.0 - q));
  return p[0] + p[1] * select(is_lower, distance, -distance);
}

}  // namespace

const runtime::Distribution laplace{
    .name = "Laplace",
    .summary = "Laplace (double exponential) with location and scale",
    .formula = "exp(-|x - location| / scale) / (2 scale)",
    .parameters = {{"location", &real_support, "", "centre"},
                   {"scale", &positive_support, "",
                    "mean distance from the centre; the standard deviation is sqrt(2) scale"}},
    .alternatives = {},
    .parameter_ranks = {},
    .support =
        [](Parameters) {
          return runtime::Support{&real_support, {}};
        },
    .log_density = log_density,
    .sample = sample,
    .pathwise = runtime::Pathwise::location_scale,
    .mean = [](Parameters p) { return p[0]; },
    .variance = [](Parameters p) { return 2.0 * square(p[1]); },
    .entropy = [](Parameters p) { return log(p[1]) + (1.0 + log_2); },
    .fisher = fisher,
    .kl = kl,
    .cdf = cdf,
    .survival = survival,
    .log_cdf = log_cdf,
    .log_survival = log_survival,
    .quantile = quantile,
    .test_points = {{0, 1}, {-3, 0.2}, {10, 5}},
    .example = R"(# The mode under a Laplace likelihood is the median of the data.
let x = [1, 2, 3, 4, 100]
model middle(x) {
  param m = 0
  x ~ Laplace(location = m, scale = 1)
}
let fit = infer(middle(x), mle(), steps = 2000, seed = 1)
print("{:.2f}, median {}", fit.params.m, median(x))
)",
};

}  // namespace elbo::stdlib
