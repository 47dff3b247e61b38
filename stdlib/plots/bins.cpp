// Choosing and filling the bins of histograms.
#include "stdlib/plots/bins.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>

namespace elbo::stdlib {

namespace {

std::vector<double> finite_sorted(const std::vector<double>& sample) {
  std::vector<double> values;
  std::copy_if(sample.begin(), sample.end(), std::back_inserter(values),
               [](double v) { return std::isfinite(v); });
  std::sort(values.begin(), values.end());
  return values;
}

bool whole_numbers(const std::vector<double>& values) {
  return std::all_of(values.begin(), values.end(), [](double v) { return v == std::floor(v); });
}

/// The largest of 1, 2, 2.5, 5 times a power of ten that is at most `width` (within rounding).
double round_width(double width) {
  const double power = std::pow(10.0, std::floor(std::log10(width)));
  double best = power;
  for (const double factor : {2.0, 2.5, 5.0, 10.0}) {
    if (factor * power <= width * (1 + 1e-9)) best = factor * power;
  }
  return best;
}

/// Width that one sample suggests; values sorted, not all equal.
double suggested_width(const std::vector<double>& values) {
  const double n = static_cast<double>(values.size());
  const double range = values.back() - values.front();
  const double sturges = range / (std::log2(n) + 1);
  const auto quartile = [&](double p) { return values[static_cast<std::size_t>(p * (n - 1))]; };
  const double freedman_diaconis = 2 * (quartile(0.75) - quartile(0.25)) / std::cbrt(n);
  if (freedman_diaconis <= 0) return sturges;
  // a heavy tail would make any number of bins; 200 are as many as a picture shows
  return std::max(std::min(sturges, freedman_diaconis), range / 200);
}

}  // namespace

Bins choose_bins(const std::vector<std::vector<double>>& samples, std::optional<std::size_t> count) {
  std::vector<double> all;
  double width = HUGE_VAL;
  for (const std::vector<double>& sample : samples) {
    const std::vector<double> values = finite_sorted(sample);
    if (values.size() > 1 && values.front() < values.back()) width = std::min(width, suggested_width(values));
    all.insert(all.end(), values.begin(), values.end());
  }
  std::sort(all.begin(), all.end());
  if (all.empty()) return {};
  const double low = all.front(), high = all.back();
  if (count && low < high) return {low, (high - low) / static_cast<double>(*count), *count};
  constexpr double most_integers = 40;  // bars of their own for whole numbers up to this range
  if (whole_numbers(all) && high - low < most_integers)
    return {low - 0.5, 1, static_cast<std::size_t>(high - low) + 1};
  if (low == high) {
    const double room = low == 0 ? 1 : std::abs(low) / 10;
    return {low - room / 2, room, 1};
  }
  if (!std::isfinite(width)) width = high - low;  // each sample is constant, at different values
  width = round_width(width);
  const double start = width * std::floor(low / width);
  const auto bins = static_cast<std::size_t>(std::floor((high - start) / width)) + 1;
  return {start, width, bins};
}

std::vector<double> fill_bins(const Bins& bins, const std::vector<double>& sample) {
  std::vector<double> heights(bins.count, 0.0);
  for (const double v : sample) {
    if (!std::isfinite(v)) continue;
    const double position = std::floor((v - bins.start) / bins.width);
    const double last = static_cast<double>(bins.count - 1);
    heights[static_cast<std::size_t>(std::clamp(position, 0.0, last))] += 1;
  }
  return heights;
}

}  // namespace elbo::stdlib
