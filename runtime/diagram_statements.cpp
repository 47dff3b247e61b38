// Statements of a model's text and what the graph of random variables has of them.
#include "runtime/diagram_statements.hpp"

#include <algorithm>
#include <set>

#include "lang/print.hpp"

namespace elbo::runtime {

namespace {

bool is_same(const lang::Span& a, const lang::Span& b) {
  return a.source == b.source && a.begin == b.begin && a.end == b.end;
}

class StatementFinder {
 public:
  StatementFinder(const ModelGraph& model, const std::vector<SourceBody>& bodies, PlateTable& plates)
      : model_(model), bodies_(bodies), plates_(plates) {}

  std::vector<Drawn> find() {
    find_statements();
    find_others();
    for (const Drawn& drawn : drawn_) {
      if (drawn.site != nullptr) plates_.add(drawn.body->loops_around(*drawn.site));
    }
    return std::move(drawn_);
  }

 private:
  void find_statements() {
    for (const SourceBody& body : bodies_) {
      for (const Site& site : body.sites) {
        const std::string name = site.target == nullptr ? "" : body.body->prefix + site.target->name.name;
        if (site.is_sample) find_variable(body, site, name);
        if (site.is_sample) find_embedded(body, site, name);
        if (site.is_let) find_quantity(body, site, name);
        if (site.is_param) find_parameter(body, site, name);
        if (site.is_factor) find_factor(body, site);
      }
    }
  }

  Drawn& add(const SourceBody* body, const Site* site, NodeKind kind, const std::string& variable) {
    Drawn drawn;
    drawn.body = body;
    drawn.site = site;
    drawn.node.kind = kind;
    drawn.node.variable = variable;
    drawn.node.name = site != nullptr && site->target != nullptr ? body->full_name(*site) : variable;
    drawn_.push_back(std::move(drawn));
    return drawn_.back();
  }

  void find_variable(const SourceBody& body, const Site& site, const std::string& name) {
    for (const RandomVariable& v : model_.variables) {
      const bool is_missing = v.name == name + "_missing";
      if (v.name != name && !is_missing) continue;
      const auto part = std::find_if(v.parts.begin(), v.parts.end(),
                                     [&](const VariablePart& p) { return is_same(p.span, site.span); });
      if (part == v.parts.end()) continue;
      Drawn& drawn = add(&body, &site, v.observed ? NodeKind::observed : NodeKind::latent, v.name);
      describe(drawn, v, *part);
      if (is_missing) drawn.node.name = v.name;
      drawn.is_missing = is_missing;
      const bool incomplete = model_.find(name + "_missing") != nullptr && !model_.is_guide;
      if (!incomplete) continue;
      std::int64_t count = 0;
      for (const VariablePart& p : v.parts) count += p.positions ? p.positions->size() : 0;
      drawn.node.note = std::to_string(count) + (is_missing ? " missing" : " observed");
    }
  }

  void describe(Drawn& drawn, const RandomVariable& v, const VariablePart& part) const {
    std::string distribution(part.call.distribution->name);
    // What is drawn is unconstrained, and mapped to the support.
    if (part.bijector && part.bijector->kind->name != "real")
      distribution += " → " + std::string(part.bijector->kind->name);
    drawn.node.distributions = {std::move(distribution)};
    drawn.expressions = part.call.given;
    drawn.expressions.insert(drawn.expressions.end(), part.support.bounds.begin(), part.support.bounds.end());
    drawn.node.note = shape_note(v.value, v.indexed.size());
  }

  void find_quantity(const SourceBody& body, const Site& site, const std::string& name) {
    for (const DeterministicQuantity& q : model_.quantities) {
      const bool indexed = !site.target->indices.empty();
      if (q.name != name || (!indexed && !is_same(q.span, site.span))) continue;
      Drawn& drawn = add(&body, &site, NodeKind::quantity, name);
      drawn.expressions = {q.value};
      const Nest nest = body.loops_around(site);
      const bool is_cut = plates_.is_ragged(nest) || !site.conditions.empty();
      const std::size_t leading = indexed ? index_count(body, site) : nest.size();
      if (indexed || !is_cut) drawn.node.note = shape_note(q.value, leading);
      return;
    }
  }

  /// What an embedded model returns is an array when the statement has an index.
  void find_embedded(const SourceBody& body, const Site& site, const std::string& name) {
    const auto inner = std::find_if(bodies_.begin(), bodies_.end(),
                                    [&](const SourceBody& b) { return b.body->prefix == name + "."; });
    if (inner == bodies_.end()) return;
    for (const DeterministicQuantity& q : model_.quantities) {
      if (q.name != name) continue;
      Drawn& drawn = add(&body, &site, NodeKind::quantity, name);
      drawn.expressions = {q.value};
      drawn.returned_by = &*inner;
      drawn.node.note = shape_note(q.value, index_count(body, site));
    }
  }

  void find_parameter(const SourceBody& body, const Site& site, const std::string& name) {
    for (const PointParameter& p : model_.parameters) {
      if (p.name != name) continue;
      Drawn& drawn = add(&body, &site, NodeKind::parameter, name);
      drawn.node.note = shape_note(p.value, index_count(body, site));
    }
  }

  void find_factor(const SourceBody& body, const Site& site) {
    for (const FactorTerm& factor : model_.factors) {
      if (!is_same(factor.span, site.span)) continue;
      Drawn& drawn = add(&body, &site, NodeKind::factor, "");
      drawn.node.name = "factor " + lang::show(*site.uses.front());
      drawn.expressions = {factor.log_density};
      return;
    }
  }

  /// What has no statement: a guide that was made, not written.
  void find_others() {
    std::set<std::string> written;
    for (const Drawn& drawn : drawn_) written.insert(drawn.node.variable);
    const auto is_new = [&](const std::string& name) { return !written.contains(name); };
    for (const RandomVariable& v : model_.variables) {
      if (!is_new(v.name)) continue;
      for (const VariablePart& part : v.parts) {
        Drawn& drawn = add(nullptr, nullptr, v.observed ? NodeKind::observed : NodeKind::latent, v.name);
        describe(drawn, v, part);
        drawn.node.plate = plates_.add_axes(part.plates);
        std::string axes;
        for (const AxisId axis : part.plates)
          axes += (axes.empty() ? "" : ", ") + model_.graph->axis(axis).name;
        if (!axes.empty()) drawn.node.name += "[" + axes + "]";
      }
    }
    for (const PointParameter& p : model_.parameters) {
      if (!is_new(p.name)) continue;
      add(nullptr, nullptr, NodeKind::parameter, p.name).node.note = shape_note(p.value, 0);
    }
    for (const DeterministicQuantity& q : model_.quantities) {
      if (!is_new(q.name)) continue;
      Drawn& drawn = add(nullptr, nullptr, NodeKind::quantity, q.name);
      drawn.expressions = {q.value};
      drawn.node.note = shape_note(q.value, 0);
    }
  }

  std::size_t index_count(const SourceBody& body, const Site& site) const {
    const std::size_t outer = body.outer == nullptr ? 0 : index_count(*body.outer, *body.embedded_at);
    return outer + site.target->indices.size();
  }

  /// "real[8]" where an entry is not a single number.
  std::string shape_note(Expr value, std::size_t leading) const {
    Type type = value.type();
    if (type.event.size() <= leading) return {};
    type.axes.clear();
    type.event.erase(type.event.begin(), type.event.begin() + static_cast<std::ptrdiff_t>(leading));
    return model_.graph->show(type);
  }

  const ModelGraph& model_;
  const std::vector<SourceBody>& bodies_;
  PlateTable& plates_;
  std::vector<Drawn> drawn_;
};

}  // namespace

std::vector<Drawn> drawn_statements(const ModelGraph& model, const std::vector<SourceBody>& bodies,
                                    PlateTable& plates) {
  return StatementFinder(model, bodies, plates).find();
}

}  // namespace elbo::runtime
