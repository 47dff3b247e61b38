// How far the kernels are from the truth, in units in the last place, on grids and at special values.
#include <catch2/catch.hpp>
#include <cmath>
#include <functional>
#include <limits>
#include <vector>

#include "runtime/kernels/kernels.hpp"

using namespace elbo::runtime;

namespace {

using Real = long double;
using Kernel = ElementwiseKernel KernelTable::*;
constexpr double inf = std::numeric_limits<double>::infinity();
const double none = std::numeric_limits<double>::quiet_NaN();

template <class T>
constexpr Precision precision_of = sizeof(T) == 8 ? Precision::real64 : Precision::real32;

template <class T>
std::vector<T> evaluate(Kernel kernel, const std::vector<T>& x) {
  std::vector<T> out(x.size());
  const Lanes in[] = {{x.data(), 1}};
  (kernels(precision_of<T>).*kernel)(out.data(), in, static_cast<std::int64_t>(x.size()));
  return out;
}

template <class T>
T evaluate(Kernel kernel, double x, double y) {
  const T a = static_cast<T>(x), b = static_cast<T>(y);
  T out = 0;
  const Lanes in[] = {{&a, 0}, {&b, 0}};
  (kernels(precision_of<T>).*kernel)(&out, in, 1);
  return out;
}

/// |value - truth| in ulps of T at the truth.
template <class T>
double ulps(T value, Real truth) {
  const T rounded = static_cast<T>(truth);
  if (std::isnan(value) || std::isnan(rounded)) return std::isnan(value) == std::isnan(rounded) ? 0 : inf;
  if (std::isinf(value) || std::isinf(rounded)) return value == rounded ? 0 : inf;
  const T magnitude = std::fabs(rounded);
  const Real spacing =
      static_cast<Real>(std::nextafter(magnitude, std::numeric_limits<T>::infinity())) - magnitude;
  return static_cast<double>(std::fabs(static_cast<Real>(value) - truth) / spacing);
}

/// `count` points spread evenly over [from, to], or evenly in the logarithm.
template <class T>
std::vector<T> grid(double from, double to, int count = 20011, bool logarithmic = false) {
  std::vector<T> points;
  for (int i = 0; i < count; ++i) {
    const double t = static_cast<double>(i) / (count - 1);
    points.push_back(static_cast<T>(logarithmic ? from * std::pow(to / from, t) : from + t * (to - from)));
  }
  return points;
}

template <class T>
double worst(Kernel kernel, const std::vector<T>& x, const std::function<Real(Real)>& truth) {
  const std::vector<T> values = evaluate(kernel, x);
  double worst = 0;
  T at = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double error = ulps(values[i], truth(x[i]));
    if (error > worst) worst = error, at = x[i];
  }
  UNSCOPED_INFO("worst at " << at << ": " << worst << " ulps");
  return worst;
}

Real sigmoid(Real x) { return 1 / (1 + std::exp(-x)); }
Real softplus(Real x) { return std::fmax(x, 0) + std::log1p(std::exp(-std::fabs(x))); }

struct Span {
  const char* name;
  Kernel kernel;
  Real (*truth)(Real);
  double from, to;
  bool logarithmic;
};

const Span spans[] = {
    {"exp", &KernelTable::exp, std::exp, -745, 710, false},
    {"exp near 0", &KernelTable::exp, std::exp, 1e-20, 1, true},
    {"expm1", &KernelTable::expm1, std::expm1, -50, 710, false},
    {"expm1 around 0", &KernelTable::expm1, std::expm1, -1.5, 1.5, false},
    {"expm1 near 0", &KernelTable::expm1, std::expm1, 1e-300, 1, true},
    {"log", &KernelTable::log, std::log, 1e-310, 1e308, true},
    {"log around 1", &KernelTable::log, std::log, 0.5, 2, false},
    {"log1p", &KernelTable::log1p, std::log1p, -0.999999, 3, false},
    {"log1p near 0", &KernelTable::log1p, std::log1p, 1e-300, 1e300, true},
    {"tanh", &KernelTable::tanh, std::tanh, -25, 25, false},
    {"tanh near 0", &KernelTable::tanh, std::tanh, 1e-300, 1, true},
    {"sinh", &KernelTable::sinh, std::sinh, -711, 711, false},
    {"sinh around 0", &KernelTable::sinh, std::sinh, -3, 3, false},
    {"sinh near 0", &KernelTable::sinh, std::sinh, 1e-300, 1, true},
    {"cosh", &KernelTable::cosh, std::cosh, -711, 711, false},
    {"sigmoid", &KernelTable::sigmoid, sigmoid, -740, 50, false},
    {"sigmoid around 0", &KernelTable::sigmoid, sigmoid, -5, 5, false},
    {"softplus", &KernelTable::softplus, softplus, -740, 800, false},
    {"softplus around 0", &KernelTable::softplus, softplus, -40, 40, false},
    {"sin", &KernelTable::sin, std::sin, -100, 100, false},
    {"cos", &KernelTable::cos, std::cos, -100, 100, false},
    {"tan", &KernelTable::tan, std::tan, -100, 100, false},
    {"asin", &KernelTable::asin, std::asin, -1, 1, false},
    {"acos", &KernelTable::acos, std::acos, -1, 1, false},
    {"atan", &KernelTable::atan, std::atan, -100, 100, false},
    {"erf", &KernelTable::erf, std::erf, -6, 6, false},
    {"erfc", &KernelTable::erfc, std::erfc, -6, 26, false},
    {"square root", &KernelTable::square_root, std::sqrt, 1e-300, 1e300, true},
};

}  // namespace

TEST_CASE("elementary kernels are within four ulps", "[kernels]") {
  for (const Span& span : spans) {
    INFO(span.name);
    const std::function<Real(Real)> truth = span.truth;
    CHECK(worst(span.kernel, grid<double>(span.from, span.to, 20011, span.logarithmic), truth) < 4);
    CHECK(worst(span.kernel, grid<float>(span.from, span.to, 20011, span.logarithmic), truth) < 4);
  }
}

TEMPLATE_TEST_CASE("elementary kernels at special values", "[kernels]", double, float) {
  struct Case {
    Kernel kernel;
    double x, expected;
  };
  const Case cases[] = {
      {&KernelTable::exp, inf, inf},
      {&KernelTable::exp, -inf, 0},
      {&KernelTable::exp, 0, 1},
      {&KernelTable::exp, -800, 0},
      {&KernelTable::exp, 710, inf},
      {&KernelTable::exp, none, none},
      {&KernelTable::expm1, -inf, -1},
      {&KernelTable::expm1, inf, inf},
      {&KernelTable::expm1, -0.0, -0.0},
      {&KernelTable::expm1, none, none},
      {&KernelTable::log, 0, -inf},
      {&KernelTable::log, -0.0, -inf},
      {&KernelTable::log, -1, none},
      {&KernelTable::log, -inf, none},
      {&KernelTable::log, inf, inf},
      {&KernelTable::log, 1, 0},
      {&KernelTable::log, none, none},
      {&KernelTable::log1p, -1, -inf},
      {&KernelTable::log1p, -2, none},
      {&KernelTable::log1p, inf, inf},
      {&KernelTable::log1p, -0.0, -0.0},
      {&KernelTable::log1p, none, none},
      {&KernelTable::log1p, -inf, none},
      {&KernelTable::tanh, inf, 1},
      {&KernelTable::tanh, -inf, -1},
      {&KernelTable::tanh, -0.0, -0.0},
      {&KernelTable::tanh, none, none},
      {&KernelTable::sinh, -inf, -inf},
      {&KernelTable::sinh, -0.0, -0.0},
      {&KernelTable::sinh, none, none},
      {&KernelTable::cosh, -inf, inf},
      {&KernelTable::cosh, 0, 1},
      {&KernelTable::cosh, none, none},
      {&KernelTable::sigmoid, inf, 1},
      {&KernelTable::sigmoid, -inf, 0},
      {&KernelTable::sigmoid, none, none},
      {&KernelTable::softplus, inf, inf},
      {&KernelTable::softplus, -inf, 0},
      {&KernelTable::softplus, none, none},
      {&KernelTable::erf, inf, 1},
      {&KernelTable::erf, -inf, -1},
      {&KernelTable::erf, -0.0, -0.0},
      {&KernelTable::erf, 1e30, 1},
      {&KernelTable::erf, none, none},
      {&KernelTable::erfc, inf, 0},
      {&KernelTable::erfc, -inf, 2},
      {&KernelTable::erfc, 0, 1},
      {&KernelTable::erfc, -0.0, 1},
      {&KernelTable::erfc, 30, 0},
      {&KernelTable::erfc, 1e30, 0},
      {&KernelTable::erfc, none, none},
      {&KernelTable::normal_cdf, inf, 1},
      {&KernelTable::normal_cdf, -inf, 0},
      {&KernelTable::normal_cdf, 0, 0.5},
      {&KernelTable::normal_cdf, -0.0, 0.5},
      {&KernelTable::normal_cdf, 1e-40, 0.5},
      {&KernelTable::normal_cdf, -40, 0},
      {&KernelTable::normal_cdf, none, none},
      {&KernelTable::normal_log_cdf, inf, -0.0},
      {&KernelTable::normal_log_cdf, -inf, -inf},
      {&KernelTable::normal_log_cdf, 0, -0.69314718055994530942},
      {&KernelTable::normal_log_cdf, none, none},
      {&KernelTable::normal_quantile, 0, -inf},
      {&KernelTable::normal_quantile, -0.0, -inf},
      {&KernelTable::normal_quantile, 0.5, 0},
      {&KernelTable::normal_quantile, 1, inf},
      {&KernelTable::normal_quantile, -0.1, none},
      {&KernelTable::normal_quantile, -1e-40, none},
      {&KernelTable::normal_quantile, 1.1, none},
      {&KernelTable::normal_quantile, inf, none},
      {&KernelTable::normal_quantile, -inf, none},
      {&KernelTable::normal_quantile, none, none},
      {&KernelTable::sign, -0.0, -0.0},
      {&KernelTable::sign, -3, -1},
      {&KernelTable::sign, none, none},
      {&KernelTable::round, 2.5, 3},
      {&KernelTable::round, -2.5, -3},
      {&KernelTable::round, 0.25, 0},
      {&KernelTable::round, -0.25, -0.0},
      {&KernelTable::round, inf, inf},
      {&KernelTable::round, none, none},
      {&KernelTable::round, 1e30, 1e30},
      {&KernelTable::floor, -0.5, -1},
      {&KernelTable::floor, -0.0, -0.0},
      {&KernelTable::floor, 7, 7},
      {&KernelTable::floor, -inf, -inf},
      {&KernelTable::floor, none, none},
      {&KernelTable::ceil, -0.5, -0.0},
      {&KernelTable::ceil, 0.5, 1},
      {&KernelTable::ceil, 1e30, 1e30},
      {&KernelTable::reciprocal, 0, inf},
      {&KernelTable::is_nan, none, 1},
      {&KernelTable::is_nan, inf, 0},
      {&KernelTable::logical_not, 0, 1},
      {&KernelTable::logical_not, none, 0},
      {&KernelTable::copy, 3, 3},
      {&KernelTable::absolute, -inf, inf},
      {&KernelTable::negate, 2, -2},
      {&KernelTable::square, -3, 9},
  };
  for (const Case& row : cases) {
    // All lanes of a vector and of its remainder.
    const std::vector<TestType> x(19, static_cast<TestType>(row.x));
    for (TestType value : evaluate(row.kernel, x)) {
      INFO("f(" << row.x << ") = " << value << ", expected " << row.expected);
      if (std::isnan(row.expected)) {
        CHECK(std::isnan(value));
      } else {
        CHECK(value == static_cast<TestType>(row.expected));
        CHECK(std::signbit(value) == std::signbit(static_cast<TestType>(row.expected)));
      }
    }
  }
}

TEST_CASE("exponentials of large negative numbers pass through the subnormal numbers", "[kernels]") {
  CHECK(evaluate<double>(&KernelTable::exp, {-745.0})[0] == 0x1p-1074);
  CHECK(evaluate<double>(&KernelTable::exp, {-720.0})[0] == Approx(std::exp(-720.0)).epsilon(1e-12));
  CHECK(evaluate<double>(&KernelTable::log, {0x1p-1074})[0] == std::log(0x1p-1074));
  CHECK(evaluate<float>(&KernelTable::exp, {-100.0f})[0] == std::exp(-100.0f));
  CHECK(evaluate<float>(&KernelTable::log, {0x1p-149f})[0] == std::log(0x1p-149f));
}

TEST_CASE("the error function and the normal distribution keep subnormal numbers", "[kernels]") {
  CHECK(evaluate<double>(&KernelTable::erf, {0x1p-1074})[0] == 0x1p-1074);
  CHECK(evaluate<double>(&KernelTable::erf, {-1e-310})[0] == std::erf(-1e-310));
  CHECK(evaluate<double>(&KernelTable::erfc, {27.0})[0] == Approx(std::erfc(27.0)).epsilon(1e-4));
  CHECK(evaluate<double>(&KernelTable::normal_cdf, {-38.46})[0] == 0x1p-1074);
  CHECK(evaluate<double>(&KernelTable::normal_log_cdf, {38.46})[0] == -0x1p-1074);
  CHECK(evaluate<double>(&KernelTable::normal_quantile, {0x1p-1074})[0] ==
        Approx(-38.467405617144346).epsilon(1e-15));
  CHECK(evaluate<float>(&KernelTable::erfc, {10.0f})[0] == 0x1p-149f);
  CHECK(evaluate<float>(&KernelTable::normal_quantile, {0x1p-149f})[0] == Approx(-14.121427f).epsilon(1e-6));
}

TEMPLATE_TEST_CASE("rounding agrees with the mathematical library", "[kernels]", double, float) {
  for (double scale : {1.0, 1e3, 1e7, 1e15}) {
    const std::vector<TestType> x = grid<TestType>(-3 * scale, 3 * scale, 6001);
    const std::vector<TestType> down = evaluate(&KernelTable::floor, x), up = evaluate(&KernelTable::ceil, x),
                                near = evaluate(&KernelTable::round, x);
    bool equal = true;
    for (std::size_t i = 0; i < x.size(); ++i) {
      equal = equal && down[i] == std::floor(x[i]) && up[i] == std::ceil(x[i]) && near[i] == std::round(x[i]);
    }
    CHECK(equal);
  }
}

TEMPLATE_TEST_CASE("kernels of two and three inputs", "[kernels]", double, float) {
  using T = TestType;
  CHECK(evaluate<T>(&KernelTable::floor_divide, -7, 2) == T(-4));
  CHECK(evaluate<T>(&KernelTable::floor_divide, 7, 0) == std::numeric_limits<T>::infinity());
  CHECK(evaluate<T>(&KernelTable::modulo, -7, 2) == T(1));
  CHECK(evaluate<T>(&KernelTable::modulo, 7, -2) == T(-1));
  CHECK(evaluate<T>(&KernelTable::modulo, 5, inf) == T(5));
  CHECK(std::isnan(evaluate<T>(&KernelTable::modulo, 1, 0)));
  CHECK(evaluate<T>(&KernelTable::power, 3, 2) == T(9));
  CHECK(evaluate<T>(&KernelTable::power, 2, 0.5) == std::pow(T(2), T(0.5)));
  CHECK(evaluate<T>(&KernelTable::power, 4, -1) == T(0.25));
  CHECK(std::isnan(evaluate<T>(&KernelTable::power, -2, 0.5)));
  CHECK(evaluate<T>(&KernelTable::atan2, -1, -1) == std::atan2(T(-1), T(-1)));
  CHECK(std::isnan(evaluate<T>(&KernelTable::minimum, none, 1)));
  CHECK(std::isnan(evaluate<T>(&KernelTable::minimum, 1, none)));
  CHECK(std::isnan(evaluate<T>(&KernelTable::maximum, none, 1)));
  CHECK(std::isnan(evaluate<T>(&KernelTable::maximum, 1, none)));
  CHECK(evaluate<T>(&KernelTable::maximum, 1, 2) == T(2));
  CHECK(evaluate<T>(&KernelTable::minimum, 1, 2) == T(1));
  CHECK(evaluate<T>(&KernelTable::less, 1, none) == T(0));
  CHECK(evaluate<T>(&KernelTable::less, 1, 2) == T(1));
  CHECK(evaluate<T>(&KernelTable::less_equal, 2, 2) == T(1));
  CHECK(evaluate<T>(&KernelTable::equal, none, none) == T(0));
  CHECK(evaluate<T>(&KernelTable::not_equal, none, none) == T(1));
  CHECK(evaluate<T>(&KernelTable::logical_and, none, 2) == T(1));
  CHECK(evaluate<T>(&KernelTable::logical_and, 0, 2) == T(0));
  CHECK(evaluate<T>(&KernelTable::logical_or, 0, -2) == T(1));
  CHECK(evaluate<T>(&KernelTable::logical_or, 0, 0) == T(0));
  CHECK(evaluate<T>(&KernelTable::xlogy, 0, 0) == T(0));
  CHECK(evaluate<T>(&KernelTable::xlogy, 0, -1) == T(0));
  CHECK(evaluate<T>(&KernelTable::xlogy, 2, 3) == Approx(2 * std::log(3.0)));

  const std::vector<T> condition{1, 0, T(none), T(-0.0)}, a{1, 2, 3, 4}, b{5, 6, 7, 8};
  std::vector<T> out(4);
  const Lanes in[] = {{condition.data(), 1}, {a.data(), 1}, {b.data(), 1}};
  kernels(precision_of<T>).select(out.data(), in, 4);
  CHECK(out == std::vector<T>{1, 6, 3, 8});
  kernels(precision_of<T>).fma(out.data(), in, 1);
  CHECK(out[0] == T(6));
}
