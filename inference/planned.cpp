// Names that the language has and this version gives no meaning: a call says so, rather than that the name is
// unknown.
#include <array>

#include "inference/methods.hpp"

namespace elbo::inference {

using namespace runtime;

namespace {

constexpr std::string_view method_hint =
    "methods of this version: bbvi(), reparam(), iwae(), natural(), mle()";

constexpr std::array planned{
    PlannedName{"map", "the posterior mode", method_hint},
    PlannedName{"laplace", "the Laplace approximation", method_hint},
    PlannedName{"pathfinder", "Pathfinder", method_hint},
    PlannedName{"nuts", "the No-U-Turn sampler", method_hint},
    PlannedName{"importance", "importance sampling", method_hint},
    PlannedName{"auto", "the choice of a method by the program", method_hint},
    PlannedName{"khat", "the Pareto diagnostic", "compare `.elbo` with a reference"},
};

}  // namespace

std::vector<Function> planned_functions() {
  std::vector<Function> functions;
  for (const PlannedName& name : planned) functions.push_back(planned_function(name));
  return functions;
}

}  // namespace elbo::inference
