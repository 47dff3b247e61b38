// Minimax polynomials of Boost.Math 1.74 (bessel_i0.hpp, J. Maddock 2017), written as graph nodes: with a =
// x^2 / 4, I0 = 1 + a P(a) below 7.75, and exp(x) Q(1 / x) / sqrt(x) above it.
#include "stdlib/distributions/bessel.hpp"

#include "runtime/differentiate.hpp"

namespace elbo::stdlib {
namespace {

constexpr double small_coefficients[] = {
    1.00000000000000000e+00, 2.49999999999999909e-01, 2.77777777777782257e-02, 1.73611111111023792e-03,
    6.94444444453352521e-05, 1.92901234513219920e-06, 3.93675991102510739e-08, 6.15118672704439289e-10,
    7.59407002058973446e-12, 7.59389793369836367e-14, 6.27767773636292611e-16, 4.34709704153272287e-18,
    2.63417742690109154e-20, 1.13943037744822825e-22, 9.07926920085624812e-25};
constexpr double middle_coefficients[] = {
    3.98942280401425088e-01,  4.98677850604961985e-02, 2.80506233928312623e-02,  2.92211225166047873e-02,
    4.44207299493659561e-02,  1.30970574605856719e-01, -3.35052280231727022e+00, 2.33025711583514727e+02,
    -1.13366350697172355e+04, 4.24057674317867331e+05, -1.23157028595698731e+07, 2.80231938155267516e+08,
    -5.01883999713777929e+09, 7.08029243015109113e+10, -7.84261082124811106e+11, 6.76825737854096565e+12,
    -4.49034849696138065e+13, 2.24155239966958995e+14, -8.13426467865659318e+14, 2.02391097391687777e+15,
    -3.08675715295370878e+15, 2.17587543863819074e+15};
constexpr double large_coefficients[] = {3.98942280401432905e-01, 4.98677850491434560e-02,
                                         2.80506308916506102e-02, 2.92179096853915176e-02,
                                         4.53371208762579442e-02};

Expr polynomial(std::span<const double> coefficients, Expr x) {
  Expr result = number(x, coefficients.back());
  for (std::size_t i = coefficients.size() - 1; i-- > 0;) result = result * x + coefficients[i];
  return result;
}

}  // namespace

Expr log_bessel_i0e(Expr x) {
  const Expr is_small = less(x, number(x, 7.75)), is_large = less(number(x, 500), x);
  // Each branch sees only what it is chosen for.
  const Expr low = select(is_small, x, number(x, 1)), high = select(is_small, number(x, 8), x);
  const Expr quarter = 0.25 * square(low);
  const Expr below = log1p(quarter * polynomial(small_coefficients, quarter)) - low;
  const Expr inverse = 1.0 / high;
  const Expr near = select(is_large, number(x, 0.1), inverse), far = select(is_large, inverse, number(x, 0));
  const Expr series =
      select(is_large, polynomial(large_coefficients, far), polynomial(middle_coefficients, near));
  return select(is_small, below, log(series) - 0.5 * log(high));
}

Expr derivative_of_log_bessel_i0e(Expr x) {
  const Expr at = x.graph().input("x", x.type());  // x itself may be a constant, or stand for one
  const auto slope = runtime::gradient(sum_all(log_bessel_i0e(at)), std::vector<Expr>{at});
  return runtime::substitute(slope, {{at.id(), x}}).front();
}

}  // namespace elbo::stdlib
