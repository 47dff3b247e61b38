// The list of ready-made guides, and the functions of the language that name them.
#include "inference/guides.hpp"

#include <array>

#include "inference/methods.hpp"

namespace elbo::inference {

using namespace runtime;

namespace {

const std::array families{
    GuideFamily{
        "mean_field",
        "a guide for any model in which all elements of all latent variables are independent: normals on the "
        "unconstrained scale, carried over to the support — e.g. infer(model(x), mean_field(), bbvi())",
        mean_field},
    GuideFamily{
        "conjugate",
        "like mean_field(), with the priors' own families where those are exponential: gamma for a gamma, "
        "Dirichlet for a Dirichlet; the exact posterior of a conjugate model is among them — e.g. "
        "infer(model(x), conjugate(), natural())",
        conjugate},
    GuideFamily{"full_rank",
                "one normal distribution of the unconstrained numbers of all latent variables, with all "
                "their covariances, "
                "carried over to the supports — e.g. infer(model(x), full_rank(), natural())",
                full_rank}};

}  // namespace

std::span<const GuideFamily> guide_family_list() { return families; }

const GuideFamily& guide_family(std::string_view name) {
  for (const GuideFamily& family : families)
    if (family.name == name) return family;
  throw lang::InternalError("there is no ready-made guide " + std::string(name));
}

std::vector<Function> guide_functions() {
  std::vector<Function> result;
  for (const GuideFamily& family : families) {
    Function f;
    f.name = family.name;
    f.signature = family.name + "()";
    f.help = family.help;
    f.category = "inference";
    f.call = [&family](Interpreter&, const Arguments&) {
      return Value(ObjectPtr(std::make_shared<GuideValue>(family)));
    };
    result.push_back(std::move(f));
  }
  return result;
}

}  // namespace elbo::inference
