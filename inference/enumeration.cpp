// From a model with discrete variables to one without.
#include "inference/enumeration.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <optional>
#include <set>

#include "lang/diagnostic.hpp"
#include "runtime/expression.hpp"
#include "runtime/plates.hpp"
#include "runtime/support.hpp"

namespace elbo::inference {

using namespace runtime;

namespace {

std::string quoted(const std::string& name) { return "`" + name + "`"; }

std::string number(double value) {
  char text[32];
  std::snprintf(text, sizeof text, value < 1e7 ? "%.0f" : "%.2g", value);
  return text;
}

// The least and the greatest value of an expression of data; nothing when it is no such expression.
std::optional<std::pair<double, double>> range_of(Expr e) {
  const std::optional<Tensor> known = known_value(e);
  if (!known || known->size() == 0) return std::nullopt;
  const std::vector<double> values = known->reals();
  const auto [least, greatest] = std::minmax_element(values.begin(), values.end());
  return std::pair{*least, *greatest};
}

// Values of a variable, as numbers from `first` on; or why there is no list of them.
std::string find_values(EnumeratedVariable& v) {
  double least = INFINITY, greatest = -INFINITY;
  for (const VariablePart& part : v.variable->parts) {
    const Hull& hull = part.support.kind->hull;
    const auto end = [&](double fixed, int bound, bool is_least) -> std::optional<double> {
      if (bound < 0) return fixed;
      const auto range = range_of(part.support.bounds[static_cast<std::size_t>(bound)]);
      if (!range) return std::nullopt;
      return is_least ? range->first : range->second;
    };
    const auto from = end(hull.least, hull.least_bound, true),
               to = end(hull.greatest, hull.greatest_bound, false);
    if (!from || !to)
      return "how many values " + quoted(v.variable->name) + " has depends on other variables";
    least = std::min(least, *from);
    greatest = std::max(greatest, *to);
  }
  if (!std::isfinite(least) || !std::isfinite(greatest))
    return quoted(v.variable->name) + " has infinitely many values";
  if (greatest - least + 1 > most_table_entries)
    return quoted(v.variable->name) + " has " + number(greatest - least + 1) + " values";
  v.first = static_cast<std::int64_t>(least);
  v.values = static_cast<std::int64_t>(greatest - least) + 1;
  return {};
}

/// A log density of the model that depends on a variable to be summed out.
struct Density {
  Expr value;
  std::size_t variable = 0, part = 0;  ///< whose it is
  bool is_factor = false;
  std::size_t factor = 0;
  std::set<std::size_t> depends;  ///< on these of the enumerated variables
};

class Enumerator {
 public:
  Enumerator(const ModelGraph& model, const std::vector<std::string>& names)
      : model_(model), graph_(*model.graph), summed_(std::make_shared<SummedOut>()) {
    for (const RandomVariable& v : model.variables) {
      if (std::find(names.begin(), names.end(), v.name) != names.end()) summed_->originals.push_back(v);
    }
    for (const RandomVariable& v : summed_->originals) {
      EnumeratedVariable e;
      e.variable = &v;
      e.elements = element_count(v.value.type().event);
      find_values(e);
      e.axis = graph_.add_axis("values of " + v.name, e.values, AxisKind::plate);
      e.other = graph_.add_axis("neighbours of " + v.name, e.values, AxisKind::plate);
      summed_->variables.push_back(e);
    }
    find_densities();
  }

  Enumeration run(const std::shared_ptr<const ModelGraph>& original) {
    Enumeration result;
    auto marginal = std::make_shared<ModelGraph>(model_);
    std::set<std::string> gone;
    for (const std::vector<std::size_t>& of : components()) {
      Obstacle obstacle;
      for (const std::size_t v : of) obstacle.names.push_back(summed_->variables[v].variable->name);
      const std::optional<Elimination> found = sum_component(of, obstacle.why_not);
      if (!found) {
        result.obstacles.push_back(std::move(obstacle));
        continue;
      }
      gone.insert(obstacle.names.begin(), obstacle.names.end());
      keep(*marginal, *found, of, obstacle.names);
    }
    if (gone.empty()) {
      result.model = original;
      return result;
    }
    std::erase_if(marginal->variables, [&](const RandomVariable& v) { return gone.count(v.name) > 0; });
    std::vector<FactorTerm> factors;
    for (std::size_t f = 0; f < marginal->factors.size(); ++f) {
      if (used_factors_.count(f) == 0) factors.push_back(marginal->factors[f]);
    }
    marginal->factors = std::move(factors);
    for (const RandomVariable& v : summed_->originals) {
      if (gone.count(v.name) > 0) summed_->names.push_back(v.name);
    }
    result.model = std::move(marginal);
    result.summed_out = std::move(summed_);
    return result;
  }

 private:
  void find_densities() {
    const auto add = [&](Density density) {
      const std::vector<NodeId> order = topological_order(graph_, std::span(&density.value, 1));
      for (std::size_t v = 0; v < summed_->variables.size(); ++v) {
        const NodeId id = summed_->variables[v].variable->value.id();
        if (std::binary_search(order.begin(), order.end(), id)) density.depends.insert(v);
      }
      if (!density.depends.empty()) densities_.push_back(std::move(density));
    };
    for (std::size_t v = 0; v < model_.variables.size(); ++v) {
      for (std::size_t p = 0; p < model_.variables[v].parts.size(); ++p)
        add({model_.variables[v].parts[p].log_density, v, p, false, 0, {}});
    }
    for (std::size_t f = 0; f < model_.factors.size(); ++f)
      add({model_.factors[f].log_density, 0, 0, true, f, {}});
  }

  /// Variables that densities join.
  std::vector<std::vector<std::size_t>> components() const {
    std::vector<std::size_t> group(summed_->variables.size());
    std::iota(group.begin(), group.end(), 0);
    for (const Density& density : densities_) {
      const std::size_t to = group[*density.depends.begin()];
      for (const std::size_t v : density.depends) {
        const std::size_t from = group[v];
        std::replace(group.begin(), group.end(), from, to);
      }
    }
    std::map<std::size_t, std::vector<std::size_t>> result;
    for (std::size_t v = 0; v < group.size(); ++v) result[group[v]].push_back(v);
    std::vector<std::vector<std::size_t>> list;
    for (auto& [id, members] : result) list.push_back(std::move(members));
    return list;
  }

  bool is_of(const Density& density, const std::vector<std::size_t>& of) const {
    return std::find(of.begin(), of.end(), *density.depends.begin()) != of.end();
  }

  /// A variable that stays must not have a support that moves with one that goes.
  std::string support_obstacle(const std::vector<std::size_t>& of) const {
    for (const RandomVariable& v : model_.variables) {
      for (const VariablePart& part : v.parts) {
        for (const Expr& bound : part.support.bounds) {
          for (const std::size_t k : of) {
            const RandomVariable& discrete = *summed_->variables[k].variable;
            if (v.name == discrete.name || v.observed || part.support.kind->discrete) continue;
            const std::vector<NodeId> used = topological_order(graph_, std::span(&bound, 1));
            if (std::binary_search(used.begin(), used.end(), discrete.value.id()))
              return "where " + quoted(v.name) + " lies depends on " + quoted(discrete.name);
          }
        }
      }
    }
    return {};
  }

  std::optional<Elimination> sum_component(const std::vector<std::size_t>& of, std::string& why_not) const {
    why_not = support_obstacle(of);
    if (!why_not.empty()) return std::nullopt;
    std::vector<Potential> potentials;
    std::vector<Expr> densities;
    bool is_split = true;
    for (const Density& density : densities_) {
      if (!is_of(density, of)) continue;
      densities.push_back(density.value);
      auto tables = is_split ? potentials_of(density.value, summed_->variables, why_not) : std::nullopt;
      is_split = is_split && tables.has_value();
      if (is_split)
        potentials.insert(potentials.end(), std::make_move_iterator(tables->begin()),
                          std::make_move_iterator(tables->end()));
    }
    if (is_split) {
      // rows that depend on none of the variables stay as they are, beside the sum
      std::vector<Potential> constant;
      for (const Potential& p : potentials) {
        if (p.slots.empty()) constant.push_back(p);
      }
      std::erase_if(potentials, [](const Potential& p) { return p.slots.empty(); });
      Elimination result = eliminate(graph_, summed_->variables, of, std::move(potentials), why_not);
      if (!result.steps.empty() && result.cost <= most_table_entries) {
        for (const Potential& p : constant) result.terms.push_back({of.front(), sum_event(all_rows(p))});
        why_not.clear();
        return result;
      }
      if (!result.steps.empty())
        why_not = "the sum has " + number(result.cost) + " terms, more than " + number(most_table_entries);
    }
    const double cost = joint_cost(summed_->variables, of, densities);
    if (!(cost <= most_table_entries)) {
      if (is_split) return std::nullopt;
      why_not += ", and going through all combinations of values takes " + number(cost) +
                 " table entries (at most " + number(most_table_entries) + ")";
      return std::nullopt;
    }
    why_not.clear();
    return enumerate_jointly(graph_, summed_->variables, of, densities);
  }

  /// What is left of the variables becomes factors; the densities that these hold are marked.
  void keep(ModelGraph& marginal, const Elimination& found, const std::vector<std::size_t>& of,
            const std::vector<std::string>& names) {
    std::string list;
    for (const std::string& name : names) list += (list.empty() ? "" : ", ") + quoted(name);
    for (const SummedTerm& term : found.terms) {
      const RandomVariable& v = *summed_->variables[term.variable].variable;
      FactorTerm factor;
      factor.log_density = term.log_density;
      factor.span = v.span();
      factor.name = "the log density with " + list + " summed out";
      use_plates(factor, v);
      marginal.factors.push_back(std::move(factor));
    }
    for (const Density& density : densities_) {
      if (!is_of(density, of)) continue;
      if (density.is_factor) {
        used_factors_.insert(density.factor);
      } else {
        marginal.variables[density.variable].parts[density.part].in_factor = true;
      }
    }
    summed_->steps.insert(summed_->steps.end(), found.steps.begin(), found.steps.end());
    summed_->cost += found.cost;
  }

  /// One term per element of a variable that loops define has their plates, as the variable has.
  void use_plates(FactorTerm& factor, const RandomVariable& v) const {
    if (v.parts.size() != 1 || v.parts[0].plates.empty() || !v.parts[0].value.type().event.empty()) return;
    const VariablePart& part = v.parts[0];
    Shape turns;
    for (const AxisId axis : part.plates) turns.push_back(graph_.axis(axis).size);
    if (factor.log_density.type().event != Shape{element_count(turns)}) return;
    const Tensor& positions = *part.positions;
    for (std::int64_t i = 0; i < positions.size(); ++i) {
      if (positions.integer(i) != i) return;
    }
    Expr each = reshape(factor.log_density, turns);
    for (const AxisId axis : part.plates) each = to_axis(each, 0, axis);
    factor.log_density = each;
    factor.plates = part.plates;
  }

  const ModelGraph& model_;
  Graph& graph_;
  std::shared_ptr<SummedOut> summed_;
  std::vector<Density> densities_;
  std::set<std::size_t> used_factors_;
};

}  // namespace

Enumeration sum_out(const std::shared_ptr<const ModelGraph>& model, const std::vector<std::string>& names) {
  // What has no list of values is drawn like a continuous variable, and seen by the sums over the others.
  std::vector<std::string> possible;
  std::vector<Obstacle> obstacles;
  for (const std::string& name : names) {
    EnumeratedVariable e;
    e.variable = model->find(name);
    const std::string why_not = find_values(e);
    if (why_not.empty()) {
      possible.push_back(name);
    } else {
      obstacles.push_back({{name}, why_not});
    }
  }
  Enumeration result =
      possible.empty() ? Enumeration{model, nullptr, {}} : Enumerator(*model, possible).run(model);
  result.obstacles.insert(result.obstacles.begin(), obstacles.begin(), obstacles.end());
  return result;
}

std::vector<std::string> discrete_latents(const ModelGraph& model) {
  std::vector<std::string> names;
  for (const RandomVariable& v : model.variables) {
    if (!v.observed && v.parts[0].support.kind->discrete) names.push_back(v.name);
  }
  return names;
}

void recover_summed_out(SampledModel& model) {
  const SummedOut* summed = model.problem.summed_out.get();
  if (summed == nullptr) return;
  Replacements known;
  for (std::size_t i = 0; i < model.latents.size(); ++i)
    known[model.problem.model->find(model.latents[i])->value.id()] = model.draws[i];
  DrawnPlaces places;
  std::unordered_map<std::size_t, DiscreteDraw> draws;
  for (auto step = summed->steps.rbegin(); step != summed->steps.rend(); ++step)
    (*step)->draw(summed->variables, model.sample, known, places, draws);
  Replacements values;
  for (std::size_t v = 0; v < summed->variables.size(); ++v) {
    const auto found = draws.find(v);
    if (found == draws.end()) continue;
    const EnumeratedVariable& e = summed->variables[v];
    const Shape& shape = e.variable->value.type().event;
    const Expr first = model.graph->constant(Tensor(Shape{}, std::vector<std::int64_t>{e.first}));
    const Expr draw = reshape(e.first == 0 ? found->second.draw : found->second.draw + first, shape);
    model.recovered.push_back(
        {e.variable->name, draw, reshape(found->second.mean, shape), reshape(found->second.variance, shape)});
    values[e.variable->value.id()] = draw;
  }
  for (Expr& quantity : model.quantities) quantity = substitute(quantity, values);
}

std::vector<std::string> describe(const SummedOut& summed_out) {
  std::vector<std::string> lines;
  for (const auto& step : summed_out.steps) lines.push_back(step->describe(summed_out.variables));
  return lines;
}

}  // namespace elbo::inference
