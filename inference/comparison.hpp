// What `compare` returns: a row per method and guide, as numbers, as a table and as curves.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "inference/fit.hpp"

namespace elbo::inference {

/// Of one method with one guide, over all seeds. Numbers that a row cannot have are absent.
struct ComparisonRow {
  std::string label;         ///< "bbvi(samples = 30)", or "bbvi(), mean_field()" of several guides
  std::vector<FitPtr> fits;  ///< one per seed
  std::string why_not;       ///< why it could not run; empty: it did
  std::vector<std::string> notes;
  std::int64_t steps = 0;                    ///< of the shortest run
  std::optional<double> elbo, elbo_error;    ///< of the final parameters, mean over the seeds
  std::optional<double> spread;              ///< standard deviation of `elbo` between seeds
  std::optional<double> variance;            ///< of the gradient at the final parameters
  double seconds_per_step = 0, seconds = 0;  ///< mean over the seeds
  std::optional<double> to_best;             ///< until within `close_enough` of the best `elbo`, by the curve
  std::optional<double> mean_error, sd_error;  ///< against the reference
  std::vector<double> curve_seconds, curve;    ///< the objective, smoothed, against time; an entry per step
};

/// Nats below the best final ELBO at which a run has arrived.
inline constexpr double close_enough = 0.1;

class Comparison : public runtime::Object, public std::enable_shared_from_this<Comparison> {
 public:
  struct Facts {
    std::string model;
    std::string objective;  ///< "ELBO", "log likelihood"
    std::string budget;     ///< "2000 steps", "1.50 s"
    std::int64_t seeds = 1;
    std::uint64_t seed = 0;
    std::int64_t draws = 0;  ///< behind each final ELBO
    lang::Span span;
  };

  /// Finds the best row, and from it who arrived when.
  Comparison(Facts facts, std::vector<ComparisonRow> rows);

  std::string type_name() const override { return "comparison"; }
  std::string show() const override;
  std::vector<std::string> field_names() const override { return {"table", "fits", "curves", "best"}; }
  std::optional<runtime::Value> field(const std::string& name) const override;
  /// The ends of the curves: what lies far below where the worst method ends is left out.
  std::optional<runtime::Curves> curves() const override;
  /// Prints the table and draws the curves.
  bool present(runtime::Interpreter& interpreter) const override;
  /// Draws the curves, into a file where one is named.
  runtime::Value draw(runtime::Interpreter& interpreter, const std::string& file) const;

 private:
  std::vector<runtime::Curve> thinned() const;

  Facts facts_;
  std::vector<ComparisonRow> rows_;
  std::optional<double> best_;  ///< final objective
};

/// Entry t is the mean of the last fifth of the entries up to t, at least of one: its window grows as the
/// run's pace slows.
std::vector<double> smoothed(const std::vector<double>& values);

}  // namespace elbo::inference
