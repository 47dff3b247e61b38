// The regularised incomplete gamma functions P and Q = 1 - P. The smaller of the two comes from the power
// series (x up to the shape, or up to 1), the continued fraction (beyond), or for large shapes beside x from
// Temme's uniform expansion ("The asymptotic expansion of the incomplete gamma functions", SIAM J. Math.
// Anal. 10 (1979)).
#pragma once

#include "runtime/kernels/special.hpp"
#include "runtime/kernels/variants/gamma_chains.hpp"
#include "runtime/kernels/variants/gamma_power.hpp"
#include "runtime/kernels/variants/normal.hpp"

namespace elbo::runtime {
namespace {

// Coefficients of a^-0, a^-1, … in Temme's expansion, as polynomials in eta for |x / a - 1| <= near_ratio:
// they leave 1e-16 for a >= 20.
constexpr double temme_0[] = {-0.3333333333333333,    0.08333333333333323,     -0.014814814814821253,
                              0.001157407407422617,   0.00035273368659671686,  -0.0001787551445394294,
                              3.9192615555210957e-05, -2.1854459919593647e-06, -1.8538327608333997e-06,
                              8.297645699753922e-07,  -1.7819270717598233e-07, 5.450778574073118e-09,
                              1.4304763639652091e-08};
constexpr double temme_1[] = {-0.0018518518518518383,  -0.0034722222222181944, 0.0026455026454979417,
                              -0.0009902263380201042,  0.00020576131692766198, -4.0185460990286047e-07,
                              -1.8098539251511085e-05, 7.648779430689304e-06,  -1.6124386864230791e-06,
                              7.455565619805954e-09,   1.414135881022653e-07,  -6.512695125413677e-08};
constexpr double temme_2[] = {0.004133597883598708,    -0.0026813271604940684,  0.0007716049379750604,
                              2.0093880649438692e-06,  -0.00010736651512418336, 5.29234400273939e-05,
                              -1.2760992407554428e-05, 3.433573224237593e-08,   1.3754476185645775e-06,
                              -6.301632201424697e-07,  1.3026852816852083e-07};
constexpr double temme_3[] = {0.0006494341563666204,  0.00022947209522640504,  -0.0004691894912138711,
                              0.0002677204754447947,  -7.56182016479607e-05,   -2.3549517265314406e-07,
                              1.1087189751483524e-05, -5.7168682328880135e-06, 1.3756108703862539e-06,
                              1.531258668235786e-07};
constexpr double temme_4[] = {-0.0008618882922608727,  0.0007840392122625044, -0.0002990721571928728,
                              -1.4630332288789505e-06, 6.640295339708043e-05, -3.970558480289571e-05,
                              1.1520696390961342e-05,  2.38734029875747e-07,  -2.2720518787383247e-06};
constexpr double temme_5[] = {-0.0003367985470620058,  -6.97283856544947e-05, 0.00027727405440396553,
                              -0.00019931073580493924, 6.802301128611322e-05, -8.123349857217943e-08,
                              -1.4153416968878089e-05, 8.96518981301077e-06};
constexpr double temme_6[] = {0.0005313078740486262, -0.0005921670385172632, 0.00027088851145840666,
                              8.093473258555855e-07, -8.178701039504403e-05, 5.5980230505670645e-05,
                              -1.655435979771512e-05};
constexpr double temme_7[] = {0.00034437420933902733, 5.1797336638670626e-05, -0.00033564163658951246,
                              0.00028017485588771785, -0.00010037005474935558};
constexpr double temme_8[] = {-0.0006525552839459233, 0.0008404793079667577, -0.0004435209572405768,
                              -2.4646016019660805e-05, 0.00021465070599874543};
constexpr double temme_9[] = {-0.0006016970286073654, -0.00015150623160336226, 0.0008274107652734278};
constexpr double temme_10[] = {0.0014192431322297282, -0.002026523591185881};

[[gnu::always_inline]] inline double temme_sum(double a, double eta) {
  const double r = 1.0 / a;
  const double sum = in_two(eta, r, temme_10, temme_9, temme_8, temme_7, temme_6, temme_5, temme_4, temme_3,
                            temme_2, temme_1);
  return sum * r + polynomial(temme_0, eta);
}

/// P below the shape, Q from there on, for a >= 20 and |x / a - 1| <= near_ratio: e^(-a eta^2 / 2) times
/// Mills' ratio at |eta| sqrt(a), corrected.
[[gnu::always_inline]] inline double temme_tail(double a, double x) {
  const double d = (x - a) / a;
  const double half_square = log_ratio_rest(d);
  const double eta = copy_sign(root(2.0 * half_square), d);
  const double correction = temme_sum(a, eta) / root(6.28318530717958647693 * a);
  const Scaled mills = scaled_normal_tail(root(2.0 * a * half_square));
  const double tail = (1.0 + mills.excess) / mills.denominator;
  return times_exp({-a * half_square, 0.0}, tail + copy_sign(correction, d * correction));
}

inline bool is_ordinary_gamma(double a, double x) {
  return a > 1e-100 && a < 1e15 && x > 1e-290 && x < 1e290;
}

// Ways to calculate an element.
constexpr double gamma_by_series = 0, gamma_by_fraction = 1, gamma_by_expansion = 2, gamma_alone = 3;

template <bool is_upper>
struct IncompleteGamma {
  static constexpr int inputs = 2;

  [[gnu::always_inline]] static Place place(double a, double x) {
    const double bound = a > 1.0 ? a : 1.0;
    const double below = series_terms(a, x), above = fraction_terms(a, x);
    const double steps = steps_of(x <= bound ? below : above);
    const double chain = x <= bound ? gamma_by_series : gamma_by_fraction;
    const double reach = a >= 20.0 ? near_ratio * a : -1.0;
    const double region = absolute(x - a) <= reach ? gamma_by_expansion : chain;
    return {is_ordinary_gamma(a, x) ? region : gamma_alone, region == chain ? steps : 1.0};
  }

  static void find_keys(const double (*in)[region_block], double* key, int count) {
    const double* a = in[0];
    const double* x = in[1];
    ELBO_INDEPENDENT_LOOP
    for (int i = 0; i < count; ++i) key[i] = sort_key(place(a[i], x[i]));
  }

  static double alone(double a, double x) { return is_upper ? scalar_gamma_q(a, x) : scalar_gamma_p(a, x); }

  static void evaluate(double region, Batch<2>& batch) {
    const double* a = batch.in[0];
    const double* x = batch.in[1];
    double* out = batch.out;
    const int size = batch.size;
    if (region == gamma_by_expansion) {
      ELBO_INDEPENDENT_LOOP
      for (int i = 0; i < size; ++i) {
        const double tail = temme_tail(a[i], x[i]);
        out[i] = (x[i] < a[i]) == is_upper ? 1.0 - tail : tail;
      }
    } else if (region == gamma_by_series) {
      series(batch);
    } else if (region == gamma_by_fraction) {
      double value[1][batch_size];
      run_chain<0, false>(batch, value);
      ELBO_INDEPENDENT_LOOP
      for (int i = 0; i < size; ++i) {
        const GammaPower power = gamma_power(a[i], x[i]);
        const double tail = times_exp(power.exponent, power.factor * (value[0][i] * (a[i] / x[i])));
        out[i] = is_upper ? tail : 1.0 - tail;
      }
    } else {
      for (int i = 0; i < size; ++i) out[i] = alone(a[i], x[i]);
    }
  }

  static void series(Batch<2>& batch) {
    const double* a = batch.in[0];
    const double* x = batch.in[1];
    double* out = batch.out;
    double value[1][batch_size];
    run_chain<0, true>(batch, value);
    ELBO_INDEPENDENT_LOOP
    for (int i = 0; i < batch.size; ++i) {
      const GammaPower power = gamma_power(a[i], x[i]);
      const double tail = times_exp(power.exponent, power.factor * value[0][i]);
      out[i] = is_upper ? 1.0 - tail : tail;
    }
    // Below shape 1 the lower tail may be nearly all: the difference from 1 would lose digits.
    for (int i = 0; is_upper && i < batch.size; ++i) {
      if (out[i] < 0.2) out[i] = alone(a[i], x[i]);
    }
  }
};

struct GammaDensity {
  static constexpr int inputs = 2;

  static void find_keys(const double (*in)[region_block], double* key, int count) {
    const double* a = in[0];
    const double* x = in[1];
    ELBO_INDEPENDENT_LOOP
    for (int i = 0; i < count; ++i) {
      key[i] = sort_key({is_ordinary_gamma(a[i], x[i]) ? 0.0 : gamma_alone, 1.0});
    }
  }

  static void evaluate(double region, Batch<2>& batch) {
    const double* a = batch.in[0];
    const double* x = batch.in[1];
    if (region == gamma_alone) {
      for (int i = 0; i < batch.size; ++i) batch.out[i] = scalar_gamma_density(a[i], x[i]);
      return;
    }
    ELBO_INDEPENDENT_LOOP
    for (int i = 0; i < batch.size; ++i) {
      const GammaPower power = gamma_power(a[i], x[i]);
      batch.out[i] = times_exp(power.exponent, power.factor * (a[i] / x[i]));
    }
  }
};

}  // namespace
}  // namespace elbo::runtime
