// The arguments of `infer` and its kin sorted by what they are, and the problem that they pose.
#include "inference/request.hpp"

#include <algorithm>

#include "lang/check.hpp"
#include "runtime/interpreter.hpp"

namespace elbo::inference {

using namespace runtime;

// A model or guide without arguments may be named without a call.
std::shared_ptr<const ModelCall> as_model_call(const Value& value, const lang::Span& span) {
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

namespace {

template <class T>
void take(std::shared_ptr<const T>& slot, lang::Span& slot_span, std::shared_ptr<const T> value,
          const lang::Span& span, const char* what, const Request& request) {
  if (slot) {
    lang::Diagnostic d;
    d.code = "repeated-argument";
    d.message = request.function + " takes one " + what + ", but is given two";
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
  if (const auto call = as_model_call(value, span)) {
    if (call->closure->kind == CallableKind::model) {
      take(request.model, request.model_span, call, span, "model", request);
    } else {
      if (request.ready_made) take(request.ready_made, request.guide_span, {}, span, "guide", request);
      take(request.guide, request.guide_span, call, span, "guide", request);
    }
    return;
  }
  if (const ObjectPtr* object = value.as<ObjectPtr>()) {
    if (auto method = std::dynamic_pointer_cast<const MethodValue>(*object)) {
      request.methods.push_back({std::move(method), span});
      return;
    }
    if (auto guide = std::dynamic_pointer_cast<const GuideValue>(*object)) {
      if (request.guide) take(request.guide, request.guide_span, {}, span, "guide", request);
      return take(request.ready_made, request.guide_span, std::move(guide), span, "guide", request);
    }
  }
  if (const auto* record = value.as<std::shared_ptr<const Record>>())
    return take_record(request, **record, span);
  if (const auto* function = value.as<const Function*>()) {
    fail("wrong-type", "`" + (*function)->name + "` is a function here, not a method", span,
         "call it: " + (*function)->name + "()");
  }
  fail("wrong-type",
       request.function + " takes a model, a guide, a method and records of options, not " + type_name(value),
       span, "options are given by name: steps = 1000");
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
  auto guide = request.ready_made
                   ? request.ready_made->make(interpreter.library(), model)
                   : guide_family(method.requirements.default_guide).make(interpreter.library(), model, {});
  interpreter.elaborated().push_back(guide);
  return guide;
}

}  // namespace

Request sort_arguments(const Arguments& a, const std::string& function) {
  Request request;
  request.function = function;
  request.span = a.span;
  for (std::size_t i = 0; i < a.rest.size(); ++i) take_positional(request, a.rest[i], a.rest_spans[i]);
  // an option that is written out wins over the same one in a record
  for (std::size_t i = 0; i < a.extra.size(); ++i) {
    const auto& [name, value] = a.extra[i];
    std::erase_if(request.options, [&, n = name](const GivenOption& o) { return o.name == n; });
    request.options.push_back({name, value, a.extra_spans[i]});
  }
  if (!request.model) {
    fail("missing-argument", function + " needs a model", a.span,
         "give it one applied to its data: " + function + "(model(x), guide, bbvi())");
  }
  if (request.methods.empty()) {
    std::string names;
    for (const Method* method : method_list())
      names += (names.empty() ? "" : ", ") + method->info.name + "()";
    fail("missing-method",
         function + " needs a method; choosing one by itself has no meaning in this version of elbo", a.span,
         "methods: " + names);
  }
  return request;
}

Problem pose(Interpreter& interpreter, const Request& request, const Method& method) {
  Problem problem;
  problem.model = elaborate(interpreter, *request.model);
  check_requirements(method, request, *problem.model);
  problem.guide = guide_for(interpreter, request, method, *problem.model);
  return problem;
}

}  // namespace elbo::inference
