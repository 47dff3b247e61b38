// A model applied to data becomes a graph of random variables: its body is read once, with a symbol for every
// latent variable and parameter, and each statement leaves a node.
#include <algorithm>

#include "runtime/elaboration.hpp"
#include "runtime/expression.hpp"
#include "runtime/operations/operations.hpp"
#include "runtime/support_check.hpp"

namespace elbo::runtime {

namespace {

std::string quoted(const std::string& name) { return "`" + name + "`"; }

/// Reads names by an elaboration for as long as it lives.
class Reading {
 public:
  Reading(Interpreter& interpreter, NameReader* reader)
      : interpreter_(interpreter), before_(interpreter.read_names_by(reader)) {}
  Reading(const Reading&) = delete;
  Reading& operator=(const Reading&) = delete;
  ~Reading() { interpreter_.read_names_by(before_); }

 private:
  Interpreter& interpreter_;
  NameReader* before_;
};

[[noreturn]] void fail_with_label(lang::Diagnostic diagnostic, const lang::Span& span,
                                  const std::string& label) {
  if (span) diagnostic.related.push_back({span, label});
  throw lang::Failure(std::move(diagnostic));
}

/// What stands after `~`, which must be a distribution.
const DistributionValue& distribution_of(const Value& value, const lang::Span& span) {
  if (const auto* d = value.as<std::shared_ptr<const DistributionValue>>()) return **d;
  fail("not-a-distribution", "after `~` stands a distribution, but this is " + type_name(value), span,
       value.is<const Function*>() ? "give it its parameters, as in Normal(0, 1)"
                                   : "for a plain value write `let`");
}

void check_data_support(const std::string& name, const DistributionCall& call, const Tensor& data,
                        const lang::Span& span) {
  const Support where = support(call);
  const auto bounds = constant_bounds(where);
  if (!bounds) return;
  const auto outside = first_outside(*where.kind, data, *bounds);
  if (!outside) return;
  const std::string what = "data of " + std::string(call.distribution->name);
  fail("outside-support",
       outside_message(quoted(name) + ", " + what + ",", name, *where.kind, data, *outside, *bounds), span);
}

}  // namespace

void set_size(DistributionCall& call, const Shape& data) {
  const Shape one = event_shape(call);
  if (!call.size.empty() || one.size() > data.size()) return;
  const auto extra = static_cast<std::ptrdiff_t>(data.size() - one.size());
  if (!std::equal(one.begin(), one.end(), data.begin() + extra)) return;
  call.size.assign(data.begin(), data.begin() + extra);
}

Elaboration::Elaboration(Interpreter& interpreter, const ModelCall& call, std::shared_ptr<Graph> graph,
                         bool replicate)
    : interpreter_(interpreter),
      model_(std::make_shared<ModelGraph>()),
      body_{&call, std::make_shared<Scope>(call.closure->scope), {}, {}},
      plates_(graph),
      replicate_(replicate) {
  model_->name = call.closure->name;
  model_->is_guide = call.closure->kind == CallableKind::guide;
  model_->graph = std::move(graph);
  model_->span = call.span;
  model_->definition = call.closure->span;
  model_->bodies.push_back({"", call});
}

std::shared_ptr<ModelGraph> Elaboration::read() {
  const ModelCall& call = *body_.call;
  const CallFrame frame(interpreter_, *call.closure,
                        call.span);  // a body may call for a fit of its own model
  bind_arguments(interpreter_, without_missing(), body_.scope);
  define_missing();
  Evaluation evaluation(interpreter_, body_.scope, this);
  const Reading reading(interpreter_, this);
  const GivenWeights given(interpreter_, *this);
  const lang::Callable& body = *call.closure->callable;
  try {
    model_->returned = body.expression ? evaluation.evaluate(*body.expression)
                                       : evaluation.run_statements(body.block->statements).value;
    for (std::size_t i = 0; i < arrays_.size(); ++i) complete(*arrays_[i]);
    finish_missing();
    resolve_all();
  } catch (lang::Failure& failure) {
    // Once, however often a body that asks for itself has been read.
    auto& related = failure.diagnostic().related;
    const bool is_noted = std::any_of(related.begin(), related.end(), [&](const auto& r) {
      return r.span.source == call.span.source && r.span.begin == call.span.begin &&
             r.span.end == call.span.end;
    });
    if (call.span && !is_noted) related.push_back({call.span, "called here"});
    throw;
  }
  if (!model_->is_guide && model_->variables.empty() && model_->factors.empty()) {
    fail("empty-model", "the model " + quoted(model_->name) + " has no random variable and no factor",
         call.closure->span, "a variable is written `x ~ Normal(0, 1)`");
  }
  return model_;
}

bool Elaboration::is_argument(const std::string& name) const {
  const auto& parameters = body_.call->closure->callable->parameters;
  return std::any_of(parameters.begin(), parameters.end(),
                     [&](const auto& p) { return p.name.name == name; });
}

void Elaboration::check_fresh(const lang::Identifier& name) const {
  const auto refuse = [&](const lang::Span& first) {
    fail_with_label({.code = "duplicate-variable",
                     .message = quoted(name.name) + " is defined twice",
                     .span = name.span,
                     .related = {},
                     .hint = "give the second one another name"},
                    first, "first defined here");
  };
  if (const RandomVariable* variable = model_->find(name.name)) refuse(variable->span());
  for (const PointParameter& p : model_->parameters) {
    if (p.name == name.name) refuse(p.span);
  }
}

DistributionCall Elaboration::distribution(const Value& value, const lang::SampleStatement& node) const {
  return to_call(distribution_of(value, node.distribution->span), model_->graph);
}

void Elaboration::sample(Evaluation& evaluation, const lang::SampleStatement& node, const lang::Span& span) {
  const std::string& own = node.target.name.name;
  const bool observed = is_argument(own);
  if (observed && model_->is_guide) {
    fail("sample-on-argument", quoted(own) + " is an argument of the guide, and so data", node.target.span,
         "a guide draws the latent variables of its model; leave this statement out");
  }
  if (observed && node.constraint) {
    fail("bad-constraint", "the observed variable " + quoted(own) + " cannot be restricted",
         node.constraint->span,
         "declare the type of the argument instead: `" + own + ": " +
             std::string(node.constraint->span.text()) + "`");
  }
  if (observed && !node.target.indices.empty()) return observe_entry(evaluation, node, span);
  const Positions at = observed ? Positions{} : positions(evaluation, node.target);
  const Value value = evaluation.evaluate(*node.distribution);
  if (const auto* embedded = value.as<std::shared_ptr<const ModelCall>>(); embedded != nullptr && !observed) {
    return embed(evaluation, node, at, **embedded, span);
  }
  if (!at.empty()) return sample_entry(evaluation, node, at, value, span);
  const lang::Identifier name = full(node.target.name);
  check_fresh(name);
  DistributionCall call = distribution(value, node);
  if (observed && plates_.depth() > 0) return observe_in_plate(node, std::move(call), span);
  RandomVariable variable;
  if (observed) {
    variable = observe(own, std::move(call), span);
  } else {
    Support where = support(call);
    if (node.constraint) {
      restrict(call, where, evaluate_constraint(evaluation, *node.constraint), own, node.constraint->span);
    }
    variable.name = name.name;
    variable.value =
        model_->graph->input(name.name, {.axes = {}, .event = event_shape(call), .domain = domain_of(where)});
    const Expr density = log_density(call, variable.value);
    variable.parts.push_back({std::move(call), variable.value, density, std::move(where), {}, {}, span});
    body_.scope->define(own, Symbol{model_->graph, variable.value});
  }
  model_->variables.push_back(std::move(variable));
}

Tensor Elaboration::data_of(const std::string& name, const lang::Span& span) const {
  if (const auto incomplete = incomplete_.find(body_.prefix + name); incomplete != incomplete_.end())
    return incomplete->second.data;
  const Value& data = *body_.scope->find(name);
  if (!is_numeric(data) && !data.is<Range>()) {
    fail("wrong-type",
         "the observed variable " + quoted(name) + " must be a number or a tensor, but is " + type_name(data),
         span);
  }
  if (const auto* symbol = data.as<Symbol>()) {
    if (const auto known = known_value(symbol->expr); known && symbol->expr.type().axes.empty())
      return *known;
    fail("wrong-type", "the observed variable " + quoted(name) + " must be data, but is random", span);
  }
  return to_tensor(data);
}

RandomVariable Elaboration::observe(const std::string& name, DistributionCall call, const lang::Span& span) {
  const Tensor tensor = data_of(name, span);
  const Shape shape = event_shape(call);
  Shape joint;
  if (!broadcast(shape, tensor.shape(), joint) || joint != tensor.shape()) {
    fail("observed-shape",
         "the data " + quoted(name) + " have shape " + show(tensor.shape()) +
             ", but their distribution has shape " + show(shape),
         span);
  }
  check_data_support(name, call, tensor, span);
  set_size(call, tensor.shape());
  RandomVariable variable;
  variable.name = body_.prefix + name;
  variable.observed = true;
  variable.value = model_->graph->constant(tensor);
  Support where = support(call);
  const Expr density = log_density(call, variable.value);
  add_observed(variable, {std::move(call), variable.value, density, std::move(where), {}, {}, span}, {});
  return variable;
}

Support Elaboration::constraint_support(const Constraint& constraint) const {
  Support result{.kind = constraint.kind, .bounds = {}};
  for (const Value& bound : constraint.bounds) result.bounds.push_back(to_expr(bound, model_->graph));
  return result;
}

void Elaboration::restrict(DistributionCall& call, Support& support, const Constraint& constraint,
                           const std::string& name, const lang::Span& span) const {
  if (support.kind->discrete || constraint.kind->discrete) {
    fail("bad-constraint", "the constraint of " + quoted(name) + " is for continuous variables", span);
  }
  if (constraint.has_shape) {
    const Shape shape = event_shape(call);
    if (shape.empty()) call.size = constraint.shape;
    if (event_shape(call) != constraint.shape) {
      fail("shape-mismatch",
           quoted(name) + " is declared with shape " + show(constraint.shape) +
               ", but its distribution has shape " + show(shape),
           span);
    }
  }
  if (event_shape(call).size() < static_cast<std::size_t>(constraint.kind->event_rank)) {
    fail("shape-mismatch",
         quoted(std::string(constraint.kind->name)) + " restricts a " +
             (constraint.kind->event_rank == 1 ? "vector" : "matrix") + ", but " + quoted(name) + " is " +
             (event_shape(call).empty() ? "a single number" : "a vector"),
         span, "give it a size, as in `" + std::string(constraint.kind->name) + "[3]`");
  }
  const Support declared = constraint_support(constraint);
  const auto is_known = [](const Support& s) {
    return s.kind->event_rank == 0 && std::all_of(s.bounds.begin(), s.bounds.end(), [](const Expr& e) {
             return e.node().operation == &constant_operation;
           });
  };
  if (is_known(declared) && is_known(support) && !implies(declared, support)) {
    fail("bad-constraint",
         "the constraint of " + quoted(name) + " is wider than the support of " + call.distribution->name +
             ", " + std::string(support.kind->help),
         span, "leave it out: the variable lies where its distribution does");
  }
  support = declared;
}

void Elaboration::factor(Evaluation& evaluation, const lang::FactorStatement& node, const lang::Span& span) {
  if (model_->is_guide) {
    fail("guide-factor", "a guide is a distribution to draw from, and cannot have a factor", span,
         "factors belong to the model");
  }
  const Value value = evaluation.evaluate(*node.value);
  if (!is_numeric(value)) {
    fail("wrong-type", "a factor must be a number, but is " + type_name(value), node.value->span);
  }
  // Every turn of a loop has its own factor, also where the value is the same in all of them.
  const std::vector<AxisId> plates = plates_.active();
  Expr each = to_expr(value, model_->graph);
  for (const AxisId plate : plates) each = broadcast_axis(each, plate);
  model_->factors.push_back({each, span, plates});
}

void Elaboration::defined(const std::string& name, const Value& value, const lang::Span& span) {
  const auto* symbol = value.as<Symbol>();
  if (symbol == nullptr || is_fixed(symbol->expr)) return;
  // In a loop every turn has its own: together they are an array.
  model_->quantities.push_back({body_.prefix + name, with_leading(symbol->expr, plates_.active()), span});
}

// ---- placeholders -----------------------------------------------------------------------------------------

namespace {

/// Expressions wherever a model graph holds them, with what a returned value holds.
class Expressions {
 public:
  void add(Expr& e) {
    if (e) places_.push_back(&e);
  }
  void add(std::vector<Expr>& list) {
    for (Expr& e : list) add(e);
  }
  void add(ModelGraph& model) {
    for (RandomVariable& variable : model.variables) {
      for (VariablePart& part : variable.parts) {
        add(part.call.canonical);
        add(part.call.given);
        add(part.value);
        add(part.log_density);
        add(part.support.bounds);
      }
    }
    for (DeterministicQuantity& quantity : model.quantities) add(quantity.value);
    for (FactorTerm& factor : model.factors) add(factor.log_density);
  }
  const std::vector<Expr*>& places() const { return places_; }

 private:
  std::vector<Expr*> places_;
};

Value with_symbols(const Value& value, const std::function<Expr(Expr)>& change) {
  if (const auto* symbol = value.as<Symbol>()) return Symbol{symbol->graph, change(symbol->expr)};
  if (const auto* list = value.as<std::shared_ptr<const List>>()) {
    List changed;
    for (const Value& entry : **list) changed.push_back(with_symbols(entry, change));
    return make_list(std::move(changed));
  }
  if (const auto* record = value.as<std::shared_ptr<const Record>>()) {
    Record changed;
    for (const auto& [name, entry] : **record) changed.emplace_back(name, with_symbols(entry, change));
    return make_record(std::move(changed));
  }
  return value;
}

}  // namespace

void Elaboration::resolve_all() {
  if (resolved_.empty()) return;
  // What a placeholder stands for may hold others (an array in terms of another): replaced until none is
  // left.
  const auto resolve = [&](std::vector<Expr> roots) {
    for (std::size_t round = 0; round <= resolved_.size(); ++round) {
      std::vector<Expr> next = substitute(roots, resolved_);
      if (next == roots) break;
      roots = std::move(next);
    }
    return roots;
  };
  Expressions expressions;
  expressions.add(*model_);
  std::vector<Expr> roots;
  for (const Expr* place : expressions.places()) roots.push_back(*place);
  roots = resolve(std::move(roots));
  for (std::size_t i = 0; i < roots.size(); ++i) *expressions.places()[i] = roots[i];
  model_->returned = with_symbols(model_->returned, [&](Expr e) { return resolve({e})[0]; });
}

std::shared_ptr<const ModelGraph> elaborate(Interpreter& interpreter, const ModelCall& model,
                                            const ElaborateOptions& options) {
  const auto graph = options.graph ? options.graph : std::make_shared<Graph>();
  std::shared_ptr<const ModelGraph> result = Elaboration(interpreter, model, graph, options.replicate).read();
  if (!options.replicate && !options.graph) interpreter.elaborated().push_back(result);
  return result;
}

std::shared_ptr<const ModelGraph> elaborate_guide(Interpreter& interpreter, const ModelCall& guide,
                                                  const ModelGraph& model,
                                                  const std::vector<std::string>& may_miss) {
  Elaboration elaboration(interpreter, guide, model.graph);
  elaboration.share_nets(model);
  std::shared_ptr<const ModelGraph> result = elaboration.read();
  check_guide(*result, model, may_miss);
  interpreter.elaborated().push_back(result);
  return result;
}

}  // namespace elbo::runtime
