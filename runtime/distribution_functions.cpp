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

// Probabilities below this have lost digits to underflow.
constexpr double tiny = 1e-290;

/// Which side of an outcome.
enum class Tail { lower, upper };

/// log of a continuous tail, far out: of f / h with h the rate at which log f falls outwards, and the next
/// term of the expansion in derivatives (integration by parts; Barndorff-Nielsen and Cox 1989, section 3.2).
/// Where a probability underflows the terms left out are below 1e-5 nats. Elsewhere (not `is_far`, or where
/// log f does not fall) it is something finite that no gradient passes.
Expr log_far_tail(const Distribution& d, Expr x, std::span<const Expr> p, Tail tail, Expr is_far) {
  Graph& graph = x.graph();
  Expr all = x;
  for (const Expr& each : p) all = all + 0.0 * each;
  const Expr at = graph.input("outcome", {all.type().axes, all.type().event, Domain::real});
  const Expr density = d.log_density(at, p);
  const Expr slope = gradient(sum_all(density), std::span(&at, 1))[0];
  const Expr curvature = gradient(sum_all(slope), std::span(&at, 1))[0];
  const std::vector<Expr> parts{density, tail == Tail::upper ? -slope : slope, curvature};
  const std::vector<Expr> there =
      substitute(parts, {{at.id(), broadcast(x, all.type().axes, all.type().event)}});
  const Expr zero = number(x, 0);
  const Expr rate = select(logical_and(is_far, less(zero, there[1])), there[1], number(x, 1));
  const Expr next = select(logical_and(is_far, less(-square(rate), there[2])), there[2], zero) / square(rate);
  return select(is_far, there[0], zero) - log(rate) + log1p(next);
}

/// log of a discrete tail, far out: its first term over one minus the ratio of the next to it.
Expr log_far_tail_of_counts(const Distribution& d, Expr x, std::span<const Expr> p, Tail tail,
                            const Ends& ends, Expr is_far) {
  const Expr first = tail == Tail::upper ? minimum(x + 1.0, ends.greatest) : x;
  const Expr next =
      tail == Tail::upper ? minimum(first + 1.0, ends.greatest) : maximum(first - 1.0, ends.least);
  const Expr log_first = d.log_density(first, p);
  const Expr ratio = exp(d.log_density(next, p) - log_first);
  const Expr falls =
      logical_and(logical_and(is_far, less(ratio, number(x, 1))), logical_not(equal(first, next)));
  return select(is_far, log_first, number(x, 0)) - log1p(-select(falls, ratio, number(x, 0)));
}

/// log of the probability of a tail; by its expansion where that has underflowed.
Expr log_probability(const DistributionCall& call, Expr probability, Expr x, std::span<const Expr> p,
                     Tail tail) {
  const Distribution& d = *call.distribution;
  const Support where = support(call);
  const Expr is_tiny = less(probability, number(x, tiny));
  // elsewhere at a harmless point, so that nothing infinite meets a gradient of 0
  Expr far = select(is_tiny, x, where.kind->interior(x, where.bounds));
  if (where.kind->discrete) far = stop_gradient(floor(far));
  const Expr expansion = where.kind->discrete
                             ? log_far_tail_of_counts(d, far, p, tail, ends_of(where, x), is_tiny)
                             : log_far_tail(d, far, p, tail, is_tiny);
  return select(is_tiny, expansion, log(select(is_tiny, number(x, 1), probability)));
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
  return between_ends(call, x, -infinity, 0, [&](Expr at, std::span<const Expr> p) {
    return log_probability(call, d.cdf(at, p), at, p, Tail::lower);
  });
}

Expr log_survival(const DistributionCall& call, Expr x) {
  const Distribution& d = *call.distribution;
  if (d.log_survival) return between_ends(call, x, 0, -infinity, d.log_survival);
  return between_ends(call, x, 0, -infinity, [&](Expr at, std::span<const Expr> p) {
    return log_probability(call, d.survival ? d.survival(at, p) : 1.0 - d.cdf(at, p), at, p, Tail::upper);
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
