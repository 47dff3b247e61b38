// The step of a whole guide, block by block.
#include "inference/natural_update.hpp"

#include <algorithm>
#include <array>

#include "inference/natural_regression.hpp"
#include "inference/step_guard.hpp"
#include "runtime/differentiate.hpp"
#include "runtime/expression.hpp"
#include "runtime/interpreter.hpp"

namespace elbo::inference {

using namespace runtime;

namespace {

const std::array choices{
    CurvatureChoice{"auto", "\"hessian\" for multivariate normals, \"stein\" for independent ones",
                    [](const GuideBlock& block) -> std::optional<Curvature> {
                      return block.distribution().event_rank == 0 ? Curvature::stein : Curvature::hessian;
                    }},
    CurvatureChoice{"hessian", "the mean Hessian of the log joint density, by differentiating its gradient",
                    [](const GuideBlock&) -> std::optional<Curvature> { return Curvature::hessian; }},
    CurvatureChoice{"stein", "from the gradients at the draws: cheaper, and noisier",
                    [](const GuideBlock&) -> std::optional<Curvature> { return Curvature::stein; }},
    CurvatureChoice{"values", "no derivatives: a regression of the log joint density itself",
                    [](const GuideBlock&) -> std::optional<Curvature> { return std::nullopt; }}};

std::optional<Curvature> curvature_of(const GuideBlock& block, const CurvatureChoice& choice) {
  return is_gaussian(block) ? choice.of(block) : std::nullopt;
}

// Of one normal of all latent variables: there is no regression of so many statistics.
Curvature joint_curvature(const CurvatureChoice& choice) {
  return choice.name == "stein" || choice.name == "values" ? Curvature::stein : Curvature::hessian;
}

std::vector<GuideBlock> blocks_of(const SampledModel& model) {
  std::vector<GuideBlock> blocks;
  if (model.problem.guide->joint) return blocks;  // one normal of all, which moves as a whole
  for (std::size_t i = 0; i < model.guide_terms.size(); ++i) blocks.emplace_back(model, i);
  return blocks;
}

}  // namespace

std::span<const CurvatureChoice> curvature_choices() { return choices; }

std::int64_t least_samples(const SampledModel& model, const CurvatureChoice& curvature) {
  std::int64_t most = model.problem.guide->joint ? gaussian_samples(joint_curvature(curvature)) : 1;
  for (const GuideBlock& block : blocks_of(model)) {
    const auto kind = curvature_of(block, curvature);
    most = std::max(most, kind ? gaussian_samples(*kind) : regression_samples(block));
  }
  return most;
}

namespace {

// The same model at few draws, at which steps are tried.
SampledModel probe_of(const SampledModel& model) {
  const std::int64_t samples = model.graph->axis(model.sample).size;
  return samples <= probe_samples ? model : sample_model(model.problem, probe_samples);
}

std::vector<Expr> moved(const GuideBlock& block, const SampledModel& probe, Expr step_size,
                        const CurvatureChoice& curvature) {
  const auto kind = curvature_of(block, curvature);
  return kind ? gaussian_update(block, probe, step_size, *kind) : regression_update(block, step_size);
}

// Whether the distribution of a batch's rows is given by parameters alone: it is when no draw enters it.
bool is_alone(const GuideBlock& block) {
  for (const RandomVariable& v : block.model().problem.guide->variables) {
    for (const Expr& e : block.canonical()) {
      if (depends_on(e, v.value)) return false;
    }
  }
  return true;
}

// Hoffman et al. 2013: what belongs to the rows of the batch moves first, all the way, and the rest sees it
// where it has got to. Writes these steps, and returns the problem with inputs for the distributions of the
// rows, and where these have got to; nothing where there are no such rows.
struct RowsMoved {
  Problem problem;
  Replacements at;
};

std::optional<RowsMoved> rows_first(const SampledModel& model, const CurvatureChoice& curvature,
                                    std::vector<Expr>& steps) {
  const std::vector<GuideBlock> blocks = blocks_of(model);
  if (std::none_of(blocks.begin(), blocks.end(), [](const GuideBlock& b) { return b.is_local(); }))
    return std::nullopt;
  const SampledModel probe = probe_of(model);
  std::shared_ptr<ModelGraph> guide;
  Replacements at;
  for (const GuideBlock& block : blocks) {
    if (!block.is_local()) continue;
    const std::vector<Expr> canonical = moved(block, probe, model.graph->constant(1), curvature);
    block.move_to(canonical, steps);
    if (!is_alone(block)) continue;
    if (!guide) guide = std::make_shared<ModelGraph>(*model.problem.guide);
    const Term& term = model.guide_terms[block.index()];
    RandomVariable& variable = guide->variables[term.variable];
    const auto part =
        static_cast<std::size_t>(&block.part() - model.problem.guide->variables[term.variable].parts.data());
    DistributionCall& call = variable.parts[part].call;
    for (std::size_t p = 0; p < canonical.size(); ++p) {
      if (canonical[p] == call.canonical[p]) continue;
      call.canonical[p] = model.graph->input("moved", canonical[p].type());
      at[call.canonical[p].id()] = canonical[p];
    }
    call.given = given_parameters(*call.distribution, call.alternative, call.canonical);
  }
  if (!guide) return std::nullopt;
  return RowsMoved{{model.problem.model, guide}, std::move(at)};
}

void move_the_rest(const SampledModel& model, Expr step_size, const CurvatureChoice& curvature,
                   GradientEstimate& to) {
  const SampledModel probe = probe_of(model);
  if (model.problem.guide->joint) move_joint(model, probe, step_size, joint_curvature(curvature), to.guide);
  for (const GuideBlock& block : blocks_of(model)) {
    if (!block.is_local()) block.move_to(moved(block, probe, step_size, curvature), to.guide);
  }
  const double draws = static_cast<double>(model.graph->axis(model.sample).size);
  to.elbo = sum_axis(model.log_joint - model.log_guide, model.sample) / draws;
}

// How each variable's distribution is moved; `model` is that which the method was given.
GradientAccount account_of(const SampledModel& model, const CurvatureChoice& curvature) {
  const auto by_curvature = [](Curvature kind) {
    return std::string("natural gradient of a normal: ") +
           (kind == Curvature::hessian ? "mean Hessian and mean gradient of log p"
                                       : "gradients of log p at the draws (Stein's identity)");
  };
  GradientAccount account;
  account.estimator = count_of_draws(model.graph->axis(model.sample).size) + " per step";
  if (model.problem.guide->joint) {
    for (const Term& term : model.guide_terms)
      account.add(term.name, by_curvature(joint_curvature(curvature)) + ", together with the others");
  }
  for (const GuideBlock& block : blocks_of(model)) {
    const auto kind = curvature_of(block, curvature);
    account.add(
        model.guide_terms[block.index()].name,
        (kind ? by_curvature(*kind)
              : "natural gradient of an exponential family: regression of the costs on the sufficient "
                "statistics") +
            (block.is_local() ? "; rows of the batch move first, all the way" : ""));
  }
  return account;
}

}  // namespace

GradientEstimate natural_update(const SampledModel& model, Expr step_size, const CurvatureChoice& curvature) {
  GradientEstimate result;
  const std::vector<PointParameter>& parameters = model.problem.guide->parameters;
  result.guide.resize(parameters.size());
  result.step_size = step_size;
  if (const auto rows = rows_first(model, curvature, result.guide)) {
    move_the_rest(sample_model(rows->problem, model.graph->axis(model.sample).size), step_size, curvature,
                  result);
    for (Expr& e : result.guide) {
      if (e) e = substitute(e, rows->at);
    }
    result.elbo = substitute(result.elbo, rows->at);
  } else {
    move_the_rest(model, step_size, curvature, result);
  }
  for (std::size_t p = 0; p < parameters.size(); ++p) {
    if (!result.guide[p])
      fail("guide-not-natural", "natural() cannot move `" + parameters[p].name + "`: no distribution has it",
           parameters[p].span, "leave it out, or use bbvi(natural = true)");
  }
  result.account = account_of(model, curvature);
  result.hint = "a smaller `step` of natural(), or other starting values, may help";
  return result;
}

}  // namespace elbo::inference
