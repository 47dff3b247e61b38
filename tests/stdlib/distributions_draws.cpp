// Conformance of samplers: draws follow the distribution function, lie in the support, have the right shapes,
// and are independent over all axes and dimensions. Also densities of many values and parameters at once.
// Seeds are fixed; a sound sampler fails one of these with probability below 1e-3 over all seeds.
#include <algorithm>
#include <boost/math/distributions/chi_squared.hpp>
#include <catch2/catch.hpp>
#include <cmath>
#include <map>

#include "runtime/expression.hpp"
#include "stdlib/distributions/list.hpp"
#include "tests/stdlib/distributions_cases.hpp"

namespace elbo::test {
namespace {

using runtime::AxisKind;
using runtime::Tensor;

/// p-value of the Kolmogorov-Smirnov test (asymptotic form with Stephens' correction).
double kolmogorov_smirnov(Numbers draws, const std::function<double(double)>& cdf) {
  std::sort(draws.begin(), draws.end());
  const double n = static_cast<double>(draws.size());
  double distance = 0;
  for (std::size_t i = 0; i < draws.size(); ++i) {
    const double f = cdf(draws[i]);
    distance = std::max({distance, f - static_cast<double>(i) / n, static_cast<double>(i + 1) / n - f});
  }
  const double lambda = (std::sqrt(n) + 0.12 + 0.11 / std::sqrt(n)) * distance;
  double p = 0;
  for (int k = 1; k <= 100; ++k) p += 2 * (k % 2 ? 1 : -1) * std::exp(-2.0 * k * k * lambda * lambda);
  return lambda < 0.2 ? 1 : p;
}

/// p-value of the chi-square test; outcomes are pooled in order until each cell expects at least 8.
double chi_square(const Numbers& draws, const Reference& r) {
  std::map<double, double> counts;
  for (const double x : draws) counts[x] += 1;
  const double n = static_cast<double>(draws.size());
  double statistic = 0, expected = 0, observed = 0, left = n;
  int cells = 0;
  for (const double x : r.outcomes) {
    const double here = n * static_cast<double>(r.density(x));
    expected += here;
    observed += counts[x];
    left -= here;
    if (expected < 8 || left < 8) continue;
    statistic += (observed - expected) * (observed - expected) / expected;
    ++cells;
    expected = observed = 0;
  }
  if (expected + left > 1e-6) {
    statistic += (observed - expected - left) * (observed - expected - left) / (expected + left);
    ++cells;
  }
  if (cells < 2) return 1;
  return boost::math::cdf(boost::math::complement(boost::math::chi_squared(cells - 1), statistic));
}

double fit_p_value(const Numbers& draws, const Reference& r) {
  return r.outcomes.empty() ? kolmogorov_smirnov(draws, r.cdf) : chi_square(draws, r);
}

Numbers draw(const Case& c, std::int64_t count, std::uint64_t seed) {
  Graph graph;
  const DistributionCall call = constant_call(graph, *c.distribution, c.parameters);
  const auto axis = graph.add_axis("sample", count, AxisKind::sample);
  const Expr draws = runtime::sample(call, {axis});
  return runtime::evaluate(std::vector{draws}, seed)[0].reals();
}

/// Two calls of one distribution as one: scalar parameters become vectors [2], vectors become matrices [2,
/// K].
DistributionCall paired_call(Graph& graph, const Case& a, const Numbers& second) {
  DistributionCall call;
  call.distribution = a.distribution;
  const std::vector<Tensor> one = split(*a.distribution, a.parameters), two = split(*a.distribution, second);
  for (std::size_t i = 0; i < one.size(); ++i) {
    Numbers both = one[i].reals();
    const Numbers more = two[i].reals();
    both.insert(both.end(), more.begin(), more.end());
    runtime::Shape shape = one[i].shape();
    shape.insert(shape.begin(), 2);
    call.canonical.push_back(graph.constant(Tensor(shape, both)));
  }
  call.given = call.canonical;
  return call;
}

/// The parameters of the next test point of equal length, or the same in reverse.
Numbers partner(const Case& c) {
  const auto& points = c.distribution->test_points;
  for (std::size_t i = 0; i < points.size(); ++i)
    if (points[i] != c.parameters && points[i].size() == c.parameters.size()) return points[i];
  return Numbers(c.parameters.rbegin(), c.parameters.rend());
}

}  // namespace

TEST_CASE("draws follow the distribution function and lie in the support") {
  for (const Case& c : all_cases()) {
    INFO(c.name());
    const Numbers draws = draw(c, 20'000, 7);
    REQUIRE(draws.size() == 20'000);
    CHECK(std::all_of(draws.begin(), draws.end(), c.reference.inside));
    CHECK(fit_p_value(draws, c.reference) > 1e-4 / 40);
  }
}

TEST_CASE("draws of extreme parameters lie in the support too") {
  const std::vector<std::pair<const Distribution*, Numbers>> extremes{
      {&stdlib::gamma, {0.002, 1}},
      {&stdlib::beta, {0.01, 0.01}},
      {&stdlib::beta, {1e-3, 50}},
      {&stdlib::uniform_between, {1e9, 1e9 + 1e-6}},
      {&stdlib::uniform_between, {-1e-300, 1e-300}},
      {&stdlib::log_normal, {-740, 3}},
      {&stdlib::half_cauchy, {1e-3}},
      {&stdlib::student_t, {0.1, 0, 1}},
      {&stdlib::categorical, {1, 0}},
      {&stdlib::categorical, {0, 1}},
      {&stdlib::poisson, {0}},
      {&stdlib::binomial, {0, 0.5}},
      {&stdlib::binomial, {9, 1}},
      {&stdlib::bernoulli, {1}},
      {&stdlib::categorical, {0.1, 0.2, 0.3, 0.4, 0}}};
  for (const auto& [distribution, parameters] : extremes) {
    Case c{distribution, parameters, {}};
    INFO(c.name());
    Graph graph;
    const DistributionCall call = constant_call(graph, *distribution, parameters);
    const auto axis = graph.add_axis("sample", 50'000, AxisKind::sample);
    const Expr draws = runtime::sample(call, {axis});
    const runtime::Support where = runtime::support(call);
    const Tensor inside = runtime::evaluate(std::vector{where.kind->contains(draws, where.bounds)}, 3)[0];
    std::int64_t outside = 0;
    for (std::int64_t i = 0; i < inside.size(); ++i) outside += inside.integer(i) == 0;
    CHECK(outside == 0);
    const Expr density = runtime::log_density(call, draws, true);
    for (const double value : runtime::evaluate(std::vector{density}, 3)[0].reals())
      REQUIRE_FALSE(std::isnan(value));
  }
}

TEST_CASE("categories of probability zero are never drawn") {
  const Numbers draws = draw({&stdlib::categorical, {0, 0.1, 0.2, 0.3, 0, 0.4, 0}, {}}, 100'000, 5);
  for (const double x : draws) REQUIRE((x == 2 || x == 3 || x == 4 || x == 6));
}

TEST_CASE("means and variances of draws are right") {
  for (const Case& c : all_cases()) {
    if (c.reference.moments <= 4 || !c.distribution->mean) continue;
    INFO(c.name());
    const Numbers draws = draw(c, 100'000, 11);
    const double n = 100'000;
    const double mean = expectation(c, [](double x) { return x; });
    const auto central = [&](int order) {
      return expectation(c, [&](double x) { return std::pow(x - mean, order); });
    };
    const double variance = central(2), fourth = central(4);
    double found_mean = 0, found_variance = 0;
    for (const double x : draws) found_mean += (x - mean) / n;
    for (const double x : draws) found_variance += (x - mean) * (x - mean) / n;
    CHECK(std::abs(found_mean) <= 4.5 * std::sqrt(variance / n));
    CHECK(std::abs(found_variance - variance) <= 4.5 * std::sqrt((fourth - variance * variance) / n) + 1e-12);
  }
}

TEST_CASE("draws have size, then the parameters' shape, and each element its own parameters") {
  for (const Case& c : all_cases()) {
    INFO(c.name());
    const Numbers second = partner(c);
    Graph graph;
    DistributionCall call = paired_call(graph, c, second);
    call.size = {3};
    REQUIRE(runtime::event_shape(call) == runtime::Shape{3, 2});
    const auto axis = graph.add_axis("sample", 4000, AxisKind::sample);
    const Expr draws = runtime::sample(call, {axis});
    CHECK(draws.type().event == runtime::Shape{3, 2});
    CHECK(draws.type().axes == std::vector{axis});
    const Numbers values = runtime::evaluate(std::vector{draws}, 23)[0].reals();
    REQUIRE(values.size() == 4000 * 6);
    Numbers columns[2];
    for (std::size_t i = 0; i < values.size(); ++i) columns[i % 2].push_back(values[i]);
    CHECK(fit_p_value(columns[0], c.reference) > 1e-4 / 80);
    CHECK(fit_p_value(columns[1], reference(*c.distribution, second)) > 1e-4 / 80);
    // The copies are independent: equal draws are as rare as chance makes them.
    if (c.discrete()) continue;
    for (std::size_t i = 0; i < values.size(); i += 6) REQUIRE(values[i] != values[i + 2]);
  }
}

TEST_CASE("draws have the axes of their parameters and the additional ones") {
  for (const Case& c : all_cases()) {
    INFO(c.name());
    const Numbers second = partner(c);
    Graph graph;
    DistributionCall call = paired_call(graph, c, second);
    const auto plate = graph.add_axis("n", 2, AxisKind::plate);
    const auto sample = graph.add_axis("sample", 10'000, AxisKind::sample);
    for (Expr& parameter : call.canonical) parameter = to_axis(parameter, 0, plate);
    call.given = call.canonical;
    const Expr draws = runtime::sample(call, {sample});
    CHECK(draws.type().axes == std::vector{plate, sample});
    CHECK(draws.type().event.empty());
    const Numbers values = runtime::evaluate(std::vector{draws}, 29)[0].reals();
    REQUIRE(values.size() == 20'000);
    CHECK(fit_p_value({values.begin(), values.begin() + 10'000}, c.reference) > 1e-4 / 80);
    CHECK(fit_p_value({values.begin() + 10'000, values.end()}, reference(*c.distribution, second)) >
          1e-4 / 80);
  }
}

TEST_CASE("densities of many outcomes and parameters are those of each alone") {
  for (const Case& c : all_cases()) {
    const Case other{c.distribution, partner(c), reference(*c.distribution, partner(c))};
    const auto alone = [](const Case& which, double x) {
      return function_of_x(which, [&](Expr at, std::span<const Expr> p) {
        return runtime::log_density(
            {which.distribution, {p.begin(), p.end()}, nullptr, {p.begin(), p.end()}, {}}, at);
      })(x)[0];
    };
    // Outcomes [4, 2], the last of them outside the support of every distribution here.
    Numbers outcomes;
    const Numbers points = c.points(), others = other.points();
    for (std::size_t i = 0; i < 3; ++i) {
      outcomes.push_back(points[i * (points.size() - 1) / 2]);
      outcomes.push_back(others[i * (others.size() - 1) / 2]);
    }
    outcomes.insert(outcomes.end(), 2, -std::numeric_limits<double>::infinity());
    INFO(c.name());
    Graph graph;
    DistributionCall call = paired_call(graph, c, other.parameters);
    const Expr x = graph.input("x", {.axes = {}, .event = {4, 2}});
    const Expr by_event = runtime::log_density(call, x);
    CHECK(by_event.type().event == runtime::Shape{4, 2});

    const auto plate = graph.add_axis("n", 2, AxisKind::plate);
    for (Expr& parameter : call.canonical) parameter = to_axis(parameter, 0, plate);
    call.given = call.canonical;
    const Expr by_axis = runtime::log_density(call, to_axis(x, 1, plate));
    CHECK(by_axis.type().event == runtime::Shape{4});

    const Numbers values = Compiled({by_event, to_event(by_axis, plate, 1)}, {x})({outcomes});
    REQUIRE(values.size() == 16);
    for (std::size_t i = 0; i < 8; ++i) {
      INFO("outcome " << outcomes[i]);
      const double expected = alone(i % 2 ? other : c, outcomes[i]);
      CHECK(close(values[i], expected, 1e-14));
      CHECK(close(values[i + 8], expected, 1e-14));
    }
  }
}

TEST_CASE("parameters whose shapes do not fit are refused by name") {
  Graph graph;
  DistributionCall call = constant_call(graph, stdlib::normal, {0, 1});
  call.canonical[0] = graph.constant(Tensor({3}, Numbers{1, 2, 3}));
  call.canonical[1] = graph.constant(Tensor({2}, Numbers{1, 2}));
  CHECK_THROWS_WITH(runtime::event_shape(call),
                    "`sd` of Normal has shape [2], which does not fit the other parameters' [3]");
}

TEST_CASE("a density that does not mention the outcome still counts once for each") {
  Graph graph;
  const DistributionCall call = constant_call(graph, stdlib::uniform_between, {0, 4});
  const Expr x = graph.constant(Tensor({3}, Numbers{1, 2, 3}));
  CHECK(value_of(sum_event(runtime::log_density(call, x)))[0] == Approx(-3 * std::log(4)));
  CHECK(value_of(sum_event(runtime::log_density(call, x, true)))[0] == Approx(-3 * std::log(4)));
}

}  // namespace elbo::test
