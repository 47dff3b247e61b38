// The arguments of `infer` and its kin sorted by what they are, and the problem that they pose.
#include "inference/request.hpp"

#include <algorithm>
#include <optional>

#include "inference/enumeration.hpp"
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

[[noreturn]] void refuse_second(const char* what, const lang::Span& first, const lang::Span& second,
                                const std::string& function) {
  lang::Diagnostic d;
  d.code = "repeated-argument";
  d.message = function + " takes one " + what + ", but is given two";
  d.span = second;
  d.related = {{first, "the first one"}};
  throw lang::Failure(std::move(d));
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

std::optional<Request::GivenGuide> as_guide(const Value& value, const lang::Span& span) {
  if (auto call = as_model_call(value, span)) {
    if (call->closure->kind != CallableKind::guide) return std::nullopt;
    return Request::GivenGuide{std::move(call), nullptr, span};
  }
  const ObjectPtr* object = value.as<ObjectPtr>();
  auto guide = object ? std::dynamic_pointer_cast<const GuideValue>(*object) : nullptr;
  if (!guide) return std::nullopt;
  return Request::GivenGuide{nullptr, std::move(guide), span};
}

void take_positional(Request& request, const Value& value, const lang::Span& span) {
  if (auto guide = as_guide(value, span)) {
    request.guides.push_back(std::move(*guide));
    return;
  }
  if (auto call = as_model_call(value, span)) {
    if (request.model) refuse_second("model", request.model_span, span, request.function);
    request.model = std::move(call);
    request.model_span = span;
    return;
  }
  if (const ObjectPtr* object = value.as<ObjectPtr>()) {
    if (auto method = std::dynamic_pointer_cast<const MethodValue>(*object)) {
      request.methods.push_back({std::move(method), span});
      return;
    }
  }
  if (const auto* list = value.as<std::shared_ptr<const List>>()) {
    for (const Value& item : **list) take_positional(request, item, span);
    return;
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
void check_requirements(const Method& method, const Request& request, const ModelGraph& model,
                        const ModelGraph& without_summed) {
  const auto latent = [](const RandomVariable& v) { return !v.observed; };
  const Requirements& needs = method.requirements;
  if (needs.latent_variables && std::none_of(model.variables.begin(), model.variables.end(), latent)) {
    fail("no-latent-variables",
         "model `" + model.name + "` has no latent variable for " + method.info.name + " to infer",
         request.model_span, "a name that is not an argument of the model is latent: mu ~ Normal(0, 1)");
  }
  for (const RandomVariable& variable : without_summed.variables) {
    if (needs.observed_only && latent(variable)) {
      fail("latent-variable",
           method.info.name + " fits parameters only, but `" + variable.name + "` is a latent variable",
           variable.span(), "make it a parameter: `param " + variable.name + " = 0`; or use bbvi()");
    }
    if (needs.continuous_latents && latent(variable) && variable.parts[0].support.kind->discrete) {
      fail("discrete-latent",
           method.info.name + " needs continuous latent variables, but `" + variable.name + "` is discrete",
           variable.span(), "bbvi() and reparam() take it by its score");
    }
  }
}

// The guide that the script wrote; variables that are summed out need no draws of it.
std::shared_ptr<const ModelGraph> written_guide(Interpreter& interpreter, const Request::GivenGuide* given,
                                                const Method& method, const ModelGraph& model,
                                                DiscreteLatents discrete) {
  if (method.requirements.observed_only && given != nullptr) {
    fail("unused-guide", method.info.name + " takes no guide: its model has no latent variable", given->span,
         "leave it out");
  }
  if (given == nullptr || !given->written) return nullptr;
  const bool sums = discrete != DiscreteLatents::keep;
  auto guide = elaborate_guide(interpreter, *given->written, model,
                               sums ? discrete_latents(model) : std::vector<std::string>{});
  if (discrete == DiscreteLatents::sum_out) {
    for (const std::string& name : discrete_latents(model)) {
      const RandomVariable* drawn = guide->find(name);
      if (drawn == nullptr) continue;
      fail("guide-draws-summed", "the guide draws `" + name + "`, which is to be summed out exactly",
           drawn->span(), "leave this statement out; discrete = \"score\" keeps it");
    }
  }
  return guide;
}

[[noreturn]] void refuse_obstacle(const ModelGraph& model, const Obstacle& obstacle, const std::string& hint,
                                  const lang::Span& span) {
  std::string list;
  for (const std::string& name : obstacle.names) list += (list.empty() ? "`" : ", `") + name + "`";
  lang::Diagnostic d;
  d.code = "cannot-enumerate";
  d.message = list + " cannot be summed out: " + obstacle.why_not;
  d.span = span;
  d.related = {{model.find(obstacle.names.front())->span(), "in the model"}};
  d.hint = hint;
  throw lang::Failure(std::move(d));
}

// Discrete variables summed out as far as the method asks for it; those that the guide draws are kept.
void sum_out_discrete(Problem& problem, const ModelGraph* guide, DiscreteLatents discrete,
                      const Request& request) {
  std::vector<std::string> names = discrete_latents(*problem.model);
  if (guide != nullptr)
    std::erase_if(names, [&](const std::string& name) { return guide->find(name) != nullptr; });
  Enumeration found = sum_out(problem.model, names);
  if (!found.obstacles.empty() && (guide != nullptr || discrete == DiscreteLatents::sum_out)) {
    refuse_obstacle(*problem.model, found.obstacles.front(),
                    guide != nullptr ? "draw it in the guide, to have it taken by its score"
                                     : "reparam(discrete = \"score\") draws it instead",
                    request.span);
  }
  problem.model = std::move(found.model);
  problem.summed_out = std::move(found.summed_out);
}

// The ready-made guide that is given; the method's own where it needs one and none is.
std::shared_ptr<const GuideValue> ready_made_guide(const Request::GivenGuide* given, const Method& method) {
  if (given != nullptr) return given->ready_made;
  if (!method.requirements.guide) return nullptr;
  return std::make_shared<GuideValue>(guide_family(method.requirements.default_guide),
                                      std::vector<std::int64_t>{});
}

void use_ready_made(Interpreter& interpreter, Problem& problem) {
  if (!problem.ready_made) return;
  problem.guide = problem.ready_made->make(interpreter.library(), *problem.model);
  interpreter.elaborated().push_back(problem.guide);
}

}  // namespace

std::vector<Request::GivenGuide> as_guides(const Value& value, const lang::Span& span) {
  const auto* list = value.as<std::shared_ptr<const List>>();
  std::vector<Request::GivenGuide> guides;
  for (const Value& item : list ? **list : List{value}) {
    auto guide = as_guide(item, span);
    if (!guide)
      fail("wrong-type", "`guides` must be a guide or a list of guides, not " + type_name(item), span);
    guides.push_back(std::move(*guide));
  }
  return guides;
}

Request sort_arguments(const Arguments& a, const std::string& function, const Several& several) {
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
  if (request.guides.size() > 1 && !several.guides)
    refuse_second("guide", request.guides[0].span, request.guides[1].span, function);
  if (request.methods.size() > 1 && !several.methods)
    refuse_second("method", request.methods[0].span, request.methods[1].span, function);
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

Problem pose(Interpreter& interpreter, const Request& request, const MethodValue& chosen,
             const Request::GivenGuide* given) {
  const Method& method = chosen.method();
  const DiscreteLatents discrete =
      method.discrete ? method.discrete(chosen.options()) : DiscreteLatents::keep;
  Problem problem;
  problem.model = elaborate(interpreter, *request.model);
  const std::shared_ptr<const ModelGraph> whole = problem.model;
  problem.guide = written_guide(interpreter, given, method, *whole, discrete);
  if (discrete != DiscreteLatents::keep) sum_out_discrete(problem, problem.guide.get(), discrete, request);
  check_requirements(method, request, *whole, *problem.model);
  if (!problem.guide) problem.ready_made = ready_made_guide(given, method);
  use_ready_made(interpreter, problem);
  return problem;
}

Problem pose_again(Interpreter& interpreter, const ModelCall& model, const GuideChoice& guide,
                   const std::vector<std::string>& summed_out, const lang::Span& span) {
  Problem problem;
  problem.model = elaborate(interpreter, model);
  if (guide.written) problem.guide = elaborate_guide(interpreter, *guide.written, *problem.model, summed_out);
  for (const std::string& name : summed_out) {
    const RandomVariable* v = problem.model->find(name);
    if (v != nullptr && !v->observed && v->parts[0].support.kind->discrete) continue;
    fail("cannot-enumerate",
         "`" + name +
             "` was summed out when the fit was made, but is no discrete latent variable of this model",
         span);
  }
  if (!summed_out.empty()) {
    Enumeration found = sum_out(problem.model, summed_out);
    if (!found.obstacles.empty()) refuse_obstacle(*problem.model, found.obstacles.front(), "", span);
    problem.model = std::move(found.model);
    problem.summed_out = std::move(found.summed_out);
  }
  problem.ready_made = guide.ready_made;
  use_ready_made(interpreter, problem);
  return problem;
}

}  // namespace elbo::inference
