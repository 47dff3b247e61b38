// The one list that the language, the help, the docs and the conformance suite iterate.
#include "stdlib/distributions/list.hpp"

#include <array>

namespace elbo::stdlib {

std::span<const runtime::Distribution* const> distribution_list() {
  static constexpr std::array<const runtime::Distribution*, 13> list{
      &normal, &student_t,       &exponential, &gamma,    &half_cauchy, &half_normal, &log_normal,
      &beta,   &uniform_between, &bernoulli,   &binomial, &categorical, &poisson,
  };
  return list;
}

}  // namespace elbo::stdlib
