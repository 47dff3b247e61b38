// Rules that every built-in function keeps, over the whole catalogue.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <set>

#include "functions_script.hpp"
#include "runtime/operation.hpp"
#include "runtime/support.hpp"
#include "stdlib/catalog.hpp"

using namespace elbo;

TEST_CASE("every built-in function has a signature that parses, help with an example, and a category") {
  for (const runtime::Function& f : stdlib::stdlib_library().functions) {
    INFO(f.name);
    const lang::Signature signature = runtime::parse_signature(f.signature);
    CHECK(signature.name == f.name);
    CHECK(f.help.find(" — e.g. ") != std::string::npos);
    CHECK(f.help.find(f.name + "(") != std::string::npos);
    CHECK_FALSE(f.category.empty());
    CHECK(f.call);
    std::set<std::string> names;
    for (const auto& parameter : signature.parameters) CHECK(names.insert(parameter.name).second);
  }
}

TEST_CASE("names are unique among functions, operations, distributions, supports and constants") {
  const runtime::Library library = stdlib::stdlib_library();
  std::set<std::string> names;
  for (const auto& f : library.functions) CHECK(names.insert(f.name).second);
  for (const auto* d : library.distributions) CHECK(names.insert(std::string(d->name)).second);
  for (const auto& [name, value] : library.constants) CHECK(names.insert(name).second);
  for (const runtime::Operation* operation : runtime::operation_list()) {
    if (operation->signature.empty()) continue;
    INFO(operation->name);
    CHECK(names.insert(runtime::parse_signature(std::string(operation->signature)).name).second);
  }
  // A function of the name of a support would hide it from the checker, which then refuses it as a type; but for those
  // that the language itself names as types (lang/check_models.cpp).
  for (const runtime::SupportKind* kind : runtime::support_list()) {
    INFO(kind->name);
    if (kind == &runtime::covariance_support || kind == &runtime::correlation_support) continue;
    CHECK(names.insert(std::string(kind->name)).second);
  }
}

TEST_CASE("the examples in the help of functions do what they say") {
  for (const runtime::Function& f : stdlib::stdlib_library().functions) {
    const std::string marker = " — e.g. ";
    const std::string example = f.help.substr(f.help.find(marker) + marker.size());
    const std::size_t says = example.rfind(" is ");
    if (says == std::string::npos) continue;
    INFO(f.name << ": " << example);
    std::string expression = example.substr(0, says);
    const test::ScriptRun run = test::run_script(expression);
    INFO(run.message);
    REQUIRE(run.value);
    const test::ScriptRun expected = test::run_script(example.substr(says + 4));
    REQUIRE(expected.value);
    if (!is_numeric(*run.value)) {
      CHECK(same_value(*run.value, *expected.value));
      continue;
    }
    const auto found = to_tensor(*run.value), stated = to_tensor(*expected.value);
    REQUIRE(found.shape() == stated.shape());
    for (std::int64_t i = 0; i < found.size(); ++i)
      CHECK(found.real(i) == Approx(stated.real(i)).epsilon(1e-5).margin(1e-12));
  }
}

TEST_CASE("the constants are what they are called") {
  test::require_numbers("[pi, e, inf, nan]",
                        {3.14159265358979323846, 2.71828182845904523536, HUGE_VAL, std::nan("")});
}
