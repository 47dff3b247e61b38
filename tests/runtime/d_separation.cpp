// d-separation against brute force over all paths of random graphs, and on models that textbooks discuss.
#include "runtime/d_separation.hpp"

#include <catch2/catch.hpp>
#include <functional>
#include <random>

#include "tests/runtime/scripts.hpp"

using elbo::tests::Session;
using namespace elbo::runtime;

namespace {

using Indices = std::vector<std::size_t>;
using Parents = std::vector<Indices>;

bool contains(const Indices& list, std::size_t i) {
  return std::find(list.begin(), list.end(), i) != list.end();
}

bool reaches(const Parents& parents, std::size_t from, std::size_t to) {
  if (from == to) return true;
  return std::any_of(parents[to].begin(), parents[to].end(),
                     [&](std::size_t p) { return reaches(parents, from, p); });
}

// Every simple path is walked: a collider lets pass when it or a descendant is known, any other node when it
// is not.
bool separated_by_paths(const Parents& parents, std::size_t a, std::size_t b, const Indices& known) {
  const std::size_t n = parents.size();
  const auto edge = [&](std::size_t from, std::size_t to) { return contains(parents[to], from); };
  bool active = false;
  Indices path{a};
  const std::function<void()> walk = [&] {
    if (active) return;
    const std::size_t last = path.back();
    if (last == b) {
      bool open = true;
      for (std::size_t k = 1; k + 1 < path.size() && open; ++k) {
        const std::size_t node = path[k];
        const bool collider = edge(path[k - 1], node) && edge(path[k + 1], node);
        if (collider) {
          open = std::any_of(known.begin(), known.end(),
                             [&](std::size_t c) { return reaches(parents, node, c); });
        } else {
          open = !contains(known, node);
        }
      }
      active = active || open;
      return;
    }
    for (std::size_t next = 0; next < n; ++next) {
      if (contains(path, next) || !(edge(last, next) || edge(next, last))) continue;
      path.push_back(next);
      walk();
      path.pop_back();
    }
  };
  walk();
  return !active;
}

}  // namespace

TEST_CASE("d-separation agrees with a walk over all paths", "[d-separation]") {
  std::mt19937 random(7);
  int separated = 0, connected = 0;
  for (int round = 0; round < 300; ++round) {
    const std::size_t n = 3 + random() % 4;
    Parents parents(n);
    for (std::size_t i = 0; i < n; ++i) {
      for (std::size_t p = 0; p < i; ++p) {
        if (random() % 5 < 2) parents[i].push_back(p);
      }
    }
    for (std::size_t a = 0; a < n; ++a) {
      for (std::size_t b = 0; b < n; ++b) {
        if (a == b) continue;
        Indices known;
        for (std::size_t c = 0; c < n; ++c) {
          if (c != a && c != b && random() % 3 == 0) known.push_back(c);
        }
        const bool expected = separated_by_paths(parents, a, b, known);
        (expected ? separated : connected) += 1;
        CHECK(d_separated(parents, {a}, {b}, known) == expected);
      }
    }
  }
  CHECK(separated > 500);
  CHECK(connected > 500);
}

TEST_CASE("two causes are independent until their effect is known", "[d-separation]") {
  Session session;
  const auto model = session.model(
      "model m() { rain ~ Normal(0, 1)\n sprinkler ~ Normal(0, 1)\n grass ~ Normal(rain + sprinkler, 1)\n"
      "shoes ~ Normal(grass, 1) }\n m()");
  CHECK(d_separated(*model, {0}, {1}, {}));
  CHECK_FALSE(d_separated(*model, {0}, {1}, {2}));
  CHECK_FALSE(d_separated(*model, {0}, {1}, {3}));
  CHECK_FALSE(d_separated(*model, {0}, {3}, {}));
  CHECK(d_separated(*model, {0}, {3}, {2}));
}

TEST_CASE("a factor ties what it mentions together", "[d-separation]") {
  Session session;
  const auto model = session.model(
      "model m() { a ~ Normal(0, 1)\n b ~ Normal(0, 1)\n c ~ Normal(0, 1)\n factor -a * b }\n m()");
  CHECK_FALSE(d_separated(*model, {0}, {1}, {}));
  CHECK(d_separated(*model, {0}, {2}, {}));
}

TEST_CASE("a model factorises over a plate whose turns do not meet", "[d-separation]") {
  const auto factorises = [](const char* body) {
    Session session;
    const auto model =
        session.model(std::string("model m(y) { mu ~ Normal(0, 1)\n") + body + " }\n m([0.1, 0.2, 0.3])");
    for (const RandomVariable& v : model->variables) {
      if (v.name == "y") return factorises_over(*model, v.parts[0].plates.at(0));
    }
    return false;
  };
  CHECK(factorises("for n in 1:3 { y[n] ~ Normal(mu, 1) }"));
  CHECK(factorises("for n in 1:3 { z[n] ~ Normal(mu, 1)\n y[n] ~ Normal(z[n], 1) }"));
  CHECK_FALSE(factorises(
      "z[1] ~ Normal(0, 1)\n z[2] ~ Normal(0, 1)\n z[3] ~ Normal(0, 1)\n"
      "for n in 1:3 { w[n] ~ Normal(mu, 1)\n y[n] ~ Normal(w[n] + z[n], 1) }\n factor -w[1] * w[2]"));
  CHECK_FALSE(
      factorises("let acc = 0\n for n in 1:3 { z[n] ~ Normal(mu, 1)\n acc = 0.5 * acc + z[n]\n"
                 "y[n] ~ Normal(acc, 1) }"));
}
