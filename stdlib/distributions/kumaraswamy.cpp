// Kumaraswamy distribution: like the beta distribution, with a distribution function in closed form.
#include "stdlib/distributions/building.hpp"
#include "stdlib/distributions/list.hpp"

namespace elbo::stdlib {
namespace {

using runtime::positive_support;
using runtime::unit_interval_support;

// 1 - x^a without cancellation near x = 1.
Expr complement(Expr x, Expr a) { return -expm1(a * keep_finite(log_from_zero(x))); }

Expr log_density(Expr x, Parameters p) {
  // At x = 1 it is -inf, finite or inf by b: a constant, so that no gradient is 0 * inf.
  const Expr rest = complement(x, p[0]), above = p[1] - 1.0;
  const Expr at_end = equal(rest, number(x, 0));
  const Expr upper = select(at_end, xlogy(stop_gradient(above), number(x, 0)),
                            above * log(select(at_end, number(x, 1), rest)));
  return (log(p[0]) + log(p[1])) + xlogy(p[0] - 1.0, x) + upper;
}

// (1 - u^(1/b))^(1/a) of a uniform u, kept off 1.
Expr sample(Parameters p, const DrawShape& shape) {
  const Expr u = uniform(p, shape);
  const Expr draw = exp(log(-expm1(log(u) / p[1])) / p[0]);
  return keep_positive(minimum(draw, number(draw, 1 - 0x1p-53)));
}

/// E[x^n] = b B(1 + n / a, b).
Expr moment(Parameters p, double n) { return p[1] * exp(log_beta(1.0 + n / p[0], p[1])); }

Expr variance(Parameters p) { return moment(p, 2) - square(moment(p, 1)); }

// (1 - 1/a) H_b + 1 - 1/b - log(a b), with the harmonic number H_b.
Expr entropy(Parameters p) {
  const Expr harmonic = digamma(p[1] + 1.0) + euler;
  return (1.0 - 1.0 / p[0]) * harmonic + 1.0 - 1.0 / p[1] - log(p[0] * p[1]);
}

/// -log of the probability beyond x: -b log(1 - x^a).
Expr exponent(Expr x, Parameters p) { return -p[1] * log1m_exp(-p[0] * log(x)); }

Expr cdf(Expr x, Parameters p) { return -expm1(-exponent(x, p)); }
Expr survival(Expr x, Parameters p) { return exp(-exponent(x, p)); }
Expr log_cdf(Expr x, Parameters p) { return log1m_exp(exponent(x, p)); }
Expr log_survival(Expr x, Parameters p) { return -exponent(x, p); }
Expr quantile(Expr q, Parameters p) { return exp(log(-expm1(log1p(-q) / p[1])) / p[0]); }

}  // namespace

const runtime::Distribution kumaraswamy{
    .name = "Kumaraswamy",
    .summary = "Kumaraswamy with shapes a and b: like the beta distribution",
    .formula = "a b x^(a - 1) (1 - x^a)^(b - 1)",
    .parameters = {{"a", &positive_support, "", "shape at 0"}, {"b", &positive_support, "", "shape at 1"}},
    .alternatives = {},
    .parameter_ranks = {},
    .support =
        [](Parameters) {
          return runtime::Support{&unit_interval_support, {}};
        },
    .log_density = log_density,
    .sample = sample,
    .pathwise = runtime::Pathwise::inverse_cdf,
    .mean = [](Parameters p) { return moment(p, 1); },
    .variance = variance,
    .entropy = entropy,
    .cdf = cdf,
    .survival = survival,
    .log_cdf = log_cdf,
    .log_survival = log_survival,
    .quantile = quantile,
    .test_points = {{1, 1}, {2, 3}, {0.7, 1.5}, {5, 2}},
    .example = R"(# Like Beta, with a distribution function that can be written down: 1 - (1 - x^a)^b.
let x = sample(Kumaraswamy(a = 2, b = 3), 20000, seed = 1)
print("P(X <= 0.5): {:.2f} {:.2f}", mean(to_real(x <= 0.5)), 1 - (1 - 0.5^2)^3)
)",
};

}  // namespace elbo::stdlib
