// Natural gradients by regression on the sufficient statistics of a guide.
#include "inference/natural_regression.hpp"

#include <algorithm>

#include "inference/score_gradient.hpp"
#include "lang/diagnostic.hpp"
#include "runtime/expression.hpp"
#include "runtime/operations/operations.hpp"

namespace elbo::inference {

using namespace runtime;

namespace {

// How much noise a step may carry into log q: the root of its mean square over the draws, in nats.
constexpr double largest_noise = 0.5;

constexpr int shortenings = 10;  // 4^-10: about 1e-6 of a step; a step of nothing after that

class Regression {
 public:
  explicit Regression(const GuideBlock& block)
      : block_(block), model_(block.model()), elements_(block.elements()) {
    if (!block.distribution().exponential_family)
      block.refuse(block.distribution().name + " is not an exponential family");
    eta_ = family().natural_parameters(block.canonical());
    statistics_ = family().sufficient_statistics(block.draw(), block.canonical());
    for (std::size_t d = 0; d < elements_.size(); ++d)
      element_axes_.push_back(model_.graph->add_axis("element", elements_[d], AxisKind::plate));
    for (const Expr& statistic : statistics_) {
      Shape rest(statistic.type().event.begin() + static_cast<std::ptrdiff_t>(elements_.size()),
                 statistic.type().event.end());
      columns_ += element_count(rest);
      rests_.push_back(std::move(rest));
    }
  }

  std::int64_t columns() const { return columns_; }

  std::vector<Expr> update(Expr step_size) const {
    const std::vector<Expr> change = natural_gradient(step_size);
    std::vector<Expr> value = block_.canonical();
    for (int k = shortenings; k >= 0; --k) {
      double shorter = 1;
      for (int i = 0; i < k; ++i) shorter /= 4;
      std::vector<Expr> eta;
      for (std::size_t j = 0; j < eta_.size(); ++j) eta.push_back(whole(eta_[j], j) + shorter * change[j]);
      const std::vector<Expr> candidate = family().parameters(eta, block_.canonical());
      const Expr valid = is_inside(candidate);
      for (std::size_t p = 0; p < value.size(); ++p) {
        if (candidate[p] == block_.canonical()[p]) continue;
        value[p] = select(spread(valid, candidate[p]), candidate[p], value[p]);
      }
    }
    return value;
  }

 private:
  const ExponentialFamily& family() const { return *block_.distribution().exponential_family; }

  // A quantity of every element, with the statistic's own dimensions behind.
  Expr whole(Expr x, std::size_t statistic) const {
    Shape event = elements_;
    event.insert(event.end(), rests_[statistic].begin(), rests_[statistic].end());
    return broadcast(x, block_.plates(), event);
  }

  // {sample, plates}[elements…, rest…] as {plates, elements}[samples, rest], less the mean over the draws.
  Expr as_rows(Expr x, std::int64_t columns) const {
    std::vector<AxisId> axes = block_.plates();
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

  // The size of step that each element may take, {plates, elements}: of a regression that leaves a residual,
  // its slopes carry noise of variance columns / samples times that of the residual into the fitted values.
  // Where the fit is exact, as in conjugate models, nothing limits the step.
  Expr limited(Expr step_size, Expr design, Expr cost, Expr slope) const {
    const double samples = static_cast<double>(model_.graph->axis(model_.sample).size);
    const double columns = static_cast<double>(columns_);
    const Expr residual = cost - matmul(design, slope);
    const Expr variance = sum_event(square(residual)) / (samples - columns > 1 ? samples - columns : 1.0);
    return minimum(step_size, largest_noise / sqrt(variance * (columns / samples)));
  }

  // The step of each natural parameter: {plates}[elements…, rest…].
  std::vector<Expr> natural_gradient(Expr step_size) const {
    std::vector<Expr> columns;
    for (std::size_t j = 0; j < statistics_.size(); ++j)
      columns.push_back(as_rows(statistics_[j], element_count(rests_[j])));
    const Expr design = columns.size() == 1 ? columns[0] : concatenate(columns, 1);
    Expr cost = downstream_cost(model_, block_.index());
    if (block_.weight() != 1) cost = cost / block_.weight();
    if (cost.type().event.empty() && !elements_.empty())
      cost = broadcast(cost, cost.type().axes, Shape(elements_.size(), 1));
    const Expr target = as_rows(cost, 1);
    Expr slope = model_.graph->add(least_squares_operation, {design, target});
    slope = limited(step_size, design, target, slope) * slope;
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
      if (values[p] == block_.canonical()[p]) continue;
      const SupportKind& kind = *block_.distribution().parameters[p].support;
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

  const GuideBlock& block_;
  const SampledModel& model_;
  const Shape& elements_;
  std::vector<AxisId> element_axes_;
  std::vector<Expr> eta_, statistics_;
  std::vector<Shape> rests_;  // of each statistic, behind the elements
  std::int64_t columns_ = 0;
};

}  // namespace

std::vector<Expr> regression_update(const GuideBlock& block, Expr step_size) {
  return Regression(block).update(step_size);
}

std::int64_t regression_samples(const GuideBlock& block) { return Regression(block).columns() + 2; }

}  // namespace elbo::inference
