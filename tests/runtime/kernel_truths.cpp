#include "tests/runtime/kernel_truths.hpp"

#include <algorithm>
#include <boost/math/special_functions/beta.hpp>
#include <boost/math/special_functions/digamma.hpp>
#include <boost/math/special_functions/erf.hpp>
#include <boost/math/special_functions/gamma.hpp>
#include <boost/math/special_functions/trigamma.hpp>
#include <cmath>
#include <limits>

namespace elbo::test {
namespace {

using runtime::KernelTable;
using Point = const std::vector<double>&;
using Points = std::vector<std::vector<double>>;

// ---- truths -----------------------------------------------------------------------------------------------

// Half of the digits are left where 1 swallows the other half.
Wide log1p_wide(const Wide& x) { return abs(x) < 1e-25 ? Wide(x - x * x / 2) : Wide(log(1 + x)); }
Wide expm1_wide(const Wide& x) { return abs(x) < 1e-25 ? Wide(x + x * x / 2) : Wide(exp(x) - 1); }
Wide normal_cdf_wide(const Wide& x) { return boost::math::erfc(-x / sqrt(Wide(2))) / 2; }

Wide exp_truth(Point x) { return exp(Wide(x[0])); }
Wide log_truth(Point x) { return log(Wide(x[0])); }
Wide log1p_truth(Point x) { return log1p_wide(x[0]); }
Wide expm1_truth(Point x) { return expm1_wide(x[0]); }
Wide tanh_truth(Point x) {
  const Wide e = expm1_wide(-2 * Wide(x[0]));
  return -e / (e + 2);
}
Wide sigmoid_truth(Point x) { return 1 / (1 + exp(-Wide(x[0]))); }
Wide softplus_truth(Point x) {
  const Wide e = exp(-abs(Wide(x[0])));
  return (x[0] > 0 ? Wide(x[0]) : Wide(0)) + log1p_wide(e);
}
Wide erf_truth(Point x) { return boost::math::erf(Wide(x[0])); }
Wide erfc_truth(Point x) { return boost::math::erfc(Wide(x[0])); }
Wide normal_cdf_truth(Point x) { return normal_cdf_wide(x[0]); }
Wide normal_log_cdf_truth(Point x) {
  return x[0] > 0 ? log1p_wide(-normal_cdf_wide(-x[0])) : Wide(log(normal_cdf_wide(x[0])));
}
Wide normal_quantile_truth(Point x) { return -sqrt(Wide(2)) * boost::math::erfc_inv(2 * Wide(x[0])); }
Wide lgamma_truth(Point x) { return boost::math::lgamma(Wide(x[0])); }
Wide digamma_truth(Point x) { return boost::math::digamma(Wide(x[0])); }
Wide trigamma_truth(Point x) { return boost::math::trigamma(Wide(x[0])); }
Wide gamma_p_truth(Point x) { return boost::math::gamma_p(Wide(x[0]), Wide(x[1])); }
Wide gamma_q_truth(Point x) { return boost::math::gamma_q(Wide(x[0]), Wide(x[1])); }
Wide gamma_density_truth(Point x) {
  const Wide a = x[0];
  return exp((a - 1) * log(Wide(x[1])) - x[1] - boost::math::lgamma(a));
}
Wide beta_cdf_truth(Point x) { return boost::math::ibeta(Wide(x[0]), Wide(x[1]), Wide(x[2])); }

Wide beta_survival_truth(Point x) { return boost::math::ibetac(Wide(x[0]), Wide(x[1]), Wide(x[2])); }

double gamma_p_condition(Point x) {
  return x[1] * boost::math::gamma_p_derivative(x[0], x[1]) / boost::math::gamma_p(x[0], x[1]);
}
double gamma_q_condition(Point x) {
  return x[1] * boost::math::gamma_p_derivative(x[0], x[1]) / boost::math::gamma_q(x[0], x[1]);
}
double gamma_density_condition(Point x) { return std::fabs(x[0] - 1 - x[1]); }
double beta_cdf_condition(Point x) {
  return x[2] * boost::math::ibeta_derivative(x[0], x[1], x[2]) / boost::math::ibeta(x[0], x[1], x[2]);
}

double beta_survival_condition(Point x) {
  return x[2] * boost::math::ibeta_derivative(x[0], x[1], x[2]) / boost::math::ibetac(x[0], x[1], x[2]);
}
double beta_density_condition(Point x) {
  return x[2] * std::fabs((x[0] - 1) / x[2] - (x[1] - 1) / (1 - x[2]));
}

/// Central differences of order 8: with 50 digits a step of 1e-5 of the place leaves 40 of them.
template <class F>
Wide derivative(const F& f, const Wide& x) {
  const Wide h = x / 100000;
  const auto pair = [&](int k) { return Wide(f(Wide(x + k * h)) - f(Wide(x - k * h))); };
  return (pair(1) * 4 / 5 - pair(2) / 5 + pair(3) * 4 / 105 - pair(4) / 280) / h;
}

// In both, from the smaller tail, whose digits are all there.
Wide gamma_shape_truth(Point x) {
  const Wide a = x[0], t = exp(Wide(x[1]));
  const bool is_below = t < a;
  const auto tail = [&](const Wide& s) {
    return is_below ? Wide(boost::math::gamma_p(s, t)) : Wide(-boost::math::gamma_q(s, t));
  };
  return derivative(tail, a) / exp(a * x[1] - t - boost::math::lgamma(a));
}
Wide beta_density_truth(Point x) {
  const Wide a = x[0], b = x[1], t = x[2];
  const Wide log_beta = boost::math::lgamma(a) + boost::math::lgamma(b) - boost::math::lgamma(Wide(a + b));
  return exp((a - 1) * log(t) + (b - 1) * log(1 - t) - log_beta);
}
Wide beta_tail(Point x, const Wide& a, const Wide& b) {
  const bool is_below = x[2] < x[0] / (x[0] + x[1]);
  const Wide t = x[2];
  return is_below ? Wide(boost::math::ibeta(a, b, t)) : Wide(-boost::math::ibetac(a, b, t));
}
Wide beta_a_truth(Point x) {
  return derivative([&](const Wide& s) { return beta_tail(x, s, x[1]); }, x[0]) / beta_density_truth(x);
}
Wide beta_b_truth(Point x) {
  return derivative([&](const Wide& s) { return beta_tail(x, x[0], s); }, x[1]) / beta_density_truth(x);
}

// ---- places -----------------------------------------------------------------------------------------------

constexpr int count = 1021;  // prime, so that no step is a round number

/// From one end to the other, evenly.
Points spread(double from, double to) {
  Points points;
  for (int i = 0; i < count; ++i) points.push_back({from + (to - from) * i / (count - 1)});
  return points;
}

/// Through all magnitudes between two numbers. Not by exp, whose results have logarithms that are nearly
/// numbers: at those the error of log would look small.
Points logarithmic(double from, double to) {
  Points points;
  for (int i = 0; i < count; ++i) {
    const double exponent = std::log2(from) + (std::log2(to) - std::log2(from)) * i / (count - 1);
    const double whole = std::floor(exponent);
    points.push_back({std::ldexp(1 + (exponent - whole), static_cast<int>(whole))});
  }
  return points;
}

/// Through all magnitudes of the distance from 1.
Points below_one(double from, double to) {
  Points points = logarithmic(from, to);
  for (auto& point : points) point[0] = 1 - point[0];
  return points;
}

/// The next numbers on both sides of a place, and from there ever farther away.
Points beside(double place) {
  Points points;
  double below = place, above = place;
  for (int i = 0; i < 20; ++i) {
    below = std::nextafter(below, 0), above = std::nextafter(above, 10);
    points.push_back({below}), points.push_back({above});
  }
  for (int exponent = -48; exponent <= -4; ++exponent) {
    points.push_back({place + std::ldexp(1.0, exponent)});
    points.push_back({place - std::ldexp(1.0, exponent)});
  }
  return points;
}

/// Shapes with numbers up to four standard deviations of the logarithm from them.
Points gamma_points(const std::vector<double>& shapes, bool by_logarithm) {
  Points points;
  for (const double shape : shapes) {
    for (double z = -4; z <= 4; z += 0.5) {
      const double log_x = std::log(shape) + z / std::sqrt(shape + 0.2);
      points.push_back({shape, by_logarithm ? log_x : std::exp(log_x)});
    }
  }
  return points;
}

// On both sides of the shapes from which kernels go another way: 8, 20 and 30.
const std::vector<double> gamma_shapes = {0.01, 0.1,  0.3,  0.7,  1.0,  1.7,  2.5,  6.0,  7.9,
                                          8.1,  19.9, 20.0, 29.9, 30.1, 39.0, 41.0, 100.0};
const std::vector<double> large_gamma_shapes = {200, 1e3, 3e4, 1e6};

Points beta_points() {
  Points points;
  for (const double a : {0.1, 0.5, 1.0, 2.5, 7.9, 8.1, 20.0, 100.0}) {
    for (const double b : {0.1, 0.7, 3.0, 50.0}) {
      for (const double x : {0.01, 0.1, 0.3, 0.5, 0.7, 0.9, 0.99, a / (a + b)}) points.push_back({a, b, x});
    }
  }
  return points;
}

constexpr double digamma_root = 1.4616321449683622;

std::vector<AccuracyCase> elementary_cases() {
  return {
      {"exp", "-700 to 700", &KernelTable::exp, exp_truth, spread(-700, 700), 4},
      {"log", "1e-300 to 1e300", &KernelTable::log, log_truth, logarithmic(1e-300, 1e300), 4},
      {"log", "0.5 to 2", &KernelTable::log, log_truth, spread(0.5, 2), 4},
      {"log1p", "-0.999 to 3", &KernelTable::log1p, log1p_truth, spread(-0.999, 3), 4},
      {"log1p", "1e-150 to 1e150", &KernelTable::log1p, log1p_truth, logarithmic(1e-150, 1e150), 4},
      {"expm1", "-40 to 700", &KernelTable::expm1, expm1_truth, spread(-40, 700), 4},
      {"expm1", "1e-300 to 1", &KernelTable::expm1, expm1_truth, logarithmic(1e-300, 1), 4},
      {"tanh", "-20 to 20", &KernelTable::tanh, tanh_truth, spread(-20, 20), 4},
      {"tanh", "1e-300 to 1", &KernelTable::tanh, tanh_truth, logarithmic(1e-300, 1), 4},
      {"sigmoid", "-700 to 40", &KernelTable::sigmoid, sigmoid_truth, spread(-700, 40), 4},
      {"softplus", "-700 to 700", &KernelTable::softplus, softplus_truth, spread(-700, 700), 4},
      {"softplus", "-40 to 40", &KernelTable::softplus, softplus_truth, spread(-40, 40), 4},
  };
}

std::vector<AccuracyCase> normal_cases() {
  return {
      {"erf", "-5.5 to 5.5", &KernelTable::erf, erf_truth, spread(-5.5, 5.5), 4},
      {"erf", "1e-300 to 1", &KernelTable::erf, erf_truth, logarithmic(1e-300, 1), 4},
      {"erfc", "-5.5 to 26", &KernelTable::erfc, erfc_truth, spread(-5.5, 26), 4},
      {"erfc", "26 to 27.5, underflow", &KernelTable::erfc, erfc_truth, spread(26, 27.5), 4},
      {"normal_cdf", "-37 to 9", &KernelTable::normal_cdf, normal_cdf_truth, spread(-37, 9), 4},
      {"normal_cdf", "-39 to -37, underflow", &KernelTable::normal_cdf, normal_cdf_truth, spread(-39, -37),
       4},
      {"normal_log_cdf", "-37 to 9", &KernelTable::normal_log_cdf, normal_log_cdf_truth, spread(-37, 9), 4},
      {"normal_log_cdf", "-200 to -12", &KernelTable::normal_log_cdf, normal_log_cdf_truth, spread(-200, -12),
       4},
      {"normal_quantile", "0.001 to 0.999", &KernelTable::normal_quantile, normal_quantile_truth,
       spread(0.001, 0.999), 4},
      {"normal_quantile", "1e-300 to 0.5", &KernelTable::normal_quantile, normal_quantile_truth,
       logarithmic(1e-300, 0.4999), 4},
      {"normal_quantile", "0.999 to 1 - 1e-16", &KernelTable::normal_quantile, normal_quantile_truth,
       below_one(1e-3, 1.2e-16), 4},
  };
}

std::vector<AccuracyCase> gamma_cases() {
  return {
      {"lgamma", "1e-8 to 1e8", &KernelTable::lgamma, lgamma_truth, logarithmic(1e-8, 1e8), 8},
      {"lgamma", "0.1 to 15", &KernelTable::lgamma, lgamma_truth, spread(0.1, 15), 8},
      {"lgamma", "beside its root 1", &KernelTable::lgamma, lgamma_truth, beside(1), 8},
      {"lgamma", "beside its root 2", &KernelTable::lgamma, lgamma_truth, beside(2), 8},
      {"digamma", "1e-8 to 1e8", &KernelTable::digamma, digamma_truth, logarithmic(1e-8, 1e8), 8},
      {"digamma", "0.1 to 15", &KernelTable::digamma, digamma_truth, spread(0.1, 15), 8},
      {"digamma", "beside its root 1.4616…", &KernelTable::digamma, digamma_truth, beside(digamma_root), 8},
      {"trigamma", "1e-8 to 1e8", &KernelTable::trigamma, trigamma_truth, logarithmic(1e-8, 1e8), 8},
      {"trigamma", "0.1 to 15", &KernelTable::trigamma, trigamma_truth, spread(0.1, 15), 8},
      {"gamma_p", "shape 0.01 to 100", &KernelTable::gamma_p, gamma_p_truth,
       gamma_points(gamma_shapes, false), 16, gamma_p_condition},
      {"gamma_p", "shape 200 to 1e6", &KernelTable::gamma_p, gamma_p_truth,
       gamma_points(large_gamma_shapes, false), 16, gamma_p_condition},
      {"gamma_q", "shape 0.01 to 100", &KernelTable::gamma_q, gamma_q_truth,
       gamma_points(gamma_shapes, false), 45, gamma_q_condition},
      {"gamma_q", "shape 200 to 1e6", &KernelTable::gamma_q, gamma_q_truth,
       gamma_points(large_gamma_shapes, false), 16, gamma_q_condition},
      {"gamma_density", "shape 0.01 to 100", &KernelTable::gamma_density, gamma_density_truth,
       gamma_points(gamma_shapes, false), 16, gamma_density_condition},
      {"gamma_density", "shape 200 to 1e6", &KernelTable::gamma_density, gamma_density_truth,
       gamma_points(large_gamma_shapes, false), 16, gamma_density_condition},
      {"gamma_shape", "shape 0.01 to 100", &KernelTable::gamma_shape, gamma_shape_truth,
       gamma_points(gamma_shapes, true), 16},
      {"gamma_shape", "shape 200 to 1e6", &KernelTable::gamma_shape, gamma_shape_truth,
       gamma_points(large_gamma_shapes, true), 16},
      {"beta_cdf", "shapes 0.1 to 100", &KernelTable::beta_cdf, beta_cdf_truth, beta_points(), 16,
       beta_cdf_condition},
      {"beta_survival", "shapes 0.1 to 100", &KernelTable::beta_survival, beta_survival_truth, beta_points(),
       16, beta_survival_condition},
      {"beta_density", "shapes 0.1 to 100", &KernelTable::beta_density, beta_density_truth, beta_points(), 16,
       beta_density_condition},
      {"beta_a", "shapes 0.1 to 100", &KernelTable::beta_a, beta_a_truth, beta_points(), 45},
      {"beta_b", "shapes 0.1 to 100", &KernelTable::beta_b, beta_b_truth, beta_points(), 45},
  };
}

}  // namespace

std::vector<AccuracyCase> accuracy_cases() {
  std::vector<AccuracyCase> all = elementary_cases();
  for (const auto& more : {normal_cases(), gamma_cases()}) all.insert(all.end(), more.begin(), more.end());
  return all;
}

double error_in_units(const AccuracyCase& one, std::size_t i, double value, const Wide& truth) {
  const double rounded = std::fabs(truth.convert_to<double>());
  const double unit = std::nextafter(rounded, std::numeric_limits<double>::infinity()) - rounded;
  const double condition = one.condition ? one.condition(one.points[i]) : 1;
  return (abs(Wide(value) - truth) / unit).convert_to<double>() / std::max(condition, 1.0);
}

std::vector<double> results(const KernelTable& table, const AccuracyCase& one) {
  std::vector<std::vector<double>> columns(one.points.front().size());
  for (const auto& point : one.points) {
    for (std::size_t k = 0; k < point.size(); ++k) columns[k].push_back(point[k]);
  }
  std::vector<runtime::Lanes> in;
  for (const auto& column : columns) in.push_back({column.data(), 1});
  std::vector<double> values(one.points.size());
  (table.*one.member)(values.data(), in.data(), static_cast<std::int64_t>(values.size()));
  return values;
}

}  // namespace elbo::test
