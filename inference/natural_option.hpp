// The options `natural` and `damping`, which methods share: the preconditioner by Fisher information.
#pragma once

#include <string>
#include <vector>

#include "inference/fisher.hpp"
#include "runtime/library.hpp"

namespace elbo::inference {

struct NaturalOption {
  bool on = false;
  FisherStructure structure = FisherStructure::full;
  double damping = 0;

  /// "inverse Fisher information of the guide (full, damping 0.001)"
  std::string text(const std::string& whose) const;
};

/// The rows of a method's table; `whose` is what has the information: "the observations".
std::vector<runtime::Option> natural_options(const std::string& whose);

/// Reads both from a method's options. Failure "bad-option".
NaturalOption read_natural(const runtime::Record& options, const std::string& method, const lang::Span& span);

}  // namespace elbo::inference
