// Special functions: lgamma and its derivatives, the error function and the normal distribution function.
// Formulas of the derivatives: Abramowitz and Stegun, chapters 6 and 7.
#include <cmath>

#include "runtime/expression.hpp"
#include "runtime/operations/operations.hpp"

namespace elbo::runtime {

namespace {

const double half_log_two_pi = 0.5 * std::log(2 * M_PI);

Expr normal_density(Expr x) { return exp(-0.5 * square(x) - half_log_two_pi); }

}  // namespace

const Operation lgamma_operation{
    .name = "lgamma",
    .symbol = "",
    .signature = "lgamma(x)",
    .help = "log of the absolute value of the gamma function",
    .arity = 1,
    .infer = elementwise_real_type,
    .elementwise = &KernelTable::lgamma,
    .gradient = [](std::span<const Expr> in, Expr out, Expr ct) -> std::vector<Expr> {
      [[maybe_unused]] const Expr x = in[0];
      [[maybe_unused]] const Expr y = out;
      return {ct * digamma(x)};
    },
    .test_lower = 0.2,
    .test_upper = 5,
};

const Operation digamma_operation{
    .name = "digamma",
    .symbol = "",
    .signature = "digamma(x)",
    .help = "derivative of lgamma",
    .arity = 1,
    .infer = elementwise_real_type,
    .elementwise = &KernelTable::digamma,
    .gradient = [](std::span<const Expr> in, Expr out, Expr ct) -> std::vector<Expr> {
      [[maybe_unused]] const Expr x = in[0];
      [[maybe_unused]] const Expr y = out;
      return {ct * polygamma(1, x)};
    },
    .test_lower = 0.3,
    .test_upper = 5,
};

const Operation trigamma_operation{
    .name = "trigamma",
    .symbol = "",
    .signature = "trigamma(x)",
    .help = "second derivative of lgamma",
    .arity = 1,
    .infer = elementwise_real_type,
    .elementwise = &KernelTable::trigamma,
    .gradient = [](std::span<const Expr> in, Expr out, Expr ct) -> std::vector<Expr> {
      [[maybe_unused]] const Expr x = in[0];
      [[maybe_unused]] const Expr y = out;
      return {ct * polygamma(2, x)};
    },
    .test_lower = 0.4,
    .test_upper = 5,
};

const Operation polygamma_operation{
    .name = "polygamma",
    .symbol = "",
    .signature = "polygamma(n, x)",
    .help = "derivative of order n of digamma",
    .arity = 2,
    .infer = elementwise_real_type,
    .elementwise = &KernelTable::polygamma,
    .gradient = [](std::span<const Expr> in, Expr out, Expr ct) -> std::vector<Expr> {
      [[maybe_unused]] const Expr a = in[0], b = in[1], y = out;
      return {Expr(), ct * y.graph().add(polygamma_operation, {a + 1.0, b})};
    },
};

const Operation erf_operation{
    .name = "erf",
    .symbol = "",
    .signature = "erf(x)",
    .help = "error function",
    .arity = 1,
    .infer = elementwise_real_type,
    .elementwise = &KernelTable::erf,
    .gradient = [](std::span<const Expr> in, Expr out, Expr ct) -> std::vector<Expr> {
      [[maybe_unused]] const Expr x = in[0];
      [[maybe_unused]] const Expr y = out;
      return {ct * (2.0 / std::sqrt(M_PI)) * exp(-square(x))};
    },
    .test_lower = -2,
    .test_upper = 2,
};

const Operation erfc_operation{
    .name = "erfc",
    .symbol = "",
    .signature = "erfc(x)",
    .help = "1 - erf(x), accurate for large x",
    .arity = 1,
    .infer = elementwise_real_type,
    .elementwise = &KernelTable::erfc,
    .gradient = [](std::span<const Expr> in, Expr out, Expr ct) -> std::vector<Expr> {
      [[maybe_unused]] const Expr x = in[0];
      [[maybe_unused]] const Expr y = out;
      return {ct * (-2.0 / std::sqrt(M_PI)) * exp(-square(x))};
    },
    .test_lower = -2,
    .test_upper = 2,
};

const Operation normal_cdf_operation{
    .name = "normal_cdf",
    .symbol = "",
    .signature = "normal_cdf(x)",
    .help = "probability that a standard normal is below x",
    .arity = 1,
    .infer = elementwise_real_type,
    .elementwise = &KernelTable::normal_cdf,
    .gradient = [](std::span<const Expr> in, Expr out, Expr ct) -> std::vector<Expr> {
      [[maybe_unused]] const Expr x = in[0];
      [[maybe_unused]] const Expr y = out;
      return {ct * normal_density(x)};
    },
    .test_lower = -2,
    .test_upper = 2,
};

const Operation normal_log_cdf_operation{
    .name = "normal_log_cdf",
    .symbol = "",
    .signature = "normal_log_cdf(x)",
    .help = "log of normal_cdf(x), accurate far in the tail",
    .arity = 1,
    .infer = elementwise_real_type,
    .elementwise = &KernelTable::normal_log_cdf,
    .gradient = [](std::span<const Expr> in, Expr out, Expr ct) -> std::vector<Expr> {
      [[maybe_unused]] const Expr x = in[0];
      [[maybe_unused]] const Expr y = out;
      return {ct * exp(-0.5 * square(x) - y - half_log_two_pi)};
    },
    .test_lower = -3,
    .test_upper = 2,
};

const Operation normal_quantile_operation{
    .name = "normal_quantile",
    .symbol = "",
    .signature = "normal_quantile(p)",
    .help = "inverse of normal_cdf, 0 < p < 1",
    .arity = 1,
    .infer = elementwise_real_type,
    .elementwise = &KernelTable::normal_quantile,
    .gradient = [](std::span<const Expr> in, Expr out, Expr ct) -> std::vector<Expr> {
      [[maybe_unused]] const Expr x = in[0];
      [[maybe_unused]] const Expr y = out;
      return {ct / normal_density(y)};
    },
    .test_lower = 0.1,
    .test_upper = 0.9,
};

const Operation log_binomial_operation{
    .name = "log_binomial",
    .symbol = "",
    .signature = "log_binomial(n, k)",
    .help = "log of n choose k",
    .arity = 2,
    .infer = elementwise_real_type,
    .elementwise = &KernelTable::log_binomial,
    .gradient = [](std::span<const Expr> in, Expr out, Expr ct) -> std::vector<Expr> {
      [[maybe_unused]] const Expr a = in[0], b = in[1], y = out;
      return {ct * (digamma(a + 1.0) - digamma(a - b + 1.0)), ct * (digamma(a - b + 1.0) - digamma(b + 1.0))};
    },
};

const Operation xlogy_operation{
    .name = "xlogy",
    .symbol = "",
    .signature = "xlogy(x, y)",
    .help = "x log y, and 0 where x is 0",
    .arity = 2,
    .infer = elementwise_real_type,
    .elementwise = &KernelTable::xlogy,
    .gradient = [](std::span<const Expr> in, Expr out, Expr ct) -> std::vector<Expr> {
      [[maybe_unused]] const Expr a = in[0], b = in[1], y = out;
      return {ct * log(b), ct * select(equal(a, a.graph().constant(0)), a.graph().constant(0), a / b)};
    },
    .test_lower = 0.2,
    .test_upper = 2,
};

}  // namespace elbo::runtime
