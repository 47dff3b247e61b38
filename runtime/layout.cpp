// Arithmetic of strides, and the arena.
#include "runtime/layout.hpp"

#include <algorithm>

#include "lang/diagnostic.hpp"
#include "runtime/operations/operations.hpp"

namespace elbo::runtime {

std::int64_t Memory::acquire(std::int64_t bytes) {
  bytes = std::max<std::int64_t>(64, (bytes + 63) / 64 * 64);
  for (auto it = free_.begin(); it != free_.end(); ++it) {
    if (it->second < bytes) continue;
    const auto [offset, size] = *it;
    free_.erase(it);
    if (size > bytes) free_[offset + bytes] = size - bytes;
    used_[offset] = bytes;
    return offset;
  }
  const std::int64_t offset = end_;
  end_ += bytes;
  used_[offset] = bytes;
  return offset;
}

void Memory::release(std::int64_t offset) {
  const auto found = used_.find(offset);
  if (found == used_.end()) throw lang::InternalError("memory is released twice");
  auto it = free_.emplace(offset, found->second).first;
  used_.erase(found);
  if (const auto next = std::next(it); next != free_.end() && it->first + it->second == next->first) {
    it->second += next->second;
    free_.erase(next);
  }
  if (it == free_.begin()) return;
  if (const auto before = std::prev(it); before->first + before->second == it->first) {
    before->second += it->second;
    free_.erase(it);
  }
}

std::vector<std::int64_t> dimension_sizes(const Graph& graph, const Type& type) {
  std::vector<std::int64_t> sizes;
  for (const AxisId axis : type.axes) sizes.push_back(graph.axis(axis).size);
  sizes.insert(sizes.end(), type.event.begin(), type.event.end());
  return sizes;
}

std::int64_t long_dimensions(const Shape& event) {
  return std::count_if(event.begin(), event.end(), [](std::int64_t size) { return size != 1; });
}

Placement dense_placement(const Graph& graph, const Type& type) {
  Placement p;
  p.axis_strides.resize(type.axes.size());
  p.event_strides.resize(type.event.size());
  std::int64_t stride = 1;
  for (std::size_t i = type.event.size(); i-- > 0;) {
    p.event_strides[i] = stride;
    stride *= type.event[i];
  }
  for (std::size_t i = type.axes.size(); i-- > 0;) {
    p.axis_strides[i] = stride;
    stride *= graph.axis(type.axes[i]).size;
  }
  return p;
}

bool is_even(const Shape& event, const std::vector<std::int64_t>& strides) {
  std::int64_t expected = -1;  // of the next longer dimension; none yet
  for (std::size_t i = event.size(); i-- > 0;) {
    if (event[i] == 1) continue;
    if (expected >= 0 && strides[i] != expected) return false;
    expected = strides[i] * event[i];
  }
  return true;
}

namespace {

std::int64_t axis_stride(const Type& type, const Placement& placement, AxisId axis) {
  const auto it = std::find(type.axes.begin(), type.axes.end(), axis);
  return it == type.axes.end() ? 0 : placement.axis_strides[static_cast<std::size_t>(it - type.axes.begin())];
}

// Strides of an event over a larger one, aligned from the right as NumPy does.
std::vector<std::int64_t> spread(const Shape& from, const std::vector<std::int64_t>& strides,
                                 const Shape& to) {
  std::vector<std::int64_t> result(to.size(), 0);
  const std::size_t extra = to.size() - from.size();
  for (std::size_t i = 0; i < from.size(); ++i) {
    if (from[i] == to[extra + i]) result[extra + i] = strides[i];
  }
  return result;
}

std::vector<std::int64_t> reshaped(const Shape& from, const std::vector<std::int64_t>& strides,
                                   const Shape& to) {
  // dense up to one common factor: the stride of the innermost dimension that is longer than 1
  std::int64_t step = 1;
  for (std::size_t i = from.size(); i-- > 0;) {
    if (from[i] != 1) {
      step = strides[i];
      break;
    }
  }
  std::vector<std::int64_t> result(to.size());
  for (std::size_t i = to.size(); i-- > 0;) {
    result[i] = step;
    step *= to[i];
  }
  return result;
}

}  // namespace

Placement view_placement(const Graph& graph, const Node& node, const Placement& input) {
  const Type& from = graph.node(node.inputs[0]).type;
  Placement p;
  p.location = input.location;
  for (const AxisId axis : node.type.axes) p.axis_strides.push_back(axis_stride(from, input, axis));
  const auto& list = node.attributes.integers;
  if (node.operation == &broadcast_operation) {
    p.event_strides = spread(from.event, input.event_strides, node.type.event);
  } else if (node.operation == &permute_operation) {
    for (const std::int64_t dim : list)
      p.event_strides.push_back(input.event_strides[static_cast<std::size_t>(dim)]);
  } else if (node.operation == &reshape_operation) {
    p.event_strides = reshaped(from.event, input.event_strides, node.type.event);
  } else {
    p.event_strides = input.event_strides;
  }
  if (node.operation == &to_axis_operation) {
    const auto dim = p.event_strides.begin() + list[0];
    const auto at = std::find(node.type.axes.begin(), node.type.axes.end(), static_cast<AxisId>(list[1]));
    p.axis_strides[static_cast<std::size_t>(at - node.type.axes.begin())] = *dim;
    p.event_strides.erase(dim);
  } else if (node.operation == &to_event_operation) {
    p.event_strides.insert(p.event_strides.begin() + list[1],
                           axis_stride(from, input, static_cast<AxisId>(list[0])));
  }
  return p;
}

std::vector<std::int64_t> loop_strides(const Graph&, const Type& type, const Placement& placement,
                                       const Type& space) {
  std::vector<std::int64_t> strides;
  for (const AxisId axis : space.axes) strides.push_back(axis_stride(type, placement, axis));
  const auto event = spread(type.event, placement.event_strides, space.event);
  strides.insert(strides.end(), event.begin(), event.end());
  return strides;
}

std::vector<std::int64_t> sum_strides(const Graph&, const Type& space, const Node& sum,
                                      const Placement& placement) {
  const Reduction r = reduction(sum.attributes);
  std::vector<std::int64_t> strides;
  for (const AxisId axis : space.axes) strides.push_back(axis_stride(sum.type, placement, axis));
  std::size_t kept = 0;
  for (std::size_t i = 0; i < space.event.size(); ++i) {
    const bool is_summed =
        std::find(r.dims.begin(), r.dims.end(), static_cast<std::int64_t>(i)) != r.dims.end();
    strides.push_back(is_summed ? 0 : placement.event_strides[kept++]);
  }
  return strides;
}

View whole_view(const Graph& graph, const Type& type, const Placement& placement,
                const std::vector<AxisId>& axes) {
  View view;
  view.axes = axes.size();
  for (const AxisId axis : axes) {
    view.dims.push_back(graph.axis(axis).size);
    view.strides.push_back(axis_stride(type, placement, axis));
  }
  view.dims.insert(view.dims.end(), type.event.begin(), type.event.end());
  view.strides.insert(view.strides.end(), placement.event_strides.begin(), placement.event_strides.end());
  return view;
}

}  // namespace elbo::runtime
