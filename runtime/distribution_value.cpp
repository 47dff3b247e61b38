// Distributions as values: `Normal(mu, precision = tau, size = K)` with its parameters sorted, checked as far
// as they are known, and written into a graph when a model or a function asks.
#include <algorithm>
#include <charconv>

#include "lang/check.hpp"
#include "runtime/evaluation.hpp"
#include "runtime/format.hpp"
#include "runtime/support_check.hpp"
#include "runtime/tensor_elements.hpp"

namespace elbo::runtime {

namespace {

std::string quoted(std::string_view name) { return "`" + std::string(name) + "`"; }

std::string usage(const Distribution& distribution) {
  return "the arguments are `" + lang::show(signature(distribution)) + "`";
}

int parameter_rank(const Distribution& distribution, std::size_t i) {
  return distribution.parameter_ranks.empty() ? 0 : distribution.parameter_ranks[i];
}

// ---- sorting the arguments --------------------------------------------------------------------------------

/// Collects the parameters of one call.
class ParameterSorter {
 public:
  ParameterSorter(const Distribution& distribution, const Arguments& arguments)
      : distribution_(distribution), arguments_(arguments), is_set_(distribution.parameters.size()) {
    value_.distribution = &distribution;
    value_.parameters.resize(distribution.parameters.size());
    value_.span = arguments.span;
    places_.assign(is_set_.size(), arguments.span);
  }

  /// Where each parameter was written (the whole call for a default).
  const std::vector<lang::Span>& places() const { return places_; }

  DistributionValue sort() {
    for (std::size_t i = 0; i < is_set_.size(); ++i) {
      if (arguments_.given[i])
        set(i, distribution_.parameters[i].name, arguments_.values[i], arguments_.spans[i]);
    }
    value_.alternative = parameterisation();
    for (std::size_t k = 0; k < arguments_.extra.size(); ++k) {
      named(arguments_.extra[k].first, arguments_.extra[k].second, arguments_.extra_spans[k]);
    }
    for (std::size_t i = 0; i < is_set_.size(); ++i) complete(i);
    return std::move(value_);
  }

 private:
  void named(const std::string& name, const Value& value, const lang::Span& span) {
    if (name == "size") {
      value_.size = size_of(value, span);
      return;
    }
    for (std::size_t i = 0; i < is_set_.size(); ++i) {
      const ParameterRole parameter = role(distribution_, value_.alternative, i);
      if (!parameter.replaced || parameter.name != name) continue;
      if (is_set_[i]) conflict(distribution_.parameters[i].name, name, span);
      set(i, name, value, span);
      return;
    }
    if (value_.alternative != nullptr && is_alternative(name)) conflict(value_.alternative->name, name, span);
    std::vector<std::string> candidates{"size"};
    for (const auto& p : distribution_.parameters) candidates.emplace_back(p.name);
    for (const auto& a : distribution_.alternatives) {
      candidates.emplace_back(a.name);
      for (const auto& partner : a.partners) candidates.emplace_back(partner.name);
    }
    const std::string near = lang::did_you_mean(name, candidates);
    fail("unknown-argument", quoted(distribution_.name) + " has no argument " + quoted(name), span,
         (near.empty() ? "" : near + " ") + usage(distribution_));
  }

  bool is_given(std::string_view name) const {
    return std::any_of(arguments_.extra.begin(), arguments_.extra.end(),
                       [&](const auto& argument) { return argument.first == name; });
  }

  bool is_alternative(std::string_view name) const {
    return std::any_of(distribution_.alternatives.begin(), distribution_.alternatives.end(),
                       [&](const Parameterisation& a) { return stands_in(a, name); });
  }

  static bool stands_in(const Parameterisation& a, std::string_view name) {
    return a.name == name || std::any_of(a.partners.begin(), a.partners.end(),
                                         [&](const AlternativeName& p) { return p.name == name; });
  }

  /// The parameterisation all of whose names are given, of several the one with most; null for the canonical
  /// one. A name without its partner is a mistake.
  const Parameterisation* parameterisation() const {
    const Parameterisation* best = nullptr;
    for (const Parameterisation& a : distribution_.alternatives) {
      const bool complete =
          is_given(a.name) && std::all_of(a.partners.begin(), a.partners.end(),
                                          [&](const AlternativeName& p) { return is_given(p.name); });
      if (complete && (best == nullptr || a.partners.size() > best->partners.size())) best = &a;
    }
    if (best != nullptr) return best;
    for (std::size_t k = 0; k < arguments_.extra.size(); ++k) {
      if (is_alternative(arguments_.extra[k].first)) lacks_partner(arguments_.extra[k].first, k);
    }
    return nullptr;
  }

  [[noreturn]] void lacks_partner(std::string_view name, std::size_t k) const {
    std::string partners;
    for (const Parameterisation& a : distribution_.alternatives) {
      if (!stands_in(a, name)) continue;
      std::string together;
      if (a.name != name) together = quoted(a.name);
      for (const AlternativeName& p : a.partners) {
        if (p.name != name) together += (together.empty() ? "" : " and ") + quoted(p.name);
      }
      partners += (partners.empty() ? "" : ", or with ") + together;
    }
    fail("missing-argument",
         quoted(name) + " of " + distribution_.name + " goes with " + partners + ", which is not given",
         arguments_.extra_spans[k], usage(distribution_));
  }

  [[noreturn]] void conflict(std::string_view first, std::string_view second, const lang::Span& span) const {
    fail("conflicting-arguments", quoted(first) + " and " + quoted(second) + " exclude one another", span,
         usage(distribution_));
  }

  void set(std::size_t i, std::string_view name, const Value& value, const lang::Span& span) {
    if (!is_numeric(value) && !value.is<Range>()) {
      fail("wrong-type",
           quoted(name) + " of " + std::string(distribution_.name) + " must be a number, but is " +
               type_name(value),
           span);
    }
    value_.parameters[i] = value.is<Range>() ? Value(to_tensor(value)) : value;
    is_set_[i] = true;
    places_[i] = span;
    check_rank(i, name, span);
  }

  void check_rank(std::size_t i, std::string_view name, const lang::Span& span) const {
    const Value& value = value_.parameters[i];
    const auto* symbol = value.as<Symbol>();
    const std::size_t rank = symbol != nullptr ? symbol->expr.type().event.size() : to_tensor(value).rank();
    if (rank >= static_cast<std::size_t>(parameter_rank(distribution_, i))) return;
    const bool is_matrix = parameter_rank(distribution_, i) == 2;
    fail("wrong-type",
         quoted(name) + " of " + std::string(distribution_.name) + " must be a " +
             (is_matrix ? "matrix" : "vector") + ", but is " + type_name(value),
         span,
         is_matrix ? "a matrix is a list of its rows: `[[1, 0], [0, 1]]`"
                   : "a vector is a list: `[1, 2]`; `fill(3, 1)` has three ones");
  }

  void complete(std::size_t i) {
    if (is_set_[i]) return;
    const DistributionParameter& p = distribution_.parameters[i];
    double number = 0;
    const char* end = p.default_value.data() + p.default_value.size();
    if (!p.default_value.empty() && std::from_chars(p.default_value.data(), end, number).ptr == end) {
      value_.parameters[i] = number;
      return;
    }
    std::string names = quoted(p.name);
    for (const Parameterisation& a : distribution_.alternatives) {
      if (a.replaces == p.name && a.partners.empty()) names += " or " + quoted(a.name);
    }
    fail("missing-argument", quoted(distribution_.name) + " needs the argument " + names, arguments_.span,
         usage(distribution_));
  }

  Shape size_of(const Value& value, const lang::Span& span) const {
    if (value.is<None>()) return {};
    const bool whole =
        value.is<std::int64_t>() ||
        (value.is<Tensor>() && holds_integers(*value.as<Tensor>()) && value.as<Tensor>()->rank() == 1);
    if (!whole) {
      fail("wrong-type", "`size` must be an int, or several as in `[3, 4]`, but is " + type_name(value),
           span);
    }
    const Tensor sizes = to_tensor(value);
    Shape shape;
    for (std::int64_t i = 0; i < sizes.size(); ++i) {
      if (sizes.integer(i) < 1)
        fail("bad-parameter", "`size` must be at least 1, but is " + show(value), span);
      shape.push_back(sizes.integer(i));
    }
    return shape;
  }

  const Distribution& distribution_;
  const Arguments& arguments_;
  std::vector<bool> is_set_;  // which parameters have a value
  std::vector<lang::Span> places_;
  DistributionValue value_;
};

// ---- checking ---------------------------------------------------------------------------------------------

const Shape& event_of(const Value& value, Shape& holder) {
  if (const auto* symbol = value.as<Symbol>()) return symbol->expr.type().event;
  holder = to_tensor(value).shape();
  return holder;
}

void check_supports(const DistributionValue& value, const std::vector<lang::Span>& places) {
  for (std::size_t i = 0; i < value.parameters.size(); ++i) {
    if (value.parameters[i].is<Symbol>()) continue;
    const Tensor x = to_tensor(value.parameters[i]);
    const ParameterRole parameter = role(*value.distribution, value.alternative, i);
    const auto outside = first_outside(*parameter.support, x);
    if (!outside) continue;
    fail("bad-parameter",
         outside_message(parameter.name + " of " + std::string(value.distribution->name), parameter.name,
                         *parameter.support, x, *outside),
         places[i]);
  }
}

/// A support between two parameters, as Uniform's, must not be empty.
void check_bounds(const DistributionValue& value) {
  const auto graph = std::make_shared<Graph>();
  std::vector<Expr> parameters;
  for (std::size_t i = 0; i < value.parameters.size(); ++i) {
    if (value.parameters[i].is<Symbol>()) return;
    parameters.push_back(to_expr(value.parameters[i], graph));
  }
  parameters = canonical_parameters(*value.distribution, value.alternative, parameters);
  const Support where = value.distribution->support(parameters);
  if (where.kind->hull.least_bound < 0 || where.kind->hull.greatest_bound < 0) return;
  const auto bounds = constant_bounds(where);
  if (!bounds) return;
  const std::string problem = empty_interval(*where.kind, *bounds);
  if (problem.empty()) return;
  fail("bad-parameter",
       "the bounds of " + std::string(value.distribution->name) + " must increase, but " + problem,
       value.span);
}

void check_shapes(const DistributionValue& value) {
  Shape joint;
  std::string names;
  for (std::size_t i = 0; i < value.parameters.size(); ++i) {
    Shape holder;
    const Shape& event = event_of(value.parameters[i], holder);
    // A default of a vector is one number for all entries.
    const auto own = std::min(event.size(), static_cast<std::size_t>(parameter_rank(*value.distribution, i)));
    const Shape batch(event.begin(), event.end() - static_cast<std::ptrdiff_t>(own));
    const std::string name = role(*value.distribution, value.alternative, i).name;
    if (!broadcast(joint, batch, joint)) {
      fail("shape-mismatch",
           quoted(name) + " of " + std::string(value.distribution->name) + " has shape " + show(batch) +
               ", which does not go with the shape " + show(joint) + " of " + names,
           value.span);
    }
    names += (names.empty() ? "" : " and ") + quoted(name);
  }
}

/// What the record says about its parameters together.
void check_together(const DistributionValue& value, std::span<const Expr> canonical) {
  if (!value.distribution->problem) return;
  const std::string problem = value.distribution->problem(canonical);
  if (!problem.empty())
    fail("bad-parameter", std::string(value.distribution->name) + ": " + problem, value.span);
}

/// The same before the distribution meets a graph, where all parameters are numbers.
void check_together(const DistributionValue& value) {
  const auto graph = std::make_shared<Graph>();
  std::vector<Expr> given;
  for (const Value& parameter : value.parameters) {
    if (parameter.is<Symbol>()) return;
    given.push_back(to_expr(parameter, graph));
  }
  check_together(value, canonical_parameters(*value.distribution, value.alternative, given));
}

}  // namespace

Value make_distribution(const Distribution& distribution, const Arguments& arguments) {
  ParameterSorter sorter(distribution, arguments);
  auto value = std::make_shared<const DistributionValue>(sorter.sort());
  check_supports(*value, sorter.places());
  check_shapes(*value);
  check_together(*value);
  check_bounds(*value);
  return value;
}

DistributionCall to_call(const DistributionValue& value, const std::shared_ptr<Graph>& graph) {
  check_supports(value, std::vector<lang::Span>(value.parameters.size(), value.span));
  check_shapes(value);
  check_bounds(value);
  DistributionCall call{.distribution = value.distribution,
                        .canonical = {},
                        .alternative = value.alternative,
                        .given = {},
                        .size = value.size,
                        .owner = value.owner};
  for (std::size_t i = 0; i < value.parameters.size(); ++i) {
    call.given.push_back(to_expr(value.parameters[i], graph));
  }
  call.canonical = canonical_parameters(*call.distribution, call.alternative, call.given);
  check_together(value, call.canonical);
  return call;
}

}  // namespace elbo::runtime
