// Text to syntax tree. The grammar itself, with its EBNF, is in parse.cpp, the one file that includes PEGTL.
#pragma once

#include <cstddef>
#include <optional>

#include "lang/diagnostic.hpp"
#include "lang/syntax.hpp"

namespace elbo::lang {

/// Parses a whole source. On a syntax error the parser notes it, skips to the end of the statement, inside
/// blocks as well, and goes on, so that every error of a file is reported; the result is empty when there was
/// any.
std::optional<Script> parse(const SourcePtr& source, Diagnostics& diagnostics);

/// Whether further lines can complete a text that is not complete, for the interactive prompt: a bracket or
/// block is open, or the last line ends in an operator, a comma, `=`, `~`, `:`, `in` or `else`, with or
/// without a comment after it. False for a string without its closing quote (strings end on their line), for
/// what must go on on its own line (`let`, `model m(y)`), and after any error that comes earlier in the text.
bool is_unfinished(const SourcePtr& source);

/// Number of problems that PEGTL's grammar analysis finds (rules that can loop without consuming input); the
/// tests require zero.
std::size_t analyze_grammar();

}  // namespace elbo::lang
