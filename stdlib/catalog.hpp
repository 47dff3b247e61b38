// The standard library: everything a script may call, but for inference, as one value.
#pragma once

#include "runtime/library.hpp"

namespace elbo::stdlib {

/// Functions, distributions and constants.
runtime::Library stdlib_library();

}  // namespace elbo::stdlib
