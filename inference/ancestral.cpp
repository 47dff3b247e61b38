// Drawing the variables of a graph in the order of their dependence.
#include "inference/ancestral.hpp"

#include <algorithm>
#include <map>
#include <optional>

#include "inference/reads.hpp"
#include "lang/diagnostic.hpp"
#include "runtime/expression.hpp"
#include "runtime/library.hpp"
#include "runtime/operations/operations.hpp"
#include "runtime/plates.hpp"
#include "runtime/program.hpp"
#include "runtime/scan.hpp"

namespace elbo::inference {

using namespace runtime;

namespace {

std::vector<Expr> expressions_of(const VariablePart& part) {
  std::vector<Expr> result = part.call.canonical;
  result.insert(result.end(), part.call.given.begin(), part.call.given.end());
  if (part.bijector) result.insert(result.end(), part.bijector->bounds.begin(), part.bijector->bounds.end());
  return result;
}

/// One part of one variable.
struct Unit {
  std::size_t variable;
  std::size_t part;
};

class Ancestral {
 public:
  Ancestral(const ModelGraph& model, const std::vector<AxisId>& axes, bool detach, Replacements& known,
            std::vector<FixedPoint>* fixed_points, const DrawRule& rule)
      : model_(model), axes_(axes), detach_(detach), known_(known), fixed_points_(fixed_points), rule_(rule) {
    for (std::size_t v = 0; v < model.variables.size(); ++v) {
      const RandomVariable& variable = model.variables[v];
      if (variable.value.node().operation != &input_operation || known.contains(variable.value.id()))
        continue;
      VariableDraw draw{&variable, {}, {}, {}, {}, {}};
      draw.parts.resize(variable.parts.size());
      draw.unconstrained.resize(variable.parts.size());
      draw.bijectors.resize(variable.parts.size());
      draw.calls.resize(variable.parts.size());
      place_[v] = draws_.size();
      draws_.push_back(std::move(draw));
      for (std::size_t p = 0; p < variable.parts.size(); ++p) {
        const VariablePart& part = variable.parts[p];
        if (!part.call.distribution->sample) {
          fail("no-draws",
               "`" + variable.name + "` cannot be drawn: nothing can be drawn from " +
                   part.call.distribution->name,
               part.span,
               "a prior without an integral, or a distribution without `sample()`, can be fitted but not "
               "simulated");
        }
        waiting_.push_back({v, p});
      }
    }
  }

  std::vector<VariableDraw> run() {
    while (!waiting_.empty()) {
      const std::size_t before = waiting_.size();
      std::vector<Unit> still;
      for (const Unit& unit : waiting_) {
        if (!try_draw(unit)) still.push_back(unit);
      }
      waiting_ = std::move(still);
      if (waiting_.size() == before && !draw_chain()) draw_from_itself();
    }
    return std::move(draws_);
  }

 private:
  const VariablePart& part(const Unit& u) const { return model_.variables[u.variable].parts[u.part]; }
  VariableDraw& draw_of(std::size_t variable) { return draws_[place_.at(variable)]; }

  /// Variables that are drawn in part only, or not at all.
  std::vector<Expr> unfinished() const {
    std::vector<Expr> result;
    for (const VariableDraw& draw : draws_) {
      const Expr value = draw.variable->value;
      if (!draw.whole && !entering_.contains(value.id())) result.push_back(value);
    }
    return result;
  }

  std::vector<AxisId> axes_of(const VariablePart& part) const {
    std::vector<AxisId> result = axes_;
    result.insert(result.end(), part.plates.begin(), part.plates.end());
    std::sort(result.begin(), result.end());
    return result;
  }

  Expr drawn(const DistributionCall& call, const Unit& unit) const {
    const VariablePart& part = this->part(unit);
    if (rule_) {
      const Expr value = rule_(model_.variables[unit.variable], unit.part, call, axes_of(part));
      if (value) return value;
    }
    const Expr value = sample(call, axes_of(part));
    return is_held(call) ? stop_gradient(value) : value;
  }

  /// Whether no gradient may flow through a draw: none is asked for, or it would be a wrong one.
  bool is_held(const DistributionCall& call) const {
    return detach_ || call.distribution->pathwise == Pathwise::none;
  }

  /// Draws a part whose distribution needs only what is drawn already.
  bool try_draw(const Unit& unit) {
    const VariablePart& p = part(unit);
    Replacements local = known_;
    for (const Read& read : reads_of(expressions_of(p), unfinished())) {
      const auto value = read_drawn(read);
      if (!value) return false;
      local[read.node.id()] = *value;
    }
    const DistributionCall call = substitute(p.call, local);
    Expr value = drawn(call, unit);
    if (p.bijector) {
      VariableDraw& draw = draw_of(unit.variable);
      Support bijector = *p.bijector;
      for (Expr& bound : bijector.bounds) bound = substitute(bound, local);
      draw.unconstrained[unit.part] = value;
      value = bijector.kind->constrain(value, bijector.bounds);
      draw.bijectors[unit.part] = std::move(bijector);
    }
    finish(unit, call, value);
    return true;
  }

  void finish(const Unit& unit, const DistributionCall& call, Expr value) {
    VariableDraw& draw = draw_of(unit.variable);
    draw.parts[unit.part] = value;
    draw.calls[unit.part] = call;
    if (!std::all_of(draw.parts.begin(), draw.parts.end(),
                     [](const Expr& e) { return static_cast<bool>(e); }))
      return;
    draw.whole = assemble(*draw.variable, draw.parts);
    known_[draw.variable->value.id()] = draw.whole;
    if (const auto it = entering_.find(draw.variable->value.id()); it != entering_.end()) {
      fixed_points_->push_back({it->second, draw.whole, draw.variable});
    }
  }

  /// The elements that the drawn parts of a variable have so far, as one list, and where in it each is.
  struct Listed {
    Expr list;
    std::map<std::int64_t, std::int64_t> place;
  };
  std::optional<Listed> listed(Expr variable) {
    const auto it = std::find_if(draws_.begin(), draws_.end(),
                                 [&](const VariableDraw& d) { return d.variable->value == variable; });
    std::vector<Expr> lists;
    Listed result;
    for (std::size_t p = 0; p < it->parts.size(); ++p) {
      if (!it->parts[p]) continue;
      const VariablePart& part = it->variable->parts[p];
      const Expr list = with_leading(it->parts[p], part.plates);
      const Tensor numbers = element_numbers(with_leading(part.value, part.plates), variable);
      for (std::int64_t i = 0; i < numbers.size(); ++i) {
        result.place.emplace(numbers.integer(i), static_cast<std::int64_t>(result.place.size()));
      }
      lists.push_back(reshape(list, {numbers.size()}));
    }
    if (it->variable->data) add_fixed(*it->variable, lists, result);
    if (lists.empty()) return std::nullopt;
    result.list = lists.size() == 1 ? lists[0] : concatenate(lists, 0);
    return result;
  }

  /// Entries of data that no statement stands for are what they are.
  static void add_fixed(const RandomVariable& variable, std::vector<Expr>& lists, Listed& to) {
    const std::int64_t count = element_count(variable.value.type().event);
    std::vector<bool> is_modelled(static_cast<std::size_t>(count));
    for (const VariablePart& part : variable.parts) {
      const Tensor numbers = element_numbers(part.value, variable.value);
      for (std::int64_t i = 0; i < numbers.size(); ++i)
        is_modelled[static_cast<std::size_t>(numbers.integer(i))] = true;
    }
    std::vector<std::int64_t> fixed;
    for (std::int64_t i = 0; i < count; ++i) {
      if (is_modelled[static_cast<std::size_t>(i)]) continue;
      to.place.emplace(i, static_cast<std::int64_t>(to.place.size()));
      fixed.push_back(i);
    }
    if (fixed.empty()) return;
    const auto size = static_cast<std::int64_t>(fixed.size());
    Graph& graph = variable.data.graph();
    lists.push_back(
        gather(reshape(variable.data, {count}), graph.constant(Tensor({size}, std::move(fixed))), 0));
  }

  /// A read all of whose elements are drawn; nothing otherwise.
  std::optional<Expr> read_drawn(const Read& read) {
    const auto source = listed(read.variable);
    if (!source) return std::nullopt;
    const Tensor numbers = element_numbers(read.node, read.variable);
    std::vector<std::int64_t> from(static_cast<std::size_t>(numbers.size()));
    for (std::int64_t i = 0; i < numbers.size(); ++i) {
      const auto it = source->place.find(numbers.integer(i));
      if (it == source->place.end()) return std::nullopt;
      from[static_cast<std::size_t>(i)] = it->second;
    }
    const Expr index =
        read.node.graph().constant(Tensor(numbers.shape(), std::move(from)), read.node.type().axes);
    return gather(source->list, index, 0);
  }

  // ---- chains ----

  /// Element numbers of an expression as [turn][the rest], the axis first.
  std::vector<std::vector<std::int64_t>> by_turn(Expr moved, Expr variable, AxisId axis) const {
    const Tensor numbers = element_numbers(with_leading(moved, {axis}), variable);
    const std::int64_t turns = moved.graph().axis(axis).size;
    // the other axes lead in evaluate's result: the axis is the first event dimension, behind them
    std::int64_t lead = 1;
    for (const AxisId a : moved.type().axes) {
      if (a != axis) lead *= moved.graph().axis(a).size;
    }
    const std::int64_t inner = numbers.size() / (lead * turns);
    std::vector<std::vector<std::int64_t>> result(static_cast<std::size_t>(turns));
    for (std::int64_t l = 0; l < lead; ++l) {
      for (std::int64_t t = 0; t < turns; ++t) {
        for (std::int64_t i = 0; i < inner; ++i)
          result[static_cast<std::size_t>(t)].push_back(numbers.integer((l * turns + t) * inner + i));
      }
    }
    return result;
  }

  struct Link {
    Unit unit;
    std::vector<std::vector<std::int64_t>> numbers;  // of its own elements, by turn
    std::size_t first_carry = 0;
    std::int64_t order = 0;
  };

  /// How many turns before its own a read meets the elements of a link; nothing when it does not meet them
  /// so.
  static std::optional<std::int64_t> lag_of(const Link& link,
                                            const std::vector<std::vector<std::int64_t>>& read) {
    const auto turns = static_cast<std::int64_t>(read.size());
    for (std::int64_t lag = 0; lag < turns; ++lag) {
      bool fits = true;
      for (std::int64_t t = lag; t < turns && fits; ++t) {
        fits = read[static_cast<std::size_t>(t)] == link.numbers[static_cast<std::size_t>(t - lag)];
      }
      if (fits) return lag;
    }
    return std::nullopt;
  }

  [[noreturn]] void refuse(const Unit& unit) const {
    const RandomVariable& v = model_.variables[unit.variable];
    throw lang::Failure(
        {.code = "not-yet-supported",
         .message = "`" + v.name +
                    "` cannot be drawn: its entries depend on each other in a way that is no chain "
                    "along one loop",
         .span = part(unit).span,
         .related = {},
         .hint = "entries may depend on those of earlier turns, a fixed number of turns back"});
  }

  /// Parts that wait for each other along the loop they share.
  bool draw_chain() {
    const std::vector<Expr> open = unfinished();
    // the loop of the first waiting part along which it depends on what waits
    for (const AxisId axis : part(waiting_.front()).plates) {
      if (draw_along(axis, open)) return true;
    }
    return false;
  }

  /// What waits is drawn as a function of itself: its later entries depend on its earlier ones in some way
  /// that is no chain along one loop.
  void draw_from_itself() {
    if (fixed_points_ == nullptr) refuse(waiting_.front());
    Graph& graph = *model_.graph;
    for (const Unit& unit : waiting_) {
      const RandomVariable& variable = model_.variables[unit.variable];
      if (entering_.contains(variable.value.id())) continue;
      Type type = variable.value.type();
      type.axes = axes_;
      const Expr entering = graph.input(variable.name, type);
      entering_[variable.value.id()] = entering;
      known_[variable.value.id()] = entering;
    }
  }

  bool draw_along(AxisId axis, const std::vector<Expr>& open) {
    Graph& graph = *model_.graph;
    std::vector<Link> links;
    for (const Unit& unit : waiting_) {
      const VariablePart& p = part(unit);
      if (std::find(p.plates.begin(), p.plates.end(), axis) == p.plates.end()) continue;
      links.push_back({unit, by_turn(p.value, model_.variables[unit.variable].value, axis), 0, 0});
    }
    struct Use {
      Expr node;
      std::size_t link;
      std::int64_t lag;
      std::vector<std::vector<std::int64_t>> numbers;
      Expr variable;
    };
    // Links that read something which is neither drawn nor a link's wait for the next round.
    std::vector<std::vector<Use>> uses(links.size());
    std::vector<Replacements> local(links.size(), known_);
    for (std::size_t k = 0; k < links.size(); ++k) {
      bool ready = true;
      for (const Read& read : reads_of(expressions_of(part(links[k].unit)), open)) {
        if (const auto value = read_drawn(read)) {
          local[k][read.node.id()] = *value;
          continue;
        }
        const auto& axes = read.node.type().axes;
        bool met = false;
        if (std::find(axes.begin(), axes.end(), axis) != axes.end()) {
          auto numbers = by_turn(read.node, read.variable, axis);
          for (std::size_t other = 0; other < links.size() && !met; ++other) {
            if (model_.variables[links[other].unit.variable].value != read.variable) continue;
            const auto lag = lag_of(links[other], numbers);
            if (!lag) continue;
            met = true;
            links[other].order = std::max(links[other].order, *lag);
            uses[k].push_back({read.node, other, *lag, std::move(numbers), read.variable});
          }
        }
        ready = ready && met;
      }
      if (!ready) return false;
    }
    if (links.empty()) return false;
    // Carried: the draws of the last turns.
    std::vector<Carry> carries;
    for (std::size_t k = 0; k < links.size(); ++k) {
      Link& link = links[k];
      link.first_carry = carries.size();
      const RandomVariable& variable = model_.variables[link.unit.variable];
      const Use* longest = nullptr;
      for (const auto& list : uses) {
        for (const Use& use : list) {
          if (use.link == k && use.lag == link.order && link.order > 0) longest = &use;
        }
      }
      for (std::int64_t lag = 1; lag <= link.order; ++lag) {
        const Expr initial = before_first(*longest, link.order - lag, axis);
        Type type = initial.type();
        type.axes = axes_of(part(link.unit));
        std::erase(type.axes, axis);
        carries.push_back({graph.input(variable.name, type), initial, {}});
      }
    }
    // The draw of each link in the body; one that reads another's draw of the same turn comes after it.
    std::vector<Expr> value(links.size());
    std::vector<DistributionCall> calls(links.size());
    for (std::size_t round = 0; round < links.size(); ++round) {
      for (std::size_t k = 0; k < links.size(); ++k) {
        if (value[k]) continue;
        bool ready = true;
        for (const Use& use : uses[k]) {
          if (use.lag > 0) {
            local[k][use.node.id()] =
                carries[links[use.link].first_carry + static_cast<std::size_t>(use.lag - 1)].placeholder;
          } else if (value[use.link]) {
            local[k][use.node.id()] = value[use.link];
          } else {
            ready = false;
          }
        }
        if (!ready) continue;
        calls[k] = substitute(part(links[k].unit).call, local[k]);
        value[k] = drawn(calls[k], links[k].unit);
      }
    }
    for (std::size_t k = 0; k < links.size(); ++k) {
      if (!value[k]) return false;
      for (std::int64_t lag = 1; lag <= links[k].order; ++lag) {
        const std::size_t c = links[k].first_carry + static_cast<std::size_t>(lag - 1);
        carries[c].next = lag == 1 ? value[k] : carries[c - 1].placeholder;
      }
    }
    std::vector<Expr> placeholders;
    for (const Carry& carry : carries) placeholders.push_back(carry.placeholder);
    if (!is_causal(graph, axis, value, placeholders)) return false;
    const ScanResult result = scan(graph, axis, carries, value);
    std::vector<Unit> rest;
    for (const Unit& unit : waiting_) {
      const bool is_link = std::any_of(links.begin(), links.end(), [&](const Link& l) {
        return l.unit.variable == unit.variable && l.unit.part == unit.part;
      });
      if (!is_link) rest.push_back(unit);
    }
    waiting_ = std::move(rest);
    for (std::size_t k = 0; k < links.size(); ++k) {
      const Expr history = links[k].order > 0 ? result.after[links[k].first_carry] : result.outputs[k];
      finish(links[k].unit, calls[k], is_held(calls[k]) ? stop_gradient(history) : history);
    }
    // The distributions given the draws, for means and densities: in terms of the whole variables.
    for (const Link& link : links) {
      draw_of(link.unit.variable).calls[link.unit.part] = substitute(part(link.unit).call, known_);
    }
    return true;
  }

  /// What a read with the longest lag meets at this turn: an element drawn before the loop.
  template <class Use>
  Expr before_first(const Use& use, std::int64_t turn, AxisId axis) {
    Graph& graph = *model_.graph;
    const auto source = listed(use.variable);
    Type type = use.node.type();
    std::vector<AxisId> others = type.axes;
    std::erase(others, axis);
    Shape shape;
    for (const AxisId a : others) shape.push_back(graph.axis(a).size);
    shape.insert(shape.end(), type.event.begin(), type.event.end());
    std::vector<std::int64_t> from(static_cast<std::size_t>(element_count(shape)));
    if (turn < static_cast<std::int64_t>(use.numbers.size())) {
      const auto& numbers = use.numbers[static_cast<std::size_t>(turn)];
      for (std::size_t i = 0; i < from.size(); ++i) {
        const auto it =
            source ? source->place.find(numbers[i]) : std::map<std::int64_t, std::int64_t>::iterator();
        if (!source || it == source->place.end()) {
          throw lang::InternalError("a chain reads what is not drawn before it");
        }
        from[i] = it->second;
      }
    }
    if (!source) throw lang::InternalError("a chain has nothing before its first turn");
    return gather(source->list, graph.constant(Tensor(shape, std::move(from)), others), 0);
  }

  const ModelGraph& model_;
  const std::vector<AxisId>& axes_;
  bool detach_;
  Replacements& known_;
  std::vector<FixedPoint>* fixed_points_;
  const DrawRule& rule_;
  Replacements entering_;  // a variable that is drawn from itself -> what stands for it there
  std::vector<VariableDraw> draws_;
  std::map<std::size_t, std::size_t> place_;  // variable -> its draw
  std::vector<Unit> waiting_;
};

}  // namespace

std::vector<VariableDraw> draw_variables(const ModelGraph& model, const std::vector<AxisId>& axes,
                                         bool detach, Replacements& known,
                                         std::vector<FixedPoint>* fixed_points, const DrawRule& rule) {
  return Ancestral(model, axes, detach, known, fixed_points, rule).run();
}

}  // namespace elbo::inference
