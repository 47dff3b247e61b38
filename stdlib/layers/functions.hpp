// Layers of nets that own weights, as functions of the language: `dense(x, 200)`.
#pragma once

#include <vector>

#include "runtime/library.hpp"

namespace elbo::stdlib {

std::vector<runtime::Function> layer_functions();

}  // namespace elbo::stdlib
