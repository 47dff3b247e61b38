// Loops as plates, loops over part of a plate (ragged ranges), and `if` on data, which cuts a plate in two.
#include <algorithm>
#include <cmath>

#include "runtime/differentiate.hpp"
#include "runtime/elaboration.hpp"
#include "runtime/expression.hpp"
#include "runtime/operations/operations.hpp"
#include "runtime/tensor_elements.hpp"

namespace elbo::runtime {

/// What a loop runs over: one entry per turn.
struct Elaboration::LoopEntries {
  Expr values;  ///< per index: with the loop's axis
  AxisId axis = 0;
  std::vector<Plates::Restriction> restrictions;
  std::int64_t turns = 0;
};

/// The two parts of a plate that an `if` on data makes.
struct Elaboration::Sides {
  std::vector<AxisId> axes;  ///< of the condition
  std::vector<std::vector<std::int64_t>>
      entries[2];  ///< [side][axis]: position on each axis, for every entry
  std::string name;
};

namespace {

/// Position on each axis for entry `flat` of a tensor whose dimensions are those axes.
void append_positions(std::int64_t flat, const std::vector<AxisId>& axes, const Graph& graph,
                      std::vector<std::vector<std::int64_t>>& to) {
  for (std::size_t a = axes.size(); a-- > 0;) {
    const std::int64_t size = graph.axis(axes[a]).size;
    to[a].push_back(flat % size);
    flat /= size;
  }
}

std::vector<Plates::Restriction> restrictions_of(const std::vector<AxisId>& axes,
                                                 const std::vector<std::vector<std::int64_t>>& positions) {
  std::vector<Plates::Restriction> result;
  for (std::size_t a = 0; a < axes.size(); ++a) result.push_back({axes[a], positions[a]});
  return result;
}

/// The end of a range: an int per index of the plates around it.
Expr range_end(const Value& value, const lang::Span& span, const std::shared_ptr<Graph>& graph) {
  const auto* symbol = value.as<Symbol>();
  if (symbol == nullptr && !value.is<std::int64_t>()) {
    fail("wrong-type", "the end of a range must be an int, but is " + type_name(value), span);
  }
  const Expr end = to_expr(value, graph);
  if (symbol != nullptr && !is_fixed(end)) {
    fail("random-range", "how often a loop runs must be known, but the end of its range is random", span,
         "use data for the ends of ranges");
  }
  if (!end.type().event.empty() || end.type().domain != Domain::integer) {
    fail("wrong-type", "the end of a range must be an int, but is " + type_name(value), span);
  }
  return folded(end);
}

/// Names that a block assigns to (without an index), in the order of the statements.
void collect_assigned(const lang::Block& block, std::vector<const lang::Identifier*>& names);

void collect_assigned(const lang::Statement& statement, std::vector<const lang::Identifier*>& names) {
  if (const auto* assign = std::get_if<lang::AssignStatement>(&statement.node))
    names.push_back(&assign->target.name);
  if (const auto* loop = std::get_if<lang::ForStatement>(&statement.node))
    collect_assigned(*loop->body, names);
  if (const auto* e = std::get_if<lang::ExpressionStatement>(&statement.node)) {
    if (const auto* choice = std::get_if<lang::IfExpression>(&e->value->node)) {
      if (choice->then) collect_assigned(*choice->then, names);
      if (choice->otherwise) collect_assigned(*choice->otherwise, names);
    }
  }
}

void collect_assigned(const lang::Block& block, std::vector<const lang::Identifier*>& names) {
  for (const auto& statement : block.statements) collect_assigned(*statement, names);
}

/// What the drawing of the graph says of a loop.
ModelLoop record(ModelLoop result, Expr values) {
  const auto known = known_value(values);
  if (!known || known->rank() != 1 || !holds_integers(*known)) return result;
  result.first = known->integer(0);
  result.counts = !result.ragged;
  for (std::int64_t i = 1; i < known->size(); ++i)
    result.counts = result.counts && known->integer(i) == known->integer(i - 1) + 1;
  return result;
}

/// Whether every statement of the block gives values only: it can be computed for all entries.
bool only_values(const lang::BlockPtr& block) {
  if (!block) return true;
  return std::all_of(block->statements.begin(), block->statements.end(), [](const lang::StatementPtr& s) {
    if (const auto* e = std::get_if<lang::ExpressionStatement>(&s->node)) {
      const auto* choice = std::get_if<lang::IfExpression>(&e->value->node);
      return choice == nullptr || (only_values(choice->then) && only_values(choice->otherwise));
    }
    const auto* let = std::get_if<lang::LetStatement>(&s->node);
    return (let != nullptr && let->target.indices.empty()) ||
           std::holds_alternative<lang::AssignStatement>(s->node);
  });
}

}  // namespace

// ---- loops ------------------------------------------------------------------------------------------------

Elaboration::LoopEntries Elaboration::entries_of(Evaluation& evaluation,
                                                 const lang::ForStatement& node) const {
  Graph& graph = *model_->graph;
  LoopEntries result;
  const auto counted = [&](std::vector<std::int64_t> values) {
    result.turns = static_cast<std::int64_t>(values.size());
    result.axis = graph.add_axis(node.variable.name, result.turns, AxisKind::plate);
    result.values = graph.constant(Tensor({result.turns}, std::move(values)), {result.axis});
  };
  const auto from_to = [&](std::int64_t first, std::int64_t last) {
    std::vector<std::int64_t> values;
    for (std::int64_t i = first; i <= last; ++i) values.push_back(i);
    counted(std::move(values));
  };
  const lang::Span& span = node.range->span;
  if (const auto* range = std::get_if<lang::RangeExpression>(&node.range->node);
      range && range->first && range->last) {
    const Expr first = range_end(evaluation.evaluate(*range->first), range->first->span, model_->graph);
    const Expr last = range_end(evaluation.evaluate(*range->last), range->last->span, model_->graph);
    const std::vector<AxisId> axes = (first + last).type().axes;
    if (axes.empty()) {
      from_to(known_value(first)->integer(0), known_value(last)->integer(0));
      return result;
    }
    // One turn per index of the outer plates and entry of its own range, in one flat axis.
    const Tensor firsts = *known_value(broadcast(first, axes, {})),
                 lasts = *known_value(broadcast(last, axes, {}));
    std::vector<std::int64_t> values;
    std::vector<std::vector<std::int64_t>> outer(axes.size());
    for (std::int64_t i = 0; i < firsts.size(); ++i) {
      for (std::int64_t k = firsts.integer(i); k <= lasts.integer(i); ++k) {
        values.push_back(k);
        append_positions(i, axes, graph, outer);
      }
    }
    counted(std::move(values));
    result.restrictions = restrictions_of(axes, outer);
    return result;
  }
  const Value sequence = evaluation.evaluate(*node.range);
  if (const auto* range = sequence.as<Range>()) {
    from_to(range->first, range->last);
    return result;
  }
  const bool is_vector = sequence.is<Symbol>() ? !sequence.as<Symbol>()->expr.type().event.empty()
                                               : is_numeric(sequence) && to_tensor(sequence).rank() > 0;
  if (!is_vector) {
    fail("not-iterable",
         "a loop in a model runs over a range or a vector, but this is " + type_name(sequence), span,
         sequence.is<std::int64_t>() ? "write 1:" + show(sequence) + " for the numbers up to it" : "");
  }
  const Expr values = to_expr(sequence, model_->graph);
  result.turns = values.type().event[0];
  result.axis = graph.add_axis(node.variable.name, result.turns, AxisKind::plate);
  result.values = folded(to_axis(values, 0, result.axis));
  return result;
}

void Elaboration::loop(Evaluation& evaluation, const lang::ForStatement& node, const lang::Span& span) {
  const LoopEntries entries = entries_of(evaluation, node);
  if (entries.turns == 0) return;
  model_->loops.push_back(record(
      {.prefix = body_.prefix, .span = span, .turns = entries.turns, .ragged = !entries.restrictions.empty()},
      entries.values));
  std::vector<std::size_t> pieces_before;
  for (const ArrayPtr& array : arrays_) pieces_before.push_back(array->pieces.size());
  const std::size_t open_before = open_.size();
  plates_.enter(entries.axis, entries.restrictions);
  std::vector<const lang::Identifier*> assigned;
  collect_assigned(*node.body, assigned);
  std::vector<Carried> carried = begin_carried(evaluation, assigned);
  const auto scope = std::make_shared<Scope>(evaluation.scope());
  scope->define(node.variable.name, Symbol{model_->graph, entries.values});
  if (evaluation.run_in(scope, node.body->statements).returned) {
    fail("return-in-loop",
         "`return` cannot leave a loop of a model, all turns of which are computed together", span,
         "return after the loop");
  }
  finish_carried(evaluation, entries.axis, std::move(carried), pieces_before);
  plates_.leave();
  open_.resize(std::min(open_.size(), open_before));
}

// ---- if on data -------------------------------------------------------------------------------------------

Elaboration::Sides Elaboration::sides(const Symbol& condition, const Tensor& values) const {
  Sides result;
  result.axes = condition.expr.type().axes;
  for (auto& side : result.entries) side.resize(result.axes.size());
  for (std::int64_t i = 0; i < values.size(); ++i) {
    append_positions(i, result.axes, *model_->graph, result.entries[values.integer(i) != 0 ? 1 : 0]);
  }
  for (const AxisId axis : result.axes) {
    result.name += (result.name.empty() ? "" : "_") + model_->graph->axis(axis).name;
  }
  return result;
}

void Elaboration::run_side(Evaluation&, const Sides& sides, bool side, const std::function<void()>& body) {
  const auto& entries = sides.entries[side ? 1 : 0];
  const auto count = static_cast<std::int64_t>(entries[0].size());
  if (count == 0) return;
  const AxisId axis = model_->graph->add_axis(sides.name, count, AxisKind::plate);
  plates_.enter(axis, restrictions_of(sides.axes, entries));
  body();
  plates_.leave();
}

bool Elaboration::is_open(Expr value) const {
  return std::any_of(open_.begin(), open_.end(),
                     [&](Expr placeholder) { return depends_on(value, placeholder); });
}

Completion Elaboration::choose_statements(Evaluation& evaluation, const Symbol& condition,
                                          const lang::IfExpression& node, const lang::Span& span) {
  const Type& type = condition.expr.type();
  const auto values =
      type.domain == Domain::boolean && type.event.empty() ? known_value(condition.expr) : std::nullopt;
  const bool is_value = only_values(node.then) && only_values(node.otherwise);
  if (!values) {
    std::vector<const lang::Identifier*> assigned;
    if (node.then) collect_assigned(*node.then, assigned);
    if (node.otherwise) collect_assigned(*node.otherwise, assigned);
    if (is_value && !assigned.empty()) return merge_assignments(evaluation, condition, node);
    return {.value = evaluation.choose(condition, node), .returned = false};
  }
  if (type.axes.empty()) {
    const lang::BlockPtr& block = values->integer(0) != 0 ? node.then : node.otherwise;
    return block ? evaluation.run(*block) : Completion{};
  }
  if (is_value) return merge_assignments(evaluation, condition, node);
  const Sides both = sides(condition, *values);
  for (const bool side : {true, false}) {
    const lang::BlockPtr& block = side ? node.then : node.otherwise;
    if (!block) continue;
    run_side(evaluation, both, side, [&] {
      if (evaluation.run(*block).returned) {
        fail("return-in-loop",
             "`return` cannot leave a loop of a model, all turns of which are computed together", span,
             "return after the loop");
      }
    });
  }
  return {};
}

// Both sides are computed; a name that either assigns to has, entry by entry, the value of the side that
// holds.
Completion Elaboration::merge_assignments(Evaluation& evaluation, const Symbol& condition,
                                          const lang::IfExpression& node) {
  std::vector<const lang::Identifier*> assigned;
  if (node.then) collect_assigned(*node.then, assigned);
  if (node.otherwise) collect_assigned(*node.otherwise, assigned);
  if (assigned.empty()) return {.value = choose_value(evaluation, condition, node), .returned = false};
  const auto place = [&](const lang::Identifier* name) { return evaluation.scope()->find(name->name); };
  std::vector<Value> before, then, otherwise;
  std::erase_if(assigned, [&](const lang::Identifier* name) { return place(name) == nullptr; });
  for (const lang::Identifier* name : assigned) before.push_back(*place(name));
  if (node.then) evaluation.run(*node.then);
  for (std::size_t i = 0; i < assigned.size(); ++i)
    then.push_back(std::exchange(*place(assigned[i]), before[i]));
  if (node.otherwise) evaluation.run(*node.otherwise);
  for (std::size_t i = 0; i < assigned.size(); ++i) {
    Value& now = *place(assigned[i]);
    now = apply_operation(select_operation, {condition, read(then[i]), read(now)});
  }
  return {};
}

Value Elaboration::choose_value(Evaluation& evaluation, const Symbol& condition,
                                const lang::IfExpression& node) {
  const Type& type = condition.expr.type();
  const auto values =
      type.domain == Domain::boolean && type.event.empty() ? known_value(condition.expr) : std::nullopt;
  if (!values || !node.otherwise) {
    if (values && type.axes.empty()) {
      const lang::BlockPtr& block = values->integer(0) != 0 ? node.then : node.otherwise;
      return block ? evaluation.run(*block).value : Value();
    }
    return evaluation.choose(condition, node);
  }
  if (type.axes.empty()) {
    return evaluation.run(values->integer(0) != 0 ? *node.then : *node.otherwise).value;
  }
  // Each side for its own entries only: the other's indices may lie out of range there.
  const Sides both = sides(condition, *values);
  std::vector<Expr> lists;
  Shape shape;
  bool open = false;
  for (const bool side : {true, false}) {
    run_side(evaluation, both, side, [&] {
      const AxisId axis = plates_.active().back();
      const lang::BlockPtr& block = side ? node.then : node.otherwise;
      const Completion completion = evaluation.run(*block);
      if (completion.returned || !is_numeric(completion.value)) {
        fail("random-branch", "each side of an `if` on data of a loop must have a number as its value",
             block->span, "end the block with an expression");
      }
      const Expr value = to_expr(completion.value, model_->graph);
      open = open || is_open(value);
      Shape joint;
      if (!broadcast(shape, value.type().event, joint)) {
        fail("shape-mismatch",
             "the sides of this `if` have shapes " + show(shape) + " and " + show(value.type().event),
             block->span);
      }
      shape = joint;
      lists.push_back(with_leading(value, {axis}));
    });
  }
  if (open) return evaluation.choose(condition, node);
  std::vector<std::int64_t> place(static_cast<std::size_t>(values->size()));
  std::int64_t next = 0;
  for (const std::int64_t wanted : {1, 0}) {
    for (std::int64_t i = 0; i < values->size(); ++i) {
      if ((values->integer(i) != 0 ? 1 : 0) == wanted) place[static_cast<std::size_t>(i)] = next++;
    }
  }
  for (Expr& list : lists) {
    const Shape& event = list.type().event;
    Shape full{event[0]};
    full.insert(full.end(), shape.begin(), shape.end());
    if (event.size() != full.size()) {
      Shape padded{event[0]};
      padded.resize(full.size() - event.size() + 1, 1);
      padded.insert(padded.end(), event.begin() + 1, event.end());
      list = reshape(list, padded);
    }
    list = broadcast(list, {}, full);
  }
  const Expr list = lists.size() == 1 ? lists[0] : concatenate(lists, 0);
  Shape sizes;
  for (const AxisId axis : type.axes) sizes.push_back(model_->graph->axis(axis).size);
  const Expr from = model_->graph->constant(Tensor(sizes, std::move(place)), type.axes);
  return Symbol{model_->graph, folded(take(list, from, 0))};
}

}  // namespace elbo::runtime
