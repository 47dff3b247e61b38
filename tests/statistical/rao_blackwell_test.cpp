// Rao-Blackwellisation down to single elements: costs against brute force, and what it does to the variance
// of the gradient in a model with many groups. Seeds are fixed.
#include <boost/math/special_functions/digamma.hpp>
#include <catch2/catch.hpp>

#include "costs.hpp"
#include "problem.hpp"

using namespace elbo;
using namespace elbo::inference;
using elbo::tests::ScriptProblem;
using elbo::tests::Statistics;
using runtime::Expr;
using runtime::Tensor;

namespace {

struct Script {
  const char* name;
  const char* text;
};

const Script scripts[] = {
    {"groups with a common centre, data by an index array", R"(
model m(county, y) {
  mu ~ Normal(0, 1)
  for j in 1:3 { a[j] ~ Normal(mu, 1) }
  for n in 1:5 { y[n] ~ Normal(a[county[n]], 1) }
}
guide q {
  param c = 0.1
  mu ~ Normal(c, 1)
  for j in 1:3 {
    param m[j] = 0.2
    a[j] ~ Normal(m[j], 1)
  }
}
let posterior = m([2, 1, 3, 3, 2], [0.1, 0.2, 0.3, 0.4, 0.5]))"},
    {"a chain: each element has two neighbours", R"(
model m(y) {
  z[1] ~ Normal(0, 1)
  for t in 2:5 { z[t] ~ Normal(z[t - 1], 0.5) }
  for t in 2:4 { y[t] ~ Normal(z[t], 0.2) }
}
guide q {
  param m = [0.1, 0.2, 0.3, 0.4, 0.5]
  z ~ Normal(m, 1)
}
let posterior = m([0.1, 0.2, 0.3, 0.4, 0.5]))"},
    {"a factor that uses all, a sum of neighbours, an if on random values", R"(
model m(y) {
  for i in 1:4 { z[i] ~ Normal(0, 1) }
  let two = [z[1] + z[2], z[3]]
  for n in 1:2 { y[n] ~ Normal(if two[n] > 0 { two[n] } else { 0.1 * two[n] }, 1) }
  w ~ Normal(0, 1, size = 3)
  factor -sum(w)^2 + z[4]
}
guide q {
  param m = 0.3
  for i in 1:4 { z[i] ~ Normal(m, 1) }
  param s : positive = [1, 2, 3]
  w ~ Normal(0, s)
}
let posterior = m([0.1, -0.2]))"},
    {"a mean-field guide, through bijectors", R"(
model m(y) {
  s ~ HalfNormal(1)
  for i in 1:3 {
    r[i] ~ Gamma(2, 1)
    p[i] ~ Beta(2, 2)
    z[i] ~ Normal(r[i], s)
    y[i] ~ Normal(z[i] * p[i], 1)
  }
  w : lower(1) ~ Normal(r, 1)
}
let posterior = m([0.1, 0.2, 0.3]))"},
    {"a guide that draws some variables given others, by an index array", R"(
model m(k, y) {
  c ~ Normal(0, 1)
  for j in 1:3 { a[j] ~ Normal(c, 1) }
  for n in 1:5 { b[n] ~ Normal(a[k[n]], 1) }
  for n in 1:5 { y[n] ~ Normal(b[n], 1) }
}
guide q {
  param m = 0.2
  for j in 1:3 { a[j] ~ Normal(m, 1) }
  for n in 1:5 {
    param s[n] : positive = 1
    b[n] ~ Normal(0.5 * a[[2, 1, 3, 3, 2][n]], s[n])
  }
  c ~ Normal(a[2], 1)
}
let posterior = m([1, 1, 2, 3, 3], [0.1, 0.2, 0.3, 0.4, 0.5]))"},
    {"a mean-field guide, bounds that are other variables", R"(
model m(y) {
  a ~ Normal(0, 1)
  for i in 1:3 { c[i] ~ HalfNormal(1) }
  for i in 1:3 { b[i] : lower(c[i]) ~ Normal(0, 2) }
  w : upper(a) ~ Normal(0, 1)
  for i in 1:3 { y[i] ~ Normal(b[i] + w, 1) }
}
let posterior = m([0.1, 0.2, 0.3]))"},
    {"nested and ragged loops", R"(
model m(first, last, y) {
  for i in 1:3 {
    a[i] ~ Normal(0, 1)
    for k in first[i]:last[i] { y[k] ~ Normal(a[i], 1) }
    for j in 1:2 { b[i, j] ~ Normal(a[i], 1) }
  }
}
guide q {
  for i in 1:3 {
    param m[i] = 0.1
    a[i] ~ Normal(m[i], 1)
  }
  for i in 1:3 {
    for j in 1:2 { b[i, j] ~ Normal(0, 2) }
  }
}
let posterior = m([1, 3, 4], [2, 3, 6], [1.0, 2, 3, 4, 5, 6]))"},
};

// 200 groups of 20 observations; theta[j] ~ Gamma(2, 1), x[j, i] ~ Normal(theta[j], 1).
const char* const factor_model = R"(
let J = 200
let truth = sample(Gamma(2, 1), J, seed = 1)
let noise = sample(Normal(0, 1), J * 20, seed = 2)
let x = reshape(noise, [J, 20]) + reshape(truth, [J, 1])
model factor(x) {
  for j in 1:rows(x) {
    theta[j] ~ Gamma(2, 1)
    for i in 1:20 { x[j, i] ~ Normal(theta[j], 1) }
  }
}
guide q {
  for j in 1:200 {
    param a[j] : positive = 4
    param b[j] : positive = 2
    theta[j] ~ Gamma(a[j], b[j])
  }
}
let posterior = factor(x)
)";

Statistics repeat(const elbo::inference::Problem& problem, bool rao_blackwell, const char* control_variate,
                  std::int64_t samples, int repetitions) {
  const SampledModel model = sample_model(problem, samples);
  const GradientEstimate estimate =
      score_gradient(model, rao_blackwell, *find_control_variate(control_variate));
  const ParameterVector layout(problem);
  Estimator estimator(layout, estimate, {}, runtime::Precision::real64, 1);
  const std::vector<double> at = layout.initial();
  Statistics statistics(layout.size());
  for (int r = 0; r < repetitions; ++r) {
    estimator.run(at, 23, static_cast<std::uint32_t>(r));
    statistics.add(estimator.gradient());
  }
  return statistics;
}

}  // namespace

TEST_CASE("costs of single elements are those that the element changes") {
  for (const Script& script : scripts) {
    INFO(script.name);
    const ScriptProblem p(script.text);
    REQUIRE(p.message() == "");
    elbo::tests::check_costs(p.problem);
  }
}

TEST_CASE("per-element costs leave the mean of the gradient as it is") {
  std::vector<Script> all(std::begin(scripts), std::end(scripts));
  all.push_back({"a guide that is a chain, and a variable that hangs on all of it", R"(
model m(y) {
  s ~ HalfNormal(1)
  z[1] ~ Normal(0, 1)
  for t in 2:5 { z[t] ~ Normal(z[t - 1], s) }
  for t in 1:5 { y[t] ~ Normal(z[t], 0.5) }
  last ~ Normal(z[5], 1)
}
guide q {
  param c = 0.5
  param r = 0.3
  z[1] ~ Normal(c, 1)
  for t in 2:5 {
    param d[t - 1] = 0.1
    z[t] ~ Normal(r * z[t - 1] + d[t - 1], 0.7)
  }
  s ~ LogNormal(0.2 * z[3], 0.5)
  last ~ Normal(c, 1)
}
let posterior = m([0.1, 0.2, 0.3, 0.4, 0.5]))"});
  all.push_back({"discrete variables, one given another", R"(
model m(y) {
  for n in 1:4 {
    k[n] ~ Categorical([0.2, 0.3, 0.5])
    b[n] ~ Bernoulli([0.2, 0.5, 0.7][k[n]])
    y[n] ~ Normal([0, 1, 2][k[n]] + b[n], 1)
  }
}
guide q {
  for n in 1:4 {
    param p[n] : simplex[3] = [0.3, 0.3, 0.4]
    param r[n] : unit_interval = 0.4
    k[n] ~ Categorical(p[n])
    b[n] ~ Bernoulli(if k[n] == 1 { r[n] } else { 0.5 * r[n] })
  }
}
let posterior = m([0.1, 1.2, 2.3, 0.4]))"});
  for (const Script& script : all) {
    INFO(script.name);
    const ScriptProblem p(script.text);
    REQUIRE(p.message() == "");
    const Statistics plain = repeat(p.problem, false, "rloo", 8, 20'000);
    // biased, but draws that are all the same must not blow it up
    const Statistics biased = repeat(p.problem, true, "same_sample", 8, 20'000);
    for (std::size_t i = 0; i < biased.size(); ++i) CHECK(biased.variance(i) < 1e6);
    for (const char* control_variate : {"none", "leave_one_out", "rloo"}) {
      INFO(control_variate);
      const Statistics reduced = repeat(p.problem, true, control_variate, 8, 20'000);
      for (std::size_t i = 0; i < reduced.size(); ++i) {
        INFO("component " << i << ": " << reduced.mean(i) << " and " << plain.mean(i));
        const double error = std::sqrt((plain.variance(i) + reduced.variance(i)) / 20'000);
        // 300 comparisons at 5: false alarms below 1e-3
        CHECK(std::abs(reduced.mean(i) - plain.mean(i)) < 5 * error);
      }
    }
  }
}

TEST_CASE("per-element costs lower the variance in a model with many groups") {
  const ScriptProblem p(factor_model);
  REQUIRE(p.message() == "");
  constexpr int repetitions = 1500;
  const Statistics basic = repeat(p.problem, false, "none", 100, repetitions);
  const Statistics reduced = repeat(p.problem, true, "none", 100, repetitions);
  const Statistics controlled = repeat(p.problem, true, "leave_one_out", 100, repetitions);
  INFO("variances " << basic.total_variance() << " " << reduced.total_variance() << " "
                    << controlled.total_variance() << " "
                    << repeat(p.problem, true, "same_sample", 100, repetitions).total_variance());
  CHECK(basic.total_variance() / reduced.total_variance() >= 100);
  CHECK(reduced.total_variance() / controlled.total_variance() > 3);
}

TEST_CASE("per-element estimators have the exact gradient as their mean") {
  const ScriptProblem p(factor_model);
  REQUIRE(p.message() == "");
  // E log Gamma(theta; 2, 1) + sum_i E log N(x_i; theta, 1) + entropy, with E theta = a / b, E log theta =
  // psi(a) - log b
  const runtime::Tensor x = *p.problem.model->find("x")->value.node().attributes.tensor;
  const auto elbo_of = [&](std::int64_t j, double log_a, double log_b) {
    const double a = std::exp(log_a), b = std::exp(log_b);
    const double mean = a / b, square = a * (a + 1) / (b * b),
                 log_mean = boost::math::digamma(a) - std::log(b);
    double value = log_mean - mean;
    for (std::int64_t i = 0; i < 20; ++i) value += x.real(j * 20 + i) * mean - 0.5 * square;
    return value - (a * std::log(b) - std::lgamma(a) + (a - 1) * log_mean - b * mean);
  };
  for (const char* name : {"none", "leave_one_out", "rloo"}) {
    const Statistics s = repeat(p.problem, true, name, 8, 20'000);
    double largest = 0;
    for (std::int64_t j = 0; j < 200; ++j) {
      const double la = std::log(4.0), lb = std::log(2.0), h = 1e-5;
      const double by_a = (elbo_of(j, la + h, lb) - elbo_of(j, la - h, lb)) / (2 * h);
      const double by_b = (elbo_of(j, la, lb + h) - elbo_of(j, la, lb - h)) / (2 * h);
      largest = std::max(largest, std::abs(s.z(static_cast<std::size_t>(j), by_a)));
      largest = std::max(largest, std::abs(s.z(static_cast<std::size_t>(200 + j), by_b)));
    }
    INFO(name << ": largest z of 400 components " << largest);
    CHECK(largest < 5.2);  // by chance with probability 400 * 2e-7
  }
}
