// Building, verifying, rebuilding and printing expression graphs. Every node is checked against its
// operation's shape rule when it is added, in every build type, so that a graph that exists is well-formed.
#include "runtime/graph.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include "lang/diagnostic.hpp"
#include "runtime/format.hpp"
#include "runtime/operation.hpp"
#include "runtime/operations/operations.hpp"
#include "runtime/scan.hpp"

namespace elbo::runtime {

namespace {

void mix(std::size_t& seed, std::size_t value) {
  seed ^= value + 0x9e3779b97f4a7c15ull + (seed << 6) + (seed >> 2);
}

// Small constants are compared by content, large ones by identity: hashing data would cost more than it
// saves.
constexpr std::int64_t largest_hashed_constant = 64;

bool same_tensor(const std::shared_ptr<const Tensor>& a, const std::shared_ptr<const Tensor>& b) {
  if (a == b) return true;
  if (!a || !b) return false;
  if (a->address() == b->address() && a->shape() == b->shape() && a->storage() == b->storage()) return true;
  return a->size() <= largest_hashed_constant && identical(*a, *b);
}

std::size_t hash_tensor(const Tensor& tensor) {
  std::size_t h = static_cast<std::size_t>(tensor.size());
  if (tensor.size() > largest_hashed_constant) return h;
  for (std::int64_t i = 0; i < tensor.size(); ++i) {
    const double value = tensor.real(i);
    std::uint64_t bits;
    std::memcpy(&bits, &value, sizeof bits);
    mix(h, bits);
  }
  return h;
}

std::size_t hash_node(const Operation& operation, std::span<const NodeId> inputs,
                      const Attributes& attributes) {
  std::size_t h = std::hash<const void*>{}(&operation);
  for (const NodeId id : inputs) mix(h, id);
  for (const std::int64_t value : attributes.integers) mix(h, static_cast<std::size_t>(value));
  if (attributes.tensor) mix(h, hash_tensor(*attributes.tensor));
  if (attributes.scan) {
    mix(h, attributes.scan->axis);
    for (const NodeId id : attributes.scan->next) mix(h, id);
  }
  return h;
}

}  // namespace

bool Attributes::operator==(const Attributes& other) const {
  return integers == other.integers && text == other.text && same_tensor(tensor, other.tensor) &&
         (scan == other.scan || (scan && other.scan && *scan == *other.scan));
}

AxisId Graph::add_axis(std::string name, std::int64_t size, AxisKind kind) {
  axes_.push_back({std::move(name), size, kind});
  return static_cast<AxisId>(axes_.size() - 1);
}

Expr Graph::add(const Operation& operation, std::initializer_list<Expr> inputs, Attributes attributes) {
  return add(operation, std::span<const Expr>(inputs.begin(), inputs.size()), std::move(attributes));
}

Expr Graph::add(const Operation& operation, std::span<const Expr> inputs, Attributes attributes) {
  if (operation.arity >= 0 && inputs.size() != static_cast<std::size_t>(operation.arity)) {
    throw lang::InternalError("operation " + std::string(operation.name) + " takes " +
                              std::to_string(operation.arity) + " inputs, not " +
                              std::to_string(inputs.size()));
  }
  std::vector<NodeId> ids;
  std::vector<Type> types;
  ids.reserve(inputs.size());
  types.reserve(inputs.size());
  for (const Expr& input : inputs) {
    if (!input || &input.graph() != this) {
      throw lang::InternalError("an input of " + std::string(operation.name) + " belongs to another graph");
    }
    ids.push_back(input.id());
    types.push_back(input.type());
  }
  // A symmetric operation has one normal order of its inputs, so that a + b and b + a are one node.
  if (operation.commutative && ids.size() == 2 && ids[1] < ids[0]) {
    std::swap(ids[0], ids[1]);
    std::swap(types[0], types[1]);
  }
  const std::size_t hash = hash_node(operation, ids, attributes);
  for (auto [it, last] = index_.equal_range(hash); it != last; ++it) {
    const Node& node = nodes_[it->second];
    if (node.operation == &operation && node.inputs == ids && node.attributes == attributes) {
      return Expr(*this, it->second);
    }
  }
  TypeResult result = operation.infer({this, types, &attributes});
  if (!result.error.empty()) {
    throw lang::Failure({.code = "shape-mismatch",
                         .message = std::move(result.error),
                         .span = {},
                         .related = {},
                         .hint = {}});
  }
  nodes_.push_back({&operation, std::move(ids), std::move(attributes), std::move(result.type)});
  const auto id = static_cast<NodeId>(nodes_.size() - 1);
  index_.emplace(hash, id);
  return Expr(*this, id);
}

Expr Graph::input(std::string name, Type type) {
  // Inputs are never shared: two latent variables of one name in two graphs of one model are different
  // values.
  nodes_.push_back(
      {&input_operation, {}, {.integers = {}, .text = std::move(name), .tensor = nullptr}, std::move(type)});
  return Expr(*this, static_cast<NodeId>(nodes_.size() - 1));
}

Expr Graph::slot(std::string name, Type type) {
  std::size_t hash = std::hash<std::string>{}(name);
  for (const AxisId axis : type.axes) mix(hash, axis);
  for (const std::int64_t size : type.event) mix(hash, static_cast<std::size_t>(size));
  for (auto [it, last] = index_.equal_range(hash); it != last; ++it) {
    const Node& node = nodes_[it->second];
    if (node.operation == &input_operation && node.attributes.text == name && node.type == type) {
      return Expr(*this, it->second);
    }
  }
  const Expr made = input(std::move(name), std::move(type));
  nodes_[made.id()].attributes.integers = {1};
  index_.emplace(hash, made.id());
  return made;
}

Expr Graph::constant(double value) { return constant(Tensor::scalar(value)); }

Expr Graph::constant(const Tensor& tensor) { return constant(tensor, {}); }

Expr Graph::constant(const Tensor& tensor, const std::vector<AxisId>& axes) {
  Attributes attributes;
  attributes.tensor = std::make_shared<const Tensor>(tensor);
  attributes.integers.assign(axes.begin(), axes.end());
  return add(constant_operation, std::span<const Expr>(), std::move(attributes));
}

std::int64_t Graph::element_count(const Type& type) const {
  std::int64_t count = runtime::element_count(type.event);
  for (const AxisId id : type.axes) count *= axes_[id].size;
  return count;
}

std::string Graph::show(const Type& type) const {
  static constexpr const char* domain_names[] = {"bool", "int", "real"};
  std::string text;
  if (!type.axes.empty()) {
    text += "{";
    for (std::size_t i = 0; i < type.axes.size(); ++i) {
      if (i) text += ", ";
      text += axes_[type.axes[i]].name + ": " + std::to_string(axes_[type.axes[i]].size);
    }
    text += "} ";
  }
  text += domain_names[static_cast<int>(type.domain)];
  if (!type.event.empty()) text += runtime::show(type.event);
  return text;
}

std::vector<NodeId> topological_order(const Graph& graph, std::span<const Expr> roots) {
  // Inputs always have smaller numbers than the nodes that use them, so numeric order is a topological order.
  std::vector<bool> seen(graph.size());
  std::vector<NodeId> stack, order;
  for (const Expr& root : roots) stack.push_back(root.id());
  while (!stack.empty()) {
    const NodeId id = stack.back();
    stack.pop_back();
    if (seen[id]) continue;
    seen[id] = true;
    order.push_back(id);
    for (const NodeId input : graph.node(id).inputs) stack.push_back(input);
  }
  std::sort(order.begin(), order.end());
  return order;
}

Expr rebuild(Graph& graph, const Node& node, std::span<const Expr> inputs) {
  if (node.operation->rebuild) return node.operation->rebuild(graph, node, inputs);
  return graph.add(*node.operation, inputs, node.attributes);
}

std::vector<Expr> substitute(std::span<const Expr> roots,
                             const std::unordered_map<NodeId, Expr>& replacements) {
  if (roots.empty()) return {};
  Graph& graph = roots[0].graph();
  std::unordered_map<NodeId, Expr> rebuilt;
  for (const NodeId id : topological_order(graph, roots)) {
    if (const auto it = replacements.find(id); it != replacements.end()) {
      rebuilt[id] = it->second;
      continue;
    }
    const Node& node = graph.node(id);
    std::vector<Expr> inputs;
    bool changed = false;
    for (const NodeId input : node.inputs) {
      inputs.push_back(rebuilt.at(input));
      changed = changed || inputs.back().id() != input;
    }
    rebuilt[id] = changed ? rebuild(graph, node, inputs) : Expr(graph, id);
  }
  std::vector<Expr> result;
  for (const Expr& root : roots) result.push_back(rebuilt.at(root.id()));
  return result;
}

Expr substitute(Expr root, const std::unordered_map<NodeId, Expr>& replacements) {
  return substitute(std::span(&root, 1), replacements)[0];
}

namespace {

std::string show_attributes(const Node& node) {
  std::string text;
  if (!node.attributes.text.empty()) text += " \"" + node.attributes.text + "\"";
  if (node.attributes.tensor) {
    const Tensor& tensor = *node.attributes.tensor;
    text += " [";
    for (std::int64_t i = 0; i < tensor.size() && i < 4; ++i) {
      text += (i ? ", " : "") + show_real(tensor.real(i));
    }
    text += tensor.size() > 4 ? ", …]" : "]";
    return text;
  }
  if (!node.attributes.integers.empty()) {
    text += " <";
    for (std::size_t i = 0; i < node.attributes.integers.size(); ++i) {
      text += (i ? ", " : "") + std::to_string(node.attributes.integers[i]);
    }
    text += ">";
  }
  return text;
}

using Numbering = std::unordered_map<NodeId, std::size_t>;

std::string show_nodes(const Graph& graph, std::span<const Expr> roots, const std::string& indent,
                       Numbering& number);

std::string show_list(const std::vector<NodeId>& ids, const Numbering& number) {
  std::string text;
  for (const NodeId id : ids) text += " %" + std::to_string(number.at(id));
  return text;
}

// The body of a recurrence, numbered by itself.
std::string show_body(const Graph& graph, const ScanBody& body, const std::string& indent) {
  Graph& nodes = const_cast<Graph&>(graph);  // an Expr can change its graph; here none does
  std::vector<Expr> roots;
  for (const auto* list : {&body.next, &body.draws}) {
    for (const NodeId id : *list) roots.push_back(nodes.at(id));
  }
  Numbering number;
  std::string text;
  for (const auto* list : {&body.carries, &body.operands}) {
    for (const NodeId id : *list) text += show_nodes(graph, std::array{nodes.at(id)}, indent, number);
  }
  text += show_nodes(graph, roots, indent, number);
  text += indent + "next" + show_list(body.next, number) + "\n";
  if (!body.draws.empty()) text += indent + "draws" + show_list(body.draws, number) + "\n";
  return text;
}

std::string show_operation(const Graph& graph, const Node& node, const Numbering& number) {
  static constexpr const char* part_names[] = {"before", "after", "last", "draw"};
  const auto& attributes = node.attributes;
  // placeholders of a body are marked by a number (Graph::slot)
  const bool is_slot = node.operation == &input_operation && !attributes.integers.empty();
  std::string text = is_slot ? attributes.text : std::string(node.operation->name);
  text += show_list(node.inputs, number);
  if (is_slot) return text;
  if (node.operation == &scan_output_operation) {
    return text + " " + part_names[attributes.integers[0]] + " " + std::to_string(attributes.integers[1] + 1);
  }
  if (node.operation != &scan_operation) return text + show_attributes(node);
  return text + (attributes.scan->reverse ? " back along " : " along ") +
         graph.axis(attributes.scan->axis).name;
}

std::string show_nodes(const Graph& graph, std::span<const Expr> roots, const std::string& indent,
                       Numbering& number) {
  // Numbered anew from 1, so that the text depends on the expression alone.
  std::string text;
  for (const NodeId id : topological_order(graph, roots)) {
    const Node& node = graph.node(id);
    if (!number.emplace(id, number.size() + 1).second) continue;
    text += indent + "%" + std::to_string(number[id]) + " = " + show_operation(graph, node, number) + " : " +
            graph.show(node.type) + "\n";
    if (node.operation == &scan_operation) text += show_body(graph, *node.attributes.scan, indent + "    ");
  }
  return text;
}

}  // namespace

std::string show(const Graph& graph, std::span<const Expr> roots) {
  Numbering number;
  std::string text = show_nodes(graph, roots, "", number) + "return";
  for (const Expr& root : roots) text += " %" + std::to_string(number[root.id()]);
  return text + "\n";
}

}  // namespace elbo::runtime
