// Conformance of supports: every bijector is inverted by its inverse, lands inside, and has the Jacobian it
// says; and what lies within what.
#include <Eigen/LU>
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

/// Event shape of the values on which a support is tried, of `size` unconstrained numbers.
Shape value_shape(const SupportKind& kind, std::int64_t size) {
  return {kind.unconstrained_shape ? size + 1 : size};
}

/// constrain, unconstrain(constrain), log Jacobian (flat) and contains of a vector of unconstrained numbers.
class Bijector {
 public:
  Bijector(const SupportKind& kind, std::int64_t size) : support_(with_bounds(graph_, kind)), size_(size) {
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
        return Eigen::VectorXd(Eigen::Map<const Eigen::VectorXd>(x.data(), size_));
      };
      derivatives.col(j) = (at(-2 * h) - 8 * at(-h) + 8 * at(h) - at(2 * h)) / (12 * h);
    }
    return std::log(std::abs(derivatives.determinant()));
  }

 private:
  Graph graph_;
  Support support_;
  std::int64_t size_;
  std::unique_ptr<Compiled> forward_, back_, jacobian_, inside_;
};

std::vector<const SupportKind*> continuous_supports() {
  std::vector<const SupportKind*> kinds;
  for (const SupportKind* kind : support_list())
    if (!kind->discrete) kinds.push_back(kind);
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
  for (const SupportKind* kind : continuous_supports()) {
    for (const Numbers& y : {Numbers{0.3, -1.2, 0.9, 2}, Numbers{-3, 0, 1.5, 0.1}, Numbers{0, 0, 0, 0}}) {
      INFO(kind->name);
      Bijector bijector(*kind, 4);
      const Numbers back = bijector.round_trip(y);
      for (std::size_t i = 0; i < y.size(); ++i) CHECK(std::abs(back[i] - y[i]) <= 1e-12);
    }
  }
}

TEST_CASE("log Jacobians equal determinants by finite differences") {
  for (const SupportKind* kind : continuous_supports()) {
    for (const Numbers& y : {Numbers{0.3, -1.2, 0.9}, Numbers{-2, 0, 1.5}, Numbers{3, 1, -0.5}}) {
      INFO(kind->name);
      Bijector bijector(*kind, 3);
      CHECK(std::abs(bijector.log_jacobian(y) - bijector.numeric_log_jacobian(y)) <= 1e-6);
    }
  }
}

TEST_CASE("bijectors land inside, and Jacobians stay finite, far out") {
  for (const SupportKind* kind : continuous_supports()) {
    Bijector bijector(*kind, 3);
    for (const Numbers& y :
         {Numbers{30, 30, 30}, Numbers{-30, -30, -30}, Numbers{30, -30, 30}, Numbers{-30, 0, 30},
          Numbers{30, 30, -30}, Numbers{-700, -700, -700}, Numbers{300, -300, 300}}) {
      INFO(kind->name << " of " << y[0] << ", " << y[1] << ", " << y[2]);
      CHECK(bijector.inside(y));
      CHECK(std::isfinite(bijector.log_jacobian(y)));
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
    const Expr like = graph.constant(Tensor({3}, Numbers{-99, -99.5, -100}));
    const Expr point = broadcast(kind->interior(like, support.bounds), {}, {3});
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
