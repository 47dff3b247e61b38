// Half-Student-t distribution: the absolute value of a Student t variable at zero, a prior of scales (Gelman
// 2006).
#include "stdlib/distributions/building.hpp"
#include "stdlib/distributions/inversion.hpp"
#include "stdlib/distributions/list.hpp"
#include "stdlib/distributions/quadrature.hpp"

namespace elbo::stdlib {
namespace {

using runtime::nonnegative_support;
using runtime::positive_support;

// Parameters: df, scale.

/// Those of the t distribution that is folded at 0.
std::vector<Expr> whole(Parameters p) { return {p[0], number(p[0], 0), p[1]}; }

Expr log_density(Expr x, Parameters p) { return student_t.log_density(x, whole(p)) + log_2; }

Expr sample(Parameters p, const DrawShape& shape) { return abs(student_t.sample(whole(p), shape)); }

/// 2 scale sqrt(df) / ((df - 1) B(df / 2, 1 / 2)).
Expr mean(Parameters p) {
  const Expr log_beta_function = log_beta(0.5 * p[0], number(p[0], 0.5));
  return heavy_mean(p[0], 1, 2.0 * p[1] * sqrt(p[0]) * exp(-log_beta_function) / (p[0] - 1.0));
}

Expr variance(Parameters p) {
  const Expr second = square(p[1]) * p[0] / (p[0] - 2.0);
  return heavy_variance(p[0], 1, second - square(mean(p)));
}

/// That of the whole distribution in df and scale: folding loses nothing of them.
std::vector<Expr> fisher(Parameters p) {
  const std::vector<Expr> of_whole = student_t.fisher(whole(p));
  return {of_whole[0], of_whole[2], of_whole[5]};
}

Expr survival(Expr x, Parameters p) { return 2.0 * student_t.survival(x, whole(p)); }
Expr density(Expr t, Parameters p) { return exp(log_density(t, p)); }

/// Near 0 the integral of the density, which keeps the digits of small probabilities.
Expr cdf(Expr x, Parameters p) {
  const Expr reach = stop_gradient(p[1] * minimum(sqrt(p[0]), number(x, 1)));
  const Expr is_near = less(x, reach);
  const Expr near = integral(density, number(x, 0), select(is_near, x, number(x, 0)), p);
  return select(is_near, near, 1.0 - survival(select(is_near, reach, x), p));
}
/// Near 0 the quantile of the whole distribution has lost digits of q; the step after it brings them back.
Expr quantile(Expr q, Parameters p) {
  return refined(-student_t.quantile(0.5 * (1.0 - q), whole(p)), q, p, {cdf, log_density});
}

std::vector<Expr> pathwise_derivative(Expr x, Parameters p) {
  const Expr t = x / p[1];
  return {p[1] * student_t_pathwise(p[0], t), t};
}

}  // namespace

const runtime::Distribution half_student_t{
    .name = "HalfStudentT",
    .summary = "absolute value of a Student t at zero; prior of scales",
    .formula = "2 (1 + (x / scale)^2 / df)^(-(df + 1) / 2) / (scale sqrt(df) B(df / 2, 1 / 2))",
    .parameters = {{"df", &positive_support, "", "degrees of freedom: 1 gives HalfCauchy"},
                   {"scale", &positive_support, "", "width"}},
    .alternatives = {},
    .parameter_ranks = {},
    .support =
        [](Parameters) {
          return runtime::Support{&nonnegative_support, {}};
        },
    .log_density = log_density,
    .sample = sample,
    .pathwise = runtime::Pathwise::implicit,
    .pathwise_derivative = pathwise_derivative,
    .mean = mean,
    .variance = variance,
    .entropy = [](Parameters p) { return student_t.entropy(whole(p)) - log_2; },
    .fisher = fisher,
    .cdf = cdf,
    .survival = survival,
    .quantile = quantile,
    .test_points = {{5, 1}, {8, 0.3}, {30, 6}},
    .example = "print(\"{:.4f}\", log_density(HalfStudentT(3, 2), 1.5))\n",
};

}  // namespace elbo::stdlib
