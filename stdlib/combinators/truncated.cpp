// Truncated(d, lower, upper): d given that lower <= x <= upper, renormalised. Censored(d, lower, upper):
// outcomes of d beyond a bound are recorded as the bound, which therefore has the probability of all that
// lies beyond it.
#include <cmath>
#include <limits>

#include "runtime/format.hpp"
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
  return a + log1m_exp(maximum(a - keep_finite(b), number(a, 0)));
}

/// log P(start < X <= end) of the base, by the tail in which the interval lies; an end may be absent.
Expr log_between(const DistributionCall& call, Expr start, Expr end) {
  if (!start) return end ? runtime::log_cdf(call, end) : Expr();
  const Expr above = runtime::log_survival(call, start);
  if (!end) return above;
  const Expr in_upper_tail = less(number(start, 0.5), runtime::cdf(call, start));
  return select(in_upper_tail, log_difference(above, runtime::log_survival(call, end)),
                log_difference(runtime::log_cdf(call, end), runtime::log_cdf(call, start)));
}

/// log of the probability of this one outcome; -inf but at an atom.
Expr log_atom(const DistributionCall& call, Expr x) {
  return select(call.distribution->is_atom(x, call.canonical), runtime::log_density(call, x),
                number(x, -std::numeric_limits<double>::infinity()));
}

/// log P(lower <= X <= upper) of the base.
Expr log_mass(const DistributionCall& call, Expr lower, Expr upper) {
  if (!lower) return log_between(call, lower, upper);
  const Expr mass = log_between(call, before(call, lower), upper);
  return call.distribution->is_atom ? log_sum({mass, log_atom(call, lower)}) : mass;
}

/// P(X < lower) and P(X <= upper) of the base.
struct Range {
  Expr low, high;
};
Range range_of(const Bounded& d, Parameters p, const DistributionCall& call) {
  Range range{number(p[0], 0), number(p[0], 1)};
  if (d.lower) range.low = runtime::cdf(call, before(call, p[*d.lower]));
  if (d.lower && call.distribution->is_atom) range.low = range.low - exp(log_atom(call, p[*d.lower]));
  if (d.upper) range.high = runtime::cdf(call, p[*d.upper]);
  return range;
}

/// By the base's quantiles, as far as they have the digits: NaN so far out in a tail that what is found would
/// be made up of rounding.
Expr quantile_within(const Bounded& d, Parameters p, Expr probability) {
  const DistributionCall call = d.base.call(p);
  const Range range = range_of(d, p, call);
  const Expr q = range.low + probability * (range.high - range.low);
  const Expr is_known =
      logical_and(less(range.low, number(q, 1 - 1e-11)), less(number(q, 1e-290), range.high));
  const Expr safe = minimum(maximum(q, number(q, 1e-300)), number(q, 1 - 0x1p-53));
  const Expr x = call.distribution->quantile(safe, call.canonical);
  const runtime::Ends ends = ends_of(d.support(p), x);
  return select(is_known, minimum(maximum(x, ends.lower), ends.upper),
                number(q, std::numeric_limits<double>::quiet_NaN()));
}

Expr truncated_draw(const Bounded& d, Parameters p, const DrawShape& shape) {
  const Distribution& base = d.base.record();
  if (!base.quantile) {
    fail("no-closed-form",
         "draws of Truncated(" + base.name + ") need the quantiles of " + base.name +
             ", which have no closed form here",
         d.base.value.span, "its density needs none: it can be fitted, as a prior or for data");
  }
  return quantile_within(d, p, uniform(p, shape));
}

/// Those of the base, in terms of the combinator's parameters; null where it has none.
runtime::OutcomeFunction atoms_of(const Base& base) {
  if (!base.record().is_atom) return nullptr;
  return [base](Expr x, Parameters p) { return base.record().is_atom(x, base.call(p).canonical); };
}

Bounded bounded(Combination& combination, const Arguments& a, const std::string& name) {
  const DistributionValue& base = base_argument(a, 0, name);
  require_cdf(base, name, a.spans[0]);
  Bounded d{combination.add(base)};
  if (!is_given(a, 1) && !is_given(a, 2)) {
    fail("missing-argument", name + " needs `lower`, `upper` or both", a.span,
         name + "(Normal(0, 1), lower = 0)");
  }
  if (is_given(a, 1))
    d.lower = combination.add("lower", numeric_argument(a, 1, "lower"), real_support, "least outcome");
  if (is_given(a, 2))
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
  const auto log_share = [d](const DistributionCall& call, Parameters p, Expr log_part) {
    return log_part - log_mass(call, d.lower_of(p), d.upper_of(p));
  };
  record.log_cdf = [d, log_share](Expr x, Parameters p) {
    const DistributionCall call = d.base.call(p);
    return log_share(call, p, log_mass(call, d.lower_of(p), x));
  };
  record.log_survival = [d, log_share](Expr x, Parameters p) {
    const DistributionCall call = d.base.call(p);
    return log_share(call, p, log_between(call, x, d.upper_of(p)));
  };
  record.cdf = [log_cdf = record.log_cdf](Expr x, Parameters p) { return exp(log_cdf(x, p)); };
  record.survival = [log_survival = record.log_survival](Expr x, Parameters p) {
    return exp(log_survival(x, p));
  };
  if (base.distribution->quantile) {
    record.quantile = [d](Expr probability, Parameters p) { return quantile_within(d, p, probability); };
  }
  record.is_atom = atoms_of(d.base);
  return combination.finish(3, base.size);
}

/// Counts are recorded at whole bounds only: none is 1.5.
void require_whole_bounds(const Arguments& a) {
  for (const std::size_t i : {1, 2}) {
    if (!is_given(a, i) || symbol(a.values[i]) != nullptr) continue;
    const Tensor bounds = to_tensor(a.values[i]);
    for (std::int64_t k = 0; k < bounds.size(); ++k) {
      if (std::floor(bounds.real(k)) == bounds.real(k)) continue;
      fail("bad-parameter",
           std::string("counts are censored at whole numbers, but `") + (i == 1 ? "lower" : "upper") +
               "` is " + runtime::show_real(bounds.real(k)),
           a.spans[i], "Censored(Poisson(3), lower = 1) records 0 and 1 as 1");
    }
  }
}

Value censored(Interpreter&, const Arguments& a) {
  const DistributionValue& base = base_argument(a, 0, "Censored");
  Combination combination("Censored(" + base.distribution->name + ")", a);
  const Bounded d = bounded(combination, a, "Censored");
  if (is_discrete(base)) require_whole_bounds(a);
  Distribution& record = combination.record();
  record.log_density = [d](Expr x, Parameters p) {
    const DistributionCall call = d.base.call(p);
    Expr density = runtime::log_density(call, x);
    if (d.lower) density = select(less_equal(x, p[*d.lower]), log_mass(call, {}, p[*d.lower]), density);
    if (d.upper) density = select(less_equal(p[*d.upper], x), log_mass(call, p[*d.upper], {}), density);
    return density;
  };
  // A draw would move, but the log density jumps where it meets a bound: a gradient of E[log density] along
  // the draws would miss the probability that crosses over.
  record.is_atom = [d, inside = atoms_of(d.base)](Expr x, Parameters p) {
    Expr result = inside ? inside(x, p) : Expr();
    const auto add = [&](Expr condition) { result = result ? logical_or(result, condition) : condition; };
    if (d.lower) add(less_equal(x, p[*d.lower]));
    if (d.upper) add(less_equal(p[*d.upper], x));
    return result;
  };
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
