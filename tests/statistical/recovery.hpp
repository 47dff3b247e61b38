// Each distribution of the list in a model fitted by bbvi: as the likelihood of simulated data, whose
// parameters must come back, and as the prior of a latent variable, whose best guide is known from
// quadrature.
#pragma once

#include <string>
#include <vector>

#include "tests/stdlib/distributions_cases.hpp"

namespace elbo::tests {

/// One parameter that was estimated (an element of it, if it is a vector).
struct Recovered {
  std::string name;
  double truth;
  double mean;
  double sd;     ///< of the posterior, other parameters integrated out; a mean-field guide's own is too small
  double limit;  ///< how many of them may lie between mean and truth
  bool is_end;   ///< of the support
  double z() const { return (mean - truth) / sd; }
  bool good() const { return z() > -limit && z() < limit; }
};

/// Parameters estimated from draws at the test point that lies nearest to where a fit starts. Counts
/// (`trials`) are given; empty when nothing is left. `distortion` multiplies the last parameter inside of the
/// model: 1, but to see that a wrong density is noticed.
std::vector<Recovered> recover(const runtime::Distribution& distribution, double distortion = 1);

/// The latent variable z ~ distribution, seen once through y ~ Normal(z, noise).
struct PriorFit {
  std::string name;                      ///< "Gamma(1, 2)"
  double location, log_scale;            ///< of the guide on the unconstrained line, as fitted
  double best_location, best_log_scale;  ///< of the guide with the highest ELBO, by quadrature
  double mean, sd;                       ///< of z under the fitted guide
  double exact_mean, exact_sd;           ///< of the posterior, by quadrature
};
PriorFit fit_as_prior(const test::Case& c);

/// Of each continuous distribution on numbers one case: that whose test point lies nearest to where a fit
/// starts.
std::vector<test::Case> prior_cases();

/// The test point that lies nearest to where a fit starts: parameters at 0, scales at 1, probabilities at a
/// half.
std::size_t nearest_point(const runtime::Distribution& distribution);

/// A number of a script, to the last digit; and the numbers that a script prints.
std::string exactly(double x);
test::Numbers numbers_of(const std::string& script, const std::string& name);

}  // namespace elbo::tests
