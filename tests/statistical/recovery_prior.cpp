// Distributions as priors of a latent variable: the fitted guide against the best one, found by quadrature of
// the references (Boost.Math) alone.
#include <algorithm>
#include <array>
#include <cmath>

#include "cli/distribution_facts.hpp"
#include "recovery.hpp"

namespace elbo::tests {
namespace {

using test::Case;

double log_normal_density(double x, double mean, double sd) {
  return -0.5 * std::pow((x - mean) / sd, 2) - std::log(sd) - 0.5 * std::log(2 * M_PI);
}

/// One observation y of z, with a noise as wide as half of the middle half of the prior.
struct Observation {
  double y, noise;
};
Observation observation_of(const Case& c) {
  return {c.reference.quantile(0.7), (c.reference.quantile(0.75) - c.reference.quantile(0.25)) / 2};
}

/// The line onto the support, and the log of its derivative (Stan Reference Manual, "Constraint Transforms").
struct Point {
  double z, log_derivative;
};
Point constrain(const Case& c, double u) {
  const double least = c.reference.least, greatest = c.reference.greatest;
  const double sigmoid = 1 / (1 + std::exp(-u));
  if (std::isfinite(least) && std::isfinite(greatest))
    return {least + (greatest - least) * sigmoid,
            std::log(greatest - least) - u - 2 * std::log1p(std::exp(-u))};
  if (std::isfinite(least)) return {least + std::exp(u), u};
  if (std::isfinite(greatest)) return {greatest - std::exp(u), u};
  return {u, 0};
}

double log_joint(const Case& c, const Observation& seen, double z) {
  constexpr long double tiny = 1e-4900L;  // stands for densities below the least number
  const long double density = std::max(c.reference.density(z), tiny);
  return static_cast<double>(std::log(density)) + log_normal_density(seen.y, z, seen.noise);
}

/// ELBO of the guide z = constrain(location + exp(log_scale) N(0, 1)), by the trapezoidal rule.
double elbo_of(const Case& c, const Observation& seen, double location, double log_scale) {
  constexpr int half = 160;
  constexpr double width = 8.0 / half;
  double total = 0;
  for (int i = -half; i <= half; ++i) {
    const double e = i * width;
    const Point at = constrain(c, location + std::exp(log_scale) * e);
    total += width * std::exp(log_normal_density(e, 0, 1)) * (log_joint(c, seen, at.z) + at.log_derivative);
  }
  return total + log_scale;
}

/// Maximum over (location, log scale) by compass search, until its step is far below what a fit can tell.
std::array<double, 2> best_guide(const Case& c, const Observation& seen, std::array<double, 2> at) {
  double best = elbo_of(c, seen, at[0], at[1]);
  for (double step = 0.3; step > 1e-4;) {
    bool moved = false;
    for (const auto& [dx, dy] : {std::pair{1, 0}, std::pair{-1, 0}, std::pair{0, 1}, std::pair{0, -1}}) {
      const double x = at[0] + dx * step * std::exp(at[1]), y = at[1] + dy * step;
      const double value = elbo_of(c, seen, x, y);
      if (value <= best) continue;
      best = value;
      at = {x, y};
      moved = true;
    }
    if (!moved) step /= 2;
  }
  return at;
}

/// Mean and standard deviation of the posterior, by the trapezoidal rule on the line around the best guide.
std::array<double, 2> exact_moments(const Case& c, const Observation& seen,
                                    const std::array<double, 2>& guide) {
  double mass = 0, first = 0, second = 0;
  for (int i = -2000; i <= 2000; ++i) {
    const Point at = constrain(c, guide[0] + std::exp(guide[1]) * 0.01 * i);
    const double weight = std::exp(log_joint(c, seen, at.z) + at.log_derivative);
    mass += weight, first += weight * at.z, second += weight * at.z * at.z;
  }
  const double mean = first / mass;
  return {mean, std::sqrt(second / mass - mean * mean)};
}

}  // namespace

PriorFit fit_as_prior(const Case& c) {
  const Observation seen = observation_of(c);
  const std::string script =
      "model m(y) {\n  z ~ " + c.name() + "\n  y ~ Normal(z, " + exactly(seen.noise) + ")\n}\n" +
      "let fit = infer(m(" + exactly(seen.y) +
      "), bbvi(samples = 100), optimizer = adam(cosine(0.1)), steps = 1500, seed = 2)\n" +
      "print(\"{:.17g} {:.17g} {:.17g} {:.17g}\", fit.params.z_mean, log(fit.params.z_sd), fit.mean.z, "
      "fit.sd.z)\n";
  const test::Numbers fit = numbers_of(script, c.distribution->name);
  const auto best = best_guide(c, seen, {fit.at(0), fit.at(1)});
  const auto exact = exact_moments(c, seen, best);
  return {.name = c.name(),
          .location = fit[0],
          .log_scale = fit[1],
          .best_location = best[0],
          .best_log_scale = best[1],
          .mean = fit[2],
          .sd = fit[3],
          .exact_mean = exact[0],
          .exact_sd = exact[1]};
}

std::vector<Case> prior_cases() {
  std::vector<Case> result;
  std::size_t point = 0;
  const runtime::Distribution* current = nullptr;
  for (Case& c : test::all_cases()) {
    point = c.distribution == current ? point + 1 : 0;
    current = c.distribution;
    if (!c.discrete() && point == nearest_point(*c.distribution)) result.push_back(std::move(c));
  }
  return result;
}

}  // namespace elbo::tests
