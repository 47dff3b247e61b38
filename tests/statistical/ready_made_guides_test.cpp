// Ready-made guides on every support: mean_field(), and those of all numbers together, are distributions
// there, and their densities are those of their draws. For a prior p of known mass, E_q[p / q] is that mass;
// a wrong Jacobian, bound or draw changes it.
#include <catch2/catch.hpp>
#include <cmath>
#include <optional>
#include <set>
#include <string_view>

#include "problem.hpp"

using namespace elbo;
using namespace elbo::inference;
using elbo::tests::ScriptProblem;
using runtime::Expr;

namespace {

struct Case {
  const char* body;
  double mass;
  bool redundant = false;  ///< several unconstrained points give one value, so that the value's density is no
                           ///< function of it
};

double normal_cdf(double x) { return 0.5 * std::erfc(-x / std::sqrt(2.0)); }

const Case cases[] = {
    {"x ~ Normal(0, 1)", 1},
    {"x ~ Gamma(2, 1)", 1},
    {"x ~ HalfNormal(1)", 1},
    {"x : lower(1) ~ Normal(0, 2)", 1 - normal_cdf(0.5)},
    {"x : upper(-1) ~ Normal(0, 2)", normal_cdf(-0.5)},
    {"x : interval(-1, 2) ~ Normal(0, 2)", normal_cdf(1) - normal_cdf(-0.5)},
    {"x ~ Beta(2, 3)", 1},
    // flat over a triangle of area 1 / 2 in the first two coordinates
    {"x : simplex[3] ~ Normal(0, 1000)", 0.5 * std::pow(1000 * std::sqrt(2 * M_PI), -3)},
    {"x : ordered[3] ~ Normal(0, 1)", 1.0 / 6},
    {"x : positive_ordered[3] ~ Exponential(1)", 1.0 / 6},
    // the density at 0 of a sum of three, in the first two coordinates
    {"x : sum_to_zero[3] ~ Normal(0, 1)", 1 / std::sqrt(6 * M_PI)},
    // normals for all entries of a matrix, integrated over the free ones
    {"x : cholesky_covariance[2] ~ Normal(0, 1)", 0.25 / std::sqrt(2 * M_PI)},
    {"x : covariance[2] ~ Normal(0, 1)", 0.041311825786580963},  // E[erf(sqrt(a c)); a, c > 0] / (2 sqrt(pi))
    {"x : cholesky_correlation[2] ~ Normal(0, 1)", 2 * std::exp(-1) / (4 * M_PI * M_PI)},
    {"x : correlation[2] ~ Normal(0, 1)", std::exp(-1) / (2 * M_PI) * std::erf(1) / (2 * std::sqrt(M_PI))},
    {"x : unit_vector[2] ~ Normal(0, 1)", std::exp(-0.5), true},
    {"x ~ NormalGamma(0.5, 2, 4, 3)", 1},
    {"x ~ Bernoulli(0.3)", 1},
    {"x ~ Categorical([0.2, 0.3, 0.5])", 1},
    {"x ~ Poisson(1.5)", 1},
    {"x ~ Binomial(5, 0.4)", 1},
    {"x ~ Beta(2, [2, 3])", 1},
    {"a ~ Normal(0, 1); x : lower(a) ~ Normal(0, 1)", 0.5},
    {"a ~ Uniform(0, 1); x ~ Uniform(a, a + 2)", 1},
    {"a ~ Uniform(0, 1); x : upper(1 - a) ~ Normal(0, 1)",
     normal_cdf(1) + (std::exp(-0.5) - 1) / std::sqrt(2 * M_PI)},
    // x - a is normal with sd sqrt 2, between 0 and w
    {"a ~ Normal(0, 1); w ~ Exponential(1); x : interval(a, a + w) ~ Normal(0, 1)",
     M_E* normal_cdf(-std::sqrt(2))},
    {"x ~ Wishart(4, [[1, 0.5], [0.5, 2]])", 1},
    {"x ~ InverseWishart(6, [[1, 0.5], [0.5, 2]])", 1},
    {"x ~ LKJCholesky(3, 1.5)", 1},
    {"for i in 1:2 { x[i] ~ LKJCholesky(2, 2) }", 1},
    {"x ~ RandomWalk(0.5, 3, start = 1)", 1},
    {"for i in 1:2 { a[i] ~ HalfNormal(1) }; for i in 1:2 { x[i] ~ Uniform(a[i], a[i] + 1) }", 1},
    {"x[1] ~ HalfNormal(1); for t in 2:3 { x[t] ~ Normal(x[t - 1], 1) }", 1},
    {"for i in 1:2 { for j in 1:2 { x[i, j] ~ Gamma(2, 2) } }", 1},
    {"for i in 1:2 { x[i] ~ Categorical([0.3, 0.7]) }", 1},
};

struct Guide {
  const char* name;
  std::shared_ptr<const runtime::ModelGraph> (*make)(const runtime::Library&, const runtime::ModelGraph&);
};

const Guide guides[] = {
    {"mean_field", mean_field},
    {"full_rank", full_rank},
    {"low_rank(2)", [](const auto& library, const auto& model) { return low_rank(library, model, 2); }},
    {"mixture(2)", [](const auto&, const auto& model) { return mixture(model, 2); }}};

/// Nothing where the guide is not for such variables.
std::optional<elbo::inference::Problem> problem_of(const Case& c, const Guide& guide) {
  const ScriptProblem p(std::string("model m() { ") + c.body + " }\nlet posterior = m()\n");
  REQUIRE(p.message() == "");
  elbo::inference::Problem problem = p.problem;
  try {
    problem.guide = guide.make(p.library(), *problem.model);
  } catch (const lang::Failure& failure) {
    REQUIRE(failure.diagnostic().code == "guide-support");
    return std::nullopt;
  }
  return problem;
}

/// A matrix with these numbers on the diagonal and below it.
runtime::Tensor lower(std::int64_t size, double on_diagonal, double below) {
  std::vector<double> values;
  for (std::int64_t i = 0; i < size; ++i) {
    for (std::int64_t j = 0; j < size; ++j) values.push_back(i == j ? on_diagonal : i > j ? below : 0);
  }
  return {{size, size}, std::move(values)};
}

/// Standard deviations and rates 2.25 or a little more, wide enough that p / q has a variance in all cases;
/// means 0, but for the components of mixtures; numbers that depend on each other where the guide has that.
std::vector<double> wide(const ParameterVector& layout) {
  std::vector<double> at(layout.size(), 0);
  for (const auto& entry : layout.entries()) {
    const std::string& name = entry.parameter->name;
    const auto set = [&](const std::vector<double>& numbers) {
      std::copy(numbers.begin(), numbers.end(), at.begin() + static_cast<std::ptrdiff_t>(entry.first));
    };
    if (name.ends_with("_sd") || name.ends_with("_rate") || name == "scale" || name == "scales")
      set(std::vector<double>(entry.size, std::log(2.25)));
    if (name == "means") set(unconstrain(*entry.parameter, entry.parameter->initial));
    if (name == "weights") set(std::vector<double>(entry.size, 0.5));
    if (name == "cholesky")
      set(unconstrain(*entry.parameter, lower(entry.parameter->initial.shape()[0], 2.25, 0.4)));
    for (std::size_t i = 0; i < entry.size && name == "factor"; ++i)
      at[entry.first + i] = 0.7 * std::cos(3.0 * static_cast<double>(i));
  }
  return at;
}

}  // namespace

TEST_CASE("ready-made guides have the mass of what they approximate, on every support") {
  for (const Guide& guide : guides) {
    std::set<std::string_view> met;
    for (const Case& c : cases) {
      INFO(guide.name << ": " << c.body);
      const auto problem = problem_of(c, guide);
      if (!problem) continue;
      for (const auto& v : problem->guide->variables) {
        for (const auto& part : v.parts) met.insert(part.support.kind->name);
      }
      constexpr std::int64_t samples = 2000;
      const SampledModel model = sample_model(*problem, samples);
      const ParameterVector layout(*problem);
      ParameterProgram program(layout, std::vector<Expr>{model.log_joint - model.log_guide},
                               runtime::Precision::real64, 1);
      tests::Statistics mass(1);
      for (std::uint32_t step = 0; step < 200; ++step) {
        program.run(wide(layout), 11, step);
        for (const double log_ratio : program.output(0)) mass.add(std::vector{std::exp(log_ratio) / c.mass});
      }
      INFO("mass " << mass.mean(0) << " of that expected, variance of p / q " << mass.variance(0));
      CHECK(mass.variance(0) < 400);  // 400,000 draws: an error of 0.03 at most
      CHECK(std::abs(mass.z(0, 1)) < 4.5);
    }
    for (const runtime::SupportKind* kind : runtime::support_list()) {
      INFO(guide.name << ": " << kind->name);
      CHECK((met.contains(kind->name) || (kind->discrete && guide.make != mean_field)));
    }
  }
}

TEST_CASE("the density of a ready-made guide at a value is that of its draws") {
  for (const Guide& guide : guides) {
    for (const Case& c : cases) {
      if (c.redundant) continue;
      INFO(guide.name << ": " << c.body);
      const auto problem = problem_of(c, guide);
      if (!problem) continue;
      const SampledModel model = sample_model(*problem, 50);
      // log q as a function of the values, which a draw goes around: it knows its unconstrained numbers
      std::unordered_map<runtime::NodeId, Expr> drawn;
      for (const VariableDraw& draw : model.drawn) drawn[draw.variable->value.id()] = draw.whole;
      const Expr joint = log_joint(*problem->guide);
      const Expr at_values = substitute(joint, drawn);
      const ParameterVector layout(*problem);
      ParameterProgram program(layout, std::vector<Expr>{at_values, model.log_guide},
                               runtime::Precision::real64, 1);
      program.run(wide(layout), 11, 0);
      for (std::size_t s = 0; s < 50; ++s) {
        CHECK(program.output(0)[s] == Approx(program.output(1)[s]).epsilon(1e-7).margin(1e-7));
      }
    }
  }
}
