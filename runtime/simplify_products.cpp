// Sums of matrix products over axes. The gradient of a model's loop `X[n] @ w` is a sum over n of columns
// times numbers, and that of an expression that all draws share a sum over draws of products with the same
// matrix.
#include "runtime/simplify_products.hpp"

#include <algorithm>
#include <array>

#include "runtime/expression.hpp"
#include "runtime/operations/operations.hpp"
#include "runtime/windows.hpp"

namespace elbo::runtime {

namespace {

bool has_axis(Expr x, AxisId axis) {
  return std::binary_search(x.type().axes.begin(), x.type().axes.end(), axis);
}

// A sum over axes alone of a matrix product.
bool is_sum_of_products(Expr e) {
  if (e.node().operation != &sum_operation) return false;
  const Expr whole = e.graph().at(e.node().inputs[0]);
  return whole.node().operation == &matmul_operation && reduction(e.node().attributes).dims.empty();
}

// Operations on whole events, to which axes are a batch.
bool is_batched(const Operation& operation) {
  static const std::array<const Operation*, 10> batched{
      &reshape_operation,  &permute_operation,          &matmul_operation,   &cholesky_operation,
      &solve_operation,    &solve_triangular_operation, &log_det_operation,  &convolve_operation,
      &pool_sum_operation, &convolve_transpose_operation};
  return std::find(batched.begin(), batched.end(), &operation) != batched.end();
}

// Down to what was no view.
Expr unfolded(Expr e, const FoldedViews& folded) {
  const auto it = folded.find(e.id());
  if (it == folded.end()) return e;
  Graph& graph = e.graph();
  const Node& view = it->second.node();
  const Expr inner = unfolded(graph.at(view.inputs[0]), folded);
  return rebuild(graph, view, std::span(&inner, 1));
}

}  // namespace

Expr hoist_axes(Expr e) {
  const Node& node = e.node();
  if (!is_batched(*node.operation)) return {};
  Graph& graph = e.graph();
  std::vector<Expr> inputs;
  for (const NodeId id : node.inputs) {
    const Expr input = graph.at(id);
    const bool adds_axes = input.node().operation == &broadcast_operation &&
                           graph.at(input.node().inputs[0]).type().event == input.type().event;
    inputs.push_back(adds_axes ? graph.at(input.node().inputs[0]) : input);
  }
  const Expr small = rebuild(graph, node, inputs);
  if (small.type().axes == e.type().axes) return {};
  return broadcast(small, e.type().axes, e.type().event);
}

Expr sum_in_reshape(Expr e) {
  if (e.node().operation != &sum_operation || !reduction(e.node().attributes).dims.empty()) return {};
  const Expr whole = e.graph().at(e.node().inputs[0]);
  if (whole.node().operation != &reshape_operation) return {};
  const Expr inner = sum(e.graph().at(whole.node().inputs[0]), reduction(e.node().attributes).axes, {});
  return reshape(inner, e.type().event);
}

Expr sum_in_product(Expr e) {
  if (!is_sum_of_products(e)) return {};
  Graph& graph = e.graph();
  const Expr product = graph.at(e.node().inputs[0]);
  const Expr a = graph.at(product.node().inputs[0]), b = graph.at(product.node().inputs[1]);
  std::vector<AxisId> of_a, of_b, of_both;
  for (const AxisId axis : reduction(e.node().attributes).axes) {
    if (has_axis(a, axis) && has_axis(b, axis)) {
      of_both.push_back(axis);
    } else {
      (has_axis(a, axis) ? of_a : of_b).push_back(axis);
    }
  }
  if (of_a.empty() && of_b.empty()) return {};
  return sum(matmul(sum(a, of_a, {}), sum(b, of_b, {})), of_both, {});
}

Expr sum_of_outer_products(Expr e) {
  if (!is_sum_of_products(e)) return {};
  Graph& graph = e.graph();
  const Expr product = graph.at(e.node().inputs[0]);
  const Expr a = graph.at(product.node().inputs[0]), b = graph.at(product.node().inputs[1]);
  if (a.type().event[1] != 1) return {};
  std::vector<AxisId> rest = reduction(e.node().attributes).axes;
  const auto inner = std::find_if(rest.begin(), rest.end(),
                                  [&](AxisId axis) { return has_axis(a, axis) && has_axis(b, axis); });
  if (inner == rest.end()) return {};
  const AxisId axis = *inner;
  rest.erase(inner);
  const Expr columns = to_event(reshape(a, {a.type().event[0]}), axis, 1);
  const Expr rows = to_event(reshape(b, {b.type().event[1]}), axis, 0);
  return sum(matmul(columns, rows), rest, {});
}

std::vector<Expr> products_of_views(std::span<const Expr> roots, const FoldedViews& folded) {
  if (folded.empty()) return {roots.begin(), roots.end()};
  Graph& graph = roots[0].graph();
  std::unordered_map<NodeId, Expr> done;
  for (const NodeId id : topological_order(graph, roots)) {
    const Node node = graph.node(id);
    std::vector<Expr> inputs;
    bool changed = false;
    for (const NodeId input : node.inputs) {
      inputs.push_back(node.operation == &matmul_operation ? unfolded(done.at(input), folded) : done.at(input));
      changed = changed || inputs.back().id() != input;
    }
    done[id] = changed ? rebuild(graph, node, inputs) : graph.at(id);
  }
  std::vector<Expr> result;
  for (const Expr& root : roots) result.push_back(done.at(root.id()));
  return result;
}

}  // namespace elbo::runtime
