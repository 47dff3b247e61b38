#include "tests/inference/optimizer_calls.hpp"

#include <sstream>
#include <stdexcept>

#include "runtime/interpreter.hpp"

namespace elbo::tests {

runtime::Value call(const std::string& name, const std::vector<runtime::Value>& arguments) {
  runtime::Library library;
  library.functions = inference::optimizer_functions();
  const runtime::Function* function = library.function(name);
  if (function == nullptr) throw std::invalid_argument("there is no function " + name);
  const std::size_t count = runtime::parse_signature(function->signature).parameters.size();
  runtime::Arguments a;
  a.values = arguments;
  for (const runtime::Value& value : arguments) a.given.push_back(!value.is<runtime::None>());
  a.values.resize(count);
  a.given.resize(count, false);
  a.spans.resize(count);
  std::ostringstream out, log;
  runtime::Interpreter interpreter(library, {}, out, log);
  return function->call(interpreter, a);
}

inference::Optimizer optimizer(const std::string& name, const std::vector<runtime::Value>& arguments) {
  const runtime::Value made = call(name, arguments);
  return dynamic_cast<const inference::Optimizer&>(**made.as<runtime::ObjectPtr>());
}

}  // namespace elbo::tests
