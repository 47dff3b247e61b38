// What the rules of the node-by-node evaluator share. Private to it: graph_checks.cpp has the rules of single
// operations, graph_checks_scan.cpp those of recurrences, graph_checks_windows.cpp those of images.
#pragma once

#include "graph_checks.hpp"
#include "runtime/operations/operations.hpp"

namespace elbo::tests {

/// A point of an index space: a coordinate per axis of the graph, and one per event dimension.
struct Reference::Place {
  std::vector<std::int64_t> axes;
  std::vector<std::int64_t> event;
};

/// Visits every point of a type's index space in row-major order: axes first, then event dimensions.
template <class Visit>
void Reference::for_each(const Type& type, Visit visit) const {
  Place place{std::vector<std::int64_t>(graph_.axis_count(), 0),
              std::vector<std::int64_t>(type.event.size(), 0)};
  const std::int64_t total = graph_.element_count(type);
  for (std::int64_t flat = 0; flat < total; ++flat) {
    std::int64_t rest = flat;
    for (std::size_t d = type.event.size(); d-- > 0;) {
      place.event[d] = rest % type.event[d];
      rest /= type.event[d];
    }
    for (std::size_t a = type.axes.size(); a-- > 0;) {
      const std::int64_t size = graph_.axis(type.axes[a]).size;
      place.axes[type.axes[a]] = rest % size;
      rest /= size;
    }
    visit(place, flat);
  }
}

/// What every rule reads; it fills `out` in row-major order.
struct RuleBase {
  using Place = Reference::Place;
  const Reference& reference;
  const runtime::Node& node;
  Numbers& out;

  const Graph& graph() const { return reference.graph_; }
  const Numbers& values(NodeId id) const { return reference.values_.at(id); }
  const Type& type(std::size_t i) const { return reference.graph_.node(node.inputs[i]).type; }
  double in(std::size_t i, const Place& place) const { return reference.at(node.inputs[i], place); }
  std::int64_t integer(std::size_t i) const { return node.attributes.integers[i]; }

  template <class Visit>
  void visit(const Type& space, Visit action) const {
    reference.for_each(space, action);
  }

  template <class Value>
  void fill(Value value) {
    reference.for_each(node.type, [&](Place& place, std::int64_t flat) {
      out[static_cast<std::size_t>(flat)] = value(place, flat);
    });
  }
};

/// A recurrence and its results, computed iteration by iteration.
void apply_scan(RuleBase& rule);
void apply_scan_output(RuleBase& rule);

/// Convolutions and pools (graph_checks_windows.cpp).
void apply_convolve(RuleBase& rule);
void apply_convolve_transpose(RuleBase& rule);
void apply_convolve_weight(RuleBase& rule);
void apply_pool_sum(RuleBase& rule);
void apply_pool_spread(RuleBase& rule);
void apply_pool_max(RuleBase& rule);
void apply_pool_max_spread(RuleBase& rule);

/// A mean over plates (graph_checks_windows.cpp).
void apply_plate_mean(RuleBase& rule);

}  // namespace elbo::tests
