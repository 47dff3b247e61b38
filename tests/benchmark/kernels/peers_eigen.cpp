// Compiled for the machine that builds it, as one would for speed. Eigen's templates have the same names
// elsewhere in the program, compiled for any machine; so its namespace has another name here.
#define Eigen Eigen_of_this_machine
#include <Eigen/Core>
#include <unsupported/Eigen/SpecialFunctions>

#include "tests/benchmark/kernels/peers.hpp"

namespace elbo::benchmark {
namespace {

using Array = Eigen::ArrayXd;
using Row = Eigen::Map<const Array>;

template <class F>
Loop unary(F f) {
  return [f](double* out, const double* const* in, int n) { Eigen::Map<Array>(out, n) = f(Row(in[0], n)); };
}
template <class F>
Loop binary(F f) {
  return [f](double* out, const double* const* in, int n) {
    Eigen::Map<Array>(out, n) = f(Row(in[0], n), Row(in[1], n));
  };
}

}  // namespace

Loops eigen_loops() {
  const auto softplus = [](const Row& x) { return x.max(0.0) + (-x.abs()).exp().log1p(); };
  const auto normal_cdf = [](const Row& x) { return 0.5 * (x * -0.70710678118654752440).erfc(); };
  const auto trigamma = [](const Row& x) { return Eigen::polygamma(Array::Ones(x.size()), x).eval(); };
  // how a draw moves with its shape, for the draw's logarithm
  const auto gamma_shape = [](const Row& a, const Row& log_x) {
    const Array x = log_x.exp();
    return (-Eigen::gamma_sample_der_alpha(a, x) / x).eval();
  };
  return {
      {"exp", unary([](const Row& x) { return x.exp(); })},
      {"log", unary([](const Row& x) { return x.log(); })},
      {"log1p", unary([](const Row& x) { return x.log1p(); })},
      {"expm1", unary([](const Row& x) { return x.expm1(); })},
      {"tanh", unary([](const Row& x) { return x.tanh(); })},
      {"sigmoid", unary([](const Row& x) { return x.logistic(); })},
      {"softplus", unary(softplus)},
      {"erf", unary([](const Row& x) { return x.erf(); })},
      {"erfc", unary([](const Row& x) { return x.erfc(); })},
      {"normal_cdf", unary(normal_cdf)},
      {"normal_quantile", unary([](const Row& x) { return x.ndtri(); })},
      {"lgamma", unary([](const Row& x) { return x.lgamma(); })},
      {"digamma", unary([](const Row& x) { return x.digamma(); })},
      {"trigamma", unary(trigamma)},
      {"gamma_p", binary([](const Row& a, const Row& x) { return Eigen::igamma(a, x); })},
      {"gamma_shape", binary(gamma_shape)},
      {"beta_cdf",
       [](double* out, const double* const* in, int n) {
         Eigen::Map<Array>(out, n) = Eigen::betainc(Row(in[0], n), Row(in[1], n), Row(in[2], n));
       }},
      {"sum", [](double* out, const double* const* in, int n) { *out = Row(in[0], n).sum(); }},
      {"log-sum-exp",
       [](double* out, const double* const* in, int n) {
         const Row x(in[0], n);
         const double greatest = x.maxCoeff();
         *out = greatest + std::log((x - greatest).exp().sum());
       }},
  };
}

}  // namespace elbo::benchmark
