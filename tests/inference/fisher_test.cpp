// Fisher information against its definition, E[score score'], for every distribution of the list that has
// one, by quadrature at every test point; and through functions of parameters.
#include <catch2/catch.hpp>
#include <set>
#include <string>

#include "inference/fisher.hpp"
#include "runtime/differentiate.hpp"
#include "runtime/expression.hpp"
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
    const Numbers expected = expectation(c, squares, count * count);
    REQUIRE(actual.size() == expected.size());
    for (std::size_t i = 0; i < count; ++i) {
      for (std::size_t j = 0; j < count; ++j) {
        INFO("entry " << i << ", " << j);
        // relative to the entries' own scale, as correlations are
        const double scale = std::sqrt(expected[i * count + i] * expected[j * count + j]);
        CHECK(actual[i * count + j] == Approx(expected[i * count + j]).margin(1e-7 * scale).epsilon(1e-7));
      }
    }
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
