// infer(model, guide, method, options…): sorts the arguments by their types, applies the model to its data,
// checks the guide against it, and hands both to the method. Also the functions that read a fit.
#include <algorithm>

#include "inference/fit.hpp"
#include "inference/guides.hpp"
#include "inference/methods.hpp"
#include "inference/simulate.hpp"
#include "runtime/interpreter.hpp"

namespace elbo::inference {

using namespace runtime;

namespace {

struct Request {
  std::shared_ptr<const ModelCall> model, guide;
  std::shared_ptr<const GuideValue> ready_made;
  std::shared_ptr<const MethodValue> method;
  lang::Span model_span, guide_span, method_span;
  std::vector<GivenOption> options;
};

// A model or guide without arguments may be named without a call.
std::shared_ptr<const ModelCall> as_call(const Value& value, const lang::Span& span) {
  if (const auto* call = value.as<std::shared_ptr<const ModelCall>>()) return *call;
  const auto* closure = value.as<std::shared_ptr<const Closure>>();
  if (!closure) return nullptr;
  const Closure& c = **closure;
  if (c.kind != CallableKind::model && c.kind != CallableKind::guide) return nullptr;
  const auto& parameters = c.callable->parameters;
  const bool needs_none = std::all_of(parameters.begin(), parameters.end(),
                                      [](const lang::Parameter& p) { return p.default_value != nullptr; });
  if (!needs_none) {
    std::string call = c.name + "(";
    for (std::size_t i = 0; i < parameters.size(); ++i) call += (i ? ", " : "") + parameters[i].name.name;
    fail("missing-argument",
         std::string(c.kind == CallableKind::model ? "model" : "guide") + " `" + c.name +
             "` needs its arguments",
         span, "call it: " + call + ")");
  }
  return std::make_shared<const ModelCall>(ModelCall{*closure, {}, span});
}

template <class T>
void take(std::shared_ptr<const T>& slot, lang::Span& slot_span, std::shared_ptr<const T> value,
          const lang::Span& span, const char* what) {
  if (slot) {
    lang::Diagnostic d;
    d.code = "repeated-argument";
    d.message = std::string("infer takes one ") + what + ", but is given two";
    d.span = span;
    d.related = {{slot_span, "the first one"}};
    throw lang::Failure(std::move(d));
  }
  slot = std::move(value);
  slot_span = span;
}

void take_record(Request& request, const Record& record, const lang::Span& span) {
  for (const auto& [name, value] : record) {
    const auto same = [&, n = name](const GivenOption& o) { return o.name == n; };
    if (std::any_of(request.options.begin(), request.options.end(), same)) {
      fail("conflicting-options", "option `" + name + "` is set by two records", span);
    }
    request.options.push_back({name, value, span});
  }
}

void take_positional(Request& request, const Value& value, const lang::Span& span) {
  if (const auto call = as_call(value, span)) {
    if (call->closure->kind == CallableKind::model) {
      take(request.model, request.model_span, call, span, "model");
    } else {
      if (request.ready_made) take(request.ready_made, request.guide_span, {}, span, "guide");
      take(request.guide, request.guide_span, call, span, "guide");
    }
    return;
  }
  if (const ObjectPtr* object = value.as<ObjectPtr>()) {
    if (auto method = std::dynamic_pointer_cast<const MethodValue>(*object)) {
      return take(request.method, request.method_span, std::move(method), span, "method");
    }
    if (auto guide = std::dynamic_pointer_cast<const GuideValue>(*object)) {
      if (request.guide) take(request.guide, request.guide_span, {}, span, "guide");
      return take(request.ready_made, request.guide_span, std::move(guide), span, "guide");
    }
  }
  if (const auto* record = value.as<std::shared_ptr<const Record>>())
    return take_record(request, **record, span);
  if (const auto* function = value.as<const Function*>()) {
    fail("wrong-type", "`" + (*function)->name + "` is a function here, not a method", span,
         "call it: " + (*function)->name + "()");
  }
  fail("wrong-type", "infer takes a model, a guide, a method and records of options, not " + type_name(value),
       span, "options are given by name: steps = 1000");
}

Request sort_arguments(const Arguments& a) {
  Request request;
  for (std::size_t i = 0; i < a.rest.size(); ++i) take_positional(request, a.rest[i], a.rest_spans[i]);
  // an option that is written out wins over the same one in a record
  for (std::size_t i = 0; i < a.extra.size(); ++i) {
    const auto& [name, value] = a.extra[i];
    std::erase_if(request.options, [&, n = name](const GivenOption& o) { return o.name == n; });
    request.options.push_back({name, value, a.extra_spans[i]});
  }
  if (!request.model) {
    fail("missing-argument", "infer needs a model", a.span,
         "give it one applied to its data: infer(model(x), guide, bbvi())");
  }
  if (!request.method) {
    std::string names;
    for (const Method* method : method_list())
      names += (names.empty() ? "" : ", ") + method->info.name + "()";
    fail("missing-method",
         "infer needs a method; choosing one by itself has no meaning in this version of elbo", a.span,
         "methods: " + names);
  }
  return request;
}

// What the method needs of the model, by name.
void check_requirements(const Method& method, const Request& request, const ModelGraph& model) {
  const auto latent = [](const RandomVariable& v) { return !v.observed; };
  const Requirements& needs = method.requirements;
  if (needs.latent_variables && std::none_of(model.variables.begin(), model.variables.end(), latent)) {
    fail("no-latent-variables",
         "model `" + model.name + "` has no latent variable for " + method.info.name + " to infer",
         request.model_span, "a name that is not an argument of the model is latent: mu ~ Normal(0, 1)");
  }
  for (const RandomVariable& variable : model.variables) {
    if (needs.observed_only && latent(variable)) {
      fail("latent-variable",
           method.info.name + " fits parameters only, but `" + variable.name + "` is a latent variable",
           variable.span(), "make it a parameter: `param " + variable.name + " = 0`; or use bbvi()");
    }
    if (needs.continuous_latents && latent(variable) && variable.parts[0].support.kind->discrete) {
      fail("discrete-latent",
           method.info.name + " needs continuous latent variables, but `" + variable.name + "` is discrete",
           variable.span());
    }
  }
}

// The guide that the request names; mean_field() where a method needs one and none is named.
std::shared_ptr<const ModelGraph> guide_for(Interpreter& interpreter, const Request& request,
                                            const Method& method, const ModelGraph& model) {
  if (method.requirements.observed_only && (request.guide || request.ready_made)) {
    fail("unused-guide", method.info.name + " takes no guide: its model has no latent variable",
         request.guide_span, "leave it out");
  }
  if (request.guide) return elaborate_guide(interpreter, *request.guide, model);
  if (!request.ready_made && !method.requirements.guide) return nullptr;
  const GuideFamily& family =
      request.ready_made ? request.ready_made->family() : guide_family(method.requirements.default_guide);
  auto guide = family.make(interpreter.library(), model);
  interpreter.elaborated().push_back(guide);
  return guide;
}

Value infer(Interpreter& interpreter, const Arguments& a) {
  Request request = sort_arguments(a);
  const Method& method = request.method->method();
  read_run_options(request.options);  // before anything runs
  Problem problem;
  problem.model = elaborate(interpreter, *request.model);
  check_requirements(method, request, *problem.model);
  problem.guide = guide_for(interpreter, request, method, *problem.model);
  return method.run(interpreter, problem,
                    {request.method->options(), request.method->show(), std::move(request.options), a.span});
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
  const auto call = as_call(a.values[0], a.spans[0]);
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

Value summary(Interpreter&, const Arguments& a) { return Value(summarise(*fit_argument(a, "summary"))); }

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
       .signature = "summary(fit)",
       .help = "a table of what a fit says about the model's variables — e.g. print(summary(fit))",
       .category = "inference",
       .call = summary}};
}

}  // namespace elbo::inference
