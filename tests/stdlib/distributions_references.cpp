// Densities, distribution functions and quantiles from Boost.Math. A distribution of the list without an
// entry here fails the suite.
#include <algorithm>
#include <boost/math/distributions.hpp>
#include <catch2/catch.hpp>
#include <cmath>
#include <limits>
#include <map>

#include "tests/stdlib/distributions_cases.hpp"
#include "tests/stdlib/distributions_written_out.hpp"

namespace elbo::test {
namespace {

namespace bm = boost::math;
using Make = Reference (*)(const Numbers& p);

/// Of a continuous distribution of Boost.
template <class D>
Reference continuous(D d, bool (*inside)(double), double least = -infinity, double greatest = infinity) {
  return {.density = [d](Wide x) { return bm::pdf(d, x); },
          .cdf = [d](double x) { return static_cast<double>(bm::cdf(d, Wide(x))); },
          .quantile = [d](double q) { return static_cast<double>(bm::quantile(d, Wide(q))); },
          .inside = inside,
          .outcomes = {},
          .least = least,
          .greatest = greatest,
          .survival = [d](double x) { return static_cast<double>(bm::cdf(bm::complement(d, Wide(x)))); }};
}

/// Of the absolute value of a draw of a distribution that is symmetric about 0.
template <class D>
Reference folded(D d, double moments = 1e9) {
  return {.density = [d](Wide x) { return 2 * bm::pdf(d, x); },
          .cdf = [d](double x) { return static_cast<double>(2 * bm::cdf(d, Wide(x)) - 1); },
          .quantile = [d](double q) { return static_cast<double>(bm::quantile(d, (1 + Wide(q)) / 2)); },
          .inside = nonnegative,
          .outcomes = {},
          .moments = moments,
          .least = 0,
          .survival = [d](double x) { return static_cast<double>(2 * bm::cdf(bm::complement(d, Wide(x)))); }};
}

/// Of a discrete distribution of Boost with outcomes first, …, last.
template <class D>
Reference discrete(D d, double first, double last) {
  Reference r{.density = [d](Wide x) { return bm::pdf(d, x); },
              .cdf = [d](double x) { return static_cast<double>(bm::cdf(d, Wide(x))); },
              .quantile = {},
              .inside = [first, last](double x) { return whole(x) && x >= first && x <= last; },
              .outcomes = {},
              .survival = [d](double x) { return static_cast<double>(bm::cdf(bm::complement(d, Wide(x)))); }};
  for (double x = first; x <= last; ++x) r.outcomes.push_back(x);
  return r;
}

Reference categorical(const Numbers& p) {
  Reference r{
      .density = [p](Wide x) { return Wide(p[static_cast<std::size_t>(x) - 1]); },
      .cdf =
          [p](double x) {
            double total = 0;
            for (std::size_t k = 0; k < p.size() && static_cast<double>(k + 1) <= x; ++k) total += p[k];
            return total;
          },
      .quantile = {},
      .inside = [k = p.size()](double x) { return whole(x) && x >= 1 && x <= static_cast<double>(k); },
      .outcomes = {}};
  for (std::size_t k = 0; k < p.size(); ++k) r.outcomes.push_back(static_cast<double>(k + 1));
  return r;
}

Reference student_t(const Numbers& p) {
  const bm::students_t_distribution<Wide> d(p[0]);
  const Wide location = p[1], scale = p[2];
  return {
      .density = [=](Wide x) { return bm::pdf(d, (x - location) / scale) / scale; },
      .cdf = [=](double x) { return static_cast<double>(bm::cdf(d, (x - location) / scale)); },
      .quantile = [=](double q) { return static_cast<double>(location + scale * bm::quantile(d, Wide(q))); },
      .inside = real,
      .outcomes = {},
      .moments = p[0]};
}

Reference poisson(const Numbers& p) {
  Reference r =
      discrete(bm::poisson_distribution<Wide>(p[0]), 0, std::ceil(p[0] + 14 * std::sqrt(p[0]) + 30));
  r.inside = [](double x) { return whole(x) && x >= 0; };
  return r;
}

/// Boost.Math has no Frechet distribution; this one is written out.
Reference frechet(const Numbers& p) {
  const Wide shape = p[0], scale = p[1];
  return {.density =
              [=](Wide x) {
                const Wide power = std::pow(x / scale, -shape);
                return shape / x * power * std::exp(-power);
              },
          .cdf = [=](double x) { return static_cast<double>(std::exp(-std::pow(x / scale, -shape))); },
          .quantile =
              [=](double q) { return static_cast<double>(scale * std::pow(-std::log(Wide(q)), -1 / shape)); },
          .inside = positive,
          .outcomes = {},
          .moments = p[0],
          .least = 0};
}

template <class D>
Reference heavy(Reference r, D moments) {
  r.moments = moments;
  return r;
}

/// Nor an exponentially modified normal distribution: the integral of a normal density and an exponential
/// tail.
Reference exp_mod_normal(const Numbers& p) {
  const Wide mean = p[0], sd = p[1], rate = p[2];
  const auto phi = [](Wide z) { return std::erfc(-z / std::sqrt(Wide(2))) / 2; };
  const auto tail = [=](Wide x) {
    return std::exp(rate * (mean - x) + rate * rate * sd * sd / 2) * phi((x - mean) / sd - rate * sd);
  };
  const std::function<Wide(Wide)> cdf = [=](Wide x) { return phi((x - mean) / sd) - tail(x); };
  return {.density = [=](Wide x) { return rate * tail(x); },
          .cdf = [=](double x) { return static_cast<double>(cdf(x)); },
          .quantile = [=](double q) { return bisected(cdf, q, mean - 40 * sd, mean + 40 * sd + 60 / rate); },
          .inside = real,
          .outcomes = {}};
}

/// Nor a truncated normal one: Boost's normal, cut in whichever tail keeps the digits.
Reference truncated_normal(const Numbers& p) {
  const Wide mean = p[0], sd = p[1], lower = p[2], upper = p[3];
  const auto tail = [](Wide z) { return std::erfc(z / std::sqrt(Wide(2))) / 2; };
  // the probability between two points
  const auto between = [=](Wide from, Wide to) {
    const Wide a = (from - mean) / sd, b = (to - mean) / sd;
    return a > 0 ? tail(a) - tail(b) : tail(-b) - tail(-a);
  };
  const bm::normal_distribution<Wide> d(mean, sd);
  const Wide mass = between(lower, upper);
  const std::function<Wide(Wide)> cdf = [=](Wide x) { return between(lower, x) / mass; };
  return {.density = [=](Wide x) { return bm::pdf(d, x) / mass; },
          .cdf = [=](double x) { return static_cast<double>(cdf(std::clamp(Wide(x), lower, upper))); },
          .quantile = [=](double q) { return bisected(cdf, q, lower, upper); },
          .inside = [=](double x) { return x >= p[2] && x <= p[3]; },
          .outcomes = {},
          .least = p[2],
          .greatest = p[3]};
}

/// Nor a Kumaraswamy distribution.
Reference kumaraswamy(const Numbers& p) {
  const Wide a = p[0], b = p[1];
  return {
      .density =
          [=](Wide x) { return a * b * std::pow(x, a - 1) * std::pow(-std::expm1(a * std::log(x)), b - 1); },
      .cdf =
          [=](double x) { return static_cast<double>(-std::expm1(b * std::log1p(-std::pow(Wide(x), a)))); },
      .quantile =
          [=](double q) { return static_cast<double>(std::pow(1 - std::pow(1 - Wide(q), 1 / b), 1 / a)); },
      .inside = [](double x) { return x >= 0 && x <= 1; },
      .outcomes = {},
      .least = 0,
      .greatest = 1};
}

/// Nor a logit-normal distribution: Boost's normal distribution of the logit.
Reference logit_normal(const Numbers& p) {
  const bm::normal_distribution<Wide> d(p[0], p[1]);
  const auto logit = [](Wide x) { return std::log(x) - std::log1p(-x); };
  return {.density = [=](Wide x) { return bm::pdf(d, logit(x)) / (x * (1 - x)); },
          .cdf = [=](double x) { return static_cast<double>(bm::cdf(d, logit(x))); },
          .quantile =
              [=](double q) { return static_cast<double>(1 / (1 + std::exp(-bm::quantile(d, Wide(q))))); },
          .inside = [](double x) { return x >= 0 && x <= 1; },
          .outcomes = {},
          .least = 0,
          .greatest = 1};
}

/// Nor a beta-binomial: the ratio of products of which its beta functions consist.
Reference beta_binomial(const Numbers& p) {
  const auto n = static_cast<int>(p[0]);
  const Wide a = p[1], b = p[2];
  const auto probability = [=](Wide x) {
    const auto k = static_cast<int>(x);
    Wide result = 1;
    for (int i = 0; i < k; ++i) result *= (a + i) * (n - i) / Wide(i + 1);
    for (int i = 0; i < n - k; ++i) result *= b + i;
    for (int i = 0; i < n; ++i) result /= a + b + i;
    return result;
  };
  Reference r{.density = probability,
              .cdf =
                  [=](double x) {
                    Wide total = 0;
                    for (int k = 0; k <= n && k <= x; ++k) total += probability(k);
                    return static_cast<double>(total);
                  },
              .quantile = {},
              .inside = [n](double x) { return whole(x) && x >= 0 && x <= n; },
              .outcomes = {}};
  for (int k = 0; k <= n; ++k) r.outcomes.push_back(k);
  return r;
}

/// Of counts from 0 on, without a greatest.
Reference counts(Reference r) {
  r.inside = [](double x) { return whole(x) && x >= 0; };
  return r;
}

const std::map<std::string, Make>& table() {
  static const std::map<std::string, Make> makers{
      {"Normal",
       [](const Numbers& p) { return continuous(bm::normal_distribution<Wide>(p[0], p[1]), real); }},
      {"StudentT", student_t},
      {"Exponential",
       [](const Numbers& p) { return continuous(bm::exponential_distribution<Wide>(p[0]), nonnegative, 0); }},
      {"Gamma",
       [](const Numbers& p) {
         return continuous(bm::gamma_distribution<Wide>(p[0], 1 / Wide(p[1])), positive, 0);
       }},
      {"HalfCauchy", [](const Numbers& p) { return folded(bm::cauchy_distribution<Wide>(0, p[0]), 1); }},
      {"HalfNormal", [](const Numbers& p) { return folded(bm::normal_distribution<Wide>(0, p[0])); }},
      {"LogNormal",
       [](const Numbers& p) {
         return continuous(bm::lognormal_distribution<Wide>(p[0], p[1]), positive, 0);
       }},
      {"Beta",
       [](const Numbers& p) {
         return continuous(
             bm::beta_distribution<Wide>(p[0], p[1]), [](double x) { return x >= 0 && x <= 1; }, 0, 1);
       }},
      {"Uniform",
       [](const Numbers& p) {
         Reference r = continuous(bm::uniform_distribution<Wide>(p[0], p[1]), real, p[0], p[1]);
         r.inside = [p](double x) { return x >= p[0] && x <= p[1]; };
         return r;
       }},
      {"Bernoulli", [](const Numbers& p) { return discrete(bm::bernoulli_distribution<Wide>(p[0]), 0, 1); }},
      {"Binomial",
       [](const Numbers& p) { return discrete(bm::binomial_distribution<Wide>(p[0], p[1]), 0, p[0]); }},
      {"Categorical", categorical},
      {"Poisson", poisson},
      {"Cauchy",
       [](const Numbers& p) {
         return heavy(continuous(bm::cauchy_distribution<Wide>(p[0], p[1]), real), 1);
       }},
      {"Laplace",
       [](const Numbers& p) { return continuous(bm::laplace_distribution<Wide>(p[0], p[1]), real); }},
      {"Logistic",
       [](const Numbers& p) { return continuous(bm::logistic_distribution<Wide>(p[0], p[1]), real); }},
      {"Gumbel",
       [](const Numbers& p) { return continuous(bm::extreme_value_distribution<Wide>(p[0], p[1]), real); }},
      {"InverseGamma",
       [](const Numbers& p) {
         return heavy(continuous(bm::inverse_gamma_distribution<Wide>(p[0], p[1]), positive, 0), p[0]);
       }},
      {"ChiSquared",
       [](const Numbers& p) { return continuous(bm::chi_squared_distribution<Wide>(p[0]), positive, 0); }},
      {"InverseChiSquared",
       [](const Numbers& p) {
         return heavy(continuous(bm::inverse_chi_squared_distribution<Wide>(p[0]), positive, 0), 0.5 * p[0]);
       }},
      {"Weibull",
       [](const Numbers& p) { return continuous(bm::weibull_distribution<Wide>(p[0], p[1]), positive, 0); }},
      {"SkewNormal",
       [](const Numbers& p) {
         return continuous(bm::skew_normal_distribution<Wide>(p[0], p[1], p[2]), real);
       }},
      {"ExpModNormal", exp_mod_normal},
      {"TruncatedNormal", truncated_normal},
      {"Kumaraswamy", kumaraswamy},
      {"LogitNormal", logit_normal},
      {"Frechet", frechet},
      {"Rayleigh",
       [](const Numbers& p) { return continuous(bm::rayleigh_distribution<Wide>(p[0]), positive, 0); }},
      {"InverseGaussian",
       [](const Numbers& p) {
         return continuous(bm::inverse_gaussian_distribution<Wide>(p[0], p[1]), positive, 0);
       }},
      {"Pareto",
       [](const Numbers& p) {
         Reference r = heavy(continuous(bm::pareto_distribution<Wide>(p[0], p[1]), real, p[0]), p[1]);
         r.inside = [p](double x) { return x >= p[0] && x < infinity; };
         return r;
       }},
      {"BetaBinomial", beta_binomial},
      {"VonMises", von_mises},
      {"AsymmetricLaplace", asymmetric_laplace},
      {"Erlang",
       [](const Numbers& p) {
         return continuous(bm::gamma_distribution<Wide>(p[0], 1 / Wide(p[1])), positive, 0);
       }},
      {"HalfStudentT", half_student_t},
      {"LogLogistic", log_logistic},
      {"ParetoTypeII", pareto_type_ii},
      {"RelaxedBernoulli", relaxed_bernoulli},
      {"DiscreteUniform", discrete_uniform},
      {"OrderedLogistic", ordered_logistic},
      {"Geometric",
       [](const Numbers& p) {
         return counts(
             discrete(bm::geometric_distribution<Wide>(p[0]), 0, std::ceil(-37 / std::log1p(-p[0]))));
       }},
      {"NegativeBinomial",
       [](const Numbers& p) {
         const Wide success = Wide(p[1]) / (Wide(p[0]) + p[1]);
         return counts(discrete(bm::negative_binomial_distribution<Wide>(p[1], success), 0,
                                std::ceil(p[0] + 60 * std::sqrt(p[0] + p[0] * p[0] / p[1]))));
       }},
  };
  return makers;
}

}  // namespace

Reference reference(const Distribution& distribution, const Numbers& parameters) {
  const auto found = table().find(std::string(distribution.name));
  if (found == table().end())
    FAIL("no reference for " << distribution.name << " in distributions_references.cpp");
  return found->second(parameters);
}

}  // namespace elbo::test
