// Names that the language has and this version gives no meaning: a call says so, rather than that the name is
// unknown.
#include <array>

#include "inference/methods.hpp"

namespace elbo::inference {

using namespace runtime;

namespace {

struct Planned {
  std::string_view name, what, hint;
};

constexpr std::string_view guide_hint = "write the guide out: `guide q { param m = 0 … }`";
constexpr std::string_view method_hint = "methods of this version: bbvi()";

constexpr std::array planned{
    Planned{"mean_field", "a ready-made guide", guide_hint},
    Planned{"full_rank", "a ready-made guide", guide_hint},
    Planned{"low_rank", "a ready-made guide", guide_hint},
    Planned{"reparam", "reparameterised variational inference", method_hint},
    Planned{"natural", "natural-gradient inference", method_hint},
    Planned{"mle", "maximum likelihood", method_hint},
    Planned{"map", "the posterior mode", method_hint},
    Planned{"laplace", "the Laplace approximation", method_hint},
    Planned{"pathfinder", "Pathfinder", method_hint},
    Planned{"nuts", "the No-U-Turn sampler", method_hint},
    Planned{"importance", "importance sampling", method_hint},
    Planned{"auto", "the choice of a method by the program", method_hint},
    Planned{"explain", "an account of how a fit was made", "`summary(fit)` shows its settings and results"},
    Planned{"compare", "the comparison of methods", "fit with each and print their `.elbo`"},
    Planned{"khat", "the Pareto diagnostic", "compare `.elbo` with a reference"},
    Planned{"predict", "replicated data", "draw with `draws(fit, n)` and `sample`"},
    Planned{"simulate", "draws from the prior", "draw from its distributions with `sample`"},
    Planned{"save", "saving a fit", "print what you need of it"},
};

}  // namespace

std::vector<Function> planned_functions() {
  std::vector<Function> functions;
  for (const Planned& p : planned) {
    Function f;
    f.name = p.name;
    f.signature = f.name + "(..., **)";
    f.help = std::string(p.what) + "; no meaning in this version";
    f.category = "not in this version";
    f.call = [&p](Interpreter&, const Arguments& a) -> Value {
      fail("not-yet-supported",
           "`" + std::string(p.name) + "` (" + std::string(p.what) +
               ") has no meaning in this version of elbo",
           a.span, std::string(p.hint));
    };
    functions.push_back(std::move(f));
  }
  return functions;
}

}  // namespace elbo::inference
