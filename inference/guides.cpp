// The list of ready-made guides, and the functions of the language that name them.
#include "inference/guides.hpp"

#include <array>

#include "inference/methods.hpp"

namespace elbo::inference {

using namespace runtime;

namespace {

using Sizes = std::span<const std::int64_t>;

const std::array families{
    GuideFamily{
        "mean_field",
        "a guide for any model in which all elements of all latent variables are independent: normals on the "
        "unconstrained scale, carried over to the support — e.g. infer(model(x), mean_field(), bbvi())",
        {},
        [](const Library& library, const ModelGraph& model, Sizes) { return mean_field(library, model); }},
    GuideFamily{
        "conjugate",
        "like mean_field(), with the priors' own families where those are exponential: gamma for a gamma, "
        "Dirichlet for a Dirichlet; the exact posterior of a conjugate model is among them — e.g. "
        "infer(model(x), conjugate(), natural())",
        {},
        [](const Library& library, const ModelGraph& model, Sizes) { return conjugate(library, model); }},
    GuideFamily{
        "full_rank",
        "one normal distribution of the unconstrained numbers of all latent variables, with all their "
        "covariances, carried over to the supports — e.g. infer(model(x), full_rank(), natural())",
        {},
        [](const Library& library, const ModelGraph& model, Sizes) { return full_rank(library, model); }},
    GuideFamily{
        "low_rank",
        "one normal distribution of the unconstrained numbers of all latent variables, whose covariance is "
        "that of a few shared factors plus a diagonal — e.g. infer(model(x), low_rank(2), reparam(stl = "
        "true))",
        {{"rank", "how many factors the numbers share"}},
        [](const Library& library, const ModelGraph& model, Sizes sizes) {
          return low_rank(library, model, sizes[0]);
        }},
    GuideFamily{
        "mixture",
        "a mixture of normals of the unconstrained numbers of all latent variables, independent within each "
        "component: for posteriors with several modes — e.g. infer(model(x), mixture(2), reparam(stl = "
        "true))",
        {{"components", "how many normals there are"}},
        [](const Library&, const ModelGraph& model, Sizes sizes) { return mixture(model, sizes[0]); }}};

std::string signature_of(const GuideFamily& family) {
  std::string text = family.name + "(";
  for (const GuideSize& size : family.sizes) text += (&size == &family.sizes.front() ? "" : ", ") + size.name;
  return text + ")";
}

std::string help_of(const GuideFamily& family) {
  const std::size_t example = family.help.find(" — ");
  std::string text = family.help.substr(0, example);
  for (const GuideSize& size : family.sizes) text += "; " + size.name + " (1, 2, …): " + size.help;
  return text + family.help.substr(example);
}

std::int64_t size_argument(const Arguments& a, std::size_t i, const GuideFamily& family) {
  const std::string& name = family.sizes[i].name;
  const std::int64_t size = integer_argument(a, i, name);
  if (size >= 1) return size;
  fail("bad-argument", family.name + " needs " + name + " of 1 or more, not " + std::to_string(size),
       a.spans[i]);
}

}  // namespace

std::span<const GuideFamily> guide_family_list() { return families; }

const GuideFamily& guide_family(std::string_view name) {
  for (const GuideFamily& family : families)
    if (family.name == name) return family;
  throw lang::InternalError("there is no ready-made guide " + std::string(name));
}

std::string GuideValue::show() const {
  std::string text = family_.name + "(";
  for (std::size_t i = 0; i < sizes_.size(); ++i) text += (i > 0 ? ", " : "") + std::to_string(sizes_[i]);
  return text + ")";
}

std::vector<Function> guide_functions() {
  std::vector<Function> result;
  for (const GuideFamily& family : families) {
    Function f;
    f.name = family.name;
    f.signature = signature_of(family);
    f.help = help_of(family);
    f.category = "inference";
    f.call = [&family](Interpreter&, const Arguments& a) {
      std::vector<std::int64_t> sizes;
      for (std::size_t i = 0; i < family.sizes.size(); ++i) sizes.push_back(size_argument(a, i, family));
      return Value(ObjectPtr(std::make_shared<GuideValue>(family, std::move(sizes))));
    };
    result.push_back(std::move(f));
  }
  return result;
}

}  // namespace elbo::inference
