// The order in which variables are summed out, and the tables that each step sums.
#include "inference/elimination.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>
#include <set>

#include "inference/element_sums.hpp"
#include "inference/elimination_steps.hpp"
#include "runtime/expression.hpp"

namespace elbo::inference {

using namespace runtime;

namespace {

/// What one step makes of the potentials that have a variable.
struct Summed {
  std::shared_ptr<const EliminationStep> step;
  Potential rest;
  double cost = 0;
};

class Eliminator {
 public:
  Eliminator(Graph& graph, std::span<const EnumeratedVariable> variables, std::vector<std::size_t> of,
             std::vector<Potential> potentials)
      : graph_(graph), variables_(variables), left_(std::move(of)), potentials_(std::move(potentials)) {}

  Elimination run(std::string& why_not) {
    Elimination result;
    while (!left_.empty()) {
      // the cheapest step that is possible
      std::optional<std::size_t> best;
      double least = 0;
      for (const std::size_t v : left_) {
        const std::optional<double> cost = cost_of(v, why_not);
        if (!cost || (best && *cost >= least)) continue;
        best = v;
        least = *cost;
      }
      if (!best) return {};
      std::optional<Summed> summed = sum_out(*best, why_not);
      if (!summed) return {};
      result.cost += summed->cost;
      result.steps.push_back(std::move(summed->step));
      std::erase(left_, *best);
      std::erase_if(potentials_, [&](const Potential& p) { return has(p, *best); });
      if (summed->rest.slots.empty()) {
        result.terms.push_back({*best, settled(summed->rest.table)});
      } else {
        potentials_.push_back(std::move(summed->rest));
      }
    }
    return result;
  }

 private:
  static bool has(const Potential& p, std::size_t v) {
    return std::any_of(p.slots.begin(), p.slots.end(), [&](const Slot& s) { return s.variable == v; });
  }

  std::vector<Potential> with(std::size_t v) const {
    std::vector<Potential> result;
    for (const Potential& p : potentials_) {
      if (has(p, v)) result.push_back(p);
    }
    return result;
  }

  static std::vector<const Slot*> slots_of(const Potential& p, std::size_t v) {
    std::vector<const Slot*> result;
    for (const Slot& slot : p.slots) {
      if (slot.variable == v) result.push_back(&slot);
    }
    return result;
  }

  /// Elements of the other variables that each group of rows depends on, where `group` says which group a row
  /// of a potential is in. Nothing when a group depends on two elements of one.
  template <class Group>
  std::optional<std::vector<Slot>> others(std::size_t v, const std::vector<Potential>& of,
                                          std::int64_t groups, Group group, std::string& why_not) const {
    std::vector<Slot> result;
    for (std::size_t p = 0; p < of.size(); ++p) {
      std::set<std::size_t> seen;
      for (const Slot& slot : of[p].slots) {
        if (slot.variable == v) continue;
        auto own = std::find_if(result.begin(), result.end(),
                                [&](const Slot& s) { return s.variable == slot.variable; });
        if (own == result.end()) {
          result.push_back(
              {slot.variable, variables_[slot.variable].axis, Rows(static_cast<std::size_t>(groups), -1)});
          own = result.end() - 1;
        }
        const bool twice = !seen.insert(slot.variable).second || slot.axis != own->axis;
        for (std::int64_t r = 0; r < of[p].rows && !twice; ++r) {
          std::int64_t& element = own->element[static_cast<std::size_t>(group(p, r))];
          const std::int64_t here = slot.element[static_cast<std::size_t>(r)];
          if (element >= 0 && element != here) return refuse(v, slot.variable, why_not);
          element = here;
        }
        if (twice) return refuse(v, slot.variable, why_not);
      }
    }
    return result;
  }

  std::nullopt_t refuse(std::size_t v, std::size_t other, std::string& why_not) const {
    why_not = "what depends on one entry of " + name(v) + " depends on several of " + name(other);
    return std::nullopt;
  }

  std::string name(std::size_t v) const { return "`" + variables_[v].variable->name + "`"; }

  double entries(std::size_t v, const std::vector<Slot>& others) const {
    auto cost = static_cast<double>(variables_[v].elements) * static_cast<double>(variables_[v].values);
    for (const Slot& slot : others) cost *= static_cast<double>(variables_[slot.variable].values);
    return cost;
  }

  static bool is_chain(std::size_t v, const std::vector<Potential>& of) {
    return std::any_of(of.begin(), of.end(), [&](const Potential& p) { return slots_of(p, v).size() > 1; });
  }

  auto element_of_row(std::size_t v, const std::vector<Potential>& of) const {
    return [&of, v](std::size_t p, std::int64_t r) {
      return slots_of(of[p], v).front()->element[static_cast<std::size_t>(r)];
    };
  }

  auto chain_of_row(std::size_t v, const std::vector<Potential>& of, const Chains& chains) const {
    return [&of, &chains, v](std::size_t p, std::int64_t r) {
      const std::int64_t element = slots_of(of[p], v).front()->element[static_cast<std::size_t>(r)];
      return chains.chain[static_cast<std::size_t>(element)];
    };
  }

  std::optional<double> cost_of(std::size_t v, std::string& why_not) const {
    const std::vector<Potential> of = with(v);
    if (is_chain(v, of)) {
      const auto chains = chains_in(v, of, why_not);
      if (!chains) return std::nullopt;
      const auto beside = others(v, of, chains->chains, chain_of_row(v, of, *chains), why_not);
      if (!beside) return std::nullopt;
      return entries(v, *beside) * static_cast<double>(variables_[v].values);
    }
    const auto beside = others(v, of, variables_[v].elements, element_of_row(v, of), why_not);
    if (!beside) return std::nullopt;
    return entries(v, *beside);
  }

  std::optional<Chains> chains_in(std::size_t v, const std::vector<Potential>& of,
                                  std::string& why_not) const {
    std::set<std::pair<std::int64_t, std::int64_t>> pairs;
    for (const Potential& p : of) {
      const auto slots = slots_of(p, v);
      if (slots.size() < 2) continue;
      for (std::size_t r = 0; r < static_cast<std::size_t>(p.rows); ++r)
        pairs.insert(std::minmax({slots[0]->element[r], slots[1]->element[r]}));
    }
    auto chains = chains_of(variables_[v].elements, pairs);
    if (!chains) why_not = "the entries of " + name(v) + " depend on each other in a way that is no chain";
    return chains;
  }

  std::optional<Summed> sum_out(std::size_t v, std::string& why_not) const {
    const std::vector<Potential> of = with(v);
    return is_chain(v, of) ? sum_chains(v, of, why_not) : sum_elements(v, of, why_not);
  }

  std::optional<Summed> sum_elements(std::size_t v, const std::vector<Potential>& of,
                                     std::string& why_not) const {
    const EnumeratedVariable& variable = variables_[v];
    auto beside = others(v, of, variable.elements, element_of_row(v, of), why_not);
    if (!beside) return std::nullopt;
    Expr table = broadcast(graph_.constant(0), {variable.axis}, {variable.elements});
    for (const Potential& p : of)
      table = table + sum_by_element(all_rows(p), slots_of(p, v).front()->element, variable.elements);
    const Expr total = log_total(values_last(table, variable.axis), -1);
    Summed result;
    result.cost = entries(v, *beside);
    result.step = separate_elements(v, table, *beside);
    result.rest = {total, variable.elements, without_empty(std::move(*beside))};
    return result;
  }

  std::optional<Summed> sum_chains(std::size_t v, const std::vector<Potential>& of,
                                   std::string& why_not) const {
    const EnumeratedVariable& variable = variables_[v];
    const auto chains = chains_in(v, of, why_not);
    if (!chains) return std::nullopt;
    auto beside = others(v, of, chains->chains, chain_of_row(v, of, *chains), why_not);
    if (!beside) return std::nullopt;
    const std::int64_t places = chains->turns * chains->chains, steps = places - chains->chains;
    const auto place_of = [&](std::int64_t e) {
      return chains->at(chains->turn[static_cast<std::size_t>(e)],
                        chains->chain[static_cast<std::size_t>(e)]);
    };
    Expr turns = broadcast(graph_.constant(0), {variable.axis}, {places});
    Expr between;
    bool same_steps = !chains->has_gaps;  // one table for all steps
    for (const Potential& p : of) {
      const auto slots = slots_of(p, v);
      Rows to;
      if (slots.size() == 1) {
        for (const std::int64_t e : slots[0]->element) to.push_back(place_of(e));
        turns = turns + sum_by_element(all_rows(p), to, places);
        continue;
      }
      // Rows whose first slot is the earlier element, and the others, whose axes change places.
      for (const bool turned : {false, true}) {
        const Slot &first = *slots[turned ? 1 : 0], &second = *slots[turned ? 0 : 1];
        Rows rows;
        for (std::int64_t r = 0; r < p.rows; ++r) {
          if (place_of(first.element[static_cast<std::size_t>(r)]) <
              place_of(second.element[static_cast<std::size_t>(r)]))
            rows.push_back(r);
        }
        if (rows.empty()) continue;
        Potential part = static_cast<std::int64_t>(rows.size()) == p.rows ? p : chosen_rows(p, rows);
        if (first.axis != variable.axis) part.table = exchanged(part.table, variable);
        to.clear();
        for (const std::int64_t r : rows) to.push_back(place_of(first.element[static_cast<std::size_t>(r)]));
        const bool is_same = part.table.type().event[0] == 1 &&
                             std::set(to.begin(), to.end()).size() == to.size() &&
                             static_cast<std::int64_t>(to.size()) == steps;
        same_steps = same_steps && is_same;
        const Expr list = is_same ? part.table : sum_by_element(all_rows(part), to, steps);
        between = between ? between + list : list;
      }
    }
    if (chains->has_gaps) between = between + staying(variable, *chains);
    const AxisId axis =
        graph_.add_axis("steps of " + variable.variable->name, chains->turns - 1, AxisKind::chain);
    const Expr by_turn =
        reshape(values_last(turns, variable.axis), {chains->turns, chains->chains, variable.values});
    Rows later(static_cast<std::size_t>(chains->turns - 1));
    std::iota(later.begin(), later.end(), 1);
    ChainTables tables;
    tables.first = gather(by_turn, graph_.constant(Tensor(Shape{}, Rows{0})), 0);
    tables.later =
        to_axis(gather(by_turn, whole_numbers(graph_, {chains->turns - 1}, std::move(later)), 0), 0, axis);
    Expr by_step = values_last(values_last(between, variable.axis), variable.other);
    if (same_steps) {
      tables.steps = by_step;  // [1, values, values]
    } else {
      by_step = broadcast(by_step, {}, {steps, variable.values, variable.values});
      tables.steps = to_axis(
          reshape(by_step, {chains->turns - 1, chains->chains, variable.values, variable.values}), 0, axis);
    }
    const Expr total = log_total(forward_total(graph_, axis, tables), -1);
    Summed result;
    result.cost = entries(v, *beside) * static_cast<double>(variable.values);
    const std::int64_t count = chains->chains;
    result.step = chain_of_elements(v, *chains, axis, tables, *beside);
    result.rest = {total, count, without_empty(std::move(*beside))};
    return result;
  }

  static Expr exchanged(Expr table, const EnumeratedVariable& v) {
    const Expr apart = to_event(to_event(table, v.axis, 0), v.other, 0);  // [other, axis, rows]
    return to_axis(to_axis(apart, 0, v.axis), 0, v.other);
  }

  /// Past the end of a chain its last value stays.
  Expr staying(const EnumeratedVariable& v, const Chains& chains) const {
    const std::int64_t steps = (chains.turns - 1) * chains.chains;
    std::vector<double> past(static_cast<std::size_t>(steps), 0.0);
    for (std::int64_t s = 0; s < steps; ++s) {
      if (chains.element[static_cast<std::size_t>(s + chains.chains)] < 0)
        past[static_cast<std::size_t>(s)] = impossible;
    }
    const Expr same = equal(places_along(graph_, v.axis), places_along(graph_, v.other));
    return select(same, graph_.constant(0), graph_.constant(Tensor({steps}, std::move(past))));
  }

  // Rows of the rest that depend on no element of a variable keep its axis, along which they are alike, only
  // where others do depend on it.
  static std::vector<Slot> without_empty(std::vector<Slot> slots) {
    std::erase_if(slots, [](const Slot& s) {
      return std::all_of(s.element.begin(), s.element.end(), [](std::int64_t e) { return e < 0; });
    });
    return slots;
  }

  Graph& graph_;
  std::span<const EnumeratedVariable> variables_;
  std::vector<std::size_t> left_;
  std::vector<Potential> potentials_;
};

}  // namespace

Elimination eliminate(Graph& graph, std::span<const EnumeratedVariable> variables,
                      std::vector<std::size_t> of, std::vector<Potential> potentials, std::string& why_not) {
  return Eliminator(graph, variables, std::move(of), std::move(potentials)).run(why_not);
}

double joint_cost(std::span<const EnumeratedVariable> variables, const std::vector<std::size_t>& of,
                  const std::vector<Expr>& densities) {
  double combinations = 1, elements = 1;
  for (const std::size_t v : of) {
    combinations *=
        std::pow(static_cast<double>(variables[v].values), static_cast<double>(variables[v].elements));
    elements += static_cast<double>(variables[v].elements);
  }
  for (const Expr& density : densities)
    elements += static_cast<double>(density.graph().element_count(density.type()));
  return combinations * elements;
}

Elimination enumerate_jointly(Graph& graph, std::span<const EnumeratedVariable> variables,
                              const std::vector<std::size_t>& of, const std::vector<Expr>& densities) {
  std::int64_t count = 1;
  for (const std::size_t v : of) {
    for (std::int64_t e = 0; e < variables[v].elements; ++e) count *= variables[v].values;
  }
  const AxisId axis = graph.add_axis("combinations", count, AxisKind::plate);
  // the digits of the number of a combination, the last element's first
  std::vector<Rows> places(of.size());
  std::unordered_map<NodeId, Expr> at_values;
  std::int64_t radix = 1;
  for (std::size_t i = of.size(); i-- > 0;) {
    const EnumeratedVariable& v = variables[of[i]];
    places[i].resize(static_cast<std::size_t>(count * v.elements));
    for (std::int64_t e = v.elements; e-- > 0;) {
      for (std::int64_t c = 0; c < count; ++c)
        places[i][static_cast<std::size_t>(c * v.elements + e)] = c / radix % v.values;
      radix *= v.values;
    }
    Rows numbers = places[i];
    for (std::int64_t& n : numbers) n += v.first;
    const Expr value = v.variable->value;
    Shape shape{count};
    shape.insert(shape.end(), value.type().event.begin(), value.type().event.end());
    Tensor tensor(shape, std::move(numbers));
    if (value.type().domain == Domain::boolean) tensor = tensor.stored_as(Storage::boolean);
    at_values[value.id()] = to_axis(graph.constant(tensor), 0, axis);
  }
  Expr table = broadcast_axis(graph.constant(0), axis);
  for (const Expr& density : densities) {
    Expr each = substitute(density, at_values);
    each = broadcast(each, density.type().axes, density.type().event);
    std::vector<AxisId> axes = each.type().axes;
    std::erase(axes, axis);
    Rows dims(each.type().event.size());
    std::iota(dims.begin(), dims.end(), 0);
    table = table + sum(each, axes, dims);
  }
  Elimination result;
  result.cost = joint_cost(variables, of, densities);
  result.terms.push_back({of.front(), settled(log_total(values_last(table, axis), -1))});
  result.steps.push_back(joint_values(of, axis, table, std::move(places)));
  return result;
}

}  // namespace elbo::inference
