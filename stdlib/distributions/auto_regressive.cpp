// Autoregressive process as one vector: each entry's deviation from the mean is a linear function of the p
// deviations before it, plus noise. Before the first entry there is no deviation: the process starts at rest.
#include "stdlib/distributions/list.hpp"
#include "stdlib/distributions/matrix_building.hpp"

namespace elbo::stdlib {
namespace {

using runtime::solve_lower;
using runtime::solve_lower_vector;
using runtime::times_vector;

// Parameters: coefficients [p], sd, length (a known whole number n), mean.

std::int64_t length(Parameters p) { return known_length(p[2], "length"); }

Expr row(Expr like, std::int64_t count, double value) {
  return like.graph().constant(
      runtime::Tensor({count}, std::vector<double>(static_cast<std::size_t>(count), value)));
}

/// A joined before x along the last dimension, for all of its batch.
Expr before(Expr front, Expr x) {
  runtime::Shape shape = x.type().event;
  shape.back() = size_of(front);
  return runtime::concatenate({broadcast(front, {}, shape), x}, -1);
}

/// Deviations less what those before them say: [..., n] for deviations [..., n].
Expr innovations(Expr deviations, Expr coefficients) {
  const std::int64_t n = size_of(deviations), p = size_of(coefficients);
  std::vector<std::int64_t> places;
  for (std::int64_t t = 0; t < n; ++t) {
    for (std::int64_t k = 1; k <= p; ++k) places.push_back(p + t - k);
  }
  const Expr lagged = gather(before(row(deviations, p, 0), deviations),
                             deviations.graph().constant(runtime::Tensor({n, p}, std::move(places))), -1);
  return deviations - sum_dim(lagged * over_columns(coefficients), -1);
}

/// The matrix A with A deviations = innovations: 1 on the diagonal, -coefficients[k] k below it.
Expr innovation_matrix(Expr coefficients, std::int64_t n) {
  const std::int64_t p = size_of(coefficients);
  const Expr values =
      before(coefficients.graph().constant(runtime::Tensor({2}, std::vector<double>{0, 1})), -coefficients);
  std::vector<std::int64_t> places;
  for (std::int64_t i = 0; i < n; ++i) {
    for (std::int64_t j = 0; j < n; ++j) places.push_back(j <= i && i - j <= p ? 1 + i - j : 0);
  }
  return gather(values, coefficients.graph().constant(runtime::Tensor({n, n}, std::move(places))), -1);
}

Expr log_density(Expr x, Parameters p) {
  const Expr z = innovations(x - as_column(p[3]), p[0]) * (1.0 / as_column(p[1]));
  return -0.5 * sum_dim(square(z), -1) - real_size(x) * (log(p[1]) + half_log_2_pi);
}

Expr sample(Parameters p, const DrawShape& shape) {
  const Expr matrix = innovation_matrix(p[0], shape.event.back());
  return as_column(p[3]) + as_column(p[1]) * solve_lower_vector(matrix, standard_normal(p, shape));
}

/// Responses of each entry to the innovations: A^-1.
Expr responses(Parameters p) {
  const std::int64_t n = length(p);
  return solve_lower(innovation_matrix(p[0], n), runtime::identity_matrix(p[0].graph(), n));
}

Expr variance(Parameters p) {
  const Expr own = square(as_column(p[1])) * sum_dim(square(responses(p)), -1);
  return spread_over(own, as_column(p[3]));
}

Expr mean(Parameters p) { return spread_over(as_column(p[3]), variance(p)); }

Expr entropy(Parameters p) {
  const Expr each = static_cast<double>(length(p)) * (log(p[1]) + half_log_2_pi + 0.5);
  return spread_over(each, sum_dim(p[0], -1));
}

/// With A of q: (|A responses of p|^2 sd_p^2 + |A 1|^2 (mean_p - mean_q)^2) / sd_q^2, and the terms of
/// normals.
Expr kl(Parameters p, Parameters q) {
  const std::int64_t n = length(p);
  const auto size = static_cast<double>(n);
  const Expr matrix = innovation_matrix(q[0], n);
  const Expr spread = sum_of_squares(runtime::matrix_product(matrix, responses(p))) * square(p[1] / q[1]);
  const Expr constant = sum_dim(square(times_vector(matrix, row(p[0], n, 1))), -1);
  const Expr shift = constant * square((p[3] - q[3]) / q[1]);
  return size * (log(q[1]) - log(p[1])) + 0.5 * (spread + shift - size);
}

}  // namespace

const runtime::Distribution auto_regressive{
    .name = "AutoRegressive",
    .summary = "path of an autoregressive process of known length, as one vector",
    .formula =
        "product over t of Normal(x[t] | mean + sum over k of coefficients[k] (x[t - k] - mean), sd), "
        "with x = mean before the first",
    .parameters = {{"coefficients", &runtime::real_support, "", "of the last entry, the one before it, …"},
                   {"sd", &runtime::positive_support, "", "standard deviation of the noise"},
                   {"length", &runtime::natural_support, "", "number of entries, known"},
                   {"mean", &runtime::real_support, "0", "level that the process returns to"}},
    .alternatives = {{.name = "precision",
                      .replaces = "sd",
                      .support = &runtime::positive_support,
                      .help = "1 / sd^2",
                      .canonical = [](Expr precision) { return 1.0 / sqrt(precision); },
                      .from_canonical = [](Expr sd) { return 1.0 / square(sd); },
                      .log_density = nullptr}},
    .event_rank = 1,
    .parameter_ranks = {1, 0, 0, 0},
    .outcome_shape = [](Parameters p) { return runtime::Shape{length(p)}; },
    .problem = [](Parameters p) { return length_problem(p[2], "length"); },
    .support =
        [](Parameters) {
          return runtime::Support{&runtime::real_support, {}};
        },
    .log_density = log_density,
    .sample = sample,
    .pathwise = runtime::Pathwise::location_scale,
    .mean = mean,
    .variance = variance,
    .entropy = entropy,
    .kl = kl,
    .test_points = {{0.6, -0.3, 0.7, 4, 1}, {0.9, 2, 3, 0}, {0.5, 0.2, 0.1, 1.5, 2, -1}},
    .example = R"(# A series of order two.
let y = [0.3, 0.6, 0.2, -0.4, -0.5, 0.1, 0.5, 0.4, -0.1, -0.6]

model series(y) {
  phi ~ Normal(0, 0.5, size = 2)
  y ~ AutoRegressive(phi, sd = 0.3, length = 10)
}

print("{:.4f}", log_density(AutoRegressive([0.5], 1, length = 3), [0.4, 0.9, 0.7]))
let fit = infer(series(y), bbvi(), steps = 800, seed = 1)
print("oscillates: {}", fit.mean.phi[2] < 0)
)",
};

}  // namespace elbo::stdlib
