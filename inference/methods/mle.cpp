// Maximum likelihood: the log likelihood of the observed variables, climbed along its gradient or (natural
// gradient: Amari 1998; with the expected information, Fisher scoring) along the gradient times the inverse
// Fisher information.
#include "inference/methods/mle.hpp"

#include <algorithm>

#include "inference/method_options.hpp"
#include "inference/natural_option.hpp"
#include "runtime/differentiate.hpp"
#include "runtime/expression.hpp"

namespace elbo::inference {

using namespace runtime;

namespace {

struct MleOptions {
  bool average;
  NaturalOption natural;
};

MleOptions read(const Record& record, const lang::Span& span) {
  return {flag_option({record, "mle", span}, "average"), read_natural(record, "mle", span)};
}

double observations(const SampledModel& model) {
  double count = 0;
  for (const Term& term : model.model_terms) {
    if (term.part)
      count += term.weight * static_cast<double>(model.graph->element_count(term.log_density.type()));
  }
  return std::max(count, 1.0);
}

PreparedGradient prepare(const Problem& problem, const Record& record, const lang::Span& span) {
  const MleOptions options = read(record, span);
  if (problem.model->parameters.empty()) {
    fail("nothing-to-fit", "model `" + problem.model->name + "` has no parameter to optimise", span,
         "declare one in the model: `param m = 0`");
  }
  SampledModel model = sample_model(problem, 1);
  const double scale = options.average ? 1 / observations(model) : 1;
  GradientEstimate estimate;
  const Expr log_likelihood = sum_axis(model.log_joint, model.sample);
  estimate.elbo = log_likelihood * scale;
  estimate.is_average = options.average;
  estimate.model = gradient(estimate.elbo, model.model_parameters);
  estimate.account.objective = options.average ? "log likelihood per observation" : "log likelihood";
  for (const PointParameter& p : problem.model->parameters)
    estimate.account.add(p.name, "derivative of the log likelihood");
  if (options.natural.on) {
    const Expr fisher =
        scale * fisher_information(model.model_terms, model.model_parameters, options.natural.structure);
    estimate.model =
        natural_gradient(fisher, options.natural.structure, options.natural.damping, estimate.model);
    estimate.account.preconditioner = options.natural.text("the observations");
    estimate.hint =
        "the Fisher information may be singular, when the data cannot tell parameters apart: try damping = "
        "1e-3";
  }
  return {std::move(model), std::move(estimate)};
}

std::vector<Option> options_with(std::vector<Option> natural) {
  natural.insert(natural.begin(), {"average", Value(false),
                                   "divide the log likelihood by the number of observations", "true, false"});
  return natural;
}

void validate(const Record& record, const lang::Span& span) { read(record, span); }

}  // namespace

const Method mle_method{
    .info = {.name = "mle",
             .summary = "maximum likelihood for the `param`s of a model, by its gradient or natural gradient",
             .requirements = "a model with `param`s and without latent variables",
             .options = options_with(natural_options("the observations"))},
    .requirements = {.guide = false, .latent_variables = false, .observed_only = true},
    .validate = validate,
    .discrete = [](const Record&) { return DiscreteLatents::sum_out_where_possible; },
    .prepare = prepare};

}  // namespace elbo::inference
