#include "inference/optimizers/list.hpp"

#include <array>

namespace elbo::inference {

std::span<const OptimizerRecord* const> optimizer_list() {
  static constexpr std::array<const OptimizerRecord*, 5> list{&sgd, &momentum, &adagrad, &rmsprop, &adam};
  return list;
}

std::shared_ptr<const Optimizer> whole_step() {
  return std::make_shared<Optimizer>(sgd, runtime::Value(1.0), std::vector<double>{1.0});
}

std::shared_ptr<const Optimizer> default_optimizer() {
  for (const ScheduleRecord* schedule : schedule_list()) {
    if (schedule->name != "cosine") continue;
    std::vector<double> options;
    for (const NumberOption& option : adam.options) options.push_back(option.default_value.value_or(0));
    runtime::ObjectPtr step = std::make_shared<ScheduleValue>(*schedule, std::vector<double>{0.05, 0.0});
    return std::make_shared<Optimizer>(adam, runtime::Value(std::move(step)), std::move(options));
  }
  throw lang::InternalError("there is no schedule called cosine");
}

}  // namespace elbo::inference
