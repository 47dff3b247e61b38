// A fit: the guide at its final parameters, how it got there, and what it says about the model's variables.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "inference/estimator.hpp"
#include "inference/history.hpp"
#include "inference/posterior.hpp"
#include "inference/problem.hpp"

namespace elbo::inference {

/// How a run ended.
enum class Termination : std::uint8_t { completed, converged, out_of_time, interrupted, bad_numbers };

/// "all steps done", "interrupted", …
std::string describe(Termination termination);

/// Parameters on the user's scale, by name, of unconstrained ones in the order of the layout.
runtime::Record parameter_values(const ParameterVector& layout, std::span<const double> parameters);

class Fit : public runtime::Object {
 public:
  struct Result {
    std::string method;  ///< as the script wrote it: "bbvi(samples = 30)"
    std::string optimizer;
    std::vector<double> parameters;  ///< unconstrained, in the order of ParameterVector
    History history;
    Termination termination = Termination::bad_numbers;  // until the run says otherwise
    std::int64_t steps = 0;                              ///< done
    double seconds = 0;
    double seconds_per_step = 0;  ///< of the loop: without what comes before the first step
    std::uint64_t seed = 0;
    int threads = 1;
    GradientAccount account;
    std::int64_t batch = 0, rows = 0;  ///< rows of the data that a step sees, and of all; 0: it sees all
    runtime::Precision precision = runtime::Precision::real64;
    bool starts_elsewhere = false;  ///< `init` was given
  };

  Fit(Problem problem, Result result);

  std::string type_name() const override { return "fit"; }
  std::string show() const override;
  std::vector<std::string> field_names() const override;
  std::optional<runtime::Value> field(const std::string& name) const override;

  const Problem& problem() const { return problem_; }
  const Result& result() const { return result_; }
  /// Parameters on the user's scale, by name.
  runtime::Record parameters() const;
  /// Those of them that are weights of nets.
  runtime::Record weights() const;
  /// The unconstrained numbers of the parameter of this name, which there is.
  std::span<const double> unconstrained(const std::string& parameter) const;
  const ParameterVector& layout() const { return layout_; }
  /// Means and standard deviations of latent variables and deterministic quantities.
  const std::vector<Moments>& moments() const;
  /// The guide at the final parameters; the fit must outlive it.
  Posterior posterior() const;

 private:
  /// Parameters with the weights of nets as records: {decoder: {dense_1: {weight, bias}}}.
  runtime::Record nested_weights() const;

  Problem problem_;
  Result result_;
  ParameterVector layout_;
  mutable std::mutex mutex_;  // of what is computed when first asked for
  mutable std::optional<std::vector<Moments>> moments_;
};

using FitPtr = std::shared_ptr<const Fit>;

/// Draws behind the quantiles and the ELBO of a summary: quantiles at 5 and 95 % are then good to about 3 %
/// of a standard deviation.
inline constexpr std::int64_t summary_draws = 4000;

/// The text of `summary(fit)`.
std::string summarise(const Fit& fit);

}  // namespace elbo::inference
