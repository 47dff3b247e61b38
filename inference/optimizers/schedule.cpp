// The three schedules, and schedules as values of the language.
//
// Robbins & Monro (1951), "A stochastic approximation method": steps whose sum diverges and whose sum of
// squares converges reach the optimum in spite of noise; a (t + delay)^-power does so for power in (1/2, 1].
// Loshchilov & Hutter (2017), "SGDR: stochastic gradient descent with warm restarts", eq. 5: half a cosine.
#include "inference/optimizers/schedule.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include "runtime/format.hpp"

namespace elbo::inference {

using runtime::show_real;
using runtime::Value;

namespace {

const NumberRange robbins_monro_power{
    .text = "above 0.5 and at most 1", .least = 0.5, .greatest = 1, .open_below = true};

const ScheduleRecord constant_record{
    .name = "constant",
    .help = "The same step size all along: what a plain number stands for — constant(0.01)",
    .options = {{"step", {}, &positive_range, "size of every step"}},
    .at = [](std::span<const double> options, std::int64_t, std::int64_t) { return options[0]; }};

const ScheduleRecord robbins_monro_record{
    .name = "robbins_monro",
    .help =
        "Step sizes step * (t + delay)^-power at iteration t: noise averages out in a long run — "
        "robbins_monro(0.1)",
    .options = {{"step", {}, &positive_range, "factor of all step sizes"},
                {"delay", 1.0, &nonnegative_range, "iterations by which the fall is late"},
                {"power", 0.7, &robbins_monro_power, "how fast the steps get smaller"}},
    .at = [](std::span<const double> options, std::int64_t t, std::int64_t) {
      return options[0] * std::pow(static_cast<double>(t) + options[1], -options[2]);
    }};

// The last of `total` steps is still above the floor: a step of size 0 would be a gradient for nothing.
double cosine_at(std::span<const double> options, std::int64_t t, std::int64_t total) {
  const double done =
      total > 0 ? std::clamp(static_cast<double>(t - 1) / static_cast<double>(total), 0.0, 1.0) : 0.0;
  return options[1] + (options[0] - options[1]) * 0.5 * (1 + std::cos(std::numbers::pi * done));
}

const ScheduleRecord cosine_record{
    .name = "cosine",
    .help = "Step sizes that fall from `step` to `floor` along half a cosine over the run — cosine(0.05)",
    .options = {{"step", {}, &positive_range, "size of the first step"},
                {"floor", 0.0, &nonnegative_range, "what the step size falls to"}},
    .mistake = [](std::span<const double> options) -> std::string {
      if (options[1] <= options[0]) return {};
      return "has a floor of " + show_real(options[1]) + " above its step of " + show_real(options[0]);
    },
    .at = cosine_at};

constexpr std::array<const ScheduleRecord*, 3> schedules{&constant_record, &robbins_monro_record,
                                                         &cosine_record};

}  // namespace

std::span<const ScheduleRecord* const> schedule_list() { return schedules; }

Schedule make_schedule(const ScheduleRecord& record, std::vector<double> options) {
  std::string text = call_text(record.name, record.options, show_real(options[0]), options);
  const auto at = record.at;
  return {std::string(record.name), std::move(text),
          [at, options = std::move(options)](std::int64_t t, std::int64_t total) {
            return at(options, t, total);
          }};
}

Schedule fixed_step(double step) {
  return {"constant", show_real(step), [step](std::int64_t, std::int64_t) { return step; }};
}

ScheduleValue::ScheduleValue(const ScheduleRecord& record, std::vector<double> options)
    : record_(record), options_(std::move(options)), schedule_(make_schedule(record, options_)) {}

std::vector<std::string> ScheduleValue::field_names() const {
  std::vector<std::string> names;
  for (const NumberOption& option : record_.options) names.emplace_back(option.name);
  return names;
}

std::optional<Value> ScheduleValue::field(const std::string& name) const {
  for (std::size_t i = 0; i < options_.size(); ++i) {
    if (record_.options[i].name == name) return Value(options_[i]);
  }
  return std::nullopt;
}

}  // namespace elbo::inference
