// The models that a script applies to data, for the commands that show them.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "cli/commands.hpp"
#include "lang/diagnostic.hpp"
#include "runtime/model_graph.hpp"

namespace elbo::cli {

/// A script and how it is run.
struct QuietRun {
  std::string file;
  Definitions definitions;
  std::uint64_t seed = 0;
};

/// Runs a script, dropping what it prints, and shows `visit` the graphs of all models and guides that it
/// fits, in order, and then those of models that it only applies: values of top-level names, and that of its
/// last expression. A model without arguments needs no call. The script's values are there until it returns.
void visit_models(const QuietRun& script, const runtime::Library& library, lang::Diagnostics& diagnostics,
                  const std::function<void(const runtime::ModelGraph&)>& visit);

}  // namespace elbo::cli
