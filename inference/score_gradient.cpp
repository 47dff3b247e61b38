// The score-function estimator and its control variates. Notation in comments: S draws, h_i the score and l_i
// the cost of draw i, f_i = h_i l_i.
#include "inference/score_gradient.hpp"

#include <algorithm>
#include <array>

#include "inference/element_sums.hpp"
#include "inference/incidence.hpp"
#include "lang/diagnostic.hpp"
#include "runtime/differentiate.hpp"
#include "runtime/expression.hpp"
#include "runtime/operations/operations.hpp"
#include "runtime/plates.hpp"
#include "runtime/program.hpp"

namespace elbo::inference {

using namespace runtime;

namespace {

double draws(Expr x, AxisId sample) { return static_cast<double>(x.graph().axis(sample).size); }

Expr mean(Expr x, AxisId sample) { return sum_axis(x, sample) / draws(x, sample); }

Expr as_it_is(Expr cost, AxisId) { return cost; }

// Adding one constant to all costs changes f by a multiple of h, which the estimates below take out again
// exactly; centring first keeps the digits that matter when the costs are large and nearly equal.
Expr centre_all(Expr cost, AxisId) {
  return cost - sum_all(cost) / static_cast<double>(cost.graph().element_count(cost.type()));
}

Expr centre_each(Expr cost, AxisId sample) { return cost - mean(cost, sample); }

Expr estimate_none(Expr f, Expr, AxisId sample) { return mean(f, sample); }

// Covariance / variance. Scores that do not vary (at a parameter's limit; discrete draws that are all the
// same) offer no control variate: their variance is rounding of numbers whose squares are `scale`.
Expr slope(Expr covariance, Expr variance, Expr scale) {
  constexpr double rounding = 1e-12;  // (1e-6)^2: above the square of float's precision, too
  const Expr zero = variance.graph().constant(0);
  return select(less(rounding * scale, variance), covariance / variance, zero);
}

// mean(f) - a mean(h) with a = Cov(f, h) / Var(h) from these same draws. Biased: a depends on the draws it is
// used on.
Expr estimate_same_sample(Expr f, Expr h, AxisId sample) {
  const Expr h_mean = mean(h, sample);
  const Expr h_centred = h - h_mean;
  const Expr variance = mean(square(h_centred), sample);
  const Expr covariance = mean(f * h_centred, sample);
  return mean(f, sample) - slope(covariance, variance, square(h_mean)) * h_mean;
}

// As above, with a for draw i from the other S - 1 draws only: unbiased. One pass: totals less the draw's own
// part.
Expr estimate_leave_one_out(Expr f, Expr h, AxisId sample) {
  const double others = draws(h, sample) - 1;
  const Expr h_centred = h - mean(h, sample);  // a shift of h in the moments only: they do not change
  const Expr f_sum = sum_axis(f, sample), h_sum = sum_axis(h_centred, sample);
  const Expr f_rest = (f_sum - f) / others, h_rest = (h_sum - h_centred) / others;
  const Expr fh = f * h_centred, hh = square(h_centred);
  const Expr covariance = (sum_axis(fh, sample) - fh) / others - f_rest * h_rest;
  const Expr variance = (sum_axis(hh, sample) - hh) / others - square(h_rest);
  const Expr a = slope(covariance, variance, sum_axis(hh, sample) + square(mean(h, sample)));
  return mean(f - a * h, sample);
}

// Reinforce leave-one-out (Kool, van Hoof, Welling 2019): the baseline of draw i is the mean cost of the
// others, element by element. With sums, h_i (c_i - mean of others) = S / (S - 1) h_i (c_i - mean of all).
Expr estimate_rloo(Expr f, Expr h, AxisId sample) { return sum_axis(f, sample) / (draws(h, sample) - 1); }

const std::array control_variates{
    ControlVariate{"none", "no control variate", 1, true, as_it_is, estimate_none},
    ControlVariate{"same_sample",
                   "a* = Cov(f, h) / Var(h) from the same draws: the published algorithm; biased by O(1/S)",
                   2, false, centre_all, estimate_same_sample},
    ControlVariate{"leave_one_out", "a* of each draw from the other draws: unbiased", 4, true, centre_all,
                   estimate_leave_one_out},
    ControlVariate{"rloo", "mean cost of the other draws as baseline: unbiased", 2, true, centre_each,
                   estimate_rloo}};

// Costs are {sample}; the scores of a parameter vector are {sample}[event].
Expr aligned(Expr cost, Expr score) {
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

// ---- downstream costs -------------------------------------------------------------------------------------

namespace {

int outcome_rank(const RandomVariable& variable) { return variable.parts.front().outcome_rank(); }

/// Shape of a variable's elements: its own, less what one outcome takes.
Shape element_shape(const RandomVariable& variable) {
  Shape shape = variable.value.type().event;
  shape.resize(shape.size() - static_cast<std::size_t>(outcome_rank(variable)));
  return shape;
}

/// How the terms depend on the elements of one latent variable of the guide, directly and through later
/// draws.
class Downstream {
 public:
  Downstream(const SampledModel& model, const RandomVariable& latent) : model_(model) {
    const ModelGraph& guide = *model.problem.guide;
    const std::size_t count = guide.variables.size();
    on_guide_.resize(count);
    const auto self = static_cast<std::size_t>(&latent - guide.variables.data());
    // A variable depends on the latent one if its distribution does, or that of something that it uses. A
    // chain uses itself: all of it hangs on all that any of it uses.
    for (bool changed = true; changed;) {
      changed = false;
      for (std::size_t v = 0; v < count; ++v) {
        Incidence now = on_guide_[v];
        for (const VariablePart& part : guide.variables[v].parts) now = join(now, of_call(guide, part, self));
        if (v == self && !now.is_none()) now = {true, {}};
        if (now.is_all != on_guide_[v].is_all || now.maps.size() != on_guide_[v].maps.size()) {
          on_guide_[v] = std::move(now);
          changed = true;
        }
      }
    }
    self_ = self;
  }

  /// Of a term of the guide or the model.
  Incidence of(const Term& term) const {
    const ModelGraph& graph = term.is_guide ? *model_.problem.guide : *model_.problem.model;
    const Expr density =
        term.part != nullptr ? term.part->log_density : graph.factors[term.variable].log_density;
    Incidence result;
    for (std::size_t v = 0; v < on_guide_.size(); ++v) {
      if (v != self_ && on_guide_[v].is_none()) continue;
      const RandomVariable& used = model_.problem.guide->variables[v];
      const Expr value = term.is_guide ? used.value : model_.problem.model->find(used.name)->value;
      const Incidence direct = incidence(density, value, outcome_rank(used));
      if (v == self_) result = join(result, direct);
      result = join(result, compose(direct, on_guide_[v]));
    }
    return result;
  }

 private:
  // How the elements of a part's variable depend on the latent one, by the part's distribution; in the
  // numbering of the whole variable: -1 for the elements of other parts.
  Incidence of_call(const ModelGraph& guide, const VariablePart& part, std::size_t self) const {
    Incidence by_element;
    std::vector<Expr> parameters = part.call.canonical;
    parameters.insert(parameters.end(), part.call.given.begin(), part.call.given.end());
    // the image of a draw moves with the bounds of its bijector
    if (part.bijector)
      parameters.insert(parameters.end(), part.bijector->bounds.begin(), part.bijector->bounds.end());
    const RandomVariable& owner = *std::find_if(
        guide.variables.begin(), guide.variables.end(),
        [&](const auto& v) { return &part >= v.parts.data() && &part < v.parts.data() + v.parts.size(); });
    for (std::size_t v = 0; v < guide.variables.size(); ++v) {
      if (v != self && on_guide_[v].is_none()) continue;
      const RandomVariable& used = guide.variables[v];
      for (const Expr& parameter : parameters) {
        const Incidence direct = incidence(parameter, used.value, outcome_rank(used));
        if (direct.is_none()) continue;
        const Incidence through = v == self ? direct : compose(direct, on_guide_[v]);
        by_element = join(by_element, on_elements(through, parameter, part, owner));
      }
    }
    return by_element;
  }

  static Incidence on_elements(const Incidence& of_parameter, Expr parameter, const VariablePart& part,
                               const RandomVariable& owner) {
    if (of_parameter.is_all || of_parameter.is_none()) return of_parameter;
    const Type& density = part.log_density.type();
    Graph& graph = parameter.graph();
    Shape joint;
    const bool fits = broadcast(parameter.type().event, density.event, joint) && joint == density.event;
    if (!fits || part.outcome_rank() > 0) return {true, {}};
    // Each element's number in the whole variable, at its place in the part.
    const Shape whole = element_shape(owner);
    std::vector<std::int64_t> count(static_cast<std::size_t>(element_count(whole)));
    for (std::size_t i = 0; i < count.size(); ++i) count[i] = static_cast<std::int64_t>(i);
    const Expr counted = graph.constant(Tensor(whole, std::move(count)));
    const std::unordered_map<NodeId, Expr> numbered{{owner.value.id(), counted}};
    const Expr place = substitute(part.value, numbered);
    const Tensor places = evaluate(broadcast(place, density.axes, density.event)).stored_as(Storage::integer);
    Incidence result;
    for (const Tensor& map : of_parameter.maps) {
      const Tensor spread =
          evaluate(broadcast(graph.constant(map, parameter.type().axes), density.axes, density.event))
              .stored_as(Storage::integer);
      std::vector<std::int64_t> by_number(static_cast<std::size_t>(element_count(whole)), -1);
      for (std::int64_t i = 0; i < places.size(); ++i)
        by_number[static_cast<std::size_t>(places.integer(i))] = spread.integer(i);
      result.maps.push_back(Tensor(whole, std::move(by_number)));
    }
    return result;
  }

  const SampledModel& model_;
  std::vector<Incidence> on_guide_;  // of each variable of the guide, by the numbers of its elements
  std::size_t self_ = 0;
};

/// Sums a term over the elements that depend on each element of a variable: [elements], with the axis of
/// draws.
Expr gathered(Expr term, const Incidence& incidence, std::int64_t elements, AxisId sample) {
  std::vector<AxisId> axes = term.type().axes;
  std::erase(axes, sample);
  Expr list = with_leading(term, axes);
  const std::int64_t size = element_count(list.type().event);
  list = reshape(list, {size});
  std::vector<std::int64_t> from, to;
  for (std::int64_t i = 0; i < size; ++i) {
    for (std::size_t k = 0; k < incidence.maps.size(); ++k) {
      const std::int64_t element = incidence.maps[k].integer(i);
      bool counted = element < 0;
      for (std::size_t earlier = 0; earlier < k && !counted; ++earlier)
        counted = incidence.maps[earlier].integer(i) == element;
      if (counted) continue;
      from.push_back(i);
      to.push_back(element);
    }
  }
  return sum_by_element(list, std::move(from), std::move(to), elements);
}

}  // namespace

Expr downstream_cost(const SampledModel& model, std::size_t i) {
  const Term& own = model.guide_terms.at(i);
  const RandomVariable& latent = model.problem.guide->variables[own.variable];
  const Downstream downstream(model, latent);
  const Shape shape = element_shape(latent);
  const std::int64_t elements = element_count(shape);
  Expr common, each;
  const auto include = [&](Expr& sum, Expr term) { sum = sum ? sum + term : term; };
  const auto add = [&](const Term& term, double sign) {
    const Incidence dependence = downstream.of(term);
    if (dependence.is_none()) return;
    if (dependence.is_all || elements == 1) return include(common, sign * term.weight * term.per_draw);
    include(each, sign * term.weight * gathered(term.log_density, dependence, elements, model.sample));
  };
  for (const Term& term : model.model_terms) add(term, 1);
  for (const Term& term : model.guide_terms) add(term, -1);
  if (!each) return common;
  // The elements of this statement, as its own density has them.
  const Expr whole = reshape(each, shape);
  Expr cost;
  if (outcome_rank(latent) == 0) {
    const std::unordered_map<NodeId, Expr> in_place{{latent.value.id(), whole}};
    cost = substitute(own.part->value, in_place);
  } else {
    const Type& type = own.part->log_density.type();
    const Tensor numbers = [&] {
      const Shape& full = latent.value.type().event;
      std::vector<std::int64_t> count(static_cast<std::size_t>(element_count(full)));
      const std::int64_t outcome = element_count(full) / elements;
      for (std::size_t k = 0; k < count.size(); ++k) count[k] = static_cast<std::int64_t>(k) / outcome;
      const Expr counted = model.graph->constant(Tensor(full, std::move(count)));
      const std::unordered_map<NodeId, Expr> numbered{{latent.value.id(), counted}};
      Expr place = substitute(own.part->value, numbered);
      for (int r = outcome_rank(latent); r > 0; --r) {
        place = gather(place, model.graph->constant(Tensor(Shape{}, std::vector<std::int64_t>{0})),
                       static_cast<std::int64_t>(place.type().event.size()) - 1);
      }
      return evaluate(place).stored_as(Storage::integer);
    }();
    cost = gather(each, model.graph->constant(numbers, type.axes), 0);
  }
  return common ? cost + aligned(common, cost) : cost;
}

namespace {

// "score function, weighted by …; control variate rloo (…)"
std::string score_account(const ControlVariate& control_variate, const std::string& cost) {
  return "score function, weighted by " + cost + "; control variate " + std::string(control_variate.name) +
         (control_variate.is_unbiased ? "" : " (biased)");
}

}  // namespace

GradientEstimate score_gradient(const SampledModel& model, bool rao_blackwell,
                                const ControlVariate& control_variate) {
  GradientEstimate result;
  const Expr cost = model.log_joint - model.log_guide;
  result.guide.resize(model.parameters.size());
  const auto add_scores = [&](Expr log_q, Expr downstream) {
    const Expr total = sum_all(log_q);
    const Expr centred = control_variate.centre(downstream, model.sample);
    const bool is_common = centred.type() == model.log_joint.type();
    const std::vector<Expr> scores = gradient(total, model.parameters_per_draw);
    // Each element's score weighs with its own cost: one reverse pass from the weighted log densities.
    const std::vector<Expr> weighted =
        is_common ? std::vector<Expr>{}
                  : gradient(sum_all(stop_gradient(centred) * log_q), model.parameters_per_draw);
    for (std::size_t p = 0; p < scores.size(); ++p) {
      if (!depends_on(total, model.parameters_per_draw[p])) continue;
      const Expr f = is_common ? scores[p] * aligned(centred, scores[p]) : weighted[p];
      const Expr part = control_variate.estimate(f, scores[p], model.sample);
      result.guide[p] = result.guide[p] ? result.guide[p] + part : part;
    }
  };
  if (rao_blackwell) {
    for (std::size_t i = 0; i < model.guide_terms.size(); ++i) {
      const Expr downstream = downstream_cost(model, i);
      const bool is_common = downstream.type() == model.log_joint.type();
      if (!is_common && downstream.type().event != model.guide_terms[i].log_density.type().event) {
        throw lang::InternalError("the costs of `" + model.guide_terms[i].name + "` are not one per element");
      }
      result.account.add(
          model.guide_terms[i].name,
          score_account(control_variate, is_common ? "the terms that its draw can change"
                                                   : "the terms that the draw of each element can change"));
      add_scores(is_common ? model.guide_terms[i].per_draw : model.guide_terms[i].log_density, downstream);
    }
  } else {
    Expr log_q;
    for (const Term& term : model.guide_terms) log_q = log_q ? log_q + term.per_draw : term.per_draw;
    if (log_q) add_scores(log_q, cost);
    for (const Term& term : model.guide_terms)
      result.account.add(term.name, score_account(control_variate, "log p - log q as a whole"));
  }
  for (std::size_t p = 0; p < result.guide.size(); ++p) {
    if (result.guide[p]) continue;  // a parameter that no density uses has gradient 0
    result.guide[p] = broadcast(model.graph->constant(0), {}, model.parameters[p].type().event);
  }
  result.elbo = mean(cost, model.sample);
  result.model = gradient(mean(model.log_joint, model.sample), model.model_parameters);
  result.account.estimator = count_of_draws(model.graph->axis(model.sample).size) + " per step";
  for (const PointParameter& p : model.problem.model->parameters)
    result.account.add(p.name, "derivative of log p at the draws");
  return result;
}

}  // namespace elbo::inference
