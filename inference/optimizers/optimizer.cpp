// Optimizers as values of the language.
#include "inference/optimizers/optimizer.hpp"

#include "runtime/format.hpp"

namespace elbo::inference {

using runtime::Value;

namespace {

/// A number or a ScheduleValue as a schedule.
Schedule schedule_of(const Value& step) {
  if (const auto* number = step.as<double>()) return fixed_step(*number);
  if (const auto* object = step.as<runtime::ObjectPtr>()) {
    if (const auto* value = dynamic_cast<const ScheduleValue*>(object->get())) return value->schedule();
  }
  throw lang::InternalError("the step of an optimizer is neither a number nor a schedule");
}

}  // namespace

Optimizer::Optimizer(const OptimizerRecord& record, Value step, std::vector<double> options)
    : record_(record), step_(std::move(step)), schedule_(schedule_of(step_)), options_(std::move(options)) {}

std::string Optimizer::show() const {
  return call_text(record_.name, record_.options, schedule_.text, options_);
}

std::vector<std::string> Optimizer::field_names() const {
  std::vector<std::string> names;
  for (const NumberOption& option : record_.options) names.emplace_back(option.name);
  return names;
}

std::optional<Value> Optimizer::field(const std::string& name) const {
  for (std::size_t i = 0; i < options_.size(); ++i) {
    if (record_.options[i].name == name) return i == 0 ? step_ : Value(options_[i]);
  }
  return std::nullopt;
}

template <>
std::unique_ptr<Stepper<double>> Optimizer::start(std::size_t parameters) const {
  return record_.start.real64(schedule_, options_, parameters);
}

template <>
std::unique_ptr<Stepper<float>> Optimizer::start(std::size_t parameters) const {
  return record_.start.real32(schedule_, options_, parameters);
}

}  // namespace elbo::inference
