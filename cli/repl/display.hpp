// Values as the prompt shows them: on several lines where that reads better than what `print` makes of them.
#pragma once

#include <cstddef>
#include <string>

#include "runtime/value.hpp"

namespace elbo::cli {

/// The text of a value, with a newline at the end; empty for none and for plots, which draw themselves. Lines
/// are kept within `width` columns where the value allows it.
std::string display(const runtime::Value& value, std::size_t width);

/// What kind of value it is, in more detail than messages need: the fields of a record, the arguments of a
/// function.
std::string describe_type(const runtime::Value& value);

/// One line of at most `width` columns.
std::string brief(const runtime::Value& value, std::size_t width);

/// Columns that a UTF-8 text takes, when no character is wide.
std::size_t columns(const std::string& text);

}  // namespace elbo::cli
