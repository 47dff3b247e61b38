// A linear predictor `X @ w` and its gradient `X' @ r`, r a function of the predictor row by row, are two
// passes over X and several over vectors as long as X. Where X does not fit the cache the passes over it are
// what a step of inference costs. Here both products join the loop that makes r: it then runs block by block
// of rows (execute_tiles.cpp), X is read from memory once, and vectors of a block never leave the cache.
//
// A product joins a loop
// * before it, if a matrix whose rows go along one dimension of the loop and along nothing else is multiplied
//   with columns that do not vary along it, and only this loop uses the result;
// * after it, if the sum over that dimension is of such a matrix and a value of the loop.
//
// Draws, outputs of a model and the like are further columns.
#include "runtime/fuse_products.hpp"

#include <algorithm>
#include <optional>
#include <unordered_map>

#include "runtime/layout.hpp"
#include "runtime/operation.hpp"
#include "runtime/operations/operations.hpp"

namespace elbo::runtime {

namespace {

// With more columns a product is limited by arithmetic, not by memory, and Eigen does it better.
constexpr std::int64_t most_columns = 16;
// Longer rows: no block of them would stay in the cache.
constexpr std::int64_t most_width = 4096;

// For each dimension of a value, which dimension of the memory it runs along, counted from 1; 0: along none.
using Labels = std::vector<std::int64_t>;

class Tracer {
 public:
  Tracer(const Graph& graph, const std::vector<bool>& is_alias) : graph_(graph), is_alias_(is_alias) {}

  /// Nothing where views change more than the order and number of dimensions.
  std::optional<Labels> labels(NodeId id) const {
    const auto place = trace(id);
    if (!place) return std::nullopt;
    return joined(*place);
  }

  /// Of a value used in a loop, over the dimensions of the loop.
  std::optional<Labels> labels_in(NodeId id, const Type& space) const {
    const auto place = trace(id);
    if (!place) return std::nullopt;
    return loop_strides(graph_, graph_.node(id).type, *place, space);
  }

 private:
  static Labels joined(const Placement& place) {
    Labels result = place.axis_strides;
    result.insert(result.end(), place.event_strides.begin(), place.event_strides.end());
    return result;
  }

  // Placements with labels for strides.
  std::optional<Placement> trace(NodeId id) const {
    const Node& node = graph_.node(id);
    Placement place;
    if (!is_alias_[id]) {
      std::int64_t label = 0;
      for (std::size_t i = 0; i < node.type.axes.size(); ++i) place.axis_strides.push_back(++label);
      for (std::size_t i = 0; i < node.type.event.size(); ++i) place.event_strides.push_back(++label);
    } else {
      if (node.operation == &scan_output_operation) return std::nullopt;
      // of several dimensions a reshape may make one
      const Shape& from = graph_.node(node.inputs[0]).type.event;
      const bool keeps =
          from == node.type.event || (long_dimensions(from) <= 1 && long_dimensions(node.type.event) <= 1);
      if (node.operation == &reshape_operation && !keeps) return std::nullopt;
      const auto inner = trace(node.inputs[0]);
      if (!inner) return std::nullopt;
      place = from == node.type.event && node.operation == &reshape_operation
                  ? *inner
                  : view_placement(graph_, node, *inner);
    }
    for (std::size_t i = 0; i < node.type.axes.size(); ++i) {
      if (graph_.axis(node.type.axes[i]).size == 1) place.axis_strides[i] = 0;
    }
    for (std::size_t i = 0; i < node.type.event.size(); ++i) {
      if (node.type.event[i] == 1) place.event_strides[i] = 0;
    }
    return place;
  }

  const Graph& graph_;
  const std::vector<bool>& is_alias_;
};

// A product that may join a loop, and the dimension of the loop that its rows go along.
struct Candidate {
  FusedProduct product;
  std::size_t along;
  std::size_t group;  // where it is now
  std::int64_t entries;
};

class Fusion {
 public:
  Fusion(const Graph& graph, const std::vector<bool>& is_alias, std::span<const NodeId> results,
         std::int64_t least_entries, std::vector<Group>& groups)
      : graph_(graph),
        is_alias_(is_alias),
        tracer_(graph, is_alias),
        least_entries_(least_entries),
        groups_(groups),
        group_of_(graph.size(), -1) {
    for (std::size_t g = 0; g < groups.size(); ++g) {
      for (const NodeId id : groups[g].nodes) {
        group_of_[id] = static_cast<std::int64_t>(g);
        for (const NodeId input : graph.node(id).inputs) users_[base(input)].push_back(id);
      }
    }
    is_result_.assign(graph.size(), false);
    for (const NodeId id : results) is_result_[base(id)] = true;
  }

  void run() {
    for (std::size_t g = 0; g < groups_.size(); ++g) {
      if (groups_[g].is_loop) fuse(g);
    }
    std::erase_if(groups_, [](const Group& group) { return group.nodes.empty(); });
  }

 private:
  NodeId base(NodeId id) const { return base_of(graph_, id, is_alias_); }
  bool is_product(NodeId id) const { return graph_.node(id).operation == &matmul_operation; }

  // What lies dense in memory when a group starts.
  bool is_there(NodeId id, std::size_t group) const {
    const std::int64_t made = group_of_[id];
    if (made >= static_cast<std::int64_t>(group)) return false;
    return made < 0 || groups_[static_cast<std::size_t>(made)].products.empty();
  }

  void fuse(std::size_t g) {
    std::vector<Candidate> candidates;
    for (const NodeId id : groups_[g].nodes) {
      for (const NodeId input : graph_.node(id).inputs) add_before(g, base(input), candidates);
      for (const NodeId user : users_[id]) add_after(g, id, user, candidates);
    }
    if (candidates.empty()) return;
    const auto largest =
        std::max_element(candidates.begin(), candidates.end(),
                         [](const Candidate& a, const Candidate& b) { return a.entries < b.entries; });
    const std::size_t along = largest->along;
    std::erase_if(candidates, [&](const Candidate& c) { return c.along != along; });
    if (can_reorder(g, along, candidates)) join(g, along, candidates);
  }

  static bool holds(const std::vector<Candidate>& candidates, NodeId id) {
    return std::any_of(candidates.begin(), candidates.end(),
                       [&](const Candidate& c) { return c.product.node == id; });
  }

  // ---- products before the loop

  void add_before(std::size_t g, NodeId id, std::vector<Candidate>& candidates) const {
    const std::int64_t made = group_of_[id];
    if (!is_product(id) || made < 0 || made >= static_cast<std::int64_t>(g) || is_result_[id]) return;
    if (!groups_[static_cast<std::size_t>(made)].products.empty() || holds(candidates, id)) return;
    const auto& users = users_.at(id);
    if (!std::all_of(users.begin(), users.end(),
                     [&](NodeId user) { return group_of_[user] == static_cast<std::int64_t>(g); }))
      return;
    for (const std::size_t rows : {0, 1}) {
      const auto label = rows_of(id, rows, g);
      if (!label) continue;
      const auto along = dimension_of(id, *label, g);
      const auto dims = dimension_sizes(graph_, graph_.node(id).type);
      const std::int64_t count = dims[static_cast<std::size_t>(*label - 1)];
      if (!along || !is_worth(count, width_of(id, rows), graph_.element_count(graph_.node(id).type) / count))
        continue;
      candidates.push_back({{id, rows, static_cast<std::size_t>(*label - 1), false},
                            *along,
                            static_cast<std::size_t>(made),
                            count * width_of(id, rows)});
      return;
    }
  }

  std::int64_t width_of(NodeId id, std::size_t rows) const {
    return graph_.node(graph_.node(id).inputs[rows]).type.event[rows == 0 ? 1 : 0];
  }

  // A block should have 64 rows, unless everything is to be fused.
  bool is_worth(std::int64_t rows, std::int64_t width, std::int64_t columns) const {
    return rows * std::min<std::int64_t>(width, 64) >= least_entries_ && rows >= 2 && width >= 2 &&
           width <= most_width && columns <= most_columns;
  }

  // The dimension of a product along which alone the input `rows` varies and the other one does not.
  std::optional<std::int64_t> rows_of(NodeId id, std::size_t rows, std::size_t g) const {
    const Node& node = graph_.node(id);
    const NodeId matrix = node.inputs[rows], other = node.inputs[1 - rows];
    const auto labels = tracer_.labels(matrix), others = tracer_.labels(other);
    if (!labels || !others || !is_there(base(matrix), g)) return std::nullopt;
    const Type &type = graph_.node(matrix).type, &other_type = graph_.node(other).type;
    // the dimension of its event that stays in the product
    const std::size_t axes = type.axes.size(), kept = axes + (rows == 0 ? 0 : 1),
                      summed = axes + (rows == 0 ? 1 : 0);
    if (!is_contiguous(base(matrix), (*labels)[summed])) return std::nullopt;
    std::optional<std::int64_t> found;
    for (std::size_t d = 0; d <= kept; ++d) {
      if (d == summed || (*labels)[d] == 0) continue;
      if (found) return std::nullopt;
      const bool is_axis = d < axes;
      found = is_axis ? position(node.type, type.axes[d])
                      : static_cast<std::int64_t>(node.type.axes.size() + (rows == 0 ? 1 : 2));
      if (!is_axis) continue;
      const auto at = std::find(other_type.axes.begin(), other_type.axes.end(), type.axes[d]);
      if (at != other_type.axes.end() &&
          (*others)[static_cast<std::size_t>(at - other_type.axes.begin())] != 0)
        return std::nullopt;
    }
    return found;
  }

  // Number of an axis among the dimensions of a type, from 1.
  static std::int64_t position(const Type& type, AxisId axis) {
    return std::find(type.axes.begin(), type.axes.end(), axis) - type.axes.begin() + 1;
  }

  // Whether the entries along this dimension of a dense value follow each other.
  bool is_contiguous(NodeId id, std::int64_t label) const {
    if (label == 0) return false;
    const auto dims = dimension_sizes(graph_, graph_.node(id).type);
    return std::all_of(dims.begin() + label, dims.end(), [](std::int64_t size) { return size == 1; });
  }

  // The dimension of the loop along which a value's dimension `label` lies, in all its uses.
  std::optional<std::size_t> dimension_of(NodeId id, std::int64_t label, std::size_t g) const {
    std::optional<std::size_t> found;
    for (const NodeId user : groups_[g].nodes) {
      for (const NodeId input : graph_.node(user).inputs) {
        if (base(input) != id) continue;
        const auto labels = tracer_.labels_in(input, groups_[g].space);
        if (!labels || std::count(labels->begin(), labels->end(), label) != 1) return std::nullopt;
        const auto at =
            static_cast<std::size_t>(std::find(labels->begin(), labels->end(), label) - labels->begin());
        if (found && *found != at) return std::nullopt;
        found = at;
      }
    }
    return found;
  }

  // ---- products after the loop

  void add_after(std::size_t g, NodeId value, NodeId id, std::vector<Candidate>& candidates) const {
    const auto made = group_of_[id];
    if (!is_product(id) || made <= static_cast<std::int64_t>(g) || holds(candidates, id)) return;
    if (graph_.node(value).operation == &sum_operation) return;
    const Node& node = graph_.node(id);
    for (const std::size_t rows : {0, 1}) {
      const NodeId matrix = node.inputs[rows], factors = node.inputs[1 - rows];
      if (base(factors) != value || !is_there(base(matrix), g)) continue;
      const auto labels = tracer_.labels(matrix), factor_labels = tracer_.labels(factors);
      if (!labels || !factor_labels) continue;
      const Type &type = graph_.node(matrix).type, &factor_type = graph_.node(factors).type;
      const std::size_t axes = type.axes.size();
      if (std::any_of(labels->begin(), labels->begin() + static_cast<std::ptrdiff_t>(axes),
                      [](std::int64_t label) { return label != 0; }))
        continue;
      const std::size_t kept = rows == 0 ? 0 : 1;  // of the matrix; the other dimension is summed over
      if ((*labels)[axes + 1 - kept] == 0 || !is_contiguous(base(matrix), (*labels)[axes + kept])) continue;
      const std::int64_t along = (*factor_labels)[factor_type.axes.size() + kept];
      const std::int64_t width = type.event[kept], count = type.event[1 - kept];
      const std::int64_t columns = graph_.element_count(node.type) / width;
      if (along == 0 || !is_worth(count, width, columns)) continue;
      if (columns != graph_.element_count(groups_[g].space) / count) continue;
      candidates.push_back({{id, rows, node.type.axes.size() + kept, true},
                            static_cast<std::size_t>(along - 1),
                            static_cast<std::size_t>(made),
                            count * width});
      return;
    }
  }

  // ---- joining

  // Values of the loop that others read must lie in an order that views and other loops understand, and draws
  // are numbered in the order of the space.
  bool can_reorder(std::size_t g, std::size_t along, const std::vector<Candidate>& candidates) const {
    Group group = groups_[g];
    group.along = along;
    if (!is_reordered(graph_, group)) return true;
    const bool is_event = along >= group.space.axes.size() && long_dimensions(group.space.event) > 1;
    return std::all_of(group.nodes.begin(), group.nodes.end(), [&](NodeId id) {
      const Operation& operation = *graph_.node(id).operation;
      if (operation.random) return false;
      if (!is_event || &operation == &sum_operation) return true;
      const auto users = users_.find(id);
      return !is_result_[id] && (users == users_.end() ||
                                 std::all_of(users->second.begin(), users->second.end(), [&](NodeId user) {
                                   return group_of_[user] == static_cast<std::int64_t>(g) ||
                                          holds(candidates, user);
                                 }));
    });
  }

  void join(std::size_t g, std::size_t along, const std::vector<Candidate>& candidates) {
    Group& group = groups_[g];
    group.along = along;
    std::vector<NodeId> before, after;
    for (const Candidate& c : candidates) {
      group.products.push_back(c.product);
      (c.product.is_transposed ? after : before).push_back(c.product.node);
      groups_[c.group].nodes.clear();
      group_of_[c.product.node] = static_cast<std::int64_t>(g);
    }
    group.nodes.insert(group.nodes.begin(), before.begin(), before.end());
    group.nodes.insert(group.nodes.end(), after.begin(), after.end());
  }

  const Graph& graph_;
  const std::vector<bool>& is_alias_;
  Tracer tracer_;
  std::int64_t least_entries_;
  std::vector<Group>& groups_;
  std::vector<std::int64_t> group_of_;
  std::unordered_map<NodeId, std::vector<NodeId>> users_;
  std::vector<bool> is_result_;
};

}  // namespace

bool is_added_up(const Graph& graph, const Group& group, NodeId id) {
  if (graph.node(id).operation == &sum_operation) return true;
  return std::any_of(group.products.begin(), group.products.end(),
                     [&](const FusedProduct& p) { return p.node == id && p.is_transposed; });
}

bool is_reordered(const Graph& graph, const Group& group) {
  const auto dims = dimension_sizes(graph, group.space);
  return std::any_of(dims.begin() + static_cast<std::ptrdiff_t>(group.along) + 1, dims.end(),
                     [](std::int64_t size) { return size != 1; });
}

void fuse_products(const Graph& graph, const std::vector<bool>& is_alias, std::span<const NodeId> results,
                   std::int64_t least_entries, std::vector<Group>& groups) {
  Fusion(graph, is_alias, results, least_entries, groups).run();
}

}  // namespace elbo::runtime
