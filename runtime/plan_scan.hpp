// How recurrences lie in memory and become nested programs. Private to the planner.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "runtime/plan.hpp"

namespace elbo::runtime {

/// Bytes of a scan node's values. A carry whose history somebody reads has a piece for its initial value and
/// one for every iteration; any other has two pieces, used in turn. A reverse recurrence fills histories from
/// the end.
struct ScanLayout {
  struct Piece {
    std::int64_t offset = 0;  ///< bytes from the node's memory
    std::int64_t bytes = 0;   ///< of one iteration
    bool is_kept = false;     ///< all iterations
  };
  std::vector<Piece> carries, draws;
  std::int64_t length = 0;  ///< iterations
  std::int64_t bytes = 0;
};

/// `results`: the scan_output nodes of this scan that the program has.
ScanLayout scan_layout(const Graph& graph, const Node& scan, std::span<const NodeId> results,
                       Precision precision);

/// Placement of a scan_output node, given that of its scan.
Placement result_placement(const Graph& graph, const Node& result, const ScanLayout& layout,
                           const Placement& scan, Precision precision);

/// The recurrence with its body planned; `inputs` are the placements of the scan's inputs.
std::unique_ptr<Recurrence> plan_recurrence(Graph& graph, const Node& scan, const ScanLayout& layout,
                                            const Location& memory, std::span<const Placement> inputs,
                                            const PlanOptions& options);

/// Copies a value of this type to dense memory, spread over `axes` and its event.
Copy dense_copy(const Graph& graph, const Type& from, const Placement& placement, const Type& to,
                const Location& target);

}  // namespace elbo::runtime
