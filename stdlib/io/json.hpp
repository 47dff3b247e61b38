// JSON to values: numbers and equally shaped arrays of numbers become tensors, objects become records.
#pragma once

#include <string_view>

#include "runtime/value.hpp"
#include "stdlib/io/csv.hpp"

namespace elbo::stdlib {

/// The value of a JSON text. Arrays of numbers (nested, of equal shapes) are tensors, in which null is a
/// missing entry; arrays of true and false likewise; other arrays are lists, null alone is `missing`. Failure
/// "json-syntax" names the place, "json-duplicate-key" a key that an object has twice.
runtime::Value parse_json(std::string_view text, const FileContext& file);

}  // namespace elbo::stdlib
