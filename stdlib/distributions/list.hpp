// The distributions of the standard library, one file each. To add one, see README.md in this folder.
#pragma once

#include <span>

#include "runtime/distribution.hpp"

namespace elbo::stdlib {

/// All of them, in the order of the documentation.
std::span<const runtime::Distribution* const> distribution_list();

// Of angles, relaxations, and other relatives of the following.
extern const runtime::Distribution von_mises, asymmetric_laplace, erlang, half_student_t, log_logistic,
    pareto_type_ii, relaxed_bernoulli, gumbel_softmax, discrete_uniform, ordered_logistic, multinomial,
    dirichlet_multinomial;
// On the real line.
extern const runtime::Distribution normal, student_t, cauchy, laplace, logistic, gumbel, skew_normal,
    exp_mod_normal;
// On the positive half-line.
extern const runtime::Distribution exponential, gamma, inverse_gamma, chi_squared, inverse_chi_squared,
    weibull, frechet, rayleigh, inverse_gaussian, pareto, half_cauchy, half_normal, log_normal;
// On an interval.
extern const runtime::Distribution beta, kumaraswamy, logit_normal, uniform_between, truncated_normal;
// On vectors.
extern const runtime::Distribution multivariate_normal, normal_gamma;
extern const runtime::Distribution multivariate_student_t, low_rank_normal, gaussian_process, random_walk,
    auto_regressive;
// On matrices.
extern const runtime::Distribution wishart, inverse_wishart, lkj_cholesky;
// On vectors of probabilities.
extern const runtime::Distribution dirichlet;
// On integers.
extern const runtime::Distribution bernoulli, binomial, beta_binomial, categorical, poisson, geometric,
    negative_binomial;

}  // namespace elbo::stdlib
