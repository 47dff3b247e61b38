// A model and its guide with an axis of Monte Carlo draws: the guide's latent variables are drawn, and every
// log density is evaluated at the draws. Estimators of gradients are written on top of this, as further
// expressions.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "inference/ancestral.hpp"
#include "inference/problem.hpp"
#include "runtime/graph.hpp"

namespace elbo::inference {

/// One density of the objective at the draws: that of a statement, or a factor.
struct Term {
  std::string name;  ///< of the variable; empty for a factor
  bool is_guide = false;
  lang::Span span;
  const runtime::VariablePart* part = nullptr;  ///< null for a factor
  std::size_t variable = 0;                     ///< index in its graph's variables, or in its factors
  runtime::DistributionCall call;               ///< parameters at the draws; no distribution for a factor
  runtime::Expr value;                          ///< the draw, or the data; empty for a factor
  runtime::Expr log_density;                    ///< elementwise, with the axes of the plates of its statement
  runtime::Expr per_draw;                       ///< summed over everything but the draws, {sample}
  double weight = 1;                            ///< in the objective, of each log density
  /// Of a guide's variable whose draws do not move where those of others do: the log density that its score
  /// is taken from.
  runtime::Expr score = {};
};

/// A draw of a discrete variable that was summed out of the model, given the draws of the others, with the
/// mean and variance that it has there: in the variable's shape, with the axis of draws.
struct RecoveredDraw {
  std::string name;
  runtime::Expr draw, mean, variance;
};

/// A draw of a discrete variable that was relaxed (inference/relaxation.hpp), of each part of the variable.
struct RelaxedDraw {
  std::size_t variable = 0;  ///< of the guide
  std::vector<runtime::Expr> weights, probabilities;
};

struct SampledModel {
  std::shared_ptr<runtime::Graph> graph;
  runtime::AxisId sample;

  /// The guide's parameters as inputs (unconstrained), and the same seen once per draw: derivatives by the
  /// latter are scores of single draws (none where draws move).
  std::vector<runtime::Expr> parameters;
  std::vector<runtime::Expr> parameters_per_draw;
  /// The model's own parameters (unconstrained inputs).
  std::vector<runtime::Expr> model_parameters;

  std::vector<std::string> latents;       ///< names, in the guide's order
  std::vector<runtime::Expr> draws;       ///< of each, {sample} and its event
  std::vector<VariableDraw> drawn;        ///< the same with their parts
  std::vector<Term> guide_terms;          ///< log q of each statement
  std::vector<Term> model_terms;          ///< log p of each statement, then of each factor
  std::vector<runtime::Expr> quantities;  ///< the model's deterministic quantities at the draws
  std::vector<RecoveredDraw> recovered;   ///< empty until recover_summed_out fills it
  std::vector<RelaxedDraw> relaxed;       ///< for gradients through discrete variables; empty without any
  runtime::Expr log_joint;                ///< weighted sum of model_terms, {sample}
  runtime::Expr log_guide;                ///< weighted sum of guide_terms, {sample}
  /// Of stratified draws: what each weighs in a mean over draws, {sample}, 1 on average; empty where all
  /// weigh 1.
  runtime::Expr draw_weights;

  Problem problem;
};

/// How draws depend on the guide's parameters.
struct DrawOptions {
  /// Gradients flow through the draws, where their distributions can (Distribution::pathwise). Otherwise, and
  /// for all others, draws are constants, and log q is written with the parameters seen once per draw.
  bool moves = false;
  bool hold_parameters = false;    ///< where draws move: no gradient flows to the parameters inside log q
  bool detach_likelihood = false;  ///< no gradient flows from observed terms and factors to the draws
  DrawRule rule = nullptr;         ///< for variables that are not drawn as their distributions draw
  /// Of a guide that is a mixture: `samples` draws from each of its components (draw s from component s
  /// modulo their number), which weigh as their components do.
  bool stratify = false;
};

/// Draws `samples` times from the guide (which covers the model's latent variables; elaborate_guide has
/// checked it).
SampledModel sample_model(const Problem& problem, std::int64_t samples, const DrawOptions& options = {});

/// The mean over the draws, each with its weight; what has no axis of draws is its own mean.
runtime::Expr mean_over_draws(const SampledModel& model, runtime::Expr x);

/// Whether the value of `term` uses the draw of latent i, directly or through later draws.
bool uses_draw(const SampledModel& model, runtime::Expr term, std::size_t i);

}  // namespace elbo::inference
