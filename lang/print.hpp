// Prints a syntax tree, for `elbo dump` and as the oracle of the parser's tests.
#pragma once

#include <string>

#include "lang/syntax.hpp"

namespace elbo::lang {

/// The tree as an indented outline, one node per line: "let x", "  binary +", ….
std::string outline(const Script& script);

/// An expression as source text on one line, in a normal form (`a + b * c`), used in messages and labels.
std::string show(const Expression& expression);

/// A whole script as source text in normal form; parsing it gives the same tree.
std::string format(const Script& script);

}  // namespace elbo::lang
