// Convolutions larger than the tiles they are computed by: many outputs, entries and windows; images that
// share tiles; operands that do not lie in memory as they are read; several threads.
#include <catch2/catch.hpp>

#include "graph_checks.hpp"
#include "runtime/differentiate.hpp"
#include "runtime/expression.hpp"
#include "runtime/windows.hpp"

using namespace elbo::tests;
using namespace elbo::runtime;

namespace {

struct Sizes {
  const char* name;
  Windows windows;
  std::int64_t in, out, groups, images;
};

const std::vector<Sizes> all_sizes{
    {"more entries than a tile has",
     {.size = {3, 3}, .before = {1, 1}, .after = {1, 1}, .image = {5, 4}},
     130,
     3,
     1,
     3},
    {"more outputs", {.size = {2, 2}, .stride = {2, 2}, .image = {8, 8}}, 2, 150, 1, 5},
    {"more windows", {.size = {3, 2}, .before = {1, 0}, .after = {1, 1}, .image = {40, 31}}, 2, 3, 1, 2},
    {"a grid of one window", {.size = {4, 4}, .image = {4, 4}}, 70, 66, 1, 7},
    {"images that share tiles",
     {.size = {3, 3}, .stride = {2, 2}, .before = {1, 1}, .image = {6, 7}},
     3,
     5,
     1,
     70},
    {"groups",
     {.size = {5, 5}, .dilation = {2, 1}, .before = {4, 2}, .after = {4, 2}, .image = {12, 9}},
     12,
     8,
     4,
     3}};

// Values and both gradients, in double and in single precision, against the definition.
void check(Expr image, Expr weight, const Sizes& sizes, const Given& given, Expr result) {
  const std::array inputs{image, weight};
  std::vector<Expr> roots{result};
  for (const Expr& g : gradient(sum_all(square(result)), inputs)) roots.push_back(g);
  Reference reference(image.graph(), given);
  const auto single = run(roots, given, {.plan = {.precision = Precision::real32}});
  const auto found = run(roots, given), by_threads = run(roots, given, {.plan = {}, .threads = 3});
  for (std::size_t i = 0; i < roots.size(); ++i) {
    INFO(sizes.name << ", "
                    << (i == 0   ? "value"
                        : i == 1 ? "gradient in the images"
                                 : "gradient in the weights"));
    const Numbers expected = reference(roots[i]);
    CHECK(distance(found[i], expected) < 1e-12);
    CHECK(by_threads[i] == found[i]);
    CHECK(distance(single[i], expected) < 1e-4);
  }
}

}  // namespace

TEST_CASE("convolutions of every size are their definition", "[convolution]") {
  for (const Sizes& s : all_sizes) {
    for (const bool transposed : {false, true}) {
      Graph graph;
      const AxisId axis = graph.add_axis("image", s.images, AxisKind::plate);
      const Extent extent = transposed ? s.windows.grid() : s.windows.image;
      const Type of_images{{axis}, {transposed ? s.out : s.in, extent[0], extent[1]}, Domain::real};
      const Type of_weights{{}, {s.out, s.in / s.groups, s.windows.size[0], s.windows.size[1]}, Domain::real};
      const Expr image = graph.input("image", of_images), weight = graph.input("weight", of_weights);
      std::mt19937_64 generator(1);
      const Given given{{image, uniform(generator, graph.element_count(of_images), -1, 1)},
                        {weight, uniform(generator, graph.element_count(of_weights), -1, 1)}};
      check(image, weight, s, given,
            transposed ? convolve_transpose(image, weight, s.windows, s.groups)
                       : convolve(image, weight, s.windows, s.groups));
    }
  }
}

TEST_CASE("convolutions read operands wherever they lie", "[convolution]") {
  const Windows windows{.size = {3, 2}, .stride = {1, 2}, .before = {1, 1}, .after = {0, 1}, .image = {5, 6}};
  Graph graph;
  const AxisId axis = graph.add_axis("image", 3, AxisKind::plate);
  // channels last, and weights the other way round
  const Type of_images{{axis}, {5, 6, 2}, Domain::real}, of_weights{{}, {2, 3, 2, 4}, Domain::real};
  const Expr image = graph.input("image", of_images), weight = graph.input("weight", of_weights);
  std::mt19937_64 generator(1);
  const Given given{{image, uniform(generator, graph.element_count(of_images), -1, 1)},
                    {weight, uniform(generator, graph.element_count(of_weights), -1, 1)}};
  const Expr turned = permute(image, {2, 0, 1}), turned_weight = permute(weight, {3, 2, 1, 0});
  check(image, weight, {"turned", windows, 2, 4, 1, 3}, given, convolve(turned, turned_weight, windows));
  // a gradient that is the same for all
  const std::array inputs{image, weight};
  const auto gradients = gradient(sum_all(convolve(turned, turned_weight, windows)), inputs);
  Reference reference(graph, given);
  for (const Expr& g : gradients) CHECK(distance(run(g, given), reference(g)) < 1e-12);
  const Expr grid = permute(image, {2, 0, 1});
  const Windows wide{.size = {3, 2}, .stride = {2, 3}, .before = {1, 0}, .after = {0, 0}, .image = {10, 17}};
  REQUIRE(wide.grid() == Extent{5, 6});
  const Expr up = permute(graph.input("up", {{}, {3, 2, 1, 2}, Domain::real}), {3, 2, 0, 1});
  Given more = given;
  more.push_back({graph.at(up.node().inputs[0]), uniform(generator, 12, -1, 1)});
  const Expr result = convolve_transpose(grid, up, wide);
  Reference other(graph, more);
  CHECK(distance(run(result, more), other(result)) < 1e-12);
}

TEST_CASE("the weights of a convolution may differ from draw to draw", "[convolution]") {
  const Windows windows{.size = {2, 2}, .image = {4, 4}};
  Graph graph;
  const AxisId draw = graph.add_axis("draw", 3, AxisKind::sample),
               row = graph.add_axis("row", 4, AxisKind::plate);
  const Type of_images{{draw, row}, {1, 4, 4}, Domain::real}, of_weights{{draw}, {2, 1, 2, 2}, Domain::real};
  const Expr image = graph.input("image", of_images), weight = graph.input("weight", of_weights);
  std::mt19937_64 generator(1);
  const Given given{{image, uniform(generator, graph.element_count(of_images), -1, 1)},
                    {weight, uniform(generator, graph.element_count(of_weights), -1, 1)}};
  check(image, weight, {"draws", windows, 1, 2, 1, 4}, given, convolve(image, weight, windows));
}
