// A plate diagram as Graphviz DOT, with the conventions of Bishop (2006), chapter 8: random variables are
// circles, observed ones shaded, deterministic quantities have a double line, parameters are dots, factors
// squares, plates boxes with their range in the lower right corner. Data that enter are plain text in grey.
#include <algorithm>

#include "runtime/diagram.hpp"

namespace elbo::runtime {

namespace {

std::string quoted(const std::string& text) {
  std::string result = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') result += '\\';
    result += c;
  }
  return result + "\"";
}

std::string as_html(const std::string& text) {
  std::string result;
  for (const char c : text) {
    result += c == '&' ? "&amp;" : c == '<' ? "&lt;" : c == '>' ? "&gt;" : std::string(1, c);
  }
  return result;
}

std::string small(const std::string& text) {
  return "<br/><font point-size=\"9\" color=\"grey30\">" + as_html(text) + "</font>";
}

std::string distributions(const DiagramNode& node) {
  std::string text;
  for (const std::string& d : node.distributions) text += (text.empty() ? "" : " or ") + d;
  return text;
}

/// Name, distribution and note, one below the other.
std::string lines(const DiagramNode& node) {
  std::string label = as_html(node.name);
  if (!node.distributions.empty()) label += small(distributions(node));
  if (!node.note.empty()) label += small(node.note);
  return label;
}

constexpr const char* table = "<table border=\"0\" cellborder=\"0\" cellspacing=\"0\" cellpadding=\"0\">";

std::string row(const std::string& text) { return "<tr><td>" + text + "</td></tr>"; }

/// Edges begin or end at the mark.
std::string mark(const std::string& sign) {
  return "<tr><td port=\"mark\" height=\"12\" width=\"14\">" + sign + "</td></tr>";
}

std::string random_node(const DiagramNode& node) {
  const bool is_observed = node.kind == NodeKind::observed;
  return "label=<" + lines(node) + ">" + (is_observed ? ", style=filled, fillcolor=\"grey85\"" : "");
}

std::string quantity_node(const DiagramNode& node) { return "label=<" + lines(node) + ">, peripheries=2"; }

std::string parameter_node(const DiagramNode& node) {
  return std::string("label=<") + table + row(lines(node)) + mark("●") + "</table>>, shape=plain";
}

std::string data_node(const DiagramNode& node) {
  return "label=<" + lines(node) +
         ">, shape=box, style=\"filled,rounded\", color=none, fillcolor=\"grey93\"" +
         ", margin=\"0.06,0.03\", width=0, height=0";
}

std::string factor_node(const DiagramNode& node) {
  return std::string("label=<") + table + mark("■") +
         row("<font point-size=\"9\" color=\"grey30\">" + as_html(node.name) + "</font>") +
         "</table>>, shape=plain";
}

std::string attributes(const DiagramNode& node) {
  using Style = std::string (*)(const DiagramNode&);
  static constexpr Style styles[]{random_node,    random_node, quantity_node,
                                  parameter_node, data_node,   factor_node};
  return styles[static_cast<std::size_t>(node.kind)](node);
}

bool has_mark(const DiagramNode& node) {
  return node.kind == NodeKind::parameter || node.kind == NodeKind::factor;
}

/// Writes a diagram.
class DotWriter {
 public:
  explicit DotWriter(const Diagram& diagram) : diagram_(diagram) {}

  std::string write() {
    text_ = "digraph " + quoted(diagram_.name) +
            " {\n"
            "  graph [fontname=\"Helvetica\", fontsize=11, ranksep=0.35, nodesep=0.3];\n"
            "  node [fontname=\"Helvetica\", fontsize=12, margin=\"0.05,0.03\"];\n"
            "  edge [fontname=\"Helvetica\", fontsize=9, arrowsize=0.7];\n";
    contents(std::nullopt, "  ");
    for (const DiagramEdge& edge : diagram_.edges) write(edge);
    return text_ + "}\n";
  }

 private:
  using Plate = std::optional<std::size_t>;

  bool is_inside(Plate plate, std::size_t outer) const {
    while (plate && *plate != outer) plate = diagram_.plates[*plate].parent;
    return plate.has_value();
  }

  bool reaches(std::size_t from, std::size_t to) const {
    std::vector<bool> seen(diagram_.nodes.size());
    std::vector<std::size_t> stack{from};
    while (!stack.empty()) {
      const std::size_t node = stack.back();
      stack.pop_back();
      if (node == to) return true;
      if (seen[node]) continue;
      seen[node] = true;
      for (const DiagramEdge& edge : diagram_.edges) {
        if (edge.from == node) stack.push_back(edge.to);
      }
    }
    return false;
  }

  /// From one turn to the next, or from data to what precedes them: such an edge says nothing of what stands
  /// above what.
  bool goes_back(const DiagramEdge& edge) const {
    const bool may = !edge.label.empty() || diagram_.nodes[edge.from].kind == NodeKind::observed;
    return may && reaches(edge.to, edge.from);
  }

  bool leaves(const DiagramEdge& edge, std::size_t plate) const {
    return !goes_back(edge) && is_inside(diagram_.nodes[edge.from].plate, plate) &&
           !is_inside(diagram_.nodes[edge.to].plate, plate);
  }

  void contents(Plate plate, const std::string& indent) {
    for (const DiagramNode& node : diagram_.nodes) {
      if (node.plate == plate) text_ += indent + quoted(node.name) + " [" + attributes(node) + "];\n";
    }
    for (std::size_t i = 0; i < diagram_.plates.size(); ++i) {
      if (diagram_.plates[i].parent != plate) continue;
      text_ += indent + "subgraph \"cluster " + std::to_string(i + 1) + "\" {\n";
      text_ += indent + "  style=rounded; margin=10;\n";
      contents(i, indent + "  ");
      label(i, indent + "  ");
      text_ += indent + "}\n";
    }
  }

  /// The range stands in the lower right corner. An edge that leaves the plate would run over it there: then
  /// it is a node of its own below the others, which edges keep clear of.
  void label(std::size_t plate, const std::string& indent) {
    const auto& edges = diagram_.edges;
    const std::string range = quoted(diagram_.plates[plate].label);
    if (std::none_of(edges.begin(), edges.end(), [&](const auto& edge) { return leaves(edge, plate); })) {
      text_ += indent + "label=" + range + "; labelloc=b; labeljust=r;\n";
      return;
    }
    const std::string name = quoted("plate " + std::to_string(plate + 1));
    text_ += indent + name + " [label=" + range + ", shape=plain, fontsize=11];\n";
    for (std::size_t i = 0; i < diagram_.nodes.size(); ++i) {
      if (!is_inside(diagram_.nodes[i].plate, plate)) continue;
      const bool is_last = std::none_of(edges.begin(), edges.end(), [&](const DiagramEdge& edge) {
        return edge.from == i && !goes_back(edge) && !leaves(edge, plate);
      });
      if (is_last) text_ += indent + quoted(diagram_.nodes[i].name) + " -> " + name + " [style=invis];\n";
    }
  }

  void write(const DiagramEdge& edge) {
    const DiagramNode &from = diagram_.nodes[edge.from], &to = diagram_.nodes[edge.to];
    text_ += "  " + quoted(from.name) + (has_mark(from) ? ":mark:s" : "") + " -> " + quoted(to.name) +
             (has_mark(to) ? ":mark:n" : "");
    std::string style;
    const auto add = [&](const std::string& text) { style += (style.empty() ? "" : ", ") + text; };
    if (!edge.label.empty()) add("label=" + quoted(" " + edge.label + " "));
    if (edge.from != edge.to && goes_back(edge)) add("constraint=false");
    if (to.kind == NodeKind::factor) add("dir=none");  // a factor has no direction
    text_ += (style.empty() ? "" : " [" + style + "]") + ";\n";
  }

  const Diagram& diagram_;
  std::string text_;
};

}  // namespace

std::string to_dot(const Diagram& diagram) { return DotWriter(diagram).write(); }

std::string to_dot(const ModelGraph& model) { return to_dot(diagram_of(model)); }

}  // namespace elbo::runtime
