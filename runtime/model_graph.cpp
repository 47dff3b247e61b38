// Questions to the graph of random variables, and its text.
#include "runtime/model_graph.hpp"

#include <algorithm>

#include "runtime/expression.hpp"
#include "runtime/format.hpp"

namespace elbo::runtime {

namespace {

/// All nodes that an expression needs, itself included, by number.
std::vector<bool> ancestors(Expr expression) {
  std::vector<bool> result(expression.graph().size());
  for (const NodeId id : topological_order(expression.graph(), {&expression, 1})) result[id] = true;
  return result;
}

/// Sum over the event and the plates; axes of samples and chains stay.
Expr total(Expr term) {
  Expr result = sum_event(term);
  const std::vector<AxisId> axes = result.type().axes;
  for (const AxisId axis : axes) {
    if (result.graph().axis(axis).kind == AxisKind::plate) result = sum_axis(result, axis);
  }
  return result;
}

}  // namespace

int VariablePart::outcome_rank() const {
  // A vector of unconstrained numbers is all of a value, of whatever rank.
  if (bijector && call.distribution->event_rank > 0) return static_cast<int>(value.type().event.size());
  return std::max(call.distribution->event_rank, bijector ? bijector->kind->event_rank : 0);
}

const RandomVariable* ModelGraph::find(const std::string& name) const {
  for (const RandomVariable& variable : variables) {
    if (variable.name == name) return &variable;
  }
  return nullptr;
}

Expr assemble(const RandomVariable& variable, std::span<const Expr> parts) {
  // Every part with its plates as leading dimensions, then as a list of elements.
  std::vector<Expr> lists;
  std::vector<std::int64_t> order;  // number of the element in the array, in the order of the list
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const VariablePart& part = variable.parts[i];
    if (!part.positions) return parts[i];
    const auto extra = part.positions->rank() - part.plates.size();
    Expr list = broadcast(parts[i], part.plates, part.value.type().event);
    for (std::size_t p = 0; p < part.plates.size(); ++p) {
      list = to_event(list, part.plates[p], static_cast<std::int64_t>(p));
    }
    Shape shape{part.positions->size()};
    const Shape& event = part.value.type().event;
    shape.insert(shape.end(), event.begin() + static_cast<std::ptrdiff_t>(extra), event.end());
    lists.push_back(reshape(list, shape));
    for (std::int64_t k = 0; k < part.positions->size(); ++k) order.push_back(part.positions->integer(k));
  }
  std::int64_t extent = 1;
  for (const std::int64_t size : variable.indexed) extent *= size;
  if (variable.observed && extent != static_cast<std::int64_t>(order.size())) {
    // Data that no statement stands for are as they are.
    Shape shape = lists[0].type().event;
    shape[0] = extent;
    lists.push_back(reshape(variable.data ? variable.data : variable.value, shape));
    std::vector<std::int64_t> from(static_cast<std::size_t>(extent));
    const auto parts_end = static_cast<std::int64_t>(order.size());
    for (std::int64_t k = 0; k < extent; ++k) from[static_cast<std::size_t>(k)] = parts_end + k;
    for (std::size_t k = 0; k < order.size(); ++k)
      from[static_cast<std::size_t>(order[k])] = static_cast<std::int64_t>(k);
    Graph& graph = variable.value.graph();
    const Expr all = gather(concatenate(lists, 0), graph.constant(Tensor({extent}, std::move(from))), 0);
    return reshape(all, variable.value.type().event);
  }
  Expr whole = lists.size() == 1 ? lists[0] : concatenate(lists, 0);
  if (!std::is_sorted(order.begin(), order.end())) {
    std::vector<std::int64_t> from(order.size());
    for (std::size_t k = 0; k < order.size(); ++k)
      from[static_cast<std::size_t>(order[k])] = static_cast<std::int64_t>(k);
    const auto count = static_cast<std::int64_t>(from.size());
    whole = gather(whole, whole.graph().constant(Tensor({count}, std::move(from))), 0);
  }
  return reshape(whole, variable.value.type().event);
}

Expr log_joint(const ModelGraph& model) {
  Expr sum;
  const auto add = [&](Expr term) { sum = sum ? sum + total(term) : total(term); };
  for (const RandomVariable& variable : model.variables) {
    for (const VariablePart& part : variable.parts) {
      if (!part.in_factor) add(part.log_density);
    }
  }
  for (const FactorTerm& factor : model.factors) add(factor.log_density);
  return sum ? sum : model.graph->constant(0);
}

std::vector<std::size_t> parents(const ModelGraph& model, Expr expression) {
  const std::vector<bool> used = ancestors(expression);
  std::vector<std::size_t> result;
  for (std::size_t i = 0; i < model.variables.size(); ++i) {
    // Data are constants, which equal numbers elsewhere share; only latent values are nodes of their own.
    const RandomVariable& variable = model.variables[i];
    if (!variable.observed && used[variable.value.id()]) result.push_back(i);
  }
  return result;
}

Blanket markov_blanket(const ModelGraph& model, std::size_t i) {
  Blanket blanket;
  const NodeId value = model.variables.at(i).value.id();
  const auto mentions = [&](Expr term) {
    const std::vector<bool> used = ancestors(term);
    return value < used.size() && used[value];
  };
  for (std::size_t j = 0; j < model.variables.size(); ++j) {
    const bool own = j == i && !model.variables[i].observed;
    const auto& parts = model.variables[j].parts;
    const bool child = std::any_of(parts.begin(), parts.end(),
                                   [&](const VariablePart& part) { return mentions(part.log_density); });
    if (own || (!model.variables[i].observed && child)) blanket.variables.push_back(j);
  }
  for (std::size_t j = 0; j < model.factors.size(); ++j) {
    if (!model.variables[i].observed && mentions(model.factors[j].log_density)) blanket.factors.push_back(j);
  }
  return blanket;
}

// ---- text -------------------------------------------------------------------------------------------------

namespace {

std::string names_of(const ModelGraph& model, const std::vector<std::size_t>& indices) {
  std::string text;
  for (const std::size_t i : indices) text += (text.empty() ? "" : ", ") + model.variables[i].name;
  return text;
}

/// "mu, m": variables and parameters that an expression uses directly or through quantities.
std::string uses(const ModelGraph& model, const std::vector<Expr>& expressions) {
  std::vector<bool> variables(model.variables.size()), parameters(model.parameters.size());
  for (const Expr& e : expressions) {
    for (const std::size_t i : parents(model, e)) variables[i] = true;
    const std::vector<bool> used = ancestors(e);
    for (std::size_t i = 0; i < model.parameters.size(); ++i) {
      const NodeId id = model.parameters[i].unconstrained.id();
      if (id < used.size() && used[id]) parameters[i] = true;
    }
  }
  std::string text;
  const auto add = [&](const std::string& name) { text += (text.empty() ? "" : ", ") + name; };
  for (std::size_t i = 0; i < variables.size(); ++i) {
    if (variables[i]) add(model.variables[i].name);
  }
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    if (parameters[i]) add(model.parameters[i].name);
  }
  return text;
}

std::string arrow(const std::string& from) { return from.empty() ? "" : "  <- " + from; }

std::string bounds_text(const Support& support) {
  std::string text;
  for (const Expr& bound : support.bounds) {
    const auto& constant = bound.node().attributes.tensor;
    text += (text.empty() ? "(" : ", ") +
            (constant && bound.node().inputs.empty() ? show(from_tensor(*constant)) : "…");
  }
  return std::string(support.kind->name) + (text.empty() ? "" : text + ")");
}

}  // namespace

std::string show(const ModelGraph& model) {
  std::string text = (model.is_guide ? "guide " : "model ") + model.name + "\n";
  const Graph& graph = *model.graph;
  for (const PointParameter& p : model.parameters) {
    text += "  parameter  " + p.name + " : " + bounds_text(p.support) +
            (p.via == "exp" ? "" : " via " + p.via) + "  " + graph.show(p.value.type()) + " = " +
            show(from_tensor(p.initial)) + "\n";
  }
  for (std::size_t i = 0; i < model.variables.size(); ++i) {
    const RandomVariable& v = model.variables[i];
    std::vector<Expr> used;
    std::string names;
    for (const VariablePart& part : v.parts) {
      used.insert(used.end(), part.call.given.begin(), part.call.given.end());
      const std::string name(part.call.distribution->name);
      if (names.find(name) == std::string::npos) names += (names.empty() ? "" : ", ") + name;
    }
    text += std::string("  ") + (v.observed ? "observed" : "latent  ") + "   " + v.name + " ~ " + names +
            " on " + bounds_text(v.parts[0].support) + "  " + graph.show(v.value.type()) +
            arrow(uses(model, used));
    if (!v.observed) text += "  (blanket: " + names_of(model, markov_blanket(model, i).variables) + ")";
    text += "\n";
  }
  for (const DeterministicQuantity& q : model.quantities) {
    text +=
        "  quantity   " + q.name + "  " + graph.show(q.value.type()) + arrow(uses(model, {q.value})) + "\n";
  }
  for (const FactorTerm& f : model.factors) {
    text += "  factor     " + std::string(f.span.text()) + arrow(uses(model, {f.log_density})) + "\n";
  }
  return text;
}

}  // namespace elbo::runtime
