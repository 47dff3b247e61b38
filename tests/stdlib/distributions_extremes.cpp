// Densities and distribution functions at parameters and outcomes from 1e-8 to 1e8 in size, in every
// combination: they are numbers, 0, 1 or infinite, never NaN, and neither are their gradients.
#include <catch2/catch.hpp>
#include <cmath>
#include <string>

#include "runtime/differentiate.hpp"
#include "runtime/distribution_functions.hpp"
#include "runtime/expression.hpp"
#include "stdlib/distributions/list.hpp"
#include "tests/stdlib/distributions_cases.hpp"

namespace elbo::test {
namespace {

using runtime::SupportKind;

Numbers extremes(const SupportKind& kind) {
  if (kind.name == "positive" || kind.name == "nonnegative") return {1e-8, 1e-3, 1, 1e3, 1e8};
  if (kind.name == "unit_interval") return {1e-8, 0.5, 1 - 1e-8};
  if (kind.discrete) return {1, 3, 100};
  return {-1e8, -1, 0, 1, 1e8};
}

/// All combinations of extreme values of parameters that are numbers.
std::vector<Numbers> combinations(const Distribution& d) {
  std::vector<Numbers> result{{}};
  for (const auto& parameter : d.parameters) {
    std::vector<Numbers> longer;
    for (const Numbers& start : result) {
      for (const double value : extremes(*parameter.support)) {
        longer.push_back(start);
        longer.back().push_back(value);
      }
    }
    result = std::move(longer);
  }
  return result;
}

/// Whether the ends, where two parameters are ends, leave something between them.
bool increasing(const Distribution& d, const Numbers& parameters) {
  for (std::size_t i = 1; i < parameters.size(); ++i) {
    if (d.parameters[i].name == "upper" && !(parameters[i - 1] < parameters[i])) return false;
  }
  return true;
}

using Function = Expr (*)(const DistributionCall&, Expr);
Expr density(const DistributionCall& call, Expr x) { return runtime::log_density(call, x); }

struct Checked {
  const char* name;
  Function function;
};

}  // namespace

TEST_CASE(
    "densities and distribution functions of extreme parameters are never NaN, nor are their gradients") {
  const Checked functions[]{{"log_density", density},
                            {"cdf", runtime::cdf},
                            {"survival", runtime::survival},
                            {"log_cdf", runtime::log_cdf},
                            {"log_survival", runtime::log_survival}};
  for (const Distribution* d : stdlib::distribution_list()) {
    if (d->event_rank > 0 || !d->cdf) continue;
    bool numbers = true;
    for (const int rank : d->parameter_ranks) numbers = numbers && rank == 0;
    if (!numbers) continue;
    for (const Checked& each : functions) {
      Graph graph;
      DistributionCall call;
      call.distribution = d;
      std::vector<Expr> inputs;
      for (const auto& parameter : d->parameters) {
        call.canonical.push_back(graph.input(parameter.name, {}));
        inputs.push_back(call.canonical.back());
      }
      // Sums over the outcomes need to know how many there are.
      if (d->name == "BetaBinomial") {
        inputs.erase(inputs.begin());
        call.canonical[0] = graph.constant(7.0);
      }
      call.given = call.canonical;
      inputs.push_back(graph.input("x", {}));
      const Expr value = each.function(call, inputs.back());
      std::vector<Expr> outputs = gradient(value, inputs);
      outputs.insert(outputs.begin(), value);
      Compiled program(outputs, inputs);
      std::size_t bad = 0;
      std::string first;
      for (const Numbers& parameters : combinations(*d)) {
        if (!increasing(*d, parameters)) continue;
        for (const double x : {-1e8, -1.0, -1e-8, 0.0, 1e-8, 0.5, 1.0, 3.0, 1e8}) {
          std::vector<Numbers> at;
          const std::size_t skipped = d->name == "BetaBinomial" ? 1 : 0;
          for (std::size_t i = skipped; i < parameters.size(); ++i) at.push_back({parameters[i]});
          at.push_back({x});
          const Numbers found = program(at);
          bool is_bad = false;
          for (const double v : found) is_bad = is_bad || std::isnan(v);
          if (each.function != density) is_bad = is_bad || found[0] > 1 + 1e-6;
          if (!is_bad) continue;
          if (++bad > 1) continue;
          for (const double p : parameters) first += std::to_string(p) + " ";
          first += "at " + std::to_string(x) + ":";
          for (const double v : found) first += " " + std::to_string(v);
        }
      }
      INFO(d->name << " " << each.name << ", " << bad << " times, first " << first);
      CHECK(bad == 0);
    }
  }
}

}  // namespace elbo::test
