// Ancestral sampling: the variables of a model or guide drawn in order, each given those before it. Chains,
// whose entries depend on earlier entries of the same loop, become recurrences.
#pragma once

#include <functional>
#include <unordered_map>
#include <vector>

#include "runtime/model_graph.hpp"

namespace elbo::inference {

using Replacements = std::unordered_map<runtime::NodeId, runtime::Expr>;

/// The draw of one variable.
struct VariableDraw {
  const runtime::RandomVariable* variable = nullptr;
  runtime::Expr whole;                           ///< in the user's shape, with the further axes
  std::vector<runtime::Expr> parts;              ///< of each part, with its plates
  std::vector<runtime::DistributionCall> calls;  ///< of each part, given the draws before it
  std::vector<runtime::Expr> unconstrained;  ///< of each part that has a bijector: what it is the image of
  std::vector<runtime::Support> bijectors;   ///< of these, given the draws before them
};

/// A draw of part `p` of a variable made otherwise than by its distribution's own `sample`, with these axes;
/// an empty expression where that is as it should be.
using DrawRule = std::function<runtime::Expr(const runtime::RandomVariable& variable, std::size_t p,
                                             const runtime::DistributionCall& call,
                                             const std::vector<runtime::AxisId>& axes)>;

/// A variable whose later entries depend on its earlier ones in a way that is no chain along one loop (a
/// carried quantity reads it): its draw as a function of itself. With the random numbers held, setting
/// `entering` to `whole` again and again makes one more entry right each time, until nothing changes.
struct FixedPoint {
  runtime::Expr entering;  ///< an input node, of the type of `whole`
  runtime::Expr whole;
  const runtime::RandomVariable* variable = nullptr;
};

/// Draws every variable of `model` whose value is an input node and not replaced in `known` already, with
/// these further axes. `known` gets the wholes. No gradient flows through the draws where `detach` is set.
/// The order of the result is that of the model's variables. What cannot be drawn in one pass is refused
/// (code "not-yet-supported"), or left to the caller as fixed points. Draws that a rule makes are never
/// detached: what flows through them is its own affair.
std::vector<VariableDraw> draw_variables(const runtime::ModelGraph& model,
                                         const std::vector<runtime::AxisId>& axes, bool detach,
                                         Replacements& known, std::vector<FixedPoint>* fixed_points = nullptr,
                                         const DrawRule& rule = nullptr);

}  // namespace elbo::inference
