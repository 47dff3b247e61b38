// An expression as a formula in the notation of the language, for pages and help: `shape / rate^2`.
#pragma once

#include <optional>
#include <string>

#include "runtime/graph.hpp"

namespace elbo::cli {

/// The formula of an expression of named inputs; nothing when an operation in it has no place in a formula
/// (draws, rearranged arrays).
std::optional<std::string> formula(runtime::Expr expression);

}  // namespace elbo::cli
