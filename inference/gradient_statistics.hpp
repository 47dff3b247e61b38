// Mean and variance of a gradient estimate at parameters that stay where they are.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "inference/estimator.hpp"

namespace elbo::inference {

struct StatisticsOptions {
  std::int64_t repetitions = 1000;  ///< 2 or more
  std::uint64_t seed = 0;           ///< repetition r sees the random numbers of step r of a run
  runtime::Precision precision = runtime::Precision::real64;
  int threads = 1;
  std::function<void()> before_each = [] {};  ///< may throw: to end it early
};

struct GradientStatistics {
  std::vector<double> mean, variance;  ///< of one estimate, in the order of the layout
  double total_variance = 0;           ///< sum of `variance`
  double seconds = 0;                  ///< per estimate
  double elbo = 0, elbo_error = 0;     ///< mean estimate of the objective, and its standard error
  std::int64_t repetitions = 0;
  std::int64_t bad_repetition = 0;  ///< the first that was not finite, which ends all; 0: none

  /// Variance that one second of work leaves when estimates are averaged: what precision costs.
  double cost() const { return total_variance * seconds; }
};

/// Allocates before the first repetition only.
GradientStatistics gradient_statistics(const ParameterVector& layout, const GradientEstimate& estimate,
                                       std::span<const double> parameters, const StatisticsOptions& options);

}  // namespace elbo::inference
