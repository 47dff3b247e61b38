// infer(model, guide, method, options…), and the functions that read a fit.
#include "inference/fit.hpp"
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

FitPtr fit_argument(const Arguments& a, const std::string& function) {
  const ObjectPtr* object = a.values[0].as<ObjectPtr>();
  auto fit = object ? std::dynamic_pointer_cast<const Fit>(*object) : nullptr;
  if (!fit) fail("wrong-type", function + " takes a fit, not " + type_name(a.values[0]), a.spans[0]);
  return fit;
}

Value draws(Interpreter& interpreter, const Arguments& a) {
  const FitPtr fit = fit_argument(a, "draws");
  const std::int64_t n = integer_argument(a, 1, "n");
  if (n < 1) fail("bad-argument", "draws needs n of 1 or more, not " + std::to_string(n), a.spans[1]);
  const std::uint64_t seed =
      a.given[2] ? static_cast<std::uint64_t>(integer_argument(a, 2, "seed")) : interpreter.next_seed();
  return make_record(fit->posterior().draws(n, seed));
}

std::uint64_t seed_argument(Interpreter& interpreter, const Arguments& a, std::size_t i) {
  return a.given[i] ? static_cast<std::uint64_t>(integer_argument(a, i, "seed")) : interpreter.next_seed();
}

std::int64_t count_argument(const Arguments& a, std::size_t i, const std::string& function,
                            const std::string& name) {
  const std::int64_t n = integer_argument(a, i, name);
  if (n < 1) {
    fail("bad-argument", function + " needs " + name + " of 1 or more, not " + std::to_string(n), a.spans[i]);
  }
  return n;
}

Value simulate_function(Interpreter& interpreter, const Arguments& a) {
  const auto call = as_model_call(a.values[0], a.spans[0]);
  if (!call || call->closure->kind != CallableKind::model) {
    fail("wrong-type", "simulate takes a model applied to its data, not " + type_name(a.values[0]),
         a.spans[0], "observed arguments give the shapes: simulate(model(zeros(10)))");
  }
  std::optional<std::int64_t> n;
  if (a.given[1]) n = count_argument(a, 1, "simulate", "n");
  return make_record(simulate(interpreter, *call, n, seed_argument(interpreter, a, 2), a.span));
}

Value predict_function(Interpreter& interpreter, const Arguments& a) {
  const FitPtr fit = fit_argument(a, "predict");
  if (a.given[2]) {
    fail("not-yet-supported",
         "predict(fit, n = …), new members of the outermost loop, has no meaning in this version", a.spans[2],
         "predict(fit, draws = k) replicates the observed data");
  }
  const std::int64_t n = a.given[1] ? count_argument(a, 1, "predict", "draws") : 1000;
  return make_record(predict(interpreter, *fit, n, seed_argument(interpreter, a, 3), a.span));
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
       .signature = "predict(fit, *, draws = 1000, n = none, seed = none)",
       .help =
           "draws the observed data anew, once for each of so many draws of a fit, as a record of tensors "
           "[draws, shape…] — e.g. mean(predict(fit, draws = 100).y, axis = 1)",
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
