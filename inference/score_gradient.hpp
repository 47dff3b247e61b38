// The score-function estimator of the gradient of the ELBO (black-box variational inference: Ranganath,
// Gerrish, Blei 2014), written as expressions of a sampled model. With h = d log q / d parameter and l = log
// p - log q per draw, the gradient is E[h l]; Rao-Blackwellisation replaces l by the costs that the
// variable's draw can change, and a control variate subtracts a multiple of h, whose mean is 0.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "inference/sampled_model.hpp"

namespace elbo::inference {

/// Record of a control variate: how scores h {sample}[event] and costs {sample} become an estimate [event].
struct ControlVariate {
  std::string_view name;
  std::string_view help;
  std::int64_t minimum_samples;
  bool is_unbiased;
  runtime::Expr (*estimate)(runtime::Expr score, runtime::Expr cost, runtime::AxisId sample);
};

/// none, same_sample, leave_one_out, rloo.
std::span<const ControlVariate> control_variate_list();
const ControlVariate* find_control_variate(std::string_view name);

struct GradientEstimate {
  std::vector<runtime::Expr> guide;  ///< one per guide parameter, of its event shape
  std::vector<runtime::Expr> model;  ///< one per model parameter: the mean gradient of the log joint
  runtime::Expr elbo;                ///< mean of log p - log q over the draws
};

/// Estimate of the ELBO's gradient with respect to all unconstrained parameters.
GradientEstimate score_gradient(const SampledModel& model, bool rao_blackwell,
                                const ControlVariate& control_variate);

/// Costs that the draw of latent i can change: the log p terms and minus the log q terms that use it,
/// {sample}.
runtime::Expr downstream_cost(const SampledModel& model, std::size_t i);

}  // namespace elbo::inference
