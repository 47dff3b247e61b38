// The record of natural-gradient variational inference.
#pragma once

#include "inference/method.hpp"

namespace elbo::inference {

extern const Method natural_method;

}  // namespace elbo::inference
