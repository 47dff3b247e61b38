// Every rewrite of the simplifier fires on an expression of its own and keeps type and value, on ordinary numbers as
// on zeros, infinities and NaN; and the rewrites together do what they are for.
#include <catch2/catch.hpp>
#include <cmath>
#include <limits>
#include <map>
#include <string_view>

#include "graph_checks.hpp"
#include "runtime/differentiate.hpp"
#include "runtime/expression.hpp"
#include "runtime/operations/operations.hpp"
#include "runtime/simplify.hpp"
#include "runtime/training.hpp"

using namespace elbo::tests;
using namespace elbo::runtime;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr AxisId s = 0;  // {s: 3}
constexpr AxisId g = 1;  // {g: 2}

// The variables that laws are written in: vectors x, y (any number) and z (finite), a single number c (finite or NaN),
// draws t{s} and u{s} [4], fixed data d [4] and e{g} [4].
struct Variables {
  Graph& graph;
  Expr x, y, z, c, t, u, d, e;
  Expr number(double value) const { return graph.constant(value); }
  Expr spread(Expr a) const { return broadcast(a, {}, {4}); }
};

using Law = Expr (*)(const Variables&);
struct Laws {
  bool positive = false;  ///< about positive numbers: -inf is left out
  std::vector<Law> expressions;
};

const std::map<std::string_view, Laws> laws{
    {"fold",
     {false,
      {[](const Variables& v) { return exp(v.d); }, [](const Variables& v) { return sum_event(v.d); },
       [](const Variables& v) { return v.d - v.number(3); }, [](const Variables& v) { return sum_axis(v.e, g); }}}},
    {"drop_stop",
     {false,
      {[](const Variables& v) { return stop_gradient(v.x); },
       [](const Variables& v) { return with_gradient_of(v.x, v.y); },
       [](const Variables& v) { return with_gradient_of(v.x, v.u); },
       [](const Variables& v) { return followed(v.x, v.c, false, {}); }}}},
    {"merge_broadcasts",
     {false,
      {[](const Variables& v) { return broadcast(broadcast(v.x, {s}, {2, 4}), {g}, {2, 4}); },
       [](const Variables& v) { return broadcast(v.x, {}, {4}); }}}},
    {"add_zero",
     {false, {[](const Variables& v) { return v.x + 0; }, [](const Variables& v) { return v.c + v.spread(v.number(0)); }}}},
    {"subtract_zero",
     {false, {[](const Variables& v) { return v.x - 0; }, [](const Variables& v) { return 0.0 - v.x; }}}},
    {"multiply_one",
     {false,
      {[](const Variables& v) { return 1.0 * v.x; }, [](const Variables& v) { return v.x * -1; },
       [](const Variables& v) { return v.c * v.spread(v.number(1)); }}}},
    {"divide_number",
     {false,
      {[](const Variables& v) { return v.x / 3; }, [](const Variables& v) { return 1.0 / v.x; },
       [](const Variables& v) { return v.c / v.spread(v.number(-0.7)); }}}},
    {"multiply_numbers",
     {false, {[](const Variables& v) { return (v.x * 3) * 0.5; }, [](const Variables& v) { return -2.0 * (7.0 * v.x); }}}},
    {"common_factor",
     {false,
      {[](const Variables& v) { return v.x * 3 + v.z * 3; }, [](const Variables& v) { return 2 * v.z - v.x * 2; },
       [](const Variables& v) { return v.x * 0.5 + v.t * -0.5; },
       [](const Variables& v) { return v.c * 4 - v.z * -4; }}}},
    {"double_negation",
     {false,
      {[](const Variables& v) { return -(-v.x); }, [](const Variables& v) { return -(v.x - v.y); },
       [](const Variables& v) { return -(v.x * 3); }}}},
    {"move_negation",
     {false,
      {[](const Variables& v) { return v.x + -v.y; }, [](const Variables& v) { return -v.x + v.c; },
       [](const Variables& v) { return v.x - -v.y; }, [](const Variables& v) { return -v.x * v.y; },
       [](const Variables& v) { return v.c * -v.y; }, [](const Variables& v) { return -v.x * -v.y; },
       [](const Variables& v) { return -v.x * 3; }, [](const Variables& v) { return square(-v.x); }}}},
    {"power_number",
     {false,
      {[](const Variables& v) { return power(v.x, 1); }, [](const Variables& v) { return power(v.x, 2); },
       [](const Variables& v) { return power(v.x, -1); }}}},
    {"multiply_itself", {false, {[](const Variables& v) { return v.x * v.x; }}}},
    {"log_inside",
     {true,
      {[](const Variables& v) { return log(exp(v.x)); },
       [](const Variables& v) { return log(v.graph.add(reciprocal_operation, {v.x})); },
       [](const Variables& v) { return log(sqrt(v.x)); }}}},
    {"reciprocal_inside",
     {false,
      {[](const Variables& v) {
         return v.graph.add(reciprocal_operation, {v.graph.add(reciprocal_operation, {v.x})});
       },
       [](const Variables& v) { return v.graph.add(reciprocal_operation, {exp(v.x)}); }}}},
    {"choose",
     {false,
      {[](const Variables& v) { return select(v.number(1), v.x, v.y); },
       [](const Variables& v) { return select(v.number(0), v.x, v.c); },
       [](const Variables& v) { return select(training(v.graph), v.x, v.y); },
       [](const Variables& v) { return select(v.d, v.x, v.y); }}}},
    {"logic_number",
     {false, {[](const Variables& v) { return logical_and(less(v.x, v.y), v.number(1)); }}}},
    {"hoist_broadcast",
     {false,
      {[](const Variables& v) { return exp(v.spread(v.c)); }, [](const Variables& v) { return v.spread(v.c) + v.x; },
       [](const Variables& v) { return broadcast_axis(v.x, s) * broadcast_axis(v.y, g); }}}},
    {"sum_of_sum",
     {false,
      {[](const Variables& v) { return sum_axis(sum_event(v.u), s); },
       [](const Variables& v) { return sum_event(sum_axis(v.u, s)); },
       [](const Variables& v) { return sum_dim(sum_dim(broadcast(v.u, {}, {5, 4}), 1), 0); }}}},
    {"sum_of_constant",
     {false,
      {[](const Variables& v) { return sum_event(v.spread(v.c)); },
       [](const Variables& v) { return sum_axis(broadcast_axis(v.x, s), s); },
       [](const Variables& v) { return sum_event(broadcast(v.t, {}, {4})); }}}},
    {"sum_of_broadcast",
     {false, {[](const Variables& v) { return sum(broadcast_axis(v.u, g), {s, g}, {}); }}}},
    {"sum_factor",
     {false,
      {[](const Variables& v) { return sum_event(v.c * v.x); }, [](const Variables& v) { return sum_event(-v.x); },
       [](const Variables& v) { return sum_event(v.t * v.x); },
       [](const Variables& v) { return sum_event(square(v.x * v.c)); },
       [](const Variables& v) { return sum_axis(v.u * v.z, s); }}}},
    {"sum_split",
     {false,
      {[](const Variables& v) { return sum_event(v.x + v.c); }, [](const Variables& v) { return sum_event(v.c - v.x); },
       [](const Variables& v) { return sum_event(v.x * v.y - v.c * v.x); },
       [](const Variables& v) { return sum_axis(v.u + v.x, s); }}}},
    {"sum_of_squares",
     {false,
      {[](const Variables& v) { return sum_event(square(v.d - v.c)); },
       [](const Variables& v) { return sum_event(square(v.t - v.d)); },
       [](const Variables& v) { return sum(square(v.e - v.c), {g}, {0}); }}}},
    {"hoist_axes",
     {false,
      {[](const Variables& v) { return reshape(broadcast(v.x, {s}, {4}), {2, 2}); },
       [](const Variables& v) {
         return matmul(broadcast(reshape(v.u, {2, 2}), {s, g}, {2, 2}), broadcast(reshape(v.z, {2, 2}), {g}, {2, 2}));
       }}}},
    {"sum_in_reshape", {false, {[](const Variables& v) { return sum_axis(reshape(v.u, {2, 2}), s); }}}},
    {"sum_in_product",
     {false,
      {[](const Variables& v) { return sum_axis(matmul(reshape(v.z, {2, 2}), reshape(v.u, {2, 2})), s); },
       [](const Variables& v) { return sum_axis(matmul(reshape(v.u, {1, 4}), reshape(v.z, {4, 1})), s); },
       [](const Variables& v) {
         return sum(matmul(reshape(v.e, {2, 2}), broadcast(reshape(v.z, {2, 2}), {s}, {2, 2})), {s, g}, {});
       }}}},
    {"sum_of_outer_products",
     {false,
      {[](const Variables& v) { return sum_axis(matmul(reshape(v.u, {4, 1}), reshape(v.t, {1, 1})), s); },
       [](const Variables& v) {
         return sum_axis(matmul(reshape(v.e, {4, 1}), reshape(v.e * v.z, {1, 4})), g);
       }}}},
    {"sum_of_one",
     {false,
      {[](const Variables& v) {
         const AxisId one = v.graph.add_axis("one", 1, AxisKind::sample);
         return sum_axis(to_axis(reshape(v.x, {1, 4}), 0, one), one);
       }}}},
    {"reshape_again",
     {false, {[](const Variables& v) { return v.graph.add(reshape_operation, {reshape(v.x, {2, 2})},
                                                          {.integers = {4, 1}, .text = {}, .tensor = nullptr}); }}}},
};

Variables variables(Graph& graph) {
  graph.add_axis("s", 3, AxisKind::sample);
  graph.add_axis("g", 2, AxisKind::plate);
  const Type vector{{}, {4}, Domain::real};
  return {graph,
          graph.input("x", vector),
          graph.input("y", vector),
          graph.input("z", vector),
          graph.input("c", {{}, {}, Domain::real}),
          graph.input("t", {{s}, {}, Domain::real}),
          graph.input("u", {{s}, {4}, Domain::real}),
          graph.constant(Tensor({4}, Numbers{1.5, -2, 0.25, 8})),
          graph.constant(Tensor({2, 4}, Numbers{3, 1, 4, 1, 5, 9, 2, 6}), {g})};
}

// Ordinary numbers with some replaced by ones that are not.
std::vector<Given> assignments(const Variables& v, bool positive) {
  std::mt19937_64 generator(3);
  const auto draw = [&] {
    return Given{{v.x, uniform(generator, 4, -3, 3)}, {v.y, uniform(generator, 4, -3, 3)},
                 {v.c, uniform(generator, 1, -3, 3)}, {v.t, uniform(generator, 3, -3, 3)},
                 {v.u, uniform(generator, 12, -3, 3)}, {v.z, uniform(generator, 4, -3, 3)}};
  };
  std::vector<Given> result{draw(), draw(), draw()};
  Numbers odd{0, 1, -1, std::nan(""), infinity};
  if (!positive) odd.push_back(-infinity);
  for (const double a : odd) {
    for (const double b : odd) {
      Given given = draw();
      given[0].second[1] = given[4].second[5] = a;
      given[1].second[1] = given[4].second[6] = b;
      if (!std::isinf(b)) given[2].second[0] = given[3].second[0] = b;
      result.push_back(std::move(given));
    }
  }
  return result;
}

Expr simplified(Expr e) { return simplify(std::span(&e, 1)).front(); }

std::size_t instructions(Expr e, bool simplify) {
  std::vector<Expr> inputs;
  for (const NodeId id : topological_order(e.graph(), std::span(&e, 1))) {
    if (e.graph().node(id).operation == &input_operation) inputs.push_back(e.graph().at(id));
  }
  return instruction_count(*plan(std::span(&e, 1), inputs, {.simplify = simplify}));
}

}  // namespace

TEST_CASE("every rewrite fires and keeps type and value", "[simplify]") {
  for (const Rewrite& rewrite : rewrite_list()) {
    INFO("rewrite " << rewrite.name << ": " << rewrite.law);
    REQUIRE(laws.count(rewrite.name) == 1);
    const Laws& cases = laws.at(rewrite.name);
    for (std::size_t i = 0; i < cases.expressions.size(); ++i) {
      INFO("expression " << i + 1);
      Graph graph;
      const Variables v = variables(graph);
      const Expr before = cases.expressions[i](v);
      const Expr after = rewrite.apply(before);
      REQUIRE(after);
      CHECK(after != before);
      CHECK(after.type() == before.type());
      for (const Given& given : assignments(v, cases.positive)) {
        Reference reference(graph, given);
        const Numbers expected = reference(before);
        CHECK(distance(reference(after), expected) < 1e-13);
        CHECK(distance(run(before, given), expected) < 1e-13);
      }
    }
  }
  CHECK(laws.size() == rewrite_list().size());
}

TEST_CASE("rewrites leave alone what they would change", "[simplify]") {
  Graph graph;
  const Variables v = variables(graph);
  const Expr whole = graph.input("k", {{}, {4}, Domain::integer});
  const Expr truth = graph.input("b", {{}, {4}, Domain::boolean});
  const std::vector<Expr> roots{v.x * 0,
                                v.x / 0,
                                v.x / v.x,
                                exp(log(v.x)),
                                sqrt(square(v.x)),
                                logical_and(v.x, v.number(1)),
                                select(v.x, v.c, v.spread(v.c)) + whole,
                                -(-truth),
                                log(exp(whole)),
                                graph.constant(-0.0) + v.x * graph.constant(-0.0)};
  const auto after = simplify(roots);
  for (std::size_t i = 0; i < roots.size(); ++i) {
    INFO(i);
    CHECK(after[i].type() == roots[i].type());
  }
  const double nan = std::nan("");
  const Given given{{v.x, {0, nan, infinity, -2}}, {whole, {0, 1, -3, 2}}, {truth, {0, 1, 1, 0}}, {v.c, {1}}};
  for (std::size_t i = 0; i < roots.size(); ++i) {
    INFO(i);
    CHECK(same(run(roots[i], given), run(roots[i], given, {.plan = {.simplify = false}})));
  }
}

TEST_CASE("sums over nothing are zero", "[simplify]") {
  Graph graph;
  const AxisId none = graph.add_axis("none", 0, AxisKind::plate);
  const Expr c = graph.input("c", {{}, {}, Domain::real}), x = graph.input("x", {{none}, {3}, Domain::real});
  const Given given{{c, {infinity}}, {x, {}}};
  for (const Expr e : {sum_all(c * x), sum_all(x - c), sum_axis(broadcast_axis(c, none), none),
                       sum_all(square(x / c)), sum_event(broadcast(c, {}, {0}))}) {
    CHECK(run(e, given) == Numbers{0});
  }
}

TEST_CASE("what does not vary is computed once", "[simplify]") {
  Graph graph;
  const AxisId n = graph.add_axis("n", 1000, AxisKind::plate);
  const Expr shape = graph.input("shape", {{}, {}, Domain::real});
  const Expr x = graph.input("x", {{n}, {}, Domain::real});
  const Expr after = simplified(lgamma(broadcast_axis(shape, n)) + digamma(broadcast_axis(shape, n)) * x);
  for (const NodeId id : topological_order(graph, std::span(&after, 1))) {
    const Node& node = graph.node(id);
    if (node.operation == &lgamma_operation || node.operation == &digamma_operation) CHECK(node.type.axes.empty());
  }
}

TEST_CASE("an iid normal does not depend on how many data there are", "[simplify]") {
  std::mt19937_64 generator(1);
  std::vector<std::size_t> counts;
  for (const std::int64_t n : {10, 1000}) {
    Graph graph;
    const Expr data = graph.constant(Tensor({n}, uniform(generator, n, 3, 4)));
    const Expr m = graph.input("m", {{}, {}, Domain::real}), sd = graph.input("sd", {{}, {}, Domain::real});
    const Expr density = sum_all(-0.5 * square((data - m) * (1.0 / sd)) - (log(sd) + 0.9189385332046727));
    std::vector<Expr> roots{density};
    for (const Expr& derivative : gradient(density, std::array{m, sd})) roots.push_back(derivative);
    const auto after = simplify(std::span<const Expr>(&density, 1));
    for (const NodeId id : topological_order(graph, after)) {
      CHECK(graph.element_count(graph.node(id).type) == 1);
    }
    const Given given{{m, {3.2}}, {sd, {0.4}}};
    const auto values = run(roots, given), plain = run(roots, given, {.plan = {.simplify = false}});
    for (std::size_t i = 0; i < roots.size(); ++i) CHECK(distance(values[i], plain[i]) < 1e-12);
    counts.push_back(instructions(density, true));
  }
  CHECK(counts[0] == counts[1]);
}

TEST_CASE("simplifying saves instructions", "[simplify]") {
  Graph graph;
  const Variables v = variables(graph);
  const Expr e = log(exp(v.x * 1 + 0)) - -v.y;
  CHECK(instructions(e, true) == 1);
  CHECK(instructions(e, false) == 6);
  CHECK(simplified(e) == v.x + v.y);
  CHECK(simplified(v.x + v.number(2) * v.number(3)) == v.x + 6);
}
