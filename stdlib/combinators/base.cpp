// What the combinators share: base distributions as part of a record, and their distribution functions
// anywhere.
#include "stdlib/combinators/base.hpp"

#include <algorithm>
#include <limits>

#include "runtime/evaluation.hpp"

namespace elbo::stdlib {
namespace {

constexpr double inf = std::numeric_limits<double>::infinity();

/// The graph of an expression, as values want it; they live no longer than it.
std::shared_ptr<runtime::Graph> unowned(runtime::Graph& graph) {
  return std::shared_ptr<runtime::Graph>(std::shared_ptr<runtime::Graph>(), &graph);
}

Expr least(const runtime::Support& support, Expr like) {
  const runtime::Hull& hull = support.kind->hull;
  if (hull.least_bound >= 0) return support.bounds[static_cast<std::size_t>(hull.least_bound)];
  return number(like, hull.least);
}

Expr greatest(const runtime::Support& support, Expr like) {
  const runtime::Hull& hull = support.kind->hull;
  if (hull.greatest_bound >= 0) return support.bounds[static_cast<std::size_t>(hull.greatest_bound)];
  return number(like, hull.greatest);
}

/// A function of the base at x: `at_least` below the support, `at_greatest` above it.
Expr extended(const DistributionCall& call, Expr x, const runtime::OutcomeFunction& inner, double below,
              double above) {
  const runtime::Support support = runtime::support(call);
  if (support.kind->discrete) x = floor(x);
  const Expr start = least(support, x), end = greatest(support, x);
  const Expr is_below = support.kind->discrete ? less(x, start) : less_equal(x, start);
  const Expr is_above = less_equal(end, x);
  const Expr is_out = logical_or(is_below, is_above);
  const Expr safe = select(is_out, support.kind->interior(x, support.bounds), x);
  return select(is_below, number(x, below), select(is_above, number(x, above), inner(safe, call.canonical)));
}

// Counts between bounds, both included; bounds are whole numbers.
Expr whole_from(Expr x, Parameters b) {
  return logical_and(logical_and(less_equal(b[0], x), equal(floor(x), x)), less(x, number(x, inf)));
}
Expr whole_between(Expr x, Parameters b) { return logical_and(whole_from(x, b), less_equal(x, b[1])); }
Expr first_bound(Expr, Parameters b) { return b[0]; }

const runtime::SupportKind counts_from{
    .name = "counts_from",
    .help = "a, a + 1, ...",
    .bounds = 1,
    .discrete = true,
    .contains = whole_from,
    .interior = first_bound,
    .hull = {.least_bound = 0},
};
const runtime::SupportKind counts_between{
    .name = "counts_between",
    .help = "a, a + 1, ..., b",
    .bounds = 2,
    .discrete = true,
    .contains = whole_between,
    .interior = first_bound,
    .hull = {.least_bound = 0, .greatest_bound = 1},
};

}  // namespace

DistributionCall Base::call(Parameters p) const {
  DistributionValue here = value;
  const auto graph = unowned(p[0].graph());
  for (std::size_t i = 0; i < here.parameters.size(); ++i) here.parameters[i] = Symbol{graph, p[first + i]};
  here.size.clear();
  return to_call(here, graph);
}

bool is_discrete(const DistributionValue& d) {
  const auto graph = runtime::graph_of(d.parameters);
  return runtime::support(to_call(d, graph ? graph : std::make_shared<runtime::Graph>())).kind->discrete;
}

Combination::Combination(std::string name, const Arguments& arguments)
    : arguments_(arguments), record_(std::make_shared<Distribution>()) {
  record_->name = std::move(name);
  value_.span = arguments.span;
}

Base Combination::add(const DistributionValue& base, const std::string& suffix) {
  Base result{base, value_.parameters.size()};
  for (std::size_t i = 0; i < base.parameters.size(); ++i) {
    const runtime::ParameterRole parameter = runtime::role(*base.distribution, base.alternative, i);
    const int rank = base.distribution->parameter_ranks.empty() ? 0 : base.distribution->parameter_ranks[i];
    add(parameter.name + suffix, base.parameters[i], *parameter.support,
        base.distribution->parameters[i].help, rank);
  }
  return result;
}

std::size_t Combination::add(const std::string& name, const Value& value, const runtime::SupportKind& support,
                             std::string help, int rank) {
  record_->parameters.push_back({name, &support, "", std::move(help)});
  record_->parameter_ranks.push_back(rank);
  value_.parameters.push_back(value);
  return value_.parameters.size() - 1;
}

Value Combination::finish(std::size_t size_argument, const Shape& base_size) {
  value_.size = base_size;
  if (arguments_.given[size_argument] && !arguments_.values[size_argument].is<runtime::None>())
    value_.size = shape_argument(arguments_, size_argument, "size");
  value_.distribution = record_.get();
  value_.owner = record_;
  const auto graph = runtime::graph_of(value_.parameters);
  to_call(value_, graph ? graph : std::make_shared<runtime::Graph>());  // checks what is known
  return std::make_shared<const DistributionValue>(value_);
}

const DistributionValue& base_value(const Value& value, const lang::Span& span,
                                    const std::string& combinator) {
  const auto* base = value.as<DistributionPtr>();
  if (base == nullptr) wrong_type("distribution", "a distribution, such as Normal(0, 1)", value, span);
  if ((*base)->distribution->event_rank > 0) {
    fail("wrong-type",
         combinator + " is made from distributions of numbers, but " + (*base)->distribution->name +
             " is one of vectors",
         span);
  }
  return **base;
}

const DistributionValue& base_argument(const Arguments& a, std::size_t i, const std::string& combinator) {
  return base_value(a.values[i], a.spans[i], combinator);
}

void require_cdf(const DistributionValue& base, const std::string& combinator, const lang::Span& span) {
  if (base.distribution->cdf != nullptr) return;
  fail("no-closed-form",
       combinator + " needs the distribution function of " + base.distribution->name +
           ", which has no closed form here",
       span);
}

Expr cdf(const DistributionCall& call, Expr x) { return extended(call, x, call.distribution->cdf, 0, 1); }

Expr log_cdf(const DistributionCall& call, Expr x) {
  const Distribution& d = *call.distribution;
  if (d.log_cdf) return extended(call, x, d.log_cdf, -inf, 0);
  return extended(
      call, x, [&](Expr at, Parameters p) { return log_from_zero(d.cdf(at, p)); }, -inf, 0);
}

Expr log_survival(const DistributionCall& call, Expr x) {
  const Distribution& d = *call.distribution;
  if (d.log_survival) return extended(call, x, d.log_survival, 0, -inf);
  return extended(
      call, x,
      [&](Expr at, Parameters p) {
        return d.survival ? log_from_zero(d.survival(at, p)) : log1m_to_one(d.cdf(at, p));
      },
      0, -inf);
}

Expr columns(const std::vector<Expr>& terms) {
  Expr total = terms[0];
  for (std::size_t i = 1; i < terms.size(); ++i) total = total + terms[i];
  std::vector<Expr> parts;
  for (const Expr& term : terms)
    parts.push_back(as_column(runtime::broadcast(term, total.type().axes, total.type().event)));
  return runtime::concatenate(parts, static_cast<std::int64_t>(total.type().event.size()));
}

Expr log_sum(const std::vector<Expr>& terms) { return runtime::logsumexp_dim(columns(terms), -1); }

namespace {

bool starts(const runtime::Support& s) { return s.kind->hull.least_bound >= 0 || s.kind->hull.least > -inf; }
bool ends(const runtime::Support& s) {
  return s.kind->hull.greatest_bound >= 0 || s.kind->hull.greatest < inf;
}

/// With ends as far as there are any.
runtime::Support between(bool discrete, Expr lower, Expr upper) {
  if (discrete) {
    if (upper) return {&counts_between, {lower, upper}};
    return {&counts_from, {lower}};
  }
  if (lower && upper) return {&runtime::interval_support, {lower, upper}};
  if (lower) return {&runtime::lower_support, {lower}};
  if (upper) return {&runtime::upper_support, {upper}};
  return {&runtime::real_support, {}};
}

}  // namespace

runtime::Support unite(const std::vector<runtime::Support>& supports) {
  const runtime::Support& first = supports[0];
  const bool alike = std::all_of(supports.begin(), supports.end(), [&](const runtime::Support& s) {
    return s.kind == first.kind && s.bounds == first.bounds;
  });
  if (alike) return first;
  Expr like;
  for (const runtime::Support& s : supports)
    if (!s.bounds.empty()) like = s.bounds[0];
  // Without bounds there is no expression at hand, nor a need of one: the wider of two kinds holds the other.
  if (!like) {
    for (const runtime::Support& s : supports) {
      if (std::all_of(supports.begin(), supports.end(),
                      [&](const auto& o) { return runtime::implies(o, s); }))
        return s;
    }
    return {&runtime::real_support, {}};
  }
  Expr lower, upper;
  if (std::all_of(supports.begin(), supports.end(), starts)) {
    for (const runtime::Support& s : supports)
      lower = lower ? minimum(lower, least(s, like)) : least(s, like);
  }
  if (std::all_of(supports.begin(), supports.end(), ends)) {
    for (const runtime::Support& s : supports)
      upper = upper ? maximum(upper, greatest(s, like)) : greatest(s, like);
  }
  return between(first.kind->discrete, lower, upper);
}

runtime::Support cut(const runtime::Support& support, Expr lower, Expr upper) {
  const Expr like = lower ? lower : upper;
  const bool discrete = support.kind->discrete;
  if (lower && discrete) lower = -floor(-lower);
  if (upper && discrete) upper = floor(upper);
  if (starts(support)) lower = lower ? maximum(lower, least(support, like)) : least(support, like);
  if (ends(support)) upper = upper ? minimum(upper, greatest(support, like)) : greatest(support, like);
  return between(discrete, lower, upper);
}

}  // namespace elbo::stdlib
