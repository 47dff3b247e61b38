// A record's distribution function is written for outcomes strictly inside the support of a continuous
// distribution, and for those in that of a discrete one. Here it gets its values beyond the ends, and whole
// numbers below an outcome of a discrete distribution; nothing from beyond an end reaches a gradient.
#include "runtime/distribution_functions.hpp"

#include <limits>
#include <unordered_map>

#include "runtime/differentiate.hpp"
#include "runtime/expression.hpp"

namespace elbo::runtime {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

Expr number(Expr like, double value) { return like.graph().constant(value); }

/// Ends of a support on numbers.
struct Ends {
  Expr least, greatest;
};

Ends ends_of(const Support& support, Expr like) {
  const Hull& hull = support.kind->hull;
  const auto end = [&](double value, int bound) {
    return bound < 0 ? number(like, value) : support.bounds[static_cast<std::size_t>(bound)];
  };
  return {end(hull.least, hull.least_bound), end(hull.greatest, hull.greatest_bound)};
}

/// log of a probability; where that has underflowed no gradient flows, rather than 0 / 0.
Expr log_probability(Expr x) {
  const Expr is_tiny = less(x, number(x, 1e-300));
  return select(is_tiny, log(stop_gradient(maximum(x, number(x, 0)))), log(select(is_tiny, number(x, 1), x)));
}

/// `inside` of the outcome between the ends; `below` and `above` them.
Expr between_ends(const DistributionCall& call, Expr x, double below, double above,
                  const OutcomeFunction& inside) {
  const Support where = support(call);
  const Ends ends = ends_of(where, x);
  const bool discrete = where.kind->discrete;
  const Expr is_below = discrete ? less(x, ends.least) : less_equal(x, ends.least);
  const Expr is_above = less_equal(ends.greatest, x);
  const Expr is_beyond = logical_or(is_below, is_above);
  // NaN is neither below nor above.
  Expr safe = select(is_beyond, where.kind->interior(x, where.bounds), x);
  if (discrete) safe = stop_gradient(floor(safe));
  const Expr value = inside(safe, valid_canonical(call));
  const Expr value_or_nan = select(equal(x, x), value, number(x, std::numeric_limits<double>::quiet_NaN()));
  return select(is_below, number(x, below), select(is_above, number(x, above), value_or_nan));
}

}  // namespace

Expr cdf(const DistributionCall& call, Expr x) { return between_ends(call, x, 0, 1, call.distribution->cdf); }

Expr survival(const DistributionCall& call, Expr x) {
  const Distribution& d = *call.distribution;
  if (d.survival) return between_ends(call, x, 1, 0, d.survival);
  return between_ends(call, x, 1, 0, [&d](Expr at, std::span<const Expr> p) { return 1.0 - d.cdf(at, p); });
}

Expr log_cdf(const DistributionCall& call, Expr x) {
  const Distribution& d = *call.distribution;
  if (d.log_cdf) return between_ends(call, x, -infinity, 0, d.log_cdf);
  return between_ends(call, x, -infinity, 0,
                      [&d](Expr at, std::span<const Expr> p) { return log_probability(d.cdf(at, p)); });
}

Expr log_survival(const DistributionCall& call, Expr x) {
  const Distribution& d = *call.distribution;
  if (d.log_survival) return between_ends(call, x, 0, -infinity, d.log_survival);
  return between_ends(call, x, 0, -infinity, [&d](Expr at, std::span<const Expr> p) {
    return log_probability(d.survival ? d.survival(at, p) : 1.0 - d.cdf(at, p));
  });
}

Expr quantile(const DistributionCall& call, Expr p) {
  const Ends ends = ends_of(support(call), p);
  const Expr is_least = equal(p, number(p, 0)), is_greatest = equal(p, number(p, 1));
  const Expr inside = logical_and(less(number(p, 0), p), less(p, number(p, 1)));
  const Expr safe = select(inside, p, number(p, 0.5));
  const Expr value = call.distribution->quantile(safe, valid_canonical(call));
  const Expr outside = number(p, std::numeric_limits<double>::quiet_NaN());
  return select(inside, value, select(is_least, ends.least, select(is_greatest, ends.greatest, outside)));
}

// Figurnov, Mohamed, Mnih, "Implicit reparameterization gradients", NeurIPS 2018.
std::vector<Expr> pathwise_derivative(const DistributionCall& call, Expr x) {
  const Distribution& d = *call.distribution;
  if (d.pathwise_derivative) return d.pathwise_derivative(x, call.canonical);
  // Fresh inputs, spread to the outcome's shape: the derivative of the sum is then each element's own.
  Graph& graph = x.graph();
  const Expr fixed = stop_gradient(x);
  std::vector<Expr> at;
  std::unordered_map<NodeId, Expr> values;
  Expr all = x;
  for (const Expr& p : call.canonical) all = all + 0.0 * p;
  const Type type = all.type();
  for (const Expr& p : call.canonical) {
    at.push_back(graph.input("parameter", {type.axes, type.event, Domain::real}));
    values.emplace(at.back().id(), broadcast(p, type.axes, type.event));
  }
  const Expr density = exp(d.log_density(fixed, at));
  std::vector<Expr> slopes = gradient(sum_all(d.cdf(fixed, at)), at);
  for (Expr& slope : slopes) slope = -slope / density;
  return substitute(slopes, values);
}

}  // namespace elbo::runtime
