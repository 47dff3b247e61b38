// Moments, draws and the ELBO of a guide whose answers are known, where they are computed in many batches.
#include "inference/posterior.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <optional>

#include "problem.hpp"

using namespace elbo;
using elbo::inference::Posterior;
using runtime::Tensor;

namespace {

// 5000 elements: batches of 209 draws. q is not the posterior, so that log p - log q varies.
const char* const script = R"(
model m(J) {
  c ~ Normal(1, 0.5)
  z ~ Normal(c, 1, size = J)
  r ~ HalfNormal(1)
  let s = z^2
}
guide q {
  c ~ Normal(2, 0.5)
  z ~ Normal(c, 2, size = 5000)
  r ~ LogNormal(0.1, 0.3)
}
let posterior = m(5000)
)";

struct Case {
  explicit Case(const char* text) : script(text) {
    REQUIRE(script.message() == "");
    layout.emplace(script.problem);
    at = layout->initial();
  }
  Posterior posterior() const { return {script.problem, *layout, at, 1}; }

  tests::ScriptProblem script;
  std::optional<inference::ParameterVector> layout;
  std::vector<double> at;
};

const inference::Moments& of(const std::vector<inference::Moments>& list, const std::string& name) {
  return *std::find_if(list.begin(), list.end(), [&](const auto& m) { return m.name == name; });
}

}  // namespace

TEST_CASE("moments of many elements, in batches") {
  const Case c(script);
  const auto moments = c.posterior().moments(7);
  REQUIRE(moments.size() == 4);
  CHECK(of(moments, "c").mean.real(0) == Approx(2).epsilon(1e-15));
  CHECK(of(moments, "c").sd.real(0) == Approx(0.5).epsilon(1e-15));
  const double spread = std::expm1(0.09);
  CHECK(of(moments, "r").mean.real(0) == Approx(std::exp(0.1 + 0.045)).epsilon(1e-14));
  CHECK(of(moments, "r").sd.real(0) == Approx(std::exp(0.1 + 0.045) * std::sqrt(spread)).epsilon(1e-14));
  // z given c has an exact mean and variance: only the draws of c enter, the same for all elements
  const auto& z = of(moments, "z");
  CHECK(std::abs(z.mean.real(17) - 2) < 4.5 * 0.5 / 100);
  CHECK(z.mean.real(17) == z.mean.real(4321));
  CHECK(z.sd.real(17) == Approx(std::sqrt(4.25)).epsilon(4.5 * 0.25 / 4.25 / std::sqrt(2 * 10'000)));
  // z^2 by draws: with v = 4.25, mean 4 + v, variance 2 v^2 + 16 v
  const double v = 4.25, mean = 4 + v, variance = 2 * v * v + 16 * v;
  const auto& s = of(moments, "s");
  REQUIRE(s.mean.size() == 5000);
  double largest = 0, total_variance = 0;
  for (std::int64_t i = 0; i < 5000; ++i) {
    largest = std::max(largest, std::abs(s.mean.real(i) - mean) / std::sqrt(variance / 10'000));
    total_variance += s.sd.real(i) * s.sd.real(i) / 5000;
  }
  CHECK(largest < 6);
  CHECK(total_variance == Approx(variance).epsilon(0.04));
}

TEST_CASE("draws in batches, of all elements and of the first") {
  const Case c(script);
  const runtime::Record all = c.posterior().draws(500, 3), first = c.posterior().draws_of_first(21, 500, 3);
  const Tensor z = runtime::to_tensor(*runtime::find_field(all, "z"));
  const Tensor cut = runtime::to_tensor(*runtime::find_field(first, "z"));
  REQUIRE(z.shape() == runtime::Shape{500, 5000});
  REQUIRE(cut.shape() == runtime::Shape{500, 21});
  for (std::int64_t n = 0; n < 500; ++n) {
    for (std::int64_t k = 0; k < 21; ++k) CHECK(z.real(n * 5000 + k) == cut.real(n * 21 + k));
  }
  // batches are different draws
  CHECK(z.real(0) != z.real(209 * 5000));
  const Tensor once = runtime::to_tensor(*runtime::find_field(first, "c"));
  CHECK(once.shape() == runtime::Shape{500, 1});
}

TEST_CASE("the ELBO in batches, against its closed form") {
  const Case c(script);
  const auto [value, error] = c.posterior().elbo(4000, 5);
  // -KL of normals: c, then 5000 of z given c; r by its own ELBO
  const double of_c = -(0.5 + 0.5 / 0.25 - 0.5);
  const double of_z = -(-std::log(2.0) + 4 / 2.0 - 0.5);
  const double second_moment = std::exp(0.2 + 2 * 0.09);
  const double of_r =
      0.5 * std::log(2 / M_PI) - 0.5 * second_moment + 0.1 + 0.5 * (1 + std::log(2 * M_PI * 0.09));
  CHECK(std::abs(value - (of_c + 5000 * of_z + of_r)) < 4.5 * error);
  CHECK(error < 5);
}

TEST_CASE("the mean of a variable above another one is exact given that") {
  const Case c(R"(
model m() {
  a ~ Normal(3, 1)
  b : lower(a) ~ Normal(0, 2)
  d : upper(1) ~ Normal(0, 2)
}
let posterior = m()
)");
  // mean_field() starts at Normal(0, 0.1)
  const auto moments = c.posterior().moments(7);
  const double mean = std::exp(0.005), variance = std::exp(0.01) * std::expm1(0.01);
  CHECK(of(moments, "d").mean.real(0) == Approx(1 - mean).epsilon(1e-12));
  CHECK(of(moments, "d").sd.real(0) == Approx(std::sqrt(variance)).epsilon(1e-12));
  CHECK(std::abs(of(moments, "b").mean.real(0) - mean) < 4.5 * 0.1 / 100);
  CHECK(of(moments, "b").sd.real(0) == Approx(std::sqrt(variance + 0.01)).epsilon(4.5 / std::sqrt(20'000)));
}
