// Recurrences: values carried along an axis, each iteration computed from the one before. A recurrence is one
// node of the graph, whatever its length, with a body that is planned once and run once per entry of the
// axis.
#pragma once

#include <cstdint>
#include <span>
#include <unordered_map>
#include <vector>

#include "runtime/graph.hpp"

namespace elbo::runtime {

/// A value carried along an axis. Where a recurrence is written, values of one iteration carry the axis (they
/// are "vectorised"); `placeholder` is an input node without that axis which stands for the value before the
/// present iteration. Random values that every iteration draws anew have the axis.
struct Carry {
  Expr placeholder;  ///< an input node
  Expr initial;      ///< value before the first iteration; has not the axis
  Expr next;         ///< value after an iteration, from placeholders and anything else; may have the axis
};

struct ScanResult {
  std::vector<Expr> before;   ///< of each carry: value before each iteration, with the axis
  std::vector<Expr> after;    ///< of each carry: value after each iteration, with the axis
  std::vector<Expr> last;     ///< of each carry: value after the last iteration, or the initial one
  std::vector<Expr> outputs;  ///< of each further output, with the axis
};

/// Runs a recurrence along `axis` from its first entry to its last (or, reverse, back). Only carries that
/// depend on each other in a circle are computed entry by entry; all else (outputs too) stays vectorised
/// around them, on the histories of the carries.
///
/// Failures: "not-causal" when a value that depends on a placeholder is combined along the axis itself (it
/// would need later iterations); "carried-shape" when the event shape of `next` is not that of `initial` (the
/// message names the placeholder).
ScanResult scan(Graph& graph, AxisId axis, std::span<const Carry> carries, std::span<const Expr> outputs,
                bool reverse = false);

/// Whether nothing that these values need from the placeholders is combined along the axis: whether scan()
/// can carry the placeholders along it.
bool is_causal(Graph& graph, AxisId axis, std::span<const Expr> roots, std::span<const Expr> placeholders);

// ---- the node
// ------------------------------------------------------------------------------------------------------

/// What a node "scan" computes: for every entry of the axis, `next` and `draws` from the placeholders. Its
/// inputs are the initial values of the carries, then the operands: one that has the axis gives each
/// iteration its entry, any other is the same for all. Body nodes have not the axis and no inputs but these
/// placeholders.
struct ScanBody {
  AxisId axis = 0;
  bool reverse = false;
  std::vector<NodeId> carries, operands;  ///< placeholders (Graph::slot)
  std::vector<NodeId> next;               ///< of each carry
  std::vector<NodeId> draws;              ///< random values of the body, which derivatives must see again
  bool operator==(const ScanBody&) const = default;
};

/// The results of a scan node, seen through nodes "scan_output" with the attributes {part, index}.
enum class ScanPart : std::int64_t { before, after, last, draw };

/// A scan node taken apart: the outer values with the body.
struct ScanParts {
  AxisId axis = 0;
  bool reverse = false;
  std::vector<Expr> initial, operands;           ///< outer values
  std::vector<Expr> carry_slots, operand_slots;  ///< their placeholders in the body; any input nodes
  std::vector<Expr> next, draws;                 ///< body nodes
};
ScanParts scan_parts(Graph& graph, const Node& node, std::span<const Expr> inputs);

/// The scan node of these parts: body on slots of its own, with types that fit the outer values. Operands
/// that nothing reads are dropped, small constants move into the body.
Expr make_scan(Graph& graph, const ScanParts& parts);

Expr scan_output(Expr scan, ScanPart part, std::size_t index);

/// Whether the value of a node differs from seed to seed.
bool is_random(const Node& node);

/// 0, 1, 2, … along an axis.
Expr positions_along(Graph& graph, AxisId axis);

/// Like substitute, but random values inside recurrences stay those that `replacements` gives for their
/// scan_output nodes: nothing is drawn a second time.
std::vector<Expr> replay(std::span<const Expr> roots, const std::unordered_map<NodeId, Expr>& replacements);

}  // namespace elbo::runtime
