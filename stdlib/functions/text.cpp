// What a script says: print and its formats, assertions and errors of its own.
#include <ostream>

#include "runtime/format.hpp"
#include "stdlib/functions/common.hpp"
#include "stdlib/functions/families.hpp"

namespace elbo::stdlib {

namespace {

constexpr const char* category = "input and output";

/// A pattern with the values for its {}, or values side by side.
std::string text_of(const std::vector<Value>& items) {
  const std::string* pattern = items.empty() ? nullptr : items[0].as<std::string>();
  if (pattern != nullptr && (items.size() == 1 || pattern->find('{') != std::string::npos)) {
    return runtime::format_string(*pattern, {items.begin() + 1, items.end()});
  }
  std::string text;
  for (const Value& item : items) {
    if (!text.empty()) text += ' ';
    text += item.is<std::string>() ? *item.as<std::string>() : show(item);
  }
  return text;
}

Value print(Interpreter& interpreter, const Arguments& a) {
  interpreter.out() << text_of(a.rest) << '\n';
  return runtime::None{};
}

Value format(Interpreter&, const Arguments& a) {
  std::vector<Value> items{string_argument(a, 0, "pattern")};
  items.insert(items.end(), a.rest.begin(), a.rest.end());
  return text_of(items);
}

Value assert_true(Interpreter&, const Arguments& a) {
  const Tensor condition = data_argument(a, 0, "condition", "assert");
  if (condition.storage() != Storage::boolean)
    wrong_type("condition", "true or false", a.values[0], a.spans[0]);
  std::int64_t failed = 0;
  for (std::int64_t i = 0; i < condition.size(); ++i) failed += condition.integer(i) == 0 ? 1 : 0;
  if (failed == 0) return runtime::None{};
  std::string message;
  if (a.given[1]) {
    message = string_argument(a, 1, "message");
  } else if (condition.rank() == 0) {
    message = "`" + std::string(a.spans[0].text()) + "` is false";
  } else {
    message = "`" + std::string(a.spans[0].text()) + "` is false for " + std::to_string(failed) + " of " +
              std::to_string(condition.size()) + " elements";
  }
  fail("assertion-failed", message, a.spans[0]);
}

Value error(Interpreter&, const Arguments& a) {
  std::vector<Value> items{string_argument(a, 0, "pattern")};
  items.insert(items.end(), a.rest.begin(), a.rest.end());
  fail("script-error", text_of(items), a.span);
}

}  // namespace

std::vector<Function> text_functions() {
  return {
      {"print", "print(...)",
       "Prints a line: a pattern whose {} are filled by fmt's rules, or values side by side — e.g. "
       "print(\"mean {:.3f}\", mean(x))",
       category, print},
      {"format", "format(pattern, ...)",
       "The text that print would print — e.g. plot(y, title = format(\"{} draws\", length(y)))", category,
       format},
      {"assert", "assert(condition, message = none)",
       "Stops the script with an error unless the condition is true (of all elements) — e.g. assert(all(x > "
       "0))",
       category, assert_true},
      {"error", "error(pattern, ...)",
       "Stops the script with an error of its own — e.g. error(\"no data for {}\", name)", category, error},
  };
}

}  // namespace elbo::stdlib
