// Logistic distribution.
#include "stdlib/distributions/building.hpp"
#include "stdlib/distributions/list.hpp"

namespace elbo::stdlib {
namespace {

using runtime::positive_support;
using runtime::real_support;

Expr log_density(Expr x, Parameters p) {
  const Expr z = (x - p[0]) * (1.0 / p[1]);
  return -softplus(z) - softplus(-z) - log(p[1]);
}

Expr sample(Parameters p, const DrawShape& shape) {
  const Expr u = uniform(p, shape);
  return p[0] + p[1] * (log(u) - log1p(-u));
}

std::vector<Expr> fisher(Parameters p) {
  const Expr precision = 1.0 / square(p[1]);
  return {precision * (1.0 / 3), number(p[0], 0), precision * ((3 + pi * pi) / 9)};
}

Expr standard(Expr x, Parameters p) { return (x - p[0]) * (1.0 / p[1]); }

Expr cdf(Expr x, Parameters p) { return sigmoid(standard(x, p)); }
Expr survival(Expr x, Parameters p) { return sigmoid(-standard(x, p)); }
Expr log_cdf(Expr x, Parameters p) { return -softplus(-standard(x, p)); }
Expr log_survival(Expr x, Parameters p) { return -softplus(standard(x, p)); }
Expr quantile(Expr q, Parameters p) { return p[0] + p[1] * (log(q) - log1p(-q)); }

}  // namespace

const runtime::Distribution logistic{
    .name = "Logistic",
    .summary = "logistic with location and scale",
    .formula = "exp(-z) / (scale (1 + exp(-z))^2), z = (x - location) / scale",
    .parameters = {{"location", &real_support, "", "mean and median"},
                   {"scale", &positive_support, "", "the standard deviation is pi / sqrt(3) scale"}},
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
    .variance = [](Parameters p) { return square(p[1]) * (pi * pi / 3); },
    .entropy = [](Parameters p) { return log(p[1]) + 2.0; },
    .fisher = fisher,
    .cdf = cdf,
    .survival = survival,
    .log_cdf = log_cdf,
    .log_survival = log_survival,
    .quantile = quantile,
    .test_points = {{0, 1}, {-3, 0.2}, {10, 5}},
    .example = R"(# A utility with logistic noise is positive with probability sigmoid(location).
let utility = sample(Logistic(location = 0.5, scale = 1), 20000, seed = 1)
print("{:.2f} {:.2f}", mean(to_real(utility > 0)), sigmoid(0.5))
)",
};

}  // namespace elbo::stdlib
