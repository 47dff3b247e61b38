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
