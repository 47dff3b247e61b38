// Skew normal distribution (Azzalini 1985).
#include <cmath>

#include "runtime/operations/operations.hpp"
#include "stdlib/distributions/building.hpp"
#include "stdlib/distributions/list.hpp"

namespace elbo::stdlib {
namespace {

using runtime::positive_support;
using runtime::real_support;

Expr log_density(Expr x, Parameters p) {
  const Expr z = keep_finite((x - p[0]) * (1.0 / p[1]));
  return -0.5 * square(z) + x.graph().add(runtime::normal_log_cdf_operation, {p[2] * z}) -
         (log(p[1]) + (half_log_2_pi - log_2));
}

/// Correlation of the draw with the normal variable whose sign makes it skewed.
Expr delta(Expr shape) { return shape / sqrt(1.0 + square(shape)); }

// delta |u| + sqrt(1 - delta^2) v of independent standard normals u and v (Henze 1986).
Expr sample(Parameters p, const DrawShape& shape) {
  const Expr u = standard_normal(p, shape), v = standard_normal(p, shape);
  return p[0] + p[1] * ((p[2] * abs(u) + v) * (1.0 / sqrt(1.0 + square(p[2]))));
}

Expr mean(Parameters p) { return p[0] + p[1] * delta(p[2]) * std::sqrt(2 / pi); }

Expr variance(Parameters p) { return square(p[1]) * (1.0 - (2 / pi) * square(delta(p[2]))); }

}  // namespace

const runtime::Distribution skew_normal{
    .name = "SkewNormal",
    .summary = "skew normal with location, scale and shape",
    .formula =
        "(2 / scale) phi(z) Phi(shape z), z = (x - location) / scale, with phi and Phi of the standard "
        "normal",
    .parameters = {{"location", &real_support, "", "the mean at shape 0"},
                   {"scale", &positive_support, "", "the standard deviation at shape 0"},
                   {"shape", &real_support, "", "skewness: 0 gives the normal, positive a long right tail"}},
    .alternatives = {},
    .parameter_ranks = {},
    .support =
        [](Parameters) {
          return runtime::Support{&real_support, {}};
        },
    .log_density = log_density,
    .sample = sample,
    .pathwise = runtime::Pathwise::location_scale,
    .mean = mean,
    .variance = variance,
    .test_points = {{0, 1, 0}, {1, 2, 4}, {-3, 0.2, -1.5}, {50, 10, 0.3}},
    .example = R"(let d = SkewNormal(location = 0, scale = 1, shape = 4)
print("mean {:.3f}, sd {:.3f}", mean(d), sd(d))
print("log density {:.3f}", log_density(d, [-1, 0, 1]))
)",
};

}  // namespace elbo::stdlib
