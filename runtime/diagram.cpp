// From the graph of random variables and the text of its statements to a plate diagram. The statements say
// where nodes stand, what they are called and by which names they read others; the graph says which reads
// count, and adds what the text does not show.
#include "runtime/diagram.hpp"

#include <algorithm>
#include <set>

#include "runtime/diagram_reads.hpp"
#include "runtime/diagram_statements.hpp"

namespace elbo::runtime {

namespace {

bool is_number(const lang::Expression& e) { return std::holds_alternative<lang::IntegerLiteral>(e.node); }

/// Every index is a number: `z[1]`, the start of a chain.
bool all_numbers(const std::vector<lang::ExpressionPtr>& indices) {
  return !indices.empty() &&
         std::all_of(indices.begin(), indices.end(), [](const auto& i) { return is_number(*i); });
}

/// An index of the form `t - 1`, t the index of a loop.
bool is_shift(const lang::Expression& index) {
  const auto* sum = std::get_if<lang::BinaryExpression>(&index.node);
  return sum != nullptr && (sum->operation == "-" || sum->operation == "+") && is_number(*sum->right) &&
         std::holds_alternative<lang::NameExpression>(sum->left->node);
}

/// How a reader meets the entries of a variable.
enum class Meeting : std::uint8_t { whole, own_index, shifted, fixed };

Meeting meeting(const Source& source) {
  if (source.index == nullptr) return Meeting::whole;
  const auto& indices = source.index->indices;
  if (all_numbers(indices)) return Meeting::fixed;
  if (std::any_of(indices.begin(), indices.end(), [](const auto& i) { return is_shift(*i); }))
    return Meeting::shifted;
  const Nest nest = source.place.nest();
  const auto is_loop_index = [&](const lang::ExpressionPtr& i) {
    const auto* name = std::get_if<lang::NameExpression>(&i->node);
    return name != nullptr && std::any_of(nest.begin(), nest.end(), [&](const auto& loop) {
             return loop.second.statement->variable.name == name->name;
           });
  };
  return std::all_of(indices.begin(), indices.end(), is_loop_index) ? Meeting::own_index : Meeting::whole;
}

class Builder {
 public:
  explicit Builder(const ModelGraph& model)
      : model_(model),
        bodies_(read_bodies(model)),
        plates_(model),
        drawn_(drawn_statements(model, bodies_, plates_)),
        names_(bodies_, [this](const std::string& name) { return variables_.contains(name); }) {}

  Diagram build() {
    diagram_.name = model_.name;
    diagram_.is_guide = model_.is_guide;
    for (Drawn& drawn : drawn_) {
      if (!drawn.node.variable.empty()) variables_.insert(drawn.node.variable);
      add_node(drawn);
    }
    for (const Drawn& drawn : drawn_) add_edges(drawn);
    // Quantities first: what they use is seen through them.
    for (const bool quantities : {true, false}) {
      for (const Drawn& drawn : drawn_) {
        if ((drawn.node.kind == NodeKind::quantity) == quantities) add_unseen(drawn);
      }
    }
    for (const auto& [ends, indices] : edges_) add_edge(ends, indices);
    diagram_.plates = plates_.drawn();
    return std::move(diagram_);
  }

 private:
  using Ends = std::pair<std::size_t, std::size_t>;
  struct Indices {
    std::vector<std::string> texts;
    bool is_shifted = false;
  };

  // ---- nodes ----

  void add_node(Drawn& drawn) {
    DiagramNode& node = drawn.node;
    if (drawn.site != nullptr) {
      const Nest nest = drawn.body->loops_around(*drawn.site);
      node.plate = plates_.find(nest);
      const std::string part = nest.empty() || drawn.is_missing ? "" : plates_.part(nest);
      if (!part.empty()) node.note += (node.note.empty() ? "" : "; ") + part;
    }
    for (std::size_t i = 0; i < diagram_.nodes.size(); ++i) {
      DiagramNode& other = diagram_.nodes[i];
      const bool same = other.name == node.name && other.variable == node.variable &&
                        other.plate == node.plate && node.kind != NodeKind::factor;
      if (!same) continue;
      for (const std::string& d : node.distributions) {
        if (std::find(other.distributions.begin(), other.distributions.end(), d) == other.distributions.end())
          other.distributions.push_back(d);
      }
      if (other.note != node.note) other.note.clear();
      drawn.index = i;
      return;
    }
    drawn.index = insert(node);
    const auto* target = drawn.site == nullptr ? nullptr : drawn.site->target;
    if (target != nullptr && all_numbers(target->indices)) fixed_.insert(drawn.index);
  }

  std::size_t insert(DiagramNode node) {
    const std::string name = node.name;
    for (int count = 2; diagram_.find(node.name) != nullptr; ++count)
      node.name = name + " (" + std::to_string(count) + ")";
    diagram_.nodes.push_back(std::move(node));
    return diagram_.nodes.size() - 1;
  }

  // ---- edges ----

  void add_edges(const Drawn& drawn) {
    if (drawn.site == nullptr) return;
    const Place place{drawn.body, drawn.site};
    std::vector<Source> sources;
    const auto collect = [&](const Site& site, const lang::Expression& e, bool selects) {
      const auto found = names_.sources(e, {place.body, &site}, selects);
      sources.insert(sources.end(), found.begin(), found.end());
    };
    if (drawn.returned_by != nullptr) {
      for (const lang::Expression* result : drawn.returned_by->results) {
        for (const Source& source : names_.sources(*result, {drawn.returned_by, nullptr}, false))
          sources.push_back(source);
      }
    } else {
      for (const lang::Expression* use : drawn.site->uses) collect(*drawn.site, *use, false);
    }
    for (const lang::Expression* condition : drawn.site->conditions) collect(*drawn.site, *condition, true);
    // A name that is assigned to later depends on what it is given then.
    if (drawn.site->is_let && drawn.site->target->indices.empty()) {
      for (const Site& site : drawn.body->sites) {
        const bool assigns = !site.is_let && !site.is_sample && !site.is_param && !site.is_factor &&
                             site.target->name.name == drawn.site->target->name.name;
        for (const lang::Expression* use : site.uses) {
          if (assigns) collect(site, *use, false);
        }
      }
    }
    const std::set<std::string> used = used_by(drawn);
    for (const Source& source : sources) link(source, drawn, used);
  }

  /// Latent variables and parameters that the node's expressions use, directly or through quantities.
  std::set<std::string> used_by(const Drawn& drawn) const {
    std::set<std::string> result;
    if (drawn.expressions.empty()) return result;
    const auto order = topological_order(*model_.graph, drawn.expressions);
    const std::set<NodeId> needed(order.begin(), order.end());
    for (const RandomVariable& v : model_.variables) {
      if (!v.observed && needed.contains(v.value.id())) result.insert(v.name);
    }
    for (const PointParameter& p : model_.parameters) {
      if (needed.contains(p.unconstrained.id())) result.insert(p.name);
    }
    return result;
  }

  void link(const Source& source, const Drawn& drawn, const std::set<std::string>& used) {
    if (source.variable.empty()) {
      note_edge(data_node(source), drawn.index, source, false);
      return;
    }
    std::vector<std::size_t> all;
    for (std::size_t i = 0; i < diagram_.nodes.size(); ++i) {
      if (diagram_.nodes[i].variable == source.variable) all.push_back(i);
    }
    const NodeKind kind = diagram_.nodes[all.front()].kind;
    const bool can_be_unused = kind == NodeKind::latent || kind == NodeKind::parameter;
    if (can_be_unused && !used.contains(source.variable)) return;
    const Meeting how = meeting(source);
    std::vector<std::size_t> met;
    for (const std::size_t i : all) {
      const bool is_fixed = fixed_.contains(i);
      if (how == Meeting::own_index && is_fixed) continue;
      if (how == Meeting::fixed &&
          diagram_.nodes[i].name != source.variable + "[" + index_text(source.index->indices) + "]")
        continue;
      met.push_back(i);
    }
    for (const std::size_t i : met.empty() ? all : met) {
      const auto& plate = diagram_.nodes[i].plate;
      const bool in_same_plate = plate && plate == diagram_.nodes[drawn.index].plate;
      note_edge(i, drawn.index, source, how == Meeting::shifted && in_same_plate);
    }
  }

  void note_edge(std::size_t from, std::size_t to, const Source& source, bool shifted) {
    if (from == to && !shifted) return;
    Indices& indices = edge(from, to);
    indices.is_shifted = indices.is_shifted || shifted;
    const std::string text = source.index == nullptr ? "" : index_text(source.index->indices);
    if (!text.empty() && std::find(indices.texts.begin(), indices.texts.end(), text) == indices.texts.end())
      indices.texts.push_back(text);
  }

  Indices& edge(std::size_t from, std::size_t to) {
    const Ends ends{from, to};
    const auto it =
        std::find_if(edges_.begin(), edges_.end(), [&](const auto& entry) { return entry.first == ends; });
    if (it != edges_.end()) return it->second;
    edges_.emplace_back(ends, Indices{});
    return edges_.back().second;
  }

  void add_edge(const Ends& ends, const Indices& indices) {
    std::string label;
    for (const std::string& text : indices.texts) {
      if (indices.is_shifted) label += (label.empty() ? "" : "; ") + text;
    }
    diagram_.edges.push_back({ends.first, ends.second, std::move(label)});
  }

  /// Data are drawn once per plate, in the plates whose indices they have.
  std::size_t data_node(const Source& source) {
    const std::string index = source.index == nullptr ? "" : index_text(source.index->indices);
    DiagramNode node;
    node.kind = NodeKind::data;
    node.variable = source.data;
    node.name = index.empty() ? source.data : source.data + "[" + index + "]";
    node.plate = data_plate(source);
    if (index.empty() && source.value != nullptr && source.value->is<Tensor>())
      node.note = type_name(*source.value);
    for (std::size_t i = 0; i < diagram_.nodes.size(); ++i) {
      const DiagramNode& other = diagram_.nodes[i];
      if (other.kind != NodeKind::data || other.variable != node.variable || other.plate != node.plate)
        continue;
      if (node.plate || other.name == node.name) {
        // The plainest index is the node's name.
        if (node.name.size() < other.name.size()) diagram_.nodes[i].name = node.name;
        return i;
      }
    }
    return insert(std::move(node));
  }

  std::optional<std::size_t> data_plate(const Source& source) const {
    const Nest nest = source.place.nest();
    if (source.index == nullptr) {
      // A value that every turn of a loop computes from data.
      return source.value == nullptr ? plates_.find(nest) : std::nullopt;
    }
    std::set<std::string> names;
    for (const auto& index : source.index->indices) {
      for (const Read& read : reads_of(*index)) names.insert(read.name);
    }
    Nest mentioned, around;
    for (const auto& loop : nest) {
      if (names.contains(loop.second.statement->variable.name)) mentioned.push_back(loop);
    }
    if (const auto plate = plates_.find(mentioned); plate || mentioned.empty()) return plate;
    for (const auto& loop : nest) {
      around.push_back(loop);
      if (loop.second.statement == mentioned.back().second.statement) break;
    }
    return plates_.find(around);
  }

  /// Edges for what the node's expressions use though no name in its statement leads there.
  void add_unseen(const Drawn& drawn) {
    std::set<std::string> seen{drawn.node.variable};
    std::vector<std::size_t> stack{drawn.index};
    if (drawn.node.kind == NodeKind::quantity) {
      // Its expression is that of all its entries.
      if (fixed_.contains(drawn.index)) return;
      for (std::size_t i = 0; i < diagram_.nodes.size(); ++i) {
        if (diagram_.nodes[i].variable == drawn.node.variable) stack.push_back(i);
      }
    }
    std::set<std::size_t> done;
    while (!stack.empty()) {
      const std::size_t to = stack.back();
      stack.pop_back();
      if (!done.insert(to).second) continue;
      for (const auto& [ends, indices] : edges_) {
        if (ends.second != to) continue;
        const DiagramNode& from = diagram_.nodes[ends.first];
        seen.insert(from.variable);
        if (from.kind == NodeKind::quantity) stack.push_back(ends.first);
      }
    }
    for (const std::string& name : used_by(drawn)) {
      if (seen.contains(name)) continue;
      for (std::size_t i = 0; i < diagram_.nodes.size(); ++i) {
        if (diagram_.nodes[i].variable == name) edge(i, drawn.index);
      }
    }
  }

  const ModelGraph& model_;
  std::vector<SourceBody> bodies_;
  PlateTable plates_;
  std::vector<Drawn> drawn_;
  std::set<std::string> variables_;  // names of variables, parameters and quantities
  NameFollower names_;
  std::set<std::size_t> fixed_;  // nodes of single entries, as z[1]
  std::vector<std::pair<Ends, Indices>> edges_;
  Diagram diagram_;
};

}  // namespace

const DiagramNode* Diagram::find(const std::string& wanted) const {
  const auto it =
      std::find_if(nodes.begin(), nodes.end(), [&](const DiagramNode& node) { return node.name == wanted; });
  return it == nodes.end() ? nullptr : &*it;
}

Diagram diagram_of(const ModelGraph& model) { return Builder(model).build(); }

}  // namespace elbo::runtime
