// The operators by how tightly they bind: the one table that the parser and the printer share. Private to
// lang/.
#pragma once

#include <string_view>

namespace elbo::lang {

enum class Side { left, right, none };  // none: may not be chained

struct OperatorRow {
  std::string_view text;
  bool prefix;
  int strength;  // a higher number binds tighter
  Side side;
};

/// The row of an operator of the language; the text must be one.
const OperatorRow& operator_row(std::string_view text, bool prefix);

}  // namespace elbo::lang
