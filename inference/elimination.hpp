// Summing discrete variables out of a product of tables, one variable after another (variable elimination:
// Koller and Friedman 2009, chapter 9), and drawing them back in the opposite order. What is one step for all
// elements of a variable: elements that no table joins are independent of each other, and chains of elements
// are summed by the forward recursion of hidden Markov models (Rabiner 1989), as a recurrence.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "inference/potential.hpp"

namespace elbo::inference {

/// Of a variable given what a draw says of all else: a draw, and the mean and variance that it was drawn
/// with. [elements], with the axis of draws.
struct DiscreteDraw {
  runtime::Expr draw, mean, variance;
};

/// Draws so far, as places among a variable's values (0 for the first): by index of the variable, [elements].
using DrawnPlaces = std::unordered_map<std::size_t, runtime::Expr>;

/// One step: the variables that it summed out, with what drawing them back needs.
class EliminationStep {
 public:
  virtual ~EliminationStep() = default;
  /// Draws the step's variables given those of later steps, which are in `drawn`, and adds them to it; tables
  /// are seen through `known` (values of the continuous variables).
  virtual void draw(std::span<const EnumeratedVariable> variables, runtime::AxisId sample,
                    const std::unordered_map<runtime::NodeId, runtime::Expr>& known, DrawnPlaces& drawn,
                    std::unordered_map<std::size_t, DiscreteDraw>& result) const = 0;
  /// "1000 entries of `k`, each by itself", for accounts of a fit.
  virtual std::string describe(std::span<const EnumeratedVariable> variables) const = 0;
};

/// What is left of a variable that no other depends on: log of the sum, by element (or chain, or in all).
struct SummedTerm {
  std::size_t variable;
  runtime::Expr log_density;  ///< [elements], or [chains], or []
};

struct Elimination {
  std::vector<std::shared_ptr<const EliminationStep>> steps;
  std::vector<SummedTerm> terms;
  double cost = 0;  ///< entries of all tables, per draw of the continuous variables
};

/// Sums these variables, which the potentials join with each other, out of the potentials. Empty `steps`,
/// with the reason in `why_not`, where no order of steps does it.
Elimination eliminate(runtime::Graph& graph, std::span<const EnumeratedVariable> variables,
                      std::vector<std::size_t> of, std::vector<Potential> potentials, std::string& why_not);

/// The same by going through all values of all elements together. `densities` are those that depend on the
/// variables.
Elimination enumerate_jointly(runtime::Graph& graph, std::span<const EnumeratedVariable> variables,
                              const std::vector<std::size_t>& of,
                              const std::vector<runtime::Expr>& densities);

/// How many entries the table of enumerate_jointly has.
double joint_cost(std::span<const EnumeratedVariable> variables, const std::vector<std::size_t>& of,
                  const std::vector<runtime::Expr>& densities);

}  // namespace elbo::inference
