#include "tests/benchmark/kernels/peers.hpp"

#include <algorithm>
#include <boost/math/distributions/normal.hpp>
#include <boost/math/special_functions/beta.hpp>
#include <boost/math/special_functions/digamma.hpp>
#include <boost/math/special_functions/erf.hpp>
#include <boost/math/special_functions/expm1.hpp>
#include <boost/math/special_functions/gamma.hpp>
#include <boost/math/special_functions/log1p.hpp>
#include <boost/math/special_functions/trigamma.hpp>
#include <cmath>
#include <numeric>
#include <random>

namespace elbo::benchmark {
namespace {

template <class F>
Loop unary(F f) {
  return [f](double* out, const double* const* in, int n) {
    for (int i = 0; i < n; ++i) out[i] = f(in[0][i]);
  };
}
template <class F>
Loop binary(F f) {
  return [f](double* out, const double* const* in, int n) {
    for (int i = 0; i < n; ++i) out[i] = f(in[0][i], in[1][i]);
  };
}

/// Draws, with parameters that are made for each element as those of the kernels may differ.
template <class Distribution>
Loop draws() {
  return [generator = std::mt19937_64(1)](double* out, const double* const* in, int n) mutable {
    for (int i = 0; i < n; ++i) out[i] = Distribution(in[0][i])(generator);
  };
}

Loop normal_draws() {
  return [generator = std::mt19937_64(1)](double* out, const double* const*, int n) mutable {
    std::normal_distribution<double> normal;
    for (int i = 0; i < n; ++i) out[i] = normal(generator);
  };
}

namespace policies = boost::math::policies;
using Plain = policies::policy<policies::promote_double<false>>;

}  // namespace

Loops libm_loops() {
  const auto softplus = [](double x) { return std::max(x, 0.0) + std::log1p(std::exp(-std::fabs(x))); };
  return {
      {"exp", unary([](double x) { return std::exp(x); })},
      {"log", unary([](double x) { return std::log(x); })},
      {"log1p", unary([](double x) { return std::log1p(x); })},
      {"expm1", unary([](double x) { return std::expm1(x); })},
      {"tanh", unary([](double x) { return std::tanh(x); })},
      {"sigmoid", unary([](double x) { return 1 / (1 + std::exp(-x)); })},
      {"softplus", unary(softplus)},
      {"erf", unary([](double x) { return std::erf(x); })},
      {"erfc", unary([](double x) { return std::erfc(x); })},
      {"normal_cdf", unary([](double x) { return 0.5 * std::erfc(-x * std::sqrt(0.5)); })},
      {"lgamma", unary([](double x) { return std::lgamma(x); })},
      {"sum",
       [](double* out, const double* const* in, int n) { *out = std::accumulate(in[0], in[0] + n, 0.0); }},
      {"log-sum-exp",
       [](double* out, const double* const* in, int n) {
         const double greatest = *std::max_element(in[0], in[0] + n);
         double sum = 0;
         for (int i = 0; i < n; ++i) sum += std::exp(in[0][i] - greatest);
         *out = greatest + std::log(sum);
       }},
      {"normal draws", normal_draws()},
      {"gamma draws", draws<std::gamma_distribution<double>>()},
      {"gamma draws, shape below 1", draws<std::gamma_distribution<double>>()},
  };
}

Loops boost_loops() {
  return {
      {"log1p", unary([](double x) { return boost::math::log1p(x, Plain()); })},
      {"expm1", unary([](double x) { return boost::math::expm1(x, Plain()); })},
      {"erf", unary([](double x) { return boost::math::erf(x, Plain()); })},
      {"erfc", unary([](double x) { return boost::math::erfc(x, Plain()); })},
      {"normal_cdf", unary([](double x) { return 0.5 * boost::math::erfc(-x * std::sqrt(0.5), Plain()); })},
      {"normal_quantile",
       unary([](double p) { return -std::sqrt(2.0) * boost::math::erfc_inv(2 * p, Plain()); })},
      {"lgamma", unary([](double x) { return boost::math::lgamma(x, Plain()); })},
      {"digamma", unary([](double x) { return boost::math::digamma(x, Plain()); })},
      {"trigamma", unary([](double x) { return boost::math::trigamma(x, Plain()); })},
      {"gamma_p", binary([](double a, double x) { return boost::math::gamma_p(a, x, Plain()); })},
      {"beta_cdf",
       [](double* out, const double* const* in, int n) {
         for (int i = 0; i < n; ++i) out[i] = boost::math::ibeta(in[0][i], in[1][i], in[2][i], Plain());
       }},
  };
}

}  // namespace elbo::benchmark
