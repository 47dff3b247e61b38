// Acceptance of every distribution inside of inference: bbvi gets back the parameters of simulated data, and
// fits the best guide where the distribution is a prior. `elbo_statistical_tests "[.table]"` prints both as
// tables.
#include "recovery.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <iomanip>
#include <iostream>

#include "stdlib/distributions/list.hpp"

using namespace elbo;
using namespace elbo::tests;

TEST_CASE("bbvi recovers the parameters of each distribution from simulated data") {
  int recovered = 0;
  for (const runtime::Distribution* distribution : stdlib::distribution_list()) {
    for (const Recovered& parameter : recover(*distribution)) {
      INFO(distribution->name << ": " << parameter.name << " is " << parameter.truth << ", found "
                              << parameter.mean << " ± " << parameter.sd);
      CHECK(std::isfinite(parameter.sd));
      CHECK(parameter.good());
      ++recovered;
    }
  }
  CHECK(recovered > 50);
}

TEST_CASE("a density whose last parameter is off by a factor of two is noticed") {
  for (const runtime::Distribution* distribution : stdlib::distribution_list()) {
    const auto& last = distribution->parameters.back();
    if (last.support->name != "positive" || distribution->event_rank > 0) continue;
    const std::vector<Recovered> parameters = recover(*distribution, 2);
    INFO(distribution->name << ": " << parameters.back().mean << " ± " << parameters.back().sd);
    CHECK_FALSE(parameters.back().good());
  }
}

TEST_CASE("bbvi fits the best guide where a distribution is the prior of a latent variable") {
  const std::vector<test::Case> cases = prior_cases();
  CHECK(cases.size() > 20);
  for (const test::Case& c : cases) {
    const PriorFit fit = fit_as_prior(c);
    INFO(fit.name << ": location " << fit.location << ", best " << fit.best_location << "; log scale "
                  << fit.log_scale << ", best " << fit.best_log_scale);
    CHECK(std::abs(fit.location - fit.best_location) < 0.1 * std::exp(fit.best_log_scale));
    CHECK(std::abs(fit.log_scale - fit.best_log_scale) < 0.1);
    INFO("mean " << fit.mean << ", exactly " << fit.exact_mean << "; sd " << fit.sd << ", exactly "
                 << fit.exact_sd);
    CHECK(std::abs(fit.mean - fit.exact_mean) < 0.3 * fit.exact_sd);
  }
}

TEST_CASE("tables of recovered parameters and of priors", "[.table]") {
  std::cout << "| distribution | parameter | truth | mean | posterior sd | z | notices errors of "
               "|\n|---|---|---|---|---|---|---|\n"
            << std::setprecision(3);
  for (const runtime::Distribution* distribution : stdlib::distribution_list()) {
    for (const Recovered& p : recover(*distribution)) {
      std::cout << "| " << distribution->name << " | " << p.name << " | " << p.truth << " | " << p.mean
                << " | " << p.sd << " | " << p.z() << " | " << p.limit * p.sd << " |\n";
    }
  }
  std::cout << "\n| prior | mean | exact | sd | exact | location off by (sds) | log scale off by "
               "|\n|---|---|---|---|---|---|---|\n";
  for (const test::Case& c : prior_cases()) {
    const PriorFit f = fit_as_prior(c);
    std::cout << "| " << f.name << " | " << f.mean << " | " << f.exact_mean << " | " << f.sd << " | "
              << f.exact_sd << " | " << (f.location - f.best_location) / std::exp(f.best_log_scale) << " | "
              << f.log_scale - f.best_log_scale << " |\n";
  }
}
