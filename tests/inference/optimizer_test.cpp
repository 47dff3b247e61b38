// Optimizers and schedules against step sequences worked out by hand, and by the properties that define them.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>

#include "inference/optimizers/list.hpp"
#include "tests/inference/optimizer_calls.hpp"

namespace {

using namespace elbo;
using namespace elbo::inference;
using elbo::tests::call;
using elbo::tests::optimizer;
using elbo::tests::schedule;
using runtime::Value;

/// Where a parameter that starts at 0 stands after each step along these gradients.
std::vector<double> positions(const Optimizer& rule, const std::vector<double>& gradients,
                              std::int64_t total = 0) {
  const auto stepper = rule.start(1);
  std::vector<double> result;
  double x = 0;
  for (std::size_t i = 0; i < gradients.size(); ++i) {
    stepper->step({&x, 1}, {&gradients[i], 1}, static_cast<std::int64_t>(i) + 1,
                  total > 0 ? total : static_cast<std::int64_t>(gradients.size()));
    result.push_back(x);
  }
  return result;
}

void check_close(const std::vector<double>& found, const std::vector<double>& expected) {
  REQUIRE(found.size() == expected.size());
  for (std::size_t i = 0; i < found.size(); ++i) {
    INFO("step " << i + 1);
    CHECK(found[i] == Approx(expected[i]).epsilon(1e-12).margin(1e-14));
  }
}

/// Follows the gradient of -(x - a)' D (x - a) / 2 for `steps` steps and returns the largest |x - a| left.
double distance_left(const Optimizer& rule, std::int64_t steps) {
  const std::vector<double> target{3, -2, 0.5}, curvature{1, 4, 0.25};
  std::vector<double> x{0, 0, 0}, gradient(3);
  const auto stepper = rule.start(3);
  for (std::int64_t t = 1; t <= steps; ++t) {
    for (std::size_t i = 0; i < 3; ++i) gradient[i] = -curvature[i] * (x[i] - target[i]);
    stepper->step(x, gradient, t, steps);
  }
  double largest = 0;
  for (std::size_t i = 0; i < 3; ++i) largest = std::max(largest, std::abs(x[i] - target[i]));
  return largest;
}

const std::vector<double> some_gradients{2, -1, 0.5};

}  // namespace

TEST_CASE("sgd adds step times gradient") {
  check_close(positions(optimizer("sgd", {Value(0.1)}), some_gradients), {0.2, 0.1, 0.15});
}

TEST_CASE("momentum adds a decaying sum of gradients") {
  // v: 2, 0.5 * 2 - 1 = 0, 0.5 * 0 + 0.5 = 0.5
  check_close(positions(optimizer("momentum", {Value(0.1), Value(0.5)}), some_gradients), {0.2, 0.2, 0.25});
  // With nothing kept it is sgd; under a constant gradient a step tends to step / (1 - decay).
  check_close(positions(optimizer("momentum", {Value(0.1), Value(0)}), some_gradients), {0.2, 0.1, 0.15});
  const auto x = positions(optimizer("momentum", {Value(0.1)}), std::vector<double>(400, 1.0));
  CHECK(x[399] - x[398] == Approx(1.0).epsilon(1e-12));
}

TEST_CASE("adagrad divides by the root of the sum of squares") {
  // G: 4, 5, 5.25
  const auto x = positions(optimizer("adagrad", {Value(0.1), Value(1e-300)}), some_gradients);
  check_close(x, {0.1, 0.1 - 0.1 / std::sqrt(5.0), 0.1 - 0.1 / std::sqrt(5.0) + 0.05 / std::sqrt(5.25)});
  // epsilon stands inside the root.
  check_close(positions(optimizer("adagrad", {Value(0.1), Value(5)}), {2}), {0.2 / 3});
  // Along a constant gradient the steps are step / sqrt(t), so 100 of them sum to 18.5896…
  CHECK(positions(optimizer("adagrad", {Value(1), Value(1e-300)}), std::vector<double>(100, 7.0)).back() ==
        Approx(18.589603824784153).epsilon(1e-12));
}

TEST_CASE("rmsprop divides by the root of a running mean of squares") {
  // decay 0.5: G = 2, 0.5 * 2 + 0.5 = 1.5, 0.75 + 0.125 = 0.875
  const double first = 0.2 / (std::sqrt(2.0) + 1), second = -0.1 / (std::sqrt(1.5) + 1),
               third = 0.05 / (std::sqrt(0.875) + 1);
  check_close(positions(optimizer("rmsprop", {Value(0.1), Value(0.5), Value(1)}), some_gradients),
              {first, first + second, first + second + third});
  // The first step is 1 / sqrt(1 - decay) times as long as `step`.
  CHECK(positions(optimizer("rmsprop", {Value(0.1)}), {5})[0] == Approx(0.1 / std::sqrt(0.1)).epsilon(1e-7));
}

TEST_CASE("adam corrects its running means for their start") {
  // beta1 = 0.5, beta2 = 0.75, epsilon = 1:
  //   m = 1, 0, 0.25; over 1 - 0.5^t: 2, 0, 2/7
  //   v = 1, 1, 0.8125; over 1 - 0.75^t: 4, 16/7, 52/37
  const double first = 0.1 * 2 / (2 + 1.0), third = 0.1 * (2.0 / 7) / (std::sqrt(52.0 / 37) + 1);
  check_close(positions(optimizer("adam", {Value(0.1), Value(0.5), Value(0.75), Value(1)}), some_gradients),
              {first, first, first + third});
  // Whatever the gradient, the first step has the length `step`.
  for (const double g : {1e-3, 1.0, -1e6}) {
    CHECK(positions(optimizer("adam", {Value(0.05)}), {g})[0] ==
          Approx(std::copysign(0.05, g)).epsilon(1e-4));
  }
}

TEST_CASE("a constant schedule and a plain number are the same") {
  for (const OptimizerRecord* record : optimizer_list()) {
    const std::string name(record->name);
    CHECK(positions(optimizer(name, {Value(0.3)}), some_gradients) ==
          positions(optimizer(name, {schedule("constant", {Value(0.3)})}), some_gradients));
  }
}

TEST_CASE("every optimizer multiplies its steps by the schedule's size") {
  for (const OptimizerRecord* record : optimizer_list()) {
    const std::string name(record->name);
    INFO(name);
    const auto fixed = positions(optimizer(name, {Value(1)}), some_gradients);
    const auto falling = positions(
        optimizer(name, {schedule("robbins_monro", {Value(1), Value(1), Value(1)})}), some_gradients);
    // step_t = 1 / (t + 1)
    double x = 0, before = 0;
    for (std::size_t i = 0; i < fixed.size(); ++i) {
      x += (fixed[i] - before) / (static_cast<double>(i) + 2);
      before = fixed[i];
      CHECK(falling[i] == Approx(x).epsilon(1e-12));
    }
  }
}

TEST_CASE("every optimizer reaches the top of a quadratic") {
  for (const OptimizerRecord* record : optimizer_list()) {
    const std::string name(record->name);
    INFO(name);
    const double step = name == "sgd" || name == "momentum" ? 0.1 : name == "adagrad" ? 2.0 : 0.05;
    CHECK(distance_left(optimizer(name, {schedule("cosine", {Value(step)})}), 2000) < 1e-3);
  }
}

TEST_CASE("optimizers that scale by the gradient's size do not see the objective's scale") {
  std::vector<double> large;
  for (const double g : some_gradients) large.push_back(1e4 * g);
  for (const std::string name : {"adagrad", "rmsprop", "adam"}) {
    INFO(name);
    const auto a = positions(optimizer(name, {Value(0.1)}), some_gradients);
    const auto b = positions(optimizer(name, {Value(0.1)}), large);
    for (std::size_t i = 0; i < a.size(); ++i) CHECK(a[i] == Approx(b[i]).epsilon(1e-6));
  }
}

TEST_CASE("parameters do not influence one another, and runs do not share state") {
  for (const OptimizerRecord* record : optimizer_list()) {
    const Optimizer rule = optimizer(std::string(record->name), {Value(0.1)});
    INFO(record->name);
    const auto together = rule.start(2);
    std::vector<double> x{0, 0};
    for (std::int64_t t = 1; t <= 3; ++t) {
      const double g = some_gradients[static_cast<std::size_t>(t - 1)];
      const std::vector<double> gradient{g, -2 * g};
      together->step(x, gradient, t, 3);
    }
    // A second run of the same optimizer begins afresh.
    CHECK(x[0] == positions(rule, some_gradients).back());
    CHECK(x[1] == positions(rule, {-4, 2, -1}).back());
  }
}

TEST_CASE("ascent is odd: opposite gradients give opposite steps, no gradient none") {
  for (const OptimizerRecord* record : optimizer_list()) {
    const Optimizer rule = optimizer(std::string(record->name), {Value(0.1)});
    INFO(record->name);
    const auto a = positions(rule, {2, -1, 0.5}), b = positions(rule, {-2, 1, -0.5});
    for (std::size_t i = 0; i < a.size(); ++i) CHECK(a[i] == -b[i]);
    CHECK(positions(rule, {0, 0}) == std::vector<double>{0, 0});
    CHECK(positions(rule, {1})[0] > 0);
  }
}

TEST_CASE("a stepper refuses another number of parameters") {
  for (const OptimizerRecord* record : optimizer_list()) {
    const auto stepper = optimizer(std::string(record->name), {Value(0.1)}).start(2);
    std::vector<double> x{0, 0, 0}, g{1, 1, 1};
    CHECK_THROWS_AS(stepper->step(x, g, 1, 1), lang::InternalError);
  }
}

TEST_CASE("schedules give the sizes of their formulas") {
  const auto at = [](const Value& value, std::int64_t t, std::int64_t total) {
    const auto* object = value.as<runtime::ObjectPtr>();
    return dynamic_cast<const ScheduleValue&>(**object).schedule().at(t, total);
  };
  CHECK(at(schedule("constant", {Value(0.2)}), 17, 100) == 0.2);
  // 0.1 * (t + 1)^-0.7 at t = 1 and 9
  CHECK(at(schedule("robbins_monro", {Value(0.1)}), 1, 100) == Approx(0.0615572206672458));
  CHECK(at(schedule("robbins_monro", {Value(0.1)}), 9, 100) == Approx(0.0199526231496888));
  CHECK(at(schedule("robbins_monro", {Value(6), Value(0), Value(1)}), 3, 100) == Approx(2));
  const Value cosine = schedule("cosine", {Value(0.4)});
  CHECK(at(cosine, 1, 100) == 0.4);
  CHECK(at(cosine, 51, 100) == Approx(0.2));
  CHECK(at(cosine, 26, 100) == Approx(0.2 * (1 + std::sqrt(0.5))));
  CHECK(at(cosine, 100, 100) > 0);
  CHECK(at(cosine, 101, 100) == Approx(0).margin(1e-15));
  CHECK(at(cosine, 1, 1) == 0.4);
  CHECK(at(schedule("cosine", {Value(0.4), Value(0.1)}), 51, 100) == Approx(0.25));
  for (std::int64_t t = 1; t < 50; ++t) CHECK(at(cosine, t + 1, 50) < at(cosine, t, 50));
}

TEST_CASE("the default optimizer is adam along half a cosine") {
  CHECK(default_optimizer()->show() == "adam(cosine(0.05))");
  const Value same = call("adam", {schedule("cosine", {Value(0.05)})});
  const auto& adam = dynamic_cast<const Optimizer&>(**same.as<runtime::ObjectPtr>());
  CHECK(positions(*default_optimizer(), some_gradients, 10) == positions(adam, some_gradients, 10));
}
