// Fisher information against its definition, E[score score'], for every distribution of the list that has
// one, by quadrature at every test point; and through functions of parameters.
#include <catch2/catch.hpp>
#include <cmath>
#include <set>
#include <string>

#include "inference/fisher.hpp"
#include "inference/fisher_quadrature.hpp"
#include "runtime/differentiate.hpp"
#include "runtime/expression.hpp"
#include "stdlib/distributions/list.hpp"
#include "tests/stdlib/distributions_cases.hpp"

using namespace elbo;
using namespace elbo::test;
using inference::FisherStructure;
using inference::Term;

namespace {

// A distribution whose free parameters are inputs; a simplex is given by logits, since only its tangents are
// free.
struct Free {
  std::vector<Expr> parameters;
  std::vector<Numbers> values;
  Term term;
  Expr x;
};

Free free_parameters(Graph& graph, const Case& c) {
  Free result;
  const std::vector<runtime::Tensor> given = split(*c.distribution, c.parameters);
  std::vector<Expr> canonical;
  for (std::size_t i = 0; i < given.size(); ++i) {
    const runtime::SupportKind& support = *c.distribution->parameters[i].support;
    if (support.discrete) {
      canonical.push_back(graph.constant(given[i]));
      continue;
    }
    const Expr p = graph.input("parameter", {{}, given[i].shape(), runtime::Domain::real});
    Numbers numbers;
    for (std::int64_t k = 0; k < given[i].size(); ++k) numbers.push_back(given[i].real(k));
    const bool is_simplex = support.event_rank > 0;
    if (is_simplex) {
      for (double& n : numbers) n = std::log(n);
    }
    canonical.push_back(is_simplex ? exp(p - logsumexp_dim(p, -1)) : p);
    result.parameters.push_back(p);
    result.values.push_back(std::move(numbers));
  }
  result.x = graph.input("x", {{}, {}, c.discrete() ? runtime::Domain::integer : runtime::Domain::real});
  result.term.call = {c.distribution, canonical, nullptr, canonical, {}};
  result.term.log_density = runtime::log_density(result.term.call, result.x);
  return result;
}

/// E[score score'] by the quadrature of the suite, flat.
Numbers mean_square_of_score(const Case& c, const Free& free) {
  std::size_t count = 0;
  for (const Numbers& numbers : free.values) count += numbers.size();
  std::vector<Expr> inputs{free.x};
  inputs.insert(inputs.end(), free.parameters.begin(), free.parameters.end());
  Compiled score(gradient(free.term.log_density, free.parameters), inputs);
  const auto squares = [&](double x) {
    std::vector<Numbers> at{{x}};
    at.insert(at.end(), free.values.begin(), free.values.end());
    const Numbers s = score(at);
    Numbers products;
    for (const double a : s) {
      for (const double b : s) products.push_back(a * b);
    }
    return products;
  };
  return expectation(c, squares, count * count);
}

/// Equal relative to the entries' own scale, as correlations are.
void check_information(const Numbers& actual, const Numbers& expected, double tolerance) {
  REQUIRE(actual.size() == expected.size());
  const auto count = static_cast<std::size_t>(std::lround(std::sqrt(static_cast<double>(actual.size()))));
  for (std::size_t i = 0; i < count; ++i) {
    for (std::size_t j = 0; j < count; ++j) {
      INFO("entry " << i << ", " << j);
      const double scale = std::sqrt(expected[i * count + i] * expected[j * count + j]);
      CHECK(actual[i * count + j] ==
            Approx(expected[i * count + j]).margin(tolerance * scale).epsilon(tolerance));
    }
  }
}

}  // namespace

TEST_CASE("the Fisher information of every distribution is the mean square of its score") {
  std::set<std::string> seen;
  for (const Case& c : all_cases()) {
    if (!c.distribution->exponential_family && !c.distribution->fisher) continue;
    INFO(c.name());
    Graph graph;
    const Free free = free_parameters(graph, c);
    const Expr fisher = fisher_information(std::span(&free.term, 1), free.parameters, FisherStructure::full);
    Compiled information({fisher}, free.parameters);
    const Numbers actual = information(free.values);
    const auto count = static_cast<std::size_t>(fisher.type().event[0]);
    check_information(actual, mean_square_of_score(c, free), 1e-7);
    Compiled diagonal(
        {fisher_information(std::span(&free.term, 1), free.parameters, FisherStructure::diagonal)},
        free.parameters);
    const Numbers entries = diagonal(free.values);
    for (std::size_t i = 0; i < count; ++i) CHECK(entries[i] == Approx(actual[i * count + i]).epsilon(1e-12));
    seen.insert(std::string(c.distribution->name));
  }
  CHECK(seen.count("StudentT") == 1);
  CHECK(seen.count("HalfCauchy") == 1);
  CHECK(seen.count("Gamma") == 1);
}

TEST_CASE(
    "the Fisher information by quadrature is the mean square of the score, or says that there is none") {
  std::set<std::string> seen;
  for (const Case& c : all_cases()) {
    if (!inference::has_fisher_by_quadrature(*c.distribution)) continue;
    INFO(c.name());
    runtime::DistributionValue value;
    value.distribution = c.distribution;
    for (const double p : c.parameters) value.parameters.emplace_back(p);
    Graph graph;
    const Free free = free_parameters(graph, c);
    if (free.parameters.empty()) continue;
    bool moves = false;  // an end of the support that depends on a parameter that can move
    const runtime::Support support = runtime::support(free.term.call);
    for (const Expr& bound : support.bounds)
      for (const Expr& p : free.parameters) moves = moves || (!support.kind->discrete && bound == p);
    if (moves) {
      CHECK_THROWS(inference::fisher_by_quadrature(value, {}));
      continue;
    }
    // Their quantiles are not smooth, at a kink of the density or where the circle is cut; both have closed
    // forms.
    if (c.distribution->name.find("Laplace") != std::string::npos || c.distribution->name == "VonMises")
      continue;
    check_information(inference::fisher_by_quadrature(value, {}).reals(), mean_square_of_score(c, free),
                      1e-6);
    seen.insert(c.distribution->name);
  }
  for (const char* name : {"SkewNormal", "ExpModNormal", "NegativeBinomial", "BetaBinomial",
                           "RelaxedBernoulli", "Kumaraswamy", "Logistic", "Poisson"})
    CHECK(seen.count(name) == 1);
}

TEST_CASE("the Fisher information by quadrature of a batch is the sum of its parts") {
  runtime::DistributionValue value;
  value.distribution = &stdlib::kumaraswamy;
  value.parameters = {runtime::Tensor({2}, Numbers{2, 3}), 1.5};
  const Numbers joint = inference::fisher_by_quadrature(value, {}).reals();
  REQUIRE(joint.size() == 9);
  value.parameters = {2.0, 1.5};
  const Numbers first = inference::fisher_by_quadrature(value, {}).reals();
  value.parameters = {3.0, 1.5};
  const Numbers second = inference::fisher_by_quadrature(value, {}).reals();
  const Numbers expected{
      first[0], 0, first[1], 0, second[0], second[1], first[2], second[2], first[3] + second[3]};
  for (std::size_t i = 0; i < 9; ++i) CHECK(close(joint[i], expected[i], 1e-12));
}
