// explain(fit): how a fit was made, in words.
#include "inference/enumeration.hpp"
#include "inference/fit.hpp"
#include "inference/studies.hpp"
#include "runtime/interpreter.hpp"

namespace elbo::inference {

using namespace runtime;

namespace {

std::string account_of(const Fit& fit) {
  const Fit::Result& run = fit.result();
  const Problem& problem = fit.problem();
  std::string result;
  const auto add = [&](const std::string& what, const std::string& text) {
    constexpr std::size_t width = 11;
    if (!text.empty()) result += what + std::string(width - what.size(), ' ') + text + "\n";
  };
  add("model", problem.model->name);
  add("guide", problem.guide ? problem.guide->name : "");
  add("method", run.method);
  add("maximises", run.account.objective);
  add("estimate", run.account.estimator);
  add("times", run.account.preconditioner.empty() ? "" : "the " + run.account.preconditioner);
  add("optimizer", run.optimizer);
  if (run.batch > 0)
    add("data", "a batch of " + std::to_string(run.batch) + " random rows of " + std::to_string(run.rows) +
                    " in every step");
  add("numbers", run.precision == Precision::real32 ? "float32" : "float64");
  add("start", run.starts_elsewhere ? "where `init` says" : "");
  add("ended", describe(run.termination) + " after " + std::to_string(run.steps) + " steps");
  if (!run.account.parts.empty()) result += "\nHow the gradient of each variable is taken:\n";
  for (const GradientAccount::Part& part : run.account.parts)
    result += "  " + part.variable + ": " + part.how + "\n";
  if (problem.summed_out) {
    result += "\nSummed out exactly, and drawn back for the fit's means and draws:\n";
    for (const std::string& line : describe(*problem.summed_out)) result += "  " + line + "\n";
  }
  result += "\n";
  result += problem.guide ? "Means, standard deviations and draws are the guide's at its last parameters"
                          : "The parameters are the last of the run";
  result += problem.summed_out && problem.guide
                ? "; those of what was summed out are exact given the guide's draws.\n"
                : ".\n";
  result.pop_back();
  return result;
}

}  // namespace

Function explain_function() {
  return {.name = "explain",
          .signature = "explain(fit)",
          .help =
              "how a fit was made: what was maximised, how the gradient of each variable was taken, what was "
              "summed out — e.g. print(explain(fit))",
          .category = "inference",
          .call = [](Interpreter&, const Arguments& a) -> Value {
            const ObjectPtr* object = a.values[0].as<ObjectPtr>();
            const auto fit = object ? std::dynamic_pointer_cast<const Fit>(*object) : nullptr;
            if (!fit) fail("wrong-type", "explain takes a fit, not " + type_name(a.values[0]), a.spans[0]);
            return Value(account_of(*fit));
          }};
}

}  // namespace elbo::inference
