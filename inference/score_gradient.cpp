// The score-function estimator and its control variates. Notation in comments: S draws, h_i the score and l_i
// the cost of draw i, f_i = h_i l_i.
#include "inference/score_gradient.hpp"

#include <algorithm>
#include <array>

#include "runtime/differentiate.hpp"
#include "runtime/expression.hpp"

namespace elbo::inference {

using namespace runtime;

namespace {

double draws(Expr x, AxisId sample) { return static_cast<double>(x.graph().axis(sample).size); }

Expr mean(Expr x, AxisId sample) { return sum_axis(x, sample) / draws(x, sample); }

// Adding a constant to all costs changes f by a multiple of h, which every control variate here takes out
// again exactly; centring first keeps the digits that matter when the costs are large and nearly equal.
Expr centred(Expr cost, AxisId sample) { return cost - mean(cost, sample); }

Expr estimate_none(Expr h, Expr cost, AxisId sample) { return mean(h * cost, sample); }

// mean(f) - a mean(h) with a = Cov(f, h) / Var(h) from these same draws. Biased: a depends on the draws it is
// used on.
Expr estimate_same_sample(Expr h, Expr cost, AxisId sample) {
  const Expr f = h * centred(cost, sample);
  const Expr h_mean = mean(h, sample);
  const Expr h_centred = h - h_mean;
  const Expr variance = mean(square(h_centred), sample);
  const Expr covariance = mean(f * h_centred, sample);
  const Expr zero = h.graph().constant(0);
  // a score that does not vary (at a parameter's limit) offers no control variate
  const Expr a = select(less(zero, variance), covariance / variance, zero);
  return mean(f, sample) - a * h_mean;
}

// As above, with a for draw i from the other S - 1 draws only: unbiased. One pass: totals less the draw's own
// part.
Expr estimate_leave_one_out(Expr h, Expr cost, AxisId sample) {
  const double others = draws(h, sample) - 1;
  const Expr f = h * centred(cost, sample);
  const Expr h_centred = h - mean(h, sample);  // a shift of h in the moments only: they do not change
  const Expr f_sum = sum_axis(f, sample), h_sum = sum_axis(h_centred, sample);
  const Expr f_rest = (f_sum - f) / others, h_rest = (h_sum - h_centred) / others;
  const Expr fh = f * h_centred, hh = square(h_centred);
  const Expr covariance = (sum_axis(fh, sample) - fh) / others - f_rest * h_rest;
  const Expr variance = (sum_axis(hh, sample) - hh) / others - square(h_rest);
  const Expr zero = h.graph().constant(0);
  const Expr a = select(less(zero, variance), covariance / variance, zero);
  return mean(f - a * h, sample);
}

// Reinforce leave-one-out (Kool, van Hoof, Welling 2019): the baseline of draw i is the mean cost of the
// others. With sums, h_i (l_i - mean of others) = S / (S - 1) h_i (l_i - mean of all).
Expr estimate_rloo(Expr h, Expr cost, AxisId sample) {
  return sum_axis(h * centred(cost, sample), sample) / (draws(h, sample) - 1);
}

const std::array control_variates{
    ControlVariate{"none", "no control variate", 1, true, estimate_none},
    ControlVariate{"same_sample",
                   "a* = Cov(f, h) / Var(h) from the same draws: the published algorithm; biased by O(1/S)",
                   2, false, estimate_same_sample},
    ControlVariate{"leave_one_out", "a* of each draw from the other draws: unbiased", 4, true,
                   estimate_leave_one_out},
    ControlVariate{"rloo", "mean cost of the other draws as baseline: unbiased", 2, true, estimate_rloo}};

// Costs are {sample}; the scores of a parameter vector are {sample}[event].
Expr along(Expr cost, Expr score) {
  return score.type().event.empty() ? cost
                                    : broadcast(cost, cost.type().axes, Shape(score.type().event.size(), 1));
}

}  // namespace

std::span<const ControlVariate> control_variate_list() { return control_variates; }

const ControlVariate* find_control_variate(std::string_view name) {
  const auto it = std::find_if(control_variates.begin(), control_variates.end(),
                               [&](const ControlVariate& c) { return c.name == name; });
  return it == control_variates.end() ? nullptr : &*it;
}

Expr downstream_cost(const SampledModel& model, std::size_t i) {
  Expr cost;
  const auto include = [&](Expr term) { cost = cost ? cost + term : term; };
  for (const Term& term : model.model_terms) {
    if (uses_draw(model, term.per_draw, i)) include(term.per_draw);
  }
  for (const Term& term : model.guide_terms) {
    if (uses_draw(model, term.per_draw, i)) include(-term.per_draw);
  }
  return cost;
}

GradientEstimate score_gradient(const SampledModel& model, bool rao_blackwell,
                                const ControlVariate& control_variate) {
  GradientEstimate result;
  const Expr cost = model.log_joint - model.log_guide;
  const auto add_scores = [&](Expr log_q, Expr downstream) {
    const std::vector<Expr> scores = gradient(sum_all(log_q), model.parameters_per_draw);
    for (std::size_t p = 0; p < scores.size(); ++p) {
      if (!depends_on(sum_all(log_q), model.parameters_per_draw[p])) continue;
      const Expr part = control_variate.estimate(scores[p], along(downstream, scores[p]), model.sample);
      result.guide[p] = result.guide[p] ? result.guide[p] + part : part;
    }
  };
  result.guide.resize(model.parameters.size());
  if (rao_blackwell) {
    for (std::size_t i = 0; i < model.draws.size(); ++i)
      add_scores(model.guide_terms[i].per_draw, downstream_cost(model, i));
  } else {
    add_scores(model.log_guide, cost);
  }
  for (std::size_t p = 0; p < result.guide.size(); ++p) {
    if (result.guide[p]) continue;  // a parameter that no density uses has gradient 0
    result.guide[p] = broadcast(model.graph->constant(0), {}, model.parameters[p].type().event);
  }
  result.elbo = mean(cost, model.sample);
  result.model = gradient(mean(model.log_joint, model.sample), model.model_parameters);
  return result;
}

}  // namespace elbo::inference
