// Everything a script may call, put together from the folders that offer it.
#pragma once

#include "runtime/library.hpp"

namespace elbo::cli {

runtime::Library make_library();

}  // namespace elbo::cli
