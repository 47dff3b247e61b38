// What the records of the library say about a name: for `elbo help` and the prompt's `:help`.
#pragma once

#include <iosfwd>
#include <string>
#include <vector>

#include "runtime/library.hpp"

namespace elbo::cli {

/// Writes everything that goes by a name: function, distribution, method, constraint, constant or operation.
/// Whether there was anything.
bool explain(const std::string& name, const runtime::Library& library, std::ostream& out);

/// Every name that explain() knows.
std::vector<std::string> explained_names(const runtime::Library& library);

}  // namespace elbo::cli
