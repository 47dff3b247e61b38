// Logit-normal distribution: the logit of the outcome is normal.
#include <limits>

#include "stdlib/distributions/building.hpp"
#include "stdlib/distributions/list.hpp"

namespace elbo::stdlib {
namespace {

using runtime::positive_support;
using runtime::real_support;
using runtime::unit_interval_support;

// The density is 0 at both ends, where the logit is infinite.
Expr log_density(Expr x, Parameters p) {
  const Expr is_between = logical_and(less(number(x, 0), x), less(x, number(x, 1)));
  const Expr safe = select(is_between, x, number(x, 0.5));
  const Expr log_x = log(safe), log_rest = log1p(-safe);
  const Expr z = (log_x - log_rest - p[0]) * (1.0 / p[1]);
  const Expr inside = -0.5 * square(z) - log_x - log_rest - (log(p[1]) + half_log_2_pi);
  return select(is_between, inside, number(x, -std::numeric_limits<double>::infinity()));
}

Expr sample(Parameters p, const DrawShape& shape) {
  const Expr draw = sigmoid(p[0] + p[1] * standard_normal(p, shape));
  return keep_positive(minimum(draw, number(draw, 1 - 0x1p-53)));
}

// That of the normal distribution of the logit.
std::vector<Expr> fisher(Parameters p) {
  const Expr precision = 1.0 / square(p[1]);
  return {precision, number(p[0], 0), 2.0 * precision};
}

Expr standard(Expr x, Parameters p) { return (log(x) - log1p(-x) - p[0]) * (1.0 / p[1]); }

Expr cdf(Expr x, Parameters p) { return normal_cdf(standard(x, p)); }
Expr survival(Expr x, Parameters p) { return normal_cdf(-standard(x, p)); }
Expr log_cdf(Expr x, Parameters p) { return normal_log_cdf(standard(x, p)); }
Expr log_survival(Expr x, Parameters p) { return normal_log_cdf(-standard(x, p)); }
Expr quantile(Expr q, Parameters p) { return sigmoid(p[0] + p[1] * normal_quantile(q)); }

}  // namespace

const runtime::Distribution logit_normal{
    .name = "LogitNormal",
    .summary = "logit-normal: the logit log(x / (1 - x)) is normal",
    .formula = "exp(-((log(x / (1 - x)) - mean_logit) / sd_logit)^2 / 2) / (x (1 - x) sd_logit sqrt(2 pi))",
    .parameters = {{"mean_logit", &real_support, "", "mean of the logit"},
                   {"sd_logit", &positive_support, "", "standard deviation of the logit"}},
    .alternatives = {},
    .parameter_ranks = {},
    .support =
        [](Parameters) {
          return runtime::Support{&unit_interval_support, {}};
        },
    .log_density = log_density,
    .sample = sample,
    .pathwise = runtime::Pathwise::location_scale,
    .fisher = fisher,
    .cdf = cdf,
    .survival = survival,
    .log_cdf = log_cdf,
    .log_survival = log_survival,
    .quantile = quantile,
    .test_points = {{0, 1}, {-1, 0.4}, {2, 1.8}},
    .example = R"(# A prior of a probability, normal in its log odds.
model survey(yes) {
  p   ~ LogitNormal(mean_logit = 0, sd_logit = 1.5)
  yes ~ Binomial(40, p)
}
let fit = infer(survey(31), bbvi(samples = 20), steps = 1000, seed = 1)
print("p {:.2f} ± {:.2f}", fit.mean.p, fit.sd.p)
)",
};

}  // namespace elbo::stdlib
