// Steps of variable elimination.
#include "inference/elimination.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>
#include <optional>
#include <set>

#include "inference/element_sums.hpp"
#include "runtime/expression.hpp"
#include "runtime/scan.hpp"

namespace elbo::inference {

using namespace runtime;

namespace {

using Rows = std::vector<std::int64_t>;
using Known = std::unordered_map<NodeId, Expr>;

// In place of -inf inside of recursions, so that nothing impossible meets itself in a gradient (0 times
// infinity). Exponentials of what is so far down are 0, and products of 1e7 of them are still numbers of
// single precision.
constexpr double impossible = -1e30;

Expr constant(Graph& graph, Shape shape, Rows values) {
  return graph.constant(Tensor(std::move(shape), std::move(values)));
}

Expr floored(Expr x) { return maximum(x, x.graph().constant(impossible)); }

// log sum exp over an event dimension of entries that may be impossible.
Expr log_total(Expr x, std::int64_t dim) { return logsumexp_dim(floored(x), dim); }

// What is impossible altogether has the log density -inf again.
Expr settled(Expr total) {
  Graph& graph = total.graph();
  return select(less(graph.constant(0.5 * impossible), total), total,
                graph.constant(-std::numeric_limits<double>::infinity()));
}

bool has_axis(Expr e, AxisId axis) {
  return std::binary_search(e.type().axes.begin(), e.type().axes.end(), axis);
}

// An axis of values as the last event dimension.
Expr values_last(Expr table, AxisId axis) {
  if (!has_axis(table, axis)) table = broadcast_axis(table, axis);
  return to_event(table, axis, static_cast<std::int64_t>(table.type().event.size()));
}

// 0, 1, … along an axis.
Expr places_along(Graph& graph, AxisId axis) {
  Rows count(static_cast<std::size_t>(graph.axis(axis).size));
  std::iota(count.begin(), count.end(), 0);
  return to_axis(constant(graph, {graph.axis(axis).size}, std::move(count)), 0, axis);
}

// A table at the drawn places of another variable, one per row.
Expr at_drawn(Expr table, const Slot& slot, const DrawnPlaces& drawn) {
  if (!has_axis(table, slot.axis)) return table;
  Graph& graph = table.graph();
  Rows element = slot.element;
  for (std::int64_t& e : element)
    e = std::max<std::int64_t>(e, 0);  // rows of no element are alike in all places
  const auto rows = static_cast<std::int64_t>(element.size());
  const Expr chosen = gather(drawn.at(slot.variable), constant(graph, {rows}, std::move(element)), 0);
  const Expr kept =
      select(equal(places_along(graph, slot.axis), chosen), floored(table), graph.constant(impossible));
  return max_dim(to_event(kept, slot.axis, 0), 0);
}

// Draws from categories whose log weights are the last dimension: inverse distribution functions at one
// uniform number each. `uniform` has a last dimension of 1.
struct Categories {
  Expr place, mean, variance;  // places among the values
};

Categories draw_categories(Expr log_weights, Expr uniform) {
  Graph& graph = log_weights.graph();
  const Shape& event = log_weights.type().event;
  const std::int64_t count = event.back();
  Shape column = event;
  column.back() = 1;
  const Expr total = reshape(log_total(log_weights, -1), column);
  const Expr weights = exp(floored(log_weights) - total);
  Rows numbers(static_cast<std::size_t>(count));
  std::iota(numbers.begin(), numbers.end(), 0);
  const Expr places = constant(graph, {count}, std::move(numbers));
  const Expr mean = sum_dim(weights * places, -1);
  const Expr variance = sum_dim(weights * square(places - reshape(mean, column)), -1);
  const Expr passed = sum_dim(less_equal(cumsum_dim(weights, -1), uniform), -1);
  const Expr last = graph.constant(Tensor(Shape{}, Rows{count - 1}));
  return {minimum(passed, last), mean, variance};
}

// ---- elements by themselves -------------------------------------------------------------------------------

class SeparateElements : public EliminationStep {
 public:
  SeparateElements(std::size_t variable, Expr table, std::vector<Slot> others)
      : variable_(variable), table_(table), others_(std::move(others)) {}

  void draw(std::span<const EnumeratedVariable> variables, AxisId sample, const Known& known,
            DrawnPlaces& drawn, std::unordered_map<std::size_t, DiscreteDraw>& result) const override {
    const EnumeratedVariable& v = variables[variable_];
    Expr table = substitute(table_, known);
    for (const Slot& other : others_) table = at_drawn(table, other, drawn);
    Graph& graph = table.graph();
    const Categories c =
        draw_categories(values_last(table, v.axis), random_uniform(graph, {sample}, {v.elements, 1}));
    drawn[variable_] = c.place;
    const auto first = static_cast<double>(v.first);
    result[variable_] = {c.place, c.mean + first, c.variance};
  }

  std::string describe(std::span<const EnumeratedVariable> variables) const override {
    const EnumeratedVariable& v = variables[variable_];
    const std::string name = "`" + v.variable->name + "`";
    return v.elements == 1 ? name : std::to_string(v.elements) + " entries of " + name + ", each by itself";
  }

 private:
  std::size_t variable_;
  Expr table_;  // [elements], with the axis of its values
  std::vector<Slot> others_;
};

// ---- chains -----------------------------------------------------------------------------------------------

// Which element of a variable is where: chain and turn of each, and the element of each turn of each chain.
struct Chains {
  std::int64_t turns = 0, chains = 0;
  Rows chain, turn;       // of each element
  Rows element;           // [turns, chains]; -1 past the end of a shorter chain
  bool has_gaps = false;  // some chains are shorter

  std::int64_t at(std::int64_t t, std::int64_t c) const { return t * chains + c; }
};

// Elements joined by these pairs as chains, each from its end of smaller number; nothing when they are no
// chains.
std::optional<Chains> chains_of(std::int64_t elements,
                                const std::set<std::pair<std::int64_t, std::int64_t>>& pairs) {
  std::vector<Rows> next(static_cast<std::size_t>(elements));
  for (const auto& [a, b] : pairs) {
    next[static_cast<std::size_t>(a)].push_back(b);
    next[static_cast<std::size_t>(b)].push_back(a);
  }
  Chains result;
  result.chain.assign(static_cast<std::size_t>(elements), -1);
  result.turn.assign(static_cast<std::size_t>(elements), -1);
  std::vector<Rows> found;
  for (std::int64_t e = 0; e < elements; ++e) {
    if (next[static_cast<std::size_t>(e)].size() > 2) return std::nullopt;
    if (next[static_cast<std::size_t>(e)].size() > 1 || result.chain[static_cast<std::size_t>(e)] >= 0)
      continue;
    Rows chain;
    for (std::int64_t at = e, before = -1; at >= 0;) {
      result.chain[static_cast<std::size_t>(at)] = static_cast<std::int64_t>(found.size());
      result.turn[static_cast<std::size_t>(at)] = static_cast<std::int64_t>(chain.size());
      chain.push_back(at);
      std::int64_t after = -1;
      for (const std::int64_t n : next[static_cast<std::size_t>(at)]) {
        if (n != before) after = n;
      }
      before = at;
      at = after;
    }
    result.turns = std::max(result.turns, static_cast<std::int64_t>(chain.size()));
    found.push_back(std::move(chain));
  }
  for (const std::int64_t c : result.chain) {
    if (c < 0) return std::nullopt;  // a circle
  }
  result.chains = static_cast<std::int64_t>(found.size());
  result.element.assign(static_cast<std::size_t>(result.turns * result.chains), -1);
  for (std::size_t c = 0; c < found.size(); ++c) {
    for (std::size_t t = 0; t < found[c].size(); ++t) result.element[t * found.size() + c] = found[c][t];
    result.has_gaps = result.has_gaps || static_cast<std::int64_t>(found[c].size()) < result.turns;
  }
  return result;
}

// Log weights of a chain: of the values of each turn, and of the steps between turns.
struct ChainTables {
  Expr first;  // [chains, values]
  Expr later;  // [chains, values] with the axis of steps: of turns 2, 3, …
  Expr steps;  // [chains, values before, values after] (or without chains), with the axis of steps or without
};

struct Forward {
  Expr before;  // [chains, values] with the axis of steps: of all up to the turn before the step
  Expr last;    // [chains, values]
};

Forward forward(Graph& graph, AxisId axis, const ChainTables& tables) {
  std::vector<AxisId> axes = tables.first.type().axes;
  for (const Expr& e : {tables.later, tables.steps})
    axes.insert(axes.end(), e.type().axes.begin(), e.type().axes.end());
  std::sort(axes.begin(), axes.end());
  axes.erase(std::unique(axes.begin(), axes.end()), axes.end());
  std::erase(axes, axis);
  const Shape shape = tables.first.type().event;
  Carry carry;
  carry.initial = broadcast(floored(tables.first), axes, shape);
  carry.placeholder = graph.input("forward", {axes, shape, Domain::real});
  const Expr column = reshape(carry.placeholder, {shape[0], shape[1], 1});
  carry.next = log_total(column + tables.steps, -2) + floored(tables.later);
  const ScanResult result = scan(graph, axis, std::span(&carry, 1), {});
  return {result.before[0], result.last[0]};
}

class ChainOfElements : public EliminationStep {
 public:
  ChainOfElements(std::size_t variable, Chains chains, AxisId axis, ChainTables tables,
                  std::vector<Slot> others)
      : variable_(variable),
        chains_(std::move(chains)),
        axis_(axis),
        tables_(tables),
        others_(std::move(others)) {}

  // Forward filtering, backward sampling.
  void draw(std::span<const EnumeratedVariable> variables, AxisId sample, const Known& known,
            DrawnPlaces& drawn, std::unordered_map<std::size_t, DiscreteDraw>& result) const override {
    const EnumeratedVariable& v = variables[variable_];
    Graph& graph = tables_.first.graph();
    const Shape shape{chains_.chains, v.values};
    const auto seen = [&](Expr table, std::int64_t behind) {
      table = substitute(table, known);
      for (Slot other : others_) {
        if (!has_axis(table, other.axis)) continue;
        // one row per chain, spread over the values behind
        table = in_rows(table, other, drawn, behind);
      }
      return table;
    };
    const ChainTables tables{seen(tables_.first, 1), seen(tables_.later, 1), seen(tables_.steps, 2)};
    const Forward totals = forward(graph, axis_, tables);
    const Categories last =
        draw_categories(totals.last, random_uniform(graph, {sample}, {chains_.chains, 1}));
    // Backwards: of each turn given the next.
    Carry carry;
    carry.initial = last.place;
    carry.placeholder = graph.input("next", last.place.type());
    Rows count(static_cast<std::size_t>(v.values));
    std::iota(count.begin(), count.end(), 0);
    const Expr places = constant(graph, {1, 1, v.values}, std::move(count));
    const Expr next = reshape(carry.placeholder, {chains_.chains, 1, 1});
    const Expr into_next = select(equal(places, next), floored(tables.steps), graph.constant(impossible));
    std::vector<AxisId> axes{sample, axis_};
    std::sort(axes.begin(), axes.end());
    const Categories each = draw_categories(totals.before + max_dim(into_next, -1),
                                            random_uniform(graph, axes, {chains_.chains, 1}));
    carry.next = each.place;
    const std::vector<Expr> wanted{each.place, each.mean, each.variance};
    const ScanResult backward = scan(graph, axis_, std::span(&carry, 1), wanted, true);
    const auto in_order = [&](Expr of_steps, Expr of_last) {
      const Expr all =
          concatenate({to_event(along(of_steps), axis_, 0), reshape(of_last, {1, chains_.chains})}, 0);
      Rows from(chains_.chain.size());
      for (std::size_t e = 0; e < from.size(); ++e) from[e] = chains_.at(chains_.turn[e], chains_.chain[e]);
      return gather(reshape(all, {chains_.turns * chains_.chains}),
                    constant(graph, {v.elements}, std::move(from)), 0);
    };
    const Expr place = in_order(backward.outputs[0], last.place);
    drawn[variable_] = place;
    const auto first = static_cast<double>(v.first);
    result[variable_] = {place, in_order(backward.outputs[1], last.mean) + first,
                         in_order(backward.outputs[2], last.variance)};
  }

  std::string describe(std::span<const EnumeratedVariable> variables) const override {
    const std::string name = "`" + variables[variable_].variable->name + "`";
    const std::string turns = std::to_string(chains_.turns) + " turns by forward recursion";
    return chains_.chains == 1 ? name + ", a chain of " + turns
                               : name + ", " + std::to_string(chains_.chains) + " chains of " +
                                     (chains_.has_gaps ? "up to " : "") + turns;
  }

 private:
  Expr along(Expr e) const { return has_axis(e, axis_) ? e : broadcast_axis(e, axis_); }

  // A table [chains, …] at the drawn places of another variable, one per chain.
  static Expr in_rows(Expr table, const Slot& other, const DrawnPlaces& drawn, std::int64_t behind) {
    Graph& graph = table.graph();
    Rows element = other.element;
    for (std::int64_t& e : element) e = std::max<std::int64_t>(e, 0);
    const auto chains = static_cast<std::int64_t>(element.size());
    Expr chosen = gather(drawn.at(other.variable), constant(graph, {chains}, std::move(element)), 0);
    Shape shape{chains};
    shape.resize(1 + static_cast<std::size_t>(behind), 1);
    chosen = reshape(chosen, shape);
    const Expr kept =
        select(equal(places_along(graph, other.axis), chosen), floored(table), graph.constant(impossible));
    return max_dim(to_event(kept, other.axis, 0), 0);
  }

  std::size_t variable_;
  Chains chains_;
  AxisId axis_;  // of the steps between turns
  ChainTables tables_;
  std::vector<Slot> others_;  // one row per chain
};

// ---- everything together ----------------------------------------------------------------------------------

class JointValues : public EliminationStep {
 public:
  JointValues(std::vector<std::size_t> of, AxisId axis, Expr table, std::vector<Rows> places)
      : of_(std::move(of)), axis_(axis), table_(table), places_(std::move(places)) {}

  void draw(std::span<const EnumeratedVariable> variables, AxisId sample, const Known& known,
            DrawnPlaces& drawn, std::unordered_map<std::size_t, DiscreteDraw>& result) const override {
    Graph& graph = table_.graph();
    const Expr log_weights = values_last(substitute(table_, known), axis_);
    const Categories c = draw_categories(log_weights, random_uniform(graph, {sample}, {1}));
    const Expr weights = exp(floored(log_weights) - reshape(log_total(log_weights, -1), {1}));
    const std::int64_t count = graph.axis(axis_).size;
    for (std::size_t i = 0; i < of_.size(); ++i) {
      const EnumeratedVariable& v = variables[of_[i]];
      const Expr table = constant(graph, {count, v.elements}, Rows(places_[i]));
      const Expr place = gather(table, c.place, 0);
      const Expr mean = matmul(weights, table);
      const Expr squares = matmul(weights, square(table));
      drawn[of_[i]] = place;
      result[of_[i]] = {place, mean + static_cast<double>(v.first),
                        maximum(squares - square(mean), graph.constant(0))};
    }
  }

  std::string describe(std::span<const EnumeratedVariable> variables) const override {
    std::string names;
    for (const std::size_t v : of_)
      names += (names.empty() ? "`" : ", `") + variables[v].variable->name + "`";
    return names + ", all " + std::to_string(table_.graph().axis(axis_).size) + " combinations of values";
  }

 private:
  std::vector<std::size_t> of_;
  AxisId axis_;
  Expr table_;                // [], with the axis of combinations
  std::vector<Rows> places_;  // [combinations, elements] of each variable
};

// ---- the order of steps -----------------------------------------------------------------------------------

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
    result.step = std::make_shared<SeparateElements>(v, table, *beside);
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
        to_axis(gather(by_turn, constant(graph_, {chains->turns - 1}, std::move(later)), 0), 0, axis);
    Expr by_step = values_last(values_last(between, variable.axis), variable.other);
    if (same_steps) {
      tables.steps = by_step;  // [1, values, values]
    } else {
      by_step = broadcast(by_step, {}, {steps, variable.values, variable.values});
      tables.steps = to_axis(
          reshape(by_step, {chains->turns - 1, chains->chains, variable.values, variable.values}), 0, axis);
    }
    const Expr total = log_total(forward(graph_, axis, tables).last, -1);
    Summed result;
    result.cost = entries(v, *beside) * static_cast<double>(variable.values);
    const std::int64_t count = chains->chains;
    result.step = std::make_shared<ChainOfElements>(v, *chains, axis, tables, *beside);
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
  result.steps.push_back(std::make_shared<JointValues>(of, axis, table, std::move(places)));
  return result;
}

}  // namespace elbo::inference
