// The incomplete gamma and beta functions: distribution functions of Gamma and Beta, their inverses, and
// their derivatives in the shapes, which are operations of their own. Third derivatives in shapes only are
// not known: they are NaN.
#include <limits>

#include "runtime/expression.hpp"
#include "runtime/operations/operations.hpp"

namespace elbo::runtime {

namespace {

using Inputs = std::span<const Expr>;

Expr unknown(Expr like) { return like.graph().constant(std::numeric_limits<double>::quiet_NaN()); }
Expr node(const Operation& operation, Expr a, Expr b) { return a.graph().add(operation, {a, b}); }
Expr node(const Operation& operation, Inputs in) { return in[0].graph().add(operation, in); }

Expr positive_and_finite(Expr x) {
  const Expr infinite = x.graph().constant(std::numeric_limits<double>::infinity());
  return logical_and(less(x.graph().constant(0), x), less(x, infinite));
}

/// d P(a, x) / dx.
Expr gamma_density(Expr a, Expr x) { return node(gamma_density_operation, a, x); }

/// d P(a, x) / da, which is 0 at both ends. `inside` keeps the ends out of what is not taken.
Expr gamma_in_shape(Expr a, Expr x) {
  const Expr is_inside = positive_and_finite(x);
  const Expr inside = select(is_inside, x, x.graph().constant(1));
  const Expr log_x = log(inside);
  const Expr slope = inside * gamma_density(a, inside) * node(gamma_shape_operation, a, log_x);
  return select(is_inside, slope, x.graph().constant(0));
}

/// First derivatives of the gamma's log density and of the beta's in a shape.
Expr log_gamma_slope(Expr a, Expr log_x) { return log_x - digamma(a); }
Expr log_beta_slope(Expr a, Expr b, Expr log_x) { return log_x - digamma(a) + digamma(a + b); }

Expr beta_density(Expr a, Expr b, Expr x) { return a.graph().add(beta_density_operation, {a, b, x}); }

/// d I_x(a, b) / da or db, which is 0 at both ends.
Expr beta_in_shape(const Operation& over_density, Expr a, Expr b, Expr x) {
  const Expr zero = x.graph().constant(0);
  const Expr is_inside = logical_and(less(zero, x), less(x, x.graph().constant(1)));
  const Expr inside = select(is_inside, x, x.graph().constant(0.5));
  const Expr slope = beta_density(a, b, inside) * node(over_density, std::vector<Expr>{a, b, inside});
  return select(is_inside, slope, zero);
}

/// What the derivatives over the density have in common.
struct BetaSlopes {
  Expr a, b;  ///< of the log density in a and in b
  Expr x;     ///< in x
  explicit BetaSlopes(Inputs in)
      : a(log_beta_slope(in[0], in[1], log(in[2]))),
        b(log_beta_slope(in[1], in[0], log1p(-in[2]))),
        x((in[0] - 1.0) / in[2] - (in[1] - 1.0) / (1.0 - in[2])) {}
};

/// Second derivatives of the log density: trigamma of the sum, less trigamma of the shape where both are one.
Expr mixed_curvature(Inputs in) { return polygamma(1, in[0] + in[1]); }
Expr own_curvature(Inputs in, std::size_t i) { return mixed_curvature(in) - polygamma(1, in[i]); }

/// Of a second derivative: in x only. `density_part` is the same derivative of the density, over the density.
std::vector<Expr> second_order(Expr out, Expr ct, Expr density_part, Expr slope_in_x) {
  return {ct * unknown(out), ct * unknown(out), ct * (density_part - out * slope_in_x)};
}

}  // namespace

const Operation gamma_p_operation{
    .name = "gamma_p",
    .symbol = "",
    .signature = "gamma_p(a, x)",
    .help = "regularised lower incomplete gamma function: probability that a Gamma(a, 1) is below x",
    .arity = 2,
    .infer = elementwise_real_type,
    .elementwise = &KernelTable::gamma_p,
    .gradient = [](Inputs in, Expr, Expr ct) -> std::vector<Expr> {
      return {ct * gamma_in_shape(in[0], in[1]), ct * gamma_density(in[0], in[1])};
    },
    .test_lower = 0.5,
    .test_upper = 4,
};

const Operation gamma_q_operation{
    .name = "gamma_q",
    .symbol = "",
    .signature = "gamma_q(a, x)",
    .help = "1 - gamma_p(a, x), accurate for large x",
    .arity = 2,
    .infer = elementwise_real_type,
    .elementwise = &KernelTable::gamma_q,
    .gradient = [](Inputs in, Expr, Expr ct) -> std::vector<Expr> {
      return {-ct * gamma_in_shape(in[0], in[1]), -ct * gamma_density(in[0], in[1])};
    },
    .test_lower = 0.5,
    .test_upper = 4,
};

const Operation gamma_density_operation{
    .name = "gamma_density",
    .symbol = {},
    .signature = {},
    .help = "density of Gamma(a, 1) at x",
    .arity = 2,
    .infer = elementwise_real_type,
    .elementwise = &KernelTable::gamma_density,
    .gradient = [](Inputs in, Expr out, Expr ct) -> std::vector<Expr> {
      const Expr slope = ct * out;
      return {slope * log_gamma_slope(in[0], log(in[1])), slope * ((in[0] - 1.0) / in[1] - 1.0)};
    },
    .test_lower = 0.5,
    .test_upper = 4,
};

const Operation gamma_quantile_operation{
    .name = "gamma_quantile",
    .symbol = "",
    .signature = "gamma_quantile(a, p)",
    .help = "inverse of gamma_p(a, x) in x, 0 <= p <= 1",
    .arity = 2,
    .infer = elementwise_real_type,
    .elementwise = &KernelTable::gamma_quantile,
    .gradient = [](Inputs in, Expr out, Expr ct) -> std::vector<Expr> {
      return {ct * gamma_pathwise(in[0], out), ct / gamma_density(in[0], out)};
    },
    .test_lower = 0.3,
    .test_upper = 0.8,
};

const Operation gamma_upper_quantile_operation{
    .name = "gamma_upper_quantile",
    .symbol = "",
    .signature = "gamma_upper_quantile(a, q)",
    .help = "inverse of gamma_q(a, x) in x, 0 <= q <= 1",
    .arity = 2,
    .infer = elementwise_real_type,
    .elementwise = &KernelTable::gamma_upper_quantile,
    .gradient = [](Inputs in, Expr out, Expr ct) -> std::vector<Expr> {
      return {ct * gamma_pathwise(in[0], out), -ct / gamma_density(in[0], out)};
    },
    .test_lower = 0.3,
    .test_upper = 0.8,
};

const Operation gamma_shape_operation{
    .name = "gamma_shape",
    .symbol = {},
    .signature = {},
    .help = "derivative of gamma_p(a, exp(l)) in a over the density of l",
    .arity = 2,
    .infer = elementwise_real_type,
    .elementwise = &KernelTable::gamma_shape,
    .gradient = [](Inputs in, Expr out, Expr ct) -> std::vector<Expr> {
      const Expr slope = log_gamma_slope(in[0], in[1]);
      return {ct * (node(gamma_shape_shape_operation, in) - out * slope),
              ct * (slope - out * (in[0] - exp(in[1])))};
    },
    .test_lower = 0.3,
    .test_upper = 1.5,
};

const Operation gamma_shape_shape_operation{
    .name = "gamma_shape_shape",
    .symbol = {},
    .signature = {},
    .help = "second derivative of gamma_p(a, exp(l)) in a over the density of l",
    .arity = 2,
    .infer = elementwise_real_type,
    .elementwise = &KernelTable::gamma_shape_shape,
    .gradient = [](Inputs in, Expr out, Expr ct) -> std::vector<Expr> {
      const Expr density_part = square(log_gamma_slope(in[0], in[1])) - polygamma(1, in[0]);
      return {ct * unknown(out), ct * (density_part - out * (in[0] - exp(in[1])))};
    },
    .test_lower = 0.3,
    .test_upper = 1.5,
};

const Operation beta_cdf_operation{
    .name = "beta_cdf",
    .symbol = "",
    .signature = "beta_cdf(a, b, x)",
    .help = "regularised incomplete beta function: probability that a Beta(a, b) is below x",
    .arity = 3,
    .infer = elementwise_real_type,
    .elementwise = &KernelTable::beta_cdf,
    .gradient = [](Inputs in, Expr, Expr ct) -> std::vector<Expr> {
      return {ct * beta_in_shape(beta_a_operation, in[0], in[1], in[2]),
              ct * beta_in_shape(beta_b_operation, in[0], in[1], in[2]),
              ct * beta_density(in[0], in[1], in[2])};
    },
    .test_lower = 0.2,
    .test_upper = 0.8,
};

const Operation beta_survival_operation{
    .name = "beta_survival",
    .symbol = "",
    .signature = "beta_survival(a, b, x)",
    .help = "1 - beta_cdf(a, b, x), accurate for x near 1",
    .arity = 3,
    .infer = elementwise_real_type,
    .elementwise = &KernelTable::beta_survival,
    .gradient = [](Inputs in, Expr, Expr ct) -> std::vector<Expr> {
      return {-ct * beta_in_shape(beta_a_operation, in[0], in[1], in[2]),
              -ct * beta_in_shape(beta_b_operation, in[0], in[1], in[2]),
              -ct * beta_density(in[0], in[1], in[2])};
    },
    .test_lower = 0.2,
    .test_upper = 0.8,
};

const Operation beta_density_operation{
    .name = "beta_density",
    .symbol = {},
    .signature = {},
    .help = "density of Beta(a, b) at x",
    .arity = 3,
    .infer = elementwise_real_type,
    .elementwise = &KernelTable::beta_density,
    .gradient = [](Inputs in, Expr out, Expr ct) -> std::vector<Expr> {
      const BetaSlopes slope(in);
      const Expr both = ct * out;
      return {both * slope.a, both * slope.b, both * slope.x};
    },
    .test_lower = 0.2,
    .test_upper = 0.8,
};

const Operation beta_quantile_operation{
    .name = "beta_quantile",
    .symbol = "",
    .signature = "beta_quantile(a, b, p)",
    .help = "inverse of beta_cdf(a, b, x) in x, 0 <= p <= 1",
    .arity = 3,
    .infer = elementwise_real_type,
    .elementwise = &KernelTable::beta_quantile,
    .gradient = [](Inputs in, Expr out, Expr ct) -> std::vector<Expr> {
      const BetaPath path = beta_pathwise(in[0], in[1], out);
      return {ct * path.in_a, ct * path.in_b, ct / beta_density(in[0], in[1], out)};
    },
    .test_lower = 0.3,
    .test_upper = 0.8,
};

const Operation beta_a_operation{
    .name = "beta_a",
    .symbol = {},
    .signature = {},
    .help = "derivative of beta_cdf(a, b, x) in a over the density",
    .arity = 3,
    .infer = elementwise_real_type,
    .elementwise = &KernelTable::beta_a,
    .gradient = [](Inputs in, Expr out, Expr ct) -> std::vector<Expr> {
      const BetaSlopes slope(in);
      return {ct * (node(beta_aa_operation, in) - out * slope.a),
              ct * (node(beta_ab_operation, in) - out * slope.b), ct * (slope.a - out * slope.x)};
    },
    .test_lower = 0.2,
    .test_upper = 0.8,
};

const Operation beta_b_operation{
    .name = "beta_b",
    .symbol = {},
    .signature = {},
    .help = "derivative of beta_cdf(a, b, x) in b over the density",
    .arity = 3,
    .infer = elementwise_real_type,
    .elementwise = &KernelTable::beta_b,
    .gradient = [](Inputs in, Expr out, Expr ct) -> std::vector<Expr> {
      const BetaSlopes slope(in);
      return {ct * (node(beta_ab_operation, in) - out * slope.a),
              ct * (node(beta_bb_operation, in) - out * slope.b), ct * (slope.b - out * slope.x)};
    },
    .test_lower = 0.2,
    .test_upper = 0.8,
};

const Operation beta_aa_operation{
    .name = "beta_aa",
    .symbol = {},
    .signature = {},
    .help = "second derivative of beta_cdf(a, b, x) in a over the density",
    .arity = 3,
    .infer = elementwise_real_type,
    .elementwise = &KernelTable::beta_aa,
    .gradient = [](Inputs in, Expr out, Expr ct) -> std::vector<Expr> {
      const BetaSlopes slope(in);
      return second_order(out, ct, square(slope.a) + own_curvature(in, 0), slope.x);
    },
    .test_lower = 0.2,
    .test_upper = 0.8,
};

const Operation beta_ab_operation{
    .name = "beta_ab",
    .symbol = {},
    .signature = {},
    .help = "derivative of beta_cdf(a, b, x) in a and b over the density",
    .arity = 3,
    .infer = elementwise_real_type,
    .elementwise = &KernelTable::beta_ab,
    .gradient = [](Inputs in, Expr out, Expr ct) -> std::vector<Expr> {
      const BetaSlopes slope(in);
      return second_order(out, ct, slope.a * slope.b + mixed_curvature(in), slope.x);
    },
    .test_lower = 0.2,
    .test_upper = 0.8,
};

const Operation beta_bb_operation{
    .name = "beta_bb",
    .symbol = {},
    .signature = {},
    .help = "second derivative of beta_cdf(a, b, x) in b over the density",
    .arity = 3,
    .infer = elementwise_real_type,
    .elementwise = &KernelTable::beta_bb,
    .gradient = [](Inputs in, Expr out, Expr ct) -> std::vector<Expr> {
      const BetaSlopes slope(in);
      return second_order(out, ct, square(slope.b) + own_curvature(in, 1), slope.x);
    },
    .test_lower = 0.2,
    .test_upper = 0.8,
};

}  // namespace elbo::runtime
