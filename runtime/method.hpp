// The record of an inference method, and what it is given: the model as a graph of random variables, the
// guide, and the run's settings. inference/ fills these; `infer` finds them through the Library.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/library.hpp"
#include "runtime/model_graph.hpp"

namespace elbo::runtime {

/// What a method needs from a model; `infer` refuses with a message that names what is lacking.
struct Requirements {
  bool guide = false;                             ///< needs a guide
  bool latent_variables = true;                   ///< needs at least one latent variable
  bool continuous_latents = false;                ///< all latent variables must be continuous
  bool observed_only = false;                     ///< no latent variable at all
  std::string_view default_guide = "mean_field";  ///< the ready-made guide where the script gives none
};

/// A method's input.
struct Problem {
  std::shared_ptr<const ModelGraph> model;
  std::shared_ptr<const ModelGraph> guide;  ///< null when the method takes none
};

/// A named option as the script gave it.
struct GivenOption {
  std::string name;
  Value value;
  lang::Span span;
};

/// How a method is called: its own options, complete and validated; those of `infer` as they were given.
struct MethodCall {
  Record method_options;
  std::string method_text;  ///< as it was written: "bbvi(samples = 30)"
  std::vector<GivenOption> run_options;
  lang::Span span;  ///< of the call of `infer`
};

struct Method {
  MethodInfo info;
  Requirements requirements;
  /// Raises lang::Failure when the method's own options are wrong; called where they are written.
  void (*validate)(const Record& options, const lang::Span& span) = nullptr;
  Value (*run)(Interpreter& interpreter, const Problem& problem, const MethodCall& call) = nullptr;
};

}  // namespace elbo::runtime
