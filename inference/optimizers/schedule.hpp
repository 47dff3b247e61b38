// Step sizes as functions of the iteration: what `constant(a)`, `robbins_monro(a)` and `cosine(a)` evaluate
// to.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "inference/optimizers/number_option.hpp"
#include "runtime/library.hpp"

namespace elbo::inference {

/// Step size at iteration t = 1, 2, …, total.
struct Schedule {
  std::string name;  ///< "cosine"
  std::string text;  ///< as it is written: "cosine(0.05)"; "0.05" for a plain number
  std::function<double(std::int64_t t, std::int64_t total)> at;
};

/// Record of a family of schedules. The first option is `step`.
struct ScheduleRecord {
  std::string_view name;
  std::string_view help;  ///< a sentence, then " — " and an example
  std::vector<NumberOption> options;
  /// A mistake that only shows when the options are seen together, as the end of "NAME …"; empty: none.
  std::string (*mistake)(std::span<const double> options) = nullptr;
  /// Step size at iteration t of `total`, for these options.
  double (*at)(std::span<const double> options, std::int64_t t, std::int64_t total) = nullptr;
};

/// constant, robbins_monro, cosine.
std::span<const ScheduleRecord* const> schedule_list();

/// The schedule of a record with these options (one each, in range).
Schedule make_schedule(const ScheduleRecord& record, std::vector<double> options);
/// A step size that does not change, written as a plain number.
Schedule fixed_step(double step);

/// A schedule as a value of the language; its fields are its options.
class ScheduleValue : public runtime::Object {
 public:
  ScheduleValue(const ScheduleRecord& record, std::vector<double> options);
  std::string type_name() const override { return "schedule"; }
  std::string show() const override { return schedule_.text; }
  std::vector<std::string> field_names() const override;
  std::optional<runtime::Value> field(const std::string& name) const override;
  const Schedule& schedule() const { return schedule_; }

 private:
  const ScheduleRecord& record_;
  std::vector<double> options_;
  Schedule schedule_;
};

}  // namespace elbo::inference
