// Steps that are tried before they are taken.
#include "inference/step_guard.hpp"

#include <array>

#include "inference/gaussian_derivatives.hpp"
#include "runtime/expression.hpp"

namespace elbo::inference {

using namespace runtime;

namespace {

constexpr std::array lengths{1.0, 1.0 / 8, 1.0 / 64};

// How far the ELBO may fall, in nats per number, besides one: the noise of few draws must not stop a good
// step, and a step into a desert loses far more.
constexpr double slack_per_number = 0.5;

// Entry k of an axis.
Expr entry(Expr x, AxisId axis, std::int64_t k) {
  x = to_event(broadcast_axis(x, axis), axis, 0);
  return gather(x, x.graph().constant(Tensor({}, std::vector<std::int64_t>{k})), 0);
}

}  // namespace

StepGuard::StepGuard(const SampledModel& probe, Expr step_size)
    : probe_(probe),
      axis_(probe.graph->add_axis("candidate", static_cast<std::int64_t>(lengths.size()), AxisKind::plate)) {
  const std::vector<double> values(lengths.begin(), lengths.end());
  steps_ =
      step_size * probe.graph->constant(Tensor({static_cast<std::int64_t>(lengths.size())}, values), {axis_});
}

void StepGuard::judge(const Replacements& draws, Expr log_det, Expr log_det_before, double count) {
  const Expr target = log_target(probe_);
  const double samples = static_cast<double>(probe_.graph->axis(probe_.sample).size);
  const Expr moved = substitute(target, draws);
  const Expr before = sum_axis(target, probe_.sample) / samples + log_det_before;
  const Expr after = sum_axis(moved, probe_.sample) / samples + log_det;
  // A candidate whose ELBO is NaN is none.
  const Expr good = less(before - (1 + slack_per_number * count), after);
  for (std::size_t k = 0; k < lengths.size(); ++k)
    good_.push_back(entry(good, axis_, static_cast<std::int64_t>(k)));
}

Expr StepGuard::pick(Expr candidates, Expr now) const {
  Expr result = now;
  for (std::size_t k = good_.size(); k-- > 0;)
    result = select(good_[k], entry(candidates, axis_, static_cast<std::int64_t>(k)), result);
  return result;
}

}  // namespace elbo::inference
