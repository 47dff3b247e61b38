// Reading the options that the script wrote in the parentheses of a method: `reparam(stl = true)`.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "lang/source.hpp"
#include "runtime/value.hpp"

namespace elbo::inference {

/// Which method was given which options, and where.
struct MethodOptions {
  const runtime::Record& given;
  std::string_view method;  ///< "reparam", for messages
  lang::Span span;
};

/// true or false. All of these fail with "bad-option" on anything else.
bool flag_option(const MethodOptions& options, const std::string& name);

/// A whole number from `least` on.
std::int64_t count_option(const MethodOptions& options, const std::string& name, std::int64_t least);

/// Which of the names it is.
std::size_t choice_option(const MethodOptions& options, const std::string& name,
                          const std::vector<std::string>& choices);

/// `"none", "likelihood"`: how names are listed in messages and help.
std::string quoted_list(const std::vector<std::string>& names);

/// The names of the rows of a table, in its order.
template <class Rows>
std::vector<std::string> names_of(const Rows& rows) {
  std::vector<std::string> names;
  for (const auto& row : rows) names.emplace_back(row.name);
  return names;
}

}  // namespace elbo::inference
