// The built-in functions that draw.
#pragma once

#include <vector>

#include "runtime/library.hpp"

namespace elbo::stdlib {

std::vector<runtime::Function> plot_functions();

}  // namespace elbo::stdlib
