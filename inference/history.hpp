// What is kept of a run, step by step.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "runtime/tensor.hpp"

namespace elbo::inference {

/// A series of values of one shape, one per step, in memory reserved before the run.
class Series {
 public:
  Series(std::string name, runtime::Shape shape, std::int64_t steps);
  const std::string& name() const { return name_; }
  void append(std::span<const double> value);
  /// All values of a series of the same shape.
  void append_all(const Series& other);
  /// Forgets all but the first `length`.
  void cut(std::int64_t length);
  /// [steps done] for a number, [steps done, shape…] otherwise.
  runtime::Tensor tensor() const;

 private:
  std::string name_;
  runtime::Shape shape_;
  std::vector<double> values_;
  std::int64_t length_ = 0;
};

/// Series longer than this in all (numbers) are not kept: the trace of a million parameters helps nobody.
inline constexpr std::int64_t largest_trace = 50'000'000;

struct History {
  std::vector<double> elbo;       ///< entry t is the estimate before step t (without a guide: log likelihood)
  std::vector<Series> trace;      ///< entry t is the value after step t
  std::vector<Series> gradients;  ///< entry t is the estimate that step t used, unconstrained coordinates
  bool has_trace = true;

  /// As it was before the value after step t - 1 was recorded: of a run that goes back to there.
  void cut(std::int64_t t);
};

}  // namespace elbo::inference
