// Names of the operation records, for the code that builds expressions. The records themselves are in the
// files of this folder, by family; list.cpp lists them all.
#pragma once

#include "runtime/operation.hpp"

namespace elbo::runtime {

// sources.cpp
extern const Operation input_operation, constant_operation;

// unary.cpp
extern const Operation negate_operation, abs_operation, sign_operation, square_operation,
    reciprocal_operation, sqrt_operation, exp_operation, expm1_operation, log_operation, log1p_operation,
    sin_operation, cos_operation, tan_operation, asin_operation, acos_operation, atan_operation,
    sinh_operation, cosh_operation, tanh_operation, sigmoid_operation, softplus_operation, floor_operation,
    ceil_operation, round_operation, not_operation, is_nan_operation;

// special.cpp
extern const Operation lgamma_operation, digamma_operation, trigamma_operation, polygamma_operation,
    erf_operation, erfc_operation, normal_cdf_operation, normal_log_cdf_operation, normal_quantile_operation,
    log_binomial_operation, xlogy_operation;

// incomplete.cpp
extern const Operation gamma_p_operation, gamma_q_operation, gamma_density_operation,
    gamma_quantile_operation, gamma_upper_quantile_operation, beta_cdf_operation, beta_survival_operation,
    beta_density_operation, beta_quantile_operation;
/// Derivatives of gamma_p and beta_cdf in the shapes (one letter each), over the density.
extern const Operation gamma_shape_operation, gamma_shape_shape_operation, beta_a_operation, beta_b_operation,
    beta_aa_operation, beta_ab_operation, beta_bb_operation;

// binary.cpp
extern const Operation add_operation, subtract_operation, multiply_operation, divide_operation,
    power_operation, minimum_operation, maximum_operation, atan2_operation, floor_divide_operation,
    modulo_operation, less_operation, less_equal_operation, equal_operation, not_equal_operation,
    and_operation, or_operation, select_operation;

// reductions.cpp: attributes are {number of axes, axes…, event dimensions…}
extern const Operation sum_operation, max_operation, min_operation, product_operation, cumsum_operation;

// structure.cpp
extern const Operation broadcast_operation, reshape_operation, permute_operation, to_axis_operation,
    to_event_operation, stop_gradient_operation, with_gradient_of_operation, gather_operation,
    scatter_add_operation, concatenate_operation;

// linear_algebra.cpp
extern const Operation matmul_operation, cholesky_operation, solve_operation, solve_triangular_operation,
    log_det_operation, least_squares_operation;

// random.cpp: attributes are {stream, number of axes, axes…, event dimensions…}
extern const Operation random_uniform_operation, random_normal_operation, random_gamma_operation,
    random_log_gamma_operation, random_poisson_operation, random_binomial_operation, random_row_operation;

// scan.cpp: attributes are {part, index} and the body of the recurrence (runtime/scan.hpp)
extern const Operation scan_operation, scan_output_operation;

// ---- shape rules that families share ----------------------------------------------------------------

/// Union of sorted axis lists.
std::vector<AxisId> union_axes(std::span<const Type> types);

/// Axes united, events broadcast; the domain is that of the widest input, unless the operation says
/// otherwise.
TypeResult elementwise_type(const TypeContext& context);
TypeResult elementwise_real_type(const TypeContext& context);
TypeResult elementwise_boolean_type(const TypeContext& context);

/// Whether a reduction's attributes name this axis or event dimension.
struct Reduction {
  std::vector<AxisId> axes;
  std::vector<std::int64_t> dims;  ///< of the input's event, sorted
};
Reduction reduction(const Attributes& attributes);

}  // namespace elbo::runtime
