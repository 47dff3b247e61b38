// Discrete latent variables summed out exactly: the model whose log density is the logarithm of the sum over
// their values, and what the summed variables are given all others. Which can be, and how, is read off the
// graph: entries by themselves, chains by forward recursion, few values all together
// (inference/elimination.hpp).
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "inference/elimination.hpp"
#include "inference/sampled_model.hpp"
#include "runtime/model_graph.hpp"

namespace elbo::inference {

/// More entries of tables than this, per draw of the continuous variables, are refused.
constexpr double most_table_entries = 2e7;

/// The variables that were summed out of a model, and how.
struct SummedOut {
  std::vector<std::string> names;                  ///< of those that were, in the model's order
  std::vector<runtime::RandomVariable> originals;  ///< that were asked for
  std::vector<EnumeratedVariable> variables;       ///< of the originals
  std::vector<std::shared_ptr<const EliminationStep>> steps;
  double cost = 0;  ///< entries of tables per draw
};

/// Discrete variables that hang together, and why they cannot be summed out; empty where they can.
struct Obstacle {
  std::vector<std::string> names;
  std::string why_not;
};

struct Enumeration {
  std::shared_ptr<const runtime::ModelGraph> model;  ///< without the variables that were summed out
  std::shared_ptr<const SummedOut> summed_out;       ///< null where there is none
  std::vector<Obstacle> obstacles;
};

/// Sums the named latent variables of a model out, as far as it can be done; `model` is unchanged.
Enumeration sum_out(const std::shared_ptr<const runtime::ModelGraph>& model,
                    const std::vector<std::string>& names);

/// Discrete latent variables of a model.
std::vector<std::string> discrete_latents(const runtime::ModelGraph& model);

/// Draws of what was summed out, given the draws of a sampled model: fills `recovered`, and puts them into
/// the model's quantities.
void recover_summed_out(SampledModel& model);

/// One line for each step: "`k`, a chain of 100 turns by forward recursion".
std::vector<std::string> describe(const SummedOut& summed_out);

}  // namespace elbo::inference
