// Natural-gradient variational inference for guides of exponential-family distributions: each step moves
// their natural parameters (inference/natural_update.hpp).
#include "inference/methods/natural.hpp"

#include <cmath>

#include "inference/method_options.hpp"
#include "inference/natural_update.hpp"
#include "runtime/interpreter.hpp"

namespace elbo::inference {

using namespace runtime;

namespace {

struct NaturalOptions {
  std::int64_t samples;
  Schedule schedule;
  const CurvatureChoice* curvature;
};

// Steps that start whole and get smaller as ((t + 29) / 30)^-0.75: slowly at first, since some directions of
// a mean-field guide need many steps, then so that the noise of the draws averages out.
Schedule default_schedule() {
  for (const ScheduleRecord* record : schedule_list()) {
    if (record->name == "robbins_monro") return make_schedule(*record, {std::pow(30.0, 0.75), 29.0, 0.75});
  }
  throw lang::InternalError("there is no schedule called robbins_monro");
}

Schedule read_step(const Value& value, const lang::Span& span) {
  if (value.is<None>()) return default_schedule();
  if (const ObjectPtr* object = value.as<ObjectPtr>()) {
    if (const auto given = std::dynamic_pointer_cast<const ScheduleValue>(*object)) return given->schedule();
  }
  if (is_numeric(value) && !value.is<Symbol>()) {
    const Tensor number = to_tensor(value);
    if (number.rank() == 0 && number.real(0) > 0 && number.real(0) <= 1) return fixed_step(number.real(0));
  }
  fail("bad-option",
       "step of natural must be a number above 0 and at most 1, or a schedule, but is " + show(value), span,
       "1 goes all the way to the optimum of a conjugate model: step = 1");
}

std::string curvature_help() {
  std::string help = "how steps of normal distributions are found;";
  for (const CurvatureChoice& choice : curvature_choices())
    help += (&choice == &curvature_choices().front() ? " " : "; ") + std::string(choice.name) + ": " +
            std::string(choice.help);
  return help;
}

NaturalOptions read(const Record& record, const lang::Span& span) {
  const MethodOptions given{record, "natural", span};
  const std::span<const CurvatureChoice> curvatures = curvature_choices();
  return {count_option(given, "samples", 1), read_step(*find_field(record, "step"), span),
          &curvatures[choice_option(given, "curvature", names_of(curvatures))]};
}

PreparedGradient prepare(const Problem& problem, const Record& record, const lang::Span& span) {
  const NaturalOptions options = read(record, span);
  if (!problem.model->parameters.empty()) {
    const PointParameter& parameter = problem.model->parameters.front();
    fail("guide-not-natural",
         "natural() moves the guide only, but the model has the parameter `" + parameter.name + "`",
         parameter.span, "give it a prior with `~`, or use bbvi()");
  }
  SampledModel model = sample_model(problem, options.samples);
  if (const std::int64_t least = least_samples(model, *options.curvature); options.samples < least) {
    fail("bad-option",
         "this guide needs at least " + std::to_string(least) +
             " samples, but samples = " + std::to_string(options.samples),
         span, "a step is a regression over the draws");
  }
  const Expr step_size = model.graph->input("step size", {{}, {}, Domain::real});
  GradientEstimate estimate = natural_update(model, step_size, *options.curvature);
  estimate.schedule = options.schedule;
  return {std::move(model), std::move(estimate)};
}

void validate(const Record& record, const lang::Span& span) { read(record, span); }

}  // namespace

const Method natural_method{
    .info = {.name = "natural",
             .summary = "variational inference by natural gradients in exponential families",
             .requirements =
                 "a guide of exponential-family distributions with parameters of its own "
                 "(conjugate() when none is given); exact in one step where the model is conjugate",
             .options = {{"samples", Value(100), "draws from the guide per step", "1, 2, …"},
                         {"step", Value(),
                          "step size: 1 goes all the way; none: ((t + 29) / 30)^-0.75 at step t",
                          "a number in (0, 1], a schedule, or none"},
                         {"curvature", Value("auto"), curvature_help(),
                          quoted_list(names_of(curvature_choices()))}}},
    .requirements =
        {.guide = true,
         .latent_variables = true,
         .continuous_latents = false,
         .default_guide = "conjugate",
         .optimizer = {"its steps are whole",
                       "give the step size to the method: natural(step = robbins_monro(1, 1, 0.7))"}},
    .steps = 500,
    .validate = validate,
    .prepare = prepare};

}  // namespace elbo::inference
