// Mean and variance of a gradient estimate, in one pass.
#include "inference/gradient_statistics.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <numeric>

namespace elbo::inference {

namespace {

// Welford 1962: the sum of squared deviations follows from the means before and after.
void add(double value, double count, double& mean, double& squares) {
  const double before = value - mean;
  mean += before / count;
  squares += before * (value - mean);
}

bool is_finite(const Estimator& estimator) {
  const std::span<const double> gradient = estimator.gradient();
  return std::isfinite(estimator.elbo()) &&
         std::all_of(gradient.begin(), gradient.end(), [](double g) { return std::isfinite(g); });
}

}  // namespace

GradientStatistics gradient_statistics(const ParameterVector& layout, const GradientEstimate& estimate,
                                       std::span<const double> parameters, const StatisticsOptions& options) {
  using Clock = std::chrono::steady_clock;
  Estimator estimator(layout, estimate, {}, options.precision, options.threads);
  GradientStatistics result;
  result.mean.resize(layout.size());
  result.variance.resize(layout.size());
  double elbo_squares = 0;
  Clock::duration time{};
  estimator.run(parameters, options.seed, 1);  // touches the memory, which is not to be timed
  for (std::int64_t r = 1; r <= options.repetitions; ++r) {
    options.before_each();
    const Clock::time_point start = Clock::now();
    estimator.run(parameters, options.seed, static_cast<std::uint32_t>(r));
    time += Clock::now() - start;
    if (!is_finite(estimator)) {
      result.bad_repetition = r;
      break;
    }
    result.repetitions = r;
    const auto count = static_cast<double>(r);
    const std::span<const double> gradient = estimator.gradient();
    for (std::size_t i = 0; i < gradient.size(); ++i)
      add(gradient[i], count, result.mean[i], result.variance[i]);
    add(estimator.elbo(), count, result.elbo, elbo_squares);
  }
  const auto n = static_cast<double>(result.repetitions);
  for (double& v : result.variance) v /= n - 1;
  result.total_variance = std::accumulate(result.variance.begin(), result.variance.end(), 0.0);
  result.elbo_error = std::sqrt(elbo_squares / (n - 1) / n);
  result.seconds = std::chrono::duration<double>(time).count() / n;
  return result;
}

}  // namespace elbo::inference
