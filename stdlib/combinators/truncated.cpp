// Truncated(d, lower, upper): d given that lower <= x <= upper, renormalised. Censored(d, lower, upper):
// outcomes of d beyond a bound are recorded as the bound, which therefore has the probability of all that
// lies beyond it.
#include <limits>

#include "stdlib/combinators/base.hpp"
#include "stdlib/combinators/list.hpp"

namespace elbo::stdlib {
namespace {

using runtime::real_support;

/// A base and the positions of the bounds that were given.
struct Bounded {
  Base base;
  std::optional<std::size_t> lower = {}, upper = {};

  Expr lower_of(Parameters p) const { return lower ? p[*lower] : Expr(); }
  Expr upper_of(Parameters p) const { return upper ? p[*upper] : Expr(); }
  runtime::Support support(Parameters p) const {
    return cut(runtime::support(base.call(p)), lower_of(p), upper_of(p));
  }
};

/// The last point that is below a bound: of counts the one before it.
Expr before(const DistributionCall& call, Expr bound) {
  return runtime::support(call).kind->discrete ? -floor(-bound) - 1.0 : bound;
}

/// log(exp(a) - exp(b)) for a >= b; -inf where both are.
Expr log_difference(Expr a, Expr b) {
  a = keep_finite(a);
  return a + log_from_zero(-expm1(keep_finite(b) - a));
}

/// log P(lower <= X <= upper), by the tail in which the interval lies.
Expr log_mass(const DistributionCall& call, Expr lower, Expr upper) {
  if (!lower) return log_cdf(call, upper);
  const Expr start = before(call, lower);
  if (!upper) return log_survival(call, start);
  const Expr in_upper_tail = less(number(start, 0.5), cdf(call, start));
  return select(in_upper_tail, log_difference(log_survival(call, start), log_survival(call, upper)),
                log_difference(log_cdf(call, upper), log_cdf(call, start)));
}

/// P(X < lower) and P(X <= upper) of the base.
struct Range {
  Expr low, high;
};
Range range_of(const Bounded& d, Parameters p, const DistributionCall& call) {
  const Expr like = p[0];
  return {d.lower ? cdf(call, before(call, p[*d.lower])) : number(like, 0),
          d.upper ? cdf(call, p[*d.upper]) : number(like, 1)};
}

Expr quantile_within(const Range& range, Expr probability, const DistributionCall& call) {
  const Expr q = range.low + probability * (range.high - range.low);
  return call.distribution->quantile(minimum(maximum(q, number(q, 1e-300)), number(q, 1 - 1e-16)),
                                     call.canonical);
}

/// P(lower <= X <= x) / P(lower <= X <= upper), by the tail in which the interval lies.
Expr truncated_cdf(const Bounded& d, Expr x, Parameters p) {
  const DistributionCall call = d.base.call(p);
  const Range range = range_of(d, p, call);
  const Expr lower_tail = (cdf(call, x) - range.low) / (range.high - range.low);
  if (!d.lower) return lower_tail;
  const Expr start = exp(log_survival(call, before(call, p[*d.lower])));
  const Expr end = d.upper ? exp(log_survival(call, p[*d.upper])) : number(x, 0);
  const Expr upper_tail = (start - exp(log_survival(call, x))) / (start - end);
  return select(less(number(x, 0.5), range.low), upper_tail, lower_tail);
}

/// By inverse distribution function, which keeps what digits the base's own has.
Expr truncated_draw(const Bounded& d, Parameters p, const DrawShape& shape) {
  const DistributionCall call = d.base.call(p);
  if (!call.distribution->quantile) {
    fail("no-closed-form",
         "draws of Truncated(" + call.distribution->name + ") need the quantiles of " +
             call.distribution->name + ", which have no closed form here",
         d.base.value.span);
  }
  const Range range = range_of(d, p, call);
  // So far up that 1 - P(X < lower) has lost its digits, a draw would be made up of rounding.
  const Expr known = less(range.low, number(range.low, 1 - 1e-11));
  const Expr nothing = number(range.low, std::numeric_limits<double>::quiet_NaN());
  Expr x = select(known, quantile_within(range, uniform(p, shape), call), nothing);
  const runtime::Support support = d.support(p);
  const runtime::Hull& hull = support.kind->hull;
  if (hull.least_bound >= 0) x = maximum(x, support.bounds[static_cast<std::size_t>(hull.least_bound)]);
  if (hull.greatest_bound >= 0) x = minimum(x, support.bounds[static_cast<std::size_t>(hull.greatest_bound)]);
  return x;
}

Bounded bounded(Combination& combination, const Arguments& a, const std::string& name) {
  const DistributionValue& base = base_argument(a, 0, name);
  require_cdf(base, name, a.spans[0]);
  Bounded d{combination.add(base)};
  const auto is_given = [&](std::size_t i) { return a.given[i] && !a.values[i].is<runtime::None>(); };
  if (!is_given(1) && !is_given(2)) {
    fail("missing-argument", name + " needs `lower`, `upper` or both", a.span,
         name + "(Normal(0, 1), lower = 0)");
  }
  if (is_given(1))
    d.lower = combination.add("lower", numeric_argument(a, 1, "lower"), real_support, "least outcome");
  if (is_given(2))
    d.upper = combination.add("upper", numeric_argument(a, 2, "upper"), real_support, "greatest outcome");
  combination.record().support = [d](Parameters p) { return d.support(p); };
  return d;
}

Value truncated(Interpreter&, const Arguments& a) {
  const DistributionValue& base = base_argument(a, 0, "Truncated");
  Combination combination("Truncated(" + base.distribution->name + ")", a);
  const Bounded d = bounded(combination, a, "Truncated");
  Distribution& record = combination.record();
  record.log_density = [d](Expr x, Parameters p) {
    const DistributionCall call = d.base.call(p);
    return runtime::log_density(call, x) - log_mass(call, d.lower_of(p), d.upper_of(p));
  };
  const bool moves = !is_discrete(base) && base.distribution->quantile;
  record.sample = [d, moves](Parameters p, const DrawShape& shape) {
    const Expr x = truncated_draw(d, p, shape);
    return moves ? x : runtime::stop_gradient(x);
  };
  if (moves) record.pathwise = runtime::Pathwise::inverse_cdf;
  record.cdf = [d](Expr x, Parameters p) { return truncated_cdf(d, x, p); };
  if (base.distribution->quantile) {
    record.quantile = [d](Expr probability, Parameters p) {
      const DistributionCall call = d.base.call(p);
      return quantile_within(range_of(d, p, call), probability, call);
    };
  }
  record.has_atoms = base.distribution->has_atoms;
  return combination.finish(3, base.size);
}

Value censored(Interpreter&, const Arguments& a) {
  const DistributionValue& base = base_argument(a, 0, "Censored");
  Combination combination("Censored(" + base.distribution->name + ")", a);
  const Bounded d = bounded(combination, a, "Censored");
  Distribution& record = combination.record();
  record.log_density = [d](Expr x, Parameters p) {
    const DistributionCall call = d.base.call(p);
    Expr density = runtime::log_density(call, x);
    if (d.lower) density = select(less_equal(x, p[*d.lower]), log_cdf(call, p[*d.lower]), density);
    if (d.upper) {
      const Expr beyond = log_survival(call, before(call, p[*d.upper]));
      density = select(less_equal(p[*d.upper], x), beyond, density);
    }
    return density;
  };
  // A draw would move, but the log density jumps where it meets a bound: a gradient of E[log density] along
  // the draws would miss the probability that crosses over.
  record.has_atoms = true;
  if (base.distribution->sample) {
    record.sample = [d](Parameters p, const DrawShape& shape) {
      const DistributionCall call = d.base.call(p);
      Expr x = call.distribution->sample(call.canonical, shape);
      if (d.lower) x = maximum(x, p[*d.lower]);
      if (d.upper) x = minimum(x, p[*d.upper]);
      return runtime::stop_gradient(x);
    };
  }
  return combination.finish(3, base.size);
}

}  // namespace

std::vector<Function> truncation_functions() {
  return {
      {"Truncated", "Truncated(distribution, lower = none, upper = none, *, size = none)",
       "A distribution given that its outcome lies between two bounds, which are included, renormalised. — "
       "e.g. log_density(Truncated(Exponential(1), lower = 2), 3) is -1",
       "combinators", truncated},
      {"Censored", "Censored(distribution, lower = none, upper = none, *, size = none)",
       "A distribution whose outcomes beyond a bound are recorded as the bound: there stands the probability "
       "of "
       "all beyond, elsewhere the density. — e.g. log_density(Censored(Exponential(1), upper = 2), 2) is -2",
       "combinators", censored},
  };
}

}  // namespace elbo::stdlib
