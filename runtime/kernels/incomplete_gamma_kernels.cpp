// The inverses of the regularised incomplete gamma functions, and what the vector kernels leave: arguments
// that are hardly numbers, and tails of shapes far below 1.
#include <boost/math/special_functions/gamma.hpp>
#include <cmath>

#include "runtime/kernels/quiet.hpp"
#include "runtime/kernels/scalar_loops.hpp"
#include "runtime/kernels/special.hpp"
#include "runtime/kernels/variants.hpp"

namespace elbo::runtime {

double scalar_gamma_p(double a, double x) {
  if (!(a > 0) || !(x >= 0) || std::isinf(a)) return not_a_number;
  return std::isinf(x) ? 1.0 : boost::math::gamma_p(a, x, Quiet());
}

double scalar_gamma_q(double a, double x) {
  if (!(a > 0) || !(x >= 0) || std::isinf(a)) return not_a_number;
  return std::isinf(x) ? 0.0 : boost::math::gamma_q(a, x, Quiet());
}

double scalar_gamma_density(double a, double x) {
  if (!(a > 0) || !(x >= 0) || std::isinf(a)) return not_a_number;
  return std::isinf(x) ? 0.0 : boost::math::gamma_p_derivative(a, x, Quiet());
}

namespace {

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

template <class T>
void fill(KernelTable& table) {
  table.gamma_upper_quantile = scalar_binary<T, gamma_upper_quantile>;
  table.gamma_quantile = scalar_binary<T, gamma_quantile>;
}

}  // namespace

void fill_incomplete_gamma_kernels(KernelTable& real64, KernelTable& real32) {
  fill<double>(real64);
  fill<float>(real32);
}

}  // namespace elbo::runtime
