// Normal distribution truncated to an interval, either end of which may be infinite.
#include <cmath>
#include <limits>

#include "stdlib/distributions/building.hpp"
#include "stdlib/distributions/list.hpp"

namespace elbo::stdlib {
namespace {

using runtime::positive_support;
using runtime::real_support;
using runtime::Support;

constexpr double infinity = std::numeric_limits<double>::infinity();

/// What an end may be.
const runtime::SupportKind end_support{
    .name = "end",
    .help = "a number, inf or -inf",
    .contains = [](Expr x, std::span<const Expr>) { return equal(x, x); },
    .interior = [](Expr like, std::span<const Expr>) { return number(like, 0); }};

/// The ends in standard deviations from the mean; where both lie above it, their mirror images, so that
/// probabilities are those of the lower tail, which keep their digits.
struct Ends {
  Expr mirrored, low, high;
};

Ends ends(Parameters p) {
  const Expr scale = 1.0 / p[1];
  const Expr a = keep_finite((p[2] - p[0]) * scale), b = keep_finite((p[3] - p[0]) * scale);
  const Expr mirrored = less(number(a, 0), a);
  return {mirrored, select(mirrored, -b, a), select(mirrored, -a, b)};
}

/// log(Phi(high) - Phi(low)).
Expr log_mass(const Ends& e) {
  const Expr top = normal_log_cdf(e.high);
  return top + log1m_exp(top - normal_log_cdf(e.low));
}

Expr log_density(Expr x, Parameters p) {
  const Expr z = (x - p[0]) * (1.0 / p[1]);
  return -0.5 * square(z) - (log(p[1]) + half_log_2_pi + log_mass(ends(p)));
}

/// The outcome that has this share of the mass between it and the end in the tail, kept in the interval.
Expr at_share(Expr share, Parameters p) {
  const Ends e = ends(p);
  const Expr from = exp(normal_log_cdf(e.low)), to = exp(normal_log_cdf(e.high));
  Expr z = normal_quantile(from + share * (to - from));
  z = minimum(maximum(z, e.low), e.high);
  return minimum(maximum(p[0] + p[1] * select(e.mirrored, -z, z), p[2]), p[3]);
}

/// The inverse of the distribution function, or of its complement, at a uniform number.
Expr sample(Parameters p, const DrawShape& shape) { return at_share(uniform(p, shape), p); }

/// phi(z) / (Phi(high) - Phi(low)).
Expr hazard(Expr z, Expr log_mass) { return exp(-0.5 * square(z) - half_log_2_pi - log_mass); }

/// E[z] of the standardised, mirrored variable.
Expr standard_mean(const Ends& e, Expr mass) { return hazard(e.low, mass) - hazard(e.high, mass); }

Expr mean(Parameters p) {
  const Ends e = ends(p);
  const Expr m = standard_mean(e, log_mass(e));
  return p[0] + p[1] * select(e.mirrored, -m, m);
}

// z phi(z) vanishes at an infinite end, where keep_finite has left a large number.
Expr variance(Parameters p) {
  const Ends e = ends(p);
  const Expr mass = log_mass(e);
  const auto term = [&](Expr z) {
    const Expr h = hazard(z, mass);
    return select(less(number(z, 0), h), z * h, number(z, 0));
  };
  return square(p[1]) * (1.0 + term(e.low) - term(e.high) - square(standard_mean(e, mass)));
}

bool is_constant(Expr x, double value) {
  const auto& tensor = x.node().attributes.tensor;
  return x.node().inputs.empty() && tensor && tensor->size() == 1 && tensor->real(0) == value;
}

// An end that is known to be infinite is none.
Support support(Parameters p) {
  const bool below = !is_constant(p[2], -infinity), above = !is_constant(p[3], infinity);
  if (below && above) return {&runtime::interval_support, {p[2], p[3]}};
  if (below) return {&runtime::lower_support, {p[2]}};
  if (above) return {&runtime::upper_support, {p[3]}};
  return {&real_support, {}};
}

/// Share of the mass between the lower end and x, or x and the upper end, in logarithms: from whichever the
/// tail of the normal distribution begins.
struct LogShares {
  Expr mirrored, near, far;  // between x and the end in the tail, and the other
};

LogShares log_shares(Expr x, Parameters p) {
  const Ends e = ends(p);
  const Expr z = (x - p[0]) * (1.0 / p[1]);
  const Expr mass = log_mass(e), at = select(e.mirrored, -z, z);
  return {e.mirrored, log_mass({e.mirrored, e.low, at}) - mass, log_mass({e.mirrored, at, e.high}) - mass};
}

Expr log_cdf(Expr x, Parameters p) {
  const LogShares s = log_shares(x, p);
  return select(s.mirrored, s.far, s.near);
}

Expr log_survival(Expr x, Parameters p) {
  const LogShares s = log_shares(x, p);
  return select(s.mirrored, s.near, s.far);
}

Expr cdf(Expr x, Parameters p) { return exp(log_cdf(x, p)); }
Expr survival(Expr x, Parameters p) { return exp(log_survival(x, p)); }

/// As a draw from the uniform number that is q, or 1 - q where both ends lie above the mean.
Expr quantile(Expr q, Parameters p) { return at_share(select(ends(p).mirrored, 1.0 - q, q), p); }

}  // namespace

const runtime::Distribution truncated_normal{
    .name = "TruncatedNormal",
    .summary = "normal truncated to an interval: mean and sd are those before it is cut",
    .formula =
        "phi((x - mean) / sd) / (sd (Phi((upper - mean) / sd) - Phi((lower - mean) / sd))), with phi and "
        "Phi of the standard normal",
    .parameters = {{"mean", &real_support, "", "centre of the normal that is truncated"},
                   {"sd", &positive_support, "", "its standard deviation"},
                   {"lower", &end_support, "-inf", "least value"},
                   {"upper", &end_support, "inf", "greatest value"}},
    .alternatives = {},
    .parameter_ranks = {},
    .support = support,
    .log_density = log_density,
    .sample = sample,
    .pathwise = runtime::Pathwise::inverse_cdf,
    .mean = mean,
    .variance = variance,
    .cdf = cdf,
    .survival = survival,
    .log_cdf = log_cdf,
    .log_survival = log_survival,
    .quantile = quantile,
    .test_points = {{0, 1, -1, 2}, {1, 2, 0, 9}, {-3, 0.5, -2, -1}, {50, 10, 10, 48}},
    .example = R"(# Scores are known to lie between 0 and 10.
let score = [9.1, 8.4, 9.8, 7.9, 9.5, 8.8]
model scores(score) {
  mu    ~ Normal(5, 5)
  score ~ TruncatedNormal(mu, 1, lower = 0, upper = 10)
}
let fit = infer(scores(score), bbvi(samples = 20), steps = 1000, seed = 1)
print("mu {:.1f}, mean of the data {:.1f}", fit.mean.mu, mean(score))
)",
};

}  // namespace elbo::stdlib
