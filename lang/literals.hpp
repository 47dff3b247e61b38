// Values of number and string literals. Private to the parser.
#pragma once

#include <string>

#include "lang/syntax.hpp"

namespace elbo::lang {

/// `10_000`, `1.5`, `1e-3`; throws SyntaxFailure when the value does not fit.
Expression read_number(const Span& span);

/// Text of a literal with its quotes; throws SyntaxFailure at an escape that is none.
std::string read_string(const Span& span);

}  // namespace elbo::lang
