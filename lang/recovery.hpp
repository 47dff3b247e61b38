// Where to go on after a syntax error, so that the rest of a text is still read. Private to the parser.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "lang/builder.hpp"

namespace elbo::lang {

/// After a failure in the statement of the top level that began at `begin`: the end of the statement or, when
/// its brackets do not close, the next line at the left margin.
std::uint32_t resume_in_script(std::string_view text, std::uint32_t begin, const SyntaxFailure& failure);

/// After a failure in the statement of a block that began at `begin`: the newline or `;` that ends the
/// statement, or the `}` that ends the block. When the brackets of the statement do not close, the next line
/// that is indented no further. Nothing when the block does not end.
std::optional<std::uint32_t> resume_in_block(std::string_view text, std::uint32_t begin,
                                             const SyntaxFailure& failure);

/// Adds a failure to the others unless one of them explains it: after an unclosed bracket, a stray one is
/// what was meant to close it; after an `if` that was not understood, its `else` has none.
void note_failure(std::vector<SyntaxFailure>& failures, SyntaxFailure failure);

}  // namespace elbo::lang
