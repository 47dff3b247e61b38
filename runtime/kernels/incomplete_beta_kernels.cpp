// The inverse of the regularised incomplete beta function, its second derivatives in the shapes a and b, and
// what the vector kernels leave: arguments at which their continued fraction takes too many terms.
//
// A derivative over the density f is the integral of f(t) H(t) / f(x) from 0 to x, with H = log t - E log t
// for a, log(1 - t) - E log(1 - t) for b (and polynomials in these for the second derivatives); or minus the
// integral from x to 1. Each H changes sign once, so the part on the side of x where it does not is a sum
// without cancellation, at any x, and f / f(x) decreases from x on, so nothing overflows. The integral is
// taken by the double exponential rule of Takahasi and Mori (Publ. RIMS 9 (1974)) for exponentially
// decreasing functions, after t = x e^-s.
#include <boost/math/special_functions/beta.hpp>
#include <boost/math/special_functions/digamma.hpp>
#include <boost/math/special_functions/trigamma.hpp>
#include <cmath>
#include <exception>

#include "runtime/kernels/double_exponential.hpp"
#include "runtime/kernels/quiet.hpp"
#include "runtime/kernels/scalar_loops.hpp"
#include "runtime/kernels/special.hpp"
#include "runtime/kernels/variants.hpp"

namespace elbo::runtime {
namespace {

bool are_shapes(double a, double b) { return a > 0 && b > 0 && std::isfinite(a) && std::isfinite(b); }

}  // namespace

double scalar_beta_cdf(double a, double b, double x) {
  if (!are_shapes(a, b) || !(x >= 0 && x <= 1)) return not_a_number;
  return boost::math::ibeta(a, b, x, Quiet());
}

double scalar_beta_survival(double a, double b, double x) {
  if (!are_shapes(a, b) || !(x >= 0 && x <= 1)) return not_a_number;
  return boost::math::ibetac(a, b, x, Quiet());
}

double scalar_beta_density(double a, double b, double x) {
  if (!are_shapes(a, b) || !(x >= 0 && x <= 1)) return not_a_number;
  return boost::math::ibeta_derivative(a, b, x, Quiet());
}

namespace {

double beta_quantile(double a, double b, double p) {
  if (!are_shapes(a, b) || !(p >= 0 && p <= 1)) return not_a_number;
  if (p == 0 || p == 1) return p;
  try {
    return boost::math::ibeta_inv(a, b, p, Quiet());
  } catch (
      const std::exception&) {  // its root finder throws under any policy, at shapes that are hardly numbers
    return not_a_number;
  }
}

/// Derivatives of log f that do not depend on t, and the derivative that is wanted.
struct Derivative {
  int in_a, in_b;
  double mean_log, mean_log_rest;  ///< of t and of 1 - t
  double aa, ab, bb;

  double operator()(double log_t, double log_rest) const {
    const double u = log_t - mean_log, v = log_rest - mean_log_rest;
    if (in_a + in_b == 1) return in_a == 1 ? u : v;
    return in_a == 2 ? u * u + aa : in_b == 2 ? v * v + bb : u * v + ab;
  }

  Derivative mirrored() const { return {in_b, in_a, mean_log_rest, mean_log, bb, ab, aa}; }
};

/// In long double: for b much smaller than a, digamma(a) - digamma(a + b) would lose most digits.
Derivative derivative(int in_a, int in_b, double a, double b) {
  const long double sum = static_cast<long double>(a) + b;
  const auto first = [&](long double x) { return boost::math::digamma(x) - boost::math::digamma(sum); };
  const auto second = [](long double x) { return boost::math::trigamma(x); };
  const bool is_second = in_a + in_b == 2;
  const long double common = is_second ? second(sum) : 0;
  return {in_a,
          in_b,
          static_cast<double>(first(a)),
          static_cast<double>(first(b)),
          is_second ? static_cast<double>(common - second(a)) : 0.0,
          static_cast<double>(common),
          is_second ? static_cast<double>(common - second(b)) : 0.0};
}

/// The integral from 0 to x, y = 1 - x. With t = x e^-s the integrand decreases on the scale `width` at first
/// (as its logarithm's slope and curvature at x tell), and like e^-as in the end.
double below(const Derivative& h, double a, double b, double x, double y) {
  const double odds = x / y, log_x = std::log(x), log_y = y > 0.5 ? std::log1p(-x) : std::log(y);
  const double slope = std::fmax(a - (b - 1) * odds, 0.0), curvature = std::fabs(b - 1) * odds / y;
  const double width = 1 / (slope + std::sqrt(curvature) + 1e-3 * a);
  return x * double_exponential_integral(width, [&](double s) {
           const double growth = std::log1p(-odds * std::expm1(-s));
           return std::exp(-a * s + (b - 1) * growth) * h(log_x - s, log_y + growth);
         });
}

template <int in_a, int in_b>
double shape_derivative(double a, double b, double x) {
  if (!are_shapes(a, b) || !(x >= 0 && x <= 1)) return not_a_number;
  if (x == 0 || x == 1) return 0;
  const Derivative h = derivative(in_a, in_b, a, b);
  const double y = 1 - x;
  const bool is_below = in_a == 1 && in_b == 0   ? std::log(x) <= h.mean_log
                        : in_a == 0 && in_b == 1 ? std::log1p(-x) >= h.mean_log_rest
                                                 : x * (a + b) <= a;
  return is_below ? below(h, a, b, x, y) : -below(h.mirrored(), b, a, y, x);
}

}  // namespace

double scalar_beta_a(double a, double b, double x) { return shape_derivative<1, 0>(a, b, x); }
double scalar_beta_b(double a, double b, double x) { return shape_derivative<0, 1>(a, b, x); }

namespace {

template <class T>
void fill(KernelTable& table) {
  table.beta_quantile = scalar_ternary<T, beta_quantile>;
  table.beta_aa = scalar_ternary<T, shape_derivative<2, 0>>;
  table.beta_ab = scalar_ternary<T, shape_derivative<1, 1>>;
  table.beta_bb = scalar_ternary<T, shape_derivative<0, 2>>;
}

}  // namespace

void fill_incomplete_beta_kernels(KernelTable& real64, KernelTable& real32) {
  fill<double>(real64);
  fill<float>(real32);
}

}  // namespace elbo::runtime
