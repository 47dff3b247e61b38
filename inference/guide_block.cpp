// From new values of a distribution's parameters back to the parameters of the guide.
#include "inference/guide_block.hpp"

#include <algorithm>
#include <optional>

#include "runtime/expression.hpp"
#include "runtime/interpreter.hpp"
#include "runtime/operations/operations.hpp"

namespace elbo::inference {

using namespace runtime;

namespace {

// A distribution's parameter that is a parameter of the guide as it stands: which one, and how its leading
// dimensions became plates.
struct Slot {
  std::size_t parameter;
  bool at_batch;                                        // its entries for the rows of a batch
  std::vector<std::pair<AxisId, std::int64_t>> plates;  // axis and dimension, the last one made first
};

std::optional<Slot> slot_of(Expr value, const ModelGraph& guide) {
  const std::vector<PointParameter>& parameters = guide.parameters;
  Slot slot{0, false, {}};
  while (value.node().operation == &to_axis_operation) {
    const auto& attributes = value.node().attributes.integers;
    slot.plates.emplace_back(static_cast<AxisId>(attributes[1]), attributes[0]);
    value = value.graph().at(value.node().inputs[0]);
  }
  if (guide.batch) {
    const auto it = guide.batch->parameter_rows.find(value.id());
    if (it != guide.batch->parameter_rows.end()) {
      slot.parameter = it->second;
      slot.at_batch = true;
      return slot;
    }
  }
  for (; slot.parameter < parameters.size(); ++slot.parameter) {
    if (parameters[slot.parameter].value == value) return slot;
  }
  return std::nullopt;
}

bool has_axis(Expr x, AxisId axis) {
  return std::binary_search(x.type().axes.begin(), x.type().axes.end(), axis);
}

}  // namespace

GuideBlock::GuideBlock(const SampledModel& model, std::size_t term)
    : model_(model), index_(term), elements_(part().value.type().event) {
  if (part().bijector && part().bijector->kind->unconstrained_shape != nullptr)
    elements_ = part().bijector->kind->unconstrained_shape(elements_);
  elements_.resize(elements_.size() - static_cast<std::size_t>(distribution().event_rank));
}

std::vector<AxisId> GuideBlock::plates() const {
  std::vector<AxisId> axes = part().plates;
  std::sort(axes.begin(), axes.end());
  return axes;
}

Expr GuideBlock::draw() const {
  if (!part().bijector) return term().value;
  for (const VariableDraw& draw : model_.drawn) {
    for (std::size_t p = 0; p < draw.parts.size(); ++p) {
      if (&draw.variable->parts[p] == &part()) return draw.unconstrained[p];
    }
  }
  throw lang::InternalError("a statement of the guide has no draw");
}

bool GuideBlock::is_local() const {
  const std::optional<RowBatch>& batch = model_.problem.guide->batch;
  return batch && !part().plates.empty() && part().plates.front() == batch->axis;
}

void GuideBlock::move_to(const std::vector<Expr>& canonical, std::vector<Expr>& steps) const {
  const DistributionCall& call = part().call;
  const std::vector<Expr> given = given_parameters(*call.distribution, call.alternative, canonical);
  // Under names that stand for several parameters, each given one moves with any of them.
  const bool jointly = call.alternative && call.alternative->all_given != nullptr;
  for (std::size_t p = 0; p < canonical.size(); ++p) {
    const bool moved = jointly ? canonical != call.canonical : canonical[p] != call.canonical[p];
    store(p, moved, given[p], steps);
  }
}

void GuideBlock::refuse(const std::string& why) const {
  fail("guide-not-natural", "natural() cannot move the distribution of `" + term().name + "`: " + why,
       part().span,
       distribution().exponential_family != nullptr || distribution().fisher
           ? "bbvi(natural = true) takes any guide"
           : "bbvi() and reparam() take any guide");
}

void GuideBlock::shared(const std::string& name) const {
  refuse("all of its elements share `" + name + "`, and each needs one of its own");
}

// The value of the distribution's parameter p, as it is given, as the guide's own, on its unconstrained
// scale, less what it was.
void GuideBlock::store(std::size_t p, bool moved, Expr value, std::vector<Expr>& steps) const {
  const DistributionCall& call = part().call;
  const std::string name = role(*call.distribution, call.alternative, p).name;
  const std::vector<PointParameter>& parameters = model_.problem.guide->parameters;
  const auto slot = slot_of(call.given[p], *model_.problem.guide);
  if (!moved) {
    if (slot) refuse("its " + name + " is not a natural parameter, so it has to be a number");
    return;
  }
  if (!slot) refuse("its " + name + " has to be a parameter of the guide, not a number or a formula");
  const PointParameter& parameter = parameters[slot->parameter];
  if (steps[slot->parameter]) refuse("`" + parameter.name + "` stands in two places");
  for (const AxisId axis : part().plates) value = has_axis(value, axis) ? value : broadcast_axis(value, axis);
  if (slot->plates.size() != part().plates.size()) shared(parameter.name);
  for (const auto& [axis, dimension] : slot->plates) value = to_event(value, axis, dimension);
  Shape expected = parameter.value.type().event;
  if (slot->at_batch) expected.front() = model_.graph->axis(model_.problem.guide->batch->axis).size;
  if (value.type().event != expected) shared(parameter.name);
  const ParameterTransform& transform = parameter_transform(parameter.via);
  if (!slot->at_batch) {
    steps[slot->parameter] = transform.unconstrain(value, parameter.support) - parameter.unconstrained;
    return;
  }
  const RowBatch& batch = *model_.problem.guide->batch;
  Support support = parameter.support;
  for (Expr& bound : support.bounds) {
    if (!bound.type().event.empty() && bound.type().event.front() == batch.rows)
      bound = gather(bound, batch.index, 0);
  }
  const Expr step = transform.unconstrain(value, support) - gather(parameter.unconstrained, batch.index, 0);
  steps[slot->parameter] = model_.graph->add(scatter_add_operation, {step, batch.index},
                                             {.integers = {0, batch.rows}, .text = {}, .tensor = nullptr});
}

}  // namespace elbo::inference
