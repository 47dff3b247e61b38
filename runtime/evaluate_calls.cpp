// Calls: built-ins, functions of the script, and models and guides, which a call gives their data.
#include <sys/resource.h>

#include "runtime/builtins.hpp"
#include "runtime/evaluation.hpp"
#include "runtime/nets.hpp"

namespace elbo::runtime {

namespace {

// Deep enough for any sensible recursion; a script that goes deeper has most likely lost its base case.
constexpr int deepest_call = 1000;

/// Bytes of stack that calls may use: most of what the system gives, as frames of an unoptimised build are
/// large.
std::size_t stack_limit() {
  rlimit limit{};
  const std::size_t usual = 8u << 20;
  const bool known = getrlimit(RLIMIT_STACK, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY;
  return (known ? static_cast<std::size_t>(limit.rlim_cur) : usual) / 4 * 3;
}

const char* stack_pointer() { return static_cast<const char*>(__builtin_frame_address(0)); }

// Of a long chain of calls only the innermost are told.
constexpr std::size_t most_labels = 3;

void add_called_here(lang::Diagnostic& diagnostic, const lang::Span& span) {
  if (!diagnostic.span) {
    diagnostic.span = span;
  } else if (span && diagnostic.related.size() < most_labels) {
    diagnostic.related.push_back({span, "called here"});
  }
}

Value run_body(Evaluation& evaluation, const lang::Callable& callable) {
  if (callable.expression) return evaluation.evaluate(*callable.expression);
  return evaluation.run_statements(callable.block->statements).value;
}

}  // namespace

Value call_closure(Interpreter& interpreter, const Closure& closure, std::vector<CallArgument> arguments,
                   const lang::Span& span, NetStatements* net) {
  const CallFrame frame(interpreter, closure, span);
  check_interrupted(interpreter, span);
  const auto scope = std::make_shared<Scope>(closure.scope);
  const std::vector<Value> values = bind_parameters(interpreter, closure, std::move(arguments), scope, span);
  check_types(interpreter, closure, values, scope, span);
  try {
    Evaluation evaluation(interpreter, scope, nullptr, net);
    return run_body(evaluation, *closure.callable);
  } catch (lang::Failure& failure) {
    add_called_here(failure.diagnostic(), span);
    throw;
  }
}

namespace {

/// `eight_schools(d)`: one record that has a field for every parameter without a default.
bool is_record_of_arguments(const Closure& closure, const std::vector<CallArgument>& arguments) {
  if (arguments.size() != 1 || !arguments[0].name.empty()) return false;
  const auto* record = arguments[0].value.as<std::shared_ptr<const Record>>();
  if (record == nullptr) return false;
  const auto& parameters = closure.callable->parameters;
  // A model of one parameter may want the record itself.
  return parameters.size() != 1 || find_field(**record, parameters[0].name.name) != nullptr;
}

std::vector<CallArgument> arguments_of_record(const Closure& closure, const CallArgument& given) {
  const Record& record = **given.value.as<std::shared_ptr<const Record>>();
  std::vector<CallArgument> result;
  std::vector<std::string> fields;
  for (const auto& field : record) fields.push_back(field.first);
  for (const lang::Parameter& p : closure.callable->parameters) {
    if (const Value* value = find_field(record, p.name.name)) {
      result.push_back({p.name.name, *value, given.span});
    } else if (!p.default_value) {
      fail("missing-argument",
           "the record given to `" + closure.name + "` has no field `" + p.name.name + "` for its argument",
           given.span, lang::did_you_mean(p.name.name, fields));
    }
  }
  return result;
}

Value apply_model(Interpreter& interpreter, const std::shared_ptr<const Closure>& closure,
                  std::vector<CallArgument> arguments, const lang::Span& span) {
  if (is_record_of_arguments(*closure, arguments)) arguments = arguments_of_record(*closure, arguments[0]);
  const auto scope = std::make_shared<Scope>(closure->scope);
  std::vector<Value> values = bind_parameters(interpreter, *closure, std::move(arguments), scope, span);
  return std::make_shared<const ModelCall>(ModelCall{closure, std::move(values), span});
}

Value call_builtin(Interpreter& interpreter, const Builtins& builtins, const Function& function,
                   std::vector<CallArgument> arguments, const lang::Span& span) {
  const Arguments sorted = sort_arguments(builtins.signature(function), std::move(arguments), span);
  try {
    return function.call(interpreter, sorted);
  } catch (lang::Failure& failure) {
    if (!failure.diagnostic().span) failure.diagnostic().span = span;
    throw;
  }
}

}  // namespace

CallFrame::CallFrame(Interpreter& interpreter, const Closure& closure, const lang::Span& span)
    : interpreter_(interpreter), outermost_(interpreter.stack_base_ == nullptr) {
  static const std::size_t limit = stack_limit();
  const char* here = stack_pointer();
  if (outermost_) interpreter.stack_base_ = here;
  const auto used = static_cast<std::size_t>(std::abs(interpreter.stack_base_ - here));
  if (interpreter.depth_ >= deepest_call || used > limit) {
    if (outermost_) interpreter.stack_base_ = nullptr;
    fail("recursion-too-deep",
         (closure.name.empty() ? "functions call" : "`" + closure.name + "` calls") +
             std::string(" one another more than ") + std::to_string(interpreter.depth_) + " deep",
         span, "the function needs a case in which it does not call itself");
  }
  ++interpreter.depth_;
}

CallFrame::~CallFrame() {
  --interpreter_.depth_;
  if (outermost_) interpreter_.stack_base_ = nullptr;
}

Value call_value(Interpreter& interpreter, const Value& callee, std::vector<CallArgument> arguments,
                 const lang::Span& span) {
  if (const auto* function = callee.as<const Function*>()) {
    return call_builtin(interpreter, interpreter.builtins(), **function, std::move(arguments), span);
  }
  if (const auto* closure = callee.as<std::shared_ptr<const Closure>>()) {
    const CallableKind kind = (*closure)->kind;
    if (kind == CallableKind::function)
      return call_closure(interpreter, **closure, std::move(arguments), span);
    if (kind == CallableKind::net) return call_net(interpreter, *closure, std::move(arguments), span);
    return apply_model(interpreter, *closure, std::move(arguments), span);
  }
  if (const auto* object = callee.as<ObjectPtr>()) {
    if (auto result = (*object)->call(interpreter, arguments, span)) return std::move(*result);
  }
  std::string hint;
  if (callee.is<std::shared_ptr<const ModelCall>>())
    hint = "it has its arguments already; pass it to `infer`";
  if (callee.is<Tensor>() || callee.is<std::shared_ptr<const List>>()) hint = "entries are picked with `[ ]`";
  fail("not-callable", with_article(callee) + " cannot be called", span, hint);
}

std::shared_ptr<const ModelCall> as_model_call(Interpreter& interpreter, const Value& value,
                                               CallableKind kind, const lang::Span& span) {
  if (const auto* call = value.as<std::shared_ptr<const ModelCall>>()) {
    return (*call)->closure->kind == kind ? *call : nullptr;
  }
  const auto* closure = value.as<std::shared_ptr<const Closure>>();
  if (closure == nullptr || (*closure)->kind != kind) return nullptr;
  return *apply_model(interpreter, *closure, {}, span).as<std::shared_ptr<const ModelCall>>();
}

}  // namespace elbo::runtime
