// infer(model, guide, method, options…), and the functions that read a fit.
#include "inference/fit_arguments.hpp"
#include "inference/methods.hpp"
#include "inference/request.hpp"
#include "inference/simulate.hpp"
#include "runtime/interpreter.hpp"
#include "runtime/trained_net.hpp"

namespace elbo::inference {

using namespace runtime;

namespace {

Value infer(Interpreter& interpreter, const Arguments& a) {
  const Request request = sort_arguments(a, "infer");
  const MethodValue& method = *request.methods.front().method;
  read_run_options(request.options);  // before anything runs
  const Problem problem = pose(interpreter, request, method, request.guide());
  return Value(ObjectPtr(fit_by(interpreter, problem, method, request.options, a.span)));
}

Value draws(Interpreter& interpreter, const Arguments& a) {
  const FitPtr fit = fit_argument(a, "draws");
  const std::int64_t n = count_argument(a, 1, "draws", "n", 1000);
  return make_record(fit->posterior().draws(n, seed_argument(interpreter, a, 2)));
}

Value simulate_function(Interpreter& interpreter, const Arguments& a) {
  const auto call = as_model_call(a.values[0], a.spans[0]);
  if (!call || call->closure->kind != CallableKind::model) {
    fail("wrong-type", "simulate takes a model applied to its data, not " + type_name(a.values[0]),
         a.spans[0], "observed arguments give the shapes: simulate(model(zeros(10)))");
  }
  std::optional<std::int64_t> n;
  if (a.given[1]) n = count_argument(a, 1, "simulate", "n", 1);
  return make_record(simulate(interpreter, *call, n, seed_argument(interpreter, a, 2), a.span));
}

Value predict_function(Interpreter& interpreter, const Arguments& a) {
  const FitPtr fit = fit_argument(a, "predict");
  const std::uint64_t seed = seed_argument(interpreter, a, 4);
  if (a.given[1] && a.given[2]) {
    fail("bad-argument",
         "predict is given `draws`, which replicate the data, and `n`, which are new rows: one of them",
         a.spans[2]);
  }
  if (a.given[3] && !a.given[2])
    fail("bad-argument", "predict takes `of` with `n` only: it says whose rows are new", a.spans[3]);
  if (!a.given[2]) {
    const std::int64_t n = count_argument(a, 1, "predict", "draws", 1000);
    return make_record(predict(interpreter, *fit, n, seed, a.span));
  }
  const std::string of = a.given[3] ? string_argument(a, 3, "of") : "";
  const std::int64_t n = count_argument(a, 2, "predict", "n", 1);
  return make_record(predict_rows(interpreter, *fit, n, of, seed, a.given[3] ? a.spans[3] : a.spans[2]));
}

// Of a net that no fit has given weights: those that a call on these inputs would make.
Value summary_of_net(Interpreter& interpreter, const Arguments& a, const std::shared_ptr<const Closure>& net) {
  if (a.rest.empty() && !net->callable->parameters.empty()) {
    fail("missing-argument", "the shapes of the net `" + net->name + "` depend on what it is called on",
         a.spans[0], "give an example of it: summary(" + net->name + ", zeros(20))");
  }
  std::vector<CallArgument> inputs;
  for (std::size_t i = 0; i < a.rest.size(); ++i) inputs.push_back({"", a.rest[i], a.rest_spans[i]});
  const auto graph = elaborate_net(interpreter, net, std::move(inputs), a.span);
  Record shapes;
  for (const PointParameter& p : graph->parameters) shapes.emplace_back(p.name, p.initial);
  return Value(summarise_weights("net " + net->name, shapes));
}

Value summary(Interpreter& interpreter, const Arguments& a) {
  if (const auto net = as_net(a.values[0])) return summary_of_net(interpreter, a, net);
  const ObjectPtr* object = a.values[0].as<ObjectPtr>();
  if (object && std::dynamic_pointer_cast<const TrainedNet>(*object)) return Value((*object)->show());
  return Value(summarise(*fit_argument(a, "summary")));
}

}  // namespace

std::vector<Function> inference_functions() {
  return {
      {.name = "infer",
       .signature = "infer(..., **)",
       .help =
           "fits a model to its data by a method, with a guide or (left out) mean_field(); the arguments may "
           "come in any order — e.g. "
           "infer(normal_gamma(x), q, bbvi(samples = 30), steps = 1000)",
       .category = "inference",
       .call = infer},
      {.name = "draws",
       .signature = "draws(fit, n = 1000, seed = none)",
       .help =
           "joint draws of the latent variables from a fit, as a record of tensors — e.g. draws(fit, 100).mu",
       .category = "inference",
       .call = draws},
      {.name = "simulate",
       .signature = "simulate(model, n = none, *, seed = none)",
       .help = "draws all variables of a model from its prior, observed ones too, as a record; n times with "
               "n — e.g. simulate(coal(zeros(100)), seed = 1).y",
       .category = "inference",
       .call = simulate_function},
      {.name = "predict",
       .signature = "predict(fit, *, draws = 1000, n = none, of = none, seed = none)",
       .help =
           "draws the observed data anew, once for each of so many draws of a fit, as a record of tensors "
           "[draws, shape…]; with n, so many new rows instead: their own latent variables from the prior, "
           "and what "
           "is observed given these, [n, shape of a row…] — e.g. mean(predict(fit, draws = 100).y, axis = "
           "1), "
           "predict(fit, n = 64).x",
       .category = "inference",
       .call = predict_function},
      {.name = "summary",
       .signature = "summary(fit, ...)",
       .help = "a table of what a fit says about the model's variables; of a net, with an example of what it is "
               "called on, one of its weights — e.g. print(summary(fit))",
       .category = "inference",
       .call = summary}};
}

}  // namespace elbo::inference
