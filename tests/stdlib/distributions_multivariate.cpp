// Conformance of densities on vectors and matrices: each equals its reference, has the gradient of finite
// differences, is -inf outside the support and NaN for bad parameters, and does the same for stacks and axes.
#include <catch2/catch.hpp>
#include <cmath>
#include <limits>

#include "runtime/differentiate.hpp"
#include "runtime/expression.hpp"
#include "stdlib/distributions/list.hpp"
#include "tests/stdlib/multivariate_cases.hpp"

namespace elbo::test {
namespace {

using runtime::Shape;
using runtime::Tensor;

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double nan = std::numeric_limits<double>::quiet_NaN();

/// Log density at a fixed point.
double log_density_at(const MultivariateCase& c, const Numbers& x) {
  Graph graph;
  const Expr at = graph.constant(Tensor(c.shape(), x));
  return value_of(runtime::log_density(plain_call(*c.distribution, c.constants(graph)), at))[0];
}

Numbers part(const Numbers& all, std::size_t index, std::size_t size) {
  const auto from = all.begin() + static_cast<std::ptrdiff_t>(index * size);
  return {from, from + static_cast<std::ptrdiff_t>(size)};
}

/// A few outcomes: draws, and where the support is all vectors points far from the centre.
std::vector<Numbers> points(const MultivariateCase& c) {
  std::vector<Numbers> result;
  const Numbers draws = c.draws(3, 11);
  for (std::size_t i = 0; i < 3; ++i) result.push_back(part(draws, i, c.size()));
  if (c.reference->outside) return result;
  Numbers far(c.size());
  for (std::size_t i = 0; i < far.size(); ++i) far[i] = i % 2 ? -20.0 : 15.0;
  result.push_back(far);
  return result;
}

/// Derivative of f at 0 by the five-point rule.
template <class F>
double slope(F f, double h) {
  return (f(-2 * h) - 8 * f(-h) + 8 * f(h) - f(2 * h)) / (12 * h);
}

}  // namespace

TEST_CASE("log densities of vectors and matrices equal their references") {
  for (const MultivariateCase& c : multivariate_cases()) {
    for (const Numbers& x : points(c)) {
      INFO(c.name());
      const auto expected = static_cast<double>(c.reference->log_density(c.wide(x.data()), c.wide()));
      CHECK(close(log_density_at(c, x), expected, 1e-12));
    }
  }
}

TEST_CASE("gradients of log densities of vectors and matrices equal finite differences") {
  for (const MultivariateCase& c : multivariate_cases()) {
    FreeDensity density(c);
    for (const Numbers& x : points(c)) {
      INFO(c.name());
      const Numbers y = density.free(x.data());
      const FreeDensity::Value exact = density(y);
      std::size_t next = 0;
      for (std::size_t i = 0; i < y.size(); ++i) {
        const auto along = [&](double h) {
          Numbers there = y;
          there[i] += h;
          return density(there).log_density;
        };
        CHECK(close(exact.gradient[next++], slope(along, 1e-3), 1e-7));
      }
      for (std::size_t p = 0; p < density.parameters().size(); ++p) {
        for (std::size_t i = 0; i < density.parameters()[p].size(); ++i) {
          const auto along = [&](double h) {
            std::vector<Numbers> there = density.parameters();
            there[p][i] += h;
            return density(y, there).log_density;
          };
          CHECK(close(exact.gradient[next++], slope(along, 1e-3), 1e-7));
        }
      }
      CHECK(next == exact.gradient.size());
    }
  }
}

TEST_CASE("outside the support log densities of vectors and matrices are -inf") {
  std::size_t outside = 0;
  for (const MultivariateCase& c : multivariate_cases()) {
    if (!c.reference->outside) continue;
    for (const Numbers& x : c.reference->outside(c.rows())) {
      INFO(c.name());
      CHECK(log_density_at(c, x) == -infinity);
      ++outside;
    }
  }
  CHECK(outside > 30);
}

TEST_CASE("bad parameters make log densities of vectors and matrices NaN") {
  for (const MultivariateCase& c : multivariate_cases()) {
    const Numbers x = points(c)[0];
    for (std::size_t i = 0; i < c.parameters.size(); ++i) {
      const runtime::SupportKind& kind = *c.distribution->parameters[i].support;
      if (kind.discrete) continue;
      Numbers bad{nan};
      if (&kind != &runtime::real_support) bad = {-1, nan, infinity};
      for (const double value : bad) {
        MultivariateCase other = c;
        Numbers numbers = c.parameters[i].reals();
        numbers[0] = value;
        other.parameters[i] = Tensor(c.parameters[i].shape(), numbers);
        INFO(c.name() << ", " << c.distribution->parameters[i].name << " with " << value);
        CHECK(std::isnan(log_density_at(other, x)));
      }
    }
  }
}

TEST_CASE("densities and moments of stacks and axes are those of their members") {
  for (const MultivariateCase& c : multivariate_cases()) {
    INFO(c.name());
    const MultivariateCase other = moved(c, 0.1);
    const Numbers x = c.draws(2, 5);
    const std::size_t size = c.size();
    const Numbers alone{log_density_at(c, part(x, 0, size)), log_density_at(other, part(x, 1, size))};

    Graph graph;
    const auto plate = graph.add_axis("n", 2, runtime::AxisKind::plate);
    Shape shape = c.shape();
    shape.insert(shape.begin(), 2);
    const Expr both = graph.constant(Tensor(shape, x));
    std::vector<Expr> stacked, plated;
    for (std::size_t i = 0; i < c.parameters.size(); ++i) {
      if (c.distribution->parameters[i].support->discrete) {
        stacked.push_back(graph.constant(c.parameters[i]));
        plated.push_back(stacked.back());
        continue;
      }
      Shape two = c.parameters[i].shape();
      two.insert(two.begin(), 2);
      Numbers values = c.parameters[i].reals(), more = other.parameters[i].reals();
      values.insert(values.end(), more.begin(), more.end());
      stacked.push_back(graph.constant(Tensor(two, values)));
      plated.push_back(to_axis(stacked.back(), 0, plate));
    }
    const Numbers stack = value_of(runtime::log_density(plain_call(*c.distribution, stacked), both));
    const Expr density = runtime::log_density(plain_call(*c.distribution, plated), to_axis(both, 0, plate));
    const Numbers plates = value_of(to_event(density, plate, 0));
    REQUIRE(stack.size() == 2);
    REQUIRE(plates.size() == 2);
    for (std::size_t k = 0; k < 2; ++k) {
      CHECK(close(stack[k], alone[k], 1e-13));
      CHECK(close(plates[k], alone[k], 1e-13));
    }
    CHECK(runtime::event_shape(plain_call(*c.distribution, stacked)) == shape);

    for (const auto& moment : {c.distribution->mean, c.distribution->variance}) {
      const Numbers whole = value_of(moment(stacked));
      Numbers each = value_of(moment(c.constants(graph))), second = value_of(moment(other.constants(graph)));
      each.insert(each.end(), second.begin(), second.end());
      REQUIRE(whole.size() == each.size());
      for (std::size_t k = 0; k < each.size(); ++k) CHECK(close(whole[k], each[k], 1e-13));
      CHECK(moment(stacked).type().event == shape);
    }
    const Numbers entropies = value_of(c.distribution->entropy(stacked));
    REQUIRE(entropies.size() == 2);
    CHECK(close(entropies[0], value_of(c.distribution->entropy(c.constants(graph)))[0], 1e-13));
    CHECK(close(entropies[1], value_of(c.distribution->entropy(other.constants(graph)))[0], 1e-13));
    // Draws: each member of a stack its own.
    const Expr draws = runtime::sample(plain_call(*c.distribution, stacked), {});
    CHECK(draws.type().event == shape);
    const Numbers drawn = runtime::evaluate(std::span(&draws, 1), 3).front().reals();
    CHECK(part(drawn, 0, size) != part(drawn, 1, size));
  }
}

TEST_CASE("parameters of vectors and matrices given another way give the same density") {
  std::size_t checked = 0;
  for (const MultivariateCase& c : multivariate_cases()) {
    for (const runtime::Parameterisation& alternative : c.distribution->alternatives) {
      INFO(c.name() << ", " << alternative.name);
      Graph graph;
      DistributionCall call = plain_call(*c.distribution, c.constants(graph));
      for (std::size_t i = 0; i < call.canonical.size(); ++i) {
        if (c.distribution->parameters[i].name != alternative.replaces) continue;
        call.given[i] = alternative.from_canonical(call.canonical[i]);
        const Numbers back = value_of(alternative.canonical(call.given[i])), from = c.parameters[i].reals();
        for (std::size_t k = 0; k < from.size(); ++k) CHECK(close(back[k], from[k], 1e-13));
      }
      call.alternative = &alternative;
      for (const Numbers& x : points(c)) {
        const Expr at = graph.constant(Tensor(c.shape(), x));
        CHECK(close(value_of(runtime::log_density(call, at))[0], log_density_at(c, x), 1e-12));
        ++checked;
      }
    }
  }
  CHECK(checked > 20);
}

TEST_CASE("densities of vectors and matrices at draws of extreme parameters are numbers") {
  for (const MultivariateCase& c : multivariate_cases()) {
    for (std::size_t i = 0; i < c.parameters.size(); ++i) {
      const runtime::SupportKind& kind = *c.distribution->parameters[i].support;
      if (kind.discrete) continue;
      for (const double factor : {1e-6, 1e-2, 1e3, 1e6}) {
        MultivariateCase other = c;
        Numbers numbers = c.parameters[i].reals();
        for (double& number : numbers) number *= factor;
        other.parameters[i] = Tensor(c.parameters[i].shape(), numbers);
        Graph graph;
        if (c.distribution->problem && !c.distribution->problem(other.constants(graph)).empty()) continue;
        INFO(c.name() << ", " << c.distribution->parameters[i].name << " times " << factor);
        const Numbers draws = other.draws(4, 17);
        for (std::size_t k = 0; k < 4; ++k) {
          const double density = log_density_at(other, part(draws, k, c.size()));
          CHECK_FALSE(std::isnan(density));
          CHECK(density < std::numeric_limits<double>::infinity());
        }
      }
    }
  }
}

TEST_CASE("a multivariate family with one dimension is the family of numbers") {
  const auto density = [](const Distribution& d, const std::vector<Tensor>& p, const Tensor& x) {
    Graph graph;
    std::vector<Expr> parameters;
    for (const Tensor& value : p) parameters.push_back(graph.constant(value));
    return value_of(runtime::log_density(plain_call(d, parameters), graph.constant(x)))[0];
  };
  const auto number = [](double x) { return Tensor::scalar(x); };
  const auto vector = [](double x) { return Tensor({1}, Numbers{x}); };
  const auto matrix = [](double x) { return Tensor({1, 1}, Numbers{x}); };
  using namespace stdlib;
  CHECK(close(density(wishart, {number(5), matrix(0.8)}, matrix(2.3)),
              density(gamma, {number(2.5), number(0.5 / 0.8)}, number(2.3)), 1e-13));
  CHECK(close(density(inverse_wishart, {number(5), matrix(0.8)}, matrix(2.3)),
              density(inverse_gamma, {number(2.5), number(0.4)}, number(2.3)), 1e-13));
  CHECK(close(density(multivariate_student_t, {number(5), vector(1), matrix(4)}, vector(2.3)),
              density(student_t, {number(5), number(1), number(2)}, number(2.3)), 1e-13));
  CHECK(close(density(multivariate_normal, {vector(1), matrix(4)}, vector(2.3)),
              density(normal, {number(1), number(2)}, number(2.3)), 1e-13));
  // Of two dimensions the correlation itself is Beta(concentration, concentration) on (-1, 1).
  const double r = 0.3, s = std::sqrt(1 - r * r);
  CHECK(close(density(lkj_cholesky, {number(2), number(1.7)}, Tensor({2, 2}, Numbers{1, 0, r, s})),
              density(beta, {number(1.7), number(1.7)}, number(0.5 + 0.5 * r)) - std::log(2), 1e-13));
}

}  // namespace elbo::test
