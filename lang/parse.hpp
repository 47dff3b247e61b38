// Text to syntax tree. The grammar itself, with its EBNF, is in parse.cpp, the one file that includes PEGTL.
#pragma once

#include <cstddef>
#include <optional>

#include "lang/diagnostic.hpp"
#include "lang/syntax.hpp"

namespace elbo::lang {

/// Parses a whole source. On a syntax error the parser notes it, skips to the next statement and goes on, so
/// that every error of a file is reported; the result is empty when there was any.
std::optional<Script> parse(const SourcePtr& source, Diagnostics& diagnostics);

/// Whether a text is the beginning of a longer input (an open bracket, block or string, a trailing operator),
/// for the interactive prompt.
bool is_unfinished(const SourcePtr& source);

/// Number of problems that PEGTL's grammar analysis finds (rules that can loop without consuming input); the
/// tests require zero.
std::size_t analyze_grammar();

}  // namespace elbo::lang
