// The regularised incomplete gamma functions, their inverse, and their derivatives in the shape.
//
// The derivatives are given over the density of log x, x^a e^-x / gamma(a), which cancels from them: so they
// neither underflow nor overflow in the tails, and -1 times the first is how a draw's logarithm moves with
// the shape (Figurnov, Mohamed, Mnih, "Implicit reparameterization gradients", NeurIPS 2018). Below the shape
// they come from the power series, above from the continued fraction, each with its derivatives in the shape
// alongside (after Moore, "Algorithm AS 187: derivatives of the incomplete gamma integral", Applied
// Statistics 31 (1982)); for large shapes from an integral.
#include <boost/math/special_functions/gamma.hpp>
#include <cmath>

#include "runtime/kernels/double_exponential.hpp"
#include "runtime/kernels/jet.hpp"
#include "runtime/kernels/quiet.hpp"
#include "runtime/kernels/scalar_loops.hpp"
#include "runtime/kernels/special.hpp"
#include "runtime/kernels/variants.hpp"

namespace elbo::runtime {
namespace {

double gamma_p(double a, double x) {
  if (!(a > 0) || !(x >= 0) || std::isinf(a)) return not_a_number;
  return std::isinf(x) ? 1.0 : boost::math::gamma_p(a, x, Quiet());
}

double gamma_q(double a, double x) {
  if (!(a > 0) || !(x >= 0) || std::isinf(a)) return not_a_number;
  return std::isinf(x) ? 0.0 : boost::math::gamma_q(a, x, Quiet());
}

double gamma_density(double a, double x) {
  if (!(a > 0) || !(x >= 0) || std::isinf(a)) return not_a_number;
  return std::isinf(x) ? 0.0 : boost::math::gamma_p_derivative(a, x, Quiet());
}

double gamma_quantile(double a, double p) {
  if (!(a > 0) || !(p >= 0 && p <= 1) || std::isinf(a)) return not_a_number;
  if (p == 0 || p == 1) return p == 0 ? 0.0 : infinity;
  return boost::math::gamma_p_inv(a, p, Quiet());
}

double gamma_upper_quantile(double a, double q) {
  if (!(a > 0) || !(q >= 0 && q <= 1) || std::isinf(a)) return not_a_number;
  if (q == 0 || q == 1) return q == 1 ? 0.0 : infinity;
  return boost::math::gamma_q_inv(a, q, Quiet());
}

/// Whether `change` no longer changes `total`, in any derivative.
template <int order>
bool is_settled(const Jet<order>& change, const Jet<order>& total) {
  for (int k = 0; k <= order; ++k) {
    if (!(std::fabs(change.d[k]) <= 1e-17 + 1.1e-16 * std::fabs(total.d[k]))) return false;
  }
  return true;
}

/// From here on the integral is more accurate than series and continued fraction.
constexpr double large_shape = 40;

/// 1 + x / (a + 1) + x^2 / ((a + 1) (a + 2)) + …: P(a, x) over x^a e^-x / gamma(a + 1).
template <int order>
Jet<order> series(double a, double x) {
  Jet<order> term = constant<order>(1), total = term;
  for (int k = 1; k < 1000; ++k) {
    term = term * reciprocal(line<order>(a + k, 1)) * x;
    total = total + term;
    if (is_settled(term, total)) break;
  }
  return total;
}

/// The continued fraction 1 / (x + 1 - a - 1 (1 - a) / (x + 3 - a - 2 (2 - a) / (x + 5 - a - …))):
/// Q(a, x) over x^a e^-x / gamma(a). From the last term backwards, which forgets rounding; the number of
/// terms leaves less than 1e-17 for x >= 1, x >= a and a up to large_shape, in the derivatives too.
template <int order>
Jet<order> continued_fraction(double a, double x) {
  const int terms = 15 + static_cast<int>(110 / x + 2 * std::sqrt(a));
  Jet<order> value = reciprocal(line<order>(x + 2 * terms + 1 - a, -1));
  for (int k = terms; k > 0; --k) {
    const Jet<order> numerator = line<order>(k * (a - k), k);
    value = reciprocal(line<order>(x + 2 * k - 1 - a, -1) + numerator * value);
  }
  return value;
}

/// Of the product of `f` and a density whose log has the derivatives `first` and `second`: the last
/// derivative, over the density.
double with_density(const Jet<1>& f, double first, double) { return f.d[1] + f.d[0] * first; }
double with_density(const Jet<2>& f, double first, double second) {
  return f.d[2] + 2 * f.d[1] * first + f.d[0] * (first * first + second);
}

/// exp(s) - 1 - s.
double exp_rest(double s) {
  if (std::fabs(s) > 0.5) return std::expm1(s) - s;
  constexpr double inverse_factorials[] = {
      1.0 / 2,         1.0 / 6,          1.0 / 24,         1.0 / 120,     1.0 / 720,
      1.0 / 5040,      1.0 / 40320,      1.0 / 362880,     1.0 / 3628800, 1.0 / 39916800,
      1.0 / 479001600, 1.0 / 6227020800, 1.0 / 87178291200};
  double sum = 0;
  for (int k = 12; k >= 0; --k) sum = sum * s + inverse_factorials[k];
  return s * s * sum;
}

/// log a - digamma(a) for a >= large_shape, which has no digits to lose.
double log_less_digamma(double a) {
  const double r = 1 / a, z = r * r;
  return 0.5 * r + z * (1.0 / 12 - z * (1.0 / 120 - z * (1.0 / 252 - z * (1.0 / 240 - z * (1.0 / 132)))));
}

/// The integral of exp(log density at log t - that at log x) H(log t) over log t below log x, or minus that
/// above, where H = log t - digamma(a) for the first derivative and H^2 - trigamma(a) for the second. Both
/// integrals over all t are 0. The first H changes sign once: on the other side of x the sum cancels nothing.
template <int order>
double shape_integral(double a, double x) {
  // log x - digamma(a), which for large shapes is small against either
  const double distance = (x - a) / a;
  const double at_x =
      (std::fabs(distance) < 0.5 ? std::log1p(distance) : std::log(x / a)) + log_less_digamma(a);
  const double spread = order == 2 ? scalar_trigamma(a) : 0;
  const bool is_below = order == 1 ? at_x <= 0 : x <= a;
  const double side = is_below ? -1 : 1;
  // from the logarithm's slope and curvature at x; below, it ends as e^(a s)
  const double slope = std::fmax(side * (x - a), 0.0);
  const double width = 1 / (slope + std::sqrt(x) + (is_below ? 1e-3 * a : 0));
  return -side * double_exponential_integral(width, [&](double s) {
    const double t = side * s, h = at_x + t;
    return std::exp(-(x - a) * t - x * exp_rest(t)) * (order == 2 ? h * h - spread : h);
  });
}

/// The derivative of this order of P(a, e^log_x) in a, over the density of log x.
template <int order>
double shape_derivative(double a, double log_x) {
  if (!(a > 0) || std::isinf(a) || std::isnan(log_x)) return not_a_number;
  const double x = std::exp(log_x);
  if (std::isinf(x)) return not_a_number;
  if (x <= 1 || (a < large_shape && x <= a)) {
    return with_density(series<order>(a, x), log_x - scalar_digamma(a + 1), -scalar_trigamma(a + 1)) / a;
  }
  if (a >= large_shape) return shape_integral<order>(a, x);
  return -with_density(continued_fraction<order>(a, x), log_x - scalar_digamma(a), -scalar_trigamma(a));
}

template <class T>
void fill(KernelTable& table) {
  table.gamma_p = scalar_binary<T, gamma_p>;
  table.gamma_q = scalar_binary<T, gamma_q>;
  table.gamma_density = scalar_binary<T, gamma_density>;
  table.gamma_upper_quantile = scalar_binary<T, gamma_upper_quantile>;
  table.gamma_quantile = scalar_binary<T, gamma_quantile>;
  table.gamma_shape = scalar_binary<T, shape_derivative<1>>;
  table.gamma_shape_shape = scalar_binary<T, shape_derivative<2>>;
}

}  // namespace

void fill_incomplete_gamma_kernels(KernelTable& real64, KernelTable& real32) {
  fill<double>(real64);
  fill<float>(real32);
}

}  // namespace elbo::runtime
