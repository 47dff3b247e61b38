// Arguments of the functions that read a fit.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "inference/fit.hpp"
#include "inference/run_options.hpp"

namespace elbo::runtime {
struct Arguments;
class Interpreter;
}  // namespace elbo::runtime

namespace elbo::inference {

/// The fit that argument 0 is. Failure "wrong-type".
FitPtr fit_argument(const runtime::Arguments& a, const std::string& function);

/// A whole number from `least` on; `otherwise` where the script gives none. Failure "bad-argument".
std::int64_t count_argument(const runtime::Arguments& a, std::size_t i, const std::string& function,
                            const std::string& name, std::int64_t otherwise, std::int64_t least = 1);

/// The seed that is given, or the next one of the script.
std::uint64_t seed_argument(runtime::Interpreter& interpreter, const runtime::Arguments& a, std::size_t i);

/// The named arguments of an open signature.
std::vector<GivenOption> named_arguments(const runtime::Arguments& a);

}  // namespace elbo::inference
