// Random values inside recurrences: every iteration and every element has numbers of its own, the same for
// any number of threads; what reads a draw later, a derivative included, sees the one that was made.
#include <catch2/catch.hpp>
#include <cmath>
#include <set>

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

constexpr std::uint64_t seed = 77;
constexpr std::uint32_t repetition = 3;

// The gamma draw with this shape of element `index` of a stream.
double gamma_draw(double shape, std::uint32_t stream, std::uint64_t index) {
  double result = 0;
  const Lanes lanes[] = {{&shape, 1}};
  kernels(Precision::real64).random_gamma(&result, lanes, 1, {seed, stream, repetition, index});
  return result;
}

std::uint32_t stream_of(Expr draw) { return static_cast<std::uint32_t>(draw.node().attributes.integers[0]); }

const RunOptions options{.plan = {}, .threads = 1, .seed = seed, .step = repetition};

}  // namespace

TEST_CASE("draws that need the carry differ from iteration to iteration and equal those of a loop",
          "[scan]") {
  constexpr std::size_t length = 20, groups = 3;
  for (const bool reverse : {false, true}) {
    Graph graph;
    const AxisId g = graph.add_axis("g", groups, AxisKind::plate);
    const AxisId t = graph.add_axis("t", length, AxisKind::plate);
    const Expr s = real_input(graph, "s"), x = real_input(graph, "x", {g});
    const Expr draw = random_gamma(exp(s), {t, g}, {});
    const ScanResult r = scan(graph, t, std::array{Carry{s, graph.constant(0.2), 0.5 * s + 0.1 * draw + x}},
                              std::array{draw, draw * x}, reverse);
    const Numbers xs{0.1, -0.2, 0.3};
    const auto values = run(std::array{r.after[0], r.outputs[0], r.outputs[1]}, {{x, xs}}, options);
    std::set<double> different;
    double state[groups] = {0.2, 0.2, 0.2};
    for (std::size_t i = 0; i < length; ++i) {
      const std::size_t at = reverse ? length - 1 - i : i;
      for (std::size_t j = 0; j < groups; ++j) {
        const double z = gamma_draw(std::exp(state[j]), stream_of(draw), at * groups + j);
        state[j] = 0.5 * state[j] + 0.1 * z + xs[j];
        // {g} comes first in memory
        CHECK(values[0][j * length + at] == Approx(state[j]).epsilon(1e-13));
        CHECK(values[1][j * length + at] == Approx(z).epsilon(1e-13));
        CHECK(values[2][j * length + at] == Approx(z * xs[j]).epsilon(1e-13));
        different.insert(values[1][j * length + at]);
      }
    }
    CHECK(different.size() == length * groups);
  }
}

TEST_CASE("draws that need no carry are made at once", "[scan]") {
  Graph graph;
  const AxisId t = graph.add_axis("t", 6, AxisKind::plate);
  const Expr z = real_input(graph, "z");
  const Expr noise = random_normal(graph, {t}, {});
  const ScanResult r = scan(graph, t, std::array{Carry{z, graph.constant(0), sin(z) + noise}}, {});
  const auto values = run(std::array{r.after[0], noise}, {}, options);
  double state = 0;
  for (std::size_t i = 0; i < 6; ++i) {
    state = std::sin(state) + values[1][i];
    CHECK(values[0][i] == Approx(state).epsilon(1e-13));
  }
}

TEST_CASE("derivatives see the draws that were made", "[scan]") {
  constexpr std::size_t length = 8;
  Graph graph;
  const AxisId t = graph.add_axis("t", length, AxisKind::plate);
  const Expr s = real_input(graph, "s"), a = real_input(graph, "a");
  const Expr draw = random_gamma(exp(s), {t}, {});
  const ScanResult r =
      scan(graph, t, std::array{Carry{s, graph.constant(0.2), a * s * draw * 0.3}}, std::array{draw});
  const Expr root = sum_all(r.after[0]);
  const Expr first = gradient(root, std::array{a})[0], second = gradient(first, std::array{a})[0];
  const auto values = run(std::array{root, first, second, r.outputs[0]}, {{a, {1.1}}}, options);
  const auto alone = run(std::array{first}, {{a, {1.1}}}, options);
  // with the draws fixed: s and its derivatives by a, forward
  double v = 0.2, d = 0, dd = 0, sum = 0, sum_d = 0, sum_dd = 0;
  for (std::size_t i = 0; i < length; ++i) {
    const double z = gamma_draw(std::exp(v), stream_of(draw), i);
    CHECK(values[3][i] == Approx(z).epsilon(1e-12));
    dd = (2 * d + 1.1 * dd) * z * 0.3;
    d = (v + 1.1 * d) * z * 0.3;
    v = 1.1 * v * z * 0.3;
    sum += v, sum_d += d, sum_dd += dd;
  }
  CHECK(values[0][0] == Approx(sum).epsilon(1e-12));
  CHECK(values[1][0] == Approx(sum_d).epsilon(1e-12));
  CHECK(values[2][0] == Approx(sum_dd).epsilon(1e-12));
  CHECK(alone[0] == values[1]);
}

TEST_CASE("loops in loops draw anew in every iteration of both", "[scan]") {
  constexpr std::size_t outer_length = 4, inner_length = 5;
  Graph graph;
  const AxisId t = graph.add_axis("t", outer_length, AxisKind::plate);
  const AxisId u = graph.add_axis("u", inner_length, AxisKind::plate);
  const Expr outer = real_input(graph, "outer"), inner = real_input(graph, "inner"),
             a = real_input(graph, "a");
  const Expr draw = random_gamma(exp(inner), {t, u}, {});
  const ScanResult in = scan(graph, u, std::array{Carry{inner, outer, 0.5 * inner + 0.2 * a * draw}}, {});
  const ScanResult r = scan(graph, t, std::array{Carry{outer, graph.constant(0.1), sin(in.last[0]) * a}},
                            std::array{in.last[0]});
  const Expr root = r.last[0] + sum_all(r.outputs[0]);
  const Expr slope = gradient(root, std::array{a})[0];
  const auto values = run(std::array{r.outputs[0], root, slope}, {{a, {0.9}}}, options);
  std::set<double> different;
  double v = 0.1, d = 0, sum = 0, sum_d = 0;
  for (std::size_t i = 0; i < outer_length; ++i) {
    double w = v, dw = d;
    for (std::size_t k = 0; k < inner_length; ++k) {
      const double z = gamma_draw(std::exp(w), stream_of(draw), i * inner_length + k);
      different.insert(z);
      w = 0.5 * w + 0.2 * 0.9 * z;
      dw = 0.5 * dw + 0.2 * z;
    }
    CHECK(values[0][i] == Approx(w).epsilon(1e-12));
    sum += w, sum_d += dw;
    d = std::sin(w) + 0.9 * std::cos(w) * dw;
    v = 0.9 * std::sin(w);
  }
  CHECK(different.size() == outer_length * inner_length);
  CHECK(values[1][0] == Approx(v + sum).epsilon(1e-12));
  CHECK(values[2][0] == Approx(d + sum_d).epsilon(1e-12));
}

TEST_CASE("consecutive draws are independent, and threads do not matter", "[scan]") {
  constexpr std::int64_t samples = 200000;
  Graph graph;
  const AxisId sample = graph.add_axis("sample", samples, AxisKind::sample);
  const AxisId t = graph.add_axis("t", 3, AxisKind::plate);
  const Expr s = real_input(graph, "s");
  // the shape is 2 whatever the carry is
  const Expr draw = random_gamma(select(less(s, s), s, graph.constant(2)), {sample, t}, {});
  const ScanResult r = scan(graph, t, std::array{Carry{s, graph.constant(0), s + draw}}, std::array{draw});
  const std::array roots{r.outputs[0], r.last[0], sum_all(square(r.after[0]))};
  RunOptions two = options;
  two.threads = 2;
  const auto values = run(roots, {}, options);
  CHECK(run(roots, {}, two) == values);
  RunOptions single = options;
  single.plan.precision = Precision::real32;
  CHECK(run(roots[1], {}, single)[0] == Approx(values[1][0]).epsilon(1e-4));
  // correlations of consecutive draws; variance 2, mean 2
  const auto n = static_cast<double>(samples);
  double mean = 0, correlation[2] = {};
  for (std::size_t i = 0; i < static_cast<std::size_t>(samples); ++i) {
    const double* z = &values[0][3 * i];
    mean += (z[0] + z[1] + z[2]) / (3 * n);
    for (const std::size_t k : {0, 1}) correlation[k] += (z[k] - 2) * (z[k + 1] - 2) / (2 * n);
  }
  CHECK(std::abs(mean - 2) < 4 * std::sqrt(2 / (3 * n)));
  for (const double c : correlation) CHECK(std::abs(c) < 4 / std::sqrt(n));
}
