// A record's distribution function is written for outcomes strictly inside the support of a continuous
// distribution, and for those in that of a discrete one. Here it gets its values beyond the ends, and whole
// numbers below an outcome of a discrete distribution; nothing from beyond an end reaches a gradient.
#include "runtime/distribution_functions.hpp"

#include <cmath>
#include <limits>
#include <unordered_map>

#include "runtime/differentiate.hpp"
#include "runtime/expression.hpp"

namespace elbo::runtime {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

Expr number(Expr like, double value) { return like.graph().constant(value); }

// Probabilities below this have lost digits to underflow.
constexpr double tiny = 1e-290;

/// Which side of an outcome.
enum class Tail { lower, upper };

/// A tail by its expansion, and where that holds: elsewhere it is something finite that no gradient passes.
struct FarTail {
  Expr log_probability, holds;
};

/// A continuous tail, far out: f / (h - c / h), with h the rate at which log f falls outwards and c its
/// second derivative. This is the hazard r = h + r' / r with h' / h = -c / h in place of r' / r: exact for
/// tails that fall like a power or exponentially, and for others the first two terms of the expansion in
/// derivatives (integration by parts; Barndorff-Nielsen and Cox 1989, section 3.2). Where a probability
/// underflows the terms left out are below 1e-5 nats. Towards a finite end of the support all is seen on the
/// scale of log distance from the end, where the tail goes on to minus infinity and f times the distance is
/// the density.
FarTail log_far_tail(const Distribution& d, Expr x, std::span<const Expr> p, Tail tail, const Support& where,
                     Expr is_far) {
  constexpr double nearest = 1e-140;  // the rates no longer change there, and their squares do not overflow
  Graph& graph = x.graph();
  const Expr log_density = d.log_density(x, p);
  // One element for each density, whose shape parameters that are vectors do not have.
  const Type type = (x + 0.0 * log_density).type();
  const Expr at = graph.input("outcome", {type.axes, type.event, Domain::real});
  const Expr slope = gradient(sum_all(d.log_density(at, p)), std::span(&at, 1))[0];
  const Expr curvature = gradient(sum_all(slope), std::span(&at, 1))[0];

  const double sign = tail == Tail::lower ? 1 : -1;  // towards the middle
  const Ends ends = ends_of(where, x);
  const Expr end = tail == Tail::lower ? ends.lower : ends.upper;
  const Hull& hull = where.kind->hull;
  const bool has_end = tail == Tail::lower ? hull.least_bound >= 0 || std::isfinite(hull.least)
                                           : hull.greatest_bound >= 0 || std::isfinite(hull.greatest);
  const Expr distance = has_end ? sign * (x - end) : number(x, 1);
  const Expr unit = has_end ? maximum(distance, number(x, nearest)) : distance;
  const Expr point = has_end ? end + sign * unit : x;
  const std::vector<Expr> there =
      substitute(std::vector<Expr>{slope, curvature}, {{at.id(), broadcast(point, type.axes, type.event)}});
  const Expr steps = sign * unit * there[0];
  const Expr h = has_end ? 1.0 + steps : steps;
  const Expr c = has_end ? steps + square(unit) * there[1] : there[1];

  const Expr zero = number(x, 0), one = number(x, 1);
  const Expr holds = logical_and(is_far, logical_and(less(zero, h), less(c, square(h))));
  const Expr rate = select(holds, h, one);
  const Expr hazard = rate - select(holds, c, zero) / rate;
  const Expr density = select(is_far, log_density, zero);
  return {(has_end ? density + log(distance) : density) - log(hazard), holds};
}

/// A discrete tail, far out. With r the ratio of an outcome's probability to that of the one before it and
/// s = 1 / (1 - r) the sum of a geometric series, the tail is its first term times R = 1 + r R', R' that of
/// the next outcome. R - s then changes less from one to the next than s does, which gives R = s + r (s' - s)
/// s.
FarTail log_far_tail_of_counts(const Distribution& d, Expr x, std::span<const Expr> p, Tail tail,
                               const Ends& ends, Expr is_far) {
  const Expr zero = number(x, 0), one = number(x, 1);
  const auto outwards = [&](Expr k) {
    return tail == Tail::upper ? minimum(k + 1.0, ends.upper) : maximum(k - 1.0, ends.lower);
  };
  const Expr first = tail == Tail::upper ? outwards(x) : x, second = outwards(first),
             third = outwards(second);
  const Expr log_first = d.log_density(first, p), log_second = d.log_density(second, p);
  const auto ratio = [&](Expr from, Expr log_from, Expr to, Expr log_to) {
    const Expr r = exp(log_to - log_from);
    const Expr falls = logical_and(is_far, logical_and(less(r, one), logical_not(equal(from, to))));
    return select(falls, r, zero);
  };
  const Expr r = ratio(first, log_first, second, log_second);
  const Expr s = 1.0 / (1.0 - r);
  const Expr next = 1.0 / (1.0 - ratio(second, log_second, third, d.log_density(third, p)));
  const Expr sum = maximum(s * (1.0 + r * (next - s)), 1.0 + r);  // near an end no more than two may be left
  return {select(is_far, log_first, zero) + log(sum), is_far};
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
  const FarTail expansion = where.kind->discrete
                                ? log_far_tail_of_counts(d, far, p, tail, ends_of(where, x), is_tiny)
                                : log_far_tail(d, far, p, tail, where, is_tiny);
  const Expr is_lost = less(probability, number(x, std::numeric_limits<double>::min()));
  const Expr by_expansion = logical_and(is_tiny, logical_or(expansion.holds, is_lost));
  return select(by_expansion, expansion.log_probability,
                log(select(by_expansion, number(x, 1), probability)));
}

/// `inside` of the outcome between the ends; `below` and `above` them.
Expr between_ends(const DistributionCall& call, Expr x, double below, double above,
                  const OutcomeFunction& inside) {
  const Support where = support(call);
  const Ends ends = ends_of(where, x);
  const bool discrete = where.kind->discrete;
  const Expr is_below = discrete ? less(x, ends.lower) : less_equal(x, ends.lower);
  const Expr is_above = less_equal(ends.upper, x);
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
  return select(inside, value, select(is_least, ends.lower, select(is_greatest, ends.upper, outside)));
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
