// Distributions that a script defines.
#include "runtime/own_distribution.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "runtime/elaboration.hpp"
#include "runtime/expression.hpp"
#include "runtime/format.hpp"
#include "runtime/matrices.hpp"
#include "runtime/plates.hpp"

namespace elbo::runtime {

namespace {

using Parameters = std::span<const Expr>;

struct MemberRule {
  std::string_view name;
  std::size_t arguments;  ///< that it must have
  std::string_view usage;
};
constexpr std::array member_rules{MemberRule{"log_density", 1, "log_density(x)"},
                                  MemberRule{"sample", 0, "sample()"},
                                  MemberRule{"mean", 0, "mean()"},
                                  MemberRule{"variance", 0, "variance()"},
                                  MemberRule{"entropy", 0, "entropy()"},
                                  MemberRule{"cdf", 1, "cdf(x)"},
                                  MemberRule{"quantile", 1, "quantile(p)"}};

/// The graph of an expression as values want it; they live no longer than it.
std::shared_ptr<Graph> unowned(Graph& graph) {
  return std::shared_ptr<Graph>(std::shared_ptr<Graph>(), &graph);
}

/// The functions of one `dist` statement.
struct Definition {
  Interpreter& interpreter;
  std::string name;
  std::vector<std::string> parameters;
  std::vector<int> ranks;
  int event_rank = 0;
  std::optional<lang::TypeExpression> support;
  std::shared_ptr<Scope> scope;
  std::vector<std::pair<std::string, std::shared_ptr<const Closure>>> members;

  const Closure* member(std::string_view wanted) const {
    for (const auto& [name_of, closure] : members) {
      if (name_of == wanted) return closure.get();
    }
    return nullptr;
  }

  /// A scope in which the parameters have these values: numbers where they are known.
  std::shared_ptr<Scope> bound(Parameters values, const std::shared_ptr<Graph>& graph) const {
    auto result = std::make_shared<Scope>(scope);
    for (std::size_t i = 0; i < parameters.size(); ++i) {
      const auto known = values[i].type().axes.empty() ? known_value(values[i]) : std::nullopt;
      result->define(parameters[i], known ? from_tensor(*known) : Value(Symbol{graph, values[i]}));
    }
    return result;
  }

  /// What a member gives for these parameters, as an expression.
  Expr evaluate(const Closure& closure, Parameters values, std::vector<Value> arguments, Graph& in) const {
    const auto graph = unowned(in);
    Closure here = closure;
    here.scope = bound(values, graph);
    std::vector<CallArgument> given;
    for (Value& argument : arguments) given.push_back({"", std::move(argument), closure.span});
    NameReader* const reader = interpreter.read_names_by(nullptr);
    Value value;
    try {
      value = call_value(interpreter, std::make_shared<const Closure>(std::move(here)), std::move(given),
                         closure.span);
    } catch (...) {
      interpreter.read_names_by(reader);
      throw;
    }
    interpreter.read_names_by(reader);
    if (!is_numeric(value)) {
      fail("wrong-type",
           "`" + closure.name + "` of `" + name + "` must return a number, but returns " + type_name(value),
           closure.span);
    }
    return to_expr(value, graph);
  }

  Shape leading(const Shape& event, int own) const {
    return Shape(event.begin(), event.end() - static_cast<std::ptrdiff_t>(std::min<std::size_t>(
                                                  event.size(), static_cast<std::size_t>(own))));
  }

  /// Shape of the independent outcomes that these parameters describe, and of others.
  Shape joint(Parameters values, Shape others = {}) const {
    for (std::size_t i = 0; i < values.size(); ++i)
      broadcast(others, leading(values[i].type().event, ranks[i]), others);
    return others;
  }

  /// The parameters of one outcome each: the leading dimensions as axes.
  std::vector<Expr> inward(const Stack& stack, Parameters values) const {
    std::vector<Expr> result;
    for (std::size_t i = 0; i < values.size(); ++i)
      result.push_back(stack.inward(values[i], static_cast<std::size_t>(ranks[i])));
    return result;
  }

  /// A member of an outcome (or of a probability, of rank 0), elementwise.
  Expr of_outcome(const Closure& closure, Expr x, Parameters values, int own) const {
    const Stack stack(x.graph(), joint(values, leading(x.type().event, own)));
    const Expr one = stack.inward(x, static_cast<std::size_t>(own));
    const Expr result =
        evaluate(closure, inward(stack, values), {Symbol{unowned(x.graph()), one}}, x.graph());
    if (!result.type().event.empty()) {
      fail("shape-mismatch",
           "`" + closure.name + "` of `" + name +
               "` must return one number for one outcome, but returns shape " + show(result.type().event),
           closure.span, "a sum over the entries of a vector outcome is `sum(…)`");
    }
    return stack.outward(result);
  }

  /// A member without arguments, for every set of parameters; its value has `own` dimensions.
  Expr of_parameters(const Closure& closure, Parameters values, int own) const {
    Graph& graph = values[0].graph();
    const Stack stack(graph, joint(values));
    const Expr result = evaluate(closure, inward(stack, values), {}, graph);
    if (static_cast<int>(result.type().event.size()) != own) {
      fail("shape-mismatch",
           "`" + closure.name + "` of `" + name + "` returns shape " + show(result.type().event) +
               ", but an outcome is " +
               (own == 0   ? "a number"
                : own == 1 ? "a vector"
                           : "a matrix"),
           closure.span);
    }
    return stack.outward(result);
  }

  Expr draw(const Closure& closure, Parameters values, const DrawShape& shape) const {
    Graph& graph = values[0].graph();
    const Stack stack(graph, leading(shape.event, event_rank));
    std::vector<AxisId> axes = shape.axes;
    axes.insert(axes.end(), stack.axes().begin(), stack.axes().end());
    std::sort(axes.begin(), axes.end());
    const DrawContext context{unowned(graph), axes};
    const DrawContext* const before = interpreter.draw_in(&context);
    Expr result;
    try {
      result = evaluate(closure, inward(stack, values), {}, graph);
    } catch (...) {
      interpreter.draw_in(before);
      throw;
    }
    interpreter.draw_in(before);
    const Shape own(shape.event.end() - event_rank, shape.event.end());
    if (result.type().event != own) {
      fail("shape-mismatch",
           "`sample` of `" + name + "` returns " +
               (result.type().event.empty() ? "a number" : "shape " + show(result.type().event)) +
               ", but an outcome is " + (own.empty() ? "a number" : "of shape " + show(own)),
           closure.span);
    }
    return stack.outward(broadcast(result, axes, own));
  }

  Constraint constraint(Parameters values) const {
    const auto graph = values.empty() ? std::make_shared<Graph>() : unowned(values[0].graph());
    Evaluation evaluation(interpreter, bound(values, graph));
    return evaluate_constraint(evaluation, *support);
  }

  /// The sizes in the support may be those of parameters, which are then seen as for one outcome.
  Shape outcome_shape(Parameters values) const {
    return constraint(inward(Stack(values[0].graph(), joint(values)), values)).shape;
  }

  Support support_of(Parameters values) const {
    if (!support) return {&real_support, {}};
    const Constraint c = constraint(values);
    Support result{c.kind, {}};
    const auto graph = values.empty() ? std::make_shared<Graph>() : unowned(values[0].graph());
    for (const Value& bound : c.bounds) result.bounds.push_back(to_expr(bound, graph));
    return result;
  }
};

[[noreturn]] void bad(const std::string& message, const lang::Span& span, const std::string& hint = {}) {
  fail("bad-dist", message, span, hint);
}

/// What a parameter must lie in, by its type.
const SupportKind* kind_of(const lang::Parameter& parameter) {
  if (!parameter.type || parameter.type->name.name == "real") return &real_support;
  const lang::TypeExpression& type = *parameter.type;
  const SupportKind* kind = find_support(type.name.name);
  if (type.name.name == "int") kind = &natural_support;
  if (type.name.name == "bool") kind = &boolean_support;
  if (kind == nullptr || kind->bounds > 0) {
    bad("a parameter of a distribution cannot be `" + type.name.name + "`", type.span,
        "types are real, int (0, 1, …), bool and constraints without bounds, such as positive or simplex[K]");
  }
  return kind;
}

/// A default as text that a record can hold.
std::string default_of(Evaluation& evaluation, const lang::Parameter& parameter) {
  if (!parameter.default_value) return "";
  const Value value = evaluation.evaluate(*parameter.default_value);
  if (!is_numeric(value) || value.is<Symbol>() || to_tensor(value).rank() > 0) {
    bad("the default of `" + parameter.name.name + "` must be a known number, but is " + type_name(value),
        parameter.default_value->span);
  }
  std::array<char, 32> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), to_tensor(value).real(0)).ptr;
  return std::string(text.data(), end);
}

int rank_of(const lang::Parameter& parameter, const SupportKind& kind) {
  if (!parameter.type || !parameter.type->has_shape) return kind.event_rank;
  const int sizes = static_cast<int>(parameter.type->shape.size());
  return kind.event_rank == 2 ? sizes + 1 : sizes;
}

void add_members(Evaluation& evaluation, const lang::DistStatement& statement, Definition& definition) {
  for (const lang::DistStatement::Member& member : statement.members) {
    const auto rule = std::find_if(member_rules.begin(), member_rules.end(),
                                   [&](const MemberRule& r) { return r.name == member.name.name; });
    if (rule == member_rules.end()) {
      std::vector<std::string> names;
      for (const MemberRule& r : member_rules) names.emplace_back(r.name);
      const std::string near = lang::did_you_mean(member.name.name, names);
      bad("a distribution has no member `" + member.name.name + "`", member.name.span,
          near.empty()
              ? "members are log_density(x), sample(), mean(), variance(), entropy(), cdf(x) and quantile(p)"
              : near);
    }
    if (member.callable->parameters.size() != rule->arguments)
      bad("`" + member.name.name + "` is written `" + std::string(rule->usage) + "`", member.name.span,
          "the parameters of the distribution are known inside");
    const Value closure =
        evaluation.closure(CallableKind::function, member.name.name, member.callable, member.name.span);
    definition.members.emplace_back(member.name.name, *closure.as<std::shared_ptr<const Closure>>());
  }
  if (definition.member("log_density") == nullptr)
    bad("`" + definition.name + "` has no log density", statement.name.span,
        "add a member `log_density(x) = …`");
}

/// The rank of an outcome, from the support as it is written.
int event_rank_of(const lang::DistStatement& statement) {
  if (!statement.support) return 0;
  const lang::TypeExpression& type = *statement.support;
  const SupportKind* kind = find_support(type.name.name);
  if (kind == nullptr) {
    bad("`" + type.name.name + "` is no support of a distribution", type.span,
        "supports are the constraints: real, positive, interval(a, b), natural, boolean, simplex[K], …");
  }
  const int sizes = static_cast<int>(type.shape.size());
  if (!type.has_shape) {
    if (kind->event_rank > 0)
      bad("the support `" + type.name.name + "` needs a size", type.span, "as in `on simplex[K]`");
    return 0;
  }
  const int rank = kind->event_rank == 2 ? sizes + 1 : sizes;
  if (rank > 2 || (kind->event_rank != rank && kind != &real_support)) {
    bad("the support of one outcome is a number, a vector or a matrix", type.span,
        "independent copies are made by `size = n`, or by vectors of parameters");
  }
  return rank;
}

}  // namespace

std::string OwnDistribution::show() const { return lang::show(signature(*record_)); }

std::optional<Value> OwnDistribution::call(Interpreter&, std::vector<CallArgument> arguments,
                                           const lang::Span& span) const {
  const Arguments sorted = sort_arguments(positional_signature(*record_), std::move(arguments), span);
  const Value made = make_distribution(*record_, sorted);
  DistributionValue value = **made.as<std::shared_ptr<const DistributionValue>>();
  value.owner = record_;
  return Value(std::make_shared<const DistributionValue>(std::move(value)));
}

Value define_distribution(Evaluation& evaluation, const lang::DistStatement& statement) {
  auto definition = std::make_shared<Definition>(Definition{
      evaluation.interpreter(), statement.name.name, {}, {}, 0, statement.support, evaluation.scope(), {}});
  auto record = std::make_shared<Distribution>();
  record->name = statement.name.name;
  record->summary = "defined by the script";
  if (statement.parameters.empty())
    bad("a distribution needs a parameter", statement.name.span,
        "a constant can have a default: `dist " + record->name + "(scale = 1) …`");
  for (const lang::Parameter& parameter : statement.parameters) {
    const SupportKind* kind = kind_of(parameter);
    record->parameters.push_back({parameter.name.name, kind, default_of(evaluation, parameter), ""});
    record->parameter_ranks.push_back(rank_of(parameter, *kind));
    definition->parameters.push_back(parameter.name.name);
  }
  definition->ranks = record->parameter_ranks;
  record->event_rank = definition->event_rank = event_rank_of(statement);
  add_members(evaluation, statement, *definition);

  const std::shared_ptr<const Definition> d = definition;
  record->support = [d](Parameters p) { return d->support_of(p); };
  if (record->event_rank > 0) record->outcome_shape = [d](Parameters p) { return d->outcome_shape(p); };
  record->log_density = [d](Expr x, Parameters p) {
    return d->of_outcome(*d->member("log_density"), x, p, d->event_rank);
  };
  if (d->member("sample"))
    record->sample = [d](Parameters p, const DrawShape& shape) {
      return d->draw(*d->member("sample"), p, shape);
    };
  if (d->member("mean"))
    record->mean = [d](Parameters p) { return d->of_parameters(*d->member("mean"), p, d->event_rank); };
  if (d->member("variance"))
    record->variance = [d](Parameters p) {
      return d->of_parameters(*d->member("variance"), p, d->event_rank);
    };
  if (d->member("entropy"))
    record->entropy = [d](Parameters p) { return d->of_parameters(*d->member("entropy"), p, 0); };
  if (d->member("cdf"))
    record->cdf = [d](Expr x, Parameters p) { return d->of_outcome(*d->member("cdf"), x, p, 0); };
  if (d->member("quantile"))
    record->quantile = [d](Expr x, Parameters p) { return d->of_outcome(*d->member("quantile"), x, p, 0); };
  return Value(ObjectPtr(std::make_shared<OwnDistribution>(record)));
}

}  // namespace elbo::runtime
