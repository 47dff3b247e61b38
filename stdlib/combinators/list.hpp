// The combinators, functions that take distributions and return one; listed once more in stdlib/catalog.cpp.
#pragma once

#include <vector>

#include "runtime/library.hpp"

namespace elbo::stdlib {

std::vector<runtime::Function> truncation_functions();  ///< Truncated, Censored
std::vector<runtime::Function> mixture_functions();     ///< Mixture, ZeroInflated
std::vector<runtime::Function> improper_functions();    ///< Flat, ImproperUniform, Delta

}  // namespace elbo::stdlib
