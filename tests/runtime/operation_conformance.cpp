// Every operation of operation_list() keeps the promises of its record, on every case of operation_cases.cpp:
// its shape rule describes what is computed, its values are those of its definition, its gradient is the
// derivative of its value and can be differentiated again, float agrees with double, and axes only repeat it.
#include <catch2/catch.hpp>
#include <cmath>
#include <set>

#include "operation_cases.hpp"
#include "runtime/differentiate.hpp"
#include "runtime/expression.hpp"
#include "runtime/operations/operations.hpp"

using namespace elbo::tests;
using namespace elbo::runtime;

namespace {

// Inputs and constants have no case: every other test is made of them.
bool is_source(const Operation& operation) {
  return &operation == &input_operation || &operation == &constant_operation;
}

// Derivatives of the incomplete gamma and beta functions end at the second in the shapes: of these operations
// the next one in a shape is NaN. tests/runtime/incomplete_functions.cpp checks what they do have.
bool is_last_derivative(const Operation& operation) {
  return std::set<std::string_view>{"gamma_shape_shape", "beta_aa", "beta_ab", "beta_bb"}.count(
             operation.name) > 0;
}
bool is_first_derivative(const Operation& operation) {
  return std::set<std::string_view>{"gamma_shape", "beta_a", "beta_b"}.count(operation.name) > 0;
}

// Their gradients are not the derivatives of their values: tests of their own say what they are.
bool directs_gradients(const Operation& operation) {
  return &operation == &stop_gradient_operation || &operation == &with_gradient_of_operation;
}

bool has_gradient(const Operation& operation) { return operation.gradient || operation.projected_gradient; }

template <class Check>
void for_each_case(Check check) {
  for (const Operation* operation : operation_list()) {
    if (is_source(*operation)) continue;
    const auto cases = cases_of(*operation);
    INFO("operation " << operation->name);
    CHECK_FALSE(cases.empty());
    for (const Case& c : cases) {
      INFO("case " << c.name);
      check(*operation, c);
    }
  }
}

// The result contracted with random weights: one number that depends on every element.
Expr contract(Expr e, std::uint64_t seed) {
  std::mt19937_64 generator(seed);
  Shape shape;
  for (const AxisId a : e.type().axes) shape.push_back(e.graph().axis(a).size);
  shape.insert(shape.end(), e.type().event.begin(), e.type().event.end());
  const Tensor weights(shape, uniform(generator, element_count(shape), 0.5, 1.5));
  return sum_all(e * e.graph().constant(weights, e.type().axes));
}

// Central differences with one step of Richardson extrapolation: the error is of order h^4.
double difference(Execution& execution, std::size_t input, Numbers numbers, std::size_t element) {
  const double x = numbers[element];
  const auto value = [&](double shift) {
    numbers[element] = x + shift;
    execution.set_input(input, numbers);
    execution.run();
    return execution.output(0)[0];
  };
  const double h = 1e-3;
  const double wide = (value(h) - value(-h)) / (2 * h), narrow = (value(h / 2) - value(-h / 2)) / h;
  numbers[element] = x;
  execution.set_input(input, numbers);
  return (4 * narrow - wide) / 3;
}

// Whether `gradients` (one per input) are the derivatives of the scalar `root`.
void check_gradient(Expr root, const Given& given, std::span<const Expr> gradients, double tolerance) {
  const auto values = run(gradients, given);
  std::vector<Expr> inputs;
  for (const auto& [input, numbers] : given) inputs.push_back(input);
  Execution execution(plan(std::span(&root, 1), inputs));
  for (std::size_t i = 0; i < given.size(); ++i) execution.set_input(i, given[i].second);
  for (std::size_t i = 0; i < given.size(); ++i) {
    REQUIRE(gradients[i].type().axes == given[i].first.type().axes);
    REQUIRE(gradients[i].type().event == given[i].first.type().event);
    for (std::size_t k = 0; k < given[i].second.size(); ++k) {
      INFO("input " << i + 1 << ", element " << k + 1);
      const double expected = difference(execution, i, given[i].second, k);
      CHECK(values[i][k] == Approx(expected).epsilon(tolerance).margin(tolerance));
    }
  }
}

}  // namespace

TEST_CASE("the list of operations has no duplicates and finds by name", "[operations]") {
  std::set<std::string_view> names;
  for (const Operation* operation : operation_list()) {
    CHECK(names.insert(operation->name).second);
    CHECK(find_operation(operation->name) == operation);
    CHECK_FALSE(operation->help.empty());
    CHECK(operation->infer != nullptr);
    const int ways = (operation->elementwise != nullptr) + (operation->random != nullptr) +
                     (operation->run != nullptr) + operation->is_view;
    INFO(operation->name);
    const bool is_planned = operation == &sum_operation || operation == &scan_operation;
    CHECK(ways == (is_source(*operation) || is_planned ? 0 : 1));
  }
  CHECK(find_operation("no such operation") == nullptr);
}

TEST_CASE("operations compute their definition, of the type they promise", "[operations]") {
  for_each_case([](const Operation& operation, const Case& c) {
    Graph graph;
    const Instance instance = instantiate(graph, operation, c, 11);
    Reference reference(graph, instance.given);
    reference.set_random(5, 2);
    const Numbers expected = reference(instance.result);
    for (const bool simplify : {false, true}) {
      const Numbers values =
          run(instance.result, instance.given, {.plan = {.simplify = simplify}, .seed = 5, .step = 2});
      REQUIRE(static_cast<std::int64_t>(values.size()) == graph.element_count(instance.result.type()));
      CHECK(distance(values, expected) < 1e-13);
    }
  });
}

TEST_CASE("gradients are derivatives", "[operations]") {
  for_each_case([](const Operation& operation, const Case& c) {
    if (operation.random || directs_gradients(operation) || is_last_derivative(operation)) return;
    Graph graph;
    const Instance instance = instantiate(graph, operation, c, 12);
    if (instance.given.empty()) return;
    const Expr root = contract(instance.result, 3);
    const auto inputs = instance.inputs();
    const auto gradients = gradient(root, inputs);
    check_gradient(root, instance.given, gradients, 1e-7);
    for (const Expr& input : inputs) CHECK(depends_on(root, input) == has_gradient(operation));
  });
}

TEST_CASE("no gradient flows through draws without a derivative, nor through stop_gradient", "[operations]") {
  for_each_case([](const Operation& operation, const Case& c) {
    const bool is_constant = operation.random && !operation.gradient;
    if (!is_constant && &operation != &stop_gradient_operation) return;
    Graph graph;
    const Instance instance = instantiate(graph, operation, c, 12);
    const auto inputs = instance.inputs();
    const auto gradients = gradient(sum_all(instance.result), inputs);
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      CHECK_FALSE(depends_on(instance.result, inputs[i]));
      CHECK(run(gradients[i], instance.given) == Numbers(instance.given[i].second.size(), 0.0));
    }
  });
}

TEST_CASE("with_gradient_of passes gradients to its second operand alone", "[operations]") {
  for (const Case& c : cases_of(with_gradient_of_operation)) {
    INFO("case " << c.name);
    Graph graph;
    const Instance instance = instantiate(graph, with_gradient_of_operation, c, 12);
    const Expr x = instance.given[0].first, y = instance.given[1].first;
    const Type& type = instance.result.type();
    const Expr as_y = broadcast(square(y), type.axes, type.event);
    const Expr result = with_gradient_of(sin(x), square(y));
    CHECK_FALSE(depends_on(result, x));
    CHECK(depends_on(result, y));
    const auto gradients = gradient(contract(result, 3), instance.inputs());
    CHECK(run(gradients[0], instance.given) == Numbers(instance.given[0].second.size(), 0.0));
    const Expr expected = gradient(contract(as_y, 3), std::span(&y, 1))[0];
    CHECK(distance(run(gradients[1], instance.given), run(expected, instance.given)) < 1e-13);
  }
}

TEST_CASE("with_gradient_of computes its second operand only for a gradient", "[operations]") {
  Graph graph;
  const Expr x = graph.input("x", {{}, {4}, Domain::real}), y = graph.input("y", {{}, {4}, Domain::real});
  const Expr value = sum_all(with_gradient_of(x, lgamma(y)));
  const Expr derivative = gradient(value, std::span(&y, 1))[0];
  const std::vector<Expr> inputs{x, y};
  const auto text = [&](Expr root) { return show(*plan(std::span(&root, 1), inputs)); };
  CHECK(text(value).find("lgamma") == std::string::npos);
  CHECK(text(derivative).find("lgamma") == std::string::npos);
  CHECK(text(derivative).find("digamma") != std::string::npos);
}

TEST_CASE("gradients can be differentiated again", "[operations]") {
  for_each_case([](const Operation& operation, const Case& c) {
    if (!has_gradient(operation) || operation.random || is_first_derivative(operation) ||
        is_last_derivative(operation)) {
      return;
    }
    Graph graph;
    const Instance instance = instantiate(graph, operation, c, 13);
    const auto inputs = instance.inputs();
    const auto first = gradient(contract(instance.result, 4), inputs);
    Expr root = graph.constant(0);
    for (std::size_t i = 0; i < first.size(); ++i) root = root + contract(first[i], 5 + i);
    const auto second = gradient(root, inputs);
    check_gradient(root, instance.given, second, 1e-6);
  });
}

TEST_CASE("single precision agrees with double", "[operations]") {
  for_each_case([](const Operation& operation, const Case& c) {
    // Draws are compared in their own test: a rejection may fall the other way.
    if (operation.random) return;
    Graph graph;
    Instance instance = instantiate(graph, operation, c, 14);
    for (auto& [input, numbers] : instance.given) {
      for (double& x : numbers) x = static_cast<double>(static_cast<float>(x));
    }
    const Numbers precise = run(instance.result, instance.given);
    const Numbers single = run(instance.result, instance.given, {.plan = {.precision = Precision::real32}});
    CHECK(distance(single, precise) < 1e-5);
  });
}

namespace {

// The result and the gradients of the sum of its squares (in which the elements of a batch do not meet), each
// with its axes as leading dimensions, the batch, if there is one, in front: its elements are consecutive
// pieces.
std::vector<Expr> value_and_gradients(const Instance& instance) {
  std::vector<Expr> roots{instance.result};
  for (const Expr& g : gradient(sum_all(square(instance.result)), instance.inputs())) roots.push_back(g);
  for (Expr& root : roots) {
    const auto axes = root.type().axes;
    const bool has_batch = !axes.empty() && axes.back() == axis_batch;
    const std::size_t others = axes.size() - has_batch;
    for (std::size_t i = others; i-- > 0;) root = to_event(root, axes[i], 0);
    if (has_batch) root = to_event(root, axis_batch, 0);
  }
  return roots;
}

}  // namespace

TEST_CASE("an axis more repeats the operation and its gradient", "[operations]") {
  for_each_case([](const Operation& operation, const Case& c) {
    if (operation.random) return;
    Graph graph;
    const Instance batched = instantiate(graph, operation, c, 15, true);
    if (batched.given.empty()) return;
    const auto together = run(value_and_gradients(batched), batched.given);
    const std::int64_t size = graph.axis(axis_batch).size;
    Instance one = instantiate(graph, operation, c, 15);
    const auto roots = value_and_gradients(one);
    for (std::int64_t b = 0; b < size; ++b) {
      INFO("batch element " << b);
      for (std::size_t i = 0; i < one.given.size(); ++i) {
        auto& [input, numbers] = one.given[i];
        const std::int64_t event = element_count(input.type().event);
        // the batch is the last axis of what is given
        for (std::size_t k = 0; k < numbers.size(); ++k) {
          const auto outer = static_cast<std::int64_t>(k) / event,
                     inner = static_cast<std::int64_t>(k) % event;
          numbers[k] = batched.given[i].second[static_cast<std::size_t>((outer * size + b) * event + inner)];
        }
      }
      const auto alone = run(roots, one.given);
      for (std::size_t r = 0; r < alone.size(); ++r) {
        INFO((r ? "gradient " + std::to_string(r) : "value"));
        const std::size_t n = alone[r].size();
        REQUIRE(together[r].size() == n * static_cast<std::size_t>(size));
        CHECK(distance(std::span(together[r]).subspan(static_cast<std::size_t>(b) * n, n), alone[r]) < 1e-13);
      }
    }
  });
}

TEST_CASE("a number that is not one stays visible", "[operations]") {
  const double nan = std::nan("");
  // What is known although an operand is not: comparisons and tests, powers with one answer for every number.
  const std::set<std::string_view> decides{"equal", "not_equal", "less", "less_equal",
                                           "and",   "or",        "not",  "is_nan"};
  for (const Operation* operation : operation_list()) {
    if (!operation->elementwise || operation == &select_operation) continue;
    INFO(operation->name);
    for (std::size_t where = 0; where < static_cast<std::size_t>(operation->arity); ++where) {
      Graph graph;
      std::vector<Expr> operands;
      Given given;
      for (std::size_t i = 0; i < static_cast<std::size_t>(operation->arity); ++i) {
        operands.push_back(graph.input("x", {{}, {}, Domain::real}));
        given.push_back({operands.back(), {i == where ? nan : 3.0}});
      }
      const double value = run(graph.add(*operation, operands), given)[0];
      if (decides.count(operation->name)) {
        CHECK((value == 0 || value == 1));
      } else {
        CHECK(std::isnan(value));
      }
    }
  }
}

TEST_CASE("comparisons with NaN are false, and NaN is told apart", "[operations]") {
  Graph graph;
  const Expr x = graph.input("x", {{}, {3}, Domain::real}), y = graph.input("y", {{}, {3}, Domain::real});
  const Given given{{x, {std::nan(""), 1, std::nan("")}}, {y, {1, std::nan(""), std::nan("")}}};
  CHECK(run(less(x, y), given) == Numbers{0, 0, 0});
  CHECK(run(less_equal(x, y), given) == Numbers{0, 0, 0});
  CHECK(run(equal(x, y), given) == Numbers{0, 0, 0});
  CHECK(run(graph.add(not_equal_operation, {x, y}), given) == Numbers{1, 1, 1});
  CHECK(run(graph.add(is_nan_operation, {x}), given) == Numbers{1, 0, 1});
  // the branch that is not taken does not matter
  CHECK(run(select(graph.add(is_nan_operation, {x}), graph.constant(5), x), given) == Numbers{5, 1, 5});
}

TEST_CASE("extremes over a dimension see NaN wherever it stands", "[operations]") {
  Graph graph;
  const Expr x = graph.input("x", {{}, {3}, Domain::real});
  for (std::size_t where = 0; where < 3; ++where) {
    Numbers numbers{1, 2, 3};
    numbers[where] = std::nan("");
    CHECK(std::isnan(run(max_dim(x, 0), {{x, numbers}})[0]));
    CHECK(std::isnan(run(graph.add(min_operation, {x}, {.integers = {0, 0}, .text = {}, .tensor = nullptr}),
                         {{x, numbers}})[0]));
  }
}
