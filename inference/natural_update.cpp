// Natural gradients of exponential-family guides by regression on their sufficient statistics.
#include "inference/natural_update.hpp"

#include <algorithm>
#include <optional>

#include "runtime/expression.hpp"
#include "runtime/interpreter.hpp"
#include "runtime/operations/operations.hpp"

namespace elbo::inference {

using namespace runtime;

namespace {

constexpr int shortenings = 10;  // 4^-10: about 1e-6 of a step; a step of nothing after that

// A distribution's parameter that is a parameter of the guide as it stands: which one, and how its leading
// dimensions became plates.
struct Slot {
  std::size_t parameter;
  std::vector<std::pair<AxisId, std::int64_t>> plates;  // axis and dimension, the last one made first
};

std::optional<Slot> slot_of(Expr value, const std::vector<PointParameter>& parameters) {
  Slot slot{0, {}};
  while (value.node().operation == &to_axis_operation) {
    const auto& attributes = value.node().attributes.integers;
    slot.plates.emplace_back(static_cast<AxisId>(attributes[1]), attributes[0]);
    value = value.graph().at(value.node().inputs[0]);
  }
  for (; slot.parameter < parameters.size(); ++slot.parameter) {
    if (parameters[slot.parameter].value == value) return slot;
  }
  return std::nullopt;
}

// One statement of the guide.
class Block {
 public:
  Block(const SampledModel& model, std::size_t term)
      : model_(model), term_(model.guide_terms[term]), index_(term), part_(*term_.part) {
    elements_ = part_.value.type().event;
    const Distribution& distribution = *part_.call.distribution;
    if (!distribution.exponential_family) {
      refuse(std::string(distribution.name) + " is not an exponential family");
    }
    elements_.resize(elements_.size() - static_cast<std::size_t>(distribution.event_rank));
    eta_ = family().natural_parameters(part_.call.canonical);
    const Expr value = part_.bijector ? unconstrained() : term_.value;
    statistics_ = family().sufficient_statistics(value, part_.call.canonical);
    for (std::size_t d = 0; d < elements_.size(); ++d)
      element_axes_.push_back(model.graph->add_axis("element", elements_[d], AxisKind::plate));
    for (const Expr& statistic : statistics_) {
      Shape rest(statistic.type().event.begin() + static_cast<std::ptrdiff_t>(elements_.size()),
                 statistic.type().event.end());
      columns_ += element_count(rest);
      rests_.push_back(std::move(rest));
    }
  }

  std::int64_t columns() const { return columns_; }

  /// Adds the steps of this statement's parameters.
  void add(Expr step_size, std::vector<Expr>& steps) const {
    const std::vector<Expr> change = natural_gradient();
    std::vector<Expr> value = part_.call.canonical;
    for (int k = shortenings; k >= 0; --k) {
      double shorter = 1;
      for (int i = 0; i < k; ++i) shorter /= 4;
      std::vector<Expr> eta;
      for (std::size_t j = 0; j < eta_.size(); ++j)
        eta.push_back(whole(eta_[j], j) + shorter * step_size * change[j]);
      const std::vector<Expr> candidate = family().parameters(eta, part_.call.canonical);
      const Expr valid = is_inside(candidate);
      for (std::size_t p = 0; p < value.size(); ++p) {
        if (candidate[p] == part_.call.canonical[p]) continue;
        value[p] = select(spread(valid, candidate[p]), candidate[p], value[p]);
      }
    }
    for (std::size_t p = 0; p < value.size(); ++p) store(p, value[p], steps);
  }

 private:
  const ExponentialFamily& family() const { return *part_.call.distribution->exponential_family; }

  [[noreturn]] void refuse(const std::string& why) const {
    fail("guide-not-natural", "natural() cannot move the distribution of `" + term_.name + "`: " + why,
         part_.span, "bbvi(natural = true) takes any guide");
  }

  std::vector<AxisId> plates() const {
    std::vector<AxisId> axes = part_.plates;
    std::sort(axes.begin(), axes.end());
    return axes;
  }

  Expr unconstrained() const {
    for (const VariableDraw& draw : model_.drawn) {
      for (std::size_t p = 0; p < draw.parts.size(); ++p) {
        if (&draw.variable->parts[p] == term_.part) return draw.unconstrained[p];
      }
    }
    throw lang::InternalError("a statement of the guide has no draw");
  }

  // A quantity of every element, with the statistic's own dimensions behind.
  Expr whole(Expr x, std::size_t statistic) const {
    Shape event = elements_;
    event.insert(event.end(), rests_[statistic].begin(), rests_[statistic].end());
    return broadcast(x, plates(), event);
  }

  // {sample, plates}[elements…, rest…] as {plates, elements}[samples, rest], less the mean over the draws.
  Expr as_rows(Expr x, std::int64_t columns) const {
    std::vector<AxisId> axes = plates();
    axes.push_back(model_.sample);
    std::sort(axes.begin(), axes.end());
    Shape event = elements_;
    const Shape& own = x.type().event;
    event.insert(event.end(),
                 own.begin() + static_cast<std::ptrdiff_t>(std::min(own.size(), elements_.size())),
                 own.end());
    x = broadcast(x, axes, event);
    for (const AxisId axis : element_axes_) x = to_axis(x, 0, axis);
    x = reshape(x, {columns});
    const double draws = static_cast<double>(model_.graph->axis(model_.sample).size);
    return to_event(x - sum_axis(x, model_.sample) / draws, model_.sample, 0);
  }

  // The change of each natural parameter: {plates}[elements…, rest…].
  std::vector<Expr> natural_gradient() const {
    std::vector<Expr> columns;
    for (std::size_t j = 0; j < statistics_.size(); ++j)
      columns.push_back(as_rows(statistics_[j], element_count(rests_[j])));
    const Expr design = columns.size() == 1 ? columns[0] : concatenate(columns, 1);
    Expr cost = downstream_cost(model_, index_);
    if (cost.type().event.empty() && !elements_.empty())
      cost = broadcast(cost, cost.type().axes, Shape(elements_.size(), 1));
    const Expr slope = model_.graph->add(least_squares_operation, {design, as_rows(cost, 1)});
    std::vector<Expr> result;
    std::int64_t first = 0;
    for (const Shape& rest : rests_) {
      std::vector<std::int64_t> places;
      for (std::int64_t i = 0; i < element_count(rest); ++i) places.push_back(first + i);
      first += element_count(rest);
      const Shape count{element_count(rest)};
      Expr x = reshape(gather(slope, model_.graph->constant(Tensor(count, std::move(places))), 0), rest);
      for (auto axis = element_axes_.rbegin(); axis != element_axes_.rend(); ++axis)
        x = to_event(x, *axis, 0);
      result.push_back(x);
    }
    return result;
  }

  // Whether all parameters of an element are where they may be: {plates}[elements…].
  Expr is_inside(const std::vector<Expr>& values) const {
    Expr result;
    for (std::size_t p = 0; p < values.size(); ++p) {
      if (values[p] == part_.call.canonical[p]) continue;
      const SupportKind& kind = *part_.call.distribution->parameters[p].support;
      Expr inside = kind.contains(values[p], {});
      const std::size_t rank = inside.type().event.size();
      // the dimensions of a parameter of one outcome
      for (std::size_t d = elements_.size(); d < rank; ++d)
        inside = equal(sum_dim(1.0 - inside, -1), inside.graph().constant(0));
      result = result ? logical_and(result, inside) : inside;
    }
    return result;
  }

  // A condition per element, for a value that has further dimensions.
  Expr spread(Expr condition, Expr value) const {
    Shape shape = condition.type().event;
    while (shape.size() < value.type().event.size()) shape.push_back(1);
    return shape == condition.type().event ? condition : reshape(condition, shape);
  }

  // The value of the distribution's parameter p as the guide's own, on its unconstrained scale, less what it
  // was.
  void store(std::size_t p, Expr value, std::vector<Expr>& steps) const {
    const DistributionCall& call = part_.call;
    const std::string name(call.alternative && call.given[p] != call.canonical[p]
                               ? call.alternative->name
                               : call.distribution->parameters[p].name);
    const std::vector<PointParameter>& parameters = model_.problem.guide->parameters;
    const auto slot = slot_of(call.given[p], parameters);
    if (value == call.canonical[p]) {
      if (slot) refuse("its " + name + " is not a natural parameter, so it has to be a number");
      return;
    }
    if (!slot) refuse("its " + name + " has to be a parameter of the guide, not a number or a formula");
    const PointParameter& parameter = parameters[slot->parameter];
    if (steps[slot->parameter]) refuse("`" + parameter.name + "` stands in two places");
    if (call.given[p] != call.canonical[p]) value = call.alternative->from_canonical(value);
    for (const AxisId axis : part_.plates)
      value = has_axis(value, axis) ? value : broadcast_axis(value, axis);
    if (slot->plates.size() != part_.plates.size()) shared(parameter.name);
    for (const auto& [axis, dimension] : slot->plates) value = to_event(value, axis, dimension);
    if (value.type().event != parameter.value.type().event) shared(parameter.name);
    const ParameterTransform& transform = parameter_transform(parameter.via);
    steps[slot->parameter] = transform.unconstrain(value, parameter.support) - parameter.unconstrained;
  }

  static bool has_axis(Expr x, AxisId axis) {
    return std::binary_search(x.type().axes.begin(), x.type().axes.end(), axis);
  }

  [[noreturn]] void shared(const std::string& name) const {
    refuse("all of its elements share `" + name + "`, and each needs one of its own");
  }

  const SampledModel& model_;
  const Term& term_;
  std::size_t index_;
  const VariablePart& part_;
  Shape elements_;
  std::vector<AxisId> element_axes_;
  std::vector<Expr> eta_, statistics_;
  std::vector<Shape> rests_;  // of each statistic, behind the elements
  std::int64_t columns_ = 0;
};

}  // namespace

std::int64_t least_samples(const SampledModel& model) {
  std::int64_t most = 0;
  for (std::size_t i = 0; i < model.guide_terms.size(); ++i) most = std::max(most, Block(model, i).columns());
  return most + 2;
}

GradientEstimate natural_update(const SampledModel& model, Expr step_size) {
  GradientEstimate result;
  const std::vector<PointParameter>& parameters = model.problem.guide->parameters;
  result.guide.resize(parameters.size());
  result.step_size = step_size;
  for (std::size_t i = 0; i < model.guide_terms.size(); ++i) Block(model, i).add(step_size, result.guide);
  for (std::size_t p = 0; p < parameters.size(); ++p) {
    if (!result.guide[p])
      fail("guide-not-natural", "natural() cannot move `" + parameters[p].name + "`: no distribution has it",
           parameters[p].span, "leave it out, or use bbvi(natural = true)");
  }
  const double draws = static_cast<double>(model.graph->axis(model.sample).size);
  result.elbo = sum_axis(model.log_joint - model.log_guide, model.sample) / draws;
  result.hint = "a smaller `step` of natural(), or other starting values, may help";
  return result;
}

}  // namespace elbo::inference
