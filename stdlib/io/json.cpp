// The reader of JSON; the one file that includes nlohmann's library.
#include "stdlib/io/json.hpp"

#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "runtime/library.hpp"
#include "runtime/missing.hpp"

namespace elbo::stdlib {

using Json = nlohmann::ordered_json;
using runtime::fail;
using runtime::Shape;
using runtime::Tensor;
using runtime::Value;

namespace {

/// What an array of numbers holds, gathered before the tensor is made.
struct Numbers {
  Shape shape;
  std::vector<double> reals;
  std::vector<std::int64_t> integers;
  bool has_real = false, has_integer = false, has_boolean = false, has_null = false;
};

bool fits_integer(const Json& json) {
  return json.is_number_integer() &&
         (!json.is_number_unsigned() ||
          json.get<std::uint64_t>() <= static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()));
}

bool add_number(const Json& json, Numbers& numbers) {
  if (json.is_null()) {
    numbers.has_null = true;
    numbers.reals.push_back(runtime::missing_real());
    numbers.integers.push_back(0);
  } else if (json.is_boolean()) {
    numbers.has_boolean = true;
    numbers.reals.push_back(json.get<bool>() ? 1 : 0);
    numbers.integers.push_back(json.get<bool>() ? 1 : 0);
  } else if (fits_integer(json)) {
    numbers.has_integer = true;
    numbers.reals.push_back(json.get<double>());
    numbers.integers.push_back(json.get<std::int64_t>());
  } else if (json.is_number()) {
    numbers.has_real = true;
    numbers.reals.push_back(json.get<double>());
    numbers.integers.push_back(0);
  } else {
    return false;
  }
  return true;
}

/// Adds a (nested) array whose shape below `depth` must be that seen so far; false when it is no array of
/// numbers.
bool add_array(const Json& json, std::size_t depth, Numbers& numbers) {
  if (!json.is_array()) return depth == numbers.shape.size() && add_number(json, numbers);
  const auto size = static_cast<std::int64_t>(json.size());
  if (depth == numbers.shape.size()) {
    if (!numbers.reals.empty()) return false;  // deeper here than before
    numbers.shape.resize(depth + 1, size);
  } else if (numbers.shape[depth] != size) {
    return false;
  }
  for (const Json& item : json) {
    if (!add_array(item, depth + 1, numbers)) return false;
  }
  return true;
}

std::optional<Value> numeric_array(const Json& json) {
  Numbers numbers;
  if (!add_array(json, 0, numbers)) return std::nullopt;
  if (runtime::element_count(numbers.shape) != static_cast<std::int64_t>(numbers.reals.size()))
    return std::nullopt;
  if (numbers.has_boolean && (numbers.has_integer || numbers.has_real)) return std::nullopt;
  if (numbers.has_null || numbers.has_real || numbers.reals.empty()) {
    return Tensor(std::move(numbers.shape), std::move(numbers.reals));
  }
  if (numbers.has_boolean) {
    return Tensor::boolean(std::move(numbers.shape), {numbers.integers.begin(), numbers.integers.end()});
  }
  return Tensor(std::move(numbers.shape), std::move(numbers.integers));
}

Value convert(const Json& json) {
  if (json.is_object()) {
    runtime::Record record;
    for (const auto& [key, item] : json.items()) record.emplace_back(identifier_from(key), convert(item));
    return runtime::make_record(std::move(record));
  }
  if (json.is_array()) {
    if (auto tensor = numeric_array(json)) return *tensor;
    runtime::List list;
    for (const Json& item : json) list.push_back(convert(item));
    return runtime::make_list(std::move(list));
  }
  if (json.is_null()) return runtime::Missing{};
  if (json.is_boolean()) return json.get<bool>();
  if (fits_integer(json)) return json.get<std::int64_t>();
  if (json.is_number()) return json.get<double>();
  return json.get<std::string>();
}

std::string position_of(std::string_view text, std::size_t byte) {
  std::size_t line = 1, column = 1;
  for (std::size_t i = 0; i + 1 < byte && i < text.size(); ++i) {
    column = text[i] == '\n' ? 1 : column + 1;
    if (text[i] == '\n') ++line;
  }
  return "line " + std::to_string(line) + ", column " + std::to_string(column);
}

/// Fails on a key that an object has twice (as names of the language: `a b` and `a_b` are one).
class DuplicateKeys {
 public:
  explicit DuplicateKeys(const FileContext& file) : file_(file) {}

  bool operator()(int, Json::parse_event_t event, Json& parsed) {
    if (event == Json::parse_event_t::object_start) open_.emplace_back();
    if (event == Json::parse_event_t::object_end) open_.pop_back();
    if (event == Json::parse_event_t::key &&
        !open_.back().insert(identifier_from(parsed.get<std::string>())).second) {
      fail("json-duplicate-key",
           "an object in " + file_.path + " has the key `" + parsed.get<std::string>() + "` twice",
           file_.span);
    }
    return true;
  }

 private:
  const FileContext& file_;
  std::vector<std::set<std::string>> open_;
};

}  // namespace

Value parse_json(std::string_view text, const FileContext& file) {
  try {
    return convert(Json::parse(text, DuplicateKeys(file)));
  } catch (const Json::parse_error& error) {
    const bool ends_early = error.byte > text.size();
    fail("json-syntax",
         file.path + " is not JSON: " + (ends_early ? "it ends too early, at " : "something is wrong at ") +
             position_of(text, error.byte),
         file.span);
  } catch (const Json::exception&) {
    fail("json-syntax", file.path + " holds a number or text that cannot be read", file.span);
  }
}

}  // namespace elbo::stdlib
