// Special functions against 50-digit arithmetic, where long double could be too short a ruler: right beside
// the roots of lgamma and digamma, and over the whole range, with the kernels of every instruction set that
// this machine has.
#include <boost/math/special_functions/digamma.hpp>
#include <boost/math/special_functions/erf.hpp>
#include <boost/math/special_functions/gamma.hpp>
#include <boost/math/special_functions/trigamma.hpp>
#include <boost/multiprecision/cpp_bin_float.hpp>
#include <catch2/catch.hpp>
#include <cmath>
#include <limits>
#include <vector>

#include "runtime/kernels/variants.hpp"

using namespace elbo::runtime;

namespace {

using Wide = boost::multiprecision::cpp_bin_float_50;
using Kernel = ElementwiseKernel KernelTable::*;

Wide lgamma_truth(const Wide& x) { return boost::math::lgamma(x); }
Wide digamma_truth(const Wide& x) { return boost::math::digamma(x); }
Wide trigamma_truth(const Wide& x) { return boost::math::trigamma(x); }
Wide erf_truth(const Wide& x) { return boost::math::erf(x); }
Wide erfc_truth(const Wide& x) { return boost::math::erfc(x); }
// Half of the digits are left where 1 swallows the other half.
Wide log1p_truth(const Wide& x) { return abs(x) < 1e-25 ? Wide(x - x * x / 2) : Wide(log(1 + x)); }
Wide expm1_truth(const Wide& x) { return abs(x) < 1e-25 ? Wide(x + x * x / 2) : Wide(exp(x) - 1); }
Wide softplus_truth(const Wide& x) {
  const Wide e = exp(-abs(x));
  return (x > 0 ? x : Wide(0)) + log1p_truth(e);
}
Wide normal_cdf_truth(const Wide& x) { return boost::math::erfc(-x / sqrt(Wide(2))) / 2; }
Wide normal_log_cdf_truth(const Wide& x) {
  return x > 0 ? log1p_truth(-normal_cdf_truth(-x)) : Wide(log(normal_cdf_truth(x)));
}

/// From one end to the other, evenly or evenly in the logarithm.
std::vector<double> spread(double from, double to, bool logarithmic = false) {
  constexpr int count = 257;
  std::vector<double> points;
  for (int i = 0; i < count; ++i) {
    const double t = static_cast<double>(i) / (count - 1);
    points.push_back(logarithmic ? from * std::pow(to / from, t) : from + t * (to - from));
  }
  return points;
}

/// The next numbers on both sides of a place, and from there ever farther away.
std::vector<double> beside(double place) {
  std::vector<double> points;
  double below = place, above = place;
  for (int i = 0; i < 20; ++i) {
    below = std::nextafter(below, 0), above = std::nextafter(above, 10);
    points.push_back(below), points.push_back(above);
  }
  for (int exponent = -48; exponent <= -4; ++exponent) {
    points.push_back(place + std::ldexp(1.0, exponent)), points.push_back(place - std::ldexp(1.0, exponent));
  }
  return points;
}

struct Row {
  const char* name;
  Kernel kernel;
  Wide (*truth)(const Wide&);
  std::vector<double> points;
  double units;  ///< in the last place, allowed
};

std::vector<Row> rows() {
  const double digamma_root = 1.4616321449683622;
  return {
      {"lgamma beside 1", &KernelTable::lgamma, lgamma_truth, beside(1), 8},
      {"lgamma beside 2", &KernelTable::lgamma, lgamma_truth, beside(2), 8},
      {"lgamma", &KernelTable::lgamma, lgamma_truth, spread(1e-8, 1e8, true), 8},
      {"lgamma of small numbers", &KernelTable::lgamma, lgamma_truth, spread(0.1, 15), 8},
      {"digamma beside its root", &KernelTable::digamma, digamma_truth, beside(digamma_root), 8},
      {"digamma", &KernelTable::digamma, digamma_truth, spread(1e-8, 1e8, true), 8},
      {"digamma of small numbers", &KernelTable::digamma, digamma_truth, spread(0.1, 15), 8},
      {"trigamma", &KernelTable::trigamma, trigamma_truth, spread(1e-8, 1e8, true), 8},
      {"trigamma of small numbers", &KernelTable::trigamma, trigamma_truth, spread(0.1, 15), 8},
      {"erf", &KernelTable::erf, erf_truth, spread(-5.5, 5.5), 4},
      {"erf near 0", &KernelTable::erf, erf_truth, spread(1e-300, 1, true), 4},
      {"erfc", &KernelTable::erfc, erfc_truth, spread(-5.5, 26), 4},
      {"log1p", &KernelTable::log1p, log1p_truth, spread(-0.999, 3), 4},
      {"log1p near 0", &KernelTable::log1p, log1p_truth, spread(1e-150, 1e150, true), 4},
      {"expm1", &KernelTable::expm1, expm1_truth, spread(-40, 700), 4},
      {"expm1 near 0", &KernelTable::expm1, expm1_truth, spread(1e-300, 1, true), 4},
      {"softplus", &KernelTable::softplus, softplus_truth, spread(-700, 700), 4},
      {"softplus around 0", &KernelTable::softplus, softplus_truth, spread(-40, 40), 4},
      {"normal_cdf", &KernelTable::normal_cdf, normal_cdf_truth, spread(-37, 9), 8},
      {"normal_log_cdf", &KernelTable::normal_log_cdf, normal_log_cdf_truth, spread(-37, 9), 8},
      {"normal_log_cdf in the tail", &KernelTable::normal_log_cdf, normal_log_cdf_truth, spread(-200, -12),
       8},
  };
}

/// |value - truth| in units in the last place of the truth.
double units(double value, const Wide& truth) {
  const double rounded = std::fabs(truth.convert_to<double>());
  const double unit = std::nextafter(rounded, std::numeric_limits<double>::infinity()) - rounded;
  return (abs(Wide(value) - truth) / unit).convert_to<double>();
}

}  // namespace

TEST_CASE("special functions are within a few units of 50-digit values in every variant", "[kernels]") {
  for (const Row& row : rows()) {
    std::vector<Wide> truths;
    for (const double x : row.points) truths.push_back(row.truth(Wide(x)));
    for (const KernelVariant& variant : kernel_variants()) {
      if (!variant.supported()) continue;
      KernelTable real64, real32;
      fill_kernel_tables(variant, real64, real32);
      std::vector<double> values(row.points.size());
      const Lanes in[] = {{row.points.data(), 1}};
      (real64.*row.kernel)(values.data(), in, static_cast<std::int64_t>(values.size()));
      double worst = 0, at = 0;
      for (std::size_t i = 0; i < values.size(); ++i) {
        const double error = units(values[i], truths[i]);
        if (!(error <= worst)) worst = error, at = row.points[i];
      }
      INFO(row.name << ", " << variant.name << ": " << worst << " units at " << at);
      CHECK(worst <= row.units);
    }
  }
}
