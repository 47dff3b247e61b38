// Steps that are tried before they are taken: a Gaussian guide's step from one quadratic model may go far
// beyond where that model holds. Candidates of different lengths are one axis; each is judged by the ELBO at
// the same random numbers.
#pragma once

#include "inference/sampled_model.hpp"

namespace elbo::inference {

/// Draws at which candidates are judged: few, since only a step into a desert is to be seen.
inline constexpr std::int64_t probe_samples = 20;

class StepGuard {
 public:
  /// Of a step of `step_size`, an eighth of it, and an eighth of that, judged at the draws of `probe`.
  StepGuard(const SampledModel& probe, runtime::Expr step_size);

  /// Their sizes, {candidate}.
  runtime::Expr steps() const { return steps_; }

  /// Evaluates the candidates: what each makes of the draws of the numbers concerned ({candidate, sample} and
  /// more, by the nodes of the draws), the log determinants of the scales, {candidate} and before, and how
  /// many numbers these are.
  void judge(const Replacements& draws, runtime::Expr log_det, runtime::Expr log_det_before, double count);

  /// The value of the longest candidate whose ELBO is not much below that of now, or what it is now.
  runtime::Expr pick(runtime::Expr candidates, runtime::Expr now) const;

 private:
  const SampledModel& probe_;
  runtime::AxisId axis_;
  runtime::Expr steps_;
  std::vector<runtime::Expr> good_;  // of each candidate
};

}  // namespace elbo::inference
