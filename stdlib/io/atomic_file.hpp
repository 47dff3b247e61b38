// Files that appear whole or not at all: written beside their place and renamed.
#pragma once

#include <string>
#include <string_view>

#include "runtime/interpreter.hpp"

namespace elbo::stdlib {

/// Where a file named by a script goes: absolute names as they are, others in --out, or the current folder.
std::string output_path(const runtime::Interpreter& interpreter, const std::string& name);

/// A name beside `path` for its unfinished form; the folder is made if it does not exist.
/// Failure "file-not-writable" when it cannot be made.
std::string unfinished_path(const std::string& path, const lang::Span& span);

/// Moves the finished file into place. Failure "file-not-writable".
void finish_file(const std::string& unfinished, const std::string& path, const lang::Span& span);

void write_file(const std::string& path, std::string_view text, const lang::Span& span);

}  // namespace elbo::stdlib
