// Reads are found by walking the graph from the variables through nodes that only move elements.
#include "inference/reads.hpp"

#include <map>

#include "runtime/expression.hpp"
#include "runtime/operations/operations.hpp"
#include "runtime/plates.hpp"
#include "runtime/program.hpp"

namespace elbo::inference {

using namespace runtime;

namespace {

bool only_moves(const Node& node) {
  const Operation* o = node.operation;
  return o == &to_axis_operation || o == &to_event_operation || o == &reshape_operation ||
         o == &permute_operation || o == &broadcast_operation || o == &gather_operation;
}

}  // namespace

Tensor element_numbers(Expr moved, Expr variable) {
  const Shape& shape = variable.type().event;
  std::vector<std::int64_t> numbers(static_cast<std::size_t>(element_count(shape)));
  for (std::size_t i = 0; i < numbers.size(); ++i) numbers[i] = static_cast<std::int64_t>(i);
  const Expr counted = moved.graph().constant(Tensor(shape, std::move(numbers)));
  return evaluate(substitute(moved, {{variable.id(), counted}})).stored_as(Storage::integer);
}

std::vector<Read> reads_of(const std::vector<Expr>& roots, const std::vector<Expr>& variables) {
  if (roots.empty()) return {};  // a distribution without parameters
  Graph& graph = roots[0].graph();
  std::map<NodeId, Expr> moves;  // node -> the variable whose elements it holds
  for (const Expr& v : variables) moves[v.id()] = v;
  std::map<NodeId, Read> found;
  const auto note = [&](NodeId id) {
    if (const auto it = moves.find(id); it != moves.end()) found[id] = {graph.at(id), it->second};
  };
  for (const NodeId id : topological_order(graph, roots)) {
    const Node& node = graph.node(id);
    const bool moved = !node.inputs.empty() && only_moves(node) && moves.contains(node.inputs[0]) &&
                       (node.inputs.size() == 1 || is_fixed(graph.at(node.inputs[1])));
    if (moved) {
      moves[id] = moves.at(node.inputs[0]);
    } else {
      for (const NodeId input : node.inputs) note(input);
    }
  }
  for (const Expr& root : roots) note(root.id());
  std::vector<Read> result;
  for (const auto& [id, read] : found) result.push_back(read);
  return result;
}

}  // namespace elbo::inference
