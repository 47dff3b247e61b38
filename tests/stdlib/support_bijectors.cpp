// Conformance of supports: every bijector is inverted by its inverse, lands inside, and has the Jacobian it
// says; and what lies within what.
#include <Eigen/LU>
#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <limits>

#include "runtime/expression.hpp"
#include "runtime/support.hpp"
#include "tests/stdlib/distributions_cases.hpp"

namespace elbo::test {
namespace {

using runtime::implies;
using runtime::Shape;
using runtime::Support;
using runtime::support_list;
using runtime::SupportKind;
using runtime::Tensor;

constexpr double infinity = std::numeric_limits<double>::infinity();

/// Bounds for the tests: [-1.5], or [-1.5, 4]; [6] for counts.
Support with_bounds(Graph& graph, const SupportKind& kind) {
  Support support{&kind, {}};
  const Numbers values = kind.discrete ? Numbers{6} : Numbers{-1.5, 4};
  for (int i = 0; i < kind.bounds; ++i)
    support.bounds.push_back(graph.constant(values.at(static_cast<std::size_t>(i))));
  return support;
}

/// Event shape of the values on which a support is tried, of `size` unconstrained numbers: the smallest that
/// has as many.
Shape value_shape(const SupportKind& kind, std::int64_t size) {
  for (std::int64_t n = 1; n <= size + 1; ++n) {
    const Shape shape(static_cast<std::size_t>(std::max(kind.event_rank, 1)), n);
    if ((kind.unconstrained_shape ? kind.unconstrained_shape(shape) : shape) == Shape{size}) return shape;
  }
  FAIL("no value of " << kind.name << " has " << size << " free numbers");
  return {};
}

/// Numbers of a value in whose coordinates its densities are meant: all, the first ones of a simplex, the
/// lower triangle of a matrix.
std::vector<std::size_t> coordinates(const SupportKind& kind, std::int64_t size) {
  std::vector<std::size_t> result;
  const auto n = static_cast<std::size_t>(value_shape(kind, size).back());
  if (kind.event_rank < 2) {
    for (std::size_t i = 0; i < static_cast<std::size_t>(size); ++i) result.push_back(i);
    return result;
  }
  const bool with_diagonal = static_cast<std::size_t>(size) == n * (n + 1) / 2;
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j < i + (with_diagonal ? 1 : 0); ++j) result.push_back(i * n + j);
  }
  return result;
}

/// constrain, unconstrain(constrain), log Jacobian (flat) and contains of a vector of unconstrained numbers.
class Bijector {
 public:
  Bijector(const SupportKind& kind, std::int64_t size)
      : support_(with_bounds(graph_, kind)), size_(size), coordinates_(coordinates(kind, size)) {
    const Expr y = graph_.input("y", {.axes = {}, .event = {size}});
    const Expr x = kind.constrain(y, support_.bounds);
    REQUIRE(x.type().event == value_shape(kind, size));
    if (kind.unconstrained_shape) REQUIRE(kind.unconstrained_shape(x.type().event) == Shape{size});
    const Expr back = kind.unconstrain(x, support_.bounds);
    const Expr jacobian = kind.log_jacobian(y, support_.bounds);
    const Shape once = kind.event_rank > 0 ? Shape{} : Shape{size};
    REQUIRE(jacobian.type().event == once);
    const Expr inside = kind.contains(x, support_.bounds);
    REQUIRE(inside.type().event == once);
    forward_ = std::make_unique<Compiled>(std::vector{x}, std::vector{y});
    back_ = std::make_unique<Compiled>(std::vector{back}, std::vector{y});
    jacobian_ = std::make_unique<Compiled>(std::vector{sum_all(jacobian)}, std::vector{y});
    inside_ = std::make_unique<Compiled>(std::vector{inside}, std::vector{y});
  }
  Numbers constrain(const Numbers& y) { return (*forward_)({y}); }
  Numbers round_trip(const Numbers& y) { return (*back_)({y}); }
  double log_jacobian(const Numbers& y) { return (*jacobian_)({y})[0]; }
  bool inside(const Numbers& y) {
    for (const double flag : (*inside_)({y}))
      if (flag == 0) return false;
    return true;
  }

  /// log |det| of the derivatives of the first `size` values, by the five-point rule.
  double numeric_log_jacobian(const Numbers& y) {
    Eigen::MatrixXd derivatives(size_, size_);
    const double h = 1e-3;
    for (std::int64_t j = 0; j < size_; ++j) {
      const auto at = [&](double shift) {
        Numbers moved = y;
        moved[static_cast<std::size_t>(j)] += shift;
        const Numbers x = constrain(moved);
        Eigen::VectorXd kept(size_);
        for (std::int64_t i = 0; i < size_; ++i) kept[i] = x[coordinates_[static_cast<std::size_t>(i)]];
        return kept;
      };
      derivatives.col(j) = (at(-2 * h) - 8 * at(-h) + 8 * at(h) - at(2 * h)) / (12 * h);
    }
    return std::log(std::abs(derivatives.determinant()));
  }

 private:
  Graph graph_;
  Support support_;
  std::int64_t size_;
  std::vector<std::size_t> coordinates_;
  std::unique_ptr<Compiled> forward_, back_, jacobian_, inside_;
};

/// Those that have as many free numbers as values are determined by.
std::vector<const SupportKind*> bijective_supports() {
  std::vector<const SupportKind*> kinds;
  for (const SupportKind* kind : support_list())
    if (!kind->discrete && !kind->redundant) kinds.push_back(kind);
  return kinds;
}

Numbers contains(const SupportKind& kind, const Numbers& values) {
  Graph graph;
  const Support support = with_bounds(graph, kind);
  const Expr x = graph.constant(Tensor({static_cast<std::int64_t>(values.size())}, values));
  return value_of(kind.contains(x, support.bounds));
}

}  // namespace

TEST_CASE("bijectors are inverted by their inverses") {
  for (const SupportKind* kind : bijective_supports()) {
    for (Numbers y :
         {Numbers{0.3, -1.2, 0.9, 2, 0.4, -0.7}, Numbers{-3, 0, 1.5, 0.1, -0.2, 1}, Numbers(6, 0.0)}) {
      INFO(kind->name);
      Bijector bijector(*kind, 6);
      const Numbers back = bijector.round_trip(y);
      for (std::size_t i = 0; i < y.size(); ++i) CHECK(std::abs(back[i] - y[i]) <= 1e-12);
    }
  }
}

TEST_CASE("log Jacobians equal determinants by finite differences") {
  for (const SupportKind* kind : bijective_supports()) {
    for (const Numbers& y : {Numbers{0.3, -1.2, 0.9}, Numbers{-2, 0, 1.5}, Numbers{3, 1, -0.5}}) {
      INFO(kind->name);
      Bijector bijector(*kind, 3);
      CHECK(std::abs(bijector.log_jacobian(y) - bijector.numeric_log_jacobian(y)) <= 1e-6);
    }
  }
}

TEST_CASE("bijectors land inside, and Jacobians stay finite, far out") {
  for (const SupportKind* kind : bijective_supports()) {
    Bijector bijector(*kind, 3);
    for (const Numbers& y :
         {Numbers{30, 30, 30}, Numbers{-30, -30, -30}, Numbers{30, -30, 30}, Numbers{-30, 0, 30},
          Numbers{30, 30, -30}, Numbers{-700, -700, -700}, Numbers{300, -300, 300}}) {
      INFO(kind->name << " of " << y[0] << ", " << y[1] << ", " << y[2]);
      // A product L L' this far out is singular to rounding, though its factor is not.
      const bool is_product = kind == &runtime::covariance_support || kind == &runtime::correlation_support;
      if (!is_product) CHECK(bijector.inside(y));
      CHECK(std::isfinite(bijector.log_jacobian(y)));
    }
  }
}

TEST_CASE("a unit vector's density is that of a direction whose length is a normal vector's") {
  const SupportKind& kind = runtime::unit_vector_support;
  for (const Numbers& y : {Numbers{0.3, -1.2, 0.9}, Numbers{-2, 0, 1e-3}, Numbers{1e200, 2e200, -1e200}}) {
    Bijector bijector(kind, 3);
    const Numbers x = bijector.constrain(y);
    CHECK(bijector.inside(y));
    CHECK(close(x[0] * y[1], x[1] * y[0], 1e-12 * std::abs(y[1])));
    for (std::size_t i = 0; i < 3; ++i) CHECK(std::abs(bijector.constrain(x)[i] - x[i]) < 1e-15);
  }
  CHECK(Bijector(kind, 3).constrain({0, 0, 0}) == Numbers{1, 0, 0});
  // The direction of a standard normal is uniform: 1 / (4 pi) on the sphere times e^(log Jacobian) is its
  // density.
  const Numbers y{0.3, -1.2, 0.9};
  const double squares = 0.09 + 1.44 + 0.81, pi = std::acos(-1.0);
  const double normal = -0.5 * squares - 1.5 * std::log(2 * pi);
  CHECK(std::abs(Bijector(kind, 3).log_jacobian(y) - std::log(4 * pi) - normal) < 1e-13);
}

TEST_CASE("bijectors of matrices act on the last dimensions of any rank and axes") {
  for (const SupportKind* kind : support_list()) {
    if (kind->event_rank != 2) continue;
    INFO(kind->name);
    Numbers all;
    for (int i = 0; i < 12; ++i) all.push_back(std::sin(1.0 + i));
    Graph graph;
    const Expr y = graph.constant(Tensor({2, 2, 3}, all));
    const auto plate = graph.add_axis("n", 2, runtime::AxisKind::plate);
    const Numbers whole = value_of(kind->constrain(y, {}));
    const Numbers plated = value_of(to_event(kind->constrain(to_axis(y, 1, plate), {}), plate, 1));
    CHECK(plated == whole);
    CHECK(kind->log_jacobian(y, {}).type().event == Shape{2, 2});
    CHECK(value_of(kind->contains(kind->constrain(y, {}), {})) == Numbers(4, 1.0));
    CHECK(value_of(sum_all(abs(kind->unconstrain(kind->constrain(y, {}), {}) - y)))[0] <= 1e-12);
    Bijector single(*kind, 3);
    const std::size_t size = whole.size() / 4;
    for (std::size_t i = 0; i < 4; ++i) {
      const auto at = all.begin() + static_cast<std::ptrdiff_t>(3 * i);
      const Numbers alone = single.constrain({at, at + 3});
      for (std::size_t k = 0; k < size; ++k) CHECK(close(whole[size * i + k], alone[k], 1e-14));
    }
  }
}

TEST_CASE("bijectors of vectors act on the last dimension of any rank and axes") {
  for (const SupportKind* kind : {&runtime::simplex_support, &runtime::ordered_support,
                                  &runtime::positive_ordered_support, &runtime::sum_to_zero_support}) {
    INFO(kind->name);
    Numbers all;
    for (int i = 0; i < 24; ++i) all.push_back(std::sin(1.0 + i));
    Graph graph;
    const Expr y = graph.constant(Tensor({2, 2, 2, 3}, all));
    const auto plate = graph.add_axis("n", 2, runtime::AxisKind::plate);
    const Expr with_axis = to_axis(y, 1, plate);
    const Numbers whole = value_of(kind->constrain(y, {}));
    const Numbers plated = value_of(to_event(kind->constrain(with_axis, {}), plate, 1));
    CHECK(plated == whole);
    CHECK(kind->log_jacobian(with_axis, {}).type().event == Shape{2, 2});
    Bijector single(*kind, 3);
    const std::size_t size = whole.size() / 8;
    for (std::size_t i = 0; i < 8; ++i) {
      const auto at = all.begin() + static_cast<std::ptrdiff_t>(3 * i);
      const Numbers alone = single.constrain({at, at + 3});
      for (std::size_t k = 0; k < size; ++k) CHECK(close(whole[size * i + k], alone[k], 1e-14));
    }
    CHECK(value_of(kind->contains(kind->constrain(y, {}), {})) == Numbers(8, 1.0));
    for (const double back : {value_of(sum_all(abs(kind->unconstrain(kind->constrain(y, {}), {}) - y)))[0]})
      CHECK(back <= 1e-12);
  }
}

TEST_CASE("interior points are inside") {
  for (const SupportKind* kind : support_list()) {
    INFO(kind->name);
    Graph graph;
    const Support support = with_bounds(graph, *kind);
    const Shape shape(static_cast<std::size_t>(std::max(kind->event_rank, 1)), 3);
    Numbers far;
    for (std::int64_t i = 0; i < runtime::element_count(shape); ++i)
      far.push_back(-99 - 0.5 * static_cast<double>(i));
    const Expr like = graph.constant(Tensor(shape, far));
    const Expr point = broadcast(kind->interior(like, support.bounds), {}, shape);
    for (const double flag : value_of(kind->contains(point, support.bounds))) CHECK(flag == 1);
  }
}

TEST_CASE("supports contain what they say") {
  const Numbers values{-infinity, -1.5, -1, -1e-300, 0, 0.5, 1, 2, 4, 4.5, 6, 7, infinity, std::nan("")};
  const std::vector<std::pair<const SupportKind*, Numbers>> expected{
      {&runtime::real_support, {0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0}},
      {&runtime::positive_support, {0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 0, 0}},
      {&runtime::nonnegative_support, {0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0}},
      {&runtime::lower_support, {0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0}},
      {&runtime::upper_support, {0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}},
      {&runtime::interval_support, {0, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0}},
      {&runtime::unit_interval_support, {0, 0, 0, 0, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0}},
      {&runtime::boolean_support, {0, 0, 0, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0}},
      {&runtime::natural_support, {0, 0, 0, 0, 1, 0, 1, 1, 1, 0, 1, 1, 0, 0}},
      {&runtime::natural_up_to_support, {0, 0, 0, 0, 1, 0, 1, 1, 1, 0, 1, 0, 0, 0}},
      {&runtime::category_support, {0, 0, 0, 0, 0, 0, 1, 1, 1, 0, 1, 0, 0, 0}}};
  for (const auto& [kind, inside] : expected) {
    INFO(kind->name);
    CHECK(contains(*kind, values) == inside);
  }
  CHECK(contains(runtime::simplex_support, {0.2, 0.3, 0.5}) == Numbers{1});
  CHECK(contains(runtime::simplex_support, {0, 0, 1}) == Numbers{1});
  CHECK(contains(runtime::simplex_support, {0.2, 0.3, 0.49999}) == Numbers{0});
  CHECK(contains(runtime::simplex_support, {-0.5, 0.5, 1}) == Numbers{0});
  CHECK(contains(runtime::simplex_support, {std::nan(""), 0.5, 0.5}) == Numbers{0});
  CHECK(contains(runtime::ordered_support, {-3, 0.5, 0.6}) == Numbers{1});
  CHECK(contains(runtime::ordered_support, {-3, 0.6, 0.5}) == Numbers{0});
  CHECK(contains(runtime::ordered_support, {-3, 0.6, infinity}) == Numbers{0});
  CHECK(contains(runtime::ordered_support, {std::nan(""), 0.6, 1}) == Numbers{0});
  CHECK(contains(runtime::positive_ordered_support, {0.1, 0.5, 0.6}) == Numbers{1});
  CHECK(contains(runtime::positive_ordered_support, {0, 0.5, 0.6}) == Numbers{0});
  CHECK(contains(runtime::positive_ordered_support, {0.1, 0.6, 0.5}) == Numbers{0});
  CHECK(contains(runtime::positive_ordered_support, {std::nan(""), 0.6, 0.7}) == Numbers{0});
  CHECK(contains(runtime::sum_to_zero_support, {-1.5, 0.5, 1}) == Numbers{1});
  CHECK(contains(runtime::sum_to_zero_support, {-1.5, 0.5, 1.1}) == Numbers{0});
  CHECK(contains(runtime::sum_to_zero_support, {-infinity, infinity, 0}) == Numbers{0});
  CHECK(contains(runtime::sum_to_zero_support, {std::nan(""), 0, 0}) == Numbers{0});
}

TEST_CASE("supports of matrices contain what they say") {
  const auto inside = [](const SupportKind& kind, const Numbers& values) {
    Graph graph;
    const Expr x = graph.constant(Tensor({2, 2}, values));
    return value_of(kind.contains(x, {}))[0] == 1;
  };
  CHECK(inside(runtime::covariance_support, {2, 1, 1, 3}));
  CHECK_FALSE(inside(runtime::covariance_support, {2, 1, 1.1, 3}));  // not symmetric
  CHECK_FALSE(inside(runtime::covariance_support, {1, 2, 2, 1}));    // not positive definite
  CHECK_FALSE(inside(runtime::covariance_support, {1, 1, 1, 1}));
  CHECK_FALSE(inside(runtime::covariance_support, {std::nan(""), 0, 0, 1}));
  CHECK(inside(runtime::cholesky_covariance_support, {2, 0, -7, 3}));
  CHECK_FALSE(inside(runtime::cholesky_covariance_support, {2, 1, 1, 3}));
  CHECK_FALSE(inside(runtime::cholesky_covariance_support, {2, 0, 1, 0}));
  CHECK_FALSE(inside(runtime::cholesky_covariance_support, {2, 0, infinity, 1}));
  CHECK(inside(runtime::correlation_support, {1, -0.9, -0.9, 1}));
  CHECK_FALSE(inside(runtime::correlation_support, {1, -0.9, -0.9, 1.1}));
  CHECK_FALSE(inside(runtime::correlation_support, {1, 1.2, 1.2, 1}));
  CHECK(inside(runtime::cholesky_correlation_support, {1, 0, 0.6, 0.8}));
  CHECK_FALSE(inside(runtime::cholesky_correlation_support, {1, 0, 0.6, -0.8}));
  CHECK_FALSE(inside(runtime::cholesky_correlation_support, {1, 0, 0.6, 0.7}));
  CHECK(contains(runtime::unit_vector_support, {0.6, 0, -0.8}) == Numbers{1});
  CHECK(contains(runtime::unit_vector_support, {0.6, 0, -0.7}) == Numbers{0});
  CHECK(contains(runtime::unit_vector_support, {std::nan(""), 0, 1}) == Numbers{0});
}

TEST_CASE("integers need no rounding to be known as whole numbers") {
  Graph graph;
  const Expr counts = graph.constant(Tensor({3}, std::vector<std::int64_t>{-1, 0, 5}));
  CHECK(value_of(runtime::natural_support.contains(counts, {})) == Numbers{0, 1, 1});
}

TEST_CASE("a vector constraint on a single number is refused") {
  Graph graph;
  CHECK_THROWS_WITH(runtime::simplex_support.contains(graph.constant(1), {}),
                    "simplex is a constraint on a vector, but this is one number");
}

TEST_CASE("supports are found by name, each once") {
  for (const SupportKind* kind : support_list()) CHECK(runtime::find_support(kind->name) == kind);
  CHECK(runtime::find_support("imaginary") == nullptr);
}

TEST_CASE("implied supports") {
  Graph graph;
  const auto plain = [](const SupportKind& kind) { return Support{&kind, {}}; };
  const auto bounded = [&](const SupportKind& kind, std::initializer_list<double> bounds) {
    Support support{&kind, {}};
    for (const double bound : bounds) support.bounds.push_back(graph.constant(bound));
    return support;
  };
  using namespace runtime;
  CHECK(implies(plain(positive_support), plain(real_support)));
  CHECK_FALSE(implies(plain(real_support), plain(positive_support)));
  CHECK(implies(plain(positive_support), plain(nonnegative_support)));
  CHECK(implies(plain(nonnegative_support), plain(positive_support)));  // zero has probability zero
  CHECK(implies(plain(unit_interval_support), plain(positive_support)));
  CHECK(implies(plain(positive_support), bounded(lower_support, {0})));
  CHECK(implies(bounded(lower_support, {0}), plain(positive_support)));
  CHECK_FALSE(implies(bounded(lower_support, {-1}), plain(positive_support)));
  CHECK(implies(bounded(lower_support, {2}), bounded(lower_support, {1})));
  CHECK(implies(plain(unit_interval_support), bounded(interval_support, {0, 1})));
  CHECK(implies(bounded(interval_support, {0.2, 0.3}), plain(unit_interval_support)));
  CHECK_FALSE(implies(bounded(interval_support, {0.2, 1.3}), plain(unit_interval_support)));
  CHECK_FALSE(implies(bounded(upper_support, {5}), plain(positive_support)));
  CHECK_FALSE(implies(plain(natural_support), plain(positive_support)));  // zero has mass
  CHECK(implies(bounded(category_support, {3}), plain(positive_support)));
  CHECK(implies(bounded(category_support, {3}), plain(natural_support)));
  CHECK(implies(bounded(category_support, {3}), bounded(category_support, {4})));
  CHECK_FALSE(implies(bounded(category_support, {5}), bounded(category_support, {4})));
  CHECK(implies(plain(boolean_support), plain(natural_support)));
  CHECK(implies(plain(boolean_support), bounded(natural_up_to_support, {1})));
  CHECK_FALSE(implies(plain(unit_interval_support), plain(boolean_support)));
  CHECK(implies(plain(simplex_support), plain(unit_interval_support)));
  CHECK_FALSE(implies(plain(unit_interval_support), plain(simplex_support)));
  CHECK(implies(plain(simplex_support), plain(simplex_support)));
  CHECK(implies(plain(ordered_support), plain(real_support)));

  const Expr a = graph.input("a", {}), b = graph.input("b", {});
  CHECK(implies({&lower_support, {a}}, {&lower_support, {a}}));
  CHECK_FALSE(implies({&lower_support, {a}}, {&lower_support, {b}}));
  CHECK(implies({&interval_support, {a, b}}, {&lower_support, {a}}));
  CHECK(implies({&lower_support, {a}}, plain(real_support)));
}

}  // namespace elbo::test
