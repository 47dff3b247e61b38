// save(fit, "fit.npz") and load("fit.npz", model(…), guide(…)): fits that outlive the run. A file holds what
// the run found, not the model: that is given again when the file is read.
#include <filesystem>
#include <optional>

#include "inference/fit_arguments.hpp"
#include "inference/fit_file.hpp"
#include "inference/guides.hpp"
#include "inference/request.hpp"
#include "inference/studies.hpp"
#include "runtime/interpreter.hpp"

namespace elbo::inference {

using namespace runtime;

namespace {

Value save(Interpreter& interpreter, const Arguments& a) {
  const FitPtr fit = fit_argument(a, "save");
  const std::string name = string_argument(a, 1, "path");
  if (!name.ends_with(".npz")) {
    fail("bad-argument",
         "save writes NumPy's .npz files, so the name of one ends in .npz, unlike \"" + name + "\"",
         a.spans[1]);
  }
  const StoredFit stored = describe_fit(fit->problem(), fit->layout(), fit->result());
  write_npz(output_path(interpreter, name), to_arrays(stored), a.spans[1]);
  return Value();
}

/// Where `save` would have put it; else where data files are looked for.
std::string find_fit(const Interpreter& interpreter, const std::string& name, const lang::Span& span) {
  const std::string saved = output_path(interpreter, name);
  std::error_code ignored;
  return std::filesystem::is_regular_file(saved, ignored) ? saved : interpreter.find_file(name, span);
}

/// A model, and perhaps a guide, in any order.
struct Given {
  std::shared_ptr<const ModelCall> model;
  std::optional<GuideChoice> guide;
};

Given read_arguments(const Arguments& a) {
  Given given;
  for (std::size_t i = 0; i < a.rest.size(); ++i) {
    const lang::Span& span = a.rest_spans[i];
    auto call = as_model_call(a.rest[i], span);
    const ObjectPtr* object = a.rest[i].as<ObjectPtr>();
    auto ready_made = object ? std::dynamic_pointer_cast<const GuideValue>(*object) : nullptr;
    if (!call && !ready_made)
      fail("wrong-type", "load takes a file, a model and a guide, not " + type_name(a.rest[i]), span);
    const bool is_model = call && call->closure->kind == CallableKind::model;
    if (is_model ? given.model != nullptr : given.guide.has_value())
      fail("repeated-argument", std::string("load takes one ") + (is_model ? "model" : "guide"), span);
    if (is_model) {
      given.model = std::move(call);
    } else {
      given.guide = GuideChoice{std::move(call), std::move(ready_made)};
    }
  }
  if (!given.model) {
    fail("missing-argument", "load needs the model of the fit", a.span,
         "give it with its data: load(\"fit.npz\", model(x), guide)");
  }
  return given;
}

/// The guide that is given; that of the file where it is a ready-made one.
GuideChoice guide_of(const Given& given, const StoredFit& stored, const FileContext& file,
                     const lang::Span& call) {
  if (stored.guide.empty()) {
    if (given.guide) {
      fail("unused-guide", "the fit in " + file.path + " has no guide", call, "leave it out");
    }
    return {};
  }
  if (given.guide) return *given.guide;
  if (stored.ready_made.empty()) {
    fail("missing-argument",
         "load needs the guide `" + stored.guide + "`, with which the fit in " + file.path + " was made",
         call, "load(\"fit.npz\", model(x), " + stored.guide + ")");
  }
  for (const GuideFamily& family : guide_family_list()) {
    if (family.name == stored.ready_made && family.sizes.size() == stored.guide_sizes.size())
      return {nullptr, std::make_shared<GuideValue>(family, stored.guide_sizes)};
  }
  damaged(file, "there is no guide " + stored.ready_made + "()");
}

Value load(Interpreter& interpreter, const Arguments& a) {
  const Given given = read_arguments(a);
  const std::string name = string_argument(a, 0, "path");
  const FileContext file{find_fit(interpreter, name, a.spans[0]), a.spans[0]};
  StoredFit stored = from_arrays(read_npz(file), file);
  const GuideChoice guide = guide_of(given, stored, file, a.span);
  Problem problem = pose_again(interpreter, *given.model, guide, stored.summed_out, a.span);
  std::vector<double> parameters = parameters_for(stored, ParameterVector(problem), file);
  Fit::Result result = std::move(stored.result);
  result.parameters = std::move(parameters);
  result.threads = interpreter.settings().threads;
  return Value(ObjectPtr(std::make_shared<Fit>(std::move(problem), std::move(result))));
}

}  // namespace

std::vector<Function> file_functions() {
  return {
      {.name = "save",
       .signature = "save(fit, path)",
       .help =
           "writes a fit to a .npz file, which `load` reads and NumPy too: parameters, history, how it was "
           "made — e.g. save(fit, \"fit.npz\")",
       .category = "inference",
       .call = save},
      {.name = "load",
       .signature = "load(path, ...)",
       .help = "the fit that `save` wrote, given its model with data and its guide; a ready-made guide may "
               "be left "
               "out — e.g. load(\"fit.npz\", vae(x), amortized(x))",
       .category = "inference",
       .call = load}};
}

}  // namespace elbo::inference
