// Boost.Math without exceptions: poles, overflow and arguments outside a domain give infinity or NaN.
#pragma once

#include <boost/math/policies/policy.hpp>
#include <limits>

namespace elbo::runtime {
namespace {

namespace policies = boost::math::policies;
using Quiet = policies::policy<
    policies::domain_error<policies::ignore_error>, policies::pole_error<policies::ignore_error>,
    policies::overflow_error<policies::ignore_error>, policies::underflow_error<policies::ignore_error>,
    policies::evaluation_error<policies::ignore_error>, policies::promote_double<false>>;

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();

}  // namespace
}  // namespace elbo::runtime
