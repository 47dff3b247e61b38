// Von Mises distribution of angles.
#include "stdlib/distributions/bessel.hpp"
#include "stdlib/distributions/building.hpp"
#include "stdlib/distributions/inversion.hpp"
#include "stdlib/distributions/list.hpp"
#include "stdlib/distributions/quadrature.hpp"

namespace elbo::stdlib {
namespace {

using runtime::positive_support;
using runtime::real_support;

Expr sin_squared_half(Expr angle) { return square(sin(0.5 * angle)); }

// exp(k cos t) / I0(k) with cos t = 1 - 2 sin^2(t / 2): nothing overflows.
Expr log_density(Expr x, Parameters p) {
  return p[1] * (-2.0 * sin_squared_half(x - p[0])) - (log_bessel_i0e(p[1]) + (log_pi + log_2));
}

/// The same angle between -pi and pi.
Expr wrapped(Expr x) {
  const Expr turns = floor((x + pi) * (0.5 / pi));
  return minimum(maximum(x - (2 * pi) * turns, number(x, -pi)), number(x, pi));
}

/// exp(concentration (cos t - cos x)) (A - cos t), with A = E cos and p = (concentration, x, A - 1).
Expr slope_of_density(Expr t, Parameters p) {
  const Expr versine = 2.0 * sin_squared_half(t), at_x = 2.0 * sin_squared_half(p[1]);
  return exp(p[0] * (at_x - versine)) * (versine + p[2]);
}

/// How an angle moves with the concentration, k: the integral of -d density / dk between the location and the
/// angle, or beyond the angle up to the opposite of the location, over the density. A - cos t, which it is
/// proportional to, changes sign once; on the other side of the angle no terms cancel.
Expr moved_by_concentration(Expr centred, Expr k) {
  const Expr angle = abs(centred), zero = number(angle, 0);
  const Expr below_one = derivative_of_log_bessel_i0e(k);  // A - 1
  const Expr is_central = less(2.0 * sin_squared_half(angle), -below_one);
  const Expr beyond = minimum(angle + 13.0 / sqrt(k), number(angle, pi));  // what follows is below exp(-80)
  const Expr from = select(is_central, zero, angle), to = select(is_central, angle, beyond);
  const Expr area = integral(slope_of_density, from, to, std::vector<Expr>{k, angle, below_one});
  return select(less(centred, zero), number(k, -1), number(k, 1)) * select(is_central, area, -area);
}

std::vector<Expr> pathwise_derivative(Expr x, Parameters p) {
  return {number(x, 1), moved_by_concentration(wrapped(x - p[0]), p[1])};
}

/// Best and Fisher 1979. Their envelope is accepted at least twice in three times, so that none of the
/// proposals of one draw is accepted once in 1e15 draws; then the last stands. 1 - cos of the angle is
/// computed in place of its cosine, which has no digits left for large concentrations.
Expr sample(Parameters p, const DrawShape& shape) {
  constexpr std::int64_t proposals = 32;
  runtime::Shape many = shape.event;
  many.push_back(proposals);
  const Expr u = random_uniform(p[0].graph(), shape.axes, many);
  const Expr v = random_uniform(p[0].graph(), shape.axes, many);
  const Expr side = uniform(p, shape);
  const Expr k = stop_gradient(as_column(p[1]));
  const Expr root = sqrt(1.0 + 4.0 * square(k));
  const Expr excess = (1.0 + 1.0 / (root + 2.0 * k)) / (2.0 * k);  // r - 1, r = (1 + root) / 2k
  const Expr sine = square(sin((0.5 * pi) * u));                   // (1 - z) / 2, z = cos(pi u)
  const Expr versine = excess * 2.0 * sine / (excess + 2.0 * (1.0 - sine));
  const Expr c = k * (excess + versine);
  const Expr accepted = less_equal(log(v), log(c) + 1.0 - c);
  // The first accepted one: among those accepted so far it is the only one where their number is 1.
  const Expr count = cumsum_dim(select(accepted, number(u, 1), number(u, 0)), -1);
  const Expr is_first = logical_and(accepted, equal(count, number(u, 1)));
  const Expr first = sum_dim(select(is_first, versine, number(u, 0)), -1);
  const Expr angle = 2.0 * atan(sqrt(first / (2.0 - first)));
  const Expr centred = select(less(side, number(side, 0.5)), -angle, angle);
  // The proposals say nothing of the concentration: how the draw moves with it is known apart.
  const Expr motion = stop_gradient(moved_by_concentration(centred, stop_gradient(p[1])));
  return with_gradient_of(wrapped(p[0] + centred), p[0] + motion * p[1]);
}

// ---- distribution function: the density integrated where it is not negligible
// -------------------------------------

Expr density(Expr t, Parameters p) { return exp(log_density(t, p)); }

/// Integral of the density from `from` to `to`, both between -pi and pi. Around each of the modes that the
/// circle has when it is unrolled, the density is negligible beyond 13 standard deviations.
Expr probability(Expr from, Expr to, Parameters p) {
  const Expr mode = wrapped(p[0]);
  const Expr reach = minimum(13.0 / sqrt(p[1]), number(from, pi));
  Expr total;
  for (const double turn : {-2 * pi, 0.0, 2 * pi}) {
    const Expr low = mode + turn - reach, high = mode + turn + reach;
    const Expr part =
        integral(density, minimum(maximum(from, low), high), minimum(maximum(to, low), high), p);
    total = total ? total + part : part;
  }
  return total;
}

Expr cdf(Expr x, Parameters p) { return probability(number(x, -pi), x, p); }
Expr survival(Expr x, Parameters p) { return probability(x, number(x, pi), p); }

Expr quantile(Expr q, Parameters p) {
  return inverse_of(q, p, {cdf, log_density}, number(q, -pi), number(q, pi));
}

// eta = concentration (cos location, sin location), T = (cos x, sin x).
const runtime::ExponentialFamily exponential_family{
    .natural_parameters = [](Parameters p) -> std::vector<Expr> {
      return {p[1] * cos(p[0]), p[1] * sin(p[0])};
    },
    .sufficient_statistics = [](Expr x, Parameters) -> std::vector<Expr> {
      return {cos(x), sin(x)};
    },
    .log_partition =
        [](Parameters eta, Parameters) {
          const Expr concentration = sqrt(square(eta[0]) + square(eta[1]));
          return log_bessel_i0e(concentration) + concentration + (log_pi + log_2);
        },
    .log_base_measure = [](Expr x, Parameters) { return number(x, 0); },
    .parameters = [](Parameters eta, Parameters) -> std::vector<Expr> {
      return {atan2(eta[1], eta[0]), sqrt(square(eta[0]) + square(eta[1]))};
    },
};

}  // namespace

const runtime::Distribution von_mises{
    .name = "VonMises",
    .summary = "von Mises: angles between -pi and pi around a location, like a normal on the circle",
    .formula = "exp(concentration cos(x - location)) / (2 pi I0(concentration))",
    .parameters = {{"location", &real_support, "", "mean direction, in radians"},
                   {"concentration", &positive_support, "",
                    "near 0 all angles are alike; a large one is the precision of a normal"}},
    .alternatives = {},
    .parameter_ranks = {},
    .support =
        [](Parameters p) {
          return runtime::Support{&runtime::interval_support, {number(p[0], -pi), number(p[0], pi)}};
        },
    .log_density = log_density,
    .sample = sample,
    .pathwise = runtime::Pathwise::implicit,
    .pathwise_derivative = pathwise_derivative,
    .exponential_family = &exponential_family,
    .cdf = cdf,
    .survival = survival,
    .quantile = quantile,
    .test_points = {{0, 2}, {1, 0.3}, {-2.5, 9}, {3, 400}},
    .example =
        "model wind(angle) {\n"
        "  direction ~ Uniform(-pi, pi)\n"
        "  focus ~ Gamma(2, 0.5)\n"
        "  angle ~ VonMises(direction, focus)\n"
        "}\n"
        "let fit = infer(wind([0.4, 1.1, 0.7, 0.9, 0.2]), bbvi(), steps = 300, seed = 1)\n"
        "print(\"{:.0f} degrees\", 10 * round(fit.mean.direction * 18 / pi))\n",
};

}  // namespace elbo::stdlib
