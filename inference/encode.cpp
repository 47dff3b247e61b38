// What a fit says of each row of its data.
#include "inference/encode.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "inference/row_pass.hpp"
#include "runtime/evaluation.hpp"
#include "runtime/interpreter.hpp"
#include "runtime/program.hpp"

namespace elbo::inference {

using namespace runtime;

namespace {

/// So many draws as means of the latent variables take.
std::int64_t draws_behind_means(const Fit& fit, const Problem& whole, std::int64_t rows, std::int64_t draws) {
  const RowPass probe(fit, whole, rows, 1, 2, false);
  return probe.uses_draws() ? draws : 1;
}

/// The whole variable from its parts; where none stands for an entry, the data.
Value assembled(const RandomVariable& variable, std::vector<RowOutput>& outputs) {
  const Shape& shape = variable.value.type().event;
  std::vector<RowOutput*> parts;
  for (RowOutput& output : outputs)
    if (output.variable == variable.name) parts.push_back(&output);
  if (!parts.front()->whole->positions) return from_tensor(Tensor(shape, std::move(parts.front()->all)));
  std::vector<double> values;
  if (variable.data) values = evaluate(variable.data).reals();
  values.resize(static_cast<std::size_t>(element_count(shape)));
  const std::int64_t each = element_count(shape) / std::max<std::int64_t>(1, element_count(variable.indexed));
  for (const RowOutput* part : parts) {
    const Tensor& positions = *part->whole->positions;
    for (std::int64_t k = 0; k < positions.size(); ++k)
      std::copy_n(part->all.begin() + k * each, each, values.begin() + positions.integer(k) * each);
  }
  return from_tensor(Tensor(shape, std::move(values)));
}

/// Means of the latent variables that the guide draws row by row.
void add_means(const Fit& fit, const Problem& whole, std::int64_t rows, const LatentDraws& draws,
               std::map<std::string, Value>& means) {
  const std::int64_t count = draws_behind_means(fit, whole, rows, draws.count);
  const RowPass pass(fit, whole, rows, rows_at_once(whole, rows, count), count, false);
  std::vector<RowOutput> outputs = pass.latent_means();
  if (outputs.empty()) return;
  pass.run(outputs, draws.seed);
  for (const RowOutput& output : outputs) {
    const std::string name = output.variable;
    means.emplace(name, assembled(*whole.guide->find(name), outputs));
  }
}

// What cannot be reconstructed is refused.
void check_variables(const ModelGraph& model, bool at_mean, const lang::Span& span) {
  const bool observes = std::any_of(model.variables.begin(), model.variables.end(),
                                    [](const RandomVariable& v) { return v.observed; });
  if (!observes) {
    fail("nothing-observed",
         "reconstruct gives means of observed variables, but `" + model.name + "` observes nothing", span);
  }
  for (const RandomVariable& v : model.variables) {
    if (v.observed && !v.data) {
      fail("not-yet-supported",
           "reconstruct cannot compute `" + v.name + "`, which a model embedded in a loop observes", span,
           "write the statements of the embedded model in the loop itself");
    }
    if (!at_mean || v.observed || !v.parts[0].support.kind->discrete) continue;
    fail("discrete-mean",
         "reconstruct cannot put `" + v.name + "` at its mean, which is no value of a discrete variable",
         span, "at = \"draws\" draws it");
  }
}

}  // namespace

Record encode(Interpreter& interpreter, const Fit& fit, const LatentDraws& draws, const lang::Span& span) {
  check_interrupted(interpreter, span);
  const Problem whole = predictive_problem(interpreter, fit);
  std::set<std::string> wanted;
  std::map<std::string, Value> means;
  for (const std::int64_t rows : row_counts(*whole.model)) {
    wanted.merge(latents_of_rows(*whole.model, rows));
    // what was summed out is drawn back given all others together
    if (!wanted.empty() && whole.guide && !whole.summed_out) add_means(fit, whole, rows, draws, means);
  }
  if (wanted.empty()) {
    fail("no-row-latents",
         "encode gives latent variables with one entry per row of the data, and `" + whole.model->name +
             "` has none",
         span, "`.mean` of the fit has the means of all of its latent variables");
  }
  Record record;
  for (const RandomVariable& v : whole.model->variables) {
    if (!wanted.contains(v.name)) continue;
    if (const auto it = means.find(v.name); it != means.end()) {
      record.emplace_back(v.name, it->second);
      continue;
    }
    // the guide draws it together with others, or it was summed out
    for (const Moments& m : fit.moments())
      if (m.name == v.name) record.emplace_back(v.name, from_tensor(m.mean));
  }
  return record;
}

Record reconstruct(Interpreter& interpreter, const Fit& fit, const LatentDraws& draws,
                   const lang::Span& span) {
  check_interrupted(interpreter, span);
  const Problem whole = predictive_problem(interpreter, fit);
  check_variables(*whole.model, draws.at_mean, span);
  const std::set<std::int64_t> counts = row_counts(*whole.model);
  // What has other rows than most is computed as a whole, and all is where discrete variables were summed
  // out: they are drawn back given all others together.
  const std::int64_t rows = counts.empty() || whole.summed_out ? 0 : *counts.rbegin();
  const std::int64_t count = draws.at_mean ? draws_behind_means(fit, whole, rows, draws.count) : draws.count;
  const RowPass pass(fit, whole, rows, rows_at_once(whole, rows, count), count, draws.at_mean);
  std::vector<RowOutput> outputs = pass.data_means();
  pass.run(outputs, draws.seed);
  Record record;
  for (const RandomVariable& v : whole.model->variables)
    if (v.observed) record.emplace_back(v.name, assembled(v, outputs));
  return record;
}

}  // namespace elbo::inference
