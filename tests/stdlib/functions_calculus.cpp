// gradient, against derivatives worked out by hand and against central differences of the same script; and
// the functions of distributions.
#include <catch2/catch.hpp>
#include <cmath>
#include <string>

#include "functions_script.hpp"

using elbo::test::error_of;
using elbo::test::numbers_of;
using elbo::test::require_numbers;
using elbo::test::run_script;
using elbo::test::shown;
using elbo::test::type_of;

TEST_CASE("gradients by hand") {
  require_numbers("gradient(fn(x) = x^3, 2)", {12});
  require_numbers("gradient(fn(x) = sum(x^2), [1, 2, 3])", {2, 4, 6});
  CHECK(type_of("gradient(fn(x) = sum(x^2), [[1, 2], [3, 4]])") == "real[2, 2]");
  require_numbers("gradient(lgamma, 1.0)", {-0.57721566490153286});
  require_numbers("gradient(fn(x, y) = x * y^2, 3, 2)[1]", {4});
  require_numbers("gradient(fn(x, y) = x * y^2, 3, 2)[2]", {12});
  require_numbers("gradient(fn(x) = 5, [1, 2])", {0, 0});
  require_numbers("fn f(x) {\n let s = 0\n for i in 1:3 { s = s + x[i] * i }\n s\n}\ngradient(f, [1, 1, 1])",
                  {1, 2, 3});
}

TEST_CASE("gradients nest, and each is in its own argument alone") {
  require_numbers("gradient(fn(x) = gradient(fn(y) = y^3, x), 2)", {12});
  require_numbers("gradient(fn(x) = gradient(fn(y) = x * y^2, x), 3)", {12});  // 2 x y at y = x
}

TEST_CASE("what cannot be differentiated says so") {
  CHECK(error_of("gradient(fn(x) = x, [1, 2])") == "not-a-scalar");
  CHECK(error_of("gradient(fn(x) = {a: x}, 1)") == "not-differentiable");
  CHECK(error_of("gradient(fn(x) = sum(sort(x)), [1, 2])") == "not-differentiable");
  CHECK(error_of("gradient(fn(x) = quantile(x, 0.5), [1, 2])") == "not-differentiable");
  CHECK(error_of("gradient(fn(x) = mean(sample(Poisson(x), 5)), 1)") == "not-differentiable");
  CHECK(error_of("gradient(3, 1)") != "");
}

TEST_CASE("gradients flow through draws made of gamma numbers") {
  // inside a derivative the same draws as outside
  require_numbers(
      "gradient(fn(c) = c * sum(stop_gradient(sample(Gamma(c, 1), 3, seed = 9))), 2.0) - "
      "sum(sample(Gamma(2, 1), 3, seed = 9))",
      {0});
  // The mean of 1e5 draws' derivatives is the derivative of the mean; five standard errors, each below 0.004.
  struct Mean {
    const char* draws;
    double at, slope;
  };
  for (const Mean& m : {Mean{"Gamma(x, 2)", 3, 0.5},
                        {"Gamma(0.2, x)", 2, -0.05},
                        {"Beta(x, 3)", 2, 0.12},
                        {"ChiSquared(x)", 0.5, 1},
                        {"InverseGamma(x, 4)", 6, -4.0 / 25}}) {
    INFO(m.draws);
    const std::string script = "gradient(fn(x) = mean(sample(" + std::string(m.draws) +
                               ", 100_000, seed = 1)), " + std::to_string(m.at) + ")";
    CHECK(numbers_of(script).at(0) == Approx(m.slope).margin(0.02));
  }
  CHECK(error_of("gradient(fn(x) = mean(sample(NegativeBinomial(x, 3), 5)), 1)") == "not-differentiable");
  CHECK(error_of("gradient(fn(x) = mean(sample(InverseGaussian(x, 3), 5)), 1)") == "not-differentiable");
}

// Means in closed form: of a normal above 0, lambda = density / probability; of a gamma below 3, shape
// P(shape + 1, 3) / P(shape, 3). The mean of 1e5 draws' derivatives has a standard error below 0.004.
TEST_CASE("draws of distributions made of distributions move where they can") {
  struct Mean {
    const char* draws;
    double at;
    const char* slope;
  };
  for (const Mean& m : {Mean{"Truncated(Normal(x, 1), lower = 0)", 0.5, "0.48617546"},
                        {"Truncated(Normal(0, 1), lower = x)", 0.5, "0.73151988"},
                        {"Truncated(Gamma(x, 1), upper = 3)", 2,
                         "gradient(fn(x) = x * gamma_p(x + 1, 3) / gamma_p(x, 3), 2)"},
                        {"Mixture([x, 1 - x], [Normal(0, 1), Gamma(3, 1)])", 0.4, "-3"},
                        {"Mixture([0.4, 0.6], [Normal(0, 1), Gamma(x, 1)])", 3, "0.6"},
                        {"Mixture([0.4, 0.6], [Truncated(Normal(x, 1), lower = 0), InverseGaussian(2, 3)])",
                         0.5, "0.4 * 0.48617546"},
                        {"Delta(x)", 0.5, "1"}}) {
    INFO(m.draws);
    const std::string script = "gradient(fn(x) = mean(sample(" + std::string(m.draws) +
                               ", 100_000, seed = 1)), " + std::to_string(m.at) + ")";
    CHECK(numbers_of(script).at(0) == Approx(numbers_of(m.slope).at(0)).margin(0.02));
  }
  for (const std::string draws :
       {"Truncated(Poisson(x), lower = 1)", "Mixture([0.4, 0.6], Poisson([x, 6]))",
        "ZeroInflated(0.3, Poisson(x))", "Censored(Normal(x, 1), upper = 1)",
        "Mixture([x, 1 - x], [Delta(0), Normal(0, 1)])",
        "Mixture([x, 1 - x], [Censored(Normal(x, 1), upper = 1), Normal(0, 1)])",
        "Mixture([x, 1 - x], [Mixture([0.5, 0.5], [Delta(0), Normal(0, 1)]), Normal(0, 1)])"}) {
    INFO(draws);
    CHECK(error_of("gradient(fn(x) = mean(sample(" + draws + ", 5)), 0.4)") == "not-differentiable");
  }
}

TEST_CASE("every differentiable function agrees with central differences") {
  // Each is a function of a vector of four numbers to one number.
  const std::vector<std::string> functions = {
      "sum(x * [1, 2, 3, 4])",
      "mean(x^2)",
      "variance(x)",
      "sd(x)",
      "prod(x)",
      "logsumexp(x)",
      "max(x)",
      "min(x)",
      "softmax(x)[2]",
      "cumsum(x) @ [1, -2, 3, 0.5]",
      "dot(x, x)",
      "norm(x)",
      "first(x) * last(x)^2",
      "reverse(x) @ [1, 2, 3, 4]",
      "sum(outer(x, x^2) * reshape(1:16, [4, 4]))",
      "sum(variance(reshape(x, [2, 2]), axis = 1)^2)",
      "sum(mean(reshape(x, [2, 2]), axis = 2)^3)",
      "sum(sd(reshape(x, [2, 2]), axis = 2)^2)",
      "sum(logsumexp(reshape(x, [2, 2]), axis = 1)^2)",
      "sum(softmax(reshape(x, [2, 2]), axis = 1) * [[1, 2], [3, 5]])",
      "sum(transpose(reshape(x, [2, 2])) * [[1, 2], [3, 4]] * x[1])",
      "sum(concat(x, x^2, 3) * linspace(1, 2, 9))",
      "sum(stack(x, x^3) * [[1], [2]])",
      "sum(where(x > 0.6, x^2, 3 * x))",
      "sum(relu(x - 0.6) * [1, 2, 3, 4])",
      "sum(leaky_relu(x - 0.6, 0.1) * [1, 2, 3, 4])",
      "sum(leaky_relu(x - 0.6, -0.1) * [1, 2, 3, 4])",
      "sum(leaky_relu(x - 0.6, x[2]) * [1, 2, 3, 4])",
      "sum(elu(x - 0.6) * [1, 2, 3, 4])",
      "sum(elu(4 * x - 2.5, x[1])^2)",
      "sum(selu(x - 0.6) * [1, 2, 3, 4])",
      "sum(gelu(2 * x - 1) * [1, 2, 3, 4])",
      "sum(gelu(2 * x - 1, \"tanh\") * [1, 2, 3, 4])",
      "sum(silu(2 * x - 1) * [1, 2, 3, 4])",
      "sum(log_softmax(x) * [1, 2, 3, 4])",
      "sum(flatten(outer(x, x^2)) * (1:16))",
      "sum(convolve(reshape(x, [2, 2]), reshape(x^2, [1, 1, 2, 2]), padding = 1)^2)",
      "sum(convolve_transpose(reshape(x, [2, 2]), reshape(x^2, [1, 1, 2, 2]), stride = 2)^2 * reshape(1:16, [4, 4]))",
      "sum(max_pool(outer(x, x), 2)^2)",
      "sum(avg_pool(outer(x, x^2), 2, padding = 1)^2)",
      "sum(max(x, 0.6)^2)",
      "log_det(reshape(x, [2, 2]))",
      "sum(solve(reshape(x, [2, 2]), [1, 2]))",
      "sum(inverse(reshape(x, [2, 2]))^2)",
      "sum(cholesky(outer(x, x) + diag(x + 1)) * reshape(1:16, [4, 4]))",
      "sum(diag(x) @ x)",
      "trace(reshape(x, [2, 2]))^2",
      "sum(diag(reshape(x, [2, 2]))^3)",
      "sum(one_hot([2, 4, 4], 4) @ x^2)",
      "sum(log_density(Normal(x[1], x[2]), [0.5, 1.5]))",
      "sum(log_density(Gamma(x, 2), x[1]))",
      "mean(Gamma(x[1], x[2]))",
      "sd(Gamma(x[1], x[2]))",
      "entropy(Normal(x[1], x[2]))",
      "mean(sample(Normal(x[1], x[2]), 20, seed = 3)^2)",
      "gamma_p(x[1], x[2]) * gamma_q(x[3], x[4])",
      "beta_cdf(x[1], x[2], x[3])",
      "gamma_quantile(x[1], x[2]) + beta_quantile(x[1], x[3], x[4])",
      "sum(solve_triangular([[2, 0], [1, 4]], x[1:2]) * x[3:4])",
      "sum(fill(3, x[2])^2)"};
  const std::string at = "[0.9, 0.3, 0.5, 0.7]";
  for (const std::string& body : functions) {
    INFO(body);
    const std::string define = "fn f(x) = " + body + "\n";
    const std::vector<double> slopes = numbers_of(define + "gradient(f, " + at + ")");
    REQUIRE(slopes.size() == 4);
    for (std::size_t i = 0; i < 4; ++i) {
      const std::string step = "let h = 1e-5 * one_hot(" + std::to_string(i + 1) + ", 4)\n";
      const double difference =
          numbers_of(define + step + "(f(" + at + " + h) - f(" + at + " - h)) / 2e-5").at(0);
      // h^2 f''' / 6 and rounding 1e-16 / h, with room for third derivatives of a few hundred
      CHECK(slopes[i] == Approx(difference).epsilon(1e-6).margin(1e-7));
    }
  }
}

TEST_CASE("functions on symbols have the values that they have on numbers") {
  const std::vector<std::string> functions = {"sum(x)",        "mean(x)",     "variance(x)",  "sd(x)",
                                              "prod(x)",       "max(x)",      "logsumexp(x)", "norm(x)",
                                              "softmax(x)[3]", "cumsum(x)[3]"};
  for (const std::string& body : functions) {
    INFO(body);
    // d/ds of s * f(x + 0 s) at 0 + f's own slope times 0: the value of f as the graph computes it
    const std::string script = "let x0 = [0.9, 0.3, 0.5, 0.7]\nfn f(x) = " + body + "\n";
    const double symbolic = numbers_of(script + "gradient(fn(s) = s * f(x0 + 0 * s), 1)").at(0);
    CHECK(symbolic == Approx(numbers_of(script + "f(x0)").at(0)).epsilon(1e-13));
  }
}

TEST_CASE("activations at their corners, far out and where nothing is a number") {
  require_numbers("relu([-inf, -1, 0, 2, inf, nan])", {0, 0, 0, 2, HUGE_VAL, std::nan("")});
  require_numbers("leaky_relu([-inf, -1, 0, 2, inf, nan], 0.5)",
                  {-HUGE_VAL, -0.5, 0, 2, HUGE_VAL, std::nan("")});
  require_numbers("elu([-inf, -1000, 0, 2, 1000, nan])", {-1, -1, 0, 2, 1000, std::nan("")});
  require_numbers("selu([-1000, 0, 1000])", {-1.7580993408473766, 0, 1050.7009873554805});
  require_numbers("silu([-1000, 0, 1000, nan])", {0, 0, 1000, std::nan("")});
  require_numbers("gelu([-1000, 0, 1000, nan])", {0, 0, 1000, std::nan("")});
  require_numbers("gelu([-1000, 0, 1000, nan], \"tanh\")", {0, 0, 1000, std::nan("")});
  require_numbers("log_softmax([-1000, 0, 1000])", {-2000, -1000, 0});
  CHECK(type_of("relu([-1, 2])") == "int[2]");
  CHECK(error_of("gelu(1, \"erf\")") == "bad-argument");
  // Slopes as PyTorch takes them at the corner, and no overflow of the branch that is not taken.
  require_numbers("gradient(fn(x) = sum(relu(x)), [-1, 0, 1])", {0, 0, 1});
  require_numbers("gradient(fn(x) = sum(leaky_relu(x)), [-1, 0, 1])", {0.01, 0.01, 1});
  require_numbers("gradient(fn(x) = sum(elu(x, 0.5)), [-1000, 0, 1000])", {0, 0.5, 1});
  require_numbers("gradient(fn(x) = sum(gelu(x)), [-1000, 0, 1000])", {0, 0.5, 1});
  require_numbers("gradient(fn(x) = sum(log_softmax(x) * [1, 0]), [1000, 0])", {0, 0});
}

TEST_CASE("draws repeat with their seed, and are fresh without") {
  CHECK(type_of("sample(Normal(0, 1))") == "real");
  CHECK(type_of("sample(Normal(0, 1), 5)") == "real[5]");
  CHECK(type_of("sample(Normal([0, 1], 1), [5, 3])") == "real[5, 3, 2]");
  CHECK(type_of("sample(Categorical([0.2, 0.8]), 5)") == "int[5]");
  CHECK(shown("sample(Normal(0, 1), 5, seed = 4)") == shown("sample(Normal(0, 1), 5, seed = 4)"));
  CHECK(shown("sample(Normal(0, 1), 5, seed = 4)") != shown("sample(Normal(0, 1), 5, seed = 5)"));
  CHECK(shown("sample(Normal(0, 1)) == sample(Normal(0, 1))") == "false");
  CHECK(error_of("sample(Normal(0, 1), -1)") == "bad-argument");
  CHECK(error_of("sample(3)") == "wrong-type");
  // inside a derivative the same draws as outside
  require_numbers(
      "gradient(fn(m) = sum(sample(Normal(m, 1), 3, seed = 9)) * m, 2.0) - "
      "(sum(sample(Normal(2, 1), 3, seed = 9)) + 6)",
      {0}, 1e-12);
  // 1e5 draws: the standard error of the mean is 0.0063, of the sd 0.0045; five of them
  CHECK(numbers_of("mean(sample(Normal(3, 2), 100_000, seed = 1))").at(0) == Approx(3).margin(0.032));
  CHECK(numbers_of("sd(sample(Normal(3, 2), 100_000, seed = 1))").at(0) == Approx(2).margin(0.023));
}

TEST_CASE("log densities, entropies, divergences") {
  require_numbers("log_density(Normal(1, 2), [1, 3])",
                  {-0.5 * std::log(8 * M_PI), -0.5 * std::log(8 * M_PI) - 0.5});
  require_numbers("log_density(Exponential(2), -1)", {-HUGE_VAL});
  require_numbers("log_density(Poisson(2), 3)", {std::log(8.0 / 6) - 2});
  require_numbers("entropy(Normal(5, 2))", {0.5 * std::log(8 * M_PI * M_E)});
  require_numbers("kl(Normal(1, 2), Normal(0, 1))", {-std::log(2.0) + (4 + 1) / 2.0 - 0.5});
  CHECK(error_of("kl(Normal(0, 1), Gamma(1, 1))") == "no-closed-form");
  CHECK(error_of("log_density(Normal(0, -1), 0)") == "bad-parameter");
}
