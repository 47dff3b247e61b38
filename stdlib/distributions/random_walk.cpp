// Gaussian random walk as one vector: x[1] is one step from `start`, and each later entry one from the last.
#include "stdlib/distributions/list.hpp"
#include "stdlib/distributions/matrix_building.hpp"

namespace elbo::stdlib {
namespace {

// Parameters: sd, length (a known whole number n), start, drift.

/// The steps of a walk, from its start.
Expr steps(Expr x, Expr start) {
  const Expr path = spread_over(x, as_column(start));
  runtime::Shape shape = path.type().event;
  shape.back() = 1;
  const Expr first = broadcast(as_column(start), path.type().axes, shape);
  std::vector<std::int64_t> places;
  for (std::int64_t i = 0; i < size_of(x); ++i) places.push_back(i);
  const Expr all_but_last = x.graph().constant(runtime::Tensor({size_of(x)}, std::move(places)));
  return path - gather(runtime::concatenate({first, path}, -1), all_but_last, -1);
}

std::int64_t length(Parameters p) { return known_length(p[1], "length"); }

Expr log_density(Expr x, Parameters p) {
  const Expr z = (steps(x, p[2]) - as_column(p[3])) * (1.0 / as_column(p[0]));
  return -0.5 * sum_dim(square(z), -1) - real_size(x) * (log(p[0]) + half_log_2_pi);
}

Expr sample(Parameters p, const DrawShape& shape) {
  const Expr moves = as_column(p[3]) + as_column(p[0]) * standard_normal(p, shape);
  return as_column(p[2]) + cumsum_dim(moves, -1);
}

/// 1, 2, …, n, with the batch of all parameters.
Expr times(Parameters p) {
  std::vector<double> values;
  for (std::int64_t t = 1; t <= length(p); ++t) values.push_back(static_cast<double>(t));
  const Expr t = p[0].graph().constant(runtime::Tensor({length(p)}, std::move(values)));
  return spread_over(spread_over(spread_over(t, as_column(p[0])), as_column(p[2])), as_column(p[3]));
}

Expr mean(Parameters p) { return as_column(p[2]) + as_column(p[3]) * times(p); }
Expr variance(Parameters p) { return square(as_column(p[0])) * times(p); }

Expr entropy(Parameters p) { return static_cast<double>(length(p)) * (log(p[0]) + half_log_2_pi + 0.5); }

/// That of the steps, which are independent; only the first ones' means differ by more than the drifts do.
Expr kl(Parameters p, Parameters q) {
  const auto n = static_cast<double>(length(p));
  const Expr drift = p[3] - q[3], first = p[2] - q[2] + drift;
  const Expr shift = square(first) + (n - 1) * square(drift);
  return n * (log(q[0]) - log(p[0]) + 0.5 * (square(p[0] / q[0]) - 1.0)) + 0.5 * shift / square(q[0]);
}

// The steps d have the density of independent normals: with a = start, b = drift and v = sd^2,
//   eta = (-1 / (2 v), a / v, b / v), T = (x[1]^2 + sum of later d^2, x[1], x[n]).
const runtime::ExponentialFamily exponential_family{
    .natural_parameters = [](Parameters p) -> std::vector<Expr> {
      const Expr precision = 1.0 / square(p[0]);
      return {-0.5 * precision, p[2] * precision, p[3] * precision};
    },
    .sufficient_statistics = [](Expr x, Parameters) -> std::vector<Expr> {
      const auto entry = [&](std::int64_t i) {
        return gather(x, x.graph().constant(runtime::Tensor({}, std::vector<std::int64_t>{i})), -1);
      };
      return {sum_dim(square(steps(x, number(x, 0))), -1), entry(0), entry(size_of(x) - 1)};
    },
    .log_partition =
        [](Parameters eta, Parameters p) {
          const auto n = static_cast<double>(length(p));
          const Expr variance = -0.5 / eta[0];
          // The first step has mean a + b, the others b.
          const Expr squares = square(eta[1] + eta[2]) + (n - 1) * square(eta[2]);
          return 0.5 * n * log(variance) + 0.5 * variance * squares;
        },
    .log_base_measure = [](Expr x,
                           Parameters) { return sum_dim(spread_over(number(x, -half_log_2_pi), x), -1); },
    .parameters = [](Parameters eta, Parameters p) -> std::vector<Expr> {
      const Expr variance = -0.5 / eta[0];
      return {sqrt(variance), p[1], eta[1] * variance, eta[2] * variance};
    },
};

}  // namespace

const runtime::Distribution random_walk{
    .name = "RandomWalk",
    .summary = "path of a Gaussian random walk of known length, as one vector",
    .formula = "product over t of Normal(x[t] | x[t - 1] + drift, sd), with x[0] = start",
    .parameters = {{"sd", &runtime::positive_support, "", "standard deviation of a step"},
                   {"length", &runtime::natural_support, "", "number of entries, known"},
                   {"start", &runtime::real_support, "0", "where the walk comes from"},
                   {"drift", &runtime::real_support, "0", "mean of a step"}},
    .alternatives = {{.name = "precision",
                      .replaces = "sd",
                      .support = &runtime::positive_support,
                      .help = "1 / sd^2",
                      .canonical = [](Expr precision) { return 1.0 / sqrt(precision); },
                      .from_canonical = [](Expr sd) { return 1.0 / square(sd); },
                      .log_density = nullptr}},
    .event_rank = 1,
    .parameter_ranks = {0, 0, 0, 0},
    .outcome_shape = [](Parameters p) { return runtime::Shape{length(p)}; },
    .problem = [](Parameters p) { return length_problem(p[1], "length"); },
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
    .exponential_family = &exponential_family,
    .kl = kl,
    .test_points = {{0.7, 4, 1, -0.2}, {2, 1, 0, 0}, {1.5, 2, -3, 1}},
    .example = R"(# A level that wanders, seen through noise.
let y = [0.3, 0.1, 0.8, 1.4, 1.1, 1.9, 2.2, 2.0]

model wandering(y) {
  level ~ RandomWalk(0.5, length = 8)
  y ~ Normal(level, 0.3)
}

print("{:.4f}", log_density(RandomWalk(0.5, length = 3), [0.4, 0.9, 0.7]))
let fit = infer(wandering(y), bbvi(), steps = 800, seed = 1)
print("the last level is above 1.5: {}", fit.mean.level[8] > 1.5)
)",
};

}  // namespace elbo::stdlib
