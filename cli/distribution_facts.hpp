// What the record of a distribution says in words and formulas: shared by `elbo help` and the pages of
// docs/distributions.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "runtime/distribution.hpp"

namespace elbo::cli {

struct Fact {
  std::string name;  ///< "mean"
  std::string text;  ///< "shape / rate"
};

/// Where a draw lies, as a constraint of the language and in words: "positive" and "x > 0"; "interval(lower,
/// upper)" and nothing more.
Fact support_fact(const runtime::Distribution& distribution);

/// Whether outcomes are counts or categories, which have probabilities and no density.
bool is_discrete(const runtime::Distribution& distribution);

/// Mean, variance and entropy, those that the record knows and that can be written as a formula.
std::vector<Fact> moment_formulas(const runtime::Distribution& distribution);

/// What the record offers beyond its density and draws, and what that is for.
std::vector<Fact> capabilities(const runtime::Distribution& distribution);

/// The distribution at one of its test points: "shape = 3.5, rate = 20"; its values, one per parameter.
struct TestPoint {
  std::string arguments;
  std::vector<runtime::Tensor> values;
};
/// Those whose parameters are numbers and at most one vector, the last.
std::vector<TestPoint> test_points(const runtime::Distribution& distribution);

/// Mean, standard deviation and entropy at a test point, where the record knows them and they are one number.
struct Moments {
  std::optional<double> mean, sd, entropy;
};
Moments moments(const runtime::Distribution& distribution, const TestPoint& point);

}  // namespace elbo::cli
