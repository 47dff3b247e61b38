// Sorting the arguments of calls: to the parameters of closures and to the signatures of built-ins. The
// checker has refused most mistakes by then; those that remain come from functions that are values.
#include <algorithm>

#include "runtime/evaluation.hpp"

namespace elbo::runtime {

namespace {

/// A callable's parameters as messages need them.
struct Parameters {
  const lang::Signature& signature;

  std::string usage() const { return "the arguments are `" + lang::show(signature) + "`"; }

  std::size_t position(const CallArgument& argument) const {
    for (std::size_t i = 0; i < signature.parameters.size(); ++i) {
      if (signature.parameters[i].name == argument.name) return i;
    }
    return signature.parameters.size();
  }

  [[noreturn]] void unknown(const CallArgument& argument) const {
    std::vector<std::string> names;
    for (const auto& p : signature.parameters) names.push_back(p.name);
    const std::string near = lang::did_you_mean(argument.name, names);
    fail("unknown-argument", "`" + signature.name + "` has no argument `" + argument.name + "`",
         argument.span, (near.empty() ? "" : near + " ") + usage());
  }

  [[noreturn]] void too_many(const lang::Span& span) const {
    const auto count = std::count_if(signature.parameters.begin(), signature.parameters.end(),
                                     [](const auto& p) { return !p.keyword_only; });
    const std::string most = count == 0   ? "no arguments"
                             : count == 1 ? "one argument"
                                          : "at most " + std::to_string(count) + " arguments";
    fail("too-many-arguments", "`" + signature.name + "` takes " + most, span, usage());
  }

  [[noreturn]] void repeated(const CallArgument& argument) const {
    fail("repeated-argument", "the argument `" + argument.name + "` is given twice", argument.span, usage());
  }

  [[noreturn]] void missing(const std::string& name, const lang::Span& span) const {
    fail("missing-argument", "`" + signature.name + "` needs the argument `" + name + "`", span, usage());
  }
};

lang::Signature signature_of(const Closure& closure) {
  lang::Signature result;
  result.name = closure.name.empty() ? "the function" : closure.name;
  for (const lang::Parameter& p : closure.callable->parameters) {
    result.parameters.push_back(
        {.name = p.name.name,
         .required = p.default_value == nullptr,
         .default_text = p.default_value ? std::string(p.default_value->span.text()) : "",
         .keyword_only = false});
  }
  return result;
}

/// For each parameter of a closure the argument that is its value, or null.
std::vector<CallArgument*> match(const Closure& closure, std::vector<CallArgument>& arguments) {
  const auto& parameters = closure.callable->parameters;
  std::vector<CallArgument*> result(parameters.size());
  std::size_t next = 0;
  for (CallArgument& argument : arguments) {
    std::size_t i = next;
    if (argument.name.empty()) {
      ++next;
      if (i >= parameters.size()) Parameters{signature_of(closure)}.too_many(argument.span);
    } else {
      const auto same = [&](const lang::Parameter& p) { return p.name.name == argument.name; };
      i = static_cast<std::size_t>(std::find_if(parameters.begin(), parameters.end(), same) -
                                   parameters.begin());
      if (i == parameters.size()) Parameters{signature_of(closure)}.unknown(argument);
      if (result[i] != nullptr) Parameters{signature_of(closure)}.repeated(argument);
    }
    result[i] = &argument;
  }
  return result;
}

}  // namespace

std::vector<Value> bind_parameters(Interpreter& interpreter, const Closure& closure,
                                   std::vector<CallArgument> arguments, const std::shared_ptr<Scope>& scope,
                                   const lang::Span& span) {
  const std::vector<CallArgument*> given = match(closure, arguments);
  const auto& parameters = closure.callable->parameters;
  std::vector<Value> values;
  values.reserve(parameters.size());
  // Arguments first: a default may use any of them.
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    values.push_back(given[i] != nullptr ? std::move(given[i]->value) : Value());
    if (given[i] != nullptr) scope->define(parameters[i].name.name, values.back());
  }
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    if (given[i] != nullptr) continue;
    if (!parameters[i].default_value)
      Parameters{signature_of(closure)}.missing(parameters[i].name.name, span);
    values[i] = Evaluation(interpreter, scope).evaluate(*parameters[i].default_value);
    scope->define(parameters[i].name.name, values[i]);
  }
  return values;
}

Arguments sort_arguments(const lang::Signature& signature, std::vector<CallArgument> arguments,
                         const lang::Span& span) {
  const Parameters parameters{signature};
  const std::size_t count = signature.parameters.size();
  Arguments result;
  result.values.resize(count);
  result.given.resize(count);
  result.spans.assign(count, span);
  result.span = span;
  const auto set = [&](std::size_t i, CallArgument& argument) {
    result.values[i] = std::move(argument.value);
    result.spans[i] = argument.span;
    result.given[i] = true;
  };
  std::size_t next = 0;
  for (CallArgument& argument : arguments) {
    if (argument.name.empty()) {
      while (next < count && signature.parameters[next].keyword_only) ++next;
      if (next < count) {
        set(next++, argument);
      } else if (signature.variadic) {
        result.rest.push_back(std::move(argument.value));
        result.rest_spans.push_back(argument.span);
      } else {
        parameters.too_many(argument.span);
      }
      continue;
    }
    const std::size_t i = parameters.position(argument);
    if (i < count) {
      if (result.given[i]) parameters.repeated(argument);
      set(i, argument);
    } else if (signature.open_keywords) {
      result.extra.emplace_back(argument.name, std::move(argument.value));
      result.extra_spans.push_back(argument.span);
    } else {
      parameters.unknown(argument);
    }
  }
  for (std::size_t i = 0; i < count; ++i) {
    if (signature.parameters[i].required && !result.given[i])
      parameters.missing(signature.parameters[i].name, span);
  }
  return result;
}

}  // namespace elbo::runtime
