// The built-in functions that read and write files.
#pragma once

#include <vector>

#include "runtime/library.hpp"

namespace elbo::stdlib {

std::vector<runtime::Function> io_functions();
std::vector<runtime::Function> array_file_functions();

}  // namespace elbo::stdlib
