// Optimizers: what turns a gradient of the objective into a change of the parameters. All of them ascend.
//
// An Optimizer is a value of the language, immutable and shared by as many runs as the script likes; a
// Stepper is the state of one run. Which optimizers there are is one list of records (optimizers/list.cpp).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "inference/optimizers/number_option.hpp"
#include "inference/optimizers/schedule.hpp"
#include "runtime/library.hpp"

namespace elbo::inference {

/// State of one run of an optimizer, in the number type of its program.
template <class T>
class Stepper {
 public:
  virtual ~Stepper() = default;
  /// One step of ascent along `gradient`, in place. t counts from 1; `total` is the planned number of steps
  /// (schedules over the whole run need it). Allocates nothing. A gradient that is not finite makes
  /// parameters and state so, too: the caller looks first.
  void step(std::span<T> parameters, std::span<const T> gradient, std::int64_t t, std::int64_t total) {
    begin(t, total);
    move(0, parameters, gradient);
  }
  /// The same in pieces: first this, for the step sizes of step t, …
  virtual void begin(std::int64_t t, std::int64_t total) = 0;
  /// … then for parameters from number `first` on, every parameter once. Pieces can be moved side by side.
  virtual void move(std::size_t first, std::span<T> parameters, std::span<const T> gradient) = 0;
  /// What it remembers from step to step, to be kept and put back.
  virtual std::vector<std::span<T>> state() = 0;
};

/// How a run begins, for each number type.
struct Starter {
  template <class T>
  using Start = std::unique_ptr<Stepper<T>> (*)(const Schedule& step, std::span<const double> options,
                                                std::size_t parameters);
  Start<double> real64 = nullptr;
  Start<float> real32 = nullptr;
};

/// Of a class template with a constructor from step sizes, options and number of parameters.
template <template <class> class S>
constexpr Starter starter_of{[](const Schedule& step, std::span<const double> options,
                                std::size_t parameters) -> std::unique_ptr<Stepper<double>> {
                               return std::make_unique<S<double>>(step, options, parameters);
                             },
                             [](const Schedule& step, std::span<const double> options,
                                std::size_t parameters) -> std::unique_ptr<Stepper<float>> {
                               return std::make_unique<S<float>>(step, options, parameters);
                             }};

/// Record of a family of optimizers. The first option is `step`, in whose place a schedule may stand.
struct OptimizerRecord {
  std::string_view name;
  std::string_view help;  ///< a sentence, then " — " and an example
  std::vector<NumberOption> options;
  /// State for this many parameters, all of it zero. `options` are in the record's order; `step` gives the
  /// step size in place of the first.
  Starter start;
};

/// sgd, momentum, adagrad, rmsprop, adam.
std::span<const OptimizerRecord* const> optimizer_list();

/// What `sgd(0.1)` evaluates to. Fields: `step` (a number or a schedule) and the other options.
class Optimizer : public runtime::Object {
 public:
  /// `step` is a number or a ScheduleValue; options[0] is not looked at.
  Optimizer(const OptimizerRecord& record, runtime::Value step, std::vector<double> options);
  std::string type_name() const override { return "optimizer"; }
  std::string show() const override;  ///< "adam(0.05)", "sgd(cosine(0.1))"
  std::vector<std::string> field_names() const override;
  std::optional<runtime::Value> field(const std::string& name) const override;

  std::string_view name() const { return record_.name; }
  /// Fresh state for one run over this many parameters.
  template <class T = double>
  std::unique_ptr<Stepper<T>> start(std::size_t parameters) const;

 private:
  const OptimizerRecord& record_;
  runtime::Value step_;
  Schedule schedule_;
  std::vector<double> options_;
};

template <>
std::unique_ptr<Stepper<double>> Optimizer::start(std::size_t parameters) const;
template <>
std::unique_ptr<Stepper<float>> Optimizer::start(std::size_t parameters) const;

/// The functions of the language that make optimizers and schedules, from the two lists.
std::vector<runtime::Function> optimizer_functions();

/// What `infer` uses when no optimizer is given: adam(cosine(0.05)). Adam's steps do not depend on the scale
/// of the objective, 0.05 is a small fraction of the unit scale of unconstrained parameters, and the falling
/// step size lets the noise of the gradients average out, so that the last parameters are as good as an
/// average of many.
std::shared_ptr<const Optimizer> default_optimizer();

/// sgd(1): for an estimate that is the whole step.
std::shared_ptr<const Optimizer> whole_step();

}  // namespace elbo::inference
