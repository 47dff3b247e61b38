// The regularised incomplete gamma functions, their inverse, and their derivatives in the shape.
//
// The derivatives follow Moore, "Algorithm AS 187: derivatives of the incomplete gamma integral", Applied
// Statistics 31 (1982): the power series below the shape, the continued fraction above, each computed with
// its derivatives in the shape alongside (forward mode). They are given over the density of log x, x^a e^-x /
// gamma(a), which cancels from both: so they neither underflow nor overflow in the tails, and -1 times the
// first is how a draw's logarithm moves with the shape (Figurnov, Mohamed, Mnih, "Implicit reparameterization
// gradients", NeurIPS 2018).
#include <boost/math/special_functions/gamma.hpp>
#include <cmath>

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

double gamma_quantile(double a, double p) {
  if (!(a > 0) || !(p >= 0 && p <= 1) || std::isinf(a)) return not_a_number;
  if (p == 0 || p == 1) return p == 0 ? 0.0 : infinity;
  return boost::math::gamma_p_inv(a, p, Quiet());
}

/// A function of the shape: its value and first derivatives (not divided by factorials).
template <int order>
struct Jet {
  double d[order + 1] = {};
};

template <int order>
Jet<order> constant(double value) {
  Jet<order> jet;
  jet.d[0] = value;
  return jet;
}

/// value + slope * (shape - a).
template <int order>
Jet<order> line(double value, double slope) {
  Jet<order> jet;
  jet.d[0] = value;
  jet.d[1] = slope;
  return jet;
}

template <int order>
Jet<order> operator+(const Jet<order>& u, const Jet<order>& v) {
  Jet<order> sum;
  for (int k = 0; k <= order; ++k) sum.d[k] = u.d[k] + v.d[k];
  return sum;
}

template <int order>
Jet<order> operator*(const Jet<order>& u, double factor) {
  Jet<order> product;
  for (int k = 0; k <= order; ++k) product.d[k] = u.d[k] * factor;
  return product;
}

template <int order>
Jet<order> operator*(const Jet<order>& u, const Jet<order>& v) {
  Jet<order> product;
  product.d[0] = u.d[0] * v.d[0];
  product.d[1] = u.d[1] * v.d[0] + u.d[0] * v.d[1];
  if constexpr (order == 2) product.d[2] = u.d[2] * v.d[0] + 2 * u.d[1] * v.d[1] + u.d[0] * v.d[2];
  return product;
}

template <int order>
Jet<order> reciprocal(const Jet<order>& u) {
  Jet<order> result;
  const double r = 1 / u.d[0];
  result.d[0] = r;
  result.d[1] = -u.d[1] * r * r;
  if constexpr (order == 2) result.d[2] = (2 * u.d[1] * u.d[1] * r - u.d[2]) * r * r;
  return result;
}

/// Whether `change` no longer changes `total`, in any derivative.
template <int order>
bool is_settled(const Jet<order>& change, const Jet<order>& total) {
  for (int k = 0; k <= order; ++k) {
    if (!(std::fabs(change.d[k]) <= 1e-17 + 1.1e-16 * std::fabs(total.d[k]))) return false;
  }
  return true;
}

constexpr int most_terms = 1'000'000;

/// 1 + x / (a + 1) + x^2 / ((a + 1) (a + 2)) + …: P(a, x) over x^a e^-x / gamma(a + 1).
template <int order>
Jet<order> series(double a, double x) {
  Jet<order> term = constant<order>(1), total = term;
  for (int k = 1; k < most_terms; ++k) {
    term = term * reciprocal(line<order>(a + k, 1)) * x;
    total = total + term;
    if (is_settled(term, total)) break;
  }
  return total;
}

/// The continued fraction 1 / (x + 1 - a - 1 (1 - a) / (x + 3 - a - 2 (2 - a) / (x + 5 - a - …))):
/// Q(a, x) over x^a e^-x / gamma(a). Numerators and denominators by their recurrence, kept within range.
template <int order>
Jet<order> continued_fraction(double a, double x) {
  Jet<order> p_before = constant<order>(0), p = constant<order>(1);
  Jet<order> q_before = constant<order>(1), q = line<order>(x + 1 - a, -1);
  Jet<order> value = p * reciprocal(q);
  int settled = 0;
  for (int k = 1; k < most_terms && settled < 2; ++k) {
    const Jet<order> factor = line<order>(k * (a - k), k), step = line<order>(x + 2 * k + 1 - a, -1);
    const Jet<order> p_next = step * p + factor * p_before, q_next = step * q + factor * q_before;
    p_before = p, q_before = q, p = p_next, q = q_next;
    const Jet<order> next = p * reciprocal(q);
    settled = is_settled(next + value * -1.0, next) ? settled + 1 : 0;
    value = next;
    if (!std::isfinite(value.d[order])) break;
    if (std::fabs(q.d[0]) > 1e100) {
      p = p * 1e-100, q = q * 1e-100, p_before = p_before * 1e-100, q_before = q_before * 1e-100;
    }
  }
  return value;
}

/// Of the product of `f` and a density whose log has the derivatives `first` and `second`: the last
/// derivative, over the density.
double with_density(const Jet<1>& f, double first, double) { return f.d[1] + f.d[0] * first; }
double with_density(const Jet<2>& f, double first, double second) {
  return f.d[2] + 2 * f.d[1] * first + f.d[0] * (first * first + second);
}

/// From here on, within 12 standard deviations, the Cornish-Fisher expansion in powers of a^-1/2 is used,
/// which leaves less than 1e-12 (Goldberg, Levine, Annals of Mathematical Statistics 17 (1946), p. 216).
constexpr double large_shape = 1e5;

/// dx/da of x = a + z sqrt a + (z^2 - 1) / 3 + (z^3 - 7z) / (36 sqrt a) - (3z^4 + 7z^2 - 16) / (810 a) at
/// fixed z.
double expanded_path(double a, double x) {
  const double root = std::sqrt(a);
  double z = (x - a) / root;
  for (int i = 0; i < 20; ++i) {
    const double z2 = z * z;
    const double rest = (z2 - 1) / 3 + (z2 - 7) * z / (36 * root) - ((3 * z2 + 7) * z2 - 16) / (810 * a);
    const double slope = root + 2 * z / 3;
    const double change = ((x - a) - z * root - rest) / slope;
    z += change;
    if (std::fabs(change) <= 1e-15 * (1 + std::fabs(z))) break;
  }
  const double z2 = z * z;
  return 1 + z / (2 * root) - (z2 - 7) * z / (72 * a * root) + ((3 * z2 + 7) * z2 - 16) / (810 * a * a);
}

/// The derivative of this order of P(a, e^log_x) in a, over the density of log x.
template <int order>
double shape_derivative(double a, double log_x) {
  if (!(a > 0) || std::isinf(a) || std::isnan(log_x)) return not_a_number;
  const double x = std::exp(log_x);
  if (std::isinf(x)) return not_a_number;
  if (order == 1 && a > large_shape && std::fabs(x - a) < 12 * std::sqrt(a)) return -expanded_path(a, x) / x;
  if (x <= 1 || x <= a) {
    return with_density(series<order>(a, x), log_x - scalar_digamma(a + 1), -scalar_trigamma(a + 1)) / a;
  }
  return -with_density(continued_fraction<order>(a, x), log_x - scalar_digamma(a), -scalar_trigamma(a));
}

template <class T>
void fill(KernelTable& table) {
  table.gamma_p = scalar_binary<T, gamma_p>;
  table.gamma_q = scalar_binary<T, gamma_q>;
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
