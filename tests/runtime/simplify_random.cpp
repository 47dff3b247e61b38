// The simplifier on random graphs: values and types stay, a second pass finds nothing more, and it always ends.
#include <catch2/catch.hpp>

#include "random_graphs.hpp"
#include "runtime/differentiate.hpp"
#include "runtime/expression.hpp"
#include "runtime/simplify.hpp"

using namespace elbo::tests;
using namespace elbo::runtime;

TEST_CASE("simplified random graphs have the same values and types", "[simplify]") {
  std::size_t agreed = 0, elements = 0;
  for (std::uint64_t seed = 0; seed < 3000; ++seed) {
    INFO("seed " << seed);
    const RandomGraph g = random_graph(seed, {.steps = 5 + seed % 25, .moves = seed % 3 == 0});
    const auto after = simplify(g.roots);
    for (std::size_t i = 0; i < g.roots.size(); ++i) {
      CHECK(after[i].type() == g.roots[i].type());
      const Numbers values = Reference(*g.graph, g.given)(after[i]);
      agreed += check_values(g, g.roots[i], values, false);
      elements += values.size();
    }
    const auto again = simplify(after);
    for (std::size_t i = 0; i < after.size(); ++i) CHECK(again[i] == after[i]);
  }
  // most of the elements were comparable
  CHECK(agreed > elements * 6 / 10);
}

TEST_CASE("simplified gradients of random graphs have the same values", "[simplify]") {
  std::size_t agreed = 0, elements = 0;
  for (std::uint64_t seed = 10000; seed < 10500; ++seed) {
    INFO("seed " << seed);
    const RandomGraph g = random_graph(seed, {.steps = 5 + seed % 15, .moves = seed % 3 == 0});
    std::vector<Expr> inputs;
    for (const auto& [input, numbers] : g.given) inputs.push_back(input);
    const auto gradients = gradient(sum_all(g.roots[0]), inputs);
    const auto after = simplify(gradients);
    for (std::size_t i = 0; i < after.size(); ++i) {
      CHECK(after[i].type().event == inputs[i].type().event);
      const Numbers values = Reference(*g.graph, g.given)(after[i]);
      agreed += check_values(g, gradients[i], values, false);
      elements += values.size();
    }
  }
  CHECK(agreed > elements * 6 / 10);
}
