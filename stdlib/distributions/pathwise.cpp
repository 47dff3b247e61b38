// Figurnov, Mohamed, Mnih, "Implicit reparameterization gradients", NeurIPS 2018.
#include "stdlib/distributions/pathwise.hpp"

#include "runtime/differentiate.hpp"
#include "stdlib/distributions/building.hpp"
#include "stdlib/distributions/list.hpp"

namespace elbo::stdlib {
namespace {

using Derivatives = std::vector<Expr>;

/// Distributions whose draws are functions of one gamma or beta number: its own derivative keeps its digits
/// in the tails, where a distribution function and a density underflow.
struct Own {
  const runtime::Distribution* distribution;
  Derivatives (*derivatives)(Expr x, Parameters p);
};

const Own own[] = {
    {&gamma,
     [](Expr x, Parameters p) -> Derivatives {
       return {gamma_pathwise(p[0], x * p[1]) / p[1], -x / p[1]};
     }},
    {&inverse_gamma,  // scale / Gamma(shape)
     [](Expr x, Parameters p) -> Derivatives {
       return {-square(x) / p[1] * gamma_pathwise(p[0], p[1] / x), x / p[1]};
     }},
    {&chi_squared,  // 2 Gamma(df / 2)
     [](Expr x, Parameters p) -> Derivatives { return {gamma_pathwise(0.5 * p[0], 0.5 * x)}; }},
    {&inverse_chi_squared,  // 1 / (2 Gamma(df / 2))
     [](Expr x, Parameters p) -> Derivatives { return {-square(x) * gamma_pathwise(0.5 * p[0], 0.5 / x)}; }},
    {&beta,
     [](Expr x, Parameters p) -> Derivatives {
       const runtime::BetaPath path = beta_pathwise(p[0], p[1], x);
       return {path.in_a, path.in_b};
     }},
    {&student_t,
     [](Expr x, Parameters p) -> Derivatives {
       const Expr t = (x - p[1]) / p[2];
       return {p[2] * student_t_pathwise(p[0], t), number(x, 1), t};
     }},
};

}  // namespace

std::vector<Expr> pathwise_derivative(const runtime::DistributionCall& call, Expr x) {
  for (const Own& row : own) {
    if (row.distribution == call.distribution) return row.derivatives(x, call.canonical);
  }
  if (!call.distribution->cdf) return {};
  // Fresh inputs, spread to the outcome's shape: the derivative of the sum is then each element's own.
  runtime::Graph& graph = x.graph();
  const Expr fixed = stop_gradient(x);
  std::vector<Expr> at, spread;
  std::unordered_map<runtime::NodeId, Expr> values;
  Expr shape = x;
  for (const Expr& p : call.canonical) shape = shape + 0.0 * p;
  const runtime::Type type = shape.type();
  for (const Expr& p : call.canonical) {
    at.push_back(graph.input("parameter", {type.axes, type.event, runtime::Domain::real}));
    values.emplace(at.back().id(), broadcast(p, type.axes, type.event));
  }
  const Expr cdf = call.distribution->cdf(fixed, at);
  const Expr density = exp(call.distribution->log_density(fixed, at));
  std::vector<Expr> slopes = runtime::gradient(sum_all(cdf), at);
  for (Expr& slope : slopes) slope = -slope / density;
  return runtime::substitute(slopes, values);
}

}  // namespace elbo::stdlib
