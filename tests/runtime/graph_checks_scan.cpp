// Recurrences, computed from the definition: each iteration evaluates the body by itself.
#include "graph_rules.hpp"
#include "runtime/scan.hpp"

namespace elbo::tests {

using runtime::ScanBody;

namespace {

Expr expr(const RuleBase& rule, NodeId id) { return Expr(const_cast<Graph&>(rule.graph()), id); }

// Input i over the space of `type`, at one entry of the axis.
Numbers spread(const RuleBase& rule, std::size_t i, const Type& type, AxisId axis, std::int64_t at) {
  Numbers values;
  rule.visit(type, [&](RuleBase::Place place, std::int64_t) {
    place.axes[axis] = at;
    values.push_back(rule.in(i, place));
  });
  return values;
}

// The values of every carry after the iteration at this entry.
std::vector<Numbers> iterate(const RuleBase& rule, const std::vector<Numbers>& state, std::int64_t at) {
  const ScanBody& body = *rule.node.attributes.scan;
  Given given;
  for (std::size_t k = 0; k < state.size(); ++k) given.emplace_back(expr(rule, body.carries[k]), state[k]);
  for (std::size_t j = 0; j < body.operands.size(); ++j) {
    const Type& type = rule.graph().node(body.operands[j]).type;
    given.emplace_back(expr(rule, body.operands[j]), spread(rule, state.size() + j, type, body.axis, at));
  }
  Reference inside(rule.graph(), given);
  std::vector<Numbers> next;
  for (const NodeId id : body.next) next.push_back(inside(expr(rule, id)));
  return next;
}

}  // namespace

// One result after the other: before, after and last of each carry.
void apply_scan(RuleBase& rule) {
  const ScanBody& body = *rule.node.attributes.scan;
  const std::int64_t length = rule.graph().axis(body.axis).size;
  std::vector<Numbers> state;
  for (std::size_t k = 0; k < body.carries.size(); ++k) {
    state.push_back(spread(rule, k, rule.graph().node(body.carries[k]).type, body.axis, 0));
  }
  // by entry of the axis
  std::vector<std::vector<Numbers>> before(static_cast<std::size_t>(length)), after = before;
  for (std::int64_t i = 0; i < length; ++i) {
    const std::int64_t at = body.reverse ? length - 1 - i : i;
    before[static_cast<std::size_t>(at)] = state;
    state = iterate(rule, state, at);
    after[static_cast<std::size_t>(at)] = state;
  }
  rule.out.clear();
  const auto write = [&](const Numbers& values) {
    rule.out.insert(rule.out.end(), values.begin(), values.end());
  };
  for (std::size_t k = 0; k < state.size(); ++k) {
    for (const auto& entry : before) write(entry[k]);
    for (const auto& entry : after) write(entry[k]);
    write(state[k]);
  }
}

void apply_scan_output(RuleBase& rule) {
  const Graph& graph = rule.graph();
  const ScanBody& body = *rule.node.attributes.scan;
  const std::int64_t length = graph.axis(body.axis).size;
  const Numbers& values = rule.values(rule.node.inputs[0]);
  std::int64_t first = 0;
  for (std::int64_t k = 0; k < rule.integer(1); ++k) {
    const Type& carry = graph.node(body.carries[static_cast<std::size_t>(k)]).type;
    first += (2 * length + 1) * graph.element_count(carry);
  }
  Type slice = rule.node.type;
  std::erase(slice.axes, body.axis);
  first += rule.integer(0) * length * graph.element_count(slice);  // before, after, last
  const bool has_axis = slice.axes.size() != rule.node.type.axes.size();
  rule.fill([&](const RuleBase::Place& place, std::int64_t) {
    std::int64_t flat = has_axis ? place.axes[body.axis] : 0;
    for (const AxisId a : slice.axes) flat = flat * graph.axis(a).size + place.axes[a];
    for (std::size_t d = 0; d < place.event.size(); ++d) flat = flat * slice.event[d] + place.event[d];
    return values[static_cast<std::size_t>(first + flat)];
  });
}

}  // namespace elbo::tests
