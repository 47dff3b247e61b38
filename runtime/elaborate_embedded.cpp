// Models inside models: `z ~ other_model(…)`. The variables of the other model become variables `z.name` of
// this one; where the statement is indexed they have its index first.
#include <algorithm>

#include "runtime/elaboration.hpp"
#include "runtime/embedded.hpp"
#include "runtime/expression.hpp"

namespace elbo::runtime {

namespace {

// Models inside models inside models: more than anybody writes, fewer than the machine's stack holds.
constexpr std::ptrdiff_t most_nested = 64;

std::string quoted(const std::string& name) { return "`" + name + "`"; }

bool is_same(const lang::Span& a, const lang::Span& b) {
  return a.source == b.source && a.begin == b.begin && a.end == b.end;
}

std::string listed(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + quoted(name);
  return text;
}

}  // namespace

Value Elaboration::run_embedded(const ModelCall& call, const std::string& name, const Positions& at,
                                const lang::Span& span) {
  if (std::count(body_.prefix.begin(), body_.prefix.end(), '.') >= most_nested) {
    fail("recursion-too-deep",
         quoted(call.closure->name) + " embeds itself, directly or through others, without end", span,
         "a model may embed others, but not itself");
  }
  struct Restored {  // the outer body goes on, however the inner one ends
    Body& present;
    Body outer;
    ~Restored() { present = std::move(outer); }
  } const restored{body_, body_};
  body_ = {&call, std::make_shared<Scope>(call.closure->scope), body_.prefix + name + ".", at};
  model_->bodies.push_back({body_.prefix, call});
  try {
    bind_arguments(interpreter_, without_missing(), body_.scope);
    define_missing();
    Evaluation evaluation(interpreter_, body_.scope, this);
    const lang::Callable& body = *call.closure->callable;
    const Value returned = body.expression ? evaluation.evaluate(*body.expression)
                                           : evaluation.run_statements(body.block->statements).value;
    // Arrays of the inner body have no name out here: the value is read once and for all.
    return returned.is<ObjectPtr>() ? read(returned) : returned;
  } catch (lang::Failure& failure) {
    auto& related = failure.diagnostic().related;
    const bool is_noted =
        std::any_of(related.begin(), related.end(), [&](const auto& r) { return is_same(r.span, span); });
    if (!is_noted && !is_same(failure.diagnostic().span, span)) related.push_back({span, "embedded here"});
    throw;
  }
}

void Elaboration::embed(Evaluation&, const lang::SampleStatement& node, const Positions& at,
                        const ModelCall& call, const lang::Span& span) {
  const lang::Identifier& name = node.target.name;
  const bool is_guide = call.closure->kind == CallableKind::guide;
  if (is_guide != model_->is_guide) {
    fail("not-a-distribution",
         std::string("after `~` in a ") + (model_->is_guide ? "guide" : "model") +
             " stands a distribution or another " + (model_->is_guide ? "guide" : "model") + ", but " +
             quoted(call.closure->name) + " is a " + (is_guide ? "guide" : "model"),
         node.distribution->span);
  }
  if (node.constraint) {
    fail("bad-constraint", "an embedded model cannot be restricted", node.constraint->span,
         "restrict its variables where they are defined");
  }
  const Value returned = run_embedded(call, name.name, at, span);
  const std::string prefix = body_.prefix + name.name + ".";
  Value value = returned;
  if (at.size() > body_.at.size() && is_numeric(returned)) {
    const ArrayPtr array = array_named(full(name), DefinedArray::Kind::quantity, at.size());
    array->pieces.push_back({at, plates_.active(), 0, to_expr(returned, model_->graph), span});
    value = ObjectPtr(array);
  } else {
    check_fresh(full(name));
  }
  body_.scope->define(name.name, ObjectPtr(std::make_shared<Embedded>(std::move(value), prefix)));
}

std::optional<Value> Elaboration::read_field(const Value& value, const lang::Identifier& field) {
  const auto* object = value.as<ObjectPtr>();
  const auto embedded = object == nullptr ? nullptr : std::dynamic_pointer_cast<const Embedded>(*object);
  if (!embedded) return std::nullopt;
  const std::string name = embedded->prefix + field.name;
  const auto symbol = [&](Expr e) { return Value(Symbol{model_->graph, plates_.seen(e)}); };
  for (const ArrayPtr& array : arrays_) {
    if (array->name() != name) continue;
    complete(*array);
    return symbol(array->whole);
  }
  for (const RandomVariable& v : model_->variables) {
    if (v.name == name) return symbol(v.value);
  }
  for (const PointParameter& p : model_->parameters) {
    if (p.name == name) return symbol(p.value);
  }
  for (const DeterministicQuantity& q : model_->quantities) {
    if (q.name == name) return symbol(q.value);
  }
  const bool has_fields = embedded->returned.is<std::shared_ptr<const Record>>();
  if (has_fields) return field_of(read(embedded->returned), field);
  std::vector<std::string> names;
  for (const RandomVariable& v : model_->variables) {
    if (v.name.starts_with(embedded->prefix)) names.push_back(v.name.substr(embedded->prefix.size()));
  }
  fail("unknown-field",
       "the embedded model " + quoted(embedded->show()) + " has no variable " + quoted(field.name),
       field.span, "it has " + listed(names));
}

// An argument of an embedded model that stands for data of one turn: all turns together are one variable.
void Elaboration::observe_in_plate(const lang::SampleStatement& node, DistributionCall call,
                                   const lang::Span& span) {
  const std::string& own = node.target.name.name;
  const Value& data = *body_.scope->find(own);
  if (!is_numeric(data)) {
    fail("wrong-type", "the observed variable " + quoted(own) + " must be data, but is " + type_name(data),
         span);
  }
  const Expr value = to_expr(data, model_->graph);
  if (!is_fixed(value)) {
    fail("wrong-type", "the observed variable " + quoted(own) + " must be data, but is random", span);
  }
  const Shape shape = event_shape(call), found = value.type().event;
  Shape joint;
  if (!broadcast(shape, found, joint) || joint != found) {
    fail("observed-shape",
         "the data " + quoted(own) + " have shape " + show(found) + ", but their distribution has shape " +
             show(shape),
         span);
  }
  set_size(call, found);
  const std::vector<AxisId> plates = plates_.active();
  RandomVariable variable;
  variable.name = body_.prefix + own;
  variable.observed = true;
  variable.value = model_->graph->constant(*known_value(with_leading(value, plates)));
  for (const AxisId plate : plates) variable.indexed.push_back(model_->graph->axis(plate).size);
  std::vector<std::int64_t> numbers(static_cast<std::size_t>(element_count(variable.indexed)));
  for (std::size_t i = 0; i < numbers.size(); ++i) numbers[i] = static_cast<std::int64_t>(i);
  Support where = support(call);
  const Expr density = log_density(call, value);
  variable.parts.push_back({std::move(call), value, density, std::move(where), plates,
                            Tensor(variable.indexed, std::move(numbers)), span});
  model_->variables.push_back(std::move(variable));
}

}  // namespace elbo::runtime
