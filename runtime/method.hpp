// The record of an inference method, and what it is given: the model as a graph of random variables, the guide, and
// the run's settings. inference/ fills these; `infer` finds them through the Library.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "runtime/library.hpp"
#include "runtime/model_graph.hpp"

namespace elbo::runtime {

/// What a method needs from a model; `infer` refuses with a message that names what is lacking.
struct Requirements {
  bool guide = false;              ///< needs a guide
  bool latent_variables = true;    ///< needs at least one latent variable
  bool continuous_latents = false; ///< all latent variables must be continuous
};

/// A method's input.
struct Problem {
  std::shared_ptr<const ModelGraph> model;
  std::shared_ptr<const ModelGraph> guide;  ///< null when the method takes none
};

struct Method {
  MethodInfo info;
  Requirements requirements;
  /// Runs the method with its own options (method) and those of `infer` (run), both complete and validated.
  std::function<Value(Interpreter&, const Problem&, const Record& method, const Record& run, const lang::Span&)> run;
};

}  // namespace elbo::runtime
