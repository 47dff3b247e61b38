// Both integrals are taken in a variable in which the density is smooth and decays at least exponentially:
// the logarithm of a gamma variable and the log odds of a beta variable, measured from the mode, so that
// large parameters cost no digits. The shape at the end that is integrated towards is first raised to 16 or
// more by
//   P(a, x) = P(a + 1, x) + x^a exp(-x) / gamma(a + 1)
//   I_x(a, b) = I_x(a + 1, b) + x^a (1 - x)^b / (a B(a, b))
// (DLMF 8.8.5 and 8.17.20), whose terms are all positive. What lies beyond exp(-40) of the integrand is left
// out.
#include "stdlib/distributions/incomplete.hpp"

#include "stdlib/distributions/quadrature.hpp"

namespace elbo::stdlib {
namespace {

constexpr int raised_by = 16;
constexpr double negligible = 40;  // -log of the share of the peak

/// lgamma(x) - ((x - 1/2) log x - x + log(2 pi) / 2).
Expr stirling_rest(Expr x) {
  const Expr is_large = less_equal(number(x, raised_by), x);
  const Expr large = select(is_large, x, number(x, 10)), small = select(is_large, number(x, 1), x);
  const Expr inverse = 1.0 / large, z = square(inverse);
  const Expr series =
      inverse *
      (1.0 / 12 -
       z * (1.0 / 360 - z * (1.0 / 1260 - z * (1.0 / 1680 - z * (1.0 / 1188 - z * (691.0 / 360360))))));
  return select(is_large, series, lgamma(small) - ((small - 0.5) * log(small) - small + half_log_2_pi));
}

/// v with v^2 / (k + v) = c: beyond it the logarithm of a density has fallen by `negligible` (see the uses).
Expr reach(Expr c, double k) { return 0.5 * (c + sqrt(square(c) + (4 * k) * c)); }

/// v with exp(v) - 1 - v at least c.
Expr reach_of_exp(Expr c) { return log1p(c + sqrt(2.0 * c)); }

/// A shape raised by 16 where it is below that; the terms of the raising are then those of `low_shape`.
struct Raised {
  Expr is_small, shape, low_shape;
};
Raised raised(Expr a) {
  const Expr is_small = less(a, number(a, raised_by));
  return {is_small, select(is_small, a + static_cast<double>(raised_by), a),
          select(is_small, a, number(a, 1))};
}

// ---- gamma
// ----------------------------------------------------------------------------------------------------------

/// log of the density of v = log(x / a), up to the factor sqrt(a / 2 pi) exp(-stirling_rest(a)).
Expr gamma_density(Expr v, Parameters a) { return exp(a[0] * (v - expm1(v))); }

Expr gamma_factor(Expr a) { return exp(0.5 * log(a) - half_log_2_pi - stirling_rest(a)); }

Expr raised_gamma(Expr a, Expr x) {
  const Expr v = log(x / a);
  // below the mode the logarithm falls by a (d - 1 + exp(-d)) >= a d^2 / (2 + d) over a distance d
  const Expr top = minimum(v, stop_gradient(reach_of_exp(negligible / a)));
  const Expr bottom = minimum(v, number(v, 0)) - reach(negligible / a, 2);
  return gamma_factor(a) * integral(gamma_density, stop_gradient(bottom), top, std::vector<Expr>{a});
}

}  // namespace

Expr incomplete_gamma(Expr a, Expr x) {
  const Raised r = raised(a);
  Expr term = exp(r.low_shape * log(x) - x - lgamma(r.low_shape + 1.0));
  Expr terms = term;
  for (int j = 1; j < raised_by; ++j) {
    term = term * x / (r.low_shape + static_cast<double>(j));
    terms = terms + term;
  }
  return raised_gamma(r.shape, x) + select(r.is_small, terms, number(x, 0));
}

Expr incomplete_gamma_complement(Expr a, Expr x) {
  // Above the mode, and where log x is not spread out, the tail itself is integrated.
  const Expr is_tail = logical_and(less(number(x, 1), x), less(a, x));
  const Expr far = select(is_tail, x, maximum(number(x, 1), stop_gradient(a)) + 1.0);
  const Expr near = select(is_tail, maximum(number(x, 1), stop_gradient(a)), x);
  const Expr v = log(far / a);
  // above the mode it falls by x (exp(d) - 1 - d) and more
  const Expr top = v + stop_gradient(reach_of_exp(negligible / far));
  const Expr tail = gamma_factor(a) * integral(gamma_density, v, top, std::vector<Expr>{a});
  return select(is_tail, tail, 1.0 - incomplete_gamma(a, near));
}

// ---- beta
// -----------------------------------------------------------------------------------------------------------

namespace {

/// Density of the distance v of the log odds from their mode log(a / b), up to its value there.
Expr beta_density(Expr v, Parameters p) {
  const Expr total = p[0] + p[1];
  const Expr of_one = log1p(p[1] / total * expm1(-v)), of_zero = log1p(p[0] / total * expm1(v));
  return exp(-p[0] * of_one - p[1] * of_zero);
}

/// For a >= 16 and log odds at most a little above the mode.
Expr raised_beta(Expr a, Expr b, Expr log_odds) {
  const Expr mode = log(a / b), v = log_odds - mode;
  const Expr start = minimum(log_odds, mode);
  // From start <= 0 downwards the logarithm falls by a 2 log cosh(d / 2) >= a d^2 / (4 + d), and from start >
  // 0 by b (exp(d) - 1 - d) / 2 as far as 0.
  const Expr below_even = reach(negligible / a, 4);
  const Expr above_even = minimum(reach_of_exp(2.0 * negligible / b), start + below_even);
  const Expr distance = select(less(number(start, 0), start), above_even, below_even);
  const Expr bottom = stop_gradient(start - mode - distance);
  const Expr at_mode = 0.5 * (log(a) + log(b) - log(a + b)) - half_log_2_pi -
                       (stirling_rest(a) + stirling_rest(b) - stirling_rest(a + b));
  return exp(at_mode) * integral(beta_density, bottom, v, std::vector<Expr>{a, b});
}

/// For log odds at most those of the mean.
Expr lower_beta(Expr a, Expr b, Expr log_odds) {
  const Raised r = raised(a);
  const Expr x = sigmoid(log_odds), low = r.low_shape;
  Expr term = exp(-low * softplus(-log_odds) - b * softplus(log_odds) -
                  (lgamma(low + 1.0) + lgamma(b) - lgamma(low + b)));
  Expr terms = term;
  for (int j = 1; j < raised_by; ++j) {
    term = term * x * (low + b + static_cast<double>(j - 1)) / (low + static_cast<double>(j));
    terms = terms + term;
  }
  return raised_beta(r.shape, b, log_odds) + select(r.is_small, terms, number(x, 0));
}

}  // namespace

Expr incomplete_beta(Expr a, Expr b, Expr log_odds) {
  const Expr mean = stop_gradient(log(a / b));
  const Expr is_lower = less_equal(log_odds, mean);
  const Expr lower = lower_beta(a, b, select(is_lower, log_odds, mean));
  const Expr upper = lower_beta(b, a, -select(is_lower, mean, log_odds));
  return select(is_lower, lower, 1.0 - upper);
}

Enclosure beta_enclosure(Expr q, Expr a, Expr b) {
  // For x <= 1/2, I_x(a, b) <= 2 x^a / (a B(a, b)); and log x is below the log odds.
  const auto least = [](Expr probability, Expr shape, Expr other) {
    const Expr log_scale = lgamma(shape + 1.0) + lgamma(other) - lgamma(shape + other);
    return minimum((log(probability) + log_scale - log_2) / shape, number(probability, -1));
  };
  const Expr rest = maximum(1.0 - q, number(q, 1e-17));
  return {least(q, a, b), -least(rest, b, a)};
}

Enclosure gamma_enclosure(Expr q, Expr tail, Expr a) {
  // P(a, x) <= x^a / gamma(a + 1); and Q(a, x) is below exp(-t) at a + t + 2 sqrt(a t).
  const Expr t = 1.0 - log(maximum(tail, number(q, 1e-17)));
  return {(log(q) + lgamma(a + 1.0)) / a - 1e-3, log(a + t + 2.0 * sqrt(a * t))};
}

}  // namespace elbo::stdlib
