// The list of methods, and their calls as values.
#include "inference/methods.hpp"

#include <array>

#include "inference/methods/bbvi.hpp"
#include "inference/methods/mle.hpp"
#include "inference/methods/natural.hpp"
#include "inference/methods/reparam.hpp"
#include "inference/optimise.hpp"
#include "runtime/interpreter.hpp"

namespace elbo::inference {

using namespace runtime;

namespace {

[[noreturn]] void refuse(const std::string& what, const Refusal& refusal, const lang::Span& span) {
  fail("bad-option", what + ": " + std::string(refusal.why), span, std::string(refusal.hint));
}

}  // namespace

std::span<const Method* const> method_list() {
  static constexpr std::array methods{&bbvi_method, &reparam_method, &iwae_method, &natural_method,
                                      &mle_method};
  return methods;
}

MethodValue::MethodValue(const Method& method, Record options, std::vector<bool> given)
    : method_(method), options_(std::move(options)), given_(std::move(given)) {}

std::string MethodValue::show() const {
  std::string text;
  for (std::size_t i = 0; i < options_.size(); ++i) {
    if (!given_[i]) continue;
    const std::string* quoted = options_[i].second.as<std::string>();
    text += (text.empty() ? "" : ", ") + options_[i].first + " = " +
            (quoted ? "\"" + *quoted + "\"" : runtime::show(options_[i].second));
  }
  return method_.info.name + "(" + text + ")";
}

std::vector<std::string> MethodValue::field_names() const {
  std::vector<std::string> names;
  for (const auto& [name, value] : options_) names.push_back(name);
  return names;
}

std::optional<Value> MethodValue::field(const std::string& name) const {
  const Value* value = find_field(options_, name);
  return value ? std::optional<Value>(*value) : std::nullopt;
}

PreparedRun prepare_run(const Problem& problem, const MethodValue& method,
                        const std::vector<GivenOption>& options, const lang::Span& span) {
  const Method& record = method.method();
  RunOptions run = read_run_options(options, *problem.model, record.steps);
  for (const GivenOption& given : options) {
    if (given.name == "optimizer" && !record.requirements.optimizer.why.empty())
      refuse(record.info.name + "() takes no optimizer", record.requirements.optimizer, given.span);
    if (given.name == "batch" && run.batch.size > 0 && !record.requirements.batch.why.empty())
      refuse(record.info.name + " cannot take a batch of rows", record.requirements.batch, given.span);
  }
  PreparedGradient gradient = record.prepare(subsample(problem, run.batch), method.options(), span);
  PreparedRun prepared{std::move(run), std::move(gradient)};
  const BatchOption& batch = prepared.options.batch;
  if (const std::int64_t rest = steps_of_pass(*problem.model, batch).rest; rest > 0) {
    const Problem at_rest = subsample(problem, batch, StepRows{0, rest, rest});
    prepared.rest = record.prepare(at_rest, method.options(), span);
  }
  return prepared;
}

std::shared_ptr<const Fit> fit_by(Interpreter& interpreter, const Problem& problem, const MethodValue& method,
                                  const std::vector<GivenOption>& options, const lang::Span& span) {
  const PreparedRun run = prepare_run(problem, method, options, span);
  return optimise(interpreter, problem, run, method.show(), run.options, span);
}

namespace {

std::string option_text(const Value& value) {
  const std::string* text = value.as<std::string>();
  return text ? "\"" + *text + "\"" : show(value);
}

Function method_function(const Method& method) {
  Function f;
  f.name = method.info.name;
  f.signature = f.name + "(";
  for (std::size_t i = 0; i < method.info.options.size(); ++i) {
    const Option& option = method.info.options[i];
    f.signature += (i ? ", " : "") + option.name + " = " + option_text(option.default_value);
  }
  f.signature += ")";
  f.help = method.info.summary + " — needs " + method.info.requirements;
  f.category = "inference";
  f.call = [&method](Interpreter&, const Arguments& a) -> Value {
    Record options;
    for (std::size_t i = 0; i < method.info.options.size(); ++i) {
      const Option& option = method.info.options[i];
      options.emplace_back(option.name, a.given[i] ? a.values[i] : option.default_value);
    }
    method.validate(options, a.span);
    return Value(ObjectPtr(std::make_shared<MethodValue>(method, std::move(options), a.given)));
  };
  return f;
}

}  // namespace

std::vector<Function> method_functions() {
  std::vector<Function> functions;
  for (const Method* method : method_list()) functions.push_back(method_function(*method));
  return functions;
}

}  // namespace elbo::inference
