// The schedule of a program as text, for `elbo dump program`. Private to the planner.
#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "runtime/plan.hpp"
#include "runtime/schedule.hpp"

namespace elbo::runtime {

/// Loops and operations in order, with the places of what lies in memory.
std::string schedule_text(const Graph& graph, const std::vector<Group>& groups, const Program& program,
                          const std::vector<bool>& needs_memory,
                          const std::unordered_map<NodeId, Placement>& placements);

}  // namespace elbo::runtime
