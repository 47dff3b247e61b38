// The account of a fit: what was maximised, how the gradient of each variable was taken, what the numbers of
// the summary rest on.
#include <algorithm>

#include "inference/enumeration.hpp"
#include "inference/fit_arguments.hpp"
#include "inference/studies.hpp"
#include "inference/summary.hpp"
#include "runtime/interpreter.hpp"

namespace elbo::inference {

using namespace runtime;

namespace {

std::string counted(std::int64_t count, const std::string& what) {
  return std::to_string(count) + " " + what + (count == 1 ? "" : "s");
}

std::int64_t numbers_in(const std::vector<PointParameter>& parameters) {
  std::int64_t count = 0;
  for (const PointParameter& p : parameters) count += element_count(p.unconstrained.type().event);
  return count;
}

std::string model_text(const ModelGraph& model) {
  std::int64_t latent = 0, numbers = 0, observed = 0;
  for (const RandomVariable& v : model.variables) {
    const std::int64_t size = element_count(v.value.type().event);
    if (v.observed) {
      observed += size;
    } else {
      ++latent;
      numbers += size;
    }
  }
  std::string text = model.name + ": ";
  if (latent > 0) text += counted(latent, "latent variable") + " (" + counted(numbers, "number") + "), ";
  if (!model.parameters.empty()) text += counted(numbers_in(model.parameters), "free parameter") + ", ";
  text += counted(observed, "observed number");
  return text;
}

std::string batch_text(const Fit::Result& run) {
  if (run.batch == 0) return "none: every step sees all of the data";
  return std::to_string(run.batch) + " of " + counted(run.rows, "row") +
         " per step, without replacement; their densities weigh " +
         significant(static_cast<double>(run.rows) / static_cast<double>(run.batch), 3) + " times";
}

std::string run_text(const Fit::Result& run) {
  std::string text = counted(run.steps, "step") + " from ";
  text += run.starts_elsewhere ? "the values of `init`" : "the parameters' own starting values";
  text += ", seed " + std::to_string(run.seed);
  if (run.precision == Precision::real32) text += ", in single precision";
  return text + "; " + describe(run.termination);
}

std::string source_text(const MomentSource& source) {
  if (!source.uses_draws) return "formulas of its distribution: exact for the guide";
  if (source.has_formula)
    return "formulas given the variables before it, averaged over " + count_of_draws(source.draws);
  return count_of_draws(source.draws);
}

// Names set left beside their texts, indented.
void append(std::string& text, const std::vector<std::pair<std::string, std::string>>& lines,
            const std::string& indent = "") {
  std::size_t widest = 0;
  for (const auto& [name, value] : lines) widest = std::max(widest, width(name));
  for (const auto& [name, value] : lines)
    text += indent + name + std::string(widest - width(name), ' ') + "  " + value + "\n";
}

std::string explain(const Fit& fit) {
  const Fit::Result& run = fit.result();
  const GradientAccount& account = run.account;
  const ModelGraph* guide = fit.problem().guide.get();
  std::vector<std::pair<std::string, std::string>> facts;
  facts.emplace_back("model", model_text(*fit.problem().model));
  if (guide)
    facts.emplace_back("guide",
                       guide->name + ": " + counted(numbers_in(guide->parameters), "free parameter"));
  facts.emplace_back("method", run.method);
  facts.emplace_back("objective", account.objective);
  if (!account.estimator.empty()) facts.emplace_back("estimate", account.estimator);
  facts.emplace_back("preconditioner", account.preconditioner.empty() ? "none" : account.preconditioner);
  facts.emplace_back("optimizer", run.optimizer);
  facts.emplace_back("batch", batch_text(run));
  facts.emplace_back("run", run_text(run));
  std::string text;
  append(text, facts);

  std::vector<std::pair<std::string, std::string>> ways;
  for (const GradientAccount::Part& part : account.parts) ways.emplace_back(part.variable, part.how);
  if (!ways.empty()) text += "\nHow the gradient is taken:\n";
  append(text, ways, "  ");

  if (const SummedOut* summed_out = fit.problem().summed_out.get()) {
    text += "\nSummed out exactly, and drawn back given the draws of the others:\n";
    for (const std::string& line : describe(*summed_out)) text += "  " + line + "\n";
  }

  std::vector<std::pair<std::string, std::string>> sources;
  for (const MomentSource& source : fit.posterior().sources())
    sources.emplace_back(source.name, source_text(source));
  if (!sources.empty()) text += "\nWhat means and standard deviations rest on:\n";
  append(text, sources, "  ");
  text += guide ? "\nQuantiles and the ELBO of the summary rest on " + count_of_draws(fit.posterior().affordable(summary_draws)) +
                      " of the guide."
                : "\nParameters are points, those of the last step.";
  return text;
}

}  // namespace

Function explain_function() {
  return {.name = "explain",
          .signature = "explain(fit)",
          .help =
              "how a fit was made: what was maximised, how the gradient of each variable was taken, what was "
              "summed out, and what the numbers of its summary rest on — e.g. print(explain(fit))",
          .category = "inference",
          .call = [](Interpreter&, const Arguments& a) -> Value {
            return Value(explain(*fit_argument(a, "explain")));
          }};
}

}  // namespace elbo::inference
