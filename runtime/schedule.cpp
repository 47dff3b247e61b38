// List scheduling: among the index spaces that have operations ready, the smallest goes first, and takes
// everything that is or becomes ready in it. Small spaces run dry before large ones start, so the loops over
// data are few and long.
#include "runtime/schedule.hpp"

#include <algorithm>
#include <map>

#include "runtime/operation.hpp"
#include "runtime/operations/operations.hpp"

namespace elbo::runtime {

namespace {

using SpaceKey = std::pair<std::vector<AxisId>, Shape>;

struct Pending {
  NodeId id;
  std::vector<NodeId> direct;   // compute nodes used as they are: may run in the same loop
  std::vector<NodeId> through;  // compute nodes used through a view, or by a whole-array operation
};

class Scheduler {
 public:
  Scheduler(const Graph& graph, const std::vector<NodeId>& order, const std::vector<bool>& is_alias)
      : graph_(graph), is_alias_(is_alias), done_(graph.size()) {
    for (const NodeId id : order) {
      const Node& node = graph.node(id);
      if (is_source(id) || is_alias_[id]) {
        continue;
      }
      Pending pending{id, {}, {}};
      for (const NodeId input : node.inputs) {
        const NodeId base = base_of(graph, input, is_alias);
        if (is_source(base)) continue;
        (base == input && is_loop(id) ? pending.direct : pending.through).push_back(base);
      }
      pending_.push_back(std::move(pending));
    }
  }

  std::vector<Group> run() {
    std::vector<Group> groups;
    while (!pending_.empty()) {
      if (run_whole(groups)) continue;
      run_loop(groups);
    }
    return groups;
  }

 private:
  bool is_source(NodeId id) const {
    const Operation* operation = graph_.node(id).operation;
    return operation == &input_operation || operation == &constant_operation;
  }
  bool is_loop(NodeId id) const {
    const Operation* operation = graph_.node(id).operation;
    return operation->run == nullptr && operation != &scan_operation;
  }
  bool is_sum(NodeId id) const { return graph_.node(id).operation == &sum_operation; }

  const Type& space(NodeId id) const {
    const Node& node = graph_.node(id);
    return is_sum(id) ? graph_.node(node.inputs[0]).type : node.type;
  }
  SpaceKey key(NodeId id) const { return {space(id).axes, space(id).event}; }

  bool ready(const Pending& p) const {
    const auto is_done = [&](NodeId id) { return done_[id]; };
    return std::all_of(p.direct.begin(), p.direct.end(), is_done) &&
           std::all_of(p.through.begin(), p.through.end(), is_done);
  }

  // All whole-array operations that are ready, one group each.
  bool run_whole(std::vector<Group>& groups) {
    std::vector<NodeId> taken;
    for (const Pending& p : pending_) {
      if (!is_loop(p.id) && ready(p)) taken.push_back(p.id);
    }
    for (const NodeId id : taken) {
      groups.push_back({false, graph_.node(id).type, {id}});
      done_[id] = true;
    }
    remove(taken);
    return !taken.empty();
  }

  void run_loop(std::vector<Group>& groups) {
    const Pending* first = nullptr;
    for (const Pending& p : pending_) {
      if (!is_loop(p.id) || !ready(p)) continue;
      if (!first || graph_.element_count(space(p.id)) < graph_.element_count(space(first->id))) first = &p;
    }
    Group group{true, space(first->id), {}};
    const SpaceKey wanted = key(first->id);
    std::vector<bool> inside(graph_.size());  // values of this loop, block by block
    std::vector<NodeId> sums;
    for (const Pending& p : pending_) {  // in topological order: what becomes ready comes later
      if (!is_loop(p.id) || key(p.id) != wanted) continue;
      const bool joins =
          std::all_of(p.through.begin(), p.through.end(), [&](NodeId id) { return done_[id]; }) &&
          std::all_of(p.direct.begin(), p.direct.end(), [&](NodeId id) { return done_[id] || inside[id]; });
      if (!joins) continue;
      if (is_sum(p.id)) {
        sums.push_back(p.id);
      } else {
        inside[p.id] = true;
        group.nodes.push_back(p.id);
      }
    }
    group.nodes.insert(group.nodes.end(), sums.begin(), sums.end());
    for (const NodeId id : group.nodes) done_[id] = true;
    remove(group.nodes);
    groups.push_back(std::move(group));
  }

  void remove(const std::vector<NodeId>& taken) {
    std::vector<bool> gone(graph_.size());
    for (const NodeId id : taken) gone[id] = true;
    std::erase_if(pending_, [&](const Pending& p) { return gone[p.id]; });
  }

  const Graph& graph_;
  const std::vector<bool>& is_alias_;
  std::vector<bool> done_;
  std::vector<Pending> pending_;
};

}  // namespace

NodeId base_of(const Graph& graph, NodeId id, const std::vector<bool>& is_alias) {
  while (is_alias[id]) id = graph.node(id).inputs[0];
  return id;
}

std::vector<Group> schedule(const Graph& graph, const std::vector<NodeId>& order,
                            const std::vector<bool>& is_alias) {
  return Scheduler(graph, order, is_alias).run();
}

}  // namespace elbo::runtime
