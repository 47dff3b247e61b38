// The distributions of the standard library, one file each. To add one, see README.md in this folder.
#pragma once

#include <span>

#include "runtime/distribution.hpp"

namespace elbo::stdlib {

/// All of them, in the order of the documentation.
std::span<const runtime::Distribution* const> distribution_list();

// On the real line.
extern const runtime::Distribution normal, student_t;
// On the positive half-line.
extern const runtime::Distribution exponential, gamma, half_cauchy, half_normal, log_normal;
// On an interval.
extern const runtime::Distribution beta, uniform_between;
// On integers.
extern const runtime::Distribution bernoulli, binomial, categorical, poisson;

}  // namespace elbo::stdlib
