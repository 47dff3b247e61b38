// What the combinators share: base distributions as part of a record, sums of their densities, and supports
// put together.
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
  if (is_given(arguments_, size_argument)) value_.size = shape_argument(arguments_, size_argument, "size");
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
         span, "a distribution of a number, as Normal(0, 1) or Poisson(2)");
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
       span, "a distribution of your own can have one as its member `cdf(x) = …`");
}

Expr columns(const std::vector<Expr>& terms) {
  Expr total = terms[0];
  for (std::size_t i = 1; i < terms.size(); ++i) total = total + terms[i];
  std::vector<Expr> parts;
  for (const Expr& term : terms)
    parts.push_back(as_column(runtime::broadcast(term, total.type().axes, total.type().event)));
  return runtime::concatenate(parts, static_cast<std::int64_t>(total.type().event.size()));
}

Expr log_total(Expr terms) {
  const Expr nowhere = number(terms, -inf);
  const Expr possible = less(nowhere, runtime::stop_gradient(runtime::max_dim(terms, -1)));
  const Expr safe = select(as_column(possible), terms, number(terms, 0));
  return select(possible, runtime::logsumexp_dim(safe, -1), nowhere);
}

Expr log_sum(const std::vector<Expr>& terms) { return log_total(columns(terms)); }

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
      lower = lower ? minimum(lower, ends_of(s, like).lower) : ends_of(s, like).lower;
  }
  if (std::all_of(supports.begin(), supports.end(), ends)) {
    for (const runtime::Support& s : supports)
      upper = upper ? maximum(upper, ends_of(s, like).upper) : ends_of(s, like).upper;
  }
  return between(first.kind->discrete, lower, upper);
}

runtime::Support cut(const runtime::Support& support, Expr lower, Expr upper) {
  const runtime::Ends whole = ends_of(support, lower ? lower : upper);
  const bool discrete = support.kind->discrete;
  if (lower && discrete) lower = -floor(-lower);
  if (upper && discrete) upper = floor(upper);
  if (starts(support)) lower = lower ? maximum(lower, whole.lower) : whole.lower;
  if (ends(support)) upper = upper ? minimum(upper, whole.upper) : whole.upper;
  return between(discrete, lower, upper);
}

}  // namespace elbo::stdlib
