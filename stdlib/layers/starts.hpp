// How the weights of a layer start, by name.
#pragma once

#include <cstdint>
#include <string>

#include "runtime/model_graph.hpp"
#include "stdlib/functions/common.hpp"

namespace elbo::stdlib {

/// How many numbers enter and leave one unit of a layer: what the spread of its weights depends on.
struct Fan {
  std::int64_t in = 1, out = 1;
};

/// The start that argument i names, for a weight of this fan. Failure "bad-argument" lists the names.
runtime::WeightStart start_argument(const Arguments& a, std::size_t i, const Fan& fan);

/// Uniform between -1 / sqrt(fan.in) and 1 / sqrt(fan.in): of PyTorch's Linear and Conv, weights
/// (kaiming_uniform with a = sqrt(5)) and biases.
runtime::WeightStart usual_start(const Fan& fan);

/// Normal draws of this standard deviation.
runtime::WeightStart normal_start(double sd);

/// The same number everywhere.
runtime::WeightStart constant_start(double value);

/// The names, for documentation: "pytorch", "xavier_uniform", …
std::string start_names();

}  // namespace elbo::stdlib
