// What the TAB key offers at a place of an input.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "cli/repl/session.hpp"

namespace elbo::cli {

/// Texts that may stand from `begin` to the cursor, sorted; all begin with what stands there now.
struct Completion {
  std::size_t begin = 0;
  std::vector<std::string> candidates;
};

/// `input` up to the cursor: names of the session, of the library, of the language and of the input itself;
/// arguments inside a call; fields after a `.`; commands after a `:`; files inside a string and after :load.
Completion complete(const Session& session, const std::string& input);

/// The longest text with which all candidates begin.
std::string common_beginning(const std::vector<std::string>& candidates);

}  // namespace elbo::cli
