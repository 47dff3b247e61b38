// The gamma family, compiled once for all instruction sets. Errors are values: the Boost policy returns
// infinity or NaN at poles and outside domains, and never throws.
#include <boost/math/special_functions/digamma.hpp>
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

template <class T>
void fill(KernelTable& table) {
  table.polygamma = scalar_binary<T, polygamma>;
  table.log_binomial = scalar_binary<T, log_binomial>;
}

}  // namespace

void fill_special_kernels(KernelTable& real64, KernelTable& real32) {
  fill<double>(real64);
  fill<float>(real32);
}

}  // namespace elbo::runtime
