// Skew normal distribution (Azzalini 1985).
#include <cmath>

#include "runtime/operations/operations.hpp"
#include "stdlib/distributions/building.hpp"
#include "stdlib/distributions/inversion.hpp"
#include "stdlib/distributions/list.hpp"
#include "stdlib/distributions/quadrature.hpp"

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

/// 2 phi(z) Phi(-shape z).
Expr wrong_side_density(Expr z, Parameters shape) {
  return exp(log_2 - half_log_2_pi - 0.5 * square(z) + normal_log_cdf(-shape[0] * z));
}

/// The probability beyond z >= 0 on the side that the shape (>= 0) does not favour. It falls like a normal
/// one of standard deviation 1 / sqrt(1 + shape^2): what lies beyond exp(-80) is left out.
Expr wrong_side(Expr z, Expr shape) {
  const Expr scale = 1.0 / sqrt(1.0 + square(shape));
  const Expr reach = 40.0 * square(scale) / maximum(z, 3.0 * scale);
  return integral(wrong_side_density, z, z + stop_gradient(reach), std::vector<Expr>{shape});
}

/// P(Z > z) of the standardised variable: its distribution is the mirror image of that with the opposite
/// shape.
Expr tail(Expr z, Expr shape) {
  const Expr favours_right = less_equal(number(shape, 0), shape);
  const Expr is_right = less_equal(number(z, 0), z);
  // not by `abs`, whose derivative at 0 is 0
  const Expr size = select(favours_right, shape, -shape), distance = select(is_right, z, -z);
  const Expr beyond = wrong_side(distance, size);
  const Expr on_favoured_side = 2.0 * normal_cdf(-distance) - beyond;
  const Expr on_side = select(equal(is_right, favours_right), on_favoured_side, beyond);
  return select(is_right, on_side, 1.0 - on_side);
}

Expr standard(Expr x, Parameters p) { return keep_finite((x - p[0]) * (1.0 / p[1])); }

Expr survival(Expr x, Parameters p) { return tail(standard(x, p), p[2]); }
Expr cdf(Expr x, Parameters p) { return tail(-standard(x, p), -p[2]); }

/// Between quantiles of the folded normal distribution, which bounds both sides.
Expr quantile(Expr q, Parameters p) {
  const Expr low = p[0] + p[1] * (normal_quantile(0.5 * q) - 1e-3);
  const Expr high = p[0] + p[1] * (1e-3 - normal_quantile(0.5 * (1.0 - q)));
  return inverse_of(q, p, {cdf, log_density}, low, high);
}

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
    .cdf = cdf,
    .survival = survival,
    .quantile = quantile,
    .test_points = {{0, 1, 0}, {1, 2, 4}, {-3, 0.2, -1.5}, {50, 10, 0.3}},
    .example = R"(let d = SkewNormal(location = 0, scale = 1, shape = 4)
print("mean {:.3f}, sd {:.3f}", mean(d), sd(d))
print("log density {:.3f}", log_density(d, [-1, 0, 1]))
)",
};

}  // namespace elbo::stdlib
