// The options `natural` and `damping`.
#include "inference/natural_option.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "lang/check.hpp"
#include "runtime/interpreter.hpp"

namespace elbo::inference {

using namespace runtime;

namespace {

struct StructureName {
  std::string_view name;
  FisherStructure structure;
};
constexpr std::array structures{StructureName{"full", FisherStructure::full},
                                StructureName{"block", FisherStructure::block},
                                StructureName{"diagonal", FisherStructure::diagonal}};

}  // namespace

std::string NaturalOption::text(const std::string& whose) const {
  const auto row = std::find_if(structures.begin(), structures.end(),
                                [&](const StructureName& s) { return s.structure == structure; });
  return "inverse Fisher information of " + whose + " (" + std::string(row->name) +
         (damping > 0 ? ", damping " + show(Value(damping)) : "") + ")";
}

std::vector<Option> natural_options(const std::string& whose) {
  return {
      {"natural", Value(false),
       "precondition by the inverse Fisher information of " + whose +
           ": all of it (true, \"full\"), within each parameter, or its diagonal",
       "true, false, \"full\", \"block\", \"diagonal\""},
      {"damping", Value(0),
       "added to the diagonal of the Fisher information, for parameters that it does not determine", ">= 0"}};
}

NaturalOption read_natural(const Record& options, const std::string& method, const lang::Span& span) {
  NaturalOption result;
  const Value& natural = *find_field(options, "natural");
  const std::string* name = natural.as<std::string>();
  if (const bool* on = natural.as<bool>()) {
    result.on = *on;
  } else {
    std::vector<std::string> names;
    for (const StructureName& s : structures) {
      names.emplace_back(s.name);
      if (!name || *name != s.name) continue;
      result.on = true;
      result.structure = s.structure;
    }
    if (!result.on) {
      fail("bad-option",
           "natural of " + method + " must be true, false, \"full\", \"block\" or \"diagonal\", but is " +
               (name ? "\"" + *name + "\"" : show(natural)),
           span, name ? lang::did_you_mean(*name, names) : std::string());
    }
  }
  const Value& damping = *find_field(options, "damping");
  const bool is_number = is_numeric(damping) && !damping.is<Symbol>() && to_tensor(damping).size() == 1;
  result.damping = is_number ? to_tensor(damping).real(0) : -1;
  if (!(result.damping >= 0) || std::isinf(result.damping)) {
    fail("bad-option", "damping of " + method + " must be a number, 0 or more, but is " + show(damping),
         span);
  }
  if (result.damping > 0 && !result.on) {
    fail("bad-option", "damping of " + method + " is for natural gradients, which are not asked for", span,
         "add natural = true");
  }
  return result;
}

}  // namespace elbo::inference
