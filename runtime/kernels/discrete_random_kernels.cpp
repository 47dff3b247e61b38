// Poisson and binomial draws: inversion where the mean is small, otherwise transformed rejection with squeeze
// (Hörmann, "The transformed rejection method for generating Poisson random variables", Insurance:
// Mathematics and Economics 12, 1993: PTRS; "The generation of binomial random variates", J. Statistical
// Computation and Simulation 46, 1993: BTRS).
#include <cmath>

#include "runtime/kernels/random_draws.hpp"
#include "runtime/kernels/variants.hpp"

namespace elbo::runtime {
namespace {

constexpr double rejection_from = 10;  // means from here on: the hats are proved for 10 and more

/// log k! - log(sqrt(2 pi k) (k / e)^k), the rest of Stirling's formula.
double stirling_rest(double k) {
  static constexpr double exact[] = {0.0,
                                     8.1061466795327258e-02,
                                     4.1340695955409294e-02,
                                     2.7677925684998338e-02,
                                     2.0790672103765093e-02,
                                     1.6644691189821193e-02,
                                     1.3876128823070748e-02,
                                     1.1896709945891770e-02,
                                     1.0411265261972096e-02,
                                     9.2554621827127329e-03};
  if (k < 10) return exact[static_cast<int>(k)];
  const double inverse = 1 / k;
  const double square = inverse * inverse;
  return inverse * (1.0 / 12 - square * (1.0 / 360 - square * (1.0 / 1260 - square * (1.0 / 1680))));
}

/// k log(mean / k) + k - mean without cancellation for k near the mean.
double deviance(double k, double mean) {
  const double relative = (mean - k) / k;
  return k * (std::log1p(relative) - relative);
}

double log_poisson_mass(double k, double rate) {
  if (k == 0) return -rate;
  return deviance(k, rate) - stirling_rest(k) - 0.5 * std::log(6.28318530717958647693 * k);
}

/// Log of the binomial mass up to a term without k, as a product of two Poisson masses with means np and nq.
double log_binomial_weight(double k, double n, double p) {
  return log_poisson_mass(k, n * p) + log_poisson_mass(n - k, n * (1 - p));
}

/// The proposal that both rejection samplers share: k = floor((2a/us + b) u + centre).
struct Hat {
  double a, b, centre, immediate, log_scale;
};

template <class LogRatio>
double reject(const Hat& hat, double largest, std::uint64_t element, const RandomPosition& position,
              LogRatio log_ratio) {
  for (std::uint32_t attempt = 0; attempt < attempts; ++attempt) {
    const Pair random = uniforms(element, attempt, position);
    const double u = random.even - 0.5;
    const double v = random.odd;
    const double us = 0.5 - std::fabs(u);
    const double k = std::floor((2 * hat.a / us + hat.b) * u + hat.centre);
    if (us >= 0.07 && v <= hat.immediate) return k;
    if (k < 0 || k > largest || (us < 0.013 && v > us)) continue;
    if (std::log(v) + hat.log_scale - std::log(hat.a / (us * us) + hat.b) <= log_ratio(k)) return k;
  }
  return std::floor(hat.centre);
}

double poisson(double rate, std::uint64_t element, const RandomPosition& position) {
  if (!(rate >= 0) || std::isinf(rate)) return not_a_number<double>;
  if (rate < rejection_from) {
    double u = uniforms(element, 0, position).even;
    double k = 0;
    double mass = std::exp(-rate);
    while (u > mass && k < 200) {  // P(k > 200) < 1e-170 at rate 10
      u -= mass;
      mass *= rate / ++k;
    }
    return k;
  }
  const double b = 0.931 + 2.53 * std::sqrt(rate);
  const double a = -0.059 + 0.02483 * b;
  const double inverse_alpha = 1.1239 + 1.1328 / (b - 3.4);
  const Hat hat{a, b, rate + 0.43, 0.9277 - 3.6224 / (b - 2), std::log(inverse_alpha)};
  return reject(hat, infinity<double>, element, position,
                [rate](double k) { return log_poisson_mass(k, rate); });
}

/// p at most 1/2.
double binomial_lower(double n, double p, std::uint64_t element, const RandomPosition& position) {
  const double q = 1 - p;
  if (n * p < rejection_from) {
    double u = uniforms(element, 0, position).even;
    double k = 0;
    double mass = std::exp(n * std::log1p(-p));
    const double odds = p / q;
    while (u > mass && k < n && k < 200) {
      u -= mass;
      mass *= odds * (n - k) / (k + 1);
      ++k;
    }
    return k;
  }
  const double deviation = std::sqrt(n * p * q);
  const double b = 1.15 + 2.53 * deviation;
  const double a = -0.0873 + 0.0248 * b + 0.01 * p;
  const double alpha = (2.83 + 5.1 / b) * deviation;
  const double mode = std::floor((n + 1) * p);
  const double at_mode = log_binomial_weight(mode, n, p);
  const Hat hat{a, b, n * p + 0.5, 0.92 - 4.2 / b, std::log(alpha)};
  return reject(hat, n, element, position, [=](double k) { return log_binomial_weight(k, n, p) - at_mode; });
}

double binomial(double n, double p, std::uint64_t element, const RandomPosition& position) {
  if (!(n >= 0) || n != std::floor(n) || std::isinf(n) || !(p >= 0 && p <= 1)) return not_a_number<double>;
  if (p <= 0.5) return binomial_lower(n, p, element, position);
  return n - binomial_lower(n, 1 - p, element, position);
}

template <class T>
void fill(KernelTable& table) {
  table.random_poisson = random_unary<T, poisson>;
  table.random_binomial = random_binary<T, binomial>;
}

}  // namespace

void fill_discrete_random_kernels(KernelTable& real64, KernelTable& real32) {
  fill<double>(real64);
  fill<float>(real32);
}

}  // namespace elbo::runtime
