// Normal distribution of a vector whose covariance is a matrix of few columns times its transpose, plus a
// diagonal: factor analysis, and guides between mean_field() and a full covariance. Cost n r^2 rather than
// n^3, by the identities of Woodbury and Sylvester.
#include "stdlib/distributions/list.hpp"
#include "stdlib/distributions/matrix_building.hpp"

namespace elbo::stdlib {
namespace {

using runtime::cholesky;
using runtime::matrix_product;
using runtime::solve_lower;
using runtime::solve_lower_vector;
using runtime::times_vector;
using runtime::transpose;

// Parameters: mean [n], factor [n, r], diagonal [n] (variances).

/// S^-1 = D^-1 - B' B for B = K^-1 W' D^-1, where K K' = 1 + W' D^-1 W; and det S = det D det(K)^2.
struct Inverse {
  Expr capacitance;  ///< K [r, r]
  Expr reduced;      ///< B [r, n]
  Expr diagonal;     ///< D [n]

  explicit Inverse(Parameters p) : diagonal(p[2]) {
    const Expr scaled = p[1] / over_rows(p[2]);
    const Expr one = runtime::identity_matrix(p[1].graph(), size_of(p[1]));
    capacitance = cholesky(one + matrix_product(transpose(p[1]), scaled));
    reduced = solve_lower(capacitance, transpose(scaled));
  }

  /// log det S / 2.
  Expr half_log_det() const { return log_det_factor(capacitance) + 0.5 * sum_dim(log(diagonal), -1); }

  /// x' S^-1 x.
  Expr distance(Expr x) const {
    return sum_dim(square(x) / diagonal, -1) - sum_dim(square(times_vector(reduced, x)), -1);
  }
};

Expr log_density(Expr x, Parameters p) {
  const Inverse inverse(p);
  return -0.5 * inverse.distance(x - p[0]) - (inverse.half_log_det() + half_log_2_pi * real_size(p[2]));
}

Expr sample(Parameters p, const DrawShape& shape) {
  runtime::Shape few = shape.event;
  few.back() = size_of(p[1]);
  const Expr common = random_normal(p[0].graph(), shape.axes, few);
  return p[0] + times_vector(p[1], common) + sqrt(p[2]) * standard_normal(p, shape);
}

Expr variance_of(Parameters p) { return sum_dim(square(p[1]), -1) + p[2]; }

Expr mean(Parameters p) { return spread_over(p[0], variance_of(p)); }
Expr variance(Parameters p) { return spread_over(variance_of(p), p[0]); }

Expr entropy(Parameters p) { return Inverse(p).half_log_det() + (half_log_2_pi + 0.5) * real_size(p[2]); }

/// tr(Sq^-1 Sp), with Sp = Wp Wp' + Dp, from the parts of both.
Expr kl(Parameters p, Parameters q) {
  const Inverse from(p), to(q);
  const Expr own = 1.0 / q[2] - sum_dim(square(to.reduced), -2);  // diagonal of Sq^-1
  const Expr columns =
      sum_of_squares(p[1] / over_rows(sqrt(q[2]))) - sum_of_squares(matrix_product(to.reduced, p[1]));
  const Expr trace = sum_dim(own * p[2], -1) + columns;
  return to.half_log_det() - from.half_log_det() + 0.5 * (trace + to.distance(p[0] - q[0]) - real_size(p[2]));
}

std::string problem(Parameters p) {
  const runtime::Shape& factor = p[1].type().event;
  const std::string rows = size_problem("mean", size_of(p[0]), "factor", factor[factor.size() - 2]);
  return !rows.empty() ? rows : size_problem("mean", size_of(p[0]), "diagonal", size_of(p[2]));
}

}  // namespace

const runtime::Distribution low_rank_normal{
    .name = "LowRankNormal",
    .summary = "normal of a vector with covariance factor factor' + diagonal; factor analysis",
    .formula = "MultivariateNormal(mean, covariance = factor factor' + diagonal)",
    .parameters = {{"mean", &runtime::real_support, "", "centre, a vector of n"},
                   {"factor", &runtime::real_support, "", "matrix of n rows and a few columns"},
                   {"diagonal", &runtime::positive_support, "",
                    "variances that are each entry's own, a vector"}},
    .alternatives = {},
    .event_rank = 1,
    .parameter_ranks = {1, 2, 1},
    .problem = problem,
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
    .test_points = {{0.5, -1, 2, 0.6, -0.3, 1, 0.4, 1.5}, {2, 0.7, 0.3}},
    .example = R"(# Four scores that share one factor.
let x = [[1.2, 0.9, 1.1, 0.2], [-0.4, -1.1, -0.6, 0.3], [2.0, 1.4, 1.7, -0.1], [-1.7, -0.6, -1.2, 0.0]]
let loading = [[1.0], [0.8], [0.9], [0.1]]

model scores(x) {
  m ~ Normal(0, 1, size = 4)
  for i in 1:4 {
    x[i] ~ LowRankNormal(m, loading, diagonal = [0.2, 0.2, 0.2, 0.2])
  }
}

print("{:.4f}", log_density(LowRankNormal([0, 0, 0, 0], loading, [0.2, 0.2, 0.2, 0.2]), x))
let fit = infer(scores(x), bbvi(), steps = 500, seed = 1)
print("{:.1f}", fit.mean.m[1])
)",
};

}  // namespace elbo::stdlib
