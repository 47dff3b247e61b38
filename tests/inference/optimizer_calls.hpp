// Calls of the functions that make optimizers and schedules, as a script makes them.
#pragma once

#include <string>
#include <vector>

#include "inference/optimizers/optimizer.hpp"

namespace elbo::tests {

/// NAME(arguments…), all by position; a None stands for an argument that is not given.
runtime::Value call(const std::string& name, const std::vector<runtime::Value>& arguments);
inference::Optimizer optimizer(const std::string& name, const std::vector<runtime::Value>& arguments);
inline runtime::Value schedule(const std::string& name, const std::vector<runtime::Value>& arguments) {
  return call(name, arguments);
}

}  // namespace elbo::tests
