#include "tests/stdlib/distributions_written_out.hpp"

#include <boost/math/distributions/students_t.hpp>
#include <boost/math/quadrature/gauss.hpp>
#include <cmath>

namespace elbo::test {

namespace bm = boost::math;

bool real(double x) { return std::isfinite(x); }
bool positive(double x) { return x > 0 && x < infinity; }
bool nonnegative(double x) { return x >= 0 && x < infinity; }
bool whole(double x) { return std::isfinite(x) && x == std::floor(x); }

double bisected(const std::function<Wide(Wide)>& cdf, double q, Wide low, Wide high) {
  for (int i = 0; i < 200; ++i) {
    const Wide middle = (low + high) / 2;
    (cdf(middle) < Wide(q) ? low : high) = middle;
  }
  return static_cast<double>(low);
}

namespace {

/// Of a distribution function and a density in closed form, with the quantile likewise.
Reference written_out(std::function<Wide(Wide)> density, std::function<Wide(Wide)> cdf,
                      std::function<Wide(Wide)> survival, std::function<Wide(Wide)> quantile,
                      bool (*inside)(double), double least = -infinity, double greatest = infinity) {
  return {.density = std::move(density),
          .cdf = [cdf](double x) { return static_cast<double>(cdf(x)); },
          .quantile = [quantile](double q) { return static_cast<double>(quantile(q)); },
          .inside = inside,
          .outcomes = {},
          .least = least,
          .greatest = greatest,
          .survival = [survival](double x) { return static_cast<double>(survival(x)); }};
}

/// Of outcomes first, …, last with this distribution function.
Reference stepwise(const std::function<Wide(Wide)>& cdf, const std::function<Wide(Wide)>& probability,
                   double first, double last) {
  Reference r{.density = probability,
              .cdf = [cdf](double x) { return static_cast<double>(cdf(x)); },
              .quantile = {},
              .inside = [first, last](double x) { return whole(x) && x >= first && x <= last; },
              .outcomes = {}};
  for (double x = first; x <= last; ++x) r.outcomes.push_back(x);
  return r;
}

}  // namespace

/// The integral of its density by quadrature in 24 pieces.
Reference von_mises(const Numbers& p) {
  const Wide location = p[0], k = p[1], pi = bm::constants::pi<Wide>();
  // exp(-k) I0(k), by the integral that defines it
  const auto unscaled = [=](Wide t) { return std::exp(k * (std::cos(t - location) - 1)); };
  const auto between = [=](Wide from, Wide to) {
    Wide sum = 0;
    const Wide width = (to - from) / 24;
    for (int i = 0; i < 24 && from < to; ++i)
      sum += bm::quadrature::gauss<Wide, 30>::integrate(unscaled, from + i * width, from + (i + 1) * width);
    return sum;
  };
  const Wide total = between(-pi, pi);
  const auto cdf = [=](Wide x) { return between(-pi, x) / total; };
  const double end = 3.14159265358979323846;
  return written_out([=](Wide x) { return unscaled(x) / total; }, cdf,
                     [=](Wide x) { return between(x, pi) / total; },
                     [=](Wide q) { return Wide(bisected(cdf, static_cast<double>(q), -pi, pi)); },
                     [](double x) { return std::abs(x) <= 3.14159265358979323846; }, -end, end);
}

Reference log_logistic(const Numbers& p) {
  const Wide scale = p[0], shape = p[1];
  const auto power = [=](Wide x) { return std::pow(x / scale, shape); };
  Reference r = written_out([=](Wide x) { return shape / x * power(x) / ((1 + power(x)) * (1 + power(x))); },
                            [=](Wide x) { return power(x) / (1 + power(x)); },
                            [=](Wide x) { return 1 / (1 + power(x)); },
                            [=](Wide q) { return scale * std::pow(q / (1 - q), 1 / shape); }, positive, 0);
  r.moments = p[1];
  return r;
}

Reference half_student_t(const Numbers& p) {
  const bm::students_t_distribution<Wide> d(p[0]);
  const Wide scale = p[1];
  const auto beyond = [=](Wide x) { return 2 * bm::cdf(bm::complement(d, x / scale)); };
  Reference r = written_out([=](Wide x) { return 2 * bm::pdf(d, x / scale) / scale; },
                            [=](Wide x) { return 1 - beyond(x); }, beyond,
                            [=](Wide q) { return scale * bm::quantile(d, (1 + q) / 2); }, nonnegative, 0);
  r.moments = p[0];
  return r;
}

Reference pareto_type_ii(const Numbers& p) {
  const Wide location = p[0], scale = p[1], shape = p[2];
  const auto beyond = [=](Wide x) { return std::pow(1 + (x - location) / scale, -shape); };
  Reference r =
      written_out([=](Wide x) { return shape / scale * std::pow(1 + (x - location) / scale, -shape - 1); },
                  [=](Wide x) { return -std::expm1(-shape * std::log1p((x - location) / scale)); }, beyond,
                  [=](Wide q) { return location + scale * std::expm1(-std::log1p(-q) / shape); }, real, p[0]);
  r.inside = [p](double x) { return x >= p[0] && x < infinity; };
  r.moments = p[2];
  return r;
}

Reference asymmetric_laplace(const Numbers& p) {
  const Wide location = p[0], left = Wide(p[1]) * p[2], right = Wide(p[1]) / p[2], both = left + right;
  Reference r = written_out(
      [=](Wide x) { return std::exp(x < location ? (x - location) / left : (location - x) / right) / both; },
      [=](Wide x) {
        return x < location ? left / both * std::exp((x - location) / left)
                            : 1 - right / both * std::exp((location - x) / right);
      },
      [=](Wide x) {
        return x < location ? 1 - left / both * std::exp((x - location) / left)
                            : right / both * std::exp((location - x) / right);
      },
      [=](Wide q) {
        return q < left / both ? location + left * std::log(q * both / left)
                               : location - right * std::log((1 - q) * both / right);
      },
      real);
  r.breaks = {p[0]};
  return r;
}

/// Of the logistic variable that is temperature logit(x) - logit(probability).
Reference relaxed_bernoulli(const Numbers& p) {
  const Wide logits = std::log(Wide(p[0]) / (1 - Wide(p[0]))), temperature = p[1];
  const auto z = [=](Wide x) { return temperature * (std::log(x) - std::log1p(-x)) - logits; };
  const auto s = [](Wide t) { return 1 / (1 + std::exp(-t)); };
  return written_out([=](Wide x) { return temperature * s(z(x)) * s(-z(x)) / (x * (1 - x)); },
                     [=](Wide x) { return s(z(x)); }, [=](Wide x) { return s(-z(x)); },
                     [=](Wide q) { return s((std::log(q) - std::log1p(-q) + logits) / temperature); },
                     [](double x) { return x >= 0 && x <= 1; }, 0, 1);
}

Reference ordered_logistic(const Numbers& p) {
  const auto cdf = [p](Wide x) -> Wide {
    const auto k = static_cast<std::size_t>(x);
    if (k == 0) return 0;
    return k >= p.size() ? 1 : 1 / (1 + std::exp(Wide(p[0]) - p[k]));
  };
  return stepwise(
      cdf, [cdf](Wide x) { return cdf(x) - cdf(x - 1); }, 1, static_cast<double>(p.size()));
}

Reference discrete_uniform(const Numbers& p) {
  const Wide lower = p[0], size = Wide(p[1]) - p[0] + 1;
  return stepwise([=](Wide x) { return (x - lower + 1) / size; }, [=](Wide) { return 1 / size; }, p[0], p[1]);
}

}  // namespace elbo::test
