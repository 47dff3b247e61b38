// The same functions by other libraries, as loops over rows of numbers.
#pragma once

#include <functional>
#include <map>
#include <string>

namespace elbo::benchmark {

/// out[i] = f(in[0][i], in[1][i], …).
using Loop = std::function<void(double* out, const double* const* in, int n)>;

/// By the names of the kernels in the table; what a library does not have is not there.
using Loops = std::map<std::string, Loop>;

Loops libm_loops();   ///< the C library, and the generators of <random>
Loops eigen_loops();  ///< Eigen's arrays, compiled for this machine
Loops boost_loops();  ///< Boost.Math without promotion to long double

}  // namespace elbo::benchmark
