// What the record of a distribution says in words and formulas: its functions are called with named inputs,
// and what they write is printed.
#include "cli/distribution_facts.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "cli/formula.hpp"
#include "lang/diagnostic.hpp"
#include "runtime/format.hpp"
#include "runtime/program.hpp"

namespace elbo::cli {
namespace {

using runtime::Distribution;
using runtime::Expr;

int rank_of_parameter(const Distribution& distribution, std::size_t i) {
  return i < distribution.parameter_ranks.size() ? distribution.parameter_ranks[i] : 0;
}

/// The parameters as inputs named after them; vectors and matrices in some small size, which no formula
/// shows.
std::vector<Expr> named_parameters(const Distribution& distribution, runtime::Graph& graph) {
  std::vector<Expr> result;
  for (std::size_t i = 0; i < distribution.parameters.size(); ++i) {
    const runtime::Shape event(static_cast<std::size_t>(rank_of_parameter(distribution, i)), 3);
    result.push_back(graph.input(distribution.parameters[i].name, {.axes = {}, .event = event}));
  }
  return result;
}

void add_formula(std::vector<Fact>& facts, const std::string& name,
                 const runtime::ParameterFunction& function, const std::vector<Expr>& parameters) {
  constexpr std::size_t longest = 120;  // beyond that it explains nothing
  if (!function) return;
  const auto text = formula(function(parameters));
  if (text && text->size() <= longest) facts.push_back({name, *text});
}

std::string pathwise_text(runtime::Pathwise pathwise) {
  using runtime::Pathwise;
  if (pathwise == Pathwise::location_scale)
    return "a location plus a scale times noise, differentiable in both";
  if (pathwise == Pathwise::inverse_cdf) return "a differentiable function of uniform noise";
  if (pathwise == Pathwise::implicit)
    return "differentiable in the parameters, by implicit derivatives of its distribution function";
  return "";
}

std::optional<double> value_of(const runtime::ParameterFunction& function,
                               const std::vector<Expr>& parameters) {
  if (!function) return {};
  const runtime::Tensor value = runtime::evaluate(function(parameters));
  if (value.size() != 1) return {};
  return value.real(0);
}

}  // namespace

Fact support_fact(const Distribution& distribution) {
  runtime::Graph graph;
  const runtime::Support support = distribution.support(named_parameters(distribution, graph));
  Fact fact{std::string(support.kind->name), std::string(support.kind->help)};
  // A bound that comes from the length of a vector is an accident of the size that was chosen above.
  for (std::size_t i = 0; i < distribution.parameters.size(); ++i) {
    if (rank_of_parameter(distribution, i) > 0) return fact;
  }
  if (support.bounds.empty()) return fact;
  for (std::size_t i = 0; i < support.bounds.size(); ++i)
    fact.name += (i == 0 ? "(" : ", ") + formula(support.bounds[i]).value_or("…");
  return {fact.name + ")", ""};
}

bool is_discrete(const Distribution& distribution) {
  runtime::Graph graph;
  return distribution.support(named_parameters(distribution, graph)).kind->discrete;
}

std::vector<Fact> moment_formulas(const Distribution& distribution) {
  // Where a parameter is the length of the outcome, it has to be a number.
  if (distribution.outcome_shape) return {};
  runtime::Graph graph;
  const std::vector<Expr> parameters = named_parameters(distribution, graph);
  std::vector<Fact> facts;
  add_formula(facts, "mean", distribution.mean, parameters);
  add_formula(facts, "variance", distribution.variance, parameters);
  add_formula(facts, "entropy", distribution.entropy, parameters);
  return facts;
}

std::vector<Fact> capabilities(const Distribution& distribution) {
  std::vector<Fact> facts;
  const auto add = [&](bool has, const char* name, const std::string& text) {
    if (has) facts.push_back({name, text});
  };
  const bool has_family = distribution.exponential_family != nullptr;
  add(distribution.pathwise != runtime::Pathwise::none, "draws", pathwise_text(distribution.pathwise));
  add(has_family, "exponential family", "natural gradients of guides, exact steps on conjugate models");
  add(distribution.gaussian != nullptr, "Gaussian form", "natural-gradient steps as a Gaussian guide");
  // one whose entries move together has no information of its own, unless it can be given otherwise
  const bool moves_freely =
      std::all_of(distribution.parameters.begin(), distribution.parameters.end(),
                  [&](const runtime::DistributionParameter& p) {
                    return p.support->event_rank == 0 ||
                           std::any_of(distribution.alternatives.begin(), distribution.alternatives.end(),
                                       [&](const runtime::Parameterisation& a) {
                                         return a.replaces == p.name && a.support->event_rank == 0;
                                       });
                  });
  add(has_family || distribution.fisher, "Fisher information",
      std::string(moves_freely ? "`fisher(d)`, " : "") + "natural gradients of maximum likelihood");
  add(bool(distribution.mean), "mean", "`mean(d)`");
  add(bool(distribution.variance), "variance", "`variance(d)`, `sd(d)`");
  add(bool(distribution.entropy), "entropy", "`entropy(d)`");
  add(distribution.kl || has_family, "relative entropy", "`kl(p, q)` of two of this family");
  add(bool(distribution.cdf), "distribution function",
      "`cdf(d, x)`, `survival(d, x)`, `log_cdf(d, x)`, `log_survival(d, x)`");
  add(bool(distribution.quantile), "quantile", "`quantile(d, p)`, `median(d)`");
  return facts;
}

std::vector<TestPoint> test_points(const Distribution& distribution) {
  const std::size_t count = distribution.parameters.size();
  std::vector<TestPoint> result;
  for (std::size_t i = 0; i < count; ++i) {
    if (rank_of_parameter(distribution, i) > (i + 1 == count ? 1 : 0)) return result;
  }
  for (const std::vector<double>& numbers : distribution.test_points) {
    TestPoint point;
    for (std::size_t i = 0; i < count; ++i) {
      const bool is_vector = rank_of_parameter(distribution, i) == 1;
      const auto first = numbers.begin() + static_cast<std::ptrdiff_t>(i);
      const std::vector<double> own(first, is_vector ? numbers.end() : first + 1);
      std::string text = is_vector ? "[" : "";
      for (std::size_t k = 0; k < own.size(); ++k) text += (k > 0 ? ", " : "") + runtime::show_real(own[k]);
      point.arguments +=
          (i > 0 ? ", " : "") + distribution.parameters[i].name + " = " + text + (is_vector ? "]" : "");
      point.values.push_back(is_vector ? runtime::Tensor({static_cast<std::int64_t>(own.size())}, own)
                                       : runtime::Tensor::scalar(own.front()));
    }
    result.push_back(std::move(point));
  }
  return result;
}

Moments moments(const Distribution& distribution, const TestPoint& point) {
  runtime::Graph graph;
  std::vector<Expr> parameters;
  for (const runtime::Tensor& value : point.values) parameters.push_back(graph.constant(value));
  Moments result{.mean = value_of(distribution.mean, parameters),
                 .sd = value_of(distribution.variance, parameters),
                 .entropy = value_of(distribution.entropy, parameters)};
  if (result.sd) result.sd = std::sqrt(*result.sd);
  return result;
}

}  // namespace elbo::cli
