// Black-box variational inference (Ranganath, Gerrish, Blei 2014): stochastic ascent of the ELBO along
// score-function gradients, which need nothing of the model but its log density, for any guide that can be
// drawn from.
#include "inference/methods/bbvi.hpp"

#include "inference/method_options.hpp"
#include "inference/natural_option.hpp"
#include "inference/score_gradient.hpp"
#include "runtime/expression.hpp"

namespace elbo::inference {

using namespace runtime;

namespace {

struct BbviOptions {
  std::int64_t samples;
  bool rao_blackwell;
  const ControlVariate* control_variate;
  NaturalOption natural;
};

const ControlVariate& read_control_variate(const MethodOptions& given) {
  // The published names for off and on.
  const Value& value = *find_field(given.given, "control_variates");
  if (const bool* on = value.as<bool>()) return *find_control_variate(*on ? "same_sample" : "none");
  const std::span<const ControlVariate> list = control_variate_list();
  return list[choice_option(given, "control_variates", names_of(list))];
}

BbviOptions read(const Record& record, const lang::Span& span) {
  const MethodOptions given{record, "bbvi", span};
  BbviOptions options;
  options.samples = count_option(given, "samples", 1);
  options.rao_blackwell = flag_option(given, "rao_blackwell");
  options.control_variate = &read_control_variate(given);
  if (options.samples < options.control_variate->minimum_samples) {
    fail("bad-option",
         "control_variates = \"" + std::string(options.control_variate->name) + "\" needs at least " +
             std::to_string(options.control_variate->minimum_samples) +
             " samples, but samples = " + std::to_string(options.samples),
         span, "use more samples, or control_variates = \"none\"");
  }
  options.natural = read_natural(record, "bbvi", span);
  return options;
}

// Fisher information of the joint distribution of the latent variables: exact for a mean-field guide,
// averaged over the draws where a variable's parameters depend on those before it. What no draw enters is
// seen once, not once per draw.
Expr guide_information(const SampledModel& model, FisherStructure structure) {
  Replacements once;
  for (std::size_t i = 0; i < model.parameters.size(); ++i)
    once[model.parameters_per_draw[i].id()] = model.parameters[i];
  std::vector<Term> terms = model.guide_terms;
  for (Term& term : terms) term.call.canonical = substitute(term.call.canonical, once);
  return fisher_information(terms, model.parameters, structure) /
         static_cast<double>(model.graph->axis(model.sample).size);
}

PreparedGradient prepare(const Problem& problem, const Record& record, const lang::Span& span) {
  const BbviOptions options = read(record, span);
  SampledModel model = sample_model(problem, options.samples);
  GradientEstimate estimate = score_gradient(model, options.rao_blackwell, *options.control_variate);
  if (options.natural.on && !model.parameters.empty()) {
    const Expr fisher = guide_information(model, options.natural.structure);
    estimate.guide =
        natural_gradient(fisher, options.natural.structure, options.natural.damping, estimate.guide);
    estimate.account.preconditioner = options.natural.text("the guide");
    estimate.hint = "the Fisher information of the guide may be singular: try damping = 1e-3";
  }
  return {std::move(model), std::move(estimate)};
}

std::vector<Option> bbvi_options() {
  std::vector<Option> options{
      {"samples", Value(10), "draws from the guide per step", "1, 2, …"},
      {"rao_blackwell", Value(true), "use for every latent variable only the terms that its draw can change",
       "true, false"},
      {"control_variates", Value("rloo"), "what is subtracted to lower the variance",
       "\"none\" (or false), \"same_sample\" (or true; biased), \"leave_one_out\", \"rloo\""}};
  for (Option& option : natural_options("the guide")) options.push_back(std::move(option));
  return options;
}

void validate(const Record& record, const lang::Span& span) { read(record, span); }

}  // namespace

const Method bbvi_method{
    .info = {.name = "bbvi",
             .summary = "black-box variational inference by score-function gradients",
             .requirements = "a guide (mean_field() when none is given); nothing else of the model: latent "
                             "variables may be discrete or continuous",
             .options = bbvi_options()},
    .requirements = {.guide = true, .latent_variables = true, .continuous_latents = false},
    .validate = validate,
    .prepare = prepare};

}  // namespace elbo::inference
