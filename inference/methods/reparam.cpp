// Reparameterised variational inference: ascent of the ELBO, or of an importance-weighted bound, along
// gradients that flow through the draws (inference/pathwise_gradient.hpp).
#include "inference/methods/reparam.hpp"

#include "inference/method_options.hpp"
#include "inference/pathwise_gradient.hpp"
#include "runtime/interpreter.hpp"

namespace elbo::inference {

using namespace runtime;

namespace {

PathwiseOptions read_reparam(const Record& record, const lang::Span& span) {
  const MethodOptions given{record, "reparam", span};
  PathwiseOptions options;
  options.samples = count_option(given, "samples", 1);
  options.stick_the_landing = flag_option(given, "stl");
  options.analytic_kl = choice_option(given, "kl", {"monte_carlo", "analytic"}) == 1;
  options.detach_likelihood = choice_option(given, "detach", {"none", "likelihood"}) == 1;
  return options;
}

PreparedGradient prepare_reparam(const Problem& problem, const Record& record, const lang::Span& span) {
  const PathwiseOptions options = read_reparam(record, span);
  SampledModel model = pathwise_model(problem, options);
  GradientEstimate estimate = pathwise_gradient(model, options);
  return {std::move(model), std::move(estimate)};
}

struct IwaeOptions {
  std::int64_t inner, samples;
};

IwaeOptions read_iwae(const Record& record, const lang::Span& span) {
  const MethodOptions given{record, "iwae", span};
  if (flag_option(given, "stl")) {
    fail("biased-estimator",
         "sticking the landing inside the logarithm of a mean is biased: the score that it drops has a mean "
         "there",
         span,
         "iwae takes doubly reparameterised gradients, which have the same property at the optimum without "
         "the bias");
  }
  return {count_option(given, "K", 1), count_option(given, "samples", 1)};
}

PreparedGradient prepare_iwae(const Problem& problem, const Record& record, const lang::Span& span) {
  const IwaeOptions options = read_iwae(record, span);
  // Draws inside the logarithm are draws from the guide as a whole.
  const PathwiseOptions draws{
      .samples = options.inner * options.samples, .stick_the_landing = true, .stratify = false};
  SampledModel model = pathwise_model(problem, draws);
  GradientEstimate estimate = importance_weighted_gradient(model, options.inner);
  return {std::move(model), std::move(estimate)};
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
    .prepare = prepare_reparam};

const Method iwae_method{
    .info = {.name = "iwae",
             .summary = "importance-weighted variational inference, by doubly reparameterised gradients",
             .requirements = "a guide (mean_field() when none is given) whose draws move with its parameters",
             .options = {{"K", Value(5), "draws inside the logarithm", "1, 2, …"},
                         {"samples", Value(10), "repetitions of these per step", "1, 2, …"},
                         {"stl", Value(false), "refused: biased inside the logarithm", "false"}}},
    .requirements = {.guide = true,
                     .latent_variables = true,
                     .continuous_latents = true,
                     .batch = {"the logarithm of a mean is no sum over rows", "reparam() can"}},
    .validate = [](const Record& record, const lang::Span& span) { read_iwae(record, span); },
    .prepare = prepare_iwae};

}  // namespace elbo::inference
