// The one list that the language, the help, the docs and the conformance suite iterate.
#include "stdlib/distributions/list.hpp"

#include <array>

namespace elbo::stdlib {

std::span<const runtime::Distribution* const> distribution_list() {
  static const std::array list{
      &normal,
      &student_t,
      &cauchy,
      &laplace,
      &logistic,
      &gumbel,
      &skew_normal,
      &exp_mod_normal,
      &exponential,
      &gamma,
      &inverse_gamma,
      &chi_squared,
      &inverse_chi_squared,
      &weibull,
      &frechet,
      &rayleigh,
      &inverse_gaussian,
      &pareto,
      &half_cauchy,
      &half_normal,
      &log_normal,
      &beta,
      &kumaraswamy,
      &logit_normal,
      &uniform_between,
      &truncated_normal,
      &multivariate_normal,
      &normal_gamma,
      &multivariate_student_t,
      &low_rank_normal,
      &gaussian_process,
      &random_walk,
      &auto_regressive,
      &wishart,
      &inverse_wishart,
      &lkj_cholesky,
      &dirichlet,
      &bernoulli,
      &binomial,
      &beta_binomial,
      &categorical,
      &poisson,
      &geometric,
      &negative_binomial,
      &von_mises,
      &asymmetric_laplace,
      &erlang,
      &half_student_t,
      &log_logistic,
      &pareto_type_ii,
      &relaxed_bernoulli,
      &gumbel_softmax,
      &discrete_uniform,
      &ordered_logistic,
      &multinomial,
      &dirichlet_multinomial,
  };
  return list;
}

}  // namespace elbo::stdlib
