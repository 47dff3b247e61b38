// The optimizers there are, one per file. The array in list.cpp names them all.
#pragma once

#include "inference/optimizers/optimizer.hpp"

namespace elbo::inference {

extern const OptimizerRecord sgd, momentum, adagrad, rmsprop, adam;

}  // namespace elbo::inference
