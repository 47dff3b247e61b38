// Log-logistic (Fisk) distribution: log x is logistic.
#include <limits>

#include "stdlib/distributions/building.hpp"
#include "stdlib/distributions/list.hpp"

namespace elbo::stdlib {
namespace {

using runtime::positive_support;

// Parameters: scale, shape. The logistic variable of log x.
Expr standard(Expr x, Parameters p) { return p[1] * (log(x) - log(p[0])); }

Expr log_density(Expr x, Parameters p) {
  const Expr z = standard(x, p);
  return log(p[1]) - log(x) - softplus(z) - softplus(-z);
}

Expr sample(Parameters p, const DrawShape& shape) {
  const Expr u = uniform(p, shape);
  return keep_positive(p[0] * exp((log(u) - log1p(-u)) / p[1]));
}

/// E[(x / scale)^n] = (n pi / shape) / sin(n pi / shape), infinite from n = shape on.
Expr moment(Parameters p, double order) {
  const Expr exists = less(number(p[1], order), p[1]);
  const Expr angle = order * pi / select(exists, p[1], number(p[1], 2 * order));
  return select(exists, angle / sin(angle), number(p[1], std::numeric_limits<double>::infinity()));
}

Expr mean(Parameters p) { return p[0] * moment(p, 1); }

Expr variance(Parameters p) {
  return heavy_variance(p[1], 1, square(p[0]) * (moment(p, 2) - square(moment(p, 1))));
}

std::vector<Expr> fisher(Parameters p) {
  return {square(p[1] / p[0]) / 3.0, number(p[0], 0), (3 + pi * pi) / 9 / square(p[1])};
}

Expr cdf(Expr x, Parameters p) { return sigmoid(standard(x, p)); }
Expr survival(Expr x, Parameters p) { return sigmoid(-standard(x, p)); }
Expr log_cdf(Expr x, Parameters p) { return -softplus(-standard(x, p)); }
Expr log_survival(Expr x, Parameters p) { return -softplus(standard(x, p)); }
Expr quantile(Expr q, Parameters p) { return p[0] * exp((log(q) - log1p(-q)) / p[1]); }

}  // namespace

const runtime::Distribution log_logistic{
    .name = "LogLogistic",
    .summary = "log-logistic with scale and shape: log x is logistic",
    .formula = "(shape / scale) (x / scale)^(shape - 1) / (1 + (x / scale)^shape)^2",
    .parameters = {{"scale", &positive_support, "", "median"},
                   {"shape", &positive_support, "", "moments of order below it exist"}},
    .alternatives = {},
    .parameter_ranks = {},
    .support =
        [](Parameters) {
          return runtime::Support{&positive_support, {}};
        },
    .log_density = log_density,
    .sample = sample,
    .pathwise = runtime::Pathwise::inverse_cdf,
    .mean = mean,
    .variance = variance,
    .entropy = [](Parameters p) { return 2.0 + log(p[0] / p[1]); },
    .fisher = fisher,
    .cdf = cdf,
    .survival = survival,
    .log_cdf = log_cdf,
    .log_survival = log_survival,
    .quantile = quantile,
    .test_points = {{1, 5}, {20, 8}, {0.3, 12}},
    .example = "print(\"{:.4f}\", survival(LogLogistic(2, 3), 4))\n",
};

}  // namespace elbo::stdlib
