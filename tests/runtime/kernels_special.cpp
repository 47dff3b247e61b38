// The gamma family and the normal distribution function against Boost.Math in long double.
#include <boost/math/special_functions/binomial.hpp>
#include <boost/math/special_functions/digamma.hpp>
#include <boost/math/special_functions/erf.hpp>
#include <boost/math/special_functions/gamma.hpp>
#include <boost/math/special_functions/polygamma.hpp>
#include <boost/math/special_functions/trigamma.hpp>
#include <catch2/catch.hpp>
#include <cmath>
#include <functional>
#include <limits>
#include <vector>

#include "runtime/kernels/kernels.hpp"

using namespace elbo::runtime;

namespace {

using Real = long double;
using Kernel = ElementwiseKernel KernelTable::*;
constexpr double inf = std::numeric_limits<double>::infinity();
const double none = std::numeric_limits<double>::quiet_NaN();

double value(Kernel kernel, double x) {
  double out = 0;
  const Lanes in[] = {{&x, 1}};
  (kernels(Precision::real64).*kernel)(&out, in, 1);
  return out;
}

double value(Kernel kernel, double x, double y) {
  double out = 0;
  const Lanes in[] = {{&x, 1}, {&y, 0}};
  (kernels(Precision::real64).*kernel)(&out, in, 1);
  return out;
}

/// The largest relative error over a grid, even or logarithmic. A whole row at once, so that vector lanes are
/// tested.
double worst(Kernel kernel, double from, double to, bool logarithmic,
             const std::function<Real(Real)>& truth) {
  const int count = 10007;
  std::vector<double> x, out(count);
  for (int i = 0; i < count; ++i) {
    const double t = static_cast<double>(i) / (count - 1);
    x.push_back(logarithmic ? from * std::pow(to / from, t) : from + t * (to - from));
  }
  const Lanes in[] = {{x.data(), 1}};
  (kernels(Precision::real64).*kernel)(out.data(), in, count);
  double worst = 0, at = 0;
  for (int i = 0; i < count; ++i) {
    const std::size_t k = static_cast<std::size_t>(i);
    const Real expected = truth(x[k]);
    const Real error =
        expected == 0 ? std::fabs(static_cast<Real>(out[k])) : std::fabs(out[k] / expected - 1);
    if (!(error <= worst)) worst = static_cast<double>(error), at = x[k];
  }
  UNSCOPED_INFO("worst at " << at << ": " << worst);
  return worst;
}

Real lgamma_truth(Real x) { return boost::math::lgamma(x); }
Real digamma_truth(Real x) { return boost::math::digamma(x); }
Real trigamma_truth(Real x) { return boost::math::trigamma(x); }
Real normal_cdf_truth(Real x) { return boost::math::erfc(-x / std::sqrt(Real(2))) / 2; }
Real normal_log_cdf_truth(Real x) {
  return x > 0 ? std::log1p(-normal_cdf_truth(-x)) : std::log(normal_cdf_truth(x));
}

}  // namespace

TEST_CASE("the gamma family is accurate, also near its roots", "[kernels]") {
  CHECK(worst(&KernelTable::lgamma, 1e-10, 1e10, true, lgamma_truth) < 1e-14);
  CHECK(worst(&KernelTable::lgamma, 0.9, 1.1, false, lgamma_truth) < 1e-14);
  CHECK(worst(&KernelTable::lgamma, 1.9, 2.1, false, lgamma_truth) < 1e-14);
  CHECK(worst(&KernelTable::lgamma, 0.1, 15, false, lgamma_truth) < 1e-14);
  CHECK(worst(&KernelTable::lgamma, -5.9, -5.1, false, lgamma_truth) < 1e-13);
  CHECK(worst(&KernelTable::digamma, 1e-10, 1e10, true, digamma_truth) < 1e-14);
  CHECK(worst(&KernelTable::digamma, 0.1, 15, false, digamma_truth) < 1e-14);
  CHECK(worst(&KernelTable::digamma, 1.45, 1.47, false, digamma_truth) < 1e-14);
  CHECK(worst(&KernelTable::digamma, -3.4, -3.1, false, digamma_truth) < 1e-13);
  CHECK(worst(&KernelTable::trigamma, 1e-10, 1e10, true, trigamma_truth) < 1e-14);
  CHECK(worst(&KernelTable::trigamma, 0.1, 15, false, trigamma_truth) < 1e-14);
  CHECK(worst(&KernelTable::trigamma, -3.9, -3.1, false, trigamma_truth) < 1e-13);
}

TEST_CASE("the gamma family at poles and infinities", "[kernels]") {
  CHECK(value(&KernelTable::lgamma, 0) == inf);
  CHECK(value(&KernelTable::lgamma, -3) == inf);
  CHECK(value(&KernelTable::lgamma, inf) == inf);
  CHECK(value(&KernelTable::lgamma, 1) == 0);
  CHECK(value(&KernelTable::lgamma, 2) == 0);
  CHECK(std::isnan(value(&KernelTable::lgamma, none)));
  CHECK(value(&KernelTable::lgamma, 1e306) == Approx(std::lgamma(1e306)).epsilon(1e-14));
  CHECK(std::isnan(value(&KernelTable::digamma, 0)));
  CHECK(std::isnan(value(&KernelTable::digamma, -2)));
  CHECK(value(&KernelTable::digamma, inf) == inf);
  CHECK(std::isnan(value(&KernelTable::digamma, -inf)));
  CHECK(std::isnan(value(&KernelTable::digamma, none)));
  CHECK(value(&KernelTable::trigamma, 0) == inf);
  CHECK(value(&KernelTable::trigamma, -2) == inf);
  CHECK(value(&KernelTable::trigamma, inf) == 0);
  CHECK(std::isnan(value(&KernelTable::trigamma, none)));
}

TEST_CASE("polygamma", "[kernels]") {
  CHECK(value(&KernelTable::polygamma, 0, 3.5) == Approx(value(&KernelTable::digamma, 3.5)).epsilon(1e-14));
  CHECK(value(&KernelTable::polygamma, 1, 3.5) == Approx(value(&KernelTable::trigamma, 3.5)).epsilon(1e-14));
  for (int order : {2, 3, 5}) {
    for (double x : {0.01, 0.7, 1.5, 8.0, 300.0, -1.3}) {
      const Real truth = boost::math::polygamma(order, static_cast<Real>(x));
      CHECK(value(&KernelTable::polygamma, order, x) == Approx(static_cast<double>(truth)).epsilon(1e-12));
    }
  }
  CHECK(std::isnan(value(&KernelTable::polygamma, -1, 2)));
  CHECK(std::isnan(value(&KernelTable::polygamma, 1.5, 2)));
  CHECK(std::isnan(value(&KernelTable::polygamma, 2, -1)));
}

TEST_CASE("logarithm of binomial coefficients", "[kernels]") {
  for (unsigned n : {1U, 5U, 30U, 100U, 1000U}) {
    for (unsigned k = 0; k <= n; k += 1 + n / 7) {
      const Real truth = std::log(boost::math::binomial_coefficient<Real>(n, k));
      CHECK(value(&KernelTable::log_binomial, n, k) ==
            Approx(static_cast<double>(truth)).epsilon(1e-12).margin(1e-12));
    }
  }
  CHECK(value(&KernelTable::log_binomial, 1e9, 1) == Approx(std::log(1e9)).epsilon(1e-13));
  CHECK(value(&KernelTable::log_binomial, 1e15, 2) ==
        Approx(std::log(0.5e15) + std::log(1e15)).epsilon(1e-13));
  CHECK(value(&KernelTable::log_binomial, 3, 4) == -inf);
  CHECK(value(&KernelTable::log_binomial, 3, -1) == -inf);
  CHECK(std::isnan(value(&KernelTable::log_binomial, -3, 1)));
}

TEST_CASE("the normal distribution function and its inverse", "[kernels]") {
  CHECK(worst(&KernelTable::normal_cdf, -37, 9, false, normal_cdf_truth) < 2e-15);
  CHECK(worst(&KernelTable::normal_log_cdf, -40, 9, false, normal_log_cdf_truth) < 2e-15);
  CHECK(worst(&KernelTable::normal_log_cdf, -100, -14, false, normal_log_cdf_truth) < 2e-15);
  CHECK(value(&KernelTable::normal_log_cdf, -1e10) == Approx(-0.5e20).epsilon(1e-15));
  CHECK(value(&KernelTable::normal_log_cdf, -inf) == -inf);
  CHECK(value(&KernelTable::normal_log_cdf, inf) == 0);
  CHECK(value(&KernelTable::normal_cdf, -inf) == 0);
  CHECK(value(&KernelTable::normal_cdf, inf) == 1);
  CHECK(std::isnan(value(&KernelTable::normal_log_cdf, none)));

  CHECK(value(&KernelTable::normal_quantile, 0.5) == 0);
  CHECK(value(&KernelTable::normal_quantile, 0) == -inf);
  CHECK(value(&KernelTable::normal_quantile, 1) == inf);
  CHECK(std::isnan(value(&KernelTable::normal_quantile, -0.1)));
  CHECK(std::isnan(value(&KernelTable::normal_quantile, 1.1)));
  CHECK(worst(&KernelTable::normal_quantile, 1e-300, 0.4, true,
              [](Real p) { return -std::sqrt(Real(2)) * boost::math::erfc_inv(2 * p); }) < 3e-15);
}
