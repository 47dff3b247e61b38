// Reparameterised variational inference: ascent of the ELBO, or of an importance-weighted bound, along
// gradients that flow through the draws (inference/pathwise_gradient.hpp).
#include "inference/methods/reparam.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "inference/method_options.hpp"
#include "inference/pathwise_gradient.hpp"
#include "runtime/interpreter.hpp"

namespace elbo::inference {

using namespace runtime;

namespace {

/// What `gumbel_softmax(0.5)` evaluates to.
class RelaxationValue : public Object {
 public:
  explicit RelaxationValue(Relaxation relaxation) : relaxation_(relaxation) {}
  std::string type_name() const override { return "relaxation"; }
  std::string show() const override {
    return "gumbel_softmax(" + runtime::show(Value(relaxation_.temperature)) +
           (relaxation_.hard ? ", hard = true)" : ")");
  }
  const Relaxation& relaxation() const { return relaxation_; }

 private:
  Relaxation relaxation_;
};

std::shared_ptr<const RelaxationValue> relaxation_of(const Value& value) {
  const ObjectPtr* object = value.as<ObjectPtr>();
  return object != nullptr ? std::dynamic_pointer_cast<const RelaxationValue>(*object) : nullptr;
}

struct DiscreteChoice {
  std::string_view name;
  DiscreteLatents latents;
  DiscreteGradient gradient;
};
constexpr std::array discrete_choices{
    DiscreteChoice{"auto", DiscreteLatents::sum_out_where_possible, DiscreteGradient::score},
    DiscreteChoice{"enumerate", DiscreteLatents::sum_out, DiscreteGradient::score},
    DiscreteChoice{"score", DiscreteLatents::keep, DiscreteGradient::score},
    DiscreteChoice{"disarm", DiscreteLatents::keep, DiscreteGradient::disarm}};

void read_discrete(PathwiseOptions& options, const MethodOptions& given) {
  const Value& value = *find_field(given.given, "discrete");
  if (const auto relaxation = relaxation_of(value)) {
    options.discrete = DiscreteGradient::relaxed;
    options.relaxation = relaxation->relaxation();
    return;
  }
  if (value.as<std::string>() == nullptr) {
    fail("bad-option",
         "discrete of reparam must be one of " + quoted_list(names_of(discrete_choices)) +
             " or gumbel_softmax(temperature), but is " + show(value),
         given.span);
  }
  options.discrete = discrete_choices[choice_option(given, "discrete", names_of(discrete_choices))].gradient;
  if (options.discrete == DiscreteGradient::disarm && options.samples % 2 == 1) {
    fail("bad-option",
         "discrete = \"disarm\" takes draws in pairs, but samples = " + std::to_string(options.samples),
         given.span, "use an even number of samples");
  }
}

PathwiseOptions read_reparam(const Record& record, const lang::Span& span) {
  const MethodOptions given{record, "reparam", span};
  PathwiseOptions options;
  options.samples = find_field(record, "samples")->is<None>() ? 10 : count_option(given, "samples", 1);
  options.stick_the_landing = flag_option(given, "stl");
  options.analytic_kl = choice_option(given, "kl", {"monte_carlo", "analytic"}) == 1;
  options.detach_likelihood = choice_option(given, "detach", {"none", "likelihood"}) == 1;
  read_discrete(options, given);
  return options;
}

DiscreteLatents discrete_reparam(const Record& record) {
  const Value& value = *find_field(record, "discrete");
  if (relaxation_of(value)) return DiscreteLatents::keep;
  const std::size_t choice = choice_option({record, "reparam", {}}, "discrete", names_of(discrete_choices));
  return discrete_choices[choice].latents;
}

// Where steps see batches of rows, draws of more rows do more than more draws of these; scores need others to be
// compared with.
bool one_draw_will_do(const Problem& problem) {
  const auto& latents = problem.guide->variables;
  return problem.model->batch && std::none_of(latents.begin(), latents.end(), [](const RandomVariable& v) {
    return v.parts.front().support.kind->discrete;
  });
}

PreparedGradient prepare_reparam(const Problem& problem, const Record& record, const lang::Span& span) {
  PathwiseOptions options = read_reparam(record, span);
  if (find_field(record, "samples")->is<None>() && one_draw_will_do(problem)) options.samples = 1;
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

Value make_relaxation(Interpreter&, const Arguments& a) {
  Relaxation relaxation;
  if (a.given[0]) {
    const bool is_number = is_numeric(a.values[0]) && !a.values[0].is<Symbol>();
    const Tensor number = is_number ? to_tensor(a.values[0]) : Tensor();
    relaxation.temperature = number.size() == 1 ? number.real(0) : 0;
    if (!(relaxation.temperature > 0) || std::isinf(relaxation.temperature)) {
      fail("bad-argument",
           "temperature of gumbel_softmax must be a number above 0, but is " + show(a.values[0]), a.spans[0],
           "0.5 to 1 are usual; low temperatures are nearer to discrete draws, and noisier");
    }
  }
  if (a.given[1]) {
    const bool* hard = a.values[1].as<bool>();
    if (hard == nullptr) {
      fail("bad-argument", "hard of gumbel_softmax must be true or false, but is " + show(a.values[1]),
           a.spans[1]);
    }
    relaxation.hard = *hard;
  }
  return Value(ObjectPtr(std::make_shared<RelaxationValue>(relaxation)));
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
             {{"samples", Value(None{}),
               "draws from the guide per step; none: 10, or 1 where a step sees a batch of rows", "1, 2, …, none"},
              {"stl", Value(false),
               "sticking the landing: hold the parameters inside log q; no noise once the guide is the "
               "posterior",
               "true, false"},
              {"kl", Value("monte_carlo"),
               "divergence of a variable from its prior: at the draws, or by closed forms where there are "
               "any",
               "\"monte_carlo\", \"analytic\""},
              {"discrete", Value("auto"),
               "discrete variables: summed out exactly; drawn, and taken by their scores; Bernoulli ones by "
               "antithetic pairs; relaxed (biased). auto: summed out where that can be done and the guide "
               "does "
               "not draw them, else by scores",
               "\"auto\", \"enumerate\", \"score\", \"disarm\", gumbel_softmax(temperature)"},
              {"detach", Value("none"),
               "\"likelihood\": no gradient of the likelihood reaches the guide, a known mistake to look at",
               "\"none\", \"likelihood\""}}},
    .requirements = {.guide = true, .latent_variables = true, .continuous_latents = false},
    .validate = [](const Record& record, const lang::Span& span) { read_reparam(record, span); },
    .discrete = discrete_reparam,
    .prepare = prepare_reparam};

Function gumbel_softmax_function() {
  return {.name = "gumbel_softmax",
          .signature = "gumbel_softmax(temperature = 1, hard = false)",
          .help =
              "relaxes discrete variables to weights of their values, so that gradients flow through them; "
              "hard: weights of 0 and 1 going forward (straight-through); biased either way — e.g. "
              "reparam(discrete = gumbel_softmax(0.5))",
          .category = "inference",
          .call = make_relaxation};
}

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
    .discrete = [](const Record&) { return DiscreteLatents::sum_out_where_possible; },
    .prepare = prepare_iwae};

}  // namespace elbo::inference
