// The kernels that gain from vector instructions. The build compiles this file once per instruction set, with
// ELBO_KERNEL_VARIANT as the name of the variant (cmake/kernels.cmake); only fill_vector_kernels is visible
// outside.
#include "runtime/kernels/variants/adam.hpp"
#include "runtime/kernels/variants/arithmetic.hpp"
#include "runtime/kernels/variants/beta_shape.hpp"
#include "runtime/kernels/variants/functions.hpp"
#include "runtime/kernels/variants/gamma.hpp"
#include "runtime/kernels/variants/gamma_draws.hpp"
#include "runtime/kernels/variants/gamma_shape.hpp"
#include "runtime/kernels/variants/incomplete_beta.hpp"
#include "runtime/kernels/variants/incomplete_gamma.hpp"
#include "runtime/kernels/variants/loops.hpp"
#include "runtime/kernels/variants/normal.hpp"
#include "runtime/kernels/variants/products.hpp"
#include "runtime/kernels/variants/random.hpp"

#ifndef ELBO_KERNEL_VARIANT
#error "compile with -DELBO_KERNEL_VARIANT=name"
#endif

namespace elbo::runtime {
namespace {

template <class T>
void fill_arithmetic(KernelTable& table) {
  table.negate = unary<T, negate<T>>;
  table.absolute = unary<T, absolute<T>>;
  table.sign = unary<T, sign<T>>;
  table.square = unary<T, square<T>>;
  table.reciprocal = unary<T, reciprocal<T>>;
  table.square_root = unary<T, square_root<T>>;
  table.floor = unary<T, floor<T>>;
  table.ceil = unary<T, ceil<T>>;
  table.round = unary<T, round<T>>;
  table.copy = copy<T>;
  table.add = binary<T, add<T>>;
  table.subtract = binary<T, subtract<T>>;
  table.multiply = binary<T, multiply<T>>;
  table.divide = binary<T, divide<T>>;
  table.minimum = binary<T, minimum<T>>;
  table.maximum = binary<T, maximum<T>>;
  table.fma = ternary<T, multiply_add<T>>;
  table.adam = adam<T>;
}

template <class T>
void fill_logic(KernelTable& table) {
  table.less = binary<T, less<T>>;
  table.less_equal = binary<T, less_equal<T>>;
  table.equal = binary<T, equal<T>>;
  table.not_equal = binary<T, not_equal<T>>;
  table.is_nan = unary<T, is_nan<T>>;
  table.logical_not = unary<T, logical_not<T>>;
  table.logical_and = binary<T, logical_and<T>>;
  table.logical_or = binary<T, logical_or<T>>;
  table.select = ternary<T, select<T>>;
}

template <class T>
void fill_elementary(KernelTable& table) {
  table.exp = unary<T, exp>;
  table.expm1 = unary<T, expm1>;
  table.log = unary<T, log>;
  table.log1p = unary<T, log1p>;
  table.sinh = unary<T, sinh<T>>;
  table.cosh = unary<T, cosh<T>>;
  table.tanh = unary<T, tanh<T>>;
  table.sigmoid = unary<T, sigmoid<T>>;
  table.softplus = unary<T, softplus<T>>;
  table.xlogy = binary<T, xlogy<T>>;
}

template <class T>
void fill_gamma_family(KernelTable& table) {
  table.lgamma = unary_positive<T, lgamma_positive, scalar_lgamma>;
  table.digamma = unary_positive<T, digamma_positive, scalar_digamma>;
  table.trigamma = unary_positive<T, trigamma_positive, scalar_trigamma>;
}

template <class T>
void fill_incomplete_gamma(KernelTable& table) {
  table.gamma_p = by_region<T, IncompleteGamma<false>>;
  table.gamma_q = by_region<T, IncompleteGamma<true>>;
  table.gamma_density = by_region<T, GammaDensity>;
  table.gamma_shape = by_region<T, GammaShape<1>>;
  table.gamma_shape_shape = by_region<T, GammaShape<2>>;
}

template <class T>
void fill_incomplete_beta(KernelTable& table) {
  table.beta_cdf = by_region<T, IncompleteBeta<false>>;
  table.beta_survival = by_region<T, IncompleteBeta<true>>;
  table.beta_density = by_region<T, BetaDensity>;
  table.beta_a = by_region<T, BetaShape<true>>;
  table.beta_b = by_region<T, BetaShape<false>>;
}

template <class T>
void fill_normal(KernelTable& table) {
  table.erf = unary<T, in_double<T, erf>>;
  table.erfc = unary<T, in_double<T, erfc>>;
  table.normal_cdf = unary<T, in_double<T, normal_cdf>>;
  table.normal_log_cdf = unary<T, in_double<T, normal_log_cdf>>;
  table.normal_quantile = unary<T, in_double<T, normal_quantile>>;
}

template <class T>
void fill_rows(KernelTable& table) {
  table.sum = sum<T>;
  table.accumulate = accumulate<T, add<T>>;
  table.accumulate_maximum = accumulate<T, maximum<T>>;
  table.accumulate_minimum = accumulate<T, minimum<T>>;
  table.accumulate_product = accumulate<T, multiply<T>>;
  table.load = load<T>;
  table.row_products = row_products<T>;
  table.transposed_products = transposed_products<T>;
  table.random_uniform = random_pairs<T, uniform_pair, below_one<T>>;
  table.random_normal = random_pairs<T, normal_pair, rounded<T>>;
  table.random_gamma = random_gamma<T, gamma_value>;
  table.random_log_gamma = random_gamma<T, gamma_log>;
}

template <class T>
void fill(KernelTable& table) {
  fill_arithmetic<T>(table);
  fill_logic<T>(table);
  fill_elementary<T>(table);
  fill_gamma_family<T>(table);
  fill_incomplete_gamma<T>(table);
  fill_incomplete_beta<T>(table);
  fill_normal<T>(table);
  fill_rows<T>(table);
}

}  // namespace

namespace ELBO_KERNEL_VARIANT {

void fill_vector_kernels(KernelTable& real64, KernelTable& real32);

void fill_vector_kernels(KernelTable& real64, KernelTable& real32) {
  fill<double>(real64);
  fill<float>(real32);
}

}  // namespace ELBO_KERNEL_VARIANT
}  // namespace elbo::runtime
