// The score-function estimator of the gradient of the ELBO (black-box variational inference: Ranganath,
// Gerrish, Blei 2014), written as expressions of a sampled model. With h = d log q / d parameter and l = log
// p - log q per draw, the gradient is E[h l]; Rao-Blackwellisation replaces l by the costs that the
// variable's draw can change, and a control variate subtracts a multiple of h, whose mean is 0.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "inference/account.hpp"
#include "inference/optimizers/schedule.hpp"
#include "inference/sampled_model.hpp"

namespace elbo::inference {

/// Record of a control variate, for the draws i = 1, …, S of one gradient: with scores h_i and costs c_i (of
/// every element that the parameter moves), f_i is the sum of h_i c_i over the elements.
struct ControlVariate {
  std::string_view name;
  std::string_view help;
  std::int64_t minimum_samples;
  bool is_unbiased;
  /// What the costs become before they weigh the scores.
  runtime::Expr (*centre)(runtime::Expr cost, runtime::AxisId sample);
  /// The estimate [event], of f and h, both {sample}[event].
  runtime::Expr (*estimate)(runtime::Expr f, runtime::Expr h, runtime::AxisId sample);
};

/// none, same_sample, leave_one_out, rloo.
std::span<const ControlVariate> control_variate_list();
const ControlVariate* find_control_variate(std::string_view name);

struct GradientEstimate {
  std::vector<runtime::Expr> guide;  ///< one per guide parameter, of its event shape
  std::vector<runtime::Expr> model;  ///< one per model parameter: the mean gradient of the log joint
  runtime::Expr elbo;                ///< mean of log p - log q over the draws
  bool is_average = false;           ///< it is divided by the number of observations already
  /// For an estimate that is a step by itself, not a direction for an optimizer: the input node of the step
  /// size, and its schedule.
  runtime::Expr step_size = {};
  std::optional<Schedule> schedule = {};
  std::string hint;         ///< what may help when a gradient is not finite; may be empty
  GradientAccount account;  ///< of how it is taken
};

/// Estimate of the ELBO's gradient with respect to all unconstrained parameters.
GradientEstimate score_gradient(const SampledModel& model, bool rao_blackwell,
                                const ControlVariate& control_variate);

/// Costs that the draw of each element of guide term i can change: the log p terms and minus the log q terms
/// that use it, directly or through later draws. {sample, plates}[event] as the term's log density, or
/// {sample} where all elements have the same.
runtime::Expr downstream_cost(const SampledModel& model, std::size_t i);

}  // namespace elbo::inference
