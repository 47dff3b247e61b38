// Missing entries of observed data: each is a latent value of the entry's own distribution. The statement
// that observes the data becomes two: one of the entries that are there, and one of a latent variable
// `NAME_missing`, which holds the others in the order of the data.
#include <algorithm>
#include <cmath>

#include "runtime/elaboration.hpp"
#include "runtime/expression.hpp"
#include "runtime/missing.hpp"
#include "runtime/support_check.hpp"

namespace elbo::runtime {

namespace {

using Numbers = std::vector<std::int64_t>;

/// Names that the statements of a body draw from a distribution.
void collect_sampled(const lang::Block& block, std::vector<std::string>& names) {
  for (const auto& statement : block.statements) {
    if (const auto* sample = std::get_if<lang::SampleStatement>(&statement->node)) {
      names.push_back(sample->target.name.name);
    }
    if (const auto* loop = std::get_if<lang::ForStatement>(&statement->node))
      collect_sampled(*loop->body, names);
    if (const auto* e = std::get_if<lang::ExpressionStatement>(&statement->node)) {
      if (const auto* choice = std::get_if<lang::IfExpression>(&e->value->node)) {
        if (choice->then) collect_sampled(*choice->then, names);
        if (choice->otherwise) collect_sampled(*choice->otherwise, names);
      }
    }
  }
}

Expr flat(Expr value, const std::vector<AxisId>& plates, const Shape& event) {
  const Expr whole = with_leading(broadcast(value, {}, event), plates);
  return reshape(whole, {element_count(whole.type().event)});
}

/// A parameter for some of the elements of a statement, along an axis of their own.
Expr chosen(Expr parameter, const std::vector<AxisId>& plates, const Shape& event, const Numbers& elements,
            AxisId axis) {
  const std::vector<AxisId>& axes = parameter.type().axes;
  const bool is_same_for_all =
      parameter.type().event.empty() && std::none_of(plates.begin(), plates.end(), [&](AxisId plate) {
        return std::find(axes.begin(), axes.end(), plate) != axes.end();
      });
  if (is_same_for_all) return parameter;
  const auto count = static_cast<std::int64_t>(elements.size());
  return take(flat(parameter, plates, event), parameter.graph().constant(Tensor({count}, elements), {axis}),
              0);
}

}  // namespace

bool Elaboration::defines_later(const std::string& name) const {
  const auto& block = body_.call->closure->callable->block;
  if (!block) return false;
  std::vector<std::string> sampled;
  collect_sampled(*block, sampled);
  return std::find(sampled.begin(), sampled.end(), name) != sampled.end();
}

namespace {

bool has_missing(const Tensor& reals) {
  const auto values = reals.values<double>();
  return std::any_of(values.begin(), values.end(), is_missing);
}

}  // namespace

ModelCall Elaboration::without_missing() {
  const ModelCall& call = *body_.call;
  ModelCall complete = call;
  if (model_->is_guide || !call.closure->callable->block) return complete;
  std::vector<std::string> sampled;
  collect_sampled(*call.closure->callable->block, sampled);
  const auto& parameters = call.closure->callable->parameters;
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    const std::string& name = parameters[i].name.name;
    if (std::find(sampled.begin(), sampled.end(), name) == sampled.end()) continue;
    const Value& argument = call.arguments[i];
    const auto* tensor = argument.as<Tensor>();
    const bool has_reals = tensor != nullptr && tensor->storage() == Storage::real;
    const bool is_data = is_numeric(argument) && !argument.is<Symbol>();
    if (!has_reals && !(replicate_ && is_data)) continue;
    if (!replicate_ && !has_missing(*tensor)) continue;
    Incomplete incomplete;
    if (has_reals) {
      std::vector<double> values = tensor->reals();
      double known = 0;
      for (std::size_t k = values.size(); k-- > 0;) {
        if (!std::isnan(values[k])) known = values[k];
      }
      for (std::size_t k = 0; k < values.size(); ++k) {
        if (!is_missing(values[k])) continue;
        incomplete.slots.emplace(static_cast<std::int64_t>(k),
                                 static_cast<std::int64_t>(incomplete.slots.size()));
        values[k] =
            known;  // what stands in the place of a missing entry has no influence, but passes all checks
      }
      complete.arguments[i] = Tensor(tensor->shape(), std::move(values));
    }
    incomplete_.emplace(body_.prefix + name, std::move(incomplete));
  }
  return complete;
}

void Elaboration::define_missing() {
  for (auto& [name, incomplete] : incomplete_) {
    if (incomplete.latent) continue;  // of a body around this one
    const std::string own = name.substr(body_.prefix.size());
    const Tensor data = to_tensor(*body_.scope->find(own));
    incomplete.data = data;
    if (replicate_) {
      const Domain domain = data.storage() == Storage::boolean ? Domain::boolean
                            : data.storage() == Storage::integer || data.storage() == Storage::byte
                                ? Domain::integer
                                : Domain::real;
      incomplete.latent = model_->graph->input(name, {.axes = {}, .event = data.shape(), .domain = domain});
      body_.scope->define(own, Symbol{model_->graph, incomplete.latent});
      continue;
    }
    const auto count = static_cast<std::int64_t>(incomplete.slots.size());
    const std::string latent_name = name + "_missing";
    incomplete.latent =
        model_->graph->input(latent_name, {.axes = {}, .event = {count}, .domain = Domain::real});
    Numbers from(static_cast<std::size_t>(data.size()));
    for (std::int64_t k = 0; k < data.size(); ++k) {
      const auto slot = incomplete.slots.find(k);
      from[static_cast<std::size_t>(k)] = slot == incomplete.slots.end() ? k : data.size() + slot->second;
    }
    Graph& graph = *model_->graph;
    const Expr list = concatenate({reshape(graph.constant(data), {data.size()}), incomplete.latent}, 0);
    const Expr filled = gather(list, graph.constant(Tensor({data.size()}, std::move(from))), 0);
    body_.scope->define(own, Symbol{model_->graph, reshape(filled, data.shape())});
  }
}

void Elaboration::add_observed(RandomVariable& variable, VariablePart part,
                               const std::vector<Subscript>& subscripts) {
  const auto found = incomplete_.find(variable.name);
  if (found == incomplete_.end()) {
    variable.parts.push_back(std::move(part));
    return;
  }
  Incomplete& incomplete = found->second;
  if (replicate_) {
    const Value drawn(Symbol{model_->graph, incomplete.latent});
    part.value = to_expr(subscripts.empty() ? drawn : index(drawn, subscripts, variable.name), model_->graph);
    part.log_density = log_density(part.call, part.value);
    variable.data = model_->graph->constant(incomplete.data);
    variable.value = incomplete.latent;
    variable.parts.push_back(std::move(part));
    return;
  }
  if (part.call.distribution->event_rank > 0) {
    fail("not-yet-supported",
         "`" + variable.name + "` has missing entries, and " + std::string(part.call.distribution->name) +
             " has vectors as outcomes, of which single entries cannot be imputed",
         part.span, "leave the incomplete vectors out");
  }
  const Shape event = part.value.type().event;
  // Which element of the data each element of the statement is.
  Numbers all(static_cast<std::size_t>(incomplete.data.size()));
  for (std::size_t k = 0; k < all.size(); ++k) all[k] = static_cast<std::int64_t>(k);
  const Tensor counted(incomplete.data.shape(), all);
  const Value own = subscripts.empty() ? Value(counted) : index(counted, subscripts, variable.name);
  const Tensor numbers = *known_value(flat(to_expr(own, model_->graph), part.plates, event));
  Numbers there, gone, slots, data_numbers;
  for (std::int64_t e = 0; e < numbers.size(); ++e) {
    const auto slot = incomplete.slots.find(numbers.integer(e));
    if (slot == incomplete.slots.end()) {
      there.push_back(e);
      data_numbers.push_back(numbers.integer(e));
    } else {
      gone.push_back(e);
      slots.push_back(slot->second);
      incomplete.modelled.insert(slot->second);
    }
  }
  const auto with_some = [&](const Numbers& elements, const std::string& axis_name, Expr source,
                             const Numbers& from) {
    const auto count = static_cast<std::int64_t>(elements.size());
    const AxisId axis = model_->graph->add_axis(axis_name, count, AxisKind::plate);
    VariablePart some{part.call, {}, {}, {}, {axis}, Tensor({count}, from), part.span};
    some.call.size.clear();
    for (Expr& e : some.call.canonical) e = chosen(e, part.plates, event, elements, axis);
    for (Expr& e : some.call.given) e = chosen(e, part.plates, event, elements, axis);
    some.value = take(source, model_->graph->constant(Tensor({count}, from), {axis}), 0);
    some.support = support(some.call);
    some.log_density = log_density(some.call, some.value);
    return some;
  };
  if (!there.empty()) {
    const Expr source = reshape(variable.value, {element_count(variable.value.type().event)});
    variable.parts.push_back(with_some(there, variable.name + "_observed", source, data_numbers));
    variable.indexed = variable.value.type().event;
  }
  if (gone.empty()) return;
  const std::string name = variable.name + "_missing";
  if (incomplete.variable.parts.empty()) {
    incomplete.variable.name = name;
    incomplete.variable.value = incomplete.latent;
    incomplete.variable.indexed = {static_cast<std::int64_t>(incomplete.slots.size())};
  }
  incomplete.variable.parts.push_back(with_some(gone, name, incomplete.latent, slots));
}

void Elaboration::finish_missing() {
  if (replicate_) return;
  for (auto& [name, incomplete] : incomplete_) {
    if (incomplete.modelled.size() != incomplete.slots.size()) {
      for (const auto& [number, slot] : incomplete.slots) {
        if (incomplete.modelled.contains(slot)) continue;
        fail("nan-in-data",
             "`" + element_name(name, incomplete.data.shape(), number) +
                 "` is missing, and no statement gives it a distribution",
             body_.call->span, "missing entries are imputed where `~` stands for them");
      }
    }
    std::erase_if(model_->variables, [](const RandomVariable& v) { return v.parts.empty(); });
    model_->variables.push_back(std::move(incomplete.variable));
  }
}

}  // namespace elbo::runtime
