// Constants of a program.
#include "runtime/plan_constants.hpp"

#include <algorithm>

#include "runtime/operation.hpp"
#include "runtime/tensor_elements.hpp"

namespace elbo::runtime {

bool is_read_as_bytes(const Graph& graph, std::span<const NodeId> order, std::span<const Expr> roots,
                      NodeId id) {
  const Storage storage = graph.node(id).attributes.tensor->storage();
  if (storage != Storage::byte && storage != Storage::boolean) return false;
  if (std::any_of(roots.begin(), roots.end(), [&](const Expr& root) { return root.id() == id; }))
    return false;
  return std::all_of(order.begin(), order.end(), [&](NodeId other) {
    const Node& user = graph.node(other);
    for (std::size_t i = 0; i < user.inputs.size(); ++i) {
      if (user.inputs[i] == id && (i > 0 || !user.operation->takes_bytes)) return false;
    }
    return true;
  });
}

Location kept_as_bytes(Program& program, const Tensor& tensor) {
  program.stored.push_back(tensor);
  return {.stored = static_cast<int>(program.stored.size()) - 1};
}

Location stored_as_numbers(Program& program, const Tensor& tensor) {
  std::vector<std::byte>& pool = program.constants;
  pool.resize((pool.size() + 63) / 64 * 64);
  const Location location{.is_constant = true, .offset = static_cast<std::int64_t>(pool.size())};
  pool.resize(pool.size() + static_cast<std::size_t>(tensor.size() * element_bytes(program.precision)));
  std::byte* to = pool.data() + location.offset;
  with_elements(tensor, [&](auto values) {
    if (program.precision == Precision::real64) {
      std::copy(values.begin(), values.end(), reinterpret_cast<double*>(to));
    } else {
      std::transform(values.begin(), values.end(), reinterpret_cast<float*>(to),
                     [](auto v) { return static_cast<float>(static_cast<double>(v)); });
    }
  });
  return location;
}

}  // namespace elbo::runtime
