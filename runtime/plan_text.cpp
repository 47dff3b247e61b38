// The schedule of a program as text.
#include "runtime/plan_text.hpp"

#include "runtime/format.hpp"
#include "runtime/operations/operations.hpp"

namespace elbo::runtime {

namespace {

/// Inputs by name, single numbers as they are, other values numbered in the order of the schedule.
class Operands {
 public:
  explicit Operands(const Graph& graph) : graph_(graph) {}
  std::string name(NodeId id) {
    const Node& node = graph_.node(id);
    if (node.operation == &input_operation && !node.attributes.text.empty()) return node.attributes.text;
    if (node.operation == &constant_operation && node.attributes.tensor->size() == 1)
      return show_real(node.attributes.tensor->real(0));
    return "%" + std::to_string(number_.emplace(id, number_.size() + 1).first->second);
  }

 private:
  const Graph& graph_;
  std::unordered_map<NodeId, std::size_t> number_;
};

std::string indented(const std::string& text) {
  std::string result;
  std::size_t from = 0;
  while (from < text.size()) {
    const std::size_t to = text.find('\n', from) + 1;
    result += "  " + text.substr(from, to - from);
    from = to;
  }
  return result;
}

std::string loop_text(const Graph& graph, const Group& group, const Loop& loop) {
  return "loop over " + graph.show(group.space) + ": rows " + std::to_string(loop.rows) + " x " +
         std::to_string(loop.row) + ", block " + std::to_string(loop.block) + ", registers " +
         std::to_string(loop.registers) + ", chunks " + std::to_string(loop.chunks) +
         (loop.tiles ? ", products " + std::to_string(loop.tiles->products.size()) : "") + "\n";
}

}  // namespace

std::string schedule_text(const Graph& graph, const std::vector<Group>& groups, const Program& program,
                          const std::vector<bool>& needs_memory,
                          const std::unordered_map<NodeId, Placement>& placements) {
  Operands operands(graph);
  std::string text = "arena " + std::to_string(program.arena_bytes) + " bytes, constants " +
                     std::to_string(program.constants.size()) + " bytes\n";
  for (std::size_t g = 0; g < groups.size(); ++g) {
    const Group& group = groups[g];
    if (group.is_loop) text += loop_text(graph, group, *program.steps[g].loop);
    for (const NodeId id : group.nodes) {
      const Node& node = graph.node(id);
      text += std::string(group.is_loop ? "  " : "") + operands.name(id) + " = " +
              std::string(node.operation->name);
      for (const NodeId input : node.inputs) text += " " + operands.name(input);
      if (needs_memory[id]) text += "  @" + std::to_string(placements.at(id).location.offset);
      text += "\n";
    }
    if (const auto& recurrence = program.steps[g].recurrence)
      text += indented(std::to_string(recurrence->length) + " times: " + recurrence->body->text);
  }
  return text;
}

}  // namespace elbo::runtime
