// How convolutions are computed (convolution_rules.cpp); their records are in convolution.cpp.
#pragma once

#include "runtime/operation.hpp"

namespace elbo::runtime {

void run_convolve(const RunContext& context);
void run_convolve_transpose(const RunContext& context);
void run_convolve_weight(const RunContext& context);

}  // namespace elbo::runtime
