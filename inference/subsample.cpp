// From graphs over all rows to graphs over a batch of them.
#include "inference/subsample.hpp"

#include <algorithm>
#include <optional>
#include <set>

#include "inference/batch_rows.hpp"
#include "lang/check.hpp"
#include "runtime/differentiate.hpp"
#include "runtime/expression.hpp"
#include "runtime/interpreter.hpp"
#include "runtime/operations/operations.hpp"

namespace elbo::inference {

using namespace runtime;

namespace {

// Numbers of one outcome before a bijector: how many trailing dimensions of the unconstrained value are one
// draw of the distribution, and the shape of all of it.
Shape drawn_shape(const VariablePart& part) {
  Shape shape = part.value.type().event;
  if (part.bijector && part.bijector->kind->unconstrained_shape != nullptr)
    shape = part.bijector->kind->unconstrained_shape(shape);
  return shape;
}

// How many rows a statement has: the turns of its outermost loop, or the leading dimension of a vector whose
// entries are independent; 0: it has none.
std::int64_t rows_of(const VariablePart& part, const Graph& graph) {
  if (!part.plates.empty()) return graph.axis(part.plates.front()).size;
  const Shape& event = part.value.type().event;
  const auto whole = static_cast<std::size_t>(part.outcome_rank());
  return event.size() > whole ? event.front() : 0;
}

// All that the objective is made of.
std::vector<Expr> expressions_of(const ModelGraph& graph) {
  std::vector<Expr> roots;
  const auto add = [&](const std::vector<Expr>& list) {
    roots.insert(roots.end(), list.begin(), list.end());
  };
  for (const RandomVariable& v : graph.variables) {
    for (const VariablePart& part : v.parts) {
      add(part.call.canonical);
      add(part.call.given);
      add(part.support.bounds);
      if (part.bijector) add(part.bijector->bounds);
      add({part.value, part.log_density});
    }
  }
  for (const FactorTerm& factor : graph.factors) roots.push_back(factor.log_density);
  return roots;
}

/// One choice of rows, applied to a model and its guide.
class Subsampling {
 public:
  /// `index`: the numbers of the rows, [batch].
  Subsampling(const Problem& problem, std::int64_t rows, Expr index, double weight)
      : problem_(problem), graph_(*problem.model->graph), rows_(rows), weight_(weight) {
    batch_.axis = graph_.add_axis("batch", index.type().event.front(), AxisKind::plate);
    batch_.index = index;
    batch_.rows = rows;
    for (const RandomVariable& v : problem.model->variables) {
      if (can_be_local(v)) local_.insert(v.name);
    }
  }

  Problem run() {
    // Whether a variable is seen by its own row only shows when the rows have been replaced.
    for (;;) {
      const Problem result = replaced();
      if (whole_.empty()) return result;
      const std::optional<std::string> seen = seen_by_others(result);
      if (!seen) return result;
      local_.erase(*seen);
    }
  }

 private:
  bool has_rows(const VariablePart& part) const { return rows_of(part, graph_) == rows_; }
  bool has_rows(const FactorTerm& factor) const {
    return !factor.plates.empty() && graph_.axis(factor.plates.front()).size == rows_;
  }

  bool has_entry_per_row(const RandomVariable& v) const {
    const Shape& event = v.value.type().event;
    return v.parts.size() == 1 && has_rows(v.parts[0]) && !event.empty() && event.front() == rows_;
  }

  // Data are where they are: only what is to be drawn can be drawn for some of the rows.
  bool can_be_local(const RandomVariable& v) const {
    if (v.value.node().operation != &input_operation || !has_entry_per_row(v)) return false;
    if (v.observed || !problem_.guide) return true;
    const RandomVariable* guide = problem_.guide->find(v.name);
    return guide && !problem_.guide->joint && has_entry_per_row(*guide);
  }

  Expr at_batch(Expr value) const {
    Type type = value.type();
    type.event.front() = graph_.axis(batch_.axis).size;
    return graph_.input(value.node().attributes.text, type);
  }

  Problem replaced() {
    std::vector<AxisId> loops;
    std::unordered_map<NodeId, Expr> known;
    whole_.clear();
    for (const ModelGraph* g : {problem_.model.get(), problem_.guide.get()}) {
      if (!g) continue;
      for (const RandomVariable& v : g->variables) {
        for (const VariablePart& part : v.parts) {
          if (is_replaced(v, part) && !part.plates.empty()) loops.push_back(part.plates.front());
        }
        if (local_.contains(v.name)) {
          known[v.value.id()] = at_batch(v.value);
          whole_.emplace_back(v.name, v.value);
        }
      }
      for (const FactorTerm& factor : g->factors) {
        if (has_rows(factor)) loops.push_back(factor.plates.front());
      }
    }
    BatchRows rows(batch_.index, batch_.axis, loops, known);
    Problem result;
    result.model = graph_at_batch(*problem_.model, rows, known);
    if (problem_.guide) result.guide = graph_at_batch(*problem_.guide, rows, known);
    return result;
  }

  bool is_replaced(const RandomVariable& v, const VariablePart& part) const {
    return has_rows(part) && (v.observed || local_.contains(v.name));
  }

  std::shared_ptr<const ModelGraph> graph_at_batch(const ModelGraph& from, BatchRows& rows,
                                                   const std::unordered_map<NodeId, Expr>& known) {
    auto result = std::make_shared<ModelGraph>(from);
    result->quantities.clear();  // what the draws of a fit give, from all rows
    for (RandomVariable& v : result->variables) {
      for (VariablePart& part : v.parts) {
        if (is_replaced(v, part)) part = part_at_batch(part, rows);
      }
      if (const auto it = known.find(v.value.id()); it != known.end()) {
        v.value = it->second;
        if (v.indexed.empty()) v.indexed = {0};
        v.indexed.front() = graph_.axis(batch_.axis).size;
      }
    }
    for (FactorTerm& factor : result->factors) {
      if (!has_rows(factor)) continue;
      factor.log_density = rows.in_loop(factor.log_density);
      factor.plates.front() = batch_.axis;
      factor.weight = weight_;
    }
    result->batch = batch_;
    const std::vector<NodeId> used = topological_order(graph_, expressions_of(*result));
    for (std::size_t p = 0; p < from.parameters.size(); ++p) {
      const Expr value = from.parameters[p].value;
      if (value.type().event.empty() || value.type().event.front() != rows_) continue;
      const NodeId at_batch = rows.along(value, 0).id();
      if (std::binary_search(used.begin(), used.end(), at_batch)) result->batch->parameter_rows[at_batch] = p;
    }
    return result;
  }

  VariablePart part_at_batch(const VariablePart& part, BatchRows& rows) const {
    VariablePart result = part;
    result.weight = weight_;
    const bool in_loop = !part.plates.empty();
    const auto elements =
        static_cast<std::int64_t>(drawn_shape(part).size()) - part.call.distribution->event_rank;
    // `own` trailing dimensions belong to one outcome
    const auto at_rows = [&](Expr& e, std::int64_t own, std::int64_t leading) {
      if (in_loop) {
        e = rows.in_loop(e);
      } else if (static_cast<std::int64_t>(e.type().event.size()) - own == leading) {
        Shape rest(e.type().event.begin() + 1, e.type().event.end());
        e = e.type().event.front() == 1 && rows_ != 1 ? reshape(e, rest)
                                                      : to_axis(rows.along(e, 0), 0, batch_.axis);
      }
    };
    const std::vector<int>& ranks = part.call.distribution->parameter_ranks;
    for (std::vector<Expr>* list : {&result.call.canonical, &result.call.given}) {
      for (std::size_t i = 0; i < list->size(); ++i)
        at_rows((*list)[i], ranks.empty() ? 0 : ranks[i], elements);
    }
    const auto outcomes = static_cast<std::int64_t>(part.value.type().event.size());
    for (Support* support : {&result.support, result.bijector ? &*result.bijector : nullptr}) {
      if (support == nullptr) continue;
      for (Expr& bound : support->bounds) at_rows(bound, 0, outcomes);
    }
    const auto value_rank = static_cast<std::int64_t>(part.value.type().event.size());
    at_rows(result.value, 0, value_rank);
    at_rows(result.log_density, 0, static_cast<std::int64_t>(part.log_density.type().event.size()));
    if (in_loop) {
      result.plates.front() = batch_.axis;
    } else {
      result.plates = {batch_.axis};
      if (!result.call.size.empty() && result.call.size.front() == rows_)
        result.call.size.erase(result.call.size.begin());
    }
    Shape shape;
    if (part.positions) {
      shape = part.positions->shape();
      shape.front() = graph_.axis(batch_.axis).size;
    } else {
      shape = {graph_.axis(batch_.axis).size};
    }
    std::vector<std::int64_t> order(static_cast<std::size_t>(element_count(shape)));
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = static_cast<std::int64_t>(i);
    result.positions = Tensor(shape, std::move(order));
    return result;
  }

  // A variable whose rows others than its own see.
  std::optional<std::string> seen_by_others(const Problem& at_batch) const {
    std::vector<Expr> roots = expressions_of(*at_batch.model);
    if (at_batch.guide) {
      const std::vector<Expr> guide = expressions_of(*at_batch.guide);
      roots.insert(roots.end(), guide.begin(), guide.end());
    }
    const std::vector<NodeId> used = topological_order(graph_, roots);
    for (const auto& [name, value] : whole_) {
      if (std::binary_search(used.begin(), used.end(), value.id())) return name;
    }
    return std::nullopt;
  }

  const Problem& problem_;
  Graph& graph_;
  std::int64_t rows_;
  double weight_;
  RowBatch batch_;
  std::set<std::string> local_;                      // variables that are drawn for the batch only
  std::vector<std::pair<std::string, Expr>> whole_;  // their values over all rows, in model and guide
};

}  // namespace

std::string listed(const std::vector<ObservedRows>& rows) {
  std::string text;
  for (const ObservedRows& each : rows)
    text += (text.empty() ? "" : ", ") + ("`" + each.variable + "` has " + std::to_string(each.rows));
  return text;
}

std::vector<ObservedRows> observed_rows(const ModelGraph& model) {
  std::vector<ObservedRows> result;
  for (const RandomVariable& v : model.variables) {
    if (!v.observed) continue;
    for (const VariablePart& part : v.parts) {
      const std::int64_t rows = rows_of(part, *model.graph);
      if (rows == 0) continue;
      result.push_back(
          {v.name, part.plates.empty() ? "" : model.graph->axis(part.plates.front()).name, rows});
    }
  }
  return result;
}

std::int64_t row_count(const ModelGraph& model, const BatchOption& batch) {
  const std::vector<ObservedRows> all = observed_rows(model);
  std::optional<std::int64_t> rows;
  for (const ObservedRows& each : all) {
    if (!batch.of.empty() && each.variable != batch.of && each.loop != batch.of) continue;
    if (rows && *rows != each.rows) {
      fail("bad-option", "option `batch` does not say which rows: " + listed(all), batch.span,
           "name the variable: batch = {" + all.front().variable + ": " + std::to_string(batch.size) + "}");
    }
    rows = each.rows;
  }
  if (!rows) {
    if (!batch.of.empty()) {
      std::vector<std::string> names;
      for (const RandomVariable& v : model.variables) {
        if (v.observed) names.push_back(v.name);
      }
      fail("bad-option",
           "option `batch` names `" + batch.of +
               "`, which is no observed variable with rows and no loop around one",
           batch.span, lang::did_you_mean(batch.of, names));
    }
    fail("bad-option", "option `batch` needs observed rows, and this model has none", batch.span,
         "rows are the turns of a loop around an observed statement, or the entries of an observed vector");
  }
  if (batch.size > *rows) {
    fail("bad-option",
         "option `batch` asks for " + std::to_string(batch.size) + " rows of " + std::to_string(*rows),
         batch.span, "leave it out to use all rows in every step");
  }
  return *rows;
}

PassSteps steps_of_pass(const ModelGraph& model, const BatchOption& batch) {
  if (batch.size == 0) return {};
  const std::int64_t rows = row_count(model, batch);
  return {(rows + batch.size - 1) / batch.size, rows % batch.size};
}

Problem subsample(const Problem& problem, const BatchOption& batch, std::optional<StepRows> part) {
  if (batch.size == 0) return problem;
  const std::int64_t rows = row_count(*problem.model, batch);
  const StepRows rows_of_step = part.value_or(StepRows{0, batch.size, batch.size});
  const Expr index =
      random_row(*problem.model->graph, rows, batch.size, rows_of_step.first, rows_of_step.count);
  const double weight = static_cast<double>(rows) / static_cast<double>(rows_of_step.of);
  return Subsampling(problem, rows, index, weight).run();
}

Problem at_rows(const Problem& problem, std::int64_t rows, Expr index) {
  return Subsampling(problem, rows, index, 1).run();
}

}  // namespace elbo::inference
