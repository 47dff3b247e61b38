// The options of `infer` itself, which every method shares: one row each, read from a record of the language
// into a plain struct.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "inference/optimizers/optimizer.hpp"
#include "inference/subsample.hpp"
#include "runtime/kernels/kernels.hpp"

namespace elbo::inference {

/// A named option as the script gave it.
struct GivenOption {
  std::string name;
  runtime::Value value;
  lang::Span span;
};

/// A file that the state of the run is written to from time to time.
struct CheckpointOption {
  std::string file;  ///< as the script wrote it; empty: none
  double seconds = 60;
  lang::Span span;
  std::string path;  ///< set when the run begins
};

struct RunOptions {
  std::int64_t steps = 5000;
  std::int64_t epochs = 0;  ///< passes over the rows instead of `steps`; 0: not given
  BatchOption batch;
  std::shared_ptr<const Optimizer> optimizer;  ///< null: default_optimizer()
  std::uint64_t seed = 0;
  bool has_seed = false;
  double tolerance = 0;  ///< nats; 0: run all steps
  double max_time = 0;   ///< seconds; 0: no limit
  runtime::Precision precision = runtime::Precision::real64;
  bool progress = true;
  bool record_gradients = false;
  CheckpointOption checkpoint;
  runtime::Value init;  ///< none, a fit, or a record of starting values
};

/// Rows for `help infer`.
std::vector<runtime::Option> run_option_list();

/// Failure "unknown-option", with the nearest of these names, for an option that is none of them.
void require_known(const std::vector<GivenOption>& given, const std::vector<std::string>& names,
                   const std::string& function);

/// Checks and reads. Failures: "unknown-option" (with the nearest name), "bad-option", "not-yet-supported".
RunOptions read_run_options(const std::vector<GivenOption>& given);

/// The same for a run on this model, with all steps counted; `steps` is how many where the user does not say.
RunOptions read_run_options(const std::vector<GivenOption>& given, const runtime::ModelGraph& model,
                            std::int64_t steps = RunOptions().steps);

/// Whole number from `least` on, for option `name`.
std::int64_t whole_option(const GivenOption& option, std::int64_t least);

}  // namespace elbo::inference
