// Mixture(weights, components): each outcome comes from one component, drawn by the weights. ZeroInflated(p,
// d): counts of d, or with probability p a zero.
#include <algorithm>
#include <limits>
#include <numeric>

#include "stdlib/combinators/base.hpp"
#include "stdlib/combinators/list.hpp"

namespace elbo::stdlib {
namespace {

using runtime::real_support;
using runtime::unit_interval_support;

// ---- ZeroInflated -----------------------------------------------------------------------------------------

/// log p and log(1 - p), from p or from its log odds.
struct LogOdds {
  Expr yes, no;
};
LogOdds log_odds(Expr p, bool by_logits) {
  if (by_logits) return {-softplus(-p), -softplus(p)};
  return {log_from_zero(p), log1m_to_one(p)};
}

Value zero_inflated(Interpreter&, const Arguments& a) {
  const bool base_first = a.values[0].is<DistributionPtr>();
  const std::size_t at = base_first ? 0 : 1;
  const bool by_logits = is_given(a, 2);
  if (by_logits == (is_given(a, 0) && !base_first)) {
    fail(by_logits ? "conflicting-arguments" : "missing-argument",
         by_logits ? "`probability` and `logits` exclude one another"
                   : "`ZeroInflated` needs the argument `probability` or `logits`",
         a.span, "ZeroInflated(0.3, Poisson(2))");
  }
  const DistributionValue& given = base_argument(a, at, "ZeroInflated");
  Combination combination("ZeroInflated(" + given.distribution->name + ")", a);
  const Base base = combination.add(given);
  const std::size_t i =
      by_logits ? combination.add("logits", numeric_argument(a, 2, "logits"), real_support,
                                  "log odds of a zero that is not the base's")
                : combination.add("probability", numeric_argument(a, 0, "probability"), unit_interval_support,
                                  "probability of a zero that is not the base's");
  Distribution& record = combination.record();
  record.support = [base](Parameters p) { return runtime::support(base.call(p)); };
  record.log_density = [=](Expr x, Parameters p) {
    const DistributionCall call = base.call(p);
    const LogOdds zero = log_odds(p[i], by_logits);
    const Expr other = zero.no + runtime::log_density(call, x, true);
    const Expr none = number(x, 0);
    return select(equal(x, none), log_sum({zero.yes, zero.no + runtime::log_density(call, none, true)}),
                  other);
  };
  const auto probability = [=](Parameters p) { return by_logits ? sigmoid(p[i]) : p[i]; };
  if (given.distribution->sample) {
    record.sample = [=](Parameters p, const DrawShape& shape) {
      const DistributionCall call = base.call(p);
      const Expr x = call.distribution->sample(call.canonical, shape);
      return runtime::stop_gradient(select(less(uniform(p, shape), probability(p)), whole_number(x, 0), x));
    };
  }
  if (given.distribution->mean) {
    record.mean = [=](Parameters p) {
      const DistributionCall call = base.call(p);
      return (1.0 - probability(p)) * call.distribution->mean(call.canonical);
    };
  }
  if (given.distribution->mean && given.distribution->variance) {
    record.variance = [=](Parameters p) {
      const DistributionCall call = base.call(p);
      const Expr mean = call.distribution->mean(call.canonical);
      return (1.0 - probability(p)) *
             (call.distribution->variance(call.canonical) + probability(p) * square(mean));
    };
  }
  if (given.distribution->cdf) {
    record.cdf = [=](Expr x, Parameters p) {
      return probability(p) + (1.0 - probability(p)) * runtime::cdf(base.call(p), x);
    };
    record.log_cdf = [=](Expr x, Parameters p) {
      const LogOdds zero = log_odds(p[i], by_logits);
      return log_sum({zero.yes, zero.no + runtime::log_cdf(base.call(p), x)});
    };
    record.log_survival = [=](Expr x, Parameters p) {
      return log_odds(p[i], by_logits).no + runtime::log_survival(base.call(p), x);
    };
    record.survival = [log_survival = record.log_survival](Expr x, Parameters p) {
      return exp(log_survival(x, p));
    };
  }
  const Value value = combination.finish(3, given.size);
  const auto graph = std::make_shared<runtime::Graph>();
  if (runtime::graph_of((*value.as<DistributionPtr>())->parameters) != nullptr) return value;
  const runtime::Support support = runtime::support(to_call(**value.as<DistributionPtr>(), graph));
  if (!support.kind->discrete || support.kind->hull.least != 0) {
    fail("wrong-type", "ZeroInflated is made from counts, but " + given.distribution->name + " has none",
         a.spans[at], "ZeroInflated(0.3, Poisson(2))");
  }
  return value;
}

// ---- Mixture ----------------------------------------------------------------------------------------------

/// The components side by side in a last dimension: several distributions, or one whose vectors of parameters
/// run over components.
struct Components {
  std::vector<Base> bases;
  bool in_vectors = false;
  bool by_logits = false;
  std::size_t first = 1;                  // position of the first parameter of a component
  std::vector<int> component_ranks = {};  // of the parameters: 1 where a vector runs over components

  Expr log_weights(Parameters p) const {
    if (by_logits) return p[0] - as_column(runtime::logsumexp_dim(p[0], -1));
    return log_from_zero(p[0]);
  }
  Expr weights(Parameters p) const { return by_logits ? exp(log_weights(p)) : p[0]; }

  /// Of a distribution whose vectors run over components: parameters that are the same for all as columns,
  /// too.
  std::vector<Expr> with_columns(Parameters p) const {
    std::vector<Expr> result(p.begin(), p.end());
    for (std::size_t i = 1; i < p.size(); ++i)
      if (component_ranks[i] == 0) result[i] = as_column(p[i]);
    return result;
  }

  /// What `of` gives for each component, in the last dimension.
  template <class F>
  Expr each(Parameters p, F of) const {
    if (in_vectors) return of(bases[0].call(with_columns(p)));
    std::vector<Expr> parts;
    for (const Base& base : bases) parts.push_back(of(base.call(p)));
    return columns(parts);
  }
  Expr seen(Expr x) const { return in_vectors ? as_column(x) : x; }
};

Expr mixture_draw(const Components& c, Parameters p, const DrawShape& shape) {
  const std::int64_t count = p[0].type().event.back();
  DrawShape inner = shape;
  if (c.in_vectors) inner.event.push_back(count);
  const Expr draws = c.each(
      p, [&](const DistributionCall& call) { return call.distribution->sample(call.canonical, inner); });
  // The component is the number of cumulated weights below a uniform number; rounding may leave the last
  // below.
  const Expr u = as_column(uniform(p, shape));
  const Expr below = less_equal(runtime::cumsum_dim(c.weights(p), -1), u);
  const Expr one = number(u, 1), none = number(u, 0);
  const Expr chosen =
      minimum(runtime::sum_dim(select(below, one, none), -1), number(u, static_cast<double>(count - 1)));
  std::vector<double> order(static_cast<std::size_t>(count));
  std::iota(order.begin(), order.end(), 0.0);
  const Expr positions = u.graph().constant(Tensor({count}, order));
  return runtime::sum_dim(select(equal(as_column(chosen), positions), draws, whole_number(draws, 0)), -1);
}

/// Components are numbers all, or counts all: whether they are counts.
bool require_one_kind(const std::vector<Value>& components, const lang::Span& span) {
  const DistributionValue* first = nullptr;
  bool counts = false;
  for (const Value& component : components) {
    const DistributionValue& d = base_value(component, span, "Mixture");
    const bool is_count = is_discrete(d);
    if (first != nullptr && counts != is_count) {
      fail("wrong-type",
           "the components of Mixture are numbers or counts, but " + first->distribution->name + " and " +
               d.distribution->name + " are one of each",
           span, "ZeroInflated(0.3, Poisson(2)) adds zeros to counts; Delta(0) is a point among numbers");
    }
    first = &d;
    counts = is_count;
  }
  return counts;
}

/// The support of the whole: from the least of all components to the greatest.
runtime::Support whole_support(const Components& c, Parameters p) {
  std::vector<runtime::Support> supports;
  if (!c.in_vectors) {
    for (const Base& base : c.bases) supports.push_back(runtime::support(base.call(p)));
    return unite(supports);
  }
  runtime::Support support = runtime::support(c.bases[0].call(c.with_columns(p)));
  const runtime::Hull& hull = support.kind->hull;
  for (std::size_t i = 0; i < support.bounds.size(); ++i) {
    Expr& bound = support.bounds[i];
    if (bound.type().event.empty()) continue;
    const bool is_greatest = static_cast<int>(i) == hull.greatest_bound;
    bound = is_greatest ? runtime::max_dim(bound, -1) : -runtime::max_dim(-bound, -1);
  }
  return support;
}

Expr mixture_cdf(const Components& c, Expr x, Parameters p) {
  return runtime::sum_dim(
      c.weights(p) * c.each(p, [&](const DistributionCall& call) { return runtime::cdf(call, c.seen(x)); }),
      -1);
}

Expr mixture_survival(const Components& c, Expr x, Parameters p) {
  return runtime::sum_dim(
      c.weights(p) *
          c.each(p, [&](const DistributionCall& call) { return runtime::survival(call, c.seen(x)); }),
      -1);
}

/// log sum of w f, where `log_f` gives log f of a component at an outcome.
template <class F>
Expr log_mixture(const Components& c, Expr x, Parameters p, F log_f) {
  return log_total(c.log_weights(p) +
                   c.each(p, [&](const DistributionCall& call) { return log_f(call, c.seen(x)); }));
}

/// Which components have an atom at x, in the last dimension.
Expr atoms(const Components& c, Expr x, Parameters p) {
  const auto of = [&](const DistributionCall& call) {
    const Expr at = c.seen(x), none = number(at, 0);
    if (!call.distribution->is_atom) return spread_over(none, at);
    return select(call.distribution->is_atom(at, call.canonical), number(at, 1), none);
  };
  return less(number(x, 0), c.each(p, of));
}

bool has_atoms(const Components& c) {
  return std::any_of(c.bases.begin(), c.bases.end(), [](const Base& b) { return bool(b.record().is_atom); });
}

Expr is_atom(const Components& c, Expr x, Parameters p) {
  const Expr number_of = runtime::sum_dim(select(atoms(c, x, p), number(x, 1), number(x, 0)), -1);
  return less(number(x, 0), number_of);
}

/// log sum of w p. Where a component has an atom the densities of those without one do not count: next to its
/// probability that of any one number is nothing.
Expr mixture_density(const Components& c, Expr x, Parameters p) {
  if (!has_atoms(c))
    return log_mixture(c, x, p, [](const auto& call, Expr at) { return runtime::log_density(call, at); });
  const Expr densities =
      c.each(p, [&](const DistributionCall& call) { return runtime::log_density(call, c.seen(x)); });
  const Expr counts = logical_or(atoms(c, x, p), logical_not(as_column(is_atom(c, x, p))));
  const Expr nothing = number(x, -std::numeric_limits<double>::infinity());
  return log_total(select(counts, c.log_weights(p) + densities, nothing));
}

/// The same draw, which moves with the parameters as the distribution function F asks for (Figurnov, Mohamed,
/// Mnih 2018, "Implicit reparameterization gradients"): dx = -dF / p at x.
Expr moving_draw(const Components& c, Parameters p, const DrawShape& shape) {
  const Expr x = runtime::stop_gradient(mixture_draw(c, p, shape));
  const Expr density = exp(runtime::stop_gradient(mixture_density(c, x, p)));
  return runtime::with_gradient_of(x, -mixture_cdf(c, x, p) / density);
}

Value mixture(Interpreter&, const Arguments& a) {
  // An empty list is one of numbers.
  for (std::size_t i = 0; i < 2; ++i) {
    if (is_given(a, i) && a.values[i].is<Tensor>() && a.values[i].as<Tensor>()->size() == 0)
      fail("bad-argument", "Mixture has no component", a.spans[i],
           "Mixture([0.3, 0.7], [Normal(0, 1), Normal(4, 1)])");
  }
  const bool components_first = a.values[0].is<DistributionPtr>() || a.values[0].is<ListPtr>();
  const std::size_t at = components_first ? 0 : 1;
  const bool by_logits = is_given(a, 2);
  if (by_logits == (is_given(a, 0) && !components_first)) {
    fail(by_logits ? "conflicting-arguments" : "missing-argument",
         by_logits ? "`weights` and `logits` exclude one another"
                   : "`Mixture` needs the argument `weights` or `logits`",
         a.span, "Mixture([0.3, 0.7], [Normal(0, 1), Normal(4, 1)])");
  }
  const auto* list = a.values[at].as<ListPtr>();
  const std::vector<Value> components = list != nullptr ? **list : List{a.values[at]};
  const bool is_continuous = !require_one_kind(components, a.spans[at]);

  std::string name = "Mixture(";
  for (std::size_t k = 0; k < components.size(); ++k)
    name += (k > 0 ? ", " : "") + (*components[k].as<DistributionPtr>())->distribution->name;
  Combination combination(name + ")", a);
  const Value weights = by_logits ? numeric_argument(a, 2, "logits") : numeric_argument(a, 0, "weights");
  if (by_logits)
    combination.add("logits", weights, real_support, "log of the weights, but for a constant", 1);
  else
    combination.add("weights", weights, runtime::simplex_support, "probability of each component", 1);

  Components c{.bases = {}, .in_vectors = list == nullptr, .by_logits = by_logits};
  c.component_ranks = {1};
  for (std::size_t k = 0; k < components.size(); ++k) {
    const DistributionValue& base = **components[k].as<DistributionPtr>();
    if (!base.size.empty())
      fail("bad-argument", "give `size` to Mixture, not to a component", a.spans[at],
           "Mixture([0.3, 0.7], [Normal(0, 1), Normal(4, 1)], size = 3)");
    c.bases.push_back(combination.add(base, c.in_vectors ? "" : "_" + std::to_string(k + 1)));
  }
  const Shape shape = shape_of(weights);
  std::int64_t count = std::ssize(components);
  if (c.in_vectors) {
    count = 1;
    for (std::size_t i = 1; i < combination.record().parameters.size(); ++i) {
      const Shape event = shape_of(combination.parameter(i));
      c.component_ranks.push_back(event.empty() ? 0 : 1);
      combination.set_rank(i, c.component_ranks.back());
      if (!event.empty()) count = std::max(count, event.back());
    }
  }
  if (shape.empty() || shape.back() != count) {
    fail("shape-mismatch",
         "Mixture has " + std::to_string(count) + (count == 1 ? " component" : " components") + ", but `" +
             (by_logits ? "logits" : "weights") + "` has " +
             (shape.empty() ? "no entries" : "length " + std::to_string(shape.back())),
         a.span,
         c.in_vectors ? "one distribution has as many components as its vectors of parameters have entries"
                      : "Mixture([0.3, 0.7], [Normal(0, 1), Normal(4, 1)])");
  }

  Distribution& record = combination.record();
  record.support = [c](Parameters p) { return whole_support(c, p); };
  record.log_density = [c](Expr x, Parameters p) { return mixture_density(c, x, p); };
  if (has_atoms(c)) record.is_atom = [c](Expr x, Parameters p) { return is_atom(c, x, p); };
  const auto all_have = [&](auto member) {
    return std::all_of(c.bases.begin(), c.bases.end(),
                       [&](const Base& b) { return bool(b.record().*member); });
  };
  const auto mean = [c](Parameters p) {
    return runtime::sum_dim(
        c.weights(p) *
            c.each(p, [&](const DistributionCall& call) { return call.distribution->mean(call.canonical); }),
        -1);
  };
  // Which component a draw comes from does not move.
  if (all_have(&Distribution::sample)) {
    record.sample = [c](Parameters p, const DrawShape& shape) {
      return runtime::stop_gradient(mixture_draw(c, p, shape));
    };
  }
  if (all_have(&Distribution::mean)) record.mean = mean;
  if (all_have(&Distribution::mean) && all_have(&Distribution::variance)) {
    record.variance = [c, mean](Parameters p) {
      // Spread within the components, and of their means.
      const Expr inner = c.each(
          p, [&](const DistributionCall& call) { return call.distribution->variance(call.canonical); });
      const Expr means =
          c.each(p, [&](const DistributionCall& call) { return call.distribution->mean(call.canonical); });
      return runtime::sum_dim(c.weights(p) * (inner + square(means - as_column(mean(p)))), -1);
    };
  }
  if (all_have(&Distribution::cdf)) {
    record.cdf = [c](Expr x, Parameters p) { return mixture_cdf(c, x, p); };
    record.survival = [c](Expr x, Parameters p) { return mixture_survival(c, x, p); };
    record.log_cdf = [c](Expr x, Parameters p) {
      return log_mixture(c, x, p, [](const auto& call, Expr at) { return runtime::log_cdf(call, at); });
    };
    record.log_survival = [c](Expr x, Parameters p) {
      return log_mixture(c, x, p, [](const auto& call, Expr at) { return runtime::log_survival(call, at); });
    };
    if (is_continuous && !has_atoms(c) && record.sample) {
      record.sample = [c](Parameters p, const DrawShape& shape) { return moving_draw(c, p, shape); };
      record.pathwise = runtime::Pathwise::implicit;
    }
  }
  return combination.finish(3);
}

}  // namespace

std::vector<Function> mixture_functions() {
  return {
      {"Mixture", "Mixture(weights = none, components = none, *, logits = none, size = none)",
       "Each outcome comes from one of several distributions of one support, with these weights; or from one "
       "distribution whose vectors of parameters run over the components. — e.g. mean(Mixture([0.25, 0.75], "
       "[Normal(0, 1), Normal(4, 1)])) is 3",
       "combinators", mixture},
      {"ZeroInflated", "ZeroInflated(probability = none, distribution = none, *, logits = none, size = none)",
       "Counts of a distribution, or with a probability of its own a zero. — e.g. mean(ZeroInflated(0.5, "
       "Poisson(4))) is 2",
       "combinators", zero_inflated},
  };
}

}  // namespace elbo::stdlib
