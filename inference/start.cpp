// Starting values from a fit or a record.
#include "inference/start.hpp"

#include <algorithm>
#include <cmath>

#include "inference/fit.hpp"
#include "runtime/interpreter.hpp"
#include "runtime/trained_net.hpp"

namespace elbo::inference {

using namespace runtime;

void require_parameters(const ParameterVector& layout, const Problem& problem, const lang::Span& span) {
  if (layout.size() > 0 || problem.summed_out) return;
  fail("nothing-to-fit", "neither the model nor the guide has a parameter to optimise", span,
       "declare one in the guide: `param m = 0`");
}

std::vector<double> starting_values(const ParameterVector& layout, const Value& given,
                                    const std::string& option, std::uint64_t seed, const lang::Span& span) {
  std::vector<double> values = layout.initial(seed);
  if (given.is<None>()) return values;
  Record record;
  const bool is_fit = given.is<ObjectPtr>();
  if (is_fit) {
    const auto fit = std::dynamic_pointer_cast<const Fit>(*given.as<ObjectPtr>());
    if (fit) record = fit->parameters();
  }
  if (const auto* fields = given.as<std::shared_ptr<const Record>>()) record = flattened(**fields);
  if (record.empty())
    fail("bad-option", "option `" + option + "` must be a fit or a record of starting values", span);
  bool any = false;
  for (const auto& [name, value] : record) {
    const auto entry = std::find_if(layout.entries().begin(), layout.entries().end(),
                                    [&, n = name](const auto& e) { return e.parameter->name == n; });
    if (entry == layout.entries().end()) {
      // another fit may have more parameters than this one; a record is written for this one
      if (is_fit) continue;
      std::vector<std::string> names;
      for (const auto& e : layout.entries()) names.push_back(e.parameter->name);
      fail("unknown-parameter", "`" + option + "` gives `" + name + "`, but there is no such parameter", span,
           lang::did_you_mean(name, names));
    }
    const Tensor tensor = is_numeric(value) && !value.is<Symbol>() ? to_tensor(value) : Tensor();
    if (tensor.shape() != entry->parameter->initial.shape()) {
      fail("shape-mismatch",
           "`" + option + "` gives `" + name + "` the shape " + show(tensor.shape()) +
               ", but the parameter has " + show(entry->parameter->initial.shape()),
           span);
    }
    const std::vector<double> start = unconstrain(*entry->parameter, tensor);
    if (!std::all_of(start.begin(), start.end(), [](double v) { return std::isfinite(v); })) {
      fail("outside-support", "`" + option + "` gives `" + name + "` a value outside its support", span);
    }
    any = true;
    std::copy(start.begin(), start.end(), values.begin() + static_cast<std::ptrdiff_t>(entry->first));
  }
  if (!any) {
    fail("unknown-parameter",
         "the fit that `" + option + "` names has none of the parameters of this guide and model", span);
  }
  return values;
}

}  // namespace elbo::inference
