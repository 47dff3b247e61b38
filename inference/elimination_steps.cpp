// Steps of variable elimination.
#include "inference/elimination_steps.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "runtime/expression.hpp"
#include "runtime/scan.hpp"

namespace elbo::inference {

using namespace runtime;

namespace {

Expr floored(Expr x) { return at_least(x, impossible); }

bool has_axis(Expr e, AxisId axis) {
  return std::binary_search(e.type().axes.begin(), e.type().axes.end(), axis);
}

}  // namespace

Expr whole_numbers(Graph& graph, Shape shape, Rows values) {
  return graph.constant(Tensor(std::move(shape), std::move(values)));
}

Expr log_total(Expr x, std::int64_t dim) { return logsumexp_dim(floored(x), dim); }

Expr settled(Expr total) {
  Graph& graph = total.graph();
  return select(less(total, graph.constant(0.5 * impossible)),
                graph.constant(-std::numeric_limits<double>::infinity()), total);
}

Expr values_last(Expr table, AxisId axis) {
  if (!has_axis(table, axis)) table = broadcast_axis(table, axis);
  return to_event(table, axis, static_cast<std::int64_t>(table.type().event.size()));
}

Expr places_along(Graph& graph, AxisId axis) {
  Rows count(static_cast<std::size_t>(graph.axis(axis).size));
  std::iota(count.begin(), count.end(), 0);
  return to_axis(whole_numbers(graph, {graph.axis(axis).size}, std::move(count)), 0, axis);
}

namespace {

using Known = std::unordered_map<NodeId, Expr>;

// A table at the drawn places of another variable, one per row.
Expr at_drawn(Expr table, const Slot& slot, const DrawnPlaces& drawn) {
  if (!has_axis(table, slot.axis)) return table;
  Graph& graph = table.graph();
  Rows element = slot.element;
  for (std::int64_t& e : element)
    e = std::max<std::int64_t>(e, 0);  // rows of no element are alike in all places
  const auto rows = static_cast<std::int64_t>(element.size());
  const Expr chosen = gather(drawn.at(slot.variable), whole_numbers(graph, {rows}, std::move(element)), 0);
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
  const Expr places = whole_numbers(graph, {count}, std::move(numbers));
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
    const Expr places = whole_numbers(graph, {1, 1, v.values}, std::move(count));
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
                    whole_numbers(graph, {v.elements}, std::move(from)), 0);
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
    Expr chosen = gather(drawn.at(other.variable), whole_numbers(graph, {chains}, std::move(element)), 0);
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
      const Expr table = whole_numbers(graph, {count, v.elements}, Rows(places_[i]));
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

}  // namespace

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

Expr forward_total(Graph& graph, AxisId axis, const ChainTables& tables) {
  return forward(graph, axis, tables).last;
}

std::shared_ptr<const EliminationStep> separate_elements(std::size_t variable, Expr table,
                                                         std::vector<Slot> others) {
  return std::make_shared<SeparateElements>(variable, table, std::move(others));
}

std::shared_ptr<const EliminationStep> chain_of_elements(std::size_t variable, Chains chains, AxisId axis,
                                                         ChainTables tables, std::vector<Slot> others) {
  return std::make_shared<ChainOfElements>(variable, std::move(chains), axis, tables, std::move(others));
}

std::shared_ptr<const EliminationStep> joint_values(std::vector<std::size_t> of, AxisId axis, Expr table,
                                                    std::vector<Rows> places) {
  return std::make_shared<JointValues>(std::move(of), axis, table, std::move(places));
}

}  // namespace elbo::inference
