// The table of built-in names.
#include "runtime/builtins.hpp"

#include "runtime/evaluation.hpp"
#include "runtime/operation.hpp"

namespace elbo::runtime {

namespace {

/// Calls a distribution. Its parameters have several names each, so named ones are sorted by
/// make_distribution.
Function function_of(const Distribution& distribution) {
  return {.name = std::string(distribution.name),
          .signature = lang::show(signature(distribution)),
          .help = std::string(distribution.summary),
          .category = "distributions",
          .call = [&distribution](Interpreter&, const Arguments& a) {
            return make_distribution(distribution, a);
          }};
}

Function function_of(const Operation& operation) {
  return {.name = std::string(operation.name),
          .signature = std::string(operation.signature),
          .help = std::string(operation.help),
          .category = "elementwise",
          .call = [&operation](Interpreter&, const Arguments& a) {
            return apply_operation(operation, a.values);
          }};
}

}  // namespace

lang::Signature positional_signature(const Distribution& distribution) {
  lang::Signature result;
  result.name = distribution.name;
  for (const auto& p : distribution.parameters) {
    result.parameters.push_back(
        {.name = std::string(p.name), .required = false, .default_text = "", .keyword_only = false});
  }
  result.open_keywords = true;
  return result;
}

Builtins::Builtins(const Library& library) {
  for (const Function& function : library.functions) add(function, parse_signature(function.signature));
  for (const Distribution* distribution : library.distributions) {
    add(made(function_of(*distribution)), positional_signature(*distribution));
  }
  for (const auto& [name, value] : library.constants) values_.emplace(name, value);
  for (const Operation* operation : operation_list()) {
    if (operation->signature.empty()) continue;
    lang::Signature s = parse_signature(std::string(operation->signature));
    Function function = function_of(*operation);
    function.name = s.name;
    add(made(std::move(function)), std::move(s));
  }
}

void Builtins::add(const Function& function, lang::Signature signature) {
  values_.emplace(function.name, Value(&function));
  signatures_.emplace(&function, std::move(signature));
}

const Function& Builtins::made(Function function) {
  made_.push_back(std::move(function));
  return made_.back();
}

const Value* Builtins::find(const std::string& name) const {
  const auto it = values_.find(name);
  return it == values_.end() ? nullptr : &it->second;
}

const lang::Signature& Builtins::signature(const Function& function) const {
  const auto it = signatures_.find(&function);
  if (it == signatures_.end())
    throw lang::InternalError("the function " + function.name + " is not in the library");
  return it->second;
}

std::vector<std::string> Builtins::names() const {
  std::vector<std::string> result;
  for (const auto& [name, value] : values_) result.push_back(name);
  return result;
}

}  // namespace elbo::runtime
