// How optimizers and schedules are called, shown and refused.
#include <catch2/catch.hpp>
#include <limits>
#include <map>

#include "lang/diagnostic.hpp"
#include "tests/inference/optimizer_calls.hpp"

namespace {

using namespace elbo;
using elbo::tests::call;
using elbo::tests::schedule;
using runtime::None;
using runtime::Value;

std::string shown(const std::string& name, const std::vector<Value>& arguments) {
  return (*call(name, arguments).as<runtime::ObjectPtr>())->show();
}

/// "code: message" of the failure of a call, "none" when it succeeds.
std::string refused(const std::string& name, const std::vector<Value>& arguments) {
  try {
    call(name, arguments);
    return "none";
  } catch (const lang::Failure& failure) {
    return failure.diagnostic().code + ": " + failure.diagnostic().message;
  }
}

}  // namespace

TEST_CASE("optimizers and schedules show themselves as they are written") {
  CHECK(shown("sgd", {Value(1e-5)}) == "sgd(1e-05)");
  CHECK(shown("adam", {}) == "adam(0.001)");
  CHECK(shown("adam", {Value(0.05), Value(0.9), Value(0.99)}) == "adam(0.05, beta2 = 0.99)");
  CHECK(shown("momentum", {Value(1), None{}}) == "momentum(1)");
  CHECK(shown("rmsprop", {schedule("cosine", {Value(0.1), Value(0.01)})}) ==
        "rmsprop(cosine(0.1, floor = 0.01))");
  CHECK(shown("sgd", {schedule("robbins_monro", {Value(0.1), None{}, Value(1)})}) ==
        "sgd(robbins_monro(0.1, power = 1))");
  CHECK(shown("constant", {Value(0.25)}) == "constant(0.25)");
}

TEST_CASE("their fields are their options") {
  const Value made = call("adam", {schedule("cosine", {Value(0.05)}), Value(0.8)});
  const auto& adam = **made.as<runtime::ObjectPtr>();
  CHECK(adam.type_name() == "optimizer");
  CHECK(adam.field_names() == std::vector<std::string>{"step", "beta1", "beta2", "epsilon"});
  CHECK(*adam.field("beta1")->as<double>() == 0.8);
  CHECK(*adam.field("epsilon")->as<double>() == 1e-8);
  CHECK_FALSE(adam.field("decay"));
  const auto& cosine = **adam.field("step")->as<runtime::ObjectPtr>();
  CHECK(cosine.type_name() == "schedule");
  CHECK(*cosine.field("step")->as<double>() == 0.05);
  CHECK(*cosine.field("floor")->as<double>() == 0);
  CHECK_FALSE(cosine.field("power"));
}

TEST_CASE("a step may be an int or a tensor of rank 0") {
  CHECK(shown("sgd", {Value(2)}) == "sgd(2)");
  CHECK(shown("sgd", {Value(runtime::Tensor::scalar(0.5))}) == "sgd(0.5)");
}

TEST_CASE("options out of range are refused by name and value") {
  CHECK(refused("sgd", {Value(-0.1)}) == "bad-option: step of sgd must be positive, but is -0.1");
  CHECK(refused("adam", {Value(0)}) == "bad-option: step of adam must be positive, but is 0");
  CHECK(refused("sgd", {Value(std::numeric_limits<double>::infinity())}) ==
        "bad-option: step of sgd must be positive and finite, but is inf");
  CHECK(refused("momentum", {Value(0.1), Value(1)}) ==
        "bad-option: decay of momentum must be at least 0 and below 1, but is 1");
  CHECK(refused("rmsprop", {Value(0.1), Value(-0.5)}) ==
        "bad-option: decay of rmsprop must be at least 0 and below 1, but is -0.5");
  CHECK(refused("adagrad", {Value(0.1), Value(0)}) ==
        "bad-option: epsilon of adagrad must be positive, but is 0");
  CHECK(refused("adam", {Value(0.1), Value(1.5)}) ==
        "bad-option: beta1 of adam must be at least 0 and below 1, but is 1.5");
  CHECK(refused("adam", {Value(0.1), None{}, Value(1)}) ==
        "bad-option: beta2 of adam must be at least 0 and below 1, but is 1");
  CHECK(refused("robbins_monro", {Value(0.1), None{}, Value(0.5)}) ==
        "bad-option: power of robbins_monro must be above 0.5 and at most 1, but is 0.5");
  CHECK(refused("robbins_monro", {Value(0.1), Value(-1)}) ==
        "bad-option: delay of robbins_monro must be 0 or more, but is -1");
  CHECK(refused("robbins_monro", {Value(0.1), Value(0), Value(1)}) == "none");
  CHECK(refused("cosine", {Value(0.1), Value(0.2)}) ==
        "bad-option: cosine has a floor of 0.2 above its step of 0.1");
  CHECK(refused("cosine", {Value(0.1), Value(0.1)}) == "none");
}

TEST_CASE("what is no number or schedule is refused with its type") {
  CHECK(refused("sgd", {Value("fast")}) ==
        "wrong-type: step of sgd must be a positive number or a schedule, but is string");
  CHECK(refused("sgd", {call("adam", {})}) ==
        "wrong-type: step of sgd must be a positive number or a schedule, but is optimizer");
  CHECK(refused("cosine", {schedule("constant", {Value(1)})}) ==
        "wrong-type: `step` must be a number, but is schedule");
  try {
    call("adam", {Value(true)});
    FAIL("a bool is no step size");
  } catch (const lang::Failure& failure) {
    CHECK(failure.diagnostic().hint == "a schedule is constant(…), robbins_monro(…) or cosine(…)");
  }
}

TEST_CASE("signatures and help come from the records") {
  std::map<std::string, runtime::Function> functions;
  for (const runtime::Function& f : inference::optimizer_functions()) functions.emplace(f.name, f);
  CHECK(functions.size() == 8);
  CHECK(functions.at("sgd").signature == "sgd(step)");
  CHECK(functions.at("adam").signature == "adam(step = 0.001, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-08)");
  CHECK(functions.at("robbins_monro").signature == "robbins_monro(step, delay = 1, power = 0.7)");
  CHECK(functions.at("momentum")
            .help.find(" — decay: what is left of the sum after each step "
                       "(at least 0 and below 1; default 0.9)") != std::string::npos);
  for (const auto& [name, f] : functions) {
    INFO(name);
    CHECK_NOTHROW(runtime::parse_signature(f.signature));
    CHECK(f.help.find(" — " + name + "(") != std::string::npos);
  }
}
