// Plate diagrams: what is in them, for models of which textbooks print the picture.
#include <algorithm>
#include <catch2/catch.hpp>

#include "runtime/diagram.hpp"
#include "tests/runtime/scripts.hpp"

using elbo::tests::Session;
using namespace elbo::runtime;

namespace {

Diagram diagram(const std::string& text) {
  Session session;
  return diagram_of(*session.model(text));
}

const DiagramNode& node(const Diagram& d, const std::string& name) {
  const DiagramNode* found = d.find(name);
  INFO(name);
  REQUIRE(found != nullptr);
  return *found;
}

/// "outer / inner": the labels of the plates around a node.
std::string plates(const Diagram& d, const std::string& name) {
  std::string text;
  for (auto plate = node(d, name).plate; plate; plate = d.plates[*plate].parent)
    text = d.plates[*plate].label + (text.empty() ? "" : " / ") + text;
  return text;
}

/// "a -> b [label]" of all edges, sorted.
std::vector<std::string> edges(const Diagram& d) {
  std::vector<std::string> result;
  for (const DiagramEdge& e : d.edges) {
    result.push_back(d.nodes[e.from].name + " -> " + d.nodes[e.to].name +
                     (e.label.empty() ? "" : " [" + e.label + "]"));
  }
  std::sort(result.begin(), result.end());
  return result;
}

using Edges = std::vector<std::string>;

}  // namespace

TEST_CASE("one plate for loops over the same range, with data inside", "[diagram]") {
  const Diagram d = diagram(
      "model m(J: int, y: real[J], s: real[J]) { mu ~ Normal(0, 5)\n"
      "for j in 1:J { theta[j] ~ Normal(mu, 1) }\n for j in 1:J { y[j] ~ Normal(theta[j], s[j]) } }\n"
      "m(3, [1.0, 2, 3], [1.0, 2, 3])");
  CHECK(d.plates.size() == 1);
  CHECK(plates(d, "mu").empty());
  CHECK(plates(d, "theta[j]") == "j = 1, …, 3");
  CHECK(plates(d, "y[j]") == "j = 1, …, 3");
  CHECK(plates(d, "s[j]") == "j = 1, …, 3");
  CHECK(node(d, "theta[j]").kind == NodeKind::latent);
  CHECK(node(d, "y[j]").kind == NodeKind::observed);
  CHECK(node(d, "s[j]").kind == NodeKind::data);
  CHECK(edges(d) == Edges{"mu -> theta[j]", "s[j] -> y[j]", "theta[j] -> y[j]"});
}

TEST_CASE("ranges that only happen to be as long are two plates", "[diagram]") {
  const Diagram d = diagram(
      "model m(J: int, K: int) { for j in 1:J { a[j] ~ Normal(0, 1) }\n for j in 1:K { b[j] ~ Normal(0, 1) } "
      "}\n"
      "m(3, 3)");
  CHECK(d.plates.size() == 2);
}

TEST_CASE("a chain has its start outside of the plate and an edge to itself", "[diagram]") {
  const Diagram d = diagram(
      "model m(y: real[T]) { z[1] ~ Normal(0, 1)\n z[2] ~ Normal(0, 1)\n"
      "for t in 3:T { z[t] ~ Normal(0.5 * z[t - 1] + 0.2 * z[t - 2], 1) }\n"
      "for t in 1:T { y[t] ~ Normal(z[t], 1) } }\n m([1.0, 2, 3, 4])");
  CHECK(plates(d, "z[1]").empty());
  CHECK(plates(d, "z[t]") == "t = 1, …, 4");
  CHECK(node(d, "z[t]").note == "t = 3, 4");
  CHECK(edges(d) == Edges{"z[1] -> z[t]", "z[2] -> z[t]", "z[t] -> y[t]", "z[t] -> z[t] [t - 1; t - 2]"});
}

TEST_CASE("an index array is data of the reader's plate", "[diagram]") {
  const Diagram d = diagram(
      "model m(J: int, g: int[N], y: real[N]) { for j in 1:J { a[j] ~ Normal(0, 1) }\n"
      "for n in 1:N { y[n] ~ Normal(a[g[n]], 1) } }\n m(2, [1, 2, 2], [1.0, 2, 3])");
  CHECK(plates(d, "g[n]") == "n = 1, …, 3");
  CHECK(edges(d) == Edges{"a[j] -> y[n]", "g[n] -> y[n]"});
}

TEST_CASE("loops in loops nest; a ragged one says how many turns it has in all", "[diagram]") {
  const Diagram d = diagram(
      "model m(J: int, n: int[J], s: int[J]) { for j in 1:J { a[j] ~ Normal(0, 1)\n"
      "for k in 1:2 { b[j, k] ~ Normal(a[j], 1) }\n"
      "for i in 1:n[j] { e[s[j] + i] ~ Normal(a[j], 1) } } }\n m(3, [1, 2, 3], [0, 1, 3])");
  CHECK(plates(d, "b[j, k]") == "j = 1, …, 3 / k = 1, 2");
  CHECK(plates(d, "e[s[j] + i]") == "j = 1, …, 3 / i in 1:n[j] (6 in all)");
  CHECK(edges(d) == Edges{"a[j] -> b[j, k]", "a[j] -> e[s[j] + i]"});
}

TEST_CASE("quantities stand between what they use and what uses them", "[diagram]") {
  const Diagram d = diagram(
      "model m(x: real[N], y: real[N]) { a ~ Normal(0, 1)\n b ~ Normal(0, 1)\n"
      "for n in 1:N { let eta[n] = a + b * x[n]\n y[n] ~ Normal(eta[n], 1) } }\n m([1.0, 2], [1.0, 2])");
  CHECK(node(d, "eta[n]").kind == NodeKind::quantity);
  CHECK(edges(d) == Edges{"a -> eta[n]", "b -> eta[n]", "eta[n] -> y[n]", "x[n] -> eta[n]"});
}

TEST_CASE("functions and computed data are looked through", "[diagram]") {
  const Diagram d = diagram(
      "model m(x: real[N], y: real[N]) { a ~ Normal(0, 1)\n let f = fn(u) = a + u\n let c = x - 1\n"
      "for n in 1:N { y[n] ~ Normal(f(c[n]), 1) } }\n m([1.0, 2], [1.0, 2])");
  CHECK(node(d, "c[n]").kind == NodeKind::data);
  CHECK(edges(d) == Edges{"a -> y[n]", "c[n] -> y[n]"});
}

TEST_CASE("values carried through a loop lead to what they are made of", "[diagram]") {
  const Diagram d = diagram(
      "model m(x: real[T]) { a ~ Normal(0, 1)\n let acc = 0.0\n for t in 1:T { acc = a * acc + x[t] }\n"
      "b ~ Normal(acc, 1) }\n m([1.0, 2, 3])");
  CHECK(std::find_if(d.edges.begin(), d.edges.end(), [&](const DiagramEdge& e) {
          return d.nodes[e.from].name == "a" && d.nodes[e.to].name == "b";
        }) != d.edges.end());
}

TEST_CASE("an `if` on data gives one node two distributions", "[diagram]") {
  const Diagram d = diagram(
      "model m(g: int[N], y: real[N]) { mu ~ Normal(0, 1)\n for n in 1:N { if g[n] == 1 { y[n] ~ Normal(mu, "
      "1) }"
      " else { y[n] ~ Gamma(2, 1) } } }\n m([1, 2], [1.0, 2])");
  CHECK(node(d, "y[n]").distributions == Edges{"Normal", "Gamma"});
  CHECK(plates(d, "y[n]") == "n = 1, 2");
  CHECK(edges(d) == Edges{"g[n] -> y[n]", "mu -> y[n]"});
}

TEST_CASE("embedded models have their variables in the plates around them", "[diagram]") {
  const Diagram d = diagram(
      "model part(scale, K: int) { level ~ Normal(0, scale)\n for k in 1:K { e[k] ~ Normal(level, 1) }\n "
      "return e[1] }\n"
      "model m(y: real[J]) { s ~ Gamma(2, 1)\n for j in 1:J { z[j] ~ part(s, 2)\n y[j] ~ Normal(z[j], 1) } "
      "}\n"
      "m([1.0, 2, 3])");
  CHECK(plates(d, "z[j].level") == "j = 1, …, 3");
  CHECK(plates(d, "z[j].e[k]") == "j = 1, …, 3 / k = 1, 2");
  CHECK(edges(d) == Edges{"s -> z[j].level", "z[j] -> y[j]", "z[j].e[k] -> z[j]", "z[j].level -> z[j].e[k]"});
}

TEST_CASE("vectors without a loop show their shape; data of the script are found", "[diagram]") {
  const Diagram d = diagram(
      "let s = [1.0, 2, 3]\n model m(y) { theta ~ Normal(0, 1, size = 3)\n y ~ Normal(theta, s) }\n m([1.0, "
      "2, 3])");
  CHECK(node(d, "theta").note == "real[3]");
  CHECK(node(d, "s").note == "real[3]");
  CHECK(edges(d) == Edges{"s -> y", "theta -> y"});
}

TEST_CASE("names that have no influence make no edge", "[diagram]") {
  const Diagram d = diagram(
      "model m(hierarchical: bool, x: real[N], y: real[N]) { mu ~ Normal(0, 1)\n"
      "theta ~ Normal(if hierarchical { mu } else { 0 }, 1)\n y ~ Normal(theta, 1) }\n"
      "m(false, [1.0, 2], [1.0, 2])");
  for (const std::string& edge : edges(d)) CHECK(edge.rfind("mu ->", 0) == std::string::npos);
  CHECK(d.find("x") == nullptr);
}

TEST_CASE("DOT has a box per plate, shaded observations and quoted names", "[diagram]") {
  Session session;
  const std::string dot = to_dot(*session.model(
      "model m(y: real[T]) { z[1] ~ Normal(0, 1)\n for t in 2:T { z[t] ~ Normal(z[t - 1], 1) }\n"
      "for t in 1:T { y[t] ~ Normal(z[t], 1) }\n factor z[1] }\n m([1.0, 2, 3])"));
  CHECK(dot.find("subgraph \"cluster 1\"") != std::string::npos);
  CHECK(dot.find("label=\"t = 1, …, 3\"; labelloc=b") != std::string::npos);
  CHECK(dot.find("\"z[t]\" -> \"z[t]\" [label=\" t - 1 \"];") != std::string::npos);
  CHECK(dot.find("\"z[1]\" -> \"factor z[1]\":mark:n [dir=none];") != std::string::npos);
  CHECK(dot.find("style=filled, fillcolor=\"grey85\"") != std::string::npos);
}
