// The one list of operations.
#include <algorithm>
#include <array>

#include "runtime/operations/operations.hpp"
#include "runtime/training.hpp"
#include "runtime/windows.hpp"

namespace elbo::runtime {

namespace {

const std::array operations{
    &input_operation, &constant_operation,
    // arithmetic
    &add_operation, &subtract_operation, &multiply_operation, &divide_operation, &floor_divide_operation,
    &modulo_operation, &power_operation, &negate_operation, &abs_operation, &sign_operation,
    &square_operation, &reciprocal_operation, &sqrt_operation, &minimum_operation, &maximum_operation,
    &floor_operation, &ceil_operation, &round_operation,
    // comparison, logic, choice
    &equal_operation, &not_equal_operation, &less_operation, &less_equal_operation, &and_operation,
    &or_operation, &not_operation, &select_operation, &is_nan_operation,
    // elementary functions
    &exp_operation, &expm1_operation, &log_operation, &log1p_operation, &sin_operation, &cos_operation,
    &tan_operation, &asin_operation, &acos_operation, &atan_operation, &atan2_operation, &sinh_operation,
    &cosh_operation, &tanh_operation, &sigmoid_operation, &softplus_operation,
    // special functions
    &lgamma_operation, &digamma_operation, &trigamma_operation, &polygamma_operation, &log_binomial_operation,
    &xlogy_operation, &erf_operation, &erfc_operation, &normal_cdf_operation, &normal_log_cdf_operation,
    &normal_quantile_operation, &gamma_p_operation, &gamma_q_operation, &gamma_density_operation,
    &gamma_quantile_operation, &gamma_upper_quantile_operation, &gamma_shape_operation,
    &gamma_shape_shape_operation, &beta_cdf_operation, &beta_survival_operation, &beta_density_operation,
    &beta_quantile_operation, &beta_a_operation, &beta_b_operation, &beta_aa_operation, &beta_ab_operation,
    &beta_bb_operation,
    // reductions
    &sum_operation, &max_operation, &min_operation, &product_operation, &cumsum_operation,
    // structure
    &broadcast_operation, &reshape_operation, &permute_operation, &to_axis_operation, &to_event_operation,
    &stop_gradient_operation, &with_gradient_of_operation, &gather_operation, &scatter_add_operation,
    &concatenate_operation,
    // matrices
    &matmul_operation, &cholesky_operation, &solve_operation, &solve_triangular_operation, &log_det_operation,
    &least_squares_operation,
    // images
    &convolve_operation, &convolve_transpose_operation, &convolve_weight_operation, &pool_sum_operation,
    &pool_spread_operation, &pool_max_operation, &pool_max_spread_operation,
    // random numbers
    &random_uniform_operation, &random_normal_operation, &random_gamma_operation, &random_log_gamma_operation,
    &random_poisson_operation, &random_binomial_operation, &random_row_operation, &training_operation, &plate_mean_operation, &followed_operation,
    // recurrences
    &scan_operation, &scan_output_operation};

}  // namespace

std::span<const Operation* const> operation_list() { return operations; }

const Operation* find_operation(std::string_view name) {
  const auto it = std::find_if(operations.begin(), operations.end(),
                               [&](const Operation* operation) { return operation->name == name; });
  return it == operations.end() ? nullptr : *it;
}

}  // namespace elbo::runtime
