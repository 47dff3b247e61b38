// Reparameterised variational inference: ascent of the ELBO, or of an importance-weighted bound, along
// gradients that flow through the draws (inference/pathwise_gradient.hpp).
#include "inference/methods/reparam.hpp"

#include "inference/optimise.hpp"
#include "inference/pathwise_gradient.hpp"
#include "runtime/interpreter.hpp"

namespace elbo::inference {

using namespace runtime;

namespace {

bool read_bool(const Record& record, const std::string& name, const std::string& method,
               const lang::Span& span) {
  const Value& value = *find_field(record, name);
  const bool* on = value.as<bool>();
  if (!on) fail("bad-option", name + " of " + method + " must be true or false, but is " + show(value), span);
  return *on;
}

/// Which of the texts an option is.
std::size_t read_choice(const Record& record, const std::string& name,
                        std::initializer_list<std::string_view> texts, const lang::Span& span) {
  const Value& value = *find_field(record, name);
  const std::string* given = value.as<std::string>();
  std::string list;
  std::size_t i = 0;
  for (const std::string_view text : texts) {
    if (given && *given == text) return i;
    list += (list.empty() ? "\"" : ", \"") + std::string(text) + "\"";
    ++i;
  }
  fail("bad-option",
       name + " of reparam must be one of " + list + ", but is " +
           (given ? "\"" + *given + "\"" : show(value)),
       span);
}

PathwiseOptions read_reparam(const Record& record, const lang::Span& span) {
  PathwiseOptions options;
  options.samples = whole_option({"samples", *find_field(record, "samples"), span}, 1);
  options.stick_the_landing = read_bool(record, "stl", "reparam", span);
  options.analytic_kl = read_choice(record, "kl", {"monte_carlo", "analytic"}, span) == 1;
  options.detach_likelihood = read_choice(record, "detach", {"none", "likelihood"}, span) == 1;
  return options;
}

Value run_reparam(Interpreter& interpreter, const Problem& problem, const MethodCall& call) {
  const PathwiseOptions options = read_reparam(call.method_options, call.span);
  RunOptions run = read_run_options(call.run_options);
  count_steps(run, *problem.model);
  const SampledModel model = pathwise_model(subsample(problem, run.batch), options);
  return Value(ObjectPtr(optimise(interpreter, problem, model, pathwise_gradient(model, options),
                                  call.method_text, run, call.span)));
}

struct IwaeOptions {
  std::int64_t inner, samples;
};

IwaeOptions read_iwae(const Record& record, const lang::Span& span) {
  if (read_bool(record, "stl", "iwae", span)) {
    fail("biased-estimator",
         "sticking the landing inside the logarithm of a mean is biased: the score that it drops has a mean "
         "there",
         span,
         "iwae takes doubly reparameterised gradients, which have the same property at the optimum without "
         "the bias");
  }
  return {whole_option({"K", *find_field(record, "K"), span}, 1),
          whole_option({"samples", *find_field(record, "samples"), span}, 1)};
}

Value run_iwae(Interpreter& interpreter, const Problem& problem, const MethodCall& call) {
  const IwaeOptions options = read_iwae(call.method_options, call.span);
  RunOptions run = read_run_options(call.run_options);
  count_steps(run, *problem.model);
  if (run.batch.size > 0) {
    fail("bad-option", "iwae cannot take a batch of rows: the logarithm of a mean is no sum over rows",
         run.batch.span, "reparam() can");
  }
  const PathwiseOptions draws{.samples = options.inner * options.samples, .stick_the_landing = true};
  const SampledModel model = pathwise_model(problem, draws);
  return Value(
      ObjectPtr(optimise(interpreter, problem, model, importance_weighted_gradient(model, options.inner),
                         call.method_text, run, call.span)));
}

}  // namespace

const Method reparam_method{
    .info =
        {.name = "reparam",
         .summary = "variational inference by gradients through the draws",
         .requirements =
             "a guide (mean_field() when none is given); latent variables whose draws do not move with "
             "its parameters are taken by score functions",
         .options =
             {{"samples", Value(10), "draws from the guide per step", "1, 2, …"},
              {"stl", Value(false),
               "sticking the landing: hold the parameters inside log q; no noise once the guide is the "
               "posterior",
               "true, false"},
              {"kl", Value("monte_carlo"),
               "divergence of a variable from its prior: at the draws, or by closed forms where there are "
               "any",
               "\"monte_carlo\", \"analytic\""},
              {"detach", Value("none"),
               "\"likelihood\": no gradient of the likelihood reaches the guide, a known mistake to look at",
               "\"none\", \"likelihood\""}}},
    .requirements = {.guide = true, .latent_variables = true, .continuous_latents = false},
    .validate = [](const Record& record, const lang::Span& span) { read_reparam(record, span); },
    .run = run_reparam};

const Method iwae_method{
    .info = {.name = "iwae",
             .summary = "importance-weighted variational inference, by doubly reparameterised gradients",
             .requirements = "a guide (mean_field() when none is given) whose draws move with its parameters",
             .options = {{"K", Value(5), "draws inside the logarithm", "1, 2, …"},
                         {"samples", Value(10), "repetitions of these per step", "1, 2, …"},
                         {"stl", Value(false), "refused: biased inside the logarithm", "false"}}},
    .requirements = {.guide = true, .latent_variables = true, .continuous_latents = true},
    .validate = [](const Record& record, const lang::Span& span) { read_iwae(record, span); },
    .run = run_iwae};

}  // namespace elbo::inference
