// Reachability along active paths (Koller and Friedman 2009, algorithm 3.1), and plates.
#include "runtime/d_separation.hpp"

#include <algorithm>
#include <utility>

#include "runtime/operations/operations.hpp"

namespace elbo::runtime {

std::vector<std::vector<std::size_t>> parent_lists(const ModelGraph& model) {
  std::vector<std::vector<std::size_t>> result(model.variables.size());
  for (std::size_t i = 0; i < model.variables.size(); ++i) {
    for (const VariablePart& part : model.variables[i].parts) {
      for (const std::vector<Expr>* list : {&part.call.given, &part.support.bounds}) {
        for (const Expr& e : *list) {
          for (const std::size_t p : parents(model, e)) {
            if (p != i && std::find(result[i].begin(), result[i].end(), p) == result[i].end())
              result[i].push_back(p);
          }
        }
      }
    }
    std::sort(result[i].begin(), result[i].end());
  }
  return result;
}

bool d_separated(const std::vector<std::vector<std::size_t>>& parents, const std::vector<std::size_t>& a,
                 const std::vector<std::size_t>& b, const std::vector<std::size_t>& c) {
  const std::size_t n = parents.size();
  std::vector<std::vector<std::size_t>> children(n);
  for (std::size_t i = 0; i < n; ++i) {
    for (const std::size_t p : parents[i]) children[p].push_back(i);
  }
  std::vector<bool> known(n), has_known_descendant(n);
  for (const std::size_t i : c) known[i] = true;
  std::vector<std::size_t> stack = c;
  while (!stack.empty()) {
    const std::size_t i = stack.back();
    stack.pop_back();
    if (has_known_descendant[i]) continue;
    has_known_descendant[i] = true;
    stack.insert(stack.end(), parents[i].begin(), parents[i].end());
  }
  // (node, whether it was entered from a child)
  std::vector<std::pair<std::size_t, bool>> front;
  std::vector<bool> seen_up(n), seen_down(n);
  for (const std::size_t i : a) {
    if (!known[i]) front.emplace_back(i, true);
  }
  while (!front.empty()) {
    const auto [i, from_child] = front.back();
    front.pop_back();
    std::vector<bool>& seen = from_child ? seen_up : seen_down;
    if (seen[i]) continue;
    seen[i] = true;
    if (!known[i] && std::find(b.begin(), b.end(), i) != b.end()) return false;
    if (from_child ? !known[i] : has_known_descendant[i]) {
      for (const std::size_t p : parents[i]) front.emplace_back(p, true);
    }
    if (!known[i]) {
      for (const std::size_t child : children[i]) front.emplace_back(child, false);
    }
  }
  return true;
}

bool d_separated(const ModelGraph& model, const std::vector<std::size_t>& a,
                 const std::vector<std::size_t>& b, const std::vector<std::size_t>& c) {
  auto graph = parent_lists(model);
  std::vector<std::size_t> given = c;
  for (const FactorTerm& factor : model.factors) {
    given.push_back(graph.size());
    graph.push_back(parents(model, factor.log_density));
  }
  return d_separated(graph, a, b, given);
}

namespace {

bool has_axis(const Type& type, AxisId axis) {
  return std::binary_search(type.axes.begin(), type.axes.end(), axis);
}

/// Whether an expression mixes entries of the plate: it reads entries of a variable of the plate elsewhere
/// than at its own index.
bool reads_across(const ModelGraph& model, Expr expression, AxisId plate) {
  for (const RandomVariable& v : model.variables) {
    const auto inside = std::find_if(v.parts.begin(), v.parts.end(), [&](const VariablePart& part) {
      return std::find(part.plates.begin(), part.plates.end(), plate) != part.plates.end();
    });
    if (v.observed || inside == v.parts.end()) continue;
    // The plate's own entry is one node of the graph; any other use of the whole variable reads other
    // entries.
    for (const NodeId id : topological_order(*model.graph, std::span(&expression, 1))) {
      const Node& node = model.graph->node(id);
      if (id == inside->value.id()) continue;
      const bool uses_whole =
          std::find(node.inputs.begin(), node.inputs.end(), v.value.id()) != node.inputs.end();
      if (uses_whole) return true;
    }
  }
  return false;
}

/// Whether a value that depends on the plate's entries is combined along it.
bool combines(const ModelGraph& model, Expr expression, AxisId plate) {
  for (const NodeId id : topological_order(*model.graph, std::span(&expression, 1))) {
    const Node& node = model.graph->node(id);
    for (const NodeId input : node.inputs) {
      const Expr from = model.graph->at(input);
      if (has_axis(from.type(), plate) && !has_axis(node.type, plate) && !parents(model, from).empty())
        return true;
    }
  }
  return false;
}

}  // namespace

bool factorises_over(const ModelGraph& model, AxisId plate) {
  const auto fits = [&](Expr term) {
    return !reads_across(model, term, plate) && !combines(model, term, plate);
  };
  for (const RandomVariable& v : model.variables) {
    for (const VariablePart& part : v.parts) {
      if (!fits(part.log_density)) return false;
    }
  }
  return std::all_of(model.factors.begin(), model.factors.end(),
                     [&](const FactorTerm& factor) { return fits(factor.log_density); });
}

}  // namespace elbo::runtime
