// Arguments of the functions that read a fit.
#include "inference/fit_arguments.hpp"

#include "runtime/interpreter.hpp"

namespace elbo::inference {

using namespace runtime;

FitPtr fit_argument(const Arguments& a, const std::string& function) {
  const ObjectPtr* object = a.values[0].as<ObjectPtr>();
  auto fit = object ? std::dynamic_pointer_cast<const Fit>(*object) : nullptr;
  if (!fit) fail("wrong-type", function + " takes a fit, not " + type_name(a.values[0]), a.spans[0]);
  return fit;
}

std::int64_t count_argument(const Arguments& a, std::size_t i, const std::string& function,
                            const std::string& name, std::int64_t otherwise, std::int64_t least) {
  if (!a.given[i]) return otherwise;
  const std::int64_t n = integer_argument(a, i, name);
  if (n >= least) return n;
  fail("bad-argument",
       function + " needs " + name + " of " + std::to_string(least) + " or more, not " + std::to_string(n),
       a.spans[i]);
}

std::uint64_t seed_argument(Interpreter& interpreter, const Arguments& a, std::size_t i) {
  return a.given[i] ? static_cast<std::uint64_t>(integer_argument(a, i, "seed")) : interpreter.next_seed();
}

std::vector<GivenOption> named_arguments(const Arguments& a) {
  std::vector<GivenOption> result;
  for (std::size_t i = 0; i < a.extra.size(); ++i)
    result.push_back({a.extra[i].first, a.extra[i].second, a.extra_spans[i]});
  return result;
}

}  // namespace elbo::inference
