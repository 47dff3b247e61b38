// Recurrences against plain loops: several carries, both directions, operands of every kind, further axes,
// empty and single iterations, number types, and the failures.
#include <catch2/catch.hpp>
#include <cmath>

#include "graph_checks.hpp"
#include "lang/diagnostic.hpp"
#include "runtime/differentiate.hpp"
#include "runtime/expression.hpp"
#include "runtime/operations/operations.hpp"
#include "runtime/scan.hpp"
#include "runtime/simplify.hpp"

using namespace elbo::tests;
using namespace elbo::runtime;

namespace {

Expr real_input(Graph& graph, std::string name, std::vector<AxisId> axes = {}, Shape event = {}) {
  return graph.input(std::move(name), {std::move(axes), std::move(event), Domain::real});
}

Expr integers(Graph& graph, std::vector<std::int64_t> values) {
  const auto n = static_cast<std::int64_t>(values.size());
  return graph.constant(Tensor({n}, std::move(values)));
}

std::vector<Expr> all(const ScanResult& r) {
  std::vector<Expr> roots;
  for (const auto* list : {&r.before, &r.after, &r.last, &r.outputs}) {
    roots.insert(roots.end(), list->begin(), list->end());
  }
  return roots;
}

bool has_operation(Expr root, const Operation& operation) {
  for (const NodeId id : topological_order(root.graph(), std::span(&root, 1))) {
    if (root.graph().node(id).operation == &operation) return true;
  }
  return false;
}

// All ways to run the same roots give the same values.
void check(std::span<const Expr> roots, const Given& given, const std::vector<Numbers>& expected) {
  REQUIRE(roots.size() == expected.size());
  for (const bool simplify : {false, true}) {
    for (const bool reuse : {false, true}) {
      const auto values = run(roots, given, {.plan = {.simplify = simplify, .reuse_buffers = reuse}});
      for (std::size_t i = 0; i < roots.size(); ++i) {
        INFO("root " << i << ", simplify " << simplify);
        REQUIRE(values[i].size() == expected[i].size());
        CHECK(distance(values[i], expected[i]) < 1e-13);
      }
    }
  }
  const auto single = run(roots, given, {.plan = {.precision = Precision::real32}});
  for (std::size_t i = 0; i < roots.size(); ++i) CHECK(distance(single[i], expected[i]) < 1e-4);
}

std::string code_of(const std::function<void()>& action, std::string* message = nullptr) {
  try {
    action();
  } catch (const elbo::lang::Failure& failure) {
    if (message) *message = failure.diagnostic().message;
    return failure.diagnostic().code;
  }
  return "";
}

}  // namespace

TEST_CASE("one carry, forwards and back, equals the loop", "[scan]") {
  for (const std::int64_t length : {0, 1, 2, 3, 50}) {
    for (const bool reverse : {false, true}) {
      INFO("length " << length << ", reverse " << reverse);
      Graph graph;
      const AxisId t = graph.add_axis("t", length, AxisKind::plate);
      const Expr x = real_input(graph, "x", {t}), a = real_input(graph, "a"), s0 = real_input(graph, "s0");
      const Expr s = real_input(graph, "s");
      const ScanResult r = scan(graph, t, std::array{Carry{s, s0, tanh(a * s) + square(x) * s}},
                                std::array{s * x, graph.constant(2) * x, graph.constant(3)}, reverse);
      std::mt19937_64 generator(1);
      const Numbers xs = uniform(generator, length, -1, 1);
      Numbers before(xs.size()), after(xs.size()), output(xs.size()), twice(xs.size()), three(xs.size(), 3);
      double state = 0.7;
      for (std::size_t i = 0; i < xs.size(); ++i) {
        const std::size_t at = reverse ? xs.size() - 1 - i : i;
        before[at] = state;
        output[at] = state * xs[at];
        twice[at] = 2 * xs[at];
        state = after[at] = std::tanh(0.9 * state) + xs[at] * xs[at] * state;
      }
      check(all(r), {{x, xs}, {a, {0.9}}, {s0, {0.7}}}, {before, after, {state}, output, twice, three});
    }
  }
}

TEST_CASE("carries that swap, carries of vectors, views as results", "[scan]") {
  Graph graph;
  const AxisId t = graph.add_axis("t", 4, AxisKind::plate);
  const Expr x = real_input(graph, "x", {t}, {3});
  const Expr a = real_input(graph, "a", {}, {3}), b = real_input(graph, "b", {}, {3});
  // a takes b, b takes a turned round plus x; the matrix is carried through a transposition
  const Expr m = real_input(graph, "m", {}, {2, 2});
  const Expr turned = gather(a, integers(graph, {2, 0, 1}), 0);
  const std::array carries{
      Carry{a, graph.constant(Tensor({3}, Numbers{1, 2, 3})), b},
      Carry{b, graph.constant(Tensor({3}, Numbers{4, 5, 6})), turned + x},
      Carry{m, graph.constant(Tensor({2, 2}, Numbers{1, 2, 3, 4})), permute(m, {1, 0})},
  };
  const ScanResult r = scan(graph, t, carries, {});
  std::mt19937_64 generator(2);
  const Numbers xs = uniform(generator, 12, -1, 1);
  Numbers va{1, 2, 3}, vb{4, 5, 6}, vm{1, 2, 3, 4}, before[3], after[3];
  const auto push = [](Numbers& to, const Numbers& values) {
    to.insert(to.end(), values.begin(), values.end());
  };
  for (std::size_t i = 0; i < 4; ++i) {
    push(before[0], va), push(before[1], vb), push(before[2], vm);
    const Numbers old = va;
    va = vb;
    vb = {old[2] + xs[3 * i], old[0] + xs[3 * i + 1], old[1] + xs[3 * i + 2]};
    std::swap(vm[1], vm[2]);
    push(after[0], va), push(after[1], vb), push(after[2], vm);
  }
  check(all(r), {{x, xs}}, {before[0], before[1], before[2], after[0], after[1], after[2], va, vb, vm});
}

TEST_CASE("operands seen through views give each iteration its entry", "[scan]") {
  // The axis comes from a dimension in the middle of a matrix; another operand is transposed and reshaped
  // inside.
  Graph graph;
  const AxisId t = graph.add_axis("t", 3, AxisKind::plate);
  const Expr x = real_input(graph, "x", {}, {2, 3, 2}), c = real_input(graph, "c", {}, {2, 2});
  const Expr s = real_input(graph, "s", {}, {4});
  const Expr entry = to_axis(x, 1, t);
  const Expr next = tanh(s) + reshape(entry, {4}) * 0.5 + reshape(permute(c, {1, 0}), {4}) * s;
  // an entry of a carried vector by position: loops over its own elements
  const Expr v = real_input(graph, "v", {}, {3});
  const std::array carries{Carry{s, graph.constant(Tensor({4}, Numbers{0, 0.1, 0.2, 0.3})), next},
                           Carry{v, graph.constant(Tensor({3}, Numbers{0.3, 0.2, 0.1})),
                                 sin(v) + broadcast(to_axis(v, 0, t), {}, {3})}};
  const ScanResult r = scan(graph, t, carries, {});
  std::mt19937_64 generator(3);
  const Numbers xs = uniform(generator, 12, -1, 1), cs = uniform(generator, 4, -1, 1);
  Numbers state{0, 0.1, 0.2, 0.3}, own{0.3, 0.2, 0.1}, histories[2];
  for (std::size_t i = 0; i < 3; ++i) {
    for (std::size_t k = 0; k < 4; ++k) {
      const double entry_value = xs[(k / 2) * 6 + i * 2 + k % 2], transposed = cs[(k % 2) * 2 + k / 2];
      state[k] = std::tanh(state[k]) + entry_value * 0.5 + transposed * state[k];
    }
    const double at = own[i];
    for (double& value : own) value = std::sin(value) + at;
    histories[0].insert(histories[0].end(), state.begin(), state.end());
    histories[1].insert(histories[1].end(), own.begin(), own.end());
  }
  check(r.after, {{x, xs}, {c, cs}}, {histories[0], histories[1]});
  check(r.last, {{x, xs}, {c, cs}}, {state, own});
}

TEST_CASE("integers and truth values are carried, and become real where they must", "[scan]") {
  Graph graph;
  const AxisId t = graph.add_axis("t", 6, AxisKind::plate);
  const Expr x = real_input(graph, "x", {t});
  const Expr count = graph.input("count", {{}, {}, Domain::integer});
  const Expr seen = graph.input("seen", {{}, {}, Domain::boolean});
  const Expr level = graph.input("level", {{}, {}, Domain::integer});
  const Expr zero = graph.constant(Tensor({}, std::vector<std::int64_t>{0}));
  const Expr one = graph.constant(Tensor({}, std::vector<std::int64_t>{1}));
  const Expr no = graph.constant(Tensor::boolean({}, {0}));
  const Expr is_high = less(graph.constant(0.5), x);
  const std::array carries{
      Carry{count, zero, select(seen, count + one, zero)},
      Carry{seen, no, logical_or(seen, is_high)},
      Carry{level, one, maximum(level * x, x)},
  };
  const ScanResult r = scan(graph, t, carries, {});
  CHECK(r.after[0].type().domain == Domain::integer);
  CHECK(r.after[1].type().domain == Domain::boolean);
  CHECK(r.before[2].type().domain == Domain::real);
  const Numbers xs{0.1, -0.2, 0.9, 0.3, 0.7, -1};
  check(r.after, {{x, xs}}, {{0, 0, 0, 1, 2, 3}, {0, 0, 1, 1, 1, 1}, [&] {
                               Numbers levels;
                               double value = 1;
                               for (const double z : xs) levels.push_back(value = std::max(value * z, z));
                               return levels;
                             }()});
}

TEST_CASE("other axes stay vectorised, and more come by substitution", "[scan]") {
  Graph graph;
  const AxisId sample = graph.add_axis("sample", 3, AxisKind::sample);
  const AxisId t = graph.add_axis("t", 4, AxisKind::plate);
  const AxisId g = graph.add_axis("g", 2, AxisKind::plate);
  const Expr x = real_input(graph, "x", {t, g}, {2}), a = real_input(graph, "a"),
             s = real_input(graph, "s", {}, {2});
  const Expr w = real_input(graph, "w", {}, {2});
  const ScanResult r =
      scan(graph, t, std::array{Carry{s, w, sin(s * a) + x}}, std::array{sum_event(square(s))});
  CHECK(r.last[0].type().axes == std::vector<AxisId>{g});
  CHECK(r.before[0].type().axes == std::vector<AxisId>{t, g});
  // a comes from a latent with draws, w from one with draws and groups
  const Expr draws = real_input(graph, "draws", {sample}),
             starts = real_input(graph, "starts", {sample, g}, {2});
  const auto roots = substitute(std::array{r.last[0], r.outputs[0]}, {{a.id(), draws}, {w.id(), starts}});
  CHECK(roots[0].type().axes == std::vector<AxisId>{sample, g});
  CHECK(roots[1].type().axes == std::vector<AxisId>{sample, t, g});
  std::mt19937_64 generator(4);
  const Numbers xs = uniform(generator, 16, -1, 1), as = uniform(generator, 3, -1, 1);
  const Numbers ws = uniform(generator, 12, -1, 1);
  Numbers last(12), squares(24);
  for (std::size_t n = 0; n < 3; ++n) {
    for (std::size_t j = 0; j < 2; ++j) {
      double state[2] = {ws[(n * 2 + j) * 2], ws[(n * 2 + j) * 2 + 1]};
      for (std::size_t i = 0; i < 4; ++i) {
        squares[(n * 4 + i) * 2 + j] = state[0] * state[0] + state[1] * state[1];
        for (std::size_t k = 0; k < 2; ++k) state[k] = std::sin(state[k] * as[n]) + xs[(i * 2 + j) * 2 + k];
      }
      last[(n * 2 + j) * 2] = state[0], last[(n * 2 + j) * 2 + 1] = state[1];
    }
  }
  check(roots, {{x, xs}, {draws, as}, {starts, ws}}, {last, squares});
}

TEST_CASE("an operand that varies along the axis only after substitution is an entry per iteration",
          "[scan]") {
  Graph graph;
  const AxisId t = graph.add_axis("t", 3, AxisKind::plate);
  const Expr a = real_input(graph, "a"), s = real_input(graph, "s"), x = real_input(graph, "x", {t});
  const ScanResult r = scan(graph, t, std::array{Carry{s, graph.constant(1), sin(s) * a}}, {});
  const auto varied = substitute(r.last, {{a.id(), x}});
  check(varied, {{x, {0.5, 2, 3}}}, {{std::sin(std::sin(std::sin(1.0) * 0.5) * 2) * 3}});
  // and one that no longer varies is the same for all
  const ScanResult q = scan(graph, t, std::array{Carry{s, graph.constant(1), sin(s) * x}}, {});
  const auto fixed = substitute(q.last, {{x.id(), a}});
  check(fixed, {{a, {2}}}, {{std::sin(std::sin(std::sin(1.0) * 2) * 2) * 2}});
}

TEST_CASE("what needs no recurrence is none: shifted values, running totals", "[scan]") {
  for (const std::int64_t length : {0, 1, 5}) {
    for (const bool reverse : {false, true}) {
      INFO("length " << length << ", reverse " << reverse);
      Graph graph;
      const AxisId t = graph.add_axis("t", length, AxisKind::plate);
      const Expr z = real_input(graph, "z", {t});
      const Expr one = real_input(graph, "one"), two = real_input(graph, "two"),
                 total = real_input(graph, "total");
      const Expr step = square(z - one * two);
      const std::array carries{Carry{total, graph.constant(0.5), reverse ? total - step : total + step},
                               Carry{two, graph.constant(0.2), one}, Carry{one, graph.constant(0.1), z}};
      const ScanResult r = scan(graph, t, carries, {}, reverse);
      for (const Expr& e : all(r)) CHECK_FALSE(has_operation(e, scan_operation));
      std::mt19937_64 generator(5);
      const Numbers zs = uniform(generator, length, -1, 1);
      Numbers before[3], after[3], last;
      for (auto* list : {before, after}) {
        for (int k = 0; k < 3; ++k) list[k].resize(zs.size());
      }
      double v_total = 0.5, v_two = 0.2, v_one = 0.1;
      for (std::size_t i = 0; i < zs.size(); ++i) {
        const std::size_t at = reverse ? zs.size() - 1 - i : i;
        before[0][at] = v_total, before[1][at] = v_two, before[2][at] = v_one;
        v_total += (reverse ? -1 : 1) * std::pow(zs[at] - v_one * v_two, 2);
        v_two = v_one;
        v_one = zs[at];
        after[0][at] = v_total, after[1][at] = v_two, after[2][at] = v_one;
      }
      check(all(r), {{z, zs}},
            {before[0], before[1], before[2], after[0], after[1], after[2], {v_total}, {v_two}, {v_one}});
    }
  }
}

TEST_CASE("loops in loops", "[scan]") {
  // the inner recurrence starts from the outer carry; its operands have both axes, one or none
  Graph graph;
  const AxisId t = graph.add_axis("t", 3, AxisKind::plate), u = graph.add_axis("u", 4, AxisKind::plate);
  const Expr x = real_input(graph, "x", {t, u}), y = real_input(graph, "y", {t}), a = real_input(graph, "a");
  const Expr outer = real_input(graph, "outer"), inner = real_input(graph, "inner");
  for (const bool reverse : {false, true}) {
    const ScanResult in =
        scan(graph, u, std::array{Carry{inner, outer, sin(inner * a) + x * y}}, {}, reverse);
    const ScanResult r =
        scan(graph, t, std::array{Carry{outer, graph.constant(0.3), cos(in.last[0]) + outer}},
             std::array{in.last[0]});
    std::mt19937_64 generator(6);
    const Numbers xs = uniform(generator, 12, -1, 1), ys = uniform(generator, 3, -1, 1);
    Numbers after, lasts;
    double state = 0.3;
    for (std::size_t i = 0; i < 3; ++i) {
      double value = state;
      for (std::size_t k = 0; k < 4; ++k)
        value = std::sin(value * 0.8) + xs[i * 4 + (reverse ? 3 - k : k)] * ys[i];
      lasts.push_back(value);
      after.push_back(state = std::cos(value) + state);
    }
    check(std::array{r.after[0], r.last[0], r.outputs[0]}, {{x, xs}, {y, ys}, {a, {0.8}}},
          {after, {state}, lasts});
  }
}

TEST_CASE("an inner loop reads its carry at the position of the outer one", "[scan]") {
  Graph graph;
  const AxisId t = graph.add_axis("t", 3, AxisKind::plate), u = graph.add_axis("u", 4, AxisKind::plate);
  const Expr x = real_input(graph, "x", {u}), a = real_input(graph, "a");
  const Expr outer = real_input(graph, "outer", {}, {3}), inner = real_input(graph, "inner", {}, {3});
  const Expr at = broadcast(reshape(to_axis(inner, 0, t), {1}), {}, {3});
  const ScanResult in = scan(graph, u, std::array{Carry{inner, outer, sin(inner * a) + x * at}}, {});
  const Expr start = graph.constant(Tensor({3}, Numbers{0.1, 0.2, 0.3}));
  const ScanResult r = scan(graph, t, std::array{Carry{outer, start, cos(in.last[0])}}, {});
  const auto value = [&](const Numbers& xs, double scale) {
    Numbers state{0.1, 0.2, 0.3}, history;
    for (std::size_t i = 0; i < 3; ++i) {
      for (std::size_t k = 0; k < 4; ++k) {
        const double entry = state[i];
        for (double& v : state) v = std::sin(v * scale) + xs[k] * entry;
      }
      for (double& v : state) v = std::cos(v);
      history.insert(history.end(), state.begin(), state.end());
    }
    return history;
  };
  const Numbers xs{0.5, -0.3, 0.8, 0.1};
  check(r.after, {{x, xs}, {a, {0.8}}}, {value(xs, 0.8)});
  const Expr root = sum_all(r.after[0]);
  const auto total = [&](double scale) {
    double sum = 0;
    for (const double v : value(xs, scale)) sum += v;
    return sum;
  };
  const double slope = run(gradient(root, std::array{a})[0], {{x, xs}, {a, {0.8}}})[0];
  CHECK(slope == Approx((total(0.8 + 1e-5) - total(0.8 - 1e-5)) / 2e-5).epsilon(1e-8));
}

TEST_CASE("equal recurrences are one node, and their size does not depend on the length", "[scan]") {
  std::size_t nodes[2];
  for (const std::int64_t length : {10, 10000}) {
    Graph graph;
    const AxisId t = graph.add_axis("t", length, AxisKind::plate);
    const Expr x = real_input(graph, "x", {t}), s = real_input(graph, "s"), z = real_input(graph, "z");
    const auto make = [&](Expr p) {
      return scan(graph, t, std::array{Carry{p, graph.constant(1), sin(p) * x}}, {});
    };
    CHECK(make(s).last[0] == make(z).last[0]);
    CHECK_FALSE(make(s).last[0] == make(s).after[0]);
    const auto g = gradient(sum_all(square(make(s).after[0])), std::array{x});
    nodes[length > 10] = topological_order(graph, g).size();
  }
  CHECK(nodes[0] == nodes[1]);
}

TEST_CASE("a recurrence of constants is a constant", "[scan]") {
  Graph graph;
  const AxisId t = graph.add_axis("t", 3, AxisKind::plate);
  const Expr s = real_input(graph, "s"), x = graph.constant(Tensor({3}, Numbers{1, 2, 3}), {t});
  const ScanResult r = scan(graph, t, std::array{Carry{s, graph.constant(1), sin(s) + x}}, {});
  const auto better = simplify(r.after);
  CHECK(better[0].node().operation == &constant_operation);
  check(
      better, {},
      {{std::sin(1.0) + 1, std::sin(std::sin(1.0) + 1) + 2, std::sin(std::sin(std::sin(1.0) + 1) + 2) + 3}});
}

TEST_CASE("the text of a graph shows the body", "[scan]") {
  Graph graph;
  const AxisId t = graph.add_axis("t", 3, AxisKind::plate);
  const Expr s = real_input(graph, "s"), x = real_input(graph, "x", {t});
  const ScanResult r = scan(graph, t, std::array{Carry{s, graph.constant(1), sin(s) + x}}, {});
  CHECK(show(graph, r.last) ==
        "%1 = input \"x\" : {t: 3} real\n"
        "%2 = constant [1] : real\n"
        "%3 = scan %2 %1 along t : real[3, 1]\n"
        "    %1 = carry 1 : real\n"
        "    %2 = operand 1 : real\n"
        "    %3 = sin %1 : real\n"
        "    %4 = add %2 %3 : real\n"
        "    next %4\n"
        "%4 = scan_output %3 last 1 : real\n"
        "return %4\n");
}

TEST_CASE("values that need later iterations are refused", "[scan]") {
  Graph graph;
  const AxisId t = graph.add_axis("t", 3, AxisKind::plate), u = graph.add_axis("u", 2, AxisKind::plate);
  const Expr s = real_input(graph, "s"), x = real_input(graph, "x", {t}), y = real_input(graph, "y", {u});
  const auto next_is = [&](Expr next) {
    return code_of([&] { scan(graph, t, std::array{Carry{s, graph.constant(1), next}}, {}); });
  };
  CHECK(next_is(sum_axis(s * x, t)) == "not-causal");
  CHECK(next_is(max_dim(to_event(s * x, t, 0), 0)) == "not-causal");
  CHECK(next_is(s * sum_axis(x, t)).empty());
  CHECK(next_is(sum_axis(sin(s) * y, u)).empty());
  std::string message;
  CHECK(code_of(
            [&] {
              scan(graph, t, std::array{Carry{s, graph.constant(1), s}}, std::array{sum_axis(s * x, t)});
            },
            &message) == "not-causal");
  CHECK(message.find("`t`") != std::string::npos);
}

TEST_CASE("a carry keeps its shape", "[scan]") {
  Graph graph;
  const AxisId t = graph.add_axis("t", 3, AxisKind::plate);
  const Expr acc = real_input(graph, "acc", {}, {2});
  std::string message;
  const Expr start = graph.constant(Tensor({2}, Numbers{1, 2}));
  const Expr longer = concatenate({acc, graph.constant(Tensor({1}, Numbers{1}))}, 0);
  CHECK(code_of(
            [&] {
              scan(graph, t, std::array{Carry{acc, start, longer}}, {});
            },
            &message) == "carried-shape");
  CHECK(message == "`acc` changes its shape from real[2] to real[3]");
  const Expr scalar = real_input(graph, "level");
  CHECK(code_of(
            [&] {
              scan(graph, t, std::array{Carry{scalar, graph.constant(1), scalar + start}}, {});
            },
            &message) == "carried-shape");
  CHECK(message == "`level` changes its shape from real to real[2]");
}
