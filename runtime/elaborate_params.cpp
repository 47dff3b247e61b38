// `param p : positive via softplus = 1`: a quantity that optimizers move, kept inside its constraint.
#include <algorithm>
#include <array>
#include <cmath>

#include "lang/print.hpp"
#include "runtime/elaboration.hpp"
#include "runtime/expression.hpp"
#include "runtime/format.hpp"
#include "runtime/program.hpp"
#include "runtime/support_check.hpp"

namespace elbo::runtime {

// ---- transforms -------------------------------------------------------------------------------------------

namespace {

bool bounded_below(const SupportKind& kind) {
  return &kind == &positive_support || &kind == &nonnegative_support || &kind == &lower_support;
}

bool half_bounded(const SupportKind& kind) { return bounded_below(kind) || &kind == &upper_support; }

Expr least(const Support& support) { return support.bounds.empty() ? Expr() : support.bounds[0]; }

Expr softplus_from(Expr y, const Support& support) {
  return least(support) ? least(support) + softplus(y) : softplus(y);
}

// log(e^x - 1) = x + log(1 - e^-x), which does not overflow.
Expr softplus_to(Expr value, const Support& support) {
  const Expr x = least(support) ? value - least(support) : value;
  return x + log(-expm1(-x));
}

constexpr std::array<ParameterTransform, 3> transforms{{
    {"exp", "the exponential of an unconstrained number (for other constraints, their own bijector)",
     half_bounded, [](Expr y, const Support& s) { return s.kind->constrain(y, s.bounds); },
     [](Expr x, const Support& s) { return s.kind->unconstrain(x, s.bounds); }},
    {"softplus", "log(1 + e^y) of an unconstrained number y", bounded_below, softplus_from, softplus_to},
    {"clamp", "the number itself, moved back to the given bound after each step", bounded_below,
     [](Expr y, const Support&) { return y; }, [](Expr x, const Support&) { return x; }},
}};

const ParameterTransform& transform(const std::string& name) {
  for (const ParameterTransform& each : transforms) {
    if (each.name == name) return each;
  }
  throw lang::InternalError("there is no parameter transform " + name);
}

/// Bounds of a parameter's support, which the statement has refused unless they are known.
std::vector<Tensor> known_bounds(const Support& support) {
  auto bounds = constant_bounds(support);
  if (!bounds) throw lang::InternalError("a parameter has bounds that are not known");
  return std::move(*bounds);
}

/// Name and argument of what stands after `via`.
struct Via {
  std::string name;
  lang::ExpressionPtr argument;
};

Via read_via(const lang::Expression& expression) {
  if (const auto* name = std::get_if<lang::NameExpression>(&expression.node)) return {name->name, nullptr};
  const auto* call = std::get_if<lang::CallExpression>(&expression.node);
  const auto* callee = call != nullptr ? std::get_if<lang::NameExpression>(&call->callee->node) : nullptr;
  if (callee == nullptr || call->arguments.size() != 1 || call->arguments[0].name) {
    fail("bad-via", "after `via` stands `exp`, `softplus` or `clamp(bound)`", expression.span);
  }
  return {callee->name, call->arguments[0].value};
}

/// Fills via and clamp of a parameter from the statement.
void choose_transform(Evaluation& evaluation, const lang::Expression& expression, PointParameter& parameter) {
  const Via via = read_via(expression);
  std::vector<std::string> names;
  for (const auto& each : transforms) names.emplace_back(each.name);
  if (std::find(names.begin(), names.end(), via.name) == names.end()) {
    const std::string near = lang::did_you_mean(via.name, names);
    fail("bad-via", "there is no transform `" + via.name + "`", expression.span,
         near.empty() ? "after `via` stands `exp`, `softplus` or `clamp(bound)`" : near);
  }
  if (!transform(via.name).applies(*parameter.support.kind)) {
    fail("bad-via",
         "`" + via.name + "` cannot keep `" + parameter.name + "` " +
             (parameter.support.kind == &real_support
                  ? "real, which needs nothing"
                  : "in `" + std::string(parameter.support.kind->name) + "`"),
         expression.span,
         "leave `via` out for the usual one; " + via.name + " is for positive, nonnegative and lower(a)");
  }
  parameter.via = via.name;
  const bool clamp = via.name == "clamp";
  if (clamp != (via.argument != nullptr)) {
    fail("bad-via", clamp ? "`clamp` needs its bound" : "`" + via.name + "` takes no argument",
         expression.span, clamp ? "for example clamp(1e-4)" : "");
  }
  if (!clamp) return;
  const Value bound = evaluation.evaluate(*via.argument);
  const bool scalar = bound.is<double>() || bound.is<std::int64_t>();
  if (!scalar)
    fail("wrong-type", "the bound of clamp must be a number, but is " + type_name(bound), via.argument->span);
  const Tensor number = to_tensor(bound);
  const auto bounds = known_bounds(parameter.support);
  if (const auto outside = first_outside(*parameter.support.kind, number, bounds)) {
    fail("bad-via",
         outside_message("the bound of clamp", "", *parameter.support.kind, number, *outside, bounds),
         via.argument->span);
  }
  parameter.clamp = number.real(0);
}

/// The value at the origin of the unconstrained space: 0, 1 for positive, 1/2 in the unit interval, a uniform
/// simplex.
Tensor usual_start(const Support& support, const Shape& shape) {
  Graph graph;
  std::vector<Expr> bounds;
  const auto known = known_bounds(support);
  for (const Tensor& bound : known) bounds.push_back(graph.constant(bound));
  const SupportKind& kind = *support.kind;
  const Shape free = kind.unconstrained_shape != nullptr ? kind.unconstrained_shape(shape) : shape;
  const Expr origin =
      graph.constant(Tensor(free, std::vector<double>(static_cast<std::size_t>(element_count(free)))));
  return evaluate(kind.constrain(origin, bounds));
}

Tensor filled(const Tensor& value, const Shape& shape) {
  if (value.shape() == shape) return value.stored_as(Storage::real);
  return Tensor(shape, std::vector<double>(static_cast<std::size_t>(element_count(shape)), value.real(0)));
}

void check_inside(const PointParameter& parameter, const lang::Span& span) {
  const auto bounds = known_bounds(parameter.support);
  const std::string subject = "the initial value of `" + parameter.name + "`";
  const SupportKind& kind = *parameter.support.kind;
  if (const auto outside = first_outside(kind, parameter.initial, bounds)) {
    fail("param-init", outside_message(subject, parameter.name, kind, parameter.initial, *outside, bounds),
         span);
  }
  for (const double y : unconstrain(parameter, parameter.initial)) {
    if (!std::isfinite(y)) {
      fail("param-init",
           subject + " lies on the edge of `" + std::string(kind.name) + "`, which it could not leave", span,
           "start inside");
    }
  }
  for (std::int64_t i = 0; parameter.via == "clamp" && i < parameter.initial.size(); ++i) {
    if (parameter.initial.real(i) < parameter.clamp) {
      fail("param-init", subject + " lies below the bound of clamp, " + show_real(parameter.clamp), span);
    }
  }
}

}  // namespace

std::span<const ParameterTransform> parameter_transforms() { return transforms; }

const ParameterTransform& parameter_transform(const std::string& via) { return transform(via); }

std::vector<double> unconstrain(const PointParameter& parameter, const Tensor& value) {
  Graph graph;
  Support support{.kind = parameter.support.kind, .bounds = {}};
  for (const Tensor& bound : known_bounds(parameter.support)) support.bounds.push_back(graph.constant(bound));
  return evaluate(transform(parameter.via).unconstrain(graph.constant(value), support)).reals();
}

// ---- the statement ----------------------------------------------------------------------------------------

void Elaboration::param(Evaluation& evaluation, const lang::ParamStatement& node, const lang::Span& span) {
  check_fresh(full(node.target.name));
  const Positions at = positions(evaluation, node.target);
  body_.scope->define(node.target.name.name,
                      add_parameter(evaluation, node, body_.prefix + node.target.name.name, at, span));
}

Value Elaboration::add_parameter(Evaluation& evaluation, const lang::ParamStatement& node, std::string name,
                                 const Positions& at, const lang::Span& span) {
  Constraint constraint{.kind = &real_support, .bounds = {}, .has_shape = false, .shape = {}};
  if (node.constraint) constraint = evaluate_constraint(evaluation, *node.constraint);
  const lang::Span& place = node.constraint ? node.constraint->span : span;
  PointParameter parameter;
  parameter.name = std::move(name);
  parameter.support = constraint_support(constraint);
  parameter.via = "exp";
  parameter.span = span;
  if (constraint.kind->discrete) {
    fail("bad-constraint",
         "a parameter moves continuously and cannot be kept in `" + std::string(constraint.kind->name) + "`",
         place);
  }
  if (!constant_bounds(parameter.support)) {
    fail("not-yet-supported",
         "bounds of a parameter that are themselves random or parameters have no meaning in this version",
         place, "bounds must be known numbers");
  }
  if (node.via) choose_transform(evaluation, *node.via, parameter);
  if (at.empty()) {
    parameter.initial = initial_value(evaluation, node, constraint, parameter);
  } else {
    parameter.initial = indexed_initial_value(evaluation, node, at, constraint, parameter);
  }
  check_inside(parameter, node.init ? node.init->span : span);
  const Shape& shape = parameter.initial.shape();
  const bool keeps_shape = parameter.via != "exp" || constraint.kind->unconstrained_shape == nullptr;
  parameter.unconstrained = model_->graph->input(
      parameter.name, {.axes = {},
                       .event = keeps_shape ? shape : constraint.kind->unconstrained_shape(shape),
                       .domain = Domain::real});
  parameter.value = transform(parameter.via).constrain(parameter.unconstrained, parameter.support);
  model_->parameters.push_back(parameter);
  return Symbol{model_->graph, parameter.value};
}

// One parameter per index: together they are one array, of which the statement must define every entry.
Tensor Elaboration::indexed_initial_value(Evaluation& evaluation, const lang::ParamStatement& node,
                                          const Positions& at, const Constraint& constraint,
                                          const PointParameter& parameter) {
  DefinedArray array(DefinedArray::Kind::quantity, parameter.name, at.size());
  const std::vector<AxisId> plates = plates_.active();
  array.pieces.push_back({at, plates, 0, at[0], node.target.span});
  const Shape extents = extents_of(array);
  check_cover(array, extents, false);
  Tensor one;  // the start of one entry, or of every turn
  bool per_turn = false;
  Value given;
  if (node.init) given = evaluation.evaluate(*node.init);
  if (const auto* symbol = given.as<Symbol>(); symbol != nullptr && is_fixed(symbol->expr)) {
    one = *known_value(with_leading(symbol->expr, plates));
    per_turn = true;
  } else {
    one = initial_value(evaluation, node, constraint, parameter);
  }
  const auto skipped = static_cast<std::ptrdiff_t>(per_turn ? plates.size() : 0);
  Shape element(one.shape().begin() + skipped, one.shape().end());
  if (constraint.has_shape && element.empty()) element = constraint.shape;
  const Tensor numbers = entry_numbers(at, plates, extents);
  const std::int64_t size = element_count(element);
  const std::int64_t stored =
      std::max<std::int64_t>(1, one.size() / (per_turn ? std::max<std::int64_t>(1, numbers.size()) : 1));
  std::vector<double> values(static_cast<std::size_t>(element_count(extents) * size));
  for (std::int64_t turn = 0; turn < numbers.size(); ++turn) {
    for (std::int64_t i = 0; i < size; ++i) {
      const std::int64_t from = (per_turn ? turn * stored : 0) + (stored == 1 ? 0 : i);
      values[static_cast<std::size_t>(numbers.integer(turn) * size + i)] = one.real(from);
    }
  }
  Shape shape = extents;
  shape.insert(shape.end(), element.begin(), element.end());
  return Tensor(std::move(shape), std::move(values));
}

Tensor Elaboration::initial_value(Evaluation& evaluation, const lang::ParamStatement& node,
                                  const Constraint& constraint, const PointParameter& parameter) const {
  const auto rank = static_cast<std::size_t>(constraint.kind->event_rank);
  const auto needs_length = [&](const Shape& shape, const lang::Span& span) {
    if (shape.size() >= rank) return;
    const std::string kind(constraint.kind->name);
    fail("shape-mismatch",
         "`" + kind + "` is a " + (rank == 1 ? "vector" : "matrix") + ", but `" + parameter.name + "` is " +
             (shape.empty() ? "a single number" : "a vector"),
         span, "give it a " + std::string(rank == 1 ? "length" : "size") + ", as in `" + kind + "[3]`");
  };
  if (!node.init) {
    needs_length(constraint.shape, node.target.span);
    return usual_start(parameter.support, constraint.shape);
  }
  const Value value = evaluation.evaluate(*node.init);
  const lang::Span& span = node.init->span;
  if (value.is<Symbol>() || !(is_numeric(value) || value.is<Range>())) {
    fail("param-init",
         "the initial value of `" + parameter.name + "` must be a known number, but is " +
             (value.is<Symbol>() ? "random or a parameter" : type_name(value)),
         span);
  }
  const Tensor tensor = to_tensor(value);
  if (constraint.has_shape && tensor.rank() > 0 && tensor.shape() != constraint.shape) {
    fail("param-init",
         "`" + parameter.name + "` has shape " + show(constraint.shape) +
             ", but its initial value has shape " + show(tensor.shape()),
         span);
  }
  const Shape shape = constraint.has_shape ? constraint.shape : tensor.shape();
  needs_length(shape, span);
  return filled(tensor, shape);
}

}  // namespace elbo::runtime
