// References of distributions that Boost.Math does not have, written out in long double.
#pragma once

#include "tests/stdlib/distributions_cases.hpp"

namespace elbo::test {

using Wide = long double;
constexpr double infinity = std::numeric_limits<double>::infinity();

// Supports.
bool real(double x);
bool positive(double x);
bool nonnegative(double x);
bool whole(double x);

/// The quantile of a distribution function, by bisection between ends that surely enclose it.
double bisected(const std::function<Wide(Wide)>& cdf, double q, Wide low, Wide high);

Reference von_mises(const Numbers& p);
Reference log_logistic(const Numbers& p);
Reference half_student_t(const Numbers& p);
Reference pareto_type_ii(const Numbers& p);
Reference asymmetric_laplace(const Numbers& p);
Reference relaxed_bernoulli(const Numbers& p);
Reference ordered_logistic(const Numbers& p);
Reference discrete_uniform(const Numbers& p);

}  // namespace elbo::test
