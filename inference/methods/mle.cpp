// Maximum likelihood: the log likelihood of the observed variables, climbed along its gradient or (natural
// gradient: Amari 1998; with the expected information, Fisher scoring) along the gradient times the inverse
// Fisher information.
#include "inference/methods/mle.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "inference/fisher.hpp"
#include "inference/optimise.hpp"
#include "runtime/differentiate.hpp"
#include "runtime/expression.hpp"

namespace elbo::inference {

using namespace runtime;

namespace {

struct MleOptions {
  bool average;
  bool natural;
  FisherStructure structure = FisherStructure::full;
  double damping;
};

struct StructureName {
  std::string_view name;
  FisherStructure structure;
};
constexpr std::array structures{StructureName{"full", FisherStructure::full},
                                StructureName{"block", FisherStructure::block},
                                StructureName{"diagonal", FisherStructure::diagonal}};

bool flag(const Record& record, const std::string& name, const lang::Span& span) {
  const Value& value = *find_field(record, name);
  if (const bool* on = value.as<bool>()) return *on;
  fail("bad-option", name + " of mle must be true or false, but is " + show(value), span);
}

void read_natural(const Value& value, MleOptions& options, const lang::Span& span) {
  if (const bool* on = value.as<bool>()) {
    options.natural = *on;
    return;
  }
  const std::string* name = value.as<std::string>();
  std::vector<std::string> names;
  for (const StructureName& s : structures) {
    if (name && *name == s.name) {
      options.natural = true;
      options.structure = s.structure;
      return;
    }
    names.emplace_back(s.name);
  }
  fail("bad-option",
       "natural of mle must be true, false, \"full\", \"block\" or \"diagonal\", but is " +
           (name ? "\"" + *name + "\"" : show(value)),
       span, name ? lang::did_you_mean(*name, names) : std::string());
}

MleOptions read(const Record& record, const lang::Span& span) {
  MleOptions options{};
  options.average = flag(record, "average", span);
  read_natural(*find_field(record, "natural"), options, span);
  const Value& damping = *find_field(record, "damping");
  const bool is_number = is_numeric(damping) && !damping.is<Symbol>() && to_tensor(damping).size() == 1;
  options.damping = is_number ? to_tensor(damping).real(0) : -1;
  if (!(options.damping >= 0) || std::isinf(options.damping)) {
    fail("bad-option", "damping of mle must be a number, 0 or more, but is " + show(damping), span);
  }
  return options;
}

double observations(const SampledModel& model) {
  double count = 0;
  for (const Term& term : model.model_terms) {
    if (term.part) count += static_cast<double>(model.graph->element_count(term.log_density.type()));
  }
  return std::max(count, 1.0);
}

Value run(Interpreter& interpreter, const Problem& problem, const MethodCall& call) {
  const MleOptions options = read(call.method_options, call.span);
  const RunOptions run = read_run_options(call.run_options);
  if (problem.model->parameters.empty()) {
    fail("nothing-to-fit", "model `" + problem.model->name + "` has no parameter to optimise", call.span,
         "declare one in the model: `param m = 0`");
  }
  const SampledModel model = sample_model(problem, 1);
  const double scale = options.average ? 1 / observations(model) : 1;
  GradientEstimate estimate;
  const Expr log_likelihood = sum_axis(model.log_joint, model.sample);
  estimate.elbo = log_likelihood * scale;
  estimate.model = gradient(estimate.elbo, model.model_parameters);
  if (options.natural) {
    const Expr fisher =
        scale * fisher_information(model.model_terms, model.model_parameters, options.structure);
    estimate.hint =
        "the Fisher information may be singular, when the data cannot tell parameters apart: try damping = "
        "1e-3";
    estimate.model = natural_gradient(fisher, options.structure, options.damping, estimate.model);
  }
  return Value(ObjectPtr(optimise(interpreter, problem, model, estimate, call.method_text, run, call.span)));
}

void validate(const Record& record, const lang::Span& span) { read(record, span); }

}  // namespace

const Method mle_method{
    .info = {.name = "mle",
             .summary = "maximum likelihood for the `param`s of a model, by its gradient or natural gradient",
             .requirements = "a model with `param`s and without latent variables",
             .options = {{"average", Value(false), "divide the log likelihood by the number of observations",
                          "true, false"},
                         {"natural", Value(false),
                          "precondition by the inverse Fisher information of the observations: all of it "
                          "(true, \"full\"), within each parameter, or its diagonal",
                          "true, false, \"full\", \"block\", \"diagonal\""},
                         {"damping", Value(0),
                          "added to the diagonal of the Fisher information, for parameters that the data "
                          "do not determine",
                          ">= 0"}}},
    .requirements = {.guide = false, .latent_variables = false, .observed_only = true},
    .validate = validate,
    .run = run};

}  // namespace elbo::inference
