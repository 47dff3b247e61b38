// From expressions to tables: every place where a density reads a discrete variable gets the variable's
// values along an axis of their own.
#include "inference/potential.hpp"

#include <algorithm>
#include <map>
#include <numeric>

#include "inference/incidence.hpp"
#include "inference/reads.hpp"
#include "runtime/expression.hpp"
#include "runtime/plates.hpp"

namespace elbo::inference {

using namespace runtime;

namespace {

using Rows = std::vector<std::int64_t>;

Rows integers(const Tensor& tensor) {
  Rows result(static_cast<std::size_t>(tensor.size()));
  for (std::size_t i = 0; i < result.size(); ++i) result[i] = tensor.integer(static_cast<std::int64_t>(i));
  return result;
}

std::string quoted(const EnumeratedVariable& v) { return "`" + v.variable->name + "`"; }

/// A read with the slot that it fills.
struct FilledRead {
  Expr node;
  std::size_t slot;
};

/// Finds the slots of one log density.
class Reader {
 public:
  Reader(Expr density, std::span<const EnumeratedVariable> variables)
      : density_(density), variables_(variables), rows_(density.graph().element_count(density.type())) {}

  bool run(std::string& why_not) {
    std::vector<Expr> values;
    for (const EnumeratedVariable& v : variables_) values.push_back(v.variable->value);
    const std::vector<Read> reads = reads_of({density_}, values);
    // each read on an input of its own, so that its dependence shows by itself
    Graph& graph = density_.graph();
    std::unordered_map<NodeId, Expr> apart;
    std::vector<Expr> inputs;
    for (const Read& read : reads) {
      inputs.push_back(graph.input("read", read.variable.type()));
      apart[read.node.id()] = substitute(read.node, {{read.variable.id(), inputs.back()}});
    }
    const Expr separated = substitute(density_, apart);
    const std::vector<NodeId> used = topological_order(graph, std::span(&separated, 1));
    for (std::size_t i = 0; i < reads.size(); ++i) {
      const auto v = static_cast<std::size_t>(std::find(values.begin(), values.end(), reads[i].variable) -
                                              values.begin());
      if (!std::binary_search(used.begin(), used.end(), inputs[i].id())) continue;
      const Incidence found = incidence(separated, inputs[i], 0);
      if (found.is_none()) continue;
      if (!fill(reads[i].node, v, found, why_not)) return false;
    }
    return true;
  }

  /// The density with the values in place of the reads, as a table.
  Potential table() const {
    std::unordered_map<NodeId, Expr> at_values;
    for (const FilledRead& read : reads_) {
      const Slot& slot = slots_[read.slot];
      at_values[read.node.id()] =
          broadcast(values_along(variables_[slot.variable], slot.axis), {}, read.node.type().event);
    }
    Expr table = substitute(density_, at_values);
    const std::vector<AxisId>& plates = density_.type().axes;
    const auto is_plate = [&](AxisId a) { return std::binary_search(plates.begin(), plates.end(), a); };
    const std::vector<AxisId>& axes = table.type().axes;
    const bool is_same = std::none_of(axes.begin(), axes.end(), is_plate) &&
                         element_count(table.type().event) == 1 && rows_ > 1;
    table = is_same ? reshape(table, {1})
                    : reshape(with_leading(broadcast(table, plates, density_.type().event), plates), {rows_});
    for (const Slot& slot : slots_) table = broadcast(table, {slot.axis}, table.type().event);
    return {table, rows_, slots_};
  }

 private:
  bool fill(Expr read, std::size_t v, const Incidence& found, std::string& why_not) {
    const EnumeratedVariable& variable = variables_[v];
    if (found.is_all || found.maps.size() > 1) {
      if (variable.elements > 1) {
        why_not = "an entry of a density depends on several entries of " + quoted(variable);
        return false;
      }
    }
    Rows element = found.is_all ? Rows(static_cast<std::size_t>(rows_), 0) : integers(found.maps.front());
    std::size_t of_variable = 0;
    for (std::size_t s = 0; s < slots_.size(); ++s) {
      if (slots_[s].variable != v) continue;
      if (slots_[s].element == element) {
        reads_.push_back({read, s});
        return true;
      }
      ++of_variable;
      for (std::size_t r = 0; r < element.size(); ++r) {
        if (element[r] < 0 || element[r] != slots_[s].element[r]) continue;
        why_not = "an entry of a density reads the same entry of " + quoted(variable) + " in two ways";
        return false;
      }
    }
    if (of_variable > 1) {
      why_not = "an entry of a density depends on more than two entries of " + quoted(variable);
      return false;
    }
    reads_.push_back({read, slots_.size()});
    slots_.push_back({v, of_variable == 0 ? variable.axis : variable.other, std::move(element)});
    return true;
  }

  Expr density_;
  std::span<const EnumeratedVariable> variables_;
  std::int64_t rows_;
  std::vector<Slot> slots_;
  std::vector<FilledRead> reads_;
};

// The only slot of a variable is along its first axis.
void use_first_axis(Potential& part, std::size_t s, std::span<const EnumeratedVariable> variables) {
  Slot& slot = part.slots[s];
  const EnumeratedVariable& v = variables[slot.variable];
  const bool is_only = std::count_if(part.slots.begin(), part.slots.end(),
                                     [&](const Slot& other) { return other.variable == slot.variable; }) == 1;
  if (slot.axis == v.axis || !is_only) return;
  part.table = to_axis(to_event(part.table, slot.axis, 0), 0, v.axis);
  slot.axis = v.axis;
}

// Rows that depend on the same slots together: those without an element lose the slot.
std::vector<Potential> split(const Potential& whole, std::span<const EnumeratedVariable> variables) {
  std::map<std::vector<bool>, Rows> groups;
  for (std::int64_t r = 0; r < whole.rows; ++r) {
    std::vector<bool> filled;
    for (const Slot& slot : whole.slots) filled.push_back(slot.element[static_cast<std::size_t>(r)] >= 0);
    groups[filled].push_back(r);
  }
  if (groups.size() == 1 &&
      std::all_of(groups.begin()->first.begin(), groups.begin()->first.end(), [](bool b) { return b; }))
    return {whole};
  std::vector<Potential> result;
  for (const auto& [filled, rows] : groups) {
    Potential part = chosen_rows(whole, rows);
    std::vector<Slot> kept;
    for (std::size_t s = 0; s < part.slots.size(); ++s) {
      if (filled[s]) {
        kept.push_back(part.slots[s]);
        continue;
      }
      // the same along the axis: its first entry
      Graph& graph = part.table.graph();
      const Expr first = graph.constant(Tensor(Shape{}, std::vector<std::int64_t>{0}));
      part.table = gather(to_event(part.table, part.slots[s].axis, 0), first, 0);
    }
    part.slots = std::move(kept);
    for (std::size_t s = 0; s < part.slots.size(); ++s) use_first_axis(part, s, variables);
    result.push_back(std::move(part));
  }
  return result;
}

}  // namespace

Expr values_along(const EnumeratedVariable& variable, AxisId axis) {
  Rows values(static_cast<std::size_t>(variable.values));
  std::iota(values.begin(), values.end(), variable.first);
  Tensor tensor({variable.values}, std::move(values));
  if (variable.variable->value.type().domain == Domain::boolean) tensor = tensor.stored_as(Storage::boolean);
  return to_axis(variable.variable->value.graph().constant(tensor), 0, axis);
}

Expr all_rows(const Potential& potential) { return broadcast(potential.table, {}, {potential.rows}); }

Potential chosen_rows(const Potential& potential, const Rows& rows) {
  Potential result;
  result.rows = static_cast<std::int64_t>(rows.size());
  const bool is_same = potential.table.type().event[0] == 1 && potential.rows > 1;
  result.table = is_same ? potential.table
                         : gather(potential.table,
                                  potential.table.graph().constant(Tensor({result.rows}, Rows(rows))), 0);
  for (const Slot& slot : potential.slots) {
    Slot chosen{slot.variable, slot.axis, {}};
    for (const std::int64_t r : rows) chosen.element.push_back(slot.element[static_cast<std::size_t>(r)]);
    result.slots.push_back(std::move(chosen));
  }
  return result;
}

std::optional<std::vector<Potential>> potentials_of(Expr log_density,
                                                    std::span<const EnumeratedVariable> variables,
                                                    std::string& why_not) {
  Reader reader(log_density, variables);
  if (!reader.run(why_not)) return std::nullopt;
  return split(reader.table(), variables);
}

}  // namespace elbo::inference
