// Discrete draws relaxed to weights of their values (Gumbel-softmax: Jang, Gu, Poole 2017; Maddison, Mnih,
// Teh 2017), which move with the probabilities. What a model makes of a discrete value is evaluated at every
// value, up to where it becomes a real number, and averaged by the weights there: `mu[k]` becomes the
// weighted mean of the entries of mu, `2 * k` twice the weighted mean of the values.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "inference/sampled_model.hpp"

namespace elbo::inference {

struct Relaxation {
  double temperature = 1;
  bool hard = false;  ///< weights are 0 and 1 going forward, and relaxed for gradients (straight-through)
};

/// Whether draws of this statement of a guide can be relaxed: true or false, or one of a known number of
/// categories.
bool can_be_relaxed(const runtime::VariablePart& part);

/// A draw from a statement's distribution with the weights that relax it. `axes` are those of the draw.
struct RelaxedPart {
  runtime::Expr draw;           ///< a value
  runtime::Expr weights;        ///< [event, values]
  runtime::Expr probabilities;  ///< the same, of which the weights are a draw
};
RelaxedPart draw_relaxed(const runtime::VariablePart& part, const runtime::DistributionCall& call,
                         const std::vector<runtime::AxisId>& axes, const Relaxation& relaxation);

/// A variable of the model by its weights.
struct RelaxedValue {
  runtime::Expr value;    ///< the variable's input node
  runtime::Expr weights;  ///< [shape, values], with the axis of draws
  std::int64_t first;     ///< least value
};

/// An expression of the model with these variables relaxed. `own`, which may be empty, is a place where one
/// of them is read with other weights: that of the variable itself in its own log density, which is averaged
/// by its probabilities.
runtime::Expr relaxed(runtime::Expr e, std::span<const RelaxedValue> values, runtime::Expr own = {},
                      runtime::Expr own_weights = {});

}  // namespace elbo::inference
