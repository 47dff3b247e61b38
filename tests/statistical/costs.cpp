// An element of a draw is moved; so is, by some other amount, every element of a later draw whose
// distribution changes with it. The cost of the element is the sum of the densities that change.
#include "costs.hpp"

#include <catch2/catch.hpp>

#include "inference/estimator.hpp"
#include "inference/score_gradient.hpp"
#include "runtime/expression.hpp"

namespace elbo::tests {

using namespace inference;
using runtime::Expr;
using runtime::Tensor;

namespace {

constexpr std::int64_t samples = 3;

std::vector<double> values_of(ParameterProgram& program, std::size_t output) {
  const auto v = program.output(output);
  return {v.begin(), v.end()};
}

class BruteForce {
 public:
  explicit BruteForce(const SampledModel& model) : model_(model), layout_(model.problem) {}

  /// Per draw and element of latent i.
  std::vector<double> costs(std::size_t i) const {
    const auto elements = static_cast<std::size_t>(runtime::element_count(model_.draws[i].type().event));
    std::vector<double> result(samples * elements);
    for (std::size_t e = 0; e < elements; ++e) add_costs(i, e, elements, result);
    return result;
  }

 private:
  using Moves = std::unordered_map<runtime::NodeId, Expr>;

  void add_costs(std::size_t i, std::size_t e, std::size_t elements, std::vector<double>& cost) const {
    const Moves moved = moves(i, e);
    const auto add = [&](const Term& term, double sign) {
      const auto [before, after] = before_and_after(term.log_density, moved);
      const std::size_t each = before.size() / samples;
      for (std::size_t k = 0; k < before.size(); ++k) {
        if (before[k] != after[k]) cost[k / each * elements + e] += sign * before[k];
      }
    };
    for (const Term& term : model_.model_terms) add(term, 1);
    for (const Term& term : model_.guide_terms) add(term, -1);
  }

  /// Element e of latent i is moved, and all that is drawn otherwise because of it.
  Moves moves(std::size_t i, std::size_t e) const {
    Moves moved;
    for (std::size_t v = 0; v < model_.drawn.size(); ++v) {
      const Expr draw = model_.draws[v];
      const runtime::Shape& shape = draw.type().event;
      std::vector<double> nudge(static_cast<std::size_t>(runtime::element_count(shape)));
      if (v == i) nudge[e] = 0.37;
      if (v != i && !moved.empty()) {
        const auto [before, after] = before_and_after(draw, moved);
        for (std::size_t k = 0; k < before.size(); ++k) {
          const std::size_t element = k % nudge.size();
          // unlike any other, so that no two moves cancel
          if (before[k] != after[k]) nudge[element] = 0.11 + 0.013 * static_cast<double>(element + 7 * v);
        }
      }
      const bool moves_any = std::any_of(nudge.begin(), nudge.end(), [](double x) { return x != 0; });
      if (moves_any) move(model_.drawn[v], model_.graph->constant(Tensor(shape, nudge)), moved);
    }
    return moved;
  }

  static void move(const VariableDraw& draw, Expr by, Moves& moved) {
    moved[draw.whole.id()] = draw.whole + by;
    for (std::size_t p = 0; p < draw.parts.size(); ++p) {
      const Moves in_place{{draw.variable->value.id(), by}};
      const Expr own = substitute(draw.variable->parts[p].value, in_place);
      if (draw.parts[p].id() != draw.whole.id()) moved[draw.parts[p].id()] = draw.parts[p] + own;
      // log q of an image is written in the unconstrained numbers
      if (draw.unconstrained[p]) moved[draw.unconstrained[p].id()] = draw.unconstrained[p] + own;
    }
  }

  std::pair<std::vector<double>, std::vector<double>> before_and_after(Expr e, const Moves& moved) const {
    const Expr base = runtime::broadcast_axis(e, model_.sample);
    // the draws on the left of log q are values, too: they are nodes of the graph
    const Expr other = runtime::broadcast_axis(substitute(base, moved), model_.sample);
    std::vector<Expr> outputs;
    for (Expr each : {base, other}) {  // draws first, whatever the numbers of the axes
      std::vector<runtime::AxisId> plates = each.type().axes;
      std::erase(plates, model_.sample);
      for (const auto axis : plates) each = runtime::to_event(each, axis, 0);
      outputs.push_back(each);
    }
    ParameterProgram program(layout_, outputs, runtime::Precision::real64, 1);
    program.run(layout_.initial(), 5, 1);
    return {values_of(program, 0), values_of(program, 1)};
  }

  const SampledModel& model_;
  ParameterVector layout_;
};

/// The costs as the gradient uses them, for every element: [draw][element].
std::vector<double> costs_of(const SampledModel& model, std::size_t i) {
  const Expr cost = downstream_cost(model, i);
  const Expr density = model.guide_terms[i].log_density;
  const bool is_common = cost.type() == model.log_joint.type();
  const Expr spread =
      is_common ? runtime::reshape(cost, runtime::Shape(density.type().event.size(), 1)) : cost;
  Expr shaped = runtime::broadcast(spread, density.type().axes, density.type().event);
  const std::vector<runtime::AxisId>& plates = model.drawn[i].variable->parts[0].plates;
  for (std::size_t k = plates.size(); k-- > 0;) shaped = runtime::to_event(shaped, plates[k], 0);
  const ParameterVector layout(model.problem);
  ParameterProgram program(layout, std::vector<Expr>{shaped}, runtime::Precision::real64, 1);
  program.run(layout.initial(), 5, 1);
  return values_of(program, 0);
}

}  // namespace

void check_costs(const elbo::inference::Problem& problem) {
  const SampledModel model = sample_model(problem, samples);
  const BruteForce brute_force(model);
  for (std::size_t i = 0; i < model.latents.size(); ++i) {
    INFO(model.latents[i]);
    const std::vector<double> ours = costs_of(model, i), expected = brute_force.costs(i);
    REQUIRE(ours.size() == expected.size());
    for (std::size_t k = 0; k < ours.size(); ++k) {
      INFO("draw and element " << k);
      CHECK(ours[k] == Approx(expected[k]).epsilon(1e-12).margin(1e-12));
    }
  }
}

}  // namespace elbo::tests
