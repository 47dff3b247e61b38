// Uniform distribution between two bounds.
#include <limits>

#include "stdlib/distributions/building.hpp"
#include "stdlib/distributions/list.hpp"

namespace elbo::stdlib {
namespace {

using runtime::real_support;

Expr log_density(Expr, Parameters p) { return -log(p[1] - p[0]); }

/// lower + (upper - lower) u, kept a rounding away from the ends: 10 + (1 - 1e-16) is 11 in double precision.
Expr sample(Parameters p, const DrawShape& shape) {
  const Expr margin = maximum(abs(p[0]), abs(p[1])) * std::numeric_limits<double>::epsilon();
  const Expr x = p[0] + (p[1] - p[0]) * uniform(p, shape);
  return minimum(maximum(x, p[0] + margin), p[1] - margin);
}

/// log of the ratio of lengths; infinite unless p's interval lies within q's.
Expr kl(Parameters p, Parameters q) {
  const Expr nested = logical_and(less_equal(q[0], p[0]), less_equal(p[1], q[1]));
  return select(nested, log((q[1] - q[0]) / (p[1] - p[0])),
                number(p[0], std::numeric_limits<double>::infinity()));
}

Expr cdf(Expr x, Parameters p) { return (x - p[0]) / (p[1] - p[0]); }
Expr survival(Expr x, Parameters p) { return (p[1] - x) / (p[1] - p[0]); }
Expr quantile(Expr q, Parameters p) { return p[0] + (p[1] - p[0]) * q; }

}  // namespace

const runtime::Distribution uniform_between{
    .name = "Uniform",
    .summary = "every number between two bounds alike",
    .formula = "1 / (upper - lower)",
    .parameters = {{"lower", &real_support, "", "least value"},
                   {"upper", &real_support, "", "greatest value, above lower"}},
    .alternatives = {},
    .parameter_ranks = {},
    .support =
        [](Parameters p) {
          return runtime::Support{&runtime::interval_support, {p[0], p[1]}};
        },
    .log_density = log_density,
    .sample = sample,
    .pathwise = runtime::Pathwise::inverse_cdf,
    .mean = [](Parameters p) { return 0.5 * (p[0] + p[1]); },
    .variance = [](Parameters p) { return square(p[1] - p[0]) / 12.0; },
    .entropy = [](Parameters p) { return log(p[1] - p[0]); },
    .kl = kl,
    .cdf = cdf,
    .survival = survival,
    .quantile = quantile,
    .test_points = {{0, 1}, {-4, -1.5}, {10, 11}},
    .example = R"(let d = Uniform(lower = -1, upper = 3)
print("mean {}, sd {:.3f}", mean(d), sd(d))
print("density {} inside, {} outside", exp(log_density(d, 0)), exp(log_density(d, 4)))
)",
};

}  // namespace elbo::stdlib
