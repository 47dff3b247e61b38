// Discrete variables summed out against sums over all combinations of their values: the log density, and the
// distribution of what is drawn back.
#include "inference/enumeration.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <map>
#include <set>

#include "runtime/program.hpp"
#include "tests/statistical/problem.hpp"

namespace {

using namespace elbo;
using elbo::tests::ScriptProblem;
using inference::Enumeration;
using runtime::Expr;
using runtime::ModelGraph;
using runtime::NodeId;
using runtime::Shape;
using runtime::Tensor;

struct Case {
  const char* name;
  const char* script;     // makes the global `posterior`
  const char* described;  // how it is to be summed
};

const std::vector<Case> cases{
    {"plate", R"(
model m(y) {
  w ~ Beta(2, 2)
  mu ~ Normal(0, 2)
  for n in 1:length(y) {
    k[n] ~ Bernoulli(w)
    y[n] ~ Normal(mu + 2 * k[n], 0.7)
  }
}
let posterior = m([-1.2, 0.3, 2.1, 1.9]))",
     "4 entries of `k`, each by itself"},
    {"categories", R"(
model m(y) {
  w ~ Dirichlet([1, 2, 1.5])
  mu : ordered[3] ~ Normal(0, 2)
  for n in 1:length(y) {
    k[n] ~ Categorical(w)
    y[n] ~ Normal(mu[k[n]], 0.7 + 0.1 * k[n])
  }
}
let posterior = m([-1.2, 0.3, 2.1, 1.9]))",
     "4 entries of `k`, each by itself"},
    {"vector of categories", R"(
model m(y) {
  mu ~ Normal(0, 2, size = 3)
  k ~ Categorical([0.2, 0.3, 0.5], size = length(y))
  y ~ Normal(mu[k], 0.7)
}
let posterior = m([-1.2, 0.3, 2.1, 1.9]))",
     "4 entries of `k`, each by itself"},
    {"mixture of vectors", R"(
model m(y) {
  mu ~ Normal(0, 2, size = [2, 2])
  for n in 1:3 {
    k[n] ~ Categorical([0.4, 0.6])
    y[n] ~ MultivariateNormal(mu[k[n]], cholesky = [[1, 0], [0.5, 0.8]])
  }
}
let posterior = m([[1, 2], [0, -1], [0.5, 0.2]]))",
     "3 entries of `k`, each by itself"},
    {"two variables of one row", R"(
model m(y) {
  a ~ Normal(0, 1)
  for n in 1:length(y) {
    j[n] ~ Bernoulli(0.3)
    k[n] ~ Categorical([0.5, 0.2, 0.3])
    y[n] ~ Normal(a * j[n] + k[n], 0.6)
  }
}
let posterior = m([0.3, 2.1, 1.9]))",
     "3 entries of `j`, each by itself; 3 entries of `k`, each by itself"},
    {"switch above a plate", R"(
model m(y) {
  s ~ Bernoulli(0.4)
  for n in 1:length(y) {
    k[n] ~ Bernoulli(if s == 1 { 0.8 } else { 0.3 })
    y[n] ~ Normal(2 * k[n], 0.7)
  }
  factor 0.3 * s
}
let posterior = m([-1.2, 0.3, 2.1, 1.9]))",
     "4 entries of `k`, each by itself; `s`"},
    {"nested plates", R"(
model m(y) {
  mu ~ Normal(0, 1)
  for g in 1:2 {
    s[g] ~ Bernoulli(0.4)
    for n in 1:3 {
      k[g, n] ~ Categorical([0.2 + 0.3 * s[g], 0.8 - 0.3 * s[g]])
      y[g, n] ~ Normal(mu + k[g, n], 0.7)
    }
  }
}
let posterior = m([[0.3, 2.1, 1.9], [1.2, -0.3, 0.8]]))",
     "6 entries of `k`, each by itself; 2 entries of `s`, each by itself"},
    {"groups by index", R"(
let group = [2, 1, 1, 2, 2]
model m(y) {
  mu ~ Normal(0, 1)
  for g in 1:3 { s[g] ~ Bernoulli(0.4) }
  for n in 1:length(y) { y[n] ~ Normal(mu + s[group[n]], 0.7) }
}
let posterior = m([0.3, 2.1, 1.9, 0.2, 0.5]))",
     "3 entries of `s`, each by itself"},
    {"hidden Markov model", R"(
model m(y) {
  theta ~ Dirichlet([1, 1, 2], size = 3)
  mu : ordered[3] ~ Normal(0, 3)
  z[1] ~ Categorical([0.2, 0.3, 0.5])
  for t in 2:length(y) { z[t] ~ Categorical(theta[z[t - 1]]) }
  for t in 1:length(y) { y[t] ~ Normal(mu[z[t]], 0.8) }
}
let posterior = m([0.3, 2.1, 1.9, -0.2, 0.5]))",
     "`z`, a chain of 5 turns by forward recursion"},
    {"hidden Markov model with forbidden steps", R"(
let step = [[0.6, 0.4, 0], [0, 0.7, 0.3], [0, 0, 1]]
model m(y) {
  mu : ordered[3] ~ Normal(0, 3)
  z[1] ~ Categorical([1, 0, 0])
  for t in 2:length(y) { z[t] ~ Categorical(step[z[t - 1]]) }
  y ~ Normal(mu[z], 0.8)
}
let posterior = m([0.3, 2.1, 1.9, -0.2, 0.5]))",
     "`z`, a chain of 5 turns by forward recursion"},
    {"chain that changes with time", R"(
model m(y, x) {
  b ~ Normal(0, 1)
  z[1] ~ Bernoulli(0.5)
  for t in 2:length(y) { z[t] ~ Bernoulli(logits = b * x[t] + 2 * z[t - 1] - 1) }
  for t in 1:length(y) { y[t] ~ Normal(2 * z[t], 0.8) }
}
let posterior = m([0.3, 2.1, 1.9, -0.2, 0.5], [1, -1, 0.5, 2, 0.1]))",
     "`z`, a chain of 5 turns by forward recursion"},
    {"chain written backwards", R"(
model m(y) {
  mu ~ Normal(0, 1)
  z[4] ~ Bernoulli(0.3)
  for t in 1:3 { z[4 - t] ~ Bernoulli(0.2 + 0.5 * z[5 - t]) }
  for t in 1:4 { y[t] ~ Normal(mu + 2 * z[t], 0.8) }
}
let posterior = m([0.3, 2.1, 1.9, -0.2]))",
     "`z`, a chain of 4 turns by forward recursion"},
    {"several chains", R"(
model m(y) {
  p ~ Beta(2, 2)
  for s in 1:2 {
    z[s, 1] ~ Bernoulli(0.3)
    for t in 2:3 { z[s, t] ~ Bernoulli(if z[s, t - 1] == 1 { 0.8 } else { p }) }
    for t in 1:3 { y[s, t] ~ Normal(2 * z[s, t], 0.8) }
  }
}
let posterior = m([[0.3, 2.1, 1.9], [-0.2, 0.5, 1.0]]))",
     "`z`, 2 chains of 3 turns by forward recursion"},
    {"chains of different lengths", R"(
let starts = [1, 3, 6]
let ends = [2, 5, 6]
model m(y) {
  p ~ Beta(2, 2)
  for s in 1:3 { z[starts[s]] ~ Bernoulli(0.3) }
  for s in 1:3 {
    for t in (starts[s] + 1):ends[s] { z[t] ~ Bernoulli(if z[t - 1] == 1 { 0.8 } else { p }) }
  }
  y ~ Normal(2 * z, 0.8)
}
let posterior = m([0.3, 2.1, 1.9, -0.2, 0.5, 1.0]))",
     "`z`, 3 chains of up to 3 turns by forward recursion"},
    {"switch over chains", R"(
model m(y) {
  for s in 1:2 {
    fast[s] ~ Bernoulli(0.4)
    z[s, 1] ~ Bernoulli(0.3)
    for t in 2:3 { z[s, t] ~ Bernoulli(if z[s, t - 1] == 1 { 0.8 - 0.4 * fast[s] } else { 0.2 }) }
    for t in 1:3 { y[s, t] ~ Normal(2 * z[s, t], 0.8) }
  }
}
let posterior = m([[0.3, 2.1, 1.9], [-0.2, 0.5, 1.0]]))",
     "`z`, 2 chains of 3 turns by forward recursion; 2 entries of `fast`, each by itself"},
    {"mixture at every turn", R"(
model m(y) {
  z[1] ~ Bernoulli(0.5)
  for t in 2:length(y) { z[t] ~ Bernoulli(0.2 + 0.6 * z[t - 1]) }
  for t in 1:length(y) {
    k[t] ~ Categorical([0.3, 0.7])
    y[t] ~ Normal(2 * z[t] + k[t], 0.8)
  }
}
let posterior = m([0.3, 2.1, 1.9]))",
     "3 entries of `k`, each by itself; `z`, a chain of 3 turns by forward recursion"},
    {"second order", R"(
model m(y) {
  a ~ Normal(0, 1)
  z[1] ~ Bernoulli(0.5)
  z[2] ~ Bernoulli(0.4)
  for t in 3:length(y) { z[t] ~ Bernoulli(logits = a + z[t - 1] - z[t - 2]) }
  for t in 1:length(y) { y[t] ~ Normal(2 * z[t], 0.8) }
}
let posterior = m([0.3, 2.1, 1.9, 0.2]))",
     "`z`, all 16 combinations of values"},
    {"coupled chains", R"(
model m(y) {
  a[1] ~ Bernoulli(0.5)
  b[1] ~ Bernoulli(0.4)
  for t in 2:length(y) {
    a[t] ~ Bernoulli(0.2 + 0.6 * a[t - 1])
    b[t] ~ Bernoulli(0.1 + 0.3 * b[t - 1] + 0.4 * a[t - 1])
  }
  for t in 1:length(y) { y[t] ~ Normal(2 * a[t] - b[t], 0.8) }
}
let posterior = m([0.3, 2.1, 1.9]))",
     "`a`, `b`, all 64 combinations of values"},
    {"counts", R"(
model m(y) {
  p ~ Beta(2, 2)
  n ~ Binomial(6, 0.4)
  for i in 1:length(y) { y[i] ~ Binomial(10 + n, p) }
}
let posterior = m([3, 5, 2]))",
     "`n`"},
    {"change point", R"(
model m(y) {
  early ~ Gamma(2, 1)
  late ~ Gamma(2, 0.5)
  tau ~ DiscreteUniform(2, length(y))
  for t in 1:length(y) { y[t] ~ Poisson(if t < tau { early } else { late }) }
}
guide q {
  early ~ Gamma(2, 1)
  late  ~ Gamma(2, 1)
  tau   ~ DiscreteUniform(2, 6)
}
let posterior = m([1, 0, 2, 4, 6, 5]))",
     "`tau`"},
    {"neither prior nor data of some entries", R"(
model m(y) {
  mu ~ Normal(0, 1)
  k ~ DiscreteUniform(1, 3, size = 3)
  for i in 1:2 { y[i] ~ Normal(mu + k[i], 0.5) }
}
guide q {
  mu ~ Normal(0, 1)
  k  ~ DiscreteUniform(1, 3, size = 3)
}
let posterior = m([1.5, 2.5]))",
     "3 entries of `k`, each by itself"},
    {"latent below a switch", R"(
model m(y) {
  k ~ Bernoulli(0.3)
  mu ~ Normal(2 * k, 1)
  y ~ Normal(mu, 0.5)
}
let posterior = m(1.5))",
     "`k`"},
    {"two components", R"(
model m(y) {
  j ~ Bernoulli(0.3)
  k ~ Bernoulli(0.6)
  y[1] ~ Normal(2 * j, 1)
  y[2] ~ Normal(k, 0.5)
}
let posterior = m([1.5, 0.4]))",
     "`j`; `k`"}};

/// Values of the continuous variables and parameters somewhere inside of their supports.
std::unordered_map<NodeId, Expr> point(const ModelGraph& model) {
  std::unordered_map<NodeId, Expr> values;
  int count = 0;
  const auto numbers = [&](const Shape& shape) {
    std::vector<double> list(static_cast<std::size_t>(runtime::element_count(shape)));
    for (double& x : list) x = std::sin(1.7 * ++count);
    return model.graph->constant(Tensor(shape, std::move(list)));
  };
  for (const runtime::RandomVariable& v : model.variables) {
    const runtime::Support& support = v.parts[0].support;
    if (v.observed || support.kind->discrete) continue;
    const Shape shape = v.value.type().event;
    const Shape free = support.kind->unconstrained_shape ? support.kind->unconstrained_shape(shape) : shape;
    values[v.value.id()] = support.kind->constrain(numbers(free), support.bounds);
  }
  return values;
}

/// All combinations of values of the discrete variables: their weights, and the values
/// [combination][element].
struct Combinations {
  std::vector<double> log_weight;
  std::vector<std::vector<std::int64_t>> values;
  std::vector<std::string> names;            // of the elements' variables
  std::map<std::string, std::size_t> first;  // element of each variable
};

Combinations all_combinations(const ModelGraph& model, const inference::SummedOut& summed,
                              const std::unordered_map<NodeId, Expr>& at) {
  Combinations result;
  std::vector<const inference::EnumeratedVariable*> element;
  for (const inference::EnumeratedVariable& v : summed.variables) {
    result.first[v.variable->name] = element.size();
    for (std::int64_t e = 0; e < v.elements; ++e) element.push_back(&v);
  }
  std::int64_t count = 1;
  for (const auto* v : element) count *= v->values;
  const Expr joint = runtime::substitute(log_joint(model), at);
  for (std::int64_t c = 0; c < count; ++c) {
    std::vector<std::int64_t> values;
    std::int64_t rest = c;
    for (const auto* v : element) {
      values.push_back(v->first + rest % v->values);
      rest /= v->values;
    }
    std::unordered_map<NodeId, Expr> chosen;
    for (const inference::EnumeratedVariable& v : summed.variables) {
      const auto from = values.begin() + static_cast<std::ptrdiff_t>(result.first[v.variable->name]);
      chosen[v.variable->value.id()] = model.graph->constant(
          Tensor(v.variable->value.type().event, std::vector<std::int64_t>(from, from + v.elements)));
    }
    result.log_weight.push_back(runtime::evaluate(runtime::substitute(joint, chosen)).real(0));
    result.values.push_back(std::move(values));
  }
  return result;
}

double log_sum(const std::vector<double>& x) {
  const double most = *std::max_element(x.begin(), x.end());
  double total = 0;
  for (const double v : x) total += std::exp(v - most);
  return most + std::log(total);
}

TEST_CASE("summing discrete variables out equals the sum over all combinations") {
  for (const Case& c : cases) {
    INFO(c.name);
    const ScriptProblem script(c.script);
    REQUIRE(script.message() == "");
    const auto& model = script.problem.model;
    const Enumeration found = inference::sum_out(model, inference::discrete_latents(*model));
    for (const inference::Obstacle& obstacle : found.obstacles) FAIL(obstacle.why_not);
    REQUIRE(found.summed_out);
    std::string described;
    for (const std::string& line : describe(*found.summed_out))
      described += (described.empty() ? "" : "; ") + line;
    CHECK(described == c.described);
    CHECK(inference::discrete_latents(*found.model).empty());

    const auto at = point(*model);
    const Combinations all = all_combinations(*model, *found.summed_out, at);
    const double exact = log_sum(all.log_weight);
    const double summed = runtime::evaluate(runtime::substitute(log_joint(*found.model), at)).real(0);
    CHECK(summed == Approx(exact).epsilon(1e-12).margin(1e-12));

    // Draws given the continuous variables: of every element, and of every two.
    const std::int64_t draws = 20'000;
    inference::SampledModel sampled;
    sampled.graph = model->graph;
    sampled.sample = model->graph->add_axis("sample", draws, runtime::AxisKind::sample);
    sampled.problem.model = found.model;
    sampled.problem.summed_out = found.summed_out;
    for (const auto& [id, value] : at) {
      for (const runtime::RandomVariable& v : found.model->variables) {
        if (v.value.id() != id) continue;
        sampled.latents.push_back(v.name);
        sampled.draws.push_back(value);
      }
    }
    recover_summed_out(sampled);
    REQUIRE(sampled.recovered.size() == found.summed_out->names.size());
    const std::size_t elements = all.values[0].size();
    std::vector<std::vector<double>> drawn(elements);
    for (const inference::RecoveredDraw& r : sampled.recovered) {
      const std::vector<Expr> wanted{runtime::broadcast_axis(r.draw, sampled.sample),
                                     runtime::broadcast_axis(r.mean, sampled.sample),
                                     runtime::broadcast_axis(r.variance, sampled.sample)};
      const std::vector<Tensor> tensors = runtime::evaluate(wanted, 7, 0, 1);
      const std::size_t first = all.first.at(r.name);
      const auto own = static_cast<std::size_t>(tensors[0].size() / draws);
      for (std::size_t e = 0; e < own; ++e) {
        double mean = 0, square = 0, average = 0, variance = 0, spread = 0;
        for (std::size_t k = 0; k < all.values.size(); ++k) {
          const double weight = std::exp(all.log_weight[k] - exact);
          const auto value = static_cast<double>(all.values[k][first + e]);
          mean += weight * value;
          square += weight * value * value;
        }
        for (std::int64_t s = 0; s < draws; ++s) {
          const std::int64_t i = s * static_cast<std::int64_t>(own) + static_cast<std::int64_t>(e);
          drawn[first + e].push_back(tensors[0].real(i));
          average += tensors[1].real(i) / static_cast<double>(draws);
          variance += tensors[2].real(i) / static_cast<double>(draws);
          spread += tensors[1].real(i) * tensors[1].real(i) / static_cast<double>(draws);
        }
        // the mean and variance of a draw are given draws of other variables
        const double sd = std::sqrt(std::max(square - mean * mean, 0.0));
        CHECK(std::abs(average - mean) < 4.5 * sd / std::sqrt(draws) + 1e-12);
        CHECK(variance + spread - average * average == Approx(sd * sd).epsilon(0.05).margin(1e-9));
      }
    }
    int compared = 0;
    for (std::size_t a = 0; a < elements; ++a) {
      for (std::size_t b = a; b < elements; ++b) {
        // how often both have the values of the most probable combination
        const std::size_t best = static_cast<std::size_t>(
            std::max_element(all.log_weight.begin(), all.log_weight.end()) - all.log_weight.begin());
        double probability = 0, seen = 0;
        for (std::size_t k = 0; k < all.values.size(); ++k) {
          if (all.values[k][a] == all.values[best][a] && all.values[k][b] == all.values[best][b])
            probability += std::exp(all.log_weight[k] - exact);
        }
        for (std::size_t s = 0; s < static_cast<std::size_t>(draws); ++s) {
          if (drawn[a][s] == static_cast<double>(all.values[best][a]) &&
              drawn[b][s] == static_cast<double>(all.values[best][b]))
            seen += 1.0 / static_cast<double>(draws);
        }
        const double error =
            std::sqrt(std::max(probability * (1 - probability), 0.0) / static_cast<double>(draws));
        CHECK(std::abs(seen - probability) < 5 * error + 1e-12);
        ++compared;
      }
    }
    CHECK(compared > 0);
  }
}

TEST_CASE("what cannot be summed out says why") {
  const auto why = [](const char* text) {
    const ScriptProblem script(text);
    REQUIRE(script.message() == "");
    const Enumeration found =
        inference::sum_out(script.problem.model, inference::discrete_latents(*script.problem.model));
    REQUIRE(found.obstacles.size() == 1);
    CHECK_FALSE(found.summed_out);
    CHECK(found.model == script.problem.model);
    return found.obstacles[0].why_not;
  };
  CHECK(why(R"(
model m(y) {
  n ~ Poisson(3)
  y ~ Normal(n, 1)
}
let posterior = m(2.0))") == "`n` has infinitely many values");
  CHECK(
      why(R"(
model m(y) {
  k ~ Bernoulli(0.5, size = 40)
  y ~ Normal(sum(k), 1)
}
let posterior = m(2.0))") ==
      "an entry of a density depends on several entries of `k`, and going through all combinations of values "
      "takes 9e+13 table entries (at most 2e+07)");
}

}  // namespace
