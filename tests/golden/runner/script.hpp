// What a golden script says about how it is to be tested, in comments of its own:
//
//   # args: --set n=3 --out plots     further arguments of `elbo run`
//   # command: dump graph             another command than `run` (then without --threads)
//   # data: mnist/train.gz            skip the script unless one of the folders of ELBO_DATA has this file
//   # compiler: gcc                    skip the script in builds by another: what a dump numbers first
//   depends on it print("mean {:.3f}", m)           # expect~ 0.89 +- 0.02
//
// An `expect~` comment stands on the line of a `print` or on the lines right after it. It lists, in order,
// one `VALUE +- TOLERANCE` per replacement field of that print, separated by commas; `_` lets a field be
// anything. The k-th such comment of a print is for the k-th line it prints. Fields with an expectation are
// not compared with the stored output; everything else is.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace elbo::golden {

/// VALUE +- TOLERANCE; nothing for `_`.
struct Expectation {
  double value;
  double tolerance;
};
using Expectations = std::vector<std::optional<Expectation>>;

/// A print statement with expectations.
struct ExpectedPrint {
  std::size_t line;                 ///< of the script, 1-based
  std::vector<std::string> pieces;  ///< literal text around the fields: one more than there are fields
  std::vector<Expectations> rows;   ///< one per printed line
};

struct Script {
  std::vector<std::string> command{"run"};
  std::vector<std::string> arguments;
  std::vector<std::string> data;
  std::vector<std::string> compiler;
  std::vector<ExpectedPrint> prints;
};

/// Reads the comments. Throws std::runtime_error, with the line, when one makes no sense.
Script read_directives(const std::string& text);

/// The output with every expected field replaced by `<~>`, so that runs can be compared; each expectation
/// that fails adds a sentence to `failures`.
std::string mask(const Script& script, const std::string& output, std::vector<std::string>& failures);

}  // namespace elbo::golden
