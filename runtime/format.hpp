// Values as text: as `print` shows them, and filled into a format string by the rules of fmt.
#pragma once

#include <string>
#include <vector>

#include "runtime/value.hpp"

namespace elbo::runtime {

/// Fills the `{}` of a pattern: `{}` takes anything as print shows it; `{:.4f}`, `{:3}`, `{:>10}` follow fmt
/// (a tensor's elements one by one; reals where the spec asks for them may be ints). `{{` and `}}` stand for
/// braces,
/// `{0}` picks an argument by its number from 0. Failure "format-argument" (wrong count) or "format-spec".
std::string format_string(const std::string& pattern, const std::vector<Value>& arguments);

/// A real number with up to 6 significant digits: "0.890213", "1e-09", "3".
std::string show_real(double value);

}  // namespace elbo::runtime
