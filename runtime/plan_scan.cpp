// Layout of recurrences, and their bodies as nested programs whose operands are the memory of the program
// around.
#include "runtime/plan_scan.hpp"

#include <algorithm>

#include "lang/diagnostic.hpp"
#include "runtime/layout.hpp"
#include "runtime/operations/operations.hpp"
#include "runtime/scan.hpp"

namespace elbo::runtime {

namespace {

ScanPart part_of(const Node& result) { return static_cast<ScanPart>(result.attributes.integers[0]); }
std::size_t index_of(const Node& result) { return static_cast<std::size_t>(result.attributes.integers[1]); }

std::int64_t padded(std::int64_t bytes) { return (bytes + 63) / 64 * 64; }

// Stride over the axis of the recurrence, 0 where the value lacks it; what remains is the value of one
// iteration.
std::int64_t take_axis(const Type& type, Placement& placement, AxisId axis) {
  const auto it = std::find(type.axes.begin(), type.axes.end(), axis);
  if (it == type.axes.end()) return 0;
  const auto at = placement.axis_strides.begin() + (it - type.axes.begin());
  const std::int64_t stride = *at;
  placement.axis_strides.erase(at);
  return stride;
}

// Collects the memory that a body sees, one moving piece after the other.
class Outside {
 public:
  Outside(Recurrence& recurrence, const Location& memory) : recurrence_(recurrence), memory_(memory) {}

  // Bytes of the scan's own memory, from `start` on.
  Location own(std::int64_t start, std::int64_t step, bool alternates) {
    Location base = memory_;
    base.offset += start;
    return add(base, step, alternates);
  }

  Location add(const Location& base, std::int64_t step, bool alternates) {
    recurrence_.externals.push_back({base, step, alternates});
    return {false, 0, static_cast<int>(recurrence_.externals.size()) - 1};
  }

 private:
  Recurrence& recurrence_;
  Location memory_;
};

}  // namespace

ScanLayout scan_layout(const Graph& graph, const Node& scan, std::span<const NodeId> results,
                       Precision precision) {
  const ScanBody& body = *scan.attributes.scan;
  ScanLayout layout;
  layout.length = graph.axis(body.axis).size;
  layout.carries.resize(body.carries.size());
  layout.draws.resize(body.draws.size());
  for (const NodeId id : results) {
    const Node& result = graph.node(id);
    if (part_of(result) == ScanPart::last) continue;
    auto& pieces = part_of(result) == ScanPart::draw ? layout.draws : layout.carries;
    pieces[index_of(result)].is_kept = true;
  }
  const auto place = [&](ScanLayout::Piece& piece, NodeId node, std::int64_t pieces) {
    piece.offset = layout.bytes;
    piece.bytes = graph.element_count(graph.node(node).type) * element_bytes(precision);
    layout.bytes += padded(piece.bytes * pieces);
  };
  for (std::size_t k = 0; k < layout.carries.size(); ++k) {
    place(layout.carries[k], body.carries[k], layout.carries[k].is_kept ? layout.length + 1 : 2);
  }
  for (std::size_t m = 0; m < layout.draws.size(); ++m) {
    place(layout.draws[m], body.draws[m], layout.draws[m].is_kept ? layout.length : 0);
  }
  return layout;
}

Placement result_placement(const Graph& graph, const Node& result, const ScanLayout& layout,
                           const Placement& scan, Precision precision) {
  const ScanBody& body = *result.attributes.scan;
  const ScanPart part = part_of(result);
  const auto& piece =
      part == ScanPart::draw ? layout.draws[index_of(result)] : layout.carries[index_of(result)];
  std::int64_t first = 0;  // of the pieces
  if (part == ScanPart::before) first = body.reverse ? 1 : 0;
  if (part == ScanPart::after) first = body.reverse ? 0 : 1;
  if (part == ScanPart::last) {
    first = piece.is_kept ? (body.reverse ? 0 : layout.length) : layout.length % 2;
  }
  Type slice = result.type;
  std::erase(slice.axes, body.axis);
  Placement p = dense_placement(graph, slice);
  p.location = scan.location;
  p.location.offset += piece.offset + first * piece.bytes;
  if (slice.axes.size() != result.type.axes.size()) {
    const auto at = std::find(result.type.axes.begin(), result.type.axes.end(), body.axis);
    p.axis_strides.insert(p.axis_strides.begin() + (at - result.type.axes.begin()),
                          piece.bytes / element_bytes(precision));
  }
  return p;
}

Copy dense_copy(const Graph& graph, const Type& from, const Placement& placement, const Type& to,
                const Location& target) {
  Copy copy;
  for (const AxisId axis : to.axes) copy.dims.push_back(graph.axis(axis).size);
  copy.dims.insert(copy.dims.end(), to.event.begin(), to.event.end());
  copy.strides = loop_strides(graph, from, placement, to);
  copy.from = placement.location;
  copy.to = target;
  return copy;
}

std::unique_ptr<Recurrence> plan_recurrence(Graph& graph, const Node& scan, const ScanLayout& layout,
                                            const Location& memory, std::span<const Placement> inputs,
                                            const PlanOptions& options) {
  const ScanBody& body = *scan.attributes.scan;
  auto recurrence = std::make_unique<Recurrence>();
  recurrence->length = layout.length;
  recurrence->reverse = body.reverse;
  Outside outside(*recurrence, memory);
  const std::int64_t direction = body.reverse ? -1 : 1, end = body.reverse ? layout.length : 0;
  BodyPlaces places;
  std::vector<Expr> roots;
  for (std::size_t k = 0; k < body.carries.size(); ++k) {
    const auto& piece = layout.carries[k];
    const Type& type = graph.node(body.carries[k]).type;
    const std::int64_t start = piece.offset + (piece.is_kept ? end * piece.bytes : 0);
    const std::int64_t step = piece.is_kept ? direction * piece.bytes : piece.bytes;
    Placement before = dense_placement(graph, type);
    before.location = outside.own(start, step, !piece.is_kept);
    places.inputs.emplace_back(body.carries[k], before);
    places.outputs.push_back(outside.own(start + step, piece.is_kept ? step : -step, !piece.is_kept));
    roots.push_back(graph.at(body.next[k]));
    Location first = memory;
    first.offset += start;
    recurrence->initial.push_back(dense_copy(graph, graph.node(scan.inputs[k]).type, inputs[k], type, first));
  }
  const std::int64_t element = element_bytes(options.precision);
  for (std::size_t j = 0; j < body.operands.size(); ++j) {
    Placement p = inputs[body.carries.size() + j];
    const std::int64_t step =
        element * take_axis(graph.node(scan.inputs[body.carries.size() + j]).type, p, body.axis);
    if (body.reverse && layout.length > 0) p.location.offset += (layout.length - 1) * step;
    p.location = outside.add(p.location, direction * step, false);
    places.inputs.emplace_back(body.operands[j], p);
  }
  for (std::size_t m = 0; m < body.draws.size(); ++m) {
    const auto& piece = layout.draws[m];
    if (!piece.is_kept) continue;
    const std::int64_t start = piece.offset + (body.reverse ? (layout.length - 1) * piece.bytes : 0);
    places.outputs.push_back(outside.own(start, direction * piece.bytes, false));
    roots.push_back(graph.at(body.draws[m]));
  }
  PlanOptions inner = options;
  inner.simplify = false;  // simplify looks into bodies
  recurrence->body = plan_body(roots, places, inner);
  return recurrence;
}

}  // namespace elbo::runtime
