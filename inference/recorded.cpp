// What the trace of a run records.
#include "inference/recorded.hpp"

#include <algorithm>

#include "inference/posterior.hpp"
#include "runtime/expression.hpp"

namespace elbo::inference {

using namespace runtime;

namespace {

bool has_rows(const SampledModel& model, const ModelGraph& graph, const PointParameter& parameter) {
  const ModelGraph& at_batch = graph.is_guide ? *model.problem.guide : *model.problem.model;
  if (!at_batch.batch) return false;
  const auto& rows = at_batch.batch->parameter_rows;
  return std::any_of(rows.begin(), rows.end(),
                     [&](const auto& row) { return graph.parameters[row.second].name == parameter.name; });
}

}  // namespace

Recorded recorded_values(const Problem& problem, const SampledModel& model) {
  Recorded result;
  for (const ModelGraph* graph : {problem.guide.get(), problem.model.get()}) {
    if (!graph) continue;
    for (const PointParameter& p : graph->parameters) {
      if (p.is_weight || has_rows(model, *graph, p)) continue;
      result.names.push_back(p.name);
      result.values.push_back(p.value);
    }
  }
  for (const VariableDraw& draw : model.drawn) {
    const std::optional<RowBatch>& batch = model.problem.model->batch;
    const std::vector<AxisId>& plates = draw.variable->parts.front().plates;
    if (batch && !plates.empty() && plates.front() == batch->axis) continue;
    std::vector<Expr> means;
    for (std::size_t p = 0; p < draw.parts.size(); ++p) {
      const Expr mean = mean_over_draws(model, conditional_mean(draw, p).value_or(draw.parts[p]));
      means.push_back(broadcast(mean, draw.variable->parts[p].plates, draw.parts[p].type().event));
    }
    result.names.push_back(draw.variable->name);
    result.values.push_back(assemble(*draw.variable, means));
  }
  return result;
}

}  // namespace elbo::inference
