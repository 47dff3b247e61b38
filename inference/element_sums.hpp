// Sums of a list's entries by the elements that they belong to.
#pragma once

#include <cstdint>
#include <vector>

#include "runtime/graph.hpp"

namespace elbo::inference {

/// Entry i of a list [size] added to element to[i] (-1: to none) of a list [elements]; further axes stay.
runtime::Expr sum_by_element(runtime::Expr list, const std::vector<std::int64_t>& to, std::int64_t elements);

/// The same where an entry may belong to several elements: entry from[k] is added to element to[k].
runtime::Expr sum_by_element(runtime::Expr list, std::vector<std::int64_t> from, std::vector<std::int64_t> to,
                             std::int64_t elements);

}  // namespace elbo::inference
