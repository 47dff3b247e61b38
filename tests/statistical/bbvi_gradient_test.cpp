// The score-function estimators against the exact gradient of the ELBO, on the conjugate normal-gamma model,
// whose ELBO is known in closed form. Seeds are fixed; |z| < 4.5 fails by chance with probability 7e-6 per
// component.
#include <boost/math/special_functions/digamma.hpp>
#include <catch2/catch.hpp>

#include <array>
#include <fstream>

#include "problem.hpp"

using namespace elbo;
using namespace elbo::inference;
using elbo::tests::ScriptProblem;
using elbo::tests::Statistics;

namespace {

const char* const script = R"(
let x = read_csv("data/normal_100.csv").x
model normal_gamma(x) {
  tau ~ Gamma(shape = 1, rate = 2)
  mu  ~ Normal(1, precision = 0.1 * tau)
  x   ~ Normal(mu, precision = tau)
}
guide q {
  param m      = 1.4815836
  param lambda : positive = 2.3542854
  param alpha  : positive = 3.0223504
  param beta   : positive = 0.8747885
  tau ~ Gamma(alpha, beta)
  mu  ~ Normal(m, precision = lambda * tau)
}
let posterior = normal_gamma(x)
)";

// m, log lambda, log alpha, log beta
using Point = std::array<double, 4>;

std::vector<double> data() {
  std::ifstream file(std::string(ELBO_SOURCE_DIR) + "/examples/normal_gamma/data/normal_100.csv");
  std::string line;
  std::getline(file, line);
  std::vector<double> x;
  while (std::getline(file, line)) x.push_back(std::stod(line));
  return x;
}

struct Exact {
  double n, mean, squares;  // squares: about the mean
  Exact() {
    const std::vector<double> x = data();
    n = static_cast<double>(x.size());
    mean = squares = 0;
    for (const double v : x) mean += v / n;
    for (const double v : x) squares += (v - mean) * (v - mean);
  }

  // E_q[log p - log q] by the moments of the normal-gamma: E tau = a/b, E log tau = psi(a) - log b,
  // E tau (mu - m)^2 = 1/lambda.
  double elbo(const Point& p) const {
    const double log_two_pi = std::log(2 * M_PI);
    const double m = p[0], lambda = std::exp(p[1]), a = std::exp(p[2]), b = std::exp(p[3]);
    const double e_tau = a / b, e_log = boost::math::digamma(a) - std::log(b);
    const double likelihood =
        0.5 * n * (e_log - log_two_pi) - 0.5 * (e_tau * (squares + n * (m - mean) * (m - mean)) + n / lambda);
    const double prior_mu =
        0.5 * (std::log(0.1) + e_log - log_two_pi) - 0.05 * (e_tau * (m - 1) * (m - 1) + 1 / lambda);
    const double prior_tau = std::log(2.0) - 2 * e_tau;
    const double q_mu = 0.5 * (std::log(lambda) + e_log - log_two_pi) - 0.5;
    const double q_tau = a * std::log(b) - std::lgamma(a) + (a - 1) * e_log - b * e_tau;
    return likelihood + prior_mu + prior_tau - q_mu - q_tau;
  }

  Point gradient(const Point& p) const {
    Point g;
    for (std::size_t i = 0; i < 4; ++i) {
      Point up = p, down = p;
      up[i] += 1e-5;
      down[i] -= 1e-5;
      g[i] = (elbo(up) - elbo(down)) / 2e-5;
    }
    return g;
  }

  Point posterior() const {
    const double lambda = 0.1 + n;
    const double b = 2 + 0.5 * squares + 0.1 * n * (mean - 1) * (mean - 1) / (2 * lambda);
    return {(0.1 + n * mean) / lambda, std::log(lambda), std::log(1 + n / 2), std::log(b)};
  }
};

const Point start{1.4815836, std::log(2.3542854), std::log(3.0223504), std::log(0.8747885)};

Statistics repeat(const elbo::inference::Problem& problem, const Point& at, std::int64_t samples,
                  bool rao_blackwell, const std::string& control_variate, int repetitions) {
  const SampledModel model = sample_model(problem, samples);
  const GradientEstimate estimate =
      score_gradient(model, rao_blackwell, *find_control_variate(control_variate));
  const ParameterVector layout(problem);
  Estimator estimator(layout, estimate, {}, runtime::Precision::real64, 1);
  Statistics statistics(4);
  for (int r = 0; r < repetitions; ++r) {
    estimator.run(at, 17, static_cast<std::uint32_t>(r));
    statistics.add(estimator.gradient());
  }
  return statistics;
}

constexpr int repetitions = 20'000;

}  // namespace

TEST_CASE("the exact posterior has the log evidence as its ELBO") {
  const Exact exact;
  CHECK(exact.elbo(exact.posterior()) == Approx(-185.937141990).epsilon(1e-9));
}

TEST_CASE("unbiased estimators have the exact gradient as their mean") {
  const ScriptProblem p(script);
  REQUIRE(p.message() == "");
  const Exact exact;
  const Point gradient = exact.gradient(start);
  for (const ControlVariate& c : control_variate_list()) {
    if (!c.is_unbiased) continue;
    for (const bool rao_blackwell : {false, true}) {
      for (const std::int64_t samples : {4, 30}) {
        const Statistics s =
            repeat(p.problem, start, samples, rao_blackwell, std::string(c.name), repetitions);
        for (std::size_t i = 0; i < 4; ++i) {
          INFO(c.name << ", rao_blackwell = " << rao_blackwell << ", samples = " << samples << ", component "
                      << i << ": mean " << s.mean(i) << ", exact " << gradient[i]);
          CHECK(std::abs(s.z(i, gradient[i])) < 4.5);
        }
      }
    }
  }
}

TEST_CASE("the bias of the same-sample control variate is seen") {
  const ScriptProblem p(script);
  REQUIRE(p.message() == "");
  const Point gradient = Exact().gradient(start);
  const Statistics s = repeat(p.problem, start, 4, false, "same_sample", repetitions);
  double largest = 0;
  for (std::size_t i = 0; i < 4; ++i) largest = std::max(largest, std::abs(s.z(i, gradient[i])));
  INFO("z " << s.z(0, gradient[0]) << " " << s.z(1, gradient[1]) << " " << s.z(2, gradient[2]) << " "
            << s.z(3, gradient[3]));
  CHECK(largest > 10);
}

TEST_CASE("control variates lower the variance of the gradient") {
  const ScriptProblem p(script);
  REQUIRE(p.message() == "");
  const Statistics none = repeat(p.problem, start, 30, false, "none", repetitions);
  const Statistics same = repeat(p.problem, start, 30, false, "same_sample", repetitions);
  const double ratio = none.total_variance() / same.total_variance();
  INFO("variance " << none.total_variance() << " without, " << same.total_variance() << " with: ratio "
                   << ratio);
  CHECK(ratio > 4);
  CHECK(ratio < 7);
}

TEST_CASE("at the exact posterior the control variate leaves no variance") {
  const ScriptProblem p(script);
  REQUIRE(p.message() == "");
  const Point posterior = Exact().posterior();
  for (const char* name : {"same_sample", "leave_one_out", "rloo"}) {
    const Statistics s = repeat(p.problem, posterior, 30, false, name, 1000);
    INFO(name << ": " << s.total_variance());
    CHECK(s.total_variance() < 1e-20);
  }
  CHECK(repeat(p.problem, posterior, 30, false, "none", 1000).total_variance() > 1);
}

TEST_CASE("Rao-Blackwellised costs are those of the Markov blanket") {
  // a guide without dependencies: the downstream cost of a variable is its blanket's terms less its own log q
  const ScriptProblem p(R"(
let x = [1.2, 0.7, 2.5]
let w = [0.3, -0.4]
model two(x, w) {
  a ~ Normal(0, 1)
  b ~ Normal(0, 2)
  c ~ Normal(a, 1)
  x ~ Normal(a + c, 1)
  w ~ Normal(b, 1)
}
guide q {
  param ma = 0.1
  param mb = 0.2
  param mc = 0.3
  a ~ Normal(ma, 1)
  b ~ Normal(mb, 1)
  c ~ Normal(mc, 1)
}
let posterior = two(x, w)
)");
  REQUIRE(p.message() == "");
  const SampledModel model = sample_model(p.problem, 5);
  for (std::size_t i = 0; i < model.latents.size(); ++i) {
    runtime::Expr expected = model.log_joint * 0.0 - model.guide_terms[i].per_draw;
    std::size_t index = 0;
    while (p.problem.model->variables[index].name != model.latents[i]) ++index;
    for (const std::size_t v : runtime::markov_blanket(*p.problem.model, index).variables) {
      expected = expected + model.model_terms[v].per_draw;
    }
    const std::array outputs{downstream_cost(model, i), expected};
    const ParameterVector layout(p.problem);
    ParameterProgram program(layout, outputs, runtime::Precision::real64, 1);
    program.run(layout.initial(), 3, 1);
    for (std::size_t s = 0; s < 5; ++s) {
      CHECK(program.output(0)[s] == Approx(program.output(1)[s]).epsilon(1e-13));
    }
  }
}
