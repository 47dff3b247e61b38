// What a script may call, as one value handed down from the command line: functions, distributions, methods.
// The evaluator runs `infer` and finds Normal through it without knowing either.
#pragma once

#include <cstdint>
#include <functional>
#include <iosfwd>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "lang/check.hpp"
#include "lang/diagnostic.hpp"
#include "runtime/value.hpp"

namespace elbo::runtime {

class Interpreter;

/// The arguments of a call, sorted by the signature's parameters.
struct Arguments {
  std::vector<Value> values;                         ///< one per parameter (None where absent)
  std::vector<bool> given;                           ///< whether the user wrote it
  std::vector<Value> rest;                           ///< further positional ones of a variadic function
  std::vector<std::pair<std::string, Value>> extra;  ///< named ones of an open signature
  std::vector<lang::Span> spans;                     ///< of values; the call's where absent
  std::vector<lang::Span> rest_spans;
  std::vector<lang::Span> extra_spans;
  lang::Span span;  ///< of the whole call
};

/// A built-in function.
struct Function {
  std::string name;
  /// "quantile(x, p, axis = none)"; a trailing "..." is variadic ("print(format, ...)"), "**" takes any named
  /// argument, names after "*" are by name only ("hist(x, ..., *, title = none)").
  std::string signature;
  std::string help;      ///< a sentence, then an example after " — e.g. "
  std::string category;  ///< "tensors", "statistics", "input and output", …
  std::function<Value(Interpreter&, const Arguments&)> call;
};

/// One option of an inference method or optimizer.
struct Option {
  std::string name;
  Value default_value;
  std::string help;
  std::string range;  ///< shown: "1, 2, …", "\"none\", \"rloo\"", "> 0"
};

/// Record of a method, as `elbo list methods` and `help` show it; the callable is the Function of the same
/// name.
struct MethodInfo {
  std::string name;
  std::string summary;
  std::string requirements;  ///< what it needs from the model
  std::vector<Option> options;
};

struct Library {
  std::vector<Function> functions;
  std::vector<const Distribution*> distributions;
  std::vector<MethodInfo> methods;
  std::vector<std::pair<std::string, Value>> constants;  ///< pi, e, inf, nan, none

  const Function* function(std::string_view name) const;
  const Distribution* distribution(std::string_view name) const;
};

/// A name of the language that this version gives no meaning.
struct PlannedName {
  std::string_view name;
  std::string_view what;  ///< "a ready-made guide"
  std::string_view hint;  ///< what to write instead
};
/// The function of that name: it takes any arguments, and calling it is the error "not-yet-supported".
Function planned_function(const PlannedName& planned);

/// Parses the text of Function::signature; a mistake in it is an InternalError.
lang::Signature parse_signature(const std::string& text);
/// Signature of a distribution: canonical parameters, alternatives, and the keyword `size`.
lang::Signature signature(const Distribution& distribution);
/// What the checker needs to know.
lang::NameTable name_table(const Library& library);

/// Raises lang::Failure with this diagnostic (filled with the span, if it has none, by the nearest call).
[[noreturn]] void fail(std::string code, std::string message, lang::Span span = {}, std::string hint = {},
                       lang::Tier tier = lang::Tier::user);

// Arguments as plain types, or a Failure "wrong-type" that names parameter, expected and found.
double real_argument(const Arguments& a, std::size_t i, std::string_view name);
std::int64_t integer_argument(const Arguments& a, std::size_t i, std::string_view name);
bool boolean_argument(const Arguments& a, std::size_t i, std::string_view name);
std::string string_argument(const Arguments& a, std::size_t i, std::string_view name);
Tensor tensor_argument(const Arguments& a, std::size_t i, std::string_view name);

}  // namespace elbo::runtime
