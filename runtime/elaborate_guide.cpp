// A guide against its model: the same latent variables, with shapes and supports that fit. Every mistake that
// would otherwise show as a wrong number or a crash in the first step is named here.
#include <algorithm>

#include "runtime/elaboration.hpp"
#include "runtime/support_check.hpp"

namespace elbo::runtime {

namespace {

std::string quoted(const std::string& name) { return "`" + name + "`"; }

[[noreturn]] void refuse(lang::Diagnostic diagnostic, const lang::Span& span, const std::string& label) {
  if (span) diagnostic.related.push_back({span, label});
  throw lang::Failure(std::move(diagnostic));
}

lang::Diagnostic make(const char* code, std::string message, const lang::Span& span, std::string hint = {}) {
  return {.code = code, .message = std::move(message), .span = span, .related = {}, .hint = std::move(hint)};
}

std::vector<std::string> latents_without(const ModelGraph& model, const ModelGraph& guide) {
  std::vector<std::string> names;
  for (const RandomVariable& v : model.variables) {
    if (!v.observed && guide.find(v.name) == nullptr) names.push_back(v.name);
  }
  return names;
}

std::string listed(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + quoted(name);
  return text;
}

void check_known(const ModelGraph& guide, const ModelGraph& model) {
  for (const RandomVariable& v : guide.variables) {
    const RandomVariable* same = model.find(v.name);
    if (same != nullptr && !same->observed) continue;
    if (same != nullptr) {
      refuse(make("guide-unknown-variable",
                  quoted(v.name) + " is observed in the model, so the guide has nothing to draw", v.span(),
                  "leave this statement out"),
             same->span(), "observed here");
    }
    const std::vector<std::string> left = latents_without(model, guide);
    const std::string near = lang::did_you_mean(v.name, left);
    const std::string hint = !near.empty()  ? near
                             : left.empty() ? ""
                                            : "the guide still lacks " + listed(left);
    refuse(
        make("guide-unknown-variable",
             "the model " + quoted(model.name) + " has no latent variable " + quoted(v.name), v.span(), hint),
        model.definition, "the model");
  }
}

void check_missing(const ModelGraph& guide, const ModelGraph& model,
                   const std::vector<std::string>& may_miss) {
  std::vector<std::string> left = latents_without(model, guide);
  std::erase_if(left, [&](const std::string& name) {
    return std::find(may_miss.begin(), may_miss.end(), name) != may_miss.end();
  });
  if (left.empty()) return;
  const std::string what = left.size() == 1 ? "latent variable " : "latent variables ";
  refuse(make("guide-misses", "the guide " + quoted(guide.name) + " does not draw the " + what + listed(left),
              guide.definition, "add `" + left[0] + " ~ …` to the guide"),
         model.find(left[0])->span(), "in the model");
}

std::string describe(const Shape& shape) {
  return shape.empty() ? "is a single number" : "has shape " + show(shape);
}

void check_fit(const RandomVariable& own, const RandomVariable& target) {
  const Shape& mine = own.value.type().event;
  const Shape& wanted = target.value.type().event;
  if (mine != wanted) {
    refuse(
        make("guide-shape",
             quoted(own.name) + " " + describe(wanted) + " in the model, but " + describe(mine) +
                 " in the guide",
             own.span(),
             mine.empty() && wanted.size() == 1 ? "draw a vector with `size = " + std::to_string(wanted[0]) +
                                                      "`, or with vectors of parameters"
                                                : ""),
        target.span(), "in the model");
  }
  if (implies(own.parts[0].support, target.parts[0].support)) return;
  refuse(
      make("guide-support",
           "the guide draws " + quoted(own.name) + " from " +
               std::string(own.parts[0].call.distribution->name) + ", whose values (" +
               std::string(own.parts[0].support.kind->name) + ") can lie outside of what the model allows (" +
               std::string(target.parts[0].support.kind->name) + ", " +
               std::string(target.parts[0].support.kind->help) + ")",
           own.span(),
           "choose a distribution whose values are " + requirement(*target.parts[0].support.kind)),
      target.span(), "in the model");
}

void check_parameter_names(const ModelGraph& guide, const ModelGraph& model) {
  for (const PointParameter& p : guide.parameters) {
    const RandomVariable* variable = model.find(p.name);
    const auto same = std::find_if(model.parameters.begin(), model.parameters.end(),
                                   [&](const PointParameter& other) { return other.name == p.name; });
    if (variable == nullptr && same == model.parameters.end()) continue;
    const std::string what = variable != nullptr ? "variable" : "parameter";
    refuse(make("guide-parameter-name",
                "the guide's parameter " + quoted(p.name) + " has the name of a " + what + " of the model",
                p.span, "call it `q_" + p.name + "`, say"),
           variable != nullptr ? variable->span() : same->span, "in the model");
  }
}

}  // namespace

void check_guide(const ModelGraph& guide, const ModelGraph& model, const std::vector<std::string>& may_miss) {
  check_parameter_names(guide, model);
  check_known(guide, model);
  check_missing(guide, model, may_miss);
  for (const RandomVariable& v : guide.variables) check_fit(v, *model.find(v.name));
}

}  // namespace elbo::runtime
