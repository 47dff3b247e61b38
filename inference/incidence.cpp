// Dependence maps, carried through a graph: operations that only move values move the maps alike, elementwise
// ones unite them, everything else depends on all.
#include "inference/incidence.hpp"

#include <algorithm>
#include <unordered_map>

#include "runtime/expression.hpp"
#include "runtime/operations/operations.hpp"
#include "runtime/training.hpp"
#include "runtime/windows.hpp"
#include "runtime/program.hpp"

namespace elbo::inference {

using namespace runtime;

namespace {

// More maps than this are not worth keeping apart from "all".
constexpr std::size_t most_maps = 16;

const Incidence all{true, {}};

void add_map(Incidence& to, Tensor map) {
  if (to.is_all) return;
  for (const Tensor& present : to.maps) {
    if (identical(present, map)) return;
  }
  to.maps.push_back(std::move(map));
  if (to.maps.size() > most_maps) to = all;
}

Shape full_shape(const Graph& graph, const Type& type) {
  Shape shape;
  for (const AxisId axis : type.axes) shape.push_back(graph.axis(axis).size);
  shape.insert(shape.end(), type.event.begin(), type.event.end());
  return shape;
}

Tensor filled(const Shape& shape, std::int64_t value) {
  return Tensor(shape, std::vector<std::int64_t>(static_cast<std::size_t>(element_count(shape)), value));
}

/// The walk over one graph for one variable.
class Walk {
 public:
  Walk(Graph& graph, Expr variable, int outcome_rank) : graph_(graph), variable_(variable) {
    const Shape& shape = variable.type().event;
    std::int64_t outcome = 1;
    for (std::size_t d = shape.size() - static_cast<std::size_t>(outcome_rank); d < shape.size(); ++d)
      outcome *= shape[d];
    std::vector<std::int64_t> numbers(static_cast<std::size_t>(element_count(shape)));
    for (std::size_t i = 0; i < numbers.size(); ++i) numbers[i] = static_cast<std::int64_t>(i) / outcome;
    add_map(found_[variable.id()], Tensor(shape, std::move(numbers)));
  }

  Incidence of(Expr root) {
    for (const NodeId id : topological_order(graph_, std::span(&root, 1))) {
      if (id == variable_.id()) continue;
      const Node& node = graph_.node(id);
      const bool depends = std::any_of(node.inputs.begin(), node.inputs.end(),
                                       [&](NodeId input) { return found_.contains(input); });
      if (depends) found_[id] = through(node, graph_.at(id));
    }
    const auto it = found_.find(root.id());
    return it == found_.end() ? Incidence{} : it->second;
  }

 private:
  Incidence through(const Node& node, Expr result) {
    for (const NodeId input : node.inputs) {
      if (const auto it = found_.find(input); it != found_.end() && it->second.is_all) return all;
    }
    const Operation* operation = node.operation;
    // Rows that meet in the statistics of batch_norm alone count as apart, as everywhere in training by batches.
    const bool keeps_places = operation == &stop_gradient_operation ||
                              operation == &with_gradient_of_operation ||
                              operation == &plate_mean_operation || operation == &followed_operation;
    if (operation->elementwise != nullptr || keeps_places) return united(node, result);
    if (operation == &gather_operation && found_.contains(node.inputs[1]) && !found_.contains(node.inputs[0]))
      return looked_up(node, result);
    if (operation == &gather_operation && !is_constant(graph_.at(node.inputs[1])))
      return by_axes(node, result);
    const bool moves = operation == &broadcast_operation || operation == &reshape_operation ||
                       operation == &permute_operation || operation == &to_axis_operation ||
                       operation == &to_event_operation || operation == &gather_operation ||
                       operation == &concatenate_operation;
    if (moves) return moved(node);
    if (operation == &sum_operation || operation == &max_operation || operation == &min_operation ||
        operation == &product_operation) {
      return reduced(node, result);
    }
    const bool keeps_axes = operation == &matmul_operation || operation == &cholesky_operation ||
                            operation == &solve_operation || operation == &solve_triangular_operation ||
                            operation == &log_det_operation || operation == &cumsum_operation ||
                            operation == &convolve_operation || operation == &convolve_transpose_operation ||
                            operation == &pool_sum_operation || operation == &pool_max_operation;
    return keeps_axes ? by_axes(node, result) : all;
  }

  // What mixes the elements of events, but no axes: an entry of the axes depends on all that its operands'
  // entries depend on, which is known where that is one element.
  Incidence by_axes(const Node& node, Expr result) {
    Incidence incidence;
    for (const NodeId input : node.inputs) {
      const auto it = found_.find(input);
      if (it == found_.end()) continue;
      const Type& type = graph_.node(input).type;
      Attributes over_event{.integers = {0}, .text = {}, .tensor = nullptr};
      for (std::size_t d = 0; d < type.event.size(); ++d)
        over_event.integers.push_back(static_cast<std::int64_t>(d));
      for (const Tensor& map : it->second.maps) {
        const Expr constant = graph_.constant(map, type.axes);
        const Expr least = graph_.add(min_operation, {constant}, over_event);
        const Expr greatest = graph_.add(max_operation, {constant}, over_event);
        if (!identical(evaluate(least), evaluate(greatest))) return all;
        add_map(incidence, spread(least, result.type()));
      }
    }
    return incidence;
  }

  // Every element of an elementwise result depends on what its operands' elements depend on.
  Incidence united(const Node& node, Expr result) {
    Incidence incidence;
    for (const NodeId input : node.inputs) {
      const auto it = found_.find(input);
      if (it == found_.end()) continue;
      for (const Tensor& map : it->second.maps) {
        const Expr constant = graph_.constant(map, graph_.node(input).type.axes);
        add_map(incidence, spread(constant, result.type()));
      }
    }
    return incidence;
  }

  Tensor spread(Expr map, const Type& type) const {
    return evaluate(broadcast(map, type.axes, type.event)).stored_as(Storage::integer);
  }

  // The same movement applied to the maps; inputs that do not depend bring -1.
  Incidence moved(const Node& node) {
    std::size_t rounds = 0;
    for (const NodeId input : node.inputs) {
      if (const auto it = found_.find(input); it != found_.end())
        rounds = std::max(rounds, it->second.maps.size());
    }
    Incidence incidence;
    for (std::size_t round = 0; round < rounds; ++round) {
      std::vector<Expr> inputs;
      for (std::size_t i = 0; i < node.inputs.size(); ++i) {
        const NodeId input = node.inputs[i];
        const Type& type = graph_.node(input).type;
        const auto it = found_.find(input);
        if (it != found_.end() && round < it->second.maps.size()) {
          inputs.push_back(graph_.constant(it->second.maps[round], type.axes));
        } else if (node.operation == &gather_operation && i == 1) {
          inputs.push_back(graph_.at(input));
        } else {
          inputs.push_back(graph_.constant(filled(full_shape(graph_, type), -1), type.axes));
        }
      }
      if (node.operation == &gather_operation && !is_constant(inputs[1])) return all;
      add_map(incidence,
              evaluate(graph_.add(*node.operation, inputs, node.attributes)).stored_as(Storage::integer));
    }
    return incidence;
  }

  static bool is_constant(Expr e) { return e.node().operation == &constant_operation; }

  // A table that does not depend on the variable, read at an index that does: the entries that an index picks
  // depend on what it depends on.
  Incidence looked_up(const Node& node, Expr result) {
    const Type &table = graph_.node(node.inputs[0]).type, &index = graph_.node(node.inputs[1]).type;
    const auto dim = static_cast<std::size_t>(node.attributes.integers[0]);
    Shape in_place(dim, 1);
    in_place.insert(in_place.end(), index.event.begin(), index.event.end());
    in_place.resize(in_place.size() + table.event.size() - dim - 1, 1);
    Incidence incidence;
    for (const Tensor& map : found_.at(node.inputs[1]).maps)
      add_map(incidence, spread(reshape(graph_.constant(map, index.axes), in_place), result.type()));
    return incidence;
  }

  // What all reduced elements have in common stays; few different ones are kept apart.
  Incidence reduced(const Node& node, Expr result) {
    const Reduction r = reduction(node.attributes);
    const Type& type = graph_.node(node.inputs[0]).type;
    const std::int64_t each = std::max<std::int64_t>(1, graph_.element_count(type)) /
                              std::max<std::int64_t>(1, graph_.element_count(result.type()));
    Incidence incidence;
    for (const Tensor& map : found_.at(node.inputs[0]).maps) {
      const Expr constant = graph_.constant(map, type.axes);
      const Tensor least =
          evaluate(graph_.add(min_operation, {constant}, node.attributes)).stored_as(Storage::integer);
      const Tensor greatest =
          evaluate(graph_.add(max_operation, {constant}, node.attributes)).stored_as(Storage::integer);
      if (identical(least, greatest)) {
        add_map(incidence, least);
      } else if (each <= static_cast<std::int64_t>(most_maps) && r.axes.empty() && r.dims.size() == 1) {
        for (std::int64_t k = 0; k < each; ++k) {
          const Expr one =
              gather(constant, graph_.constant(Tensor(Shape{}, std::vector<std::int64_t>{k})), r.dims[0]);
          add_map(incidence, evaluate(one).stored_as(Storage::integer));
        }
      } else {
        return all;
      }
      if (incidence.is_all) return all;
    }
    return incidence;
  }

  Graph& graph_;
  Expr variable_;
  std::unordered_map<NodeId, Incidence> found_;
};

}  // namespace

Incidence incidence(Expr expression, Expr variable, int outcome_rank) {
  return Walk(expression.graph(), variable, outcome_rank).of(expression);
}

Incidence compose(const Incidence& outer, const Incidence& inner) {
  if (outer.is_none() || inner.is_none()) return {};
  if (outer.is_all || inner.is_all) return all;
  Incidence result;
  for (const Tensor& first : outer.maps) {
    for (const Tensor& second : inner.maps) {
      std::vector<std::int64_t> numbers(static_cast<std::size_t>(first.size()));
      for (std::int64_t i = 0; i < first.size(); ++i) {
        const std::int64_t middle = first.integer(i);
        numbers[static_cast<std::size_t>(i)] = middle < 0 ? -1 : second.integer(middle);
      }
      add_map(result, Tensor(first.shape(), std::move(numbers)));
    }
  }
  return result;
}

Incidence join(Incidence a, const Incidence& b) {
  if (a.is_all || b.is_all) return all;
  for (const Tensor& map : b.maps) add_map(a, map);
  return a;
}

}  // namespace elbo::inference
