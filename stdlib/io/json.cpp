// The reader of JSON; the one file that includes nlohmann's library, whose parser calls the builder for every
// part.
#include "stdlib/io/json.hpp"

#include <limits>
#include <nlohmann/json.hpp>
#include <string>

#include "runtime/library.hpp"
#include "runtime/missing.hpp"
#include "stdlib/io/csv.hpp"
#include "stdlib/io/json_values.hpp"

namespace elbo::stdlib {

using Json = nlohmann::json;
using runtime::fail;
using runtime::Value;

namespace {

std::string position_of(std::string_view text, std::size_t byte) {
  std::size_t line = 1, column = 1;
  for (std::size_t i = 0; i + 1 < byte && i < text.size(); ++i) {
    column = text[i] == '\n' ? 1 : column + 1;
    if (text[i] == '\n') ++line;
  }
  return "line " + std::to_string(line) + ", column " + std::to_string(column);
}

/// What nlohmann's parser calls; every function says whether to go on.
class Events {
 public:
  Events(std::string_view text, const FileContext& file) : text_(text), file_(file) {}

  bool null() { return number(NumberArray::null, runtime::missing_real()); }
  bool boolean(bool value) { return number(NumberArray::truth, std::int64_t{value ? 1 : 0}); }
  bool number_integer(std::int64_t value) { return number(NumberArray::integer, value); }
  bool number_unsigned(std::uint64_t value) {
    if (value <= static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
      return number(NumberArray::integer, static_cast<std::int64_t>(value));
    return number(NumberArray::real, static_cast<double>(value));
  }
  bool number_float(double value, const std::string&) { return number(NumberArray::real, value); }
  bool string(std::string& value) {
    builder_.text(std::move(value));
    return true;
  }
  bool binary(Json::binary_t&) { return false; }  // not of texts
  bool start_object(std::size_t) {
    builder_.begin_object();
    return true;
  }
  bool key(std::string& name) {
    if (builder_.key(identifier_from(name))) return true;
    fail("json-duplicate-key", "an object in " + file_.path + " has the key `" + name + "` twice",
         file_.span);
  }
  bool end_object() {
    builder_.end_object();
    return true;
  }
  bool start_array(std::size_t) {
    builder_.begin_array();
    return true;
  }
  bool end_array() {
    builder_.end_array();
    return true;
  }
  bool parse_error(std::size_t byte, const std::string&, const Json::exception& error) {
    if (dynamic_cast<const Json::parse_error*>(&error) == nullptr) {
      fail("json-syntax", file_.path + " holds a number or text that cannot be read", file_.span);
    }
    const bool ends_early = byte > text_.size();
    fail("json-syntax",
         file_.path + " is not JSON: " + (ends_early ? "it ends too early, at " : "something is wrong at ") +
             position_of(text_, byte),
         file_.span);
  }

  Value take() { return builder_.take(); }

 private:
  template <class Number>
  bool number(NumberArray::Kind kind, Number value) {
    builder_.number(kind, value);
    return true;
  }

  std::string_view text_;
  const FileContext& file_;
  JsonBuilder builder_;
};

}  // namespace

Value parse_json(std::string_view text, const FileContext& file) {
  Events events(text, file);
  Json::sax_parse(text.data(), text.data() + text.size(), &events);
  return events.take();
}

}  // namespace elbo::stdlib
