// Reverse mode through recurrences: against differences of values, against hand-written derivatives, twice,
// over further axes, and in the published volatility model GARCH(1,1).
#include <catch2/catch.hpp>
#include <cmath>

#include "graph_checks.hpp"
#include "runtime/differentiate.hpp"
#include "runtime/expression.hpp"
#include "runtime/operations/operations.hpp"
#include "runtime/scan.hpp"

using namespace elbo::tests;
using namespace elbo::runtime;

namespace {

Expr real_input(Graph& graph, std::string name, std::vector<AxisId> axes = {}, Shape event = {}) {
  return graph.input(std::move(name), {std::move(axes), std::move(event), Domain::real});
}

// Central differences with one step of Richardson extrapolation.
Numbers differences(Expr root, Given given, std::size_t input) {
  Numbers result;
  for (std::size_t k = 0; k < given[input].second.size(); ++k) {
    const double x = given[input].second[k];
    const auto value = [&](double shift) {
      given[input].second[k] = x + shift;
      return run(root, given)[0];
    };
    const double h = 1e-3;
    const double wide = (value(h) - value(-h)) / (2 * h), narrow = (value(h / 2) - value(-h / 2)) / h;
    given[input].second[k] = x;
    result.push_back((4 * narrow - wide) / 3);
  }
  return result;
}

Expr contract(std::span<const Expr> parts, std::uint64_t seed) {
  std::mt19937_64 generator(seed);
  Expr total;
  for (const Expr& e : parts) {
    Shape shape;
    for (const AxisId a : e.type().axes) shape.push_back(e.graph().axis(a).size);
    shape.insert(shape.end(), e.type().event.begin(), e.type().event.end());
    const Tensor weights(shape, uniform(generator, element_count(shape), 0.5, 1.5));
    const Expr part = sum_all(e * e.graph().constant(weights, e.type().axes));
    total = total ? total + part : part;
  }
  return total;
}

// First and second derivatives of `root` by all that is given, and the same without simplification, and
// float.
void check(Expr root, const Given& given) {
  std::vector<Expr> inputs;
  for (const auto& [input, numbers] : given) inputs.push_back(input);
  const auto first = gradient(root, inputs);
  const Expr mixed = contract(first, 99);
  const auto second = gradient(mixed, inputs);
  for (const auto& [of, gradients] : {std::pair{root, first}, std::pair{mixed, second}}) {
    const auto values = run(gradients, given);
    const auto plain = run(gradients, given, {.plan = {.simplify = false}});
    const auto single = run(gradients, given, {.plan = {.precision = Precision::real32}});
    for (std::size_t i = 0; i < given.size(); ++i) {
      INFO((of == root ? "first" : "second") << " derivative by input " << i);
      CHECK(gradients[i].type() == given[i].first.type());
      CHECK(distance(values[i], differences(of, given, i)) < 1e-7);
      CHECK(distance(values[i], plain[i]) < 1e-11);
      CHECK(distance(single[i], values[i]) < 2e-3);
    }
  }
}

}  // namespace

TEST_CASE("derivatives of a recurrence", "[scan]") {
  for (const std::int64_t length : {0, 1, 2, 7}) {
    for (const bool reverse : {false, true}) {
      INFO("length " << length << ", reverse " << reverse);
      Graph graph;
      const AxisId t = graph.add_axis("t", length, AxisKind::plate);
      const Expr x = real_input(graph, "x", {t}), a = real_input(graph, "a"), s0 = real_input(graph, "s0");
      const Expr s = real_input(graph, "s");
      const ScanResult r =
          scan(graph, t, std::array{Carry{s, s0, tanh(a * s) + x * s}}, std::array{exp(s * x)}, reverse);
      std::mt19937_64 generator(1);
      const Given given{{x, uniform(generator, length, -1, 1)}, {a, {0.9}}, {s0, {0.7}}};
      check(contract(std::array{r.last[0], r.before[0], r.after[0], r.outputs[0]}, 2), given);
      check(square(r.last[0]), given);
    }
  }
}

TEST_CASE("derivatives through several carries, vectors, matrices and groups", "[scan]") {
  Graph graph;
  const AxisId t = graph.add_axis("t", 4, AxisKind::plate), g = graph.add_axis("g", 2, AxisKind::plate);
  const Expr x = real_input(graph, "x", {t, g}, {2}), w = real_input(graph, "w", {}, {2, 2});
  const Expr scale = real_input(graph, "scale", {g}), h0 = real_input(graph, "h0", {}, {2});
  const Expr h = real_input(graph, "h", {}, {2}), c = real_input(graph, "c"), n = real_input(graph, "n");
  const std::array carries{
      Carry{h, h0, tanh(matmul(w, h) + x) * sigmoid(c)},
      Carry{c, graph.constant(0.1), sum_event(h) * scale + 0.5 * c},
      Carry{n, graph.constant(0), n + sum_event(square(h))},
  };
  const ScanResult r = scan(graph, t, carries, std::array{c * sum_event(x)});
  std::mt19937_64 generator(3);
  check(contract(std::array{r.last[0], r.last[1], r.last[2], r.outputs[0], r.after[0]}, 4),
        {{x, uniform(generator, 16, -1, 1)},
         {w, uniform(generator, 4, -1, 1)},
         {scale, {0.5, -0.8}},
         {h0, {0.3, -0.1}}});
}

TEST_CASE("derivatives through choices, integers and positions", "[scan]") {
  // the integer carry counts and picks; no derivative flows through it
  Graph graph;
  const AxisId t = graph.add_axis("t", 5, AxisKind::plate);
  const Expr x = real_input(graph, "x", {t}), v = real_input(graph, "v", {}, {3});
  const Expr s = real_input(graph, "s"), k = graph.input("k", {{}, {}, Domain::integer});
  const Expr one = graph.constant(Tensor({}, std::vector<std::int64_t>{1}));
  const Expr zero = graph.constant(Tensor({}, std::vector<std::int64_t>{0}));
  const Expr next_k = select(less(s, graph.constant(0.3)), minimum(k + one, one + one), zero);
  const ScanResult r = scan(
      graph, t,
      std::array{Carry{s, graph.constant(0.2), sin(s + gather(v, k, 0)) * x}, Carry{k, zero, next_k}}, {});
  CHECK(r.after[1].type().domain == Domain::integer);
  check(contract(std::array{r.after[0]}, 5), {{x, {0.9, -1, 0.7, 1.2, 0.4}}, {v, {0.3, 0.8, -0.5}}});
}

TEST_CASE("derivatives of loops in loops", "[scan]") {
  Graph graph;
  const AxisId t = graph.add_axis("t", 3, AxisKind::plate), u = graph.add_axis("u", 4, AxisKind::plate);
  const Expr x = real_input(graph, "x", {t, u}), y = real_input(graph, "y", {t}), a = real_input(graph, "a");
  const Expr outer = real_input(graph, "outer"), inner = real_input(graph, "inner");
  const ScanResult in = scan(graph, u, std::array{Carry{inner, outer, sin(inner * a) + x * y}}, {});
  const ScanResult r =
      scan(graph, t, std::array{Carry{outer, graph.constant(0.3), cos(in.last[0]) + a * outer}},
           std::array{in.last[0]});
  std::mt19937_64 generator(6);
  check(contract(std::array{r.last[0], r.outputs[0]}, 7),
        {{x, uniform(generator, 12, -1, 1)}, {y, uniform(generator, 3, -1, 1)}, {a, {0.8}}});
}

TEST_CASE("derivatives through the vectorised forms of carries", "[scan]") {
  Graph graph;
  const AxisId t = graph.add_axis("t", 5, AxisKind::plate);
  const Expr z = real_input(graph, "z", {t}), phi = real_input(graph, "phi"),
             start = real_input(graph, "start");
  const Expr previous = real_input(graph, "previous"), total = real_input(graph, "total");
  const std::array carries{Carry{previous, start, z},
                           Carry{total, phi, total + square(z - phi * previous) * previous}};
  for (const bool reverse : {false, true}) {
    const ScanResult r = scan(graph, t, carries, std::array{total * previous}, reverse);
    check(contract(std::array{r.last[0], r.last[1], r.after[1], r.before[1], r.outputs[0]}, 8),
          {{z, {0.3, -0.6, 0.1, 0.9, -0.2}}, {phi, {0.7}}, {start, {0.4}}});
  }
}

TEST_CASE("derivatives over draws that come by substitution", "[scan]") {
  Graph graph;
  const AxisId sample = graph.add_axis("sample", 3, AxisKind::sample);
  const AxisId t = graph.add_axis("t", 4, AxisKind::plate);
  const Expr x = real_input(graph, "x", {t}), a = real_input(graph, "a"), s = real_input(graph, "s");
  const ScanResult r = scan(graph, t, std::array{Carry{s, graph.constant(0.5), sin(s * a) + x}}, {});
  const Expr value = sum_all(square(r.after[0]));
  const Expr one = gradient(value, std::array{a})[0];
  const Expr draws = real_input(graph, "draws", {sample});
  // substitution before the derivative and after it
  const auto many = substitute(std::array{value, one}, {{a.id(), draws}});
  const Expr after = gradient(sum_all(many[0]), std::array{draws})[0];
  std::mt19937_64 generator(9);
  const Numbers xs = uniform(generator, 4, -1, 1), as{0.4, -0.9, 1.3};
  const auto values = run(std::array{many[1], after}, {{x, xs}, {draws, as}});
  CHECK(distance(values[0], values[1]) < 1e-14);
  for (std::size_t n = 0; n < 3; ++n) {
    CHECK(values[0][n] == Approx(run(one, {{x, xs}, {a, {as[n]}}})[0]).epsilon(1e-13));
  }
  check(sum_all(many[0]), {{x, xs}, {draws, as}});
}

TEST_CASE("GARCH(1,1): log density and gradient", "[scan]") {
  // y[t] ~ Normal(mu, sigma[t]), sigma[t]^2 = alpha0 + alpha1 (y[t-1] - mu)^2 + beta1 sigma[t-1]^2
  // (Bollerslev 1986; the first sigma is given). The gradient by hand: d(sigma^2)/d(theta) is a recurrence
  // itself.
  constexpr std::size_t length = 200;
  Graph graph;
  const AxisId t = graph.add_axis("t", length, AxisKind::plate);
  const Expr y = real_input(graph, "y", {t}), variance = real_input(graph, "variance");
  const Expr mu = real_input(graph, "mu"), alpha0 = real_input(graph, "alpha0");
  const Expr alpha1 = real_input(graph, "alpha1"), beta1 = real_input(graph, "beta1");
  const Expr target = real_input(graph, "target");
  const double first = 0.8;
  const Expr density = -0.5 * (std::log(2 * M_PI) + log(variance) + square(y - mu) / variance);
  const std::array carries{
      Carry{variance, graph.constant(first), alpha0 + alpha1 * square(y - mu) + beta1 * variance},
      Carry{target, graph.constant(0), target + density}};
  const ScanResult r = scan(graph, t, carries, {});
  const std::array parameters{mu, alpha0, alpha1, beta1};
  std::vector<Expr> roots{r.last[1]};
  for (const Expr& g : gradient(r.last[1], parameters)) roots.push_back(g);

  std::mt19937_64 generator(10);
  const Numbers ys = uniform(generator, length, -2, 2);
  const double m = 0.1, a0 = 0.2, a1 = 0.3, b1 = 0.5;
  const auto values = run(roots, {{y, ys}, {mu, {m}}, {alpha0, {a0}}, {alpha1, {a1}}, {beta1, {b1}}});
  long double v = first, d[4] = {}, log_density = 0, expected[4] = {};
  for (const double value : ys) {
    const long double e = value - m;
    log_density += -0.5L * (std::log(2 * 3.14159265358979323846264338327950288L) + std::log(v) + e * e / v);
    const long double by_variance = -0.5L * (1 / v - e * e / (v * v));
    for (int k = 0; k < 4; ++k) expected[k] += by_variance * d[k];
    expected[0] += e / v;
    const long double direct[4] = {-2 * a1 * e, 1, e * e, v};
    for (int k = 0; k < 4; ++k) d[k] = direct[k] + b1 * d[k];
    v = a0 + a1 * e * e + b1 * v;
  }
  CHECK(std::abs(values[0][0] - static_cast<double>(log_density)) < 1e-12 * std::abs(values[0][0]));
  for (std::size_t k = 0; k < 4; ++k) {
    INFO("parameter " << k);
    CHECK(values[k + 1][0] == Approx(static_cast<double>(expected[k])).epsilon(1e-12));
  }
}
