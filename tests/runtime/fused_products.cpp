// Products that are part of a loop give what they give by themselves, for any number of threads.
#include <catch2/catch.hpp>
#include <string>

#include "graph_checks.hpp"
#include "random_graphs.hpp"
#include "runtime/differentiate.hpp"
#include "runtime/expression.hpp"

using namespace elbo::tests;
using namespace elbo::runtime;

namespace {

constexpr std::int64_t always = 0, never = -1;

PlanOptions fused_from(std::int64_t entries, Precision precision = Precision::real64) {
  PlanOptions options;
  options.fuse_from = entries;
  options.precision = precision;
  return options;
}

// Programs of one graph with and without fusion; each is asked for all roots.
struct Compared {
  Graph graph;
  Given given;
  std::vector<Expr> roots;
  std::mt19937_64 generator;

  explicit Compared(std::uint64_t seed) : generator(seed) {}

  std::int64_t below(std::int64_t n) {
    return static_cast<std::int64_t>(generator() % static_cast<std::uint64_t>(n));
  }
  Expr input(std::vector<AxisId> axes, Shape event) {
    const Expr e = graph.input("x", {std::move(axes), std::move(event), Domain::real});
    given.emplace_back(e, uniform(generator, count(e), -1, 1));
    return e;
  }
  Expr constant(Shape shape) {
    const std::int64_t n = element_count(shape);
    return graph.constant(Tensor(std::move(shape), uniform(generator, n, -1, 1)));
  }

  // How many products the loops have.
  int products(std::int64_t from = always) const {
    std::vector<Expr> inputs;
    for (const auto& [e, values] : given) inputs.push_back(e);
    const std::string text = show(*plan(roots, inputs, fused_from(from)));
    int result = 0;
    for (std::size_t at = text.find(", products "); at != std::string::npos;
         at = text.find(", products ", at + 1)) {
      result += std::stoi(text.substr(at + 11));
    }
    return result;
  }

  void check(std::int64_t from = always) const {
    const auto apart = run(roots, given, {.plan = fused_from(never)});
    const auto together = run(roots, given, {.plan = fused_from(from)});
    const auto single = run(roots, given, {.plan = fused_from(from, Precision::real32)});
    for (std::size_t i = 0; i < roots.size(); ++i) {
      INFO("root " << i);
      CHECK(distance(together[i], apart[i]) < 1e-12);
      CHECK(distance(single[i], apart[i]) < 1e-2);
    }
    for (const int threads : {2, 3}) {
      const auto shared = run(roots, given, {.plan = fused_from(from), .threads = threads});
      for (std::size_t i = 0; i < roots.size(); ++i) CHECK(same(shared[i], together[i]));
    }
  }
};

// The terms of a regression with this predictor, of which the observations are a constant of its kind.
Expr terms(Compared& c, Expr predictor, Expr data) {
  switch (c.below(4)) {
    case 0:
      return data * predictor - softplus(predictor);
    case 1:
      return -square(data - predictor) * 0.5;
    case 2:
      return data * predictor - exp(predictor);
    default:
      return -log1p(square(data - predictor)) + 0.1 * predictor;
  }
}

}  // namespace

TEST_CASE("regressions row by row", "[program][products]") {
  int fused = 0;
  for (std::uint64_t seed = 0; seed < 120; ++seed) {
    INFO("seed " << seed);
    Compared c(seed);
    const std::int64_t rows = 2 + c.below(seed % 4 == 0 ? 900 : 100),
                       width = 2 + c.below(seed % 5 == 0 ? 150 : 20);
    const std::int64_t draws = seed % 3 == 0 ? 1 : 1 + c.below(21);
    // either may come first in memory
    AxisId n, s;
    if (seed % 2) {
      n = c.graph.add_axis("n", rows, AxisKind::plate), s = c.graph.add_axis("s", draws, AxisKind::sample);
    } else {
      s = c.graph.add_axis("s", draws, AxisKind::sample), n = c.graph.add_axis("n", rows, AxisKind::plate);
    }
    const bool is_varying = c.below(4) == 0;
    const Expr data = is_varying ? c.input({}, {rows, width}) : c.constant({rows, width});
    const Expr x = to_axis(data, 0, n);
    const Expr w = c.input({s}, {width}),
               b = c.input(c.below(2) ? std::vector<AxisId>{s} : std::vector<AxisId>{}, {});
    const Expr y = to_axis(c.constant({rows}), 0, n);
    const Expr predictor = matmul(x, w) + b;
    const Expr term = terms(c, predictor, y);
    const Expr total = sum_axis(term, n);
    const Expr whole = sum_all(total);
    std::vector<Expr> targets{w, b};
    if (is_varying && c.below(2)) targets.push_back(data);
    c.roots = gradient(whole, targets);
    c.roots.push_back(total);
    if (c.below(3) == 0) c.roots.push_back(term);  // lives in memory as well
    if (c.below(4) == 0) c.roots.push_back(sigmoid(predictor));
    if (c.below(4) == 0) c.roots.push_back(sum_axis(exp(term), s));  // a row that is kept
    if (c.below(4) == 0) c.roots.push_back(matmul(x, w));            // a predictor that is wanted itself
    c.check();
    fused += c.products() > 0;
  }
  CHECK(fused > 80);
}

TEST_CASE("regressions as products of whole matrices", "[program][products]") {
  int fused = 0;
  for (std::uint64_t seed = 0; seed < 120; ++seed) {
    INFO("seed " << seed);
    Compared c(seed);
    const std::int64_t rows = 2 + c.below(seed % 4 == 0 ? 900 : 100),
                       width = 2 + c.below(seed % 5 == 0 ? 150 : 20);
    const std::int64_t outputs = 1 + c.below(7), draws = 1 + c.below(4);
    const AxisId s = c.graph.add_axis("s", draws, AxisKind::sample);
    const std::vector<AxisId> of_w = c.below(2) ? std::vector<AxisId>{s} : std::vector<AxisId>{};
    const bool is_left = c.below(2), is_vector = c.below(3) == 0;  // w' X' in place of X w
    const Expr x = c.constant({rows, width});
    const Expr w = c.input(of_w, is_vector ? Shape{width}
                                 : is_left ? Shape{outputs, width}
                                           : Shape{width, outputs});
    const Expr predictor = is_left ? matmul(w, permute(x, {1, 0})) : matmul(x, w);
    const Expr y = c.constant(predictor.type().event);
    const Expr term = terms(c, predictor + c.input({}, {}), y);
    const std::array targets{w};
    c.roots = gradient(sum_all(term), targets);
    if (c.below(3) == 0) c.roots.push_back(term);
    if (c.below(3) == 0) c.roots.push_back(max_dim(term, -1));
    if (c.below(3) == 0) c.roots.push_back(sum_dim(term, -1));
    c.check();
    fused += c.products() > 0;
  }
  CHECK(fused > 80);
}

TEST_CASE("two predictors, with and without noise of their own", "[program][products]") {
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    INFO("seed " << seed);
    Compared c(seed);
    const std::int64_t rows = 2 + c.below(600), draws = 1 + c.below(3);
    const AxisId n = c.graph.add_axis("n", rows, AxisKind::plate);
    const AxisId s = c.graph.add_axis("s", draws, AxisKind::sample);
    const Expr x = to_axis(c.constant({rows, 9}), 0, n);
    const Expr z = seed % 2 ? x : to_axis(c.constant({rows, 30}), 0, n);
    const Expr w = c.input({s}, {9}), v = c.input({s}, seed % 2 ? Shape{9} : Shape{30});
    Expr term = square(matmul(x, w) - to_axis(c.constant({rows}), 0, n)) * exp(-matmul(z, v)) + matmul(z, v);
    if (seed % 4 > 1) term = term * (1.0 + 0.1 * random_normal(c.graph, {n, s}, {}));
    const std::array targets{w, v};
    c.roots = gradient(sum_all(term), targets);
    c.roots.push_back(sum_all(term));
    c.check();
  }
}

TEST_CASE("pieces for several threads", "[program][products]") {
  for (const std::int64_t draws : {1, 3, 10}) {
    Compared c(static_cast<std::uint64_t>(draws));
    const std::int64_t rows = 20011, width = 53;
    const AxisId n = c.graph.add_axis("n", rows, AxisKind::plate);
    const AxisId s = c.graph.add_axis("s", draws, AxisKind::sample);
    const Expr x = to_axis(c.constant({rows, width}), 0, n);
    const Expr w = c.input({s}, {width}), b = c.input({s}, {});
    const Expr predictor = matmul(x, w) + b;
    const Expr total = sum_axis(to_axis(c.constant({rows}), 0, n) * predictor - softplus(predictor), n);
    const std::array targets{w, b};
    c.roots = gradient(sum_all(total), targets);
    c.roots.push_back(total);
    CHECK(c.products(PlanOptions().fuse_from) == 2);
    c.check(PlanOptions().fuse_from);
  }
}

TEST_CASE("small matrices and products that something else reads stay by themselves", "[program][products]") {
  Compared c(1);
  const AxisId n = c.graph.add_axis("n", 400, AxisKind::plate);
  const Expr x = to_axis(c.constant({400, 4}), 0, n);
  const Expr w = c.input({}, {4});
  const Expr predictor = matmul(x, w);
  const std::array targets{w};
  c.roots = gradient(sum_all(softplus(predictor)), targets);
  CHECK(c.products(PlanOptions().fuse_from) == 0);
  CHECK(c.products() == 2);
  c.roots.push_back(predictor);
  CHECK(c.products() == 1);
}

TEST_CASE("random graphs with products in their loops", "[program][products]") {
  std::size_t fused = 0;
  for (std::uint64_t seed = 0; seed < 4000; ++seed) {
    INFO("seed " << seed);
    const RandomGraph g = random_graph(seed, {.steps = 25, .sizes = {2, 3, 4}, .moves = true});
    std::vector<Expr> inputs;
    for (const auto& [input, numbers] : g.given) inputs.push_back(input);
    std::vector<Expr> roots = g.roots;
    for (const Expr& e : gradient(sum_all(g.roots[0]), inputs)) roots.push_back(e);
    fused += show(*plan(roots, inputs, fused_from(always))).find(", products ") != std::string::npos;
    const auto apart = run(roots, g.given, {.plan = fused_from(never)});
    const auto together = run(roots, g.given, {.plan = fused_from(always)});
    for (std::size_t i = 0; i < roots.size(); ++i) {
      INFO("root " << i);
      CHECK(distance(together[i], apart[i]) < 1e-9);
    }
  }
  CHECK(fused > 30);
}
