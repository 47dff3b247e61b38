// What the means and standard deviations of latent variables are to be, and how far fits are from it.
#pragma once

#include <string>
#include <vector>

#include "inference/posterior.hpp"
#include "inference/run_options.hpp"

namespace elbo::inference {

struct Reference {
  std::vector<Moments> moments;
  lang::Span span;

  /// Failures "unknown-variable", "shape-mismatch" where the model has no such variables.
  void check(const runtime::ModelGraph& model) const;
};

/// From a fit, or a record {mean: {…}, sd: {…}}. Failure "bad-option".
Reference read_reference(const GivenOption& option);

/// Root mean squares over all elements, in standard deviations of the reference: of (mean - mean) and of
/// (sd - sd).
class ReferenceErrors {
 public:
  /// Of one more fit.
  void add(const Reference& reference, const std::vector<Moments>& fitted);
  double mean() const;
  double sd() const;

 private:
  double mean_squares_ = 0, sd_squares_ = 0, count_ = 0;
};

}  // namespace elbo::inference
