// What is to be fitted: a model, and the guide that is to come near its posterior.
#pragma once

#include <memory>

#include "runtime/model_graph.hpp"

namespace elbo::inference {

struct SummedOut;
class GuideValue;

struct Problem {
  std::shared_ptr<const runtime::ModelGraph> model;
  std::shared_ptr<const runtime::ModelGraph>
      guide;  ///< null when the method takes none; in the model's graph
  /// Discrete variables that the model had, where they were summed out of it (inference/enumeration.hpp).
  std::shared_ptr<const SummedOut> summed_out = nullptr;
  /// What made the guide, where no statements of a script did.
  std::shared_ptr<const GuideValue> ready_made = nullptr;
};

}  // namespace elbo::inference
