// Frechet distribution, of maxima with a heavy tail.
#include <limits>

#include "stdlib/distributions/building.hpp"
#include "stdlib/distributions/list.hpp"

namespace elbo::stdlib {
namespace {

using runtime::positive_support;

Expr log_density(Expr x, Parameters p) {
  const Expr z = log(x) - log(p[1]);
  return log(p[0]) - log(p[1]) - (p[0] + 1.0) * z - finite_exp(-p[0] * z);
}

Expr sample(Parameters p, const DrawShape& shape) {
  return keep_positive(p[1] * exp(-log(-log(uniform(p, shape))) / p[0]));
}

/// E[(x / scale)^order], infinite from order = shape on.
Expr moment(Parameters p, double order) {
  const Expr exists = less(number(p[0], order), p[0]);
  const Expr argument = select(exists, 1.0 - order / p[0], number(p[0], 1));
  return select(exists, exp(lgamma(argument)), number(p[0], std::numeric_limits<double>::infinity()));
}

Expr mean(Parameters p) { return p[1] * moment(p, 1); }

Expr variance(Parameters p) {
  return heavy_variance(p[0], 1, square(p[1]) * (moment(p, 2) - square(moment(p, 1))));
}

Expr entropy(Parameters p) { return 1.0 + euler / p[0] + euler + log(p[1] / p[0]); }

std::vector<Expr> fisher(Parameters p) {
  return {((1 - euler) * (1 - euler) + pi * pi / 6) / square(p[0]), (1 - euler) / p[1], square(p[0] / p[1])};
}

/// -log of the distribution function.
Expr exponent(Expr x, Parameters p) { return finite_exp(p[0] * (log(p[1]) - log(x))); }

Expr cdf(Expr x, Parameters p) { return exp(-exponent(x, p)); }
Expr survival(Expr x, Parameters p) { return -expm1(-exponent(x, p)); }
Expr log_cdf(Expr x, Parameters p) { return -exponent(x, p); }
Expr log_survival(Expr x, Parameters p) { return log1m_exp(exponent(x, p)); }
Expr quantile(Expr q, Parameters p) { return p[1] * exp(-log(-log(q)) / p[0]); }

}  // namespace

const runtime::Distribution frechet{
    .name = "Frechet",
    .summary = "Frechet (inverse Weibull) with shape and scale",
    .formula = "(shape / scale) (x / scale)^(-1 - shape) exp(-(x / scale)^-shape)",
    .parameters = {{"shape", &positive_support, "", "moments of order below it exist"},
                   {"scale", &positive_support, "", "37% of the draws lie below it"}},
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
    .entropy = entropy,
    .fisher = fisher,
    .cdf = cdf,
    .survival = survival,
    .log_cdf = log_cdf,
    .log_survival = log_survival,
    .quantile = quantile,
    .test_points = {{4, 1}, {10, 20}, {7, 0.3}},
    .example = R"(# The largest of many heavy-tailed losses; its mean exists for shapes above 1.
let d = Frechet(shape = 2.5, scale = 10)
print("mean {:.3f}", mean(d))
print("mean of shape 1: {}", mean(Frechet(shape = 1, scale = 10)))
)",
};

}  // namespace elbo::stdlib
