// Signatures, the table of names for the checker, and arguments as plain types.
#include "runtime/library.hpp"

#include <cctype>

#include "runtime/operation.hpp"
#include "runtime/support.hpp"

namespace elbo::runtime {

void fail(std::string code, std::string message, lang::Span span, std::string hint, lang::Tier tier) {
  throw lang::Failure(lang::Diagnostic{.code = std::move(code),
                                       .message = std::move(message),
                                       .span = std::move(span),
                                       .related = {},
                                       .hint = std::move(hint),
                                       .tier = tier});
}

const Function* Library::function(std::string_view name) const {
  for (const Function& f : functions) {
    if (f.name == name) return &f;
  }
  return nullptr;
}

const Distribution* Library::distribution(std::string_view name) const {
  for (const Distribution* d : distributions) {
    if (d->name == name) return d;
  }
  return nullptr;
}

Function planned_function(const PlannedName& planned) {
  return {.name = std::string(planned.name),
          .signature = std::string(planned.name) + "(..., **)",
          .help = std::string(planned.what) + "; no meaning in this version",
          .category = "not in this version",
          .call = [planned](Interpreter&, const Arguments& a) -> Value {
            fail("not-yet-supported",
                 "`" + std::string(planned.name) + "` (" + std::string(planned.what) +
                     ") has no meaning in this version of elbo",
                 a.span, std::string(planned.hint));
          }};
}

// ---- signatures -------------------------------------------------------------------------------------------

namespace {

std::string trimmed(std::string_view text) {
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.front()))) text.remove_prefix(1);
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.back()))) text.remove_suffix(1);
  return std::string(text);
}

/// The parts between separators that are outside of brackets and quotes.
std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts(1);
  int depth = 0;
  bool quoted = false;
  for (const char c : text) {
    if (c == '"') quoted = !quoted;
    if (!quoted && (c == '(' || c == '[' || c == '{')) ++depth;
    if (!quoted && (c == ')' || c == ']' || c == '}')) --depth;
    if (c == separator && depth == 0 && !quoted) {
      parts.emplace_back();
    } else {
      parts.back() += c;
    }
  }
  for (std::string& part : parts) part = trimmed(part);
  if (parts.size() == 1 && parts[0].empty()) parts.clear();
  return parts;
}

bool is_name(const std::string& text) {
  if (text.empty() || std::isdigit(static_cast<unsigned char>(text[0])) != 0) return false;
  for (const char c : text) {
    if (std::isalnum(static_cast<unsigned char>(c)) == 0 && c != '_') return false;
  }
  return true;
}

/// One entry between commas: "x", "axis = none", "sd | precision = 1", "...", "*", "**".
void add_item(lang::Signature& signature, const std::string& item, bool& keyword_only) {
  if (item == "...") {
    signature.variadic = true;
  } else if (item == "*") {
    keyword_only = true;
  } else if (item == "**") {
    signature.open_keywords = true;
  } else {
    const std::size_t equals = item.find('=');
    const std::vector<std::string> names = split(std::string_view(item).substr(0, equals), '|');
    for (const std::string& name : names) {
      if (!is_name(name)) throw lang::InternalError("bad parameter `" + item + "` in a signature");
    }
    if (names.empty()) throw lang::InternalError("empty parameter in a signature");
    if (names.size() > 1) signature.alternatives.push_back(names);
    signature.parameters.push_back(
        {.name = names[0],
         .required = equals == std::string::npos,
         .default_text = equals == std::string::npos ? "" : trimmed(item.substr(equals + 1)),
         .keyword_only = keyword_only});
  }
}

}  // namespace

lang::Signature parse_signature(const std::string& text) {
  const std::size_t open = text.find('(');
  const std::size_t close = text.rfind(')');
  if (open == std::string::npos || close == std::string::npos || !is_name(trimmed(text.substr(0, open)))) {
    throw lang::InternalError("bad signature `" + text + "`");
  }
  lang::Signature signature;
  signature.name = trimmed(text.substr(0, open));
  bool keyword_only = false;
  for (const std::string& item : split(std::string_view(text).substr(open + 1, close - open - 1), ',')) {
    add_item(signature, item, keyword_only);
  }
  return signature;
}

lang::Signature signature(const Distribution& distribution) {
  lang::Signature result;
  result.name = distribution.name;
  for (const DistributionParameter& p : distribution.parameters) {
    result.parameters.push_back({.name = std::string(p.name),
                                 .required = p.default_value.empty(),
                                 .default_text = std::string(p.default_value),
                                 .keyword_only = false});
    std::vector<std::string> names{std::string(p.name)};
    const auto add = [&](const std::string& name, const std::string& replaces) {
      if (replaces == p.name && std::find(names.begin(), names.end(), name) == names.end())
        names.push_back(name);
    };
    for (const Parameterisation& a : distribution.alternatives) {
      add(a.name, a.replaces);
      for (const AlternativeName& partner : a.partners) add(partner.name, partner.replaces);
    }
    if (names.size() > 1) result.alternatives.push_back(std::move(names));
  }
  result.parameters.push_back(
      {.name = "size", .required = false, .default_text = "none", .keyword_only = true});
  return result;
}

lang::NameTable name_table(const Library& library) {
  using lang::NameKind;
  lang::NameTable table;
  const auto add = [&](std::string name, NameKind kind, std::vector<lang::Signature> signatures) {
    table.names.emplace(std::move(name), lang::NameTable::Entry{kind, std::move(signatures)});
  };
  for (const MethodInfo& method : library.methods) {
    const Function* function = library.function(method.name);
    if (function != nullptr) add(method.name, NameKind::method, {parse_signature(function->signature)});
  }
  for (const Function& f : library.functions) add(f.name, NameKind::function, {parse_signature(f.signature)});
  for (const Distribution* d : library.distributions) {
    add(std::string(d->name), NameKind::distribution, {signature(*d)});
  }
  for (const auto& [name, value] : library.constants) add(name, NameKind::constant, {});
  for (const Operation* operation : operation_list()) {
    if (operation->signature.empty()) continue;
    const lang::Signature s = parse_signature(std::string(operation->signature));
    add(s.name, NameKind::function, {s});
  }
  // After everything that can be called: a function may share its name with a constraint (`lower`), and calls
  // win.
  for (const SupportKind* kind : support_list()) add(std::string(kind->name), NameKind::constraint, {});
  return table;
}

// ---- arguments --------------------------------------------------------------------------------------------

namespace {

[[noreturn]] void wrong_type(const Arguments& a, std::size_t i, std::string_view name,
                             std::string_view expected) {
  const bool given = i < a.given.size() && a.given[i];
  fail("wrong-type",
       "`" + std::string(name) + "` must be " + std::string(expected) + ", but is " +
           type_name(a.values.at(i)),
       given && i < a.spans.size() ? a.spans[i] : a.span);
}

/// The single number of a rank-0 tensor too.
Value unpacked(const Value& value) {
  if (const auto* t = value.as<Tensor>()) {
    if (t->shape().empty()) return from_tensor(*t);
  }
  return value;
}

}  // namespace

double real_argument(const Arguments& a, std::size_t i, std::string_view name) {
  const Value value = unpacked(a.values.at(i));
  if (const auto* x = value.as<double>()) return *x;
  if (const auto* n = value.as<std::int64_t>()) return static_cast<double>(*n);
  wrong_type(a, i, name, "a number");
}

std::int64_t integer_argument(const Arguments& a, std::size_t i, std::string_view name) {
  const Value value = unpacked(a.values.at(i));
  if (const auto* n = value.as<std::int64_t>()) return *n;
  wrong_type(a, i, name, "an int");
}

bool boolean_argument(const Arguments& a, std::size_t i, std::string_view name) {
  const Value value = unpacked(a.values.at(i));
  if (const auto* b = value.as<bool>()) return *b;
  wrong_type(a, i, name, "true or false");
}

std::string string_argument(const Arguments& a, std::size_t i, std::string_view name) {
  if (const auto* s = a.values.at(i).as<std::string>()) return *s;
  wrong_type(a, i, name, "a string");
}

Tensor tensor_argument(const Arguments& a, std::size_t i, std::string_view name) {
  const Value& value = a.values.at(i);
  if (value.is<Symbol>()) {
    fail("symbolic-argument",
         "`" + std::string(name) +
             "` must be known here, but depends on a random variable or on the argument of a " + "derivative",
         i < a.spans.size() ? a.spans[i] : a.span);
  }
  if (is_numeric(value) || value.is<Range>()) return to_tensor(value);
  wrong_type(a, i, name, "a number or a tensor");
}

}  // namespace elbo::runtime
