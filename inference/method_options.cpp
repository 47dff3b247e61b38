// Options of methods.
#include "inference/method_options.hpp"

#include <algorithm>

#include "inference/run_options.hpp"
#include "lang/check.hpp"
#include "runtime/interpreter.hpp"

namespace elbo::inference {

using namespace runtime;

bool flag_option(const MethodOptions& options, const std::string& name) {
  const Value& value = *find_field(options.given, name);
  if (const bool* on = value.as<bool>()) return *on;
  fail("bad-option",
       name + " of " + std::string(options.method) + " must be true or false, but is " + show(value),
       options.span);
}

std::int64_t count_option(const MethodOptions& options, const std::string& name, std::int64_t least) {
  return whole_option({name, *find_field(options.given, name), options.span}, least);
}

std::size_t choice_option(const MethodOptions& options, const std::string& name,
                          const std::vector<std::string>& choices) {
  const Value& value = *find_field(options.given, name);
  const std::string* text = value.as<std::string>();
  if (text != nullptr) {
    const auto found = std::find(choices.begin(), choices.end(), *text);
    if (found != choices.end()) return static_cast<std::size_t>(found - choices.begin());
  }
  fail("bad-option",
       name + " of " + std::string(options.method) + " must be one of " + quoted_list(choices) + ", but is " +
           (text != nullptr ? "\"" + *text + "\"" : show(value)),
       options.span, text != nullptr ? lang::did_you_mean(*text, choices) : std::string());
}

std::string quoted_list(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "\"" : ", \"") + name + "\"";
  return text;
}

}  // namespace elbo::inference
