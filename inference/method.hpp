// The record of an inference method: what it needs of a model, its options, and the estimate of a gradient
// that it writes. Whatever runs estimates (`infer`, `compare`, `gradient_variance`) reads nothing else of it.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "inference/run_options.hpp"
#include "inference/score_gradient.hpp"
#include "runtime/library.hpp"

namespace elbo::inference {

/// Why a method cannot take an option of `infer`, and what to do instead; no reason where it can.
struct Refusal {
  std::string_view why, hint;
};

/// What a method needs from a model; `infer` refuses with a message that names what is lacking.
struct Requirements {
  bool guide = false;                             ///< needs a guide
  bool latent_variables = true;                   ///< needs at least one latent variable
  bool continuous_latents = false;                ///< all latent variables must be continuous
  bool observed_only = false;                     ///< no latent variable at all
  std::string_view default_guide = "mean_field";  ///< the ready-made guide where the script gives none
  Refusal batch = {};                             ///< of a batch of rows
  Refusal optimizer = {};                         ///< of an optimizer
};

/// What becomes of discrete latent variables before a method sees the model.
enum class DiscreteLatents : std::uint8_t {
  keep,                    ///< the guide draws them
  sum_out_where_possible,  ///< those that no guide of the script draws, where it can be done
  sum_out                  ///< all; refused where it cannot be done
};

/// Draws, and the estimate of a gradient from them.
struct PreparedGradient {
  SampledModel model;
  GradientEstimate estimate;
};

/// What a run of a method needs: its options, and the program's estimate of a gradient.
struct PreparedRun {
  RunOptions options;
  PreparedGradient gradient;
  /// For the last step of a pass over the rows, where fewer are left than a batch has.
  std::optional<PreparedGradient> rest = {};
};

struct Method {
  runtime::MethodInfo info;
  Requirements requirements;
  std::int64_t steps = RunOptions().steps;  ///< of a run, where the script does not say
  /// Raises lang::Failure when the method's own options are wrong; called where they are written.
  void (*validate)(const runtime::Record& options, const lang::Span& span) = nullptr;
  /// What the options say of discrete variables; null: they are kept.
  DiscreteLatents (*discrete)(const runtime::Record& options) = nullptr;
  /// Writes the estimate, for a problem at the rows that one step sees; options are complete and validated,
  /// `span` is that of the call which asks for the run.
  PreparedGradient (*prepare)(const Problem& problem, const runtime::Record& options,
                              const lang::Span& span) = nullptr;
};

}  // namespace elbo::inference
