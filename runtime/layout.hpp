// Arithmetic of strides, and the arena: where values lie in memory. Private to the planner.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "runtime/plan.hpp"

namespace elbo::runtime {

/// Offsets in one arena, with released pieces used again (first fit; neighbours are joined).
class Memory {
 public:
  std::int64_t acquire(std::int64_t bytes);
  void release(std::int64_t offset);
  std::int64_t size() const { return end_; }

 private:
  std::map<std::int64_t, std::int64_t> free_;  // offset to bytes
  std::map<std::int64_t, std::int64_t> used_;
  std::int64_t end_ = 0;
};

/// Sizes of a type's axes, then of its event's dimensions.
std::vector<std::int64_t> dimension_sizes(const Graph& graph, const Type& type);

/// How many dimensions of an event are not 1.
std::int64_t long_dimensions(const Shape& event);

/// Row-major over axes, then event.
Placement dense_placement(const Graph& graph, const Type& type);

/// Whether the elements of an event lie at equal distances in row-major order, so that a reshape is a view.
bool is_even(const Shape& event, const std::vector<std::int64_t>& strides);

/// Placement of a view node (broadcast, permute, to_axis, to_event, stop_gradient, with_gradient_of, dense
/// reshape), given its first input's.
Placement view_placement(const Graph& graph, const Node& node, const Placement& input);

/// Strides of a value over the dimensions of a loop (0 where it does not vary).
std::vector<std::int64_t> loop_strides(const Graph& graph, const Type& type, const Placement& placement,
                                       const Type& space);

/// Strides of a sum's result over the dimensions of the loop that makes its input.
std::vector<std::int64_t> sum_strides(const Graph& graph, const Type& space, const Node& sum,
                                      const Placement& placement);

/// A value as a whole-array operation sees it, over these axes.
View whole_view(const Graph& graph, const Type& type, const Placement& placement,
                const std::vector<AxisId>& axes);

}  // namespace elbo::runtime
