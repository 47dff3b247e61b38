// Where values come from: inputs of the program and constants. Also the shape rules that families share.
#include <algorithm>

#include "runtime/operations/operations.hpp"

namespace elbo::runtime {

std::vector<AxisId> union_axes(std::span<const Type> types) {
  std::vector<AxisId> axes;
  for (const Type& type : types) axes.insert(axes.end(), type.axes.begin(), type.axes.end());
  std::sort(axes.begin(), axes.end());
  axes.erase(std::unique(axes.begin(), axes.end()), axes.end());
  return axes;
}

TypeResult elementwise_type(const TypeContext& context) {
  TypeResult result;
  result.type.axes = union_axes(context.inputs);
  result.type.domain = Domain::boolean;
  for (const Type& type : context.inputs) {
    Shape joined;
    if (!broadcast(result.type.event, type.event, joined)) {
      result.error =
          "shapes " + show(result.type.event) + " and " + show(type.event) + " do not fit together";
      return result;
    }
    result.type.event = std::move(joined);
    result.type.domain = std::max(result.type.domain, type.domain);
  }
  // Arithmetic on truth values counts them.
  if (result.type.domain == Domain::boolean) result.type.domain = Domain::integer;
  return result;
}

TypeResult elementwise_real_type(const TypeContext& context) {
  TypeResult result = elementwise_type(context);
  result.type.domain = Domain::real;
  return result;
}

TypeResult elementwise_boolean_type(const TypeContext& context) {
  TypeResult result = elementwise_type(context);
  result.type.domain = Domain::boolean;
  return result;
}

namespace {

TypeResult input_type(const TypeContext&) { return {{}, "an input is made by Graph::input"}; }

Domain domain_of(Storage storage) {
  if (storage == Storage::boolean) return Domain::boolean;
  return storage == Storage::byte || storage == Storage::integer ? Domain::integer : Domain::real;
}

TypeResult constant_type(const TypeContext& context) {
  const Tensor& tensor = *context.attributes->tensor;
  Type type;
  for (const std::int64_t id : context.attributes->integers) type.axes.push_back(static_cast<AxisId>(id));
  type.event.assign(tensor.shape().begin() + static_cast<std::ptrdiff_t>(type.axes.size()),
                    tensor.shape().end());
  type.domain = domain_of(tensor.storage());
  return {std::move(type), {}};
}

}  // namespace

const Operation input_operation{.name = "input",
                                .symbol = {},
                                .signature = {},
                                .help = "a named input of the program",
                                .arity = 0,
                                .infer = input_type};
const Operation constant_operation{.name = "constant",
                                   .symbol = {},
                                   .signature = {},
                                   .help = "a fixed tensor",
                                   .arity = 0,
                                   .infer = constant_type};

}  // namespace elbo::runtime
