// The functions of the language that make optimizers and schedules, one per record.
#include "inference/optimizers/optimizer.hpp"
#include "runtime/format.hpp"

namespace elbo::inference {

using runtime::Arguments;
using runtime::fail;
using runtime::Interpreter;
using runtime::Value;

namespace {

Value make(const ScheduleRecord& record, const Arguments& a) {
  std::vector<double> options;
  for (std::size_t i = 0; i < record.options.size(); ++i) {
    options.push_back(number_option(a, i, record.name, record.options[i]));
  }
  if (record.mistake != nullptr) {
    const std::string mistake = record.mistake(options);
    if (!mistake.empty()) fail("bad-option", std::string(record.name) + " " + mistake, a.span);
  }
  return Value(runtime::ObjectPtr(std::make_shared<ScheduleValue>(record, std::move(options))));
}

/// "constant(…), robbins_monro(…) or cosine(…)".
std::string schedule_names() {
  std::string result;
  const auto list = schedule_list();
  for (std::size_t i = 0; i < list.size(); ++i) {
    if (i > 0) result += i + 1 == list.size() ? " or " : ", ";
    result += std::string(list[i]->name) + "(…)";
  }
  return result;
}

/// A schedule as it is; a number checked.
Value step_of(const OptimizerRecord& record, const Arguments& a) {
  const Value& given = a.values[0];
  if (const auto* object = given.as<runtime::ObjectPtr>()) {
    if (dynamic_cast<const ScheduleValue*>(object->get()) != nullptr) return given;
  }
  const auto* tensor = given.as<runtime::Tensor>();
  const bool number =
      given.is<double>() || given.is<std::int64_t>() || (tensor != nullptr && tensor->rank() == 0);
  if (a.given[0] && !number) {
    fail("wrong-type",
         "step of " + std::string(record.name) + " must be a positive number or a schedule, but is " +
             type_name(given),
         a.spans[0], "a schedule is " + schedule_names());
  }
  return Value(number_option(a, 0, record.name, record.options[0]));
}

Value make(const OptimizerRecord& record, const Arguments& a) {
  const Value step = step_of(record, a);
  std::vector<double> options{0.0};
  for (std::size_t i = 1; i < record.options.size(); ++i) {
    options.push_back(number_option(a, i, record.name, record.options[i]));
  }
  return Value(runtime::ObjectPtr(std::make_shared<Optimizer>(record, step, std::move(options))));
}

/// The record's help, then a line for each option, as `elbo help` shows them.
template <typename Record>
std::string help_of(const Record& record) {
  std::string result(record.help);
  for (const NumberOption& option : record.options) {
    result += " — " + std::string(option.name) + ": " + std::string(option.help) + " (" +
              std::string(option.range->text);
    result += option.default_value ? "; default " + runtime::show_real(*option.default_value) + ")" : ")";
  }
  return result;
}

template <typename Record>
runtime::Function function_of(const Record& record, std::string category) {
  return {.name = std::string(record.name),
          .signature = signature_text(record.name, record.options),
          .help = help_of(record),
          .category = std::move(category),
          .call = [&record](Interpreter&, const Arguments& a) { return make(record, a); }};
}

}  // namespace

std::vector<runtime::Function> optimizer_functions() {
  std::vector<runtime::Function> result;
  for (const OptimizerRecord* record : optimizer_list()) result.push_back(function_of(*record, "optimizers"));
  for (const ScheduleRecord* record : schedule_list()) result.push_back(function_of(*record, "step sizes"));
  return result;
}

}  // namespace elbo::inference
