// Derivatives of the incomplete gamma function P(a, e^l) in a, over the density of l, x^a e^-x / gamma(a)
// with x = e^l, which cancels from them: so they neither underflow nor overflow in the tails, and -1 times
// the first is how a draw's logarithm moves with the shape (Figurnov, Mohamed, Mnih, "Implicit
// reparameterization gradients", NeurIPS 2018).
//
// The first, G, solves dG/dl + (a - x) G = l - digamma(a), the second, H, dH/dl + (a - x) H =
// (l - digamma(a))^2 - trigamma(a), and they are the solutions that stay smooth for large a. Hence for a >=
// 30 and l beside log a their expansions in powers of 1/a, whose coefficients, entire functions of l - log a,
// these equations give one after the other. Elsewhere the power series below the shape and the continued
// fraction above.
#pragma once

#include "runtime/kernels/variants/gamma.hpp"
#include "runtime/kernels/variants/gamma_chains.hpp"
#include "runtime/kernels/variants/two_part.hpp"

namespace elbo::runtime {
namespace {

constexpr double shape_expansion_from = 30.0;
constexpr double shape_expansion_width = 0.7;  ///< of |l - log a|

// Coefficients of a^-1, a^-2, … of G for |s| <= shape_expansion_width, in s = l - log a, but the first, which
// is shape_0 in s^2, plus s / 2.
constexpr double shape_0[] = {-1.0,
                              -0.08333333333333333,
                              0.001388888888888733,
                              -3.3068783065356545e-05,
                              8.26719543466419e-07,
                              -2.0876591161502033e-08,
                              5.279752963966456e-10,
                              -1.2775019598845202e-11};
constexpr double shape_1[] = {-0.16666666666666666,    0.08333333333332933,    -0.008333333333331607,
                              -0.0027777777775498495,  0.0004960317459332946,  9.920634549096075e-05,
                              -2.3148146543086262e-05, -3.30685232255105e-06,  9.394428360298785e-07,
                              1.042952672097439e-07,   -3.483738485015837e-08, -3.025068851427085e-09,
                              1.1548609986136178e-09};
constexpr double shape_2[] = {-0.01666666666667264,   -2.987905822028513e-15,  0.004761904762780517,
                              -0.0011904761900382915, -0.00019841271924273815, 9.920633879623533e-05,
                              4.208935756834611e-06,  -5.7117900781821425e-06, 7.939398944154756e-08,
                              2.7287560100644605e-07, -1.2712574087486265e-08, -1.0995693920845633e-08};
constexpr double shape_3[] = {0.009523809523826188,   -0.008333333333338981,   0.0017857142832719073,
                              0.0005952380960660508,  -0.0003021283690721513,  -6.31315100500426e-06,
                              2.415358130775496e-05,  -2.0001428947149137e-06, -1.3836503156868735e-06,
                              2.2114305458025489e-07, 6.078786482360423e-08,   -1.4314050626011794e-08};
constexpr double shape_4[] = {0.003571428578142294,   5.220644159586195e-13,  -0.0018037524873164225,
                              0.0007215006683792854,  5.5048721435432985e-05, -9.15742266374443e-05,
                              9.725486563725299e-06,  6.47007663750976e-06,   -1.3702538148985474e-06,
                              -2.9853538404837994e-07};
constexpr double shape_5[] = {-0.0036075036075036075,  0.003968255588071063,   -0.001162726100012037,
                              -0.00038761946390225257, 0.00031102986677213583, -2.488088218128808e-05,
                              -3.035542482019515e-05,  6.883219113938494e-06,  1.5762865076777053e-06};
constexpr double shape_6[] = {-0.0023254543946300606,  -7.693589622123073e-11,  0.0016318365713122696,
                              -0.0008449833533342432,  -1.3667198938010831e-05, 0.00013663951512860053,
                              -2.6762696422424783e-05, -9.338426009122316e-06};
constexpr double shape_7[] = {0.0032634032634032634, -0.004166963114543672,  0.0014902752257648332,
                              0.0005016290215413262, -0.0005381087157390034, 6.786031303240117e-05,
                              5.59823848735042e-05};
constexpr double shape_8[] = {0.0029808901506225673, 9.23155468308069e-06, -0.002658480959646504,
                              0.0014908212250558885};
constexpr double shape_9[] = {-0.005301458087835797, 0.007149266942548002, -0.0026372223570126463};

// The same of H; its first is s times that of G.
constexpr double shape_shape_1[] = {8.070933472426275e-17,  -0.25000000000000006,    0.1249999999999839,
                                    -0.013888888888881535,  -0.0034722222216976794,  0.0006944444442047874,
                                    0.00011574073432666035, -2.9761901830916505e-05, -3.720200705344933e-06,
                                    1.1482045437205033e-06, 1.147100431044774e-07,   -4.1165407368017445e-08,
                                    -3.267154848044094e-09, 1.3284501303690502e-09};
constexpr double shape_shape_2[] = {0.08333333333333333,    -0.08333333333338992,   0.013888888888865287,
                                    0.006944444447671875,   -0.0023148148134690878, -0.00020833338598684727,
                                    0.00015432096571091258, 1.6538079740116809e-06, -7.991469015949783e-06,
                                    2.710324968836209e-07,  3.581588679038621e-07,  -2.1805913227094257e-08,
                                    -1.3787643069042204e-08};
constexpr double shape_shape_3[] = {0.02777777777792898,    0.0069444444444642164, -0.017361111133273533,
                                    0.00532407407117651,    0.0006365746012366407, -0.0005671295607599585,
                                    2.1214540787346426e-05, 3.751672239063542e-05, -4.563235976524012e-06,
                                    -1.917354584791186e-06, 3.48750110471532e-07,  7.772663118911321e-08};
constexpr double shape_shape_4[] = {-0.018055555555555554,   0.025000000060797042,   -0.006944444442204715,
                                    -0.0027777802558775146,  0.0017824073163408229,  -5.949546160532661e-05,
                                    -0.0001614848555189992,  2.7266978317051898e-05, 9.323363005510256e-06,
                                    -2.6448543077156296e-06, -3.557214120483408e-07};
constexpr double shape_shape_5[] = {-0.013888888888888888,   -0.0013888924744868024,  0.010138891823475568,
                                    -0.004556781061043542,   -0.00020675971851480849, 0.0006623175553912371,
                                    -0.00011178999670709397, -4.5544694238950334e-05, 1.5674448691004598e-05};
constexpr double shape_shape_6[] = {0.012341274889996938,   -0.01984127403698801,   0.007036708412490291,
                                    0.002589559268419322,   -0.0024145436307375216, 0.0002972976861021932,
                                    0.00023909641943235498, -7.716815799804227e-05};
constexpr double shape_shape_7[] = {0.014074074074074074, 0.0007318763311687087, -0.012383307969859285,
                                    0.006966397439033807, -6.49340515463724e-05, -0.0011707871805117344,
                                    0.0003079183144131409};
constexpr double shape_shape_8[] = {-0.016431878306878308, 0.029232548486264585, -0.012107571409294799,
                                    -0.004861604176020977, 0.004882522796064667};
constexpr double shape_shape_9[] = {-0.02431149239561402, -0.0008623798782065687, 0.025569158520628976,
                                    -0.015137300194920678};
constexpr double shape_shape_10[] = {0.042469871544220536, -0.06519383563801755};

[[gnu::always_inline]] inline double shape_expansion(double s, double a) {
  const double r = 1.0 / a;
  const double sum =
      in_two(s, r, shape_9, shape_8, shape_7, shape_6, shape_5, shape_4, shape_3, shape_2, shape_1);
  return (sum * r + (polynomial(shape_0, s * s) + 0.5 * s)) * r;
}

[[gnu::always_inline]] inline double shape_shape_expansion(double s, double a) {
  const double r = 1.0 / a;
  const double sum = in_two(s, r, shape_shape_10, shape_shape_9, shape_shape_8, shape_shape_7, shape_shape_6,
                            shape_shape_5, shape_shape_4, shape_shape_3, shape_shape_2, shape_shape_1);
  return (sum * r + s * (polynomial(shape_0, s * s) + 0.5 * s)) * r;
}

/// l - log a without the digits that they have in common; a positive and finite.
[[gnu::always_inline]] inline double log_ratio(double l, double a) {
  const InTwoParts logarithm = log_in_parts(a);
  return (l - logarithm.high) - logarithm.low;
}

/// l - digamma(a + 1).
[[gnu::always_inline]] inline double log_less_digamma_next(double l, double a) {
  const bool is_large = a >= 8.0;
  const double small = l - digamma_positive(is_large ? 1.0 : a + 1.0);
  const double r = 1.0 / (is_large ? a : 8.0), square = r * r;
  const double large =
      log_ratio(l, is_large ? a : 8.0) - (0.5 * r - square * polynomial(digamma_series, square));
  return is_large ? large : small;
}

/// The last derivative of the product of a Taylor series in the shape and a density whose logarithm has the
/// derivative first and the sum first^2 + second derivative = square, over the density.
[[gnu::always_inline]] inline double with_density(const Taylor<1>& f, double first, double) {
  return f.c[1] + f.c[0] * first;
}
[[gnu::always_inline]] inline double with_density(const Taylor<2>& f, double first, double square) {
  return 2.0 * (f.c[2] + f.c[1] * first) + f.c[0] * square;
}

// Ways to calculate an element.
constexpr double shape_by_series = 0, shape_by_fraction = 1, shape_by_expansion = 2, shape_undefined = 3;

template <int order>
struct GammaShape {
  static constexpr int inputs = 2;

  [[gnu::always_inline]] static Place place(double a, double l) {
    const double x = exp(l), bound = a > 1.0 ? a : 1.0;
    const double below = series_terms(a, x), above = fraction_terms(a, x);
    const double steps = steps_of(x <= bound ? below : above);
    const double chain = x <= bound ? shape_by_series : shape_by_fraction;
    const double distance = absolute(log_ratio(l, a >= shape_expansion_from ? a : 1e300));
    const double region = distance <= shape_expansion_width ? shape_by_expansion : chain;
    const double greater = maximum(a, x);
    const double at_shape = a > 0.0 ? region : shape_undefined;
    return {greater < infinity<double> ? at_shape : shape_undefined, region == chain ? steps : 1.0};
  }

  static void find_keys(const double (*in)[region_block], double* key, int count) {
    const double* a = in[0];
    const double* x = in[1];
    ELBO_INDEPENDENT_LOOP
    for (int i = 0; i < count; ++i) key[i] = sort_key(place(a[i], x[i]));
  }

  static void evaluate(double region, Batch<2>& batch) {
    const double* a = batch.in[0];
    const double* l = batch.in[1];
    if (region == shape_by_series) {
      chain<true>(batch);
    } else if (region == shape_by_fraction) {
      chain<false>(batch);
    } else if (region == shape_by_expansion) {
      ELBO_INDEPENDENT_LOOP
      for (int i = 0; i < batch.size; ++i) {
        const double s = log_ratio(l[i], a[i]);
        batch.out[i] = order == 1 ? shape_expansion(s, a[i]) : shape_shape_expansion(s, a[i]);
      }
    } else {
      for (int i = 0; i < batch.size; ++i) batch.out[i] = not_a_number<double>;
    }
  }

  template <bool is_series>
  static void chain(Batch<2>& batch) {
    const double* a = batch.in[0];
    double l[batch_size], value[order + 1][batch_size];
    ELBO_INDEPENDENT_LOOP
    for (int i = 0; i < batch.size; ++i) {
      l[i] = batch.in[1][i];
      batch.in[1][i] = exp(l[i]);
    }
    run_chain<order, is_series>(batch, value);
    ELBO_INDEPENDENT_LOOP
    for (int i = 0; i < batch.size; ++i) {
      // The density's derivatives from those of x^a e^-x / gamma(a + 1), which stay small with the shape: of
      // the whole, 1 / a^2 cancels from the second.
      const double next = log_less_digamma_next(l[i], a[i]), inverse = 1.0 / a[i];
      const double curvature = order == 2 ? trigamma_positive(a[i] + 1.0) : 0.0;
      const double first = is_series ? next : next + inverse;
      const double square = next * (is_series ? next : next + 2.0 * inverse) - curvature;
      Taylor<order> f;
      for (int k = 0; k <= order; ++k) f.c[k] = value[k][i];
      const double product = with_density(f, first, square);
      batch.out[i] = is_series ? product * inverse : -product / batch.in[1][i];
    }
  }
};

}  // namespace
}  // namespace elbo::runtime
