// The incomplete gamma and beta functions against Boost.Math in long double, and their derivatives in the
// shapes against values from 50-digit arithmetic and against differences of the functions themselves.
#include <algorithm>
#include <boost/math/special_functions/beta.hpp>
#include <boost/math/special_functions/gamma.hpp>
#include <catch2/catch.hpp>
#include <cmath>
#include <functional>
#include <limits>
#include <vector>

#include "graph_checks.hpp"
#include "runtime/differentiate.hpp"
#include "runtime/expression.hpp"
#include "runtime/kernels/kernels.hpp"
#include "runtime/operation.hpp"
#include "runtime/program.hpp"

using namespace elbo::runtime;
using elbo::tests::Given;
using elbo::tests::Numbers;

namespace {

using Real = long double;
using Kernel = ElementwiseKernel KernelTable::*;
constexpr double inf = std::numeric_limits<double>::infinity();

double value(Kernel kernel, std::vector<double> x) {
  double out = 0;
  x.resize(3);
  const Lanes in[] = {{&x[0], 1}, {&x[1], 1}, {&x[2], 1}};
  (kernels(Precision::real64).*kernel)(&out, in, 1);
  return out;
}

/// |a / b - 1|.
double error(double a, Real b) { return static_cast<double>(std::fabs(a / b - 1)); }

/// Central differences of order 8, in long double.
Real derivative(const std::function<Real(Real)>& f, Real x) {
  const Real h = 0.01L * std::min<Real>(x, 1);  // far in a tail the function is exponential in its shapes
  const auto pair = [&](int k) { return f(x + k * h) - f(x - k * h); };
  return (pair(1) * 4 / 5 - pair(2) / 5 + pair(3) * 4 / 105 - pair(4) / 280) / h;
}

Real gamma_p(Real a, Real x) { return boost::math::gamma_p(a, x); }
Real gamma_q(Real a, Real x) { return boost::math::gamma_q(a, x); }
Real ibeta(Real a, Real b, Real x) { return boost::math::ibeta(a, b, x); }
Real ibetac(Real a, Real b, Real x) { return boost::math::ibetac(a, b, x); }
Real gamma_density(Real a, Real x) { return boost::math::gamma_p_derivative(a, x); }
Real beta_density(Real a, Real b, Real x) { return boost::math::ibeta_derivative(a, b, x); }

double gamma_path(double a, double x) {
  Graph graph;
  return evaluate(gamma_pathwise(graph.constant(a), graph.constant(x))).reals()[0];
}

double student_t_path(double df, double t) {
  Graph graph;
  return evaluate(student_t_pathwise(graph.constant(df), graph.constant(t))).reals()[0];
}

}  // namespace

TEST_CASE("incomplete gamma and beta functions against long double", "[kernels]") {
  for (const double a : {0.01, 0.3, 1.0, 2.5, 20.0, 300.0, 1e5}) {
    for (const double z : {-4.0, -1.0, 0.0, 0.5, 3.0, 6.0}) {
      const double x = a * std::exp(z / std::sqrt(a + 0.2));
      INFO("a = " << a << ", x = " << x);
      // what rounding x by half a unit does: the condition of the function, with a margin
      const double slack = 2e-14 + 4e-16 * (a + x);
      CHECK(error(value(&KernelTable::gamma_p, {a, x}), gamma_p(a, x)) < slack);
      if (gamma_q(a, x) > 1e-290L) CHECK(error(value(&KernelTable::gamma_q, {a, x}), gamma_q(a, x)) < slack);
      if (gamma_density(a, x) > 1e-290L)
        CHECK(error(value(&KernelTable::gamma_density, {a, x}), gamma_density(a, x)) < slack);
    }
    for (const double p : {1e-10, 0.1, 0.5, 0.99}) {
      const double x = value(&KernelTable::gamma_quantile, {a, p});
      INFO("a = " << a << ", p = " << p << ", x = " << x);
      if (x > 1e-290) CHECK(error(p, gamma_p(a, x)) < 1e-13 + 4e-16 * (a + x));
      const double above = value(&KernelTable::gamma_upper_quantile, {a, p});
      if (above > 1e-290) CHECK(error(p, gamma_q(a, above)) < 1e-13 + 4e-16 * (a + above));
    }
    for (const double b : {0.02, 0.7, 1.0, 4.0, 500.0}) {
      for (const double x : {1e-8, 0.01, 0.2, 0.5, 0.8, 0.999}) {
        INFO("a = " << a << ", b = " << b << ", x = " << x);
        const Real truth = ibeta(a, b, x);
        if (truth > 1e-290L)
          CHECK(error(value(&KernelTable::beta_cdf, {a, b, x}), truth) < 1e-13 + 1e-15 * (a + b));
        const Real rest = ibetac(a, b, x), density = beta_density(a, b, x);
        if (rest > 1e-290L)
          CHECK(error(value(&KernelTable::beta_survival, {a, b, x}), rest) < 1e-13 + 1e-15 * (a + b));
        if (density > 1e-290L)
          CHECK(error(value(&KernelTable::beta_density, {a, b, x}), density) < 1e-13 + 1e-15 * (a + b));
      }
      const double x = value(&KernelTable::beta_quantile, {a, b, 0.3});
      if (x > 1e-290 && x < 0.9) CHECK(error(0.3, ibeta(a, b, x)) < 1e-12 + 1e-15 * (a + b));
    }
  }
}

TEST_CASE("incomplete functions at the ends and outside", "[kernels]") {
  CHECK(value(&KernelTable::gamma_p, {2, 0}) == 0);
  CHECK(value(&KernelTable::gamma_p, {2, inf}) == 1);
  CHECK(value(&KernelTable::gamma_q, {2, 0}) == 1);
  CHECK(value(&KernelTable::gamma_q, {2, inf}) == 0);
  CHECK(std::isnan(value(&KernelTable::gamma_p, {0, 1})));
  CHECK(std::isnan(value(&KernelTable::gamma_q, {2, -1})));
  CHECK(value(&KernelTable::gamma_quantile, {2, 0}) == 0);
  CHECK(value(&KernelTable::gamma_quantile, {2, 1}) == inf);
  CHECK(std::isnan(value(&KernelTable::gamma_quantile, {2, 1.5})));
  CHECK(value(&KernelTable::gamma_upper_quantile, {2, 0}) == inf);
  CHECK(value(&KernelTable::gamma_upper_quantile, {2, 1}) == 0);
  CHECK(value(&KernelTable::gamma_density, {2, 0}) == 0);
  CHECK(value(&KernelTable::gamma_density, {2, inf}) == 0);
  CHECK(value(&KernelTable::gamma_density, {1, 0}) == 1);
  CHECK(value(&KernelTable::beta_survival, {2, 3, 0}) == 1);
  CHECK(value(&KernelTable::beta_survival, {2, 3, 1}) == 0);
  CHECK(value(&KernelTable::beta_density, {2, 3, 0}) == 0);
  CHECK(value(&KernelTable::beta_cdf, {2, 3, 0}) == 0);
  CHECK(value(&KernelTable::beta_cdf, {2, 3, 1}) == 1);
  CHECK(std::isnan(value(&KernelTable::beta_cdf, {2, 3, 1.5})));
  CHECK(std::isnan(value(&KernelTable::beta_cdf, {-2, 3, 0.5})));
  CHECK(value(&KernelTable::beta_quantile, {2, 3, 0}) == 0);
  CHECK(value(&KernelTable::beta_quantile, {2, 3, 1}) == 1);
  CHECK(std::isnan(value(&KernelTable::gamma_shape, {-1, 0})));
  const double nan = std::numeric_limits<double>::quiet_NaN();
  for (const Kernel kernel : {&KernelTable::gamma_p, &KernelTable::gamma_q, &KernelTable::gamma_density,
                              &KernelTable::gamma_shape, &KernelTable::gamma_shape_shape}) {
    for (const auto& outside :
         {std::vector<double>{nan, 1}, {1, nan}, {nan, nan}, {inf, 1}, {-inf, 1}, {0, 1}}) {
      CHECK(std::isnan(value(kernel, outside)));
    }
  }
  for (const Kernel kernel : {&KernelTable::gamma_p, &KernelTable::gamma_q, &KernelTable::gamma_density}) {
    CHECK(std::isnan(value(kernel, {2, -1e-300})));
    CHECK(std::isnan(value(kernel, {2, -inf})));
  }
  for (const Kernel kernel : {&KernelTable::beta_cdf, &KernelTable::beta_survival, &KernelTable::beta_density,
                              &KernelTable::beta_a, &KernelTable::beta_b}) {
    for (const auto& outside : {std::vector<double>{nan, 1, 0.5},
                                {1, nan, 0.5},
                                {1, 1, nan},
                                {inf, 1, 0.5},
                                {1, inf, 0.5},
                                {0, 1, 0.5},
                                {1, 0, 0.5},
                                {1, 1, -0.5},
                                {1, 1, 1.5}}) {
      CHECK(std::isnan(value(kernel, outside)));
    }
  }
  CHECK(value(&KernelTable::beta_survival, {1e5, 1e5, 0.4}) == 1);
  CHECK(value(&KernelTable::beta_cdf, {2000, 30, 1e-200}) == 0);
  CHECK(error(value(&KernelTable::beta_cdf, {1, 1, 1e-200}), 1e-200L) < 1e-14);
  CHECK(error(value(&KernelTable::beta_cdf, {1, 1, 5e-324}), Real(5e-324)) < 1e-14);
  CHECK(error(value(&KernelTable::beta_survival, {1, 1, 1 - 0x1p-53}), 0x1p-53L) < 1e-14);
  CHECK(error(value(&KernelTable::beta_survival, {1, 3, 1 - 0x1p-53}), 0x1p-159L) < 1e-14);
  CHECK(value(&KernelTable::beta_a, {2, 3, 0}) == 0);
  CHECK(value(&KernelTable::beta_b, {2, 3, 1}) == 0);
  // far out, where the power underflows, and arguments that are hardly numbers
  CHECK(value(&KernelTable::gamma_p, {1e6, 1}) == 0);
  CHECK(value(&KernelTable::gamma_q, {1e6, 1}) == 1);
  CHECK(value(&KernelTable::gamma_p, {2, 1e300}) == 1);
  CHECK(value(&KernelTable::gamma_q, {2, 800}) == 0);
  CHECK(value(&KernelTable::gamma_p, {1e14, 1e200}) == 1);
  CHECK(value(&KernelTable::gamma_p, {1e-300, 1}) == 1);
  CHECK(error(value(&KernelTable::gamma_q, {1e-90, 1}), 1e-90L * 0.21938393439552027368L) < 1e-14);
  CHECK(error(value(&KernelTable::gamma_p, {1, 1e-200}), 1e-200L) < 1e-14);
  CHECK(error(value(&KernelTable::gamma_p, {0.5, 5e-324}),
              2 * std::sqrt(Real(5e-324) / 3.14159265358979323846L)) < 1e-14);
  CHECK(error(value(&KernelTable::gamma_shape, {1e200, std::log(1e200)}), -1e-200L) < 1e-12);
  CHECK(std::isfinite(value(&KernelTable::gamma_shape, {1e200, 0})));
  CHECK(std::isfinite(value(&KernelTable::gamma_shape, {2, 709})));
  CHECK(std::isnan(value(&KernelTable::gamma_shape, {2, 710})));
  CHECK(error(value(&KernelTable::gamma_shape, {2, -1000}), (-1000 - 0.92278433509846713939L) / 2) < 1e-14);
  CHECK(std::isnan(value(&KernelTable::beta_a, {-1, 2, 0.5})));
}

// Computed with mpmath at 50 digits.
TEST_CASE("implicit derivatives of gamma, beta and t draws", "[kernels]") {
  struct GammaPoint {
    double a, x, path;
  };
  for (const GammaPoint& p : {GammaPoint{.01, 1e-10, 2.2464965474394066e-7},
                              {.1, .01, .42279343812970284},
                              {.5, .2, .7940505663308433},
                              {1, .5, .80697911682531802},
                              {1, 3, 1.937911693824961},
                              {2.5, 1.7, .87504438142040392},
                              {2.5, 6, 1.6029866492202412},
                              {10, 8, .9075477177235484},
                              {10, 14, 1.1974228977739496},
                              {100, 95, .97619831121870701},
                              {100, 110, 1.0501606212457175},
                              {1000, 1010, 1.0051509296765343}}) {
    INFO("a = " << p.a << ", x = " << p.x);
    CHECK(error(gamma_path(p.a, p.x), p.path) < 1e-14);
  }
  struct BetaPoint {
    double a, b, x, in_a, in_b;
  };
  for (const BetaPoint& p : {BetaPoint{.5, .5, .1, .55853121238075838, -.26089248531714082},
                             {1, 1, .3, .3611918412977808, -.24967246075711267},
                             {2, 3, .4, .13939200005066932, -.090477046535647438},
                             {.1, 10, .001, .042639834402546622, -1.0456453476966929e-4},
                             {30, 20, .55, .0087189099939658, -.011839302009117144},
                             {100, 200, .35, .0022261589789942711, -.0011541947622154829}}) {
    INFO("a = " << p.a << ", b = " << p.b << ", x = " << p.x);
    CHECK(error(-value(&KernelTable::beta_a, {p.a, p.b, p.x}), p.in_a) < 1e-14);
    CHECK(error(-value(&KernelTable::beta_b, {p.a, p.b, p.x}), p.in_b) < 1e-14);
  }
  struct StudentPoint {
    double df, t, path;
  };
  for (const StudentPoint& p : {StudentPoint{1, 1, -.41596559417721902},
                                {3, -2, .22597479198727924},
                                {4.5, .7, -.012794866855756217},
                                {10, 2.5, -.039952494916084323},
                                {30, 1.5, -.0013412061385668592}}) {
    INFO("df = " << p.df << ", t = " << p.t);
    CHECK(error(student_t_path(p.df, p.t), p.path) < 2e-14);
    CHECK(student_t_path(p.df, -p.t) == -student_t_path(p.df, p.t));
  }
  CHECK(student_t_path(3, 0) == 0);
}

TEST_CASE("derivatives in the shapes against differences", "[kernels]") {
  for (const double a : {0.02, 0.3, 1.0, 2.5, 20.0, 300.0}) {
    for (const double z : {-3.0, -1.0, 0.0, 0.5, 3.0}) {
      const double x = a * std::exp(z / std::sqrt(a + 0.2));
      INFO("a = " << a << ", x = " << x);
      // from the smaller tail, whose digits are all there
      const bool is_below = x < a;
      const Real slope = is_below ? derivative([&](Real s) { return gamma_p(s, x); }, a)
                                  : -derivative([&](Real s) { return gamma_q(s, x); }, a);
      CHECK(error(value(&KernelTable::gamma_shape, {a, std::log(x)}), slope / (gamma_density(a, x) * x)) <
            1e-9);
    }
    for (const double b : {0.05, 0.7, 1.0, 4.0, 150.0}) {
      for (const double x : {1e-3, 0.1, 0.4, 0.7, 0.95}) {
        if (!(beta_density(a, b, x) > 1e-200L)) continue;
        INFO("a = " << a << ", b = " << b << ", x = " << x);
        const bool is_below = x < a / (a + b);
        const auto f = [&](Real s, Real t) { return is_below ? ibeta(s, t, x) : -ibetac(s, t, x); };
        const Real in_a = derivative([&](Real s) { return f(s, b); }, a);
        const Real in_b = derivative([&](Real s) { return f(a, s); }, b);
        const Real density = beta_density(a, b, x);
        CHECK(error(value(&KernelTable::beta_a, {a, b, x}), in_a / density) < 1e-8);
        CHECK(error(value(&KernelTable::beta_b, {a, b, x}), in_b / density) < 1e-8);
      }
    }
  }
}

// Computed with mpmath at 40 digits, as integrals of the density: small shapes above and below, both sides of
// the shape from which the kernel integrates, large shapes near the mode and in the tails.
TEST_CASE("first and second derivatives in the shape of a gamma", "[kernels]") {
  struct Point {
    double a, x, first, second;
  };
  for (const Point& p : {Point{.01, 5, -17.463988550760304, -79.869092872245171},
                         {.3, 1.25, -2.3960511825204676, -2.9346049284885912},
                         {1, 30, -0.13369009284408895, -0.48139279350280486},
                         {12, .75, -0.24917404814607955, 0.69524872173199783},
                         {39.5, 38, -0.025918837160790687, 0.0010069487382815415},
                         {39.5, 41, -0.024952700359886886, -0.00093065236985262685},
                         {40, 40, -0.025104423329112429, 1.3127543905587965e-6},
                         {40, 90, -0.016284955133409907, -0.013232447617939647},
                         {300, 180, -0.0042592253153905574, 0.0021763273236552098},
                         {1e5, 1e5, -1.0000016666683333e-5, 8.3333611109305542e-17},
                         {1e5, 98000, -1.0101370494136776e-5, 2.0407520174464426e-7},
                         {1e5, 103000, -9.8529505016100162e-6, -2.9124165798868182e-7},
                         {1e7, 10010000, -9.9950034974187166e-8, -9.9900094080828345e-11},
                         {1e10, 10000200000, -9.9999000014999783e-11, -1.9999600007833189e-15}}) {
    INFO("a = " << p.a << ", x = " << p.x);
    const double log_x = std::log(p.x);
    // rounding log x moves the first by a share of order 1e-16 a
    CHECK(error(value(&KernelTable::gamma_shape, {p.a, log_x}), p.first) < 1e-14);
    // it crosses 0 near the mode, where its terms have the size a^-3/2
    const double size = std::fabs(p.second) + std::pow(p.a + 1, -1.5);
    CHECK(std::fabs(value(&KernelTable::gamma_shape_shape, {p.a, log_x}) - p.second) <
          (1e-13 + 1e-15 * std::sqrt(p.a)) * size);
  }
}

TEST_CASE("first and second derivatives in the shapes of a beta", "[kernels]") {
  struct Point {
    double a, b, x, expected[5];
  };
  const Kernel each[] = {&KernelTable::beta_a, &KernelTable::beta_b, &KernelTable::beta_aa,
                         &KernelTable::beta_ab, &KernelTable::beta_bb};
  for (const Point& p : {Point{0.5,
                               0.5,
                               0.125,
                               {-0.63674834763710474, 0.32081101875130499, 1.8567818964505491,
                                -0.47542956259794887, -0.35538713339725593}},
                         {2,
                          3,
                          0.5,
                          {-0.1301924577566416, 0.10273899594998861, 0.0019441053358628286,
                           0.029172754597478125, -0.042332112852963188}},
                         {0.125,
                          10,
                          0.0009765625,
                          {-0.033740125303147795, 0.00010198231910966753, 0.13456411468575738,
                           0.0003742623590557364, -9.413460921916454e-6}},
                         {30,
                          20,
                          0.5625,
                          {-0.0085740477197885539, 0.011941364305943327, 0.00072785575073454292,
                           -0.00081279318542219967, 0.00082881266193649595}},
                         {100,
                          200,
                          0.3125,
                          {-0.0022246436028404183, 0.0010598441200835257, 0.00015110336706957454,
                           -6.6638551012653883e-5, 2.9077238170405038e-5}},
                         {3,
                          0.25,
                          0.9990234375,
                          {-0.00036780643105207296, 0.022254601403908576, 0.0001028856387175655,
                           0.00068696875326267406, -0.12332144414253913}}}) {
    for (std::size_t i = 0; i < 5; ++i) {
      INFO("a = " << p.a << ", b = " << p.b << ", x = " << p.x << ", derivative " << i);
      CHECK(error(value(each[i], {p.a, p.b, p.x}), p.expected[i]) < (i < 2 ? 1e-14 : 1e-13));
    }
  }
}

TEST_CASE("derivatives of derivatives in the shapes", "[kernels]") {
  for (const double a : {0.3, 1.0, 2.5, 20.0}) {
    for (const double x : {0.05, 0.4, 0.9}) {
      const double b = 3;
      INFO("a = " << a << ", x = " << x);
      // d/da (F_a / f) = F_aa / f - (F_a / f) f_a / f
      Graph graph;
      const Expr ea = graph.input("a", {{}, {}, Domain::real}), eb = graph.input("b", {{}, {}, Domain::real}),
                 ex = graph.input("x", {{}, {}, Domain::real});
      const Given given{{ea, {a}}, {eb, {b}}, {ex, {x}}};
      const BetaPath path = beta_pathwise(ea, eb, ex);
      const std::vector<std::pair<Expr, Kernel>> paths{{path.in_a, &KernelTable::beta_a},
                                                       {path.in_b, &KernelTable::beta_b}};
      for (const auto& one : paths) {
        const auto gradients = gradient(one.first, std::vector<Expr>{ea, eb, ex});
        for (std::size_t i = 0; i < 3; ++i) {
          const std::vector<double> at{a, b, x};
          const auto moved = [&](double share) {
            std::vector<double> point = at;
            point[i] *= 1 + share;
            return -value(one.second, point);
          };
          const double h = 1e-3;
          const double wide = (moved(h) - moved(-h)) / (2 * h * at[i]);
          const double narrow = (moved(h / 2) - moved(-h / 2)) / (h * at[i]);
          const double expected = (4 * narrow - wide) / 3;
          CHECK(elbo::tests::run(gradients[i], given)[0] == Approx(expected).epsilon(1e-7).margin(1e-9));
        }
      }
    }
  }
}

TEST_CASE("second derivatives in the shapes have one in x, and none in the shapes", "[kernels]") {
  struct Second {
    const char* name;
    Kernel kernel;
    std::vector<double> at;
  };
  for (const Second& second : {Second{"gamma_shape_shape", &KernelTable::gamma_shape_shape, {2.3, 0.4}},
                               {"gamma_shape_shape", &KernelTable::gamma_shape_shape, {2.3, 1.4}},
                               {"beta_aa", &KernelTable::beta_aa, {2.3, 0.7, 0.4}},
                               {"beta_ab", &KernelTable::beta_ab, {2.3, 0.7, 0.4}},
                               {"beta_bb", &KernelTable::beta_bb, {2.3, 0.7, 0.9}}}) {
    INFO(second.name);
    Graph graph;
    std::vector<Expr> inputs;
    Given given;
    for (const double x : second.at) {
      inputs.push_back(graph.input("x", {{}, {}, Domain::real}));
      given.push_back({inputs.back(), {x}});
    }
    const auto gradients = gradient(graph.add(*find_operation(second.name), inputs), inputs);
    const auto moved = [&](double shift) {
      std::vector<double> point = second.at;
      point.back() += shift;
      return value(second.kernel, point);
    };
    const double h = 1e-3;
    const double wide = (moved(h) - moved(-h)) / (2 * h), narrow = (moved(h / 2) - moved(-h / 2)) / h;
    CHECK(elbo::tests::run(gradients.back(), given)[0] == Approx((4 * narrow - wide) / 3).epsilon(1e-8));
    for (std::size_t i = 0; i + 1 < inputs.size(); ++i)
      CHECK(std::isnan(elbo::tests::run(gradients[i], given)[0]));
  }
}

TEST_CASE("gamma draws move with their shape", "[operations]") {
  Graph graph;
  const AxisId axis = graph.add_axis("s", 200, AxisKind::plate);
  const Expr a = graph.input("a", {{}, {}, Domain::real});
  for (const double shape : {0.05, 0.7, 3.0, 40.0}) {
    const Given given{{a, {shape}}};
    const Expr x = random_gamma(a, {axis}, {}), l = random_log_gamma(a, {axis}, {});
    const Numbers draws = elbo::tests::run(x, given), logs = elbo::tests::run(l, given);
    double sum = 0, sum_of_logs = 0;
    for (std::size_t i = 0; i < draws.size(); ++i) {
      if (draws[i] > 0) sum += gamma_path(shape, draws[i]);
      sum_of_logs -= value(&KernelTable::gamma_shape, {shape, logs[i]});
    }
    CHECK(elbo::tests::run(gradient(sum_all(x), std::vector<Expr>{a})[0], given)[0] ==
          Approx(sum).epsilon(1e-12));
    CHECK(elbo::tests::run(gradient(sum_all(l), std::vector<Expr>{a})[0], given)[0] ==
          Approx(sum_of_logs).epsilon(1e-12));
  }
}

// The path of a draw is its quantile at shapes nearby: the derivative follows it, and so does its own
// derivative.
TEST_CASE("the derivative of a gamma draw moves with the shape", "[operations]") {
  Graph graph;
  const AxisId axis = graph.add_axis("s", 50, AxisKind::plate);
  const Expr a = graph.input("a", {{}, {}, Domain::real});
  for (const double shape : {0.3, 0.9, 1.0, 4.0, 39.0, 60.0}) {
    const Given given{{a, {shape}}};
    const Expr x = random_gamma(a, {axis}, {});
    const Expr first = gradient(sum_all(x), std::vector<Expr>{a})[0];
    const double second = elbo::tests::run(gradient(first, std::vector<Expr>{a})[0], given)[0];
    double by_path = 0, by_derivative = 0, size = 0;
    for (const double draw : elbo::tests::run(x, given)) {
      const bool is_below = draw < shape;
      const double p = is_below ? value(&KernelTable::gamma_p, {shape, draw})
                                : value(&KernelTable::gamma_q, {shape, draw});
      const auto moved = [&](double s) {
        return value(is_below ? &KernelTable::gamma_quantile : &KernelTable::gamma_upper_quantile, {s, p});
      };
      const double h = 2e-3 * shape;
      const auto rate = [&](double s) {
        return (gamma_path(shape + s, moved(shape + s)) - gamma_path(shape - s, moved(shape - s))) / (2 * s);
      };
      by_path += (4 * rate(h / 2) - rate(h)) / 3;
      by_derivative += (moved(shape + h) - moved(shape - h)) / (2 * h);
      size += gamma_path(shape, draw) / shape;
    }
    INFO("shape " << shape);
    CHECK(second == Approx(by_path).margin(1e-8 * size));
    CHECK(elbo::tests::run(first, given)[0] == Approx(by_derivative).epsilon(1e-4));
  }
}
