#include "operation_cases.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <string_view>

#include "runtime/expression.hpp"
#include "runtime/operations/operations.hpp"
#include "runtime/scan.hpp"
#include "runtime/training.hpp"

namespace elbo::tests {

using runtime::Attributes;
using runtime::Operation;
using runtime::Tensor;

namespace {

Attributes integers(std::vector<std::int64_t> list) {
  return {.integers = std::move(list), .text = {}, .tensor = nullptr};
}

Expr well_conditioned(Expr x) {
  const std::int64_t n = x.type().event[0];
  Numbers values(static_cast<std::size_t>(n * n), 0.0);
  for (std::int64_t i = 0; i < n; ++i) values[static_cast<std::size_t>(i * n + i)] = 5;
  return x + x.graph().constant(Tensor({n, n}, values));
}

Expr positive_definite(Expr x) { return well_conditioned(matmul(x, permute(x, {1, 0}))); }

const Argument matrix_32{.event = {3, 2}}, matrix_23{.event = {2, 3}}, vector_4{.event = {4}};
const Argument matrix_33{.event = {3, 3}};
const Argument covariance{.event = {3, 3}, .lower = -1, .upper = 1, .prepare = positive_definite};
const Argument invertible{.event = {3, 3}, .lower = -1, .upper = 1, .prepare = well_conditioned};

Argument with_axes(Argument argument, std::vector<AxisId> axes) {
  argument.axes = std::move(axes);
  return argument;
}

Argument index(Shape event, Numbers values, std::vector<AxisId> axes = {}) {
  return {.axes = std::move(axes), .event = std::move(event), .fixed = std::move(values)};
}

// A recurrence along {s} and one of its results: operands are the initial value and an operand.
template <int part>
Expr recurrence(Graph& graph, std::span<const Expr> operands) {
  const Expr carry = graph.input("carry", operands[0].type());
  const runtime::Carry carries[] = {{carry, operands[0], sin(carry * 0.7) + operands[1] * carry}};
  const runtime::ScanResult r = runtime::scan(graph, axis_s, carries, {}, part == 3);
  return part == 0 ? r.before[0] : part == 1 ? r.after[0] : r.last[0];
}

std::vector<Case> recurrences() {
  const Argument start{}, entries{.axes = {axis_s}}, fixed{.axes = {axis_n}}, vector{.event = {4}};
  return {{"before", {start, entries}, {}, recurrence<0>},
          {"after, with another axis", {start, with_axes(entries, {axis_s, axis_n})}, {}, recurrence<1>},
          {"last, the same operand for all", {start, fixed}, {}, recurrence<2>},
          {"backwards, vectors", {vector, {.axes = {axis_s}, .event = {4}}}, {}, recurrence<3>}};
}

// attributes: {number of axes, axes…, dimensions…}
std::vector<Case> reductions(double lower) {
  const Argument matrix{.event = {3, 2}, .lower = lower};
  return {
      {"vector", {{.event = {4}, .lower = lower}}, integers({0, 0})},
      {"first dimension", {matrix}, integers({0, 0})},
      {"last dimension", {matrix}, integers({0, 1})},
      {"both dimensions", {matrix}, integers({0, 0, 1})},
      {"an axis", {with_axes(matrix, {axis_s, axis_n})}, integers({1, axis_n})},
      {"an axis and a dimension", {with_axes(matrix, {axis_s})}, integers({1, axis_s, 1})},
      {"a middle dimension", {{.event = {2, 3, 2}, .lower = lower}}, integers({0, 1})},
  };
}

// attributes: {stream, number of axes, axes…, dimensions…}
std::vector<Case> draws(std::vector<Argument> parameters) {
  std::vector<Case> cases{{"one", parameters, integers({7, 0})},
                          {"matrix", parameters, integers({7, 0, 5, 3})},
                          {"over axes", parameters, integers({7, 2, axis_s, axis_n, 5})}};
  if (!parameters.empty()) {
    for (Argument& p : parameters) p.event = {3}, p.axes = {axis_n};
    cases.push_back({"a parameter per element", parameters, integers({7, 2, axis_s, axis_n, 5, 3})});
  }
  return cases;
}

const std::map<std::string_view, std::vector<Case>>& table() {
  static const std::map<std::string_view, std::vector<Case>> cases{
      {"sum", reductions(-2)},
      {"max", reductions(-2)},
      {"min", reductions(-2)},
      {"product", reductions(0.5)},
      {"cumsum",
       {{"vector", {vector_4}, integers({0, 0})},
        {"from the end", {vector_4}, integers({0, 1})},
        {"first dimension, with an axis", {with_axes(matrix_32, {axis_s})}, integers({0, 0})},
        {"last dimension", {matrix_32}, integers({1, 1})}}},
      {"broadcast",
       {{"to an axis", {vector_4}, integers({1, axis_s, 4})},
        {"to a dimension", {vector_4}, integers({0, 3, 4})},
        {"a dimension of size 1", {{.event = {3, 1}}}, integers({1, axis_n, 2, 3, 4})},
        {"a scalar", {{.axes = {axis_s}}}, integers({1, axis_n, 2})}}},
      {"reshape",
       {{"to a matrix", {{.event = {6}}}, integers({2, 3})},
        {"flat, with an axis", {with_axes(matrix_32, {axis_n})}, integers({6})},
        {"a dimension of size 1", {vector_4}, integers({1, 4, 1})},
        {"a scalar", {{.event = {}}}, integers({1, 1})}}},
      {"permute",
       {{"transposed", {matrix_32}, integers({1, 0})},
        {"three dimensions", {{.axes = {axis_s}, .event = {2, 3, 4}}}, integers({2, 0, 1})}}},
      {"to_axis",
       {{"the only dimension", {{.event = {3}}}, integers({0, axis_s})},
        {"a later dimension", {{.axes = {axis_n}, .event = {4, 3}}}, integers({1, axis_s})}}},
      {"to_event",
       {{"in front", {{.axes = {axis_s}, .event = {4}}}, integers({axis_s, 0})},
        {"at the end", {{.axes = {axis_s, axis_n}, .event = {4}}}, integers({axis_n, 1})}}},
      {"stop_gradient", {{"matrix", {with_axes(matrix_32, {axis_s})}, {}}}},
      {"with_gradient_of",
       {{"matrices", {matrix_32, matrix_32}, {}},
        {"the same axis on both", {with_axes(matrix_32, {axis_s}), with_axes(matrix_32, {axis_s})}, {}},
        {"an axis on the value", {with_axes(vector_4, {axis_s}), vector_4}, {}},
        {"an axis on the gradient", {vector_4, with_axes(vector_4, {axis_n})}, {}},
        {"different axes", {with_axes(vector_4, {axis_s}), with_axes(vector_4, {axis_n})}, {}},
        {"one gradient for all", {matrix_32, {.event = {}}}, {}}}},
      {"gather",
       {{"a vector", {vector_4, index({3}, {3, 0, 3})}, integers({0})},
        {"by one index", {vector_4, index({}, {2})}, integers({0})},
        {"along an axis", {vector_4, index({}, {2, 0, 2}, {axis_s})}, integers({0})},
        {"both with an axis",
         {with_axes(matrix_32, {axis_s}), index({}, {2, 0, 2}, {axis_s})},
         integers({0})},
        {"different axes",
         {with_axes(matrix_32, {axis_n}), index({2}, {1, 0, 1, 1, 0, 0}, {axis_s})},
         integers({1})},
        {"by a matrix", {{.event = {2, 3, 2}}, index({2, 2}, {0, 2, 1, 1})}, integers({1})}}},
      // attributes: {dimension, its size, summed axes…}
      {"scatter_add",
       {{"a vector", {{.event = {3}}, index({3}, {3, 0, 3})}, integers({0, 4})},
        {"by one index", {{.event = {}}, index({}, {2})}, integers({0, 4})},
        {"an axis is summed", {{.axes = {axis_s}}, index({}, {2, 0, 2}, {axis_s})}, integers({0, 4, axis_s})},
        {"an axis is kept",
         {{.axes = {axis_s}, .event = {2}}, index({}, {2, 0, 2}, {axis_s})},
         integers({0, 4})},
        {"one of two axes is summed",
         {{.axes = {axis_s, axis_n}, .event = {3, 2}}, index({2}, {1, 0, 1, 1, 0, 0}, {axis_s})},
         integers({1, 2, axis_s})},
        {"by a matrix", {{.event = {2, 2, 2, 2}}, index({2, 2}, {0, 2, 1, 1})}, integers({1, 3})}}},
      {"concatenate",
       {{"vectors", {vector_4, {.event = {1}}, {.event = {2}}}, integers({0})},
        {"matrices along the second dimension", {matrix_32, {.event = {3, 1}}}, integers({1})},
        {"one part with an axis", {matrix_32, {.axes = {axis_s}, .event = {1, 2}}}, integers({0})},
        {"a single part", {vector_4}, integers({0})}}},
      {"matmul",
       {{"matrices", {matrix_32, matrix_23}, {}},
        {"matrix and column", {matrix_32, {.event = {2, 1}}}, {}},
        {"row and matrix", {{.event = {1, 3}}, matrix_32}, {}},
        {"outer product", {{.event = {3, 1}}, {.event = {1, 2}}}, {}},
        {"axis on the left", {with_axes(matrix_32, {axis_s}), matrix_23}, {}},
        {"axis on the right", {matrix_32, with_axes(matrix_23, {axis_s})}, {}},
        {"column with an axis", {matrix_32, {.axes = {axis_s}, .event = {2, 1}}}, {}},
        {"row with an axis", {{.axes = {axis_s}, .event = {1, 3}}, matrix_32}, {}},
        {"the same axis on both", {with_axes(matrix_32, {axis_s}), with_axes(matrix_23, {axis_s})}, {}},
        {"different axes", {with_axes(matrix_32, {axis_n}), with_axes(matrix_23, {axis_s})}, {}}}},
      {"cholesky", {{"matrix", {covariance}, {}}, {"with an axis", {with_axes(covariance, {axis_s})}, {}}}},
      {"solve",
       {{"matrix", {invertible, matrix_32}, {}},
        {"column", {invertible, {.event = {3, 1}}}, {}},
        {"axis on the left", {with_axes(invertible, {axis_s}), matrix_32}, {}},
        {"different axes", {with_axes(invertible, {axis_s}), with_axes(matrix_32, {axis_n})}, {}}}},
      {"solve_triangular",
       {{"lower", {invertible, matrix_32}, integers({0})},
        {"transposed", {invertible, matrix_33}, integers({1})},
        {"different axes",
         {with_axes(invertible, {axis_s}), with_axes(matrix_32, {axis_n})},
         integers({1})}}},
      {"log_det", {{"matrix", {invertible}, {}}, {"with an axis", {with_axes(invertible, {axis_s})}, {}}}},
      {"convolve", window_cases("convolve")},
      {"convolve_transpose", window_cases("convolve_transpose")},
      {"convolve_weight", window_cases("convolve_weight")},
      {"pool_sum", window_cases("pool_sum")},
      {"pool_spread", window_cases("pool_spread")},
      {"pool_max", window_cases("pool_max")},
      {"pool_max_spread", window_cases("pool_max_spread")},
      {"training", {{"evaluating", {}, {}}}},
      {"plate_mean",
       {{"a plate", {{.axes = {axis_n}, .event = {4}}}, {}, [](Graph&, std::span<const Expr> x) { return runtime::plate_mean(x[0], {}); }},
        {"of draws, for channels", {{.axes = {axis_s, axis_n}, .event = {2, 3, 2}}}, {},
         [](Graph&, std::span<const Expr> x) { return runtime::plate_mean(x[0], {1, 2}); }},
        {"rows", {{.event = {4, 3}}}, {}, [](Graph&, std::span<const Expr> x) { return runtime::plate_mean(x[0], {0}); }}}},
      {"followed", {{"a vector", {with_axes(vector_4, {axis_n}), index({4}, {1, 2, 3, 4})}, integers({0})}}},
      {"scan", recurrences()},
      {"scan_output", recurrences()},
      {"random_uniform", draws({})},
      {"random_normal", draws({})},
      {"random_gamma", draws({{.lower = 0.3, .upper = 4}})},
      {"random_log_gamma", draws({{.lower = 0.3, .upper = 4}})},
      {"random_poisson", draws({{.lower = 0.5, .upper = 20}})},
      {"random_binomial", draws({{.fixed = Numbers(6, 9.0)}, {.lower = 0.2, .upper = 0.8}})},
      {"random_row",
       draws({{.fixed = Numbers(6, 9.0)}, {.fixed = Numbers(6, 2.0)}, {.fixed = Numbers(6, 0.0)}})},
      {"least_squares",
       {{"column", {matrix_32, {.event = {3, 1}}}, {}},
        {"matrix", {invertible, matrix_33}, {}},
        {"with axes", {with_axes(matrix_32, {axis_s}), {.axes = {axis_s}, .event = {3, 1}}}, {}}}},
  };
  return cases;
}

// Every way in which operands meet: scalars, equal shapes, sizes 1, missing dimensions, axes on one or both.
std::vector<Case> combinations(std::size_t arity, const std::vector<Argument>& like) {
  const auto at = [&](std::size_t i, std::vector<AxisId> axes, Shape event) {
    Argument a = like[i];
    a.axes = std::move(axes), a.event = std::move(event);
    if (a.fixed) a.fixed = Numbers(24, a.fixed->front());
    return a;
  };
  const auto all = [&](std::string name, auto argument) {
    Case c{std::move(name), {}, {}};
    for (std::size_t i = 0; i < arity; ++i) c.arguments.push_back(argument(i));
    return c;
  };
  std::vector<Case> cases{
      all("scalars", [&](std::size_t i) { return at(i, {}, {}); }),
      all("matrices",
          [&](std::size_t i) {
            return at(i, {}, {2, 3});
          }),
      all("axes",
          [&](std::size_t i) {
            return at(i, {axis_s, axis_n}, {2});
          }),
  };
  for (std::size_t odd = 0; arity > 1 && odd < arity; ++odd) {
    const std::string which = " (operand " + std::to_string(odd + 1) + ")";
    cases.push_back(all("scalar and matrix" + which, [&](std::size_t i) {
      return i == odd ? at(i, {}, {}) : at(i, {}, {2, 3});
    }));
    cases.push_back(all("vector and matrix" + which, [&](std::size_t i) {
      return i == odd ? at(i, {}, {3}) : at(i, {}, {2, 3});
    }));
    cases.push_back(all("row and column" + which, [&](std::size_t i) {
      return i == odd ? at(i, {}, {1, 3}) : at(i, {}, {2, 1});
    }));
    cases.push_back(all("an axis on one" + which,
                        [&](std::size_t i) { return i == odd ? at(i, {axis_s}, {}) : at(i, {}, {3}); }));
    cases.push_back(all("different axes" + which, [&](std::size_t i) {
      return i == odd ? at(i, {axis_n}, {2}) : at(i, {axis_s}, {2});
    }));
    cases.push_back(all("one axis of two" + which, [&](std::size_t i) {
      return i == odd ? at(i, {axis_n}, {1, 2}) : at(i, {axis_s, axis_n}, {2, 1});
    }));
  }
  return cases;
}

std::vector<Case> elementwise_cases(const Operation& operation) {
  const auto arity = static_cast<std::size_t>(operation.arity);
  std::vector<Argument> like(arity, Argument{.lower = operation.test_lower, .upper = operation.test_upper});
  if (&operation == &runtime::polygamma_operation) {
    like[0].fixed = Numbers{2};  // the order is a whole number
    like[1].lower = 0.7, like[1].upper = 5;
  } else if (&operation == &runtime::log_binomial_operation) {
    like[0].lower = 5, like[0].upper = 9;
    like[1].lower = 1, like[1].upper = 4;
  } else if (&operation == &runtime::select_operation) {
    like[0].fixed = Numbers{1};
  }
  auto cases = combinations(arity, like);
  if (&operation == &runtime::select_operation) {
    // truth that varies
    for (Case& c : cases) {
      for (std::size_t i = 0; i < c.arguments[0].fixed->size(); i += 2) (*c.arguments[0].fixed)[i] = 0;
    }
  }
  return cases;
}

}  // namespace

std::vector<Case> cases_of(const Operation& operation) {
  if (const auto it = table().find(operation.name); it != table().end()) return it->second;
  if (operation.elementwise) return elementwise_cases(operation);
  return {};
}

void add_case_axes(Graph& graph) {
  graph.add_axis("s", 3, runtime::AxisKind::sample);
  graph.add_axis("n", 2, runtime::AxisKind::plate);
  graph.add_axis("batch", 4, runtime::AxisKind::chain);
}

std::vector<Expr> Instance::inputs() const {
  std::vector<Expr> result;
  for (const auto& [input, numbers] : given) result.push_back(input);
  return result;
}

namespace {

// Random numbers no two of which are near each other: there comparisons and extremes jump, and differences of
// values say nothing about derivatives.
Numbers apart(std::mt19937_64& generator, std::int64_t count, const Argument& argument, Numbers& taken) {
  constexpr double gap = 0.003;
  Numbers numbers;
  while (static_cast<std::int64_t>(numbers.size()) < count) {
    const double x = uniform(generator, 1, argument.lower, argument.upper)[0];
    const auto is_near = [&](double other) { return std::abs(x - other) < gap; };
    if (std::any_of(taken.begin(), taken.end(), is_near)) continue;
    numbers.push_back(x);
    taken.push_back(x);
  }
  return numbers;
}

}  // namespace

Instance instantiate(Graph& graph, const Operation& operation, const Case& c, std::uint64_t seed,
                     bool batched) {
  if (graph.axis_count() == 0) add_case_axes(graph);
  std::mt19937_64 generator(seed);
  Instance instance;
  std::vector<Expr> operands;
  Numbers taken;
  for (const Argument& argument : c.arguments) {
    Type type{argument.axes, argument.event, runtime::Domain::real};
    if (argument.fixed) {
      Numbers numbers = *argument.fixed;
      numbers.resize(static_cast<std::size_t>(graph.element_count(type)), numbers.back());
      Shape shape;
      for (const AxisId a : argument.axes) shape.push_back(graph.axis(a).size);
      shape.insert(shape.end(), argument.event.begin(), argument.event.end());
      operands.push_back(graph.constant(Tensor(shape, numbers), argument.axes));
      instance.constants.push_back(operands.back());
      continue;
    }
    if (batched) type.axes.push_back(axis_batch);
    const Expr input = graph.input("x" + std::to_string(operands.size() + 1), type);
    const std::int64_t count = graph.element_count(type);
    instance.given.emplace_back(input, batched ? uniform(generator, count, argument.lower, argument.upper)
                                               : apart(generator, count, argument, taken));
    operands.push_back(argument.prepare ? argument.prepare(input) : input);
  }
  instance.result = c.make ? c.make(graph, operands) : graph.add(operation, operands, c.attributes);
  return instance;
}

}  // namespace elbo::tests
