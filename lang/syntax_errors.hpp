// What to say when the grammar needed something and found something else. Private to the parser.
#pragma once

#include "lang/builder.hpp"

namespace elbo::lang {

/// What the grammar can need at a place. Each has one row in the table of syntax_errors.cpp.
enum class Expected {
  expression,
  operand,
  name,
  target,
  parameter,
  parameters,
  type,
  block,
  body,
  value,
  in,
  distribution,
  path,
  field,
  record_field,
  record_value,
  index,
  condition,
  else_branch,
  member,
  close_parenthesis,
  close_bracket,
  close_brace,
  close_arguments,
  close_block,
  close_string,
  number_end,
  statement,
  block_statement,
  statement_end,
};

/// The error for a text that lacks `expected` at `offset` (before the blanks that precede what was found).
SyntaxFailure describe(const Place& place, std::uint32_t offset, Expected expected);

/// The error for a sign of another language.
SyntaxFailure describe_foreign(const Place& place, std::uint32_t offset, std::string_view sign,
                               std::string_view hint);

/// The error for a line that begins with an operator, so that it looks like the end of the line before.
SyntaxFailure describe_operator_at_line_start(const Place& place, std::uint32_t offset);

/// The error for `x <- …`.
SyntaxFailure describe_arrow(const Place& place, std::uint32_t offset);

}  // namespace elbo::lang
