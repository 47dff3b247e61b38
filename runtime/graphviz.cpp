// The graph of random variables as Graphviz DOT, with the conventions of Bishop (2006), chapter 8: observed
// nodes are shaded, deterministic ones drawn with a double line, parameters as dots, factors as squares.
#include <unordered_set>

#include "runtime/model_graph.hpp"

namespace elbo::runtime {

namespace {

std::string escaped(const std::string& text) {
  std::string result;
  for (const char c : text) {
    if (c == '"' || c == '\\') result += '\\';
    result += c;
  }
  return result;
}

/// Writes nodes and the edges into them.
class DotWriter {
 public:
  explicit DotWriter(const ModelGraph& model) : model_(model) {
    for (const RandomVariable& v : model.variables) {
      if (!v.observed) named_.push_back({v.value.id(), v.name});
    }
    for (const PointParameter& p : model.parameters) named_.push_back({p.value.id(), p.name});
    // A quantity that is only another name of a variable would hide it from its children.
    for (const DeterministicQuantity& q : model.quantities) {
      if (name_of(q.value.id()).empty()) named_.push_back({q.value.id(), q.name});
    }
  }

  std::string write() {
    text_ = "digraph \"" + escaped(model_.name) + "\" {\n  node [fontname=\"sans-serif\"];\n";
    for (const PointParameter& p : model_.parameters)
      node(p.name, p.name, "shape=point, xlabel=\"" + escaped(p.name) + "\"");
    for (const RandomVariable& v : model_.variables) {
      node(v.name, v.name + "\\n" + std::string(v.parts[0].call.distribution->name),
           v.observed ? "shape=ellipse, style=filled, fillcolor=lightgrey" : "shape=ellipse");
      for (const Expr& parameter : v.parts[0].call.given) edges(parameter, v.name);
      for (const Expr& bound : v.parts[0].support.bounds) edges(bound, v.name);
    }
    for (const DeterministicQuantity& q : model_.quantities) {
      node(q.name, q.name, "shape=ellipse, peripheries=2");
      edges(q.value, q.name);
    }
    for (std::size_t i = 0; i < model_.factors.size(); ++i) {
      const std::string name = "factor " + std::to_string(i + 1);
      node(name, name, "shape=square, style=filled, fillcolor=black, fontcolor=white");
      edges(model_.factors[i].log_density, name);
    }
    return text_ + "}\n";
  }

 private:
  struct Named {
    NodeId id;
    std::string name;
  };

  std::string name_of(NodeId id) const {
    for (const Named& each : named_) {
      if (each.id == id) return each.name;
    }
    return {};
  }

  void node(const std::string& name, const std::string& label, const std::string& style) {
    text_ += "  \"" + escaped(name) + "\" [label=\"";
    // "\n" between name and distribution is DOT's own escape and stays.
    text_ += label + "\", " + style + "];\n";
  }

  /// Edges from the nearest named nodes that an expression needs.
  void edges(Expr expression, const std::string& to) {
    std::vector<NodeId> stack{expression.id()};
    std::unordered_set<NodeId> seen;
    while (!stack.empty()) {
      const NodeId id = stack.back();
      stack.pop_back();
      if (!seen.insert(id).second) continue;
      const std::string from = name_of(id);
      if (!from.empty() && from != to) {
        const std::string line = "  \"" + escaped(from) + "\" -> \"" + escaped(to) + "\";\n";
        if (text_.find(line) == std::string::npos) text_ += line;
        continue;
      }
      for (const NodeId input : model_.graph->node(id).inputs) stack.push_back(input);
    }
  }

  const ModelGraph& model_;
  std::vector<Named> named_;
  std::string text_;
};

}  // namespace

std::string to_dot(const ModelGraph& model) { return DotWriter(model).write(); }

}  // namespace elbo::runtime
