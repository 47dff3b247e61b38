// The families of built-in functions, one file each; listed once more in stdlib/catalog.cpp.
#pragma once

#include <vector>

#include "runtime/library.hpp"

namespace elbo::stdlib {

std::vector<runtime::Function> sum_functions();      ///< sum, mean, variance, …: any axis, differentiable
std::vector<runtime::Function> extreme_functions();  ///< min, argmax, any, all, count
std::vector<runtime::Function> order_functions();    ///< sort, quantile, median, unique, …: on data
std::vector<runtime::Function> shape_functions();    ///< length, shape, reshape, transpose, …
std::vector<runtime::Function> construction_functions();  ///< zeros, linspace, stack, one_hot, …
std::vector<runtime::Function> matrix_functions();        ///< dot, cholesky, solve, …
std::vector<runtime::Function> kernel_functions();        ///< covariances of Gaussian processes
std::vector<runtime::Function> statistics_functions();    ///< covariance, frequencies, …
std::vector<runtime::Function> elementwise_functions();   ///< where, to_int, to_real, …
std::vector<runtime::Function> activation_functions();    ///< relu, gelu, silu, …
std::vector<runtime::Function> image_functions();         ///< convolve, max_pool, …
std::vector<runtime::Function> collection_functions();    ///< keys, values, table, …
std::vector<runtime::Function> random_functions();        ///< sample, log_density, entropy, kl
std::vector<runtime::Function> calculus_functions();      ///< gradient
std::vector<runtime::Function> text_functions();          ///< print, assert, error

/// Mean, variance or standard deviation of a distribution, for the functions of that name.
enum class Moment { mean, variance, sd };
runtime::Value distribution_moment(Moment moment, const runtime::Value& distribution, const lang::Span& span);
/// The quantile of a distribution at p, a number, tensor or symbol.
runtime::Value distribution_quantile(const runtime::Value& distribution, const runtime::Value& p,
                                     const lang::Span& span);

}  // namespace elbo::stdlib
