// Asymmetric Laplace distribution (Kozubowski and Podgorski 2000): exponential tails of different widths.
#include "stdlib/distributions/building.hpp"
#include "stdlib/distributions/list.hpp"

namespace elbo::stdlib {
namespace {

using runtime::positive_support;
using runtime::real_support;

// Parameters: location, scale, asymmetry. The tail to the left has width scale asymmetry, that to the right
// scale / asymmetry; their shares of the probability are as these widths.

Expr left(Parameters p) { return p[1] * p[2]; }
Expr right(Parameters p) { return p[1] / p[2]; }
Expr left_share(Parameters p) { return square(p[2]) / (1.0 + square(p[2])); }
Expr right_share(Parameters p) { return 1.0 / (1.0 + square(p[2])); }

/// (x - location) over the width of the tail in which it lies, without its sign.
Expr distance(Expr x, Parameters p) {
  const Expr difference = x - p[0];
  return select(less(difference, number(x, 0)), -difference / left(p), difference / right(p));
}

Expr log_density(Expr x, Parameters p) { return -distance(x, p) - log(left(p) + right(p)); }

/// The difference of two exponentials of these widths.
Expr sample(Parameters p, const DrawShape& shape) {
  const Expr first = log(uniform(p, shape)), second = log(uniform(p, shape));
  return p[0] + left(p) * first - right(p) * second;
}

/// The distance is exponential with rate 1 on either side.
std::vector<Expr> fisher(Parameters p) {
  const Expr scale = p[1], k = p[2], both = 1.0 + square(k);
  const Expr slope = (square(k) - 1.0) / (k * both);  // of log(k + 1 / k)
  const Expr precision = 1.0 / square(scale);
  return {precision, number(k, 0),  -2.0 / (scale * both),
          precision, slope / scale, 2.0 / square(k) - square(slope)};
}

Expr cdf(Expr x, Parameters p) {
  const Expr d = distance(x, p);
  return select(less(x, p[0]), left_share(p) * exp(-d), left_share(p) - right_share(p) * expm1(-d));
}

Expr survival(Expr x, Parameters p) {
  const Expr d = distance(x, p);
  return select(less(x, p[0]), right_share(p) - left_share(p) * expm1(-d), right_share(p) * exp(-d));
}

Expr log_cdf(Expr x, Parameters p) {
  const Expr d = distance(x, p);
  return select(less(x, p[0]), log(left_share(p)) - d, log(left_share(p) - right_share(p) * expm1(-d)));
}

Expr log_survival(Expr x, Parameters p) {
  const Expr d = distance(x, p);
  return select(less(x, p[0]), log(right_share(p) - left_share(p) * expm1(-d)), log(right_share(p)) - d);
}

Expr quantile(Expr q, Parameters p) {
  const Expr is_left = less(q, left_share(p));
  return p[0] +
         select(is_left, left(p) * log(q / left_share(p)), -right(p) * log((1.0 - q) / right_share(p)));
}

}  // namespace

const runtime::Distribution asymmetric_laplace{
    .name = "AsymmetricLaplace",
    .summary = "Laplace with tails of different widths: location, scale and asymmetry",
    .formula =
        "exp(-|x - location| / w) / (scale (asymmetry + 1 / asymmetry)), w = scale asymmetry left of the "
        "location and scale / asymmetry right of it",
    .parameters = {{"location", &real_support, "", "mode"},
                   {"scale", &positive_support, "", "geometric mean of the widths of the tails"},
                   {"asymmetry", &positive_support, "", "above 1 the left tail is the wider one"}},
    .alternatives = {},
    .parameter_ranks = {},
    .support =
        [](Parameters) {
          return runtime::Support{&real_support, {}};
        },
    .log_density = log_density,
    .sample = sample,
    .pathwise = runtime::Pathwise::location_scale,
    .mean = [](Parameters p) { return p[0] + right(p) - left(p); },
    .variance = [](Parameters p) { return square(left(p)) + square(right(p)); },
    .entropy = [](Parameters p) { return 1.0 + log(left(p) + right(p)); },
    .fisher = fisher,
    .cdf = cdf,
    .survival = survival,
    .log_cdf = log_cdf,
    .log_survival = log_survival,
    .quantile = quantile,
    .test_points = {{0, 1, 1.3}, {-3, 0.2, 1.7}, {10, 5, 0.4}},
    .example = "print(\"{:.4f}\", cdf(AsymmetricLaplace(0, 1, 0.5), 0))\n",
};

}  // namespace elbo::stdlib
