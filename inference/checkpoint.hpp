// Runs that outlive the program: what a run needs to go on, written to a file from time to time. The file is
// that of a saved fit (fit_file.hpp) of the run so far, which `load` reads too, with what only the run itself
// needs.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "inference/fit_file.hpp"

namespace elbo::inference {

struct Checkpoint {
  StoredFit fit;  ///< its result ended as `completed` or `converged` where there is nothing left to do
  std::int64_t planned = 0;                    ///< steps of the whole run
  std::int64_t next = 1;                       ///< the step with which it goes on
  double pass_total = 0;                       ///< of the pass over the rows that is under way
  std::vector<std::vector<double>> optimizer;  ///< what it remembers
};

/// Whole or not at all: whatever happens on the way, the file that was there stays. Failure
/// "file-not-writable".
void write_checkpoint(const std::string& path, const Checkpoint& checkpoint, const lang::Span& span);

/// Nothing where there is no such file. Failures "file-format", "file-damaged".
std::optional<Checkpoint> read_checkpoint(const std::string& path, const lang::Span& span);

/// Failure "checkpoint-mismatch", which names what differs, where it is one of another run: by another
/// method, optimizer, seed, number of steps, batch or precision. Parameters are compared when they are taken.
void require_same_run(const Checkpoint& checkpoint, const Fit::Result& here, std::int64_t planned,
                      const std::string& path, const lang::Span& span);

}  // namespace elbo::inference
