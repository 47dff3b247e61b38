// The gamma family and the normal distribution function, compiled once for all instruction sets. Errors are
// values: the Boost policy returns infinity or NaN at poles and outside domains, and never throws.
#include <boost/math/special_functions/digamma.hpp>
#include <boost/math/special_functions/erf.hpp>
#include <boost/math/special_functions/polygamma.hpp>
#include <boost/math/special_functions/trigamma.hpp>
#include <cmath>

#include "runtime/kernels/quiet.hpp"
#include "runtime/kernels/scalar_loops.hpp"
#include "runtime/kernels/special.hpp"
#include "runtime/kernels/variants.hpp"

namespace elbo::runtime {
namespace {

bool is_pole(double x) { return x <= 0 && x == std::floor(x); }

}  // namespace

double scalar_lgamma(double x) {
  int sign = 0;
  return ::lgamma_r(x, &sign);  // std::lgamma writes the sign to a global, which threads would share
}

double scalar_digamma(double x) {
  if (std::isnan(x) || x == -infinity || is_pole(x)) return not_a_number;
  return x == infinity ? x : boost::math::digamma(x, Quiet());
}

double scalar_trigamma(double x) {
  if (std::isnan(x) || x == -infinity) return not_a_number;
  if (is_pole(x)) return infinity;  // a double pole: +inf from both sides
  return x == infinity ? 0.0 : boost::math::trigamma(x, Quiet());
}

namespace {

double polygamma(double order, double x) {
  if (!(order >= 0) || order != std::floor(order) || order > 1000) return not_a_number;
  if (order == 0) return scalar_digamma(x);
  if (order == 1) return scalar_trigamma(x);
  if (std::isnan(x) || x == -infinity || is_pole(x)) return not_a_number;
  return x == infinity ? 0.0 : boost::math::polygamma(static_cast<int>(order), x, Quiet());
}

/// lgamma(x) - ((x - 1/2) log x - x + log(2 pi) / 2) for x at least 16, Stirling's series.
double stirling_rest(double x) {
  const double inverse = 1 / x;
  const double z = inverse * inverse;
  return inverse * (1.0 / 12 - z * (1.0 / 360 - z * (1.0 / 1260 - z * (1.0 / 1680 - z * (1.0 / 1188)))));
}

/// -inf where no choice exists. For large n the difference scalar_lgamma(n + 1) - lgamma(n - k + 1) is taken
/// term by term of Stirling's formula: of the two values themselves, nearly all digits would cancel.
double log_binomial(double n, double k) {
  if (std::isnan(n) || std::isnan(k) || n < 0) return not_a_number;
  if (k < 0 || k > n) return -infinity;
  if (n == infinity) return k == 0 ? 0.0 : infinity;
  const double fewer = std::fmin(k, n - k);
  if (fewer == 0) return 0.0;
  const double rest = n - fewer + 1;
  if (rest < 16) return scalar_lgamma(n + 1) - scalar_lgamma(fewer + 1) - scalar_lgamma(rest);
  const double difference = (rest - 0.5) * std::log1p(fewer / rest) + fewer * (std::log(n + 1) - 1) +
                            (stirling_rest(n + 1) - stirling_rest(rest));
  return difference - scalar_lgamma(fewer + 1);
}

constexpr double sqrt_half = 0.70710678118654752440;
constexpr double sqrt_half_rest = -4.8336466567264567e-17;  // sqrt(1/2) - its double
constexpr double two_over_sqrt_pi = 1.12837916709551257390;

/// erfc(-x / sqrt 2) / 2. Rounding the argument would cost x^2 ulps in the tail, so what it lost is put back
/// to first order.
double normal_cdf(double x) {
  const double t = -x * sqrt_half;
  double value = std::erfc(t);
  if (t > 0.5 && t < 30) {
    const double lost = std::fma(-x, sqrt_half, -t) - x * sqrt_half_rest;
    value -= two_over_sqrt_pi * std::exp(-t * t) * lost;
  }
  return 0.5 * value;
}

double normal_log_cdf(double x) {
  if (x > 0) return std::log1p(-normal_cdf(-x));
  if (!(x < -14)) return std::log(normal_cdf(x));
  // phi(x) / -x (1 - 1/x^2 + 3/x^4 - 15/x^6 …): twelve terms leave less than 1e-16 at 14.
  const double inverse_square = 1 / (x * x);
  double term = 1, series = 0;
  for (int k = 1; k <= 12; ++k) {
    term *= -(2 * k - 1) * inverse_square;
    series += term;
  }
  const double half_log_two_pi = 0.91893853320467274178;
  return -0.5 * x * x - half_log_two_pi - std::log(-x) + std::log1p(series);
}

double normal_quantile(double p) {
  if (!(p >= 0 && p <= 1)) return not_a_number;
  if (p == 0 || p == 1) return p == 0 ? -infinity : infinity;
  return -boost::math::constants::root_two<double>() * boost::math::erfc_inv(2 * p, Quiet());
}

template <class T>
void fill(KernelTable& table) {
  table.polygamma = scalar_binary<T, polygamma>;
  table.log_binomial = scalar_binary<T, log_binomial>;
  table.normal_cdf = scalar_unary<T, normal_cdf>;
  table.normal_log_cdf = scalar_unary<T, normal_log_cdf>;
  table.normal_quantile = scalar_unary<T, normal_quantile>;
}

}  // namespace

void fill_special_kernels(KernelTable& real64, KernelTable& real32) {
  fill<double>(real64);
  fill<float>(real32);
}

}  // namespace elbo::runtime
