// The summary of a fit: what inference/summary.hpp turns into text.
#include <algorithm>
#include <cmath>
#include <limits>

#include "inference/fit.hpp"
#include "inference/summary.hpp"

namespace elbo::inference {

using namespace runtime;

namespace {

// Quantile of sorted values, linear between them (type 7 of Hyndman and Fan 1996).
double quantile(const std::vector<double>& sorted, double p) {
  const double position = p * static_cast<double>(sorted.size() - 1);
  const auto low = static_cast<std::size_t>(position);
  const std::size_t high = std::min(low + 1, sorted.size() - 1);
  return sorted[low] + (position - std::floor(position)) * (sorted[high] - sorted[low]);
}

PosteriorVariable variable(const Moments& moments, const Tensor& draws) {
  PosteriorVariable result{moments.name, moments.mean.shape(), {}, false};
  const std::int64_t count = std::min(most_shown_elements, moments.mean.size());
  const std::int64_t n = draws.size() / std::max<std::int64_t>(1, count);
  std::vector<double> column(static_cast<std::size_t>(n));
  for (std::int64_t i = 0; i < count; ++i) {
    for (std::int64_t s = 0; s < n; ++s) column[static_cast<std::size_t>(s)] = draws.real(s * count + i);
    std::sort(column.begin(), column.end());
    result.elements.push_back({moments.mean.real(i), moments.sd.real(i), quantile(column, 0.05),
                               quantile(column, 0.5), quantile(column, 0.95)});
  }
  return result;
}

PosteriorVariable point(const std::string& name, const Tensor& value) {
  PosteriorVariable result{name, value.shape(), {}, true};
  for (std::int64_t i = 0; i < std::min(most_shown_elements, value.size()); ++i)
    result.elements.push_back({.mean = value.real(i)});
  return result;
}

}  // namespace

std::string summarise(const Fit& fit) {
  const Fit::Result& run = fit.result();
  FitSummary s;
  s.method = run.method;
  s.model = fit.problem().model->name;
  s.guide = fit.problem().guide ? fit.problem().guide->name : "";
  s.optimizer = run.optimizer;
  s.steps = run.steps;
  s.seconds = run.seconds;
  if (run.termination != Termination::completed) s.ended = describe(run.termination);
  const std::int64_t n = fit.posterior().affordable(summary_draws);
  std::tie(s.value, s.standard_error) = fit.posterior().elbo(n, run.seed);
  if (!fit.problem().guide) {
    s.objective = "log likelihood";
    s.standard_error = std::numeric_limits<double>::quiet_NaN();
  }
  const Record draws = fit.posterior().draws_of_first(most_shown_elements, n, run.seed);
  for (const Moments& moments : fit.moments()) {
    const Value* column = find_field(draws, moments.name);
    s.variables.push_back(variable(moments, to_tensor(*column)));
  }
  const Record parameters = fit.parameters();
  for (const PointParameter& p : fit.problem().model->parameters)
    s.variables.push_back(point(p.name, to_tensor(*find_field(parameters, p.name))));
  if (run.termination == Termination::bad_numbers) {
    s.warnings.push_back("the run ended on a number that is not finite; this is the last good state");
  }
  return text(s);
}

}  // namespace elbo::inference
