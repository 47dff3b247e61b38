// Indexed statements: `z[n] ~ …`, `let s[t] = …`. Each defines the elements of one index set; when the body
// is read the sets are put together, and what was read meanwhile is put in its place.
#include <algorithm>

#include "lang/print.hpp"
#include "runtime/elaboration.hpp"
#include "runtime/embedded.hpp"
#include "runtime/expression.hpp"
#include "runtime/program.hpp"
#include "runtime/support_check.hpp"

namespace elbo::runtime {

namespace {

std::string quoted(const std::string& name) { return "`" + name + "`"; }

/// 0-based positions of one index of a definition; the array has no extent yet that would bound it.
Expr defining_positions(const Subscript& s, const std::string& name, const std::shared_ptr<Graph>& graph) {
  Expr positions;
  if (const auto* symbol = s.value.as<Symbol>()) {
    positions = symbolic_positions(*symbol, name, s.span);
  } else {
    if (s.slice && (!s.first || !s.last)) {
      fail("open-range", "the entries that are defined must be named", s.span,
           "write both ends of the range, as in `" + name + "[1:3]`");
    }
    constexpr std::int64_t unbounded = std::int64_t{1} << 40;
    const Selection selection = select(s, unbounded, 1, 1, name);
    positions = graph->constant(Tensor(selection.shape, selection.positions));
  }
  const auto known = known_value(positions);
  if (!known) {
    fail("random-index",
         "which entry of " + quoted(name) + " is defined must be known, but the index is random", s.span,
         "use the loop's own index, or data");
  }
  for (std::int64_t i = 0; i < known->size(); ++i) {
    if (known->integer(i) >= 0) continue;
    fail(known->integer(i) == -1 ? "index-zero" : "index-out-of-range",
         "index " + std::to_string(known->integer(i) + 1) + " is not in " + quoted(name) +
             ": indices start at 1",
         s.span);
  }
  return positions;
}

/// Event shape of the indices that are vectors.
Shape vector_shape(const Positions& at, const lang::Span& span) {
  Shape shape;
  for (const Expr& e : at) {
    if (e.type().event.empty()) continue;
    if (!shape.empty() || e.type().event.size() > 1) {
      fail("index-type", "at most one index of a definition may be a vector", span,
           "write a loop over the others");
    }
    shape = e.type().event;
  }
  return shape;
}

/// A vector of entries is drawn at once: the distribution gives one number for each, or one for all.
void spread(DistributionCall& call, const Shape& vector, const std::string& name, const lang::Span& span) {
  if (vector.empty()) return;
  const Shape event = event_shape(call);
  if (!event.empty() && event[0] == vector[0]) return;
  if (!event.empty() && static_cast<int>(event.size()) > call.distribution->event_rank && event[0] != 1) {
    fail("shape-mismatch",
         std::to_string(vector[0]) + " entries of " + quoted(name) +
             " are defined, but their distribution has shape " + show(event),
         span);
  }
  call.size.insert(call.size.begin(), vector.begin(), vector.end());
}

bool same_positions(const Positions& a, const Positions& b) { return a == b; }

}  // namespace

Positions Elaboration::positions(Evaluation& evaluation, const lang::Target& target) const {
  Positions result = body_.at;
  for (const Subscript& s : evaluation.subscripts(target.indices)) {
    result.push_back(defining_positions(s, target.name.name, model_->graph));
  }
  return result;
}

Elaboration::ArrayPtr Elaboration::array_of(const Value& value) const {
  const auto* object = value.as<ObjectPtr>();
  if (object == nullptr) return nullptr;
  const auto it = std::find_if(arrays_.begin(), arrays_.end(),
                               [&](const ArrayPtr& array) { return array.get() == object->get(); });
  return it == arrays_.end() ? nullptr : *it;
}

Elaboration::ArrayPtr Elaboration::array_named(const lang::Identifier& name, DefinedArray::Kind kind,
                                               std::size_t rank) {
  for (const ArrayPtr& array : arrays_) {
    if (array->name() != name.name) continue;
    if (array->whole) {
      fail("array-complete",
           quoted(name.name) + " has been used as a whole above, so nothing can be added to it here",
           name.span, "define all of its entries first");
    }
    if (array->kind() != kind) check_fresh(name);
    if (array->rank() != rank) {
      lang::Diagnostic d{.code = "shape-mismatch",
                         .message = quoted(name.name) + " has " + std::to_string(rank) +
                                    " indices here, but " + std::to_string(array->rank()) + " before",
                         .span = name.span,
                         .related = {},
                         .hint = {}};
      d.related.push_back({array->pieces.front().span, "first defined here"});
      throw lang::Failure(std::move(d));
    }
    return array;
  }
  check_fresh(name);
  arrays_.push_back(std::make_shared<DefinedArray>(kind, name.name, rank));
  return arrays_.back();
}

// ---- random variables -------------------------------------------------------------------------------------

void Elaboration::sample_entry(Evaluation& evaluation, const lang::SampleStatement& node, const Positions& at,
                               const Value& given, const lang::Span& span) {
  const std::string name = body_.prefix + node.target.name.name;
  const Shape vector = vector_shape(at, node.target.span);
  DistributionCall call = distribution(given, node);
  spread(call, vector, name, span);
  Support where = support(call);
  if (node.constraint) {
    restrict(call, where, evaluate_constraint(evaluation, *node.constraint), name, node.constraint->span);
  }
  const ArrayPtr array = array_named(full(node.target.name), DefinedArray::Kind::variable, at.size());
  const std::vector<AxisId> plates = plates_.active();
  std::vector<AxisId> axes = plates;
  std::sort(axes.begin(), axes.end());
  const Expr value =
      model_->graph->input(name, {.axes = axes, .event = event_shape(call), .domain = domain_of(where)});
  const Expr density = log_density(call, value);
  if (array->pieces.empty()) {
    RandomVariable variable;
    variable.name = name;
    model_->variables.push_back(std::move(variable));
    body_.scope->define(node.target.name.name, ObjectPtr(array));
  }
  array->pieces.push_back({at, plates, vector.size(), value, span});
  const auto owner = std::find_if(model_->variables.begin(), model_->variables.end(),
                                  [&](const RandomVariable& v) { return v.name == name; });
  owner->parts.push_back({std::move(call), value, density, std::move(where), plates, {}, span});
}

namespace {

/// Data of an indexed statement that lie outside of the support of their distribution.
void check_entry_support(const DefinedArray& array, const VariablePart& part, const Tensor& data,
                         const Positions& at) {
  if (surely_inside(*part.support.kind, part.value, part.support.bounds)) return;
  const auto inside = known_value(part.support.kind->contains(part.value, part.support.bounds));
  if (!inside) return;
  Shape extents(data.shape().begin(), data.shape().begin() + static_cast<std::ptrdiff_t>(at.size()));
  const Expr shown = with_leading(part.value, part.plates);
  const Tensor values = *known_value(shown);
  const Tensor ok =
      *known_value(with_leading(part.support.kind->contains(part.value, part.support.bounds), part.plates));
  const Tensor numbers = entry_numbers(at, part.plates, extents);
  for (std::int64_t i = 0; i < ok.size(); ++i) {
    if (ok.integer(i) != 0) continue;
    std::int64_t number = numbers.integer(i * numbers.size() / ok.size());
    std::string index;
    for (std::size_t d = extents.size(); d-- > 0;) {
      index = std::to_string(number % extents[d] + 1) + (index.empty() ? "" : ", ") + index;
      number /= extents[d];
    }
    const std::string entry = array.name() + "[" + index + "]";
    fail("outside-support",
         "`" + entry + "`, data of " + std::string(part.call.distribution->name) + ", must be " +
             requirement(*part.support.kind) + ", but is " +
             show(from_tensor(
                 Tensor(Shape{}, std::vector<double>{values.real(i * values.size() / ok.size())}))),
         part.span);
  }
}

}  // namespace

void Elaboration::observe_entry(Evaluation& evaluation, const lang::SampleStatement& node,
                                const lang::Span& span) {
  const std::string& own = node.target.name.name;
  const std::string name = body_.prefix + own;
  const Tensor tensor = data_of(own, span);
  const std::vector<Subscript> subscripts = evaluation.subscripts(node.target.indices);
  const Expr value = to_expr(index(tensor, subscripts, name), model_->graph);
  Positions at;
  for (std::size_t d = 0; d < subscripts.size(); ++d) {
    const Subscript& s = subscripts[d];
    const auto* symbol = s.value.as<Symbol>();
    if (symbol != nullptr && !is_fixed(symbol->expr)) {
      fail("random-index",
           "which entry of " + quoted(name) + " is observed must be known, but the index is random", s.span);
    }
    if (symbol != nullptr) {
      at.push_back(symbolic_positions(*symbol, name, s.span));
    } else {
      const Selection selection = select(s, tensor.shape()[d], d + 1, tensor.rank(), name);
      at.push_back(model_->graph->constant(Tensor(selection.shape, selection.positions)));
    }
  }
  const Shape vector = vector_shape(at, node.target.span);
  DistributionCall call = distribution(evaluation.evaluate(*node.distribution), node);
  const Shape one = event_shape(call), found = value.type().event;
  Shape joint;
  if (!broadcast(one, found, joint) || joint != found) {
    fail("observed-shape",
         "an entry of the data " + quoted(name) + " has shape " + show(found) +
             ", but its distribution has shape " + show(one),
         span);
  }
  set_size(call, found);
  const ArrayPtr array = array_named(full(node.target.name), DefinedArray::Kind::variable, at.size());
  Support where = support(call);
  const Expr density = log_density(call, value);
  const std::vector<AxisId> plates = plates_.active();
  Shape extents(tensor.shape().begin(), tensor.shape().begin() + static_cast<std::ptrdiff_t>(at.size()));
  VariablePart part{std::move(call), value, density, std::move(where), plates, {}, span};
  check_entry_support(*array, part, tensor, at);
  part.positions = entry_numbers(at, plates, extents);
  if (array->pieces.empty()) {
    RandomVariable variable;
    variable.name = name;
    variable.observed = true;
    variable.value = model_->graph->constant(tensor);
    variable.indexed = extents;
    model_->variables.push_back(std::move(variable));
  }
  array->pieces.push_back({at, plates, vector.size(), value, span});
  const auto owner = std::find_if(model_->variables.begin(), model_->variables.end(),
                                  [&](const RandomVariable& v) { return v.name == name; });
  add_observed(*owner, std::move(part), subscripts);
}

// ---- deterministic quantities -----------------------------------------------------------------------------

void Elaboration::define_entry(Evaluation& evaluation, const lang::LetStatement& node,
                               const lang::Span& span) {
  const std::string& name = node.target.name.name;
  const Positions at = positions(evaluation, node.target);
  const Shape vector = vector_shape(at, node.target.span);
  const Value value = evaluation.evaluate(*node.value);
  if (!is_numeric(value)) {
    fail("wrong-type", "an entry of " + quoted(name) + " must be a number, but is " + type_name(value),
         node.value->span);
  }
  Expr entry = to_expr(value, model_->graph);
  if (!vector.empty()) {
    Shape joint;
    if (!broadcast(entry.type().event, vector, joint)) joint = entry.type().event;
    entry = broadcast(entry, {}, joint);
  }
  const ArrayPtr array = array_named(full(node.target.name), DefinedArray::Kind::quantity, at.size());
  array->pieces.push_back({at, plates_.active(), vector.size(), entry, span});
  if (array->pieces.size() == 1) body_.scope->define(name, ObjectPtr(array));
  const Shape& first = array->pieces.front().value.type().event;
  const Shape element = array->element(),
              own(entry.type().event.begin() + static_cast<std::ptrdiff_t>(vector.size()),
                  entry.type().event.end());
  if (element != own) {
    fail("shape-mismatch",
         "an entry of " + quoted(name) + " has shape " + show(own) + " here, but " + show(first) + " before",
         span);
  }
}

namespace {

std::shared_ptr<const Embedded> embedded_of(const Value& value) {
  const auto* object = value.as<ObjectPtr>();
  return object == nullptr ? nullptr : std::dynamic_pointer_cast<const Embedded>(*object);
}

}  // namespace

// ---- reading ----------------------------------------------------------------------------------------------

Value Elaboration::read(const Value& value) {
  if (const auto* symbol = value.as<Symbol>()) {
    if (symbol->graph != model_->graph) return value;
    return Symbol{symbol->graph, plates_.seen(symbol->expr)};
  }
  if (const auto embedded = embedded_of(value)) return read(embedded->returned);
  const ArrayPtr array = array_of(value);
  if (!array) return value;
  // In a body that an indexed statement embeds, a name stands for the entries of that index.
  if (!body_.at.empty() && array->rank() == body_.at.size())
    return entry_of(*array, body_.at, array->pieces[0].span);
  complete(*array);
  return Symbol{model_->graph, plates_.seen(entries(array->whole, body_.at))};
}

std::optional<Value> Elaboration::read_entry(const Value& value, const std::vector<Subscript>& subscripts,
                                             const lang::Span& span) {
  if (const auto embedded = embedded_of(value)) {
    if (auto entry = read_entry(embedded->returned, subscripts, span)) return entry;
    return index(read(embedded->returned), subscripts,
                 embedded->prefix.substr(0, embedded->prefix.size() - 1));
  }
  const ArrayPtr array = array_of(value);
  if (!array) return std::nullopt;
  Positions at = body_.at;
  bool is_simple = !array->whole && at.size() + subscripts.size() == array->rank();
  for (const Subscript& s : subscripts) {
    if (!is_simple) break;
    if (const auto* symbol = s.value.as<Symbol>()) {
      is_simple = is_fixed(symbol->expr);
      if (is_simple) at.push_back(symbolic_positions(*symbol, array->name(), s.span));
    } else if (const auto* i = s.value.as<std::int64_t>(); i != nullptr && *i >= 1 && !s.slice) {
      at.push_back(model_->graph->constant(Tensor(Shape{}, std::vector<std::int64_t>{*i - 1})));
    } else {
      is_simple = false;
    }
  }
  if (!is_simple) {
    complete(*array);
    return index(Symbol{model_->graph, plates_.seen(entries(array->whole, body_.at))}, subscripts,
                 array->name());
  }
  return entry_of(*array, at, span);
}

Value Elaboration::entry_of(DefinedArray& array, const Positions& at, const lang::Span& span) {
  if (array.whole) return Symbol{model_->graph, plates_.seen(entries(array.whole, at))};
  for (const auto& earlier : array.reads) {
    if (same_positions(earlier.at, at) && earlier.pieces == array.pieces.size() &&
        earlier.plates == plates_.active())
      return Symbol{model_->graph, earlier.placeholder};
  }
  Type type{.axes = {}, .event = {}, .domain = array.pieces.front().value.type().domain};
  for (const Expr& e : at) {
    type.axes.insert(type.axes.end(), e.type().axes.begin(), e.type().axes.end());
    type.event.insert(type.event.end(), e.type().event.begin(), e.type().event.end());
  }
  std::sort(type.axes.begin(), type.axes.end());
  type.axes.erase(std::unique(type.axes.begin(), type.axes.end()), type.axes.end());
  const Shape element = array.element();
  type.event.insert(type.event.end(), element.begin(), element.end());
  const Expr placeholder = model_->graph->input(array.name(), type);
  array.reads.push_back({at, plates_.active(), placeholder, array.pieces.size(), span});
  if (array.kind() == DefinedArray::Kind::quantity) open_.push_back(placeholder);
  return Symbol{model_->graph, placeholder};
}

// ---- completion -------------------------------------------------------------------------------------------

void Elaboration::complete(DefinedArray& array) {
  if (array.whole) return;
  const auto owner = std::find_if(model_->variables.begin(), model_->variables.end(),
                                  [&](const RandomVariable& v) { return v.name == array.name(); });
  if (owner != model_->variables.end() && owner->observed) {
    const Shape& data = owner->value.type().event;
    check_cover(array, Shape(data.begin(), data.begin() + static_cast<std::ptrdiff_t>(array.rank())), true);
    array.whole = owner->value;
    return;
  }
  const Shape extents = extents_of(array);
  check_cover(array, extents, false);
  if (array.kind() == DefinedArray::Kind::variable) {
    complete_variable(array, extents);
  } else {
    RandomVariable all;  // the same pieces, seen as parts of a variable, are put in order by the same rule
    Shape shape = extents;
    const Shape element = array.element();
    shape.insert(shape.end(), element.begin(), element.end());
    all.value = model_->graph->input(array.name(), {.axes = {}, .event = shape, .domain = Domain::real});
    std::vector<Expr> values;
    for (const auto& piece : array.pieces) {
      all.parts.push_back(
          {{}, piece.value, {}, {}, piece.plates, entry_numbers(piece.at, piece.plates, extents), {}});
      values.push_back(piece.value);
    }
    array.whole = assemble(all, values);
    if (!is_fixed(array.whole)) {
      model_->quantities.push_back({array.name(), array.whole, array.pieces.front().span});
    }
  }
  check_reads(array, extents);
  for (const auto& read : array.reads) {
    if (resolved_.contains(read.placeholder.id())) continue;
    const auto same =
        std::find_if(array.pieces.begin(), array.pieces.end(),
                     [&](const DefinedArray::Piece& piece) { return same_positions(piece.at, read.at); });
    resolved_[read.placeholder.id()] =
        same != array.pieces.end() ? same->value : entries(array.whole, read.at);
  }
}

void Elaboration::complete_variable(DefinedArray& array, const Shape& extents) {
  const auto owner = std::find_if(model_->variables.begin(), model_->variables.end(),
                                  [&](const RandomVariable& v) { return v.name == array.name(); });
  Shape shape = extents;
  const Shape element = array.element();
  shape.insert(shape.end(), element.begin(), element.end());
  for (std::size_t p = 0; p < array.pieces.size(); ++p) {
    const auto& piece = array.pieces[p];
    const Shape& event = piece.value.type().event;
    const Shape own(event.begin() + static_cast<std::ptrdiff_t>(piece.vector_dims), event.end());
    if (own == element) continue;
    lang::Diagnostic d{.code = "shape-mismatch",
                       .message = "an entry of " + quoted(array.name()) + " has shape " + show(own) +
                                  " here, but " + show(element) + " before",
                       .span = piece.span,
                       .related = {},
                       .hint = {}};
    d.related.push_back({array.pieces.front().span, "first defined here"});
    throw lang::Failure(std::move(d));
  }
  array.whole = model_->graph->input(
      array.name(), {.axes = {}, .event = shape, .domain = domain_of(owner->parts.front().support)});
  owner->value = array.whole;
  owner->indexed = extents;
  for (std::size_t p = 0; p < array.pieces.size(); ++p) {
    auto& piece = array.pieces[p];
    owner->parts[p].positions = entry_numbers(piece.at, piece.plates, extents);
    const Expr value = entries(array.whole, piece.at);
    resolved_[piece.value.id()] = value;
    piece.value = value;
  }
}

}  // namespace elbo::runtime
