// The record of natural-gradient variational inference.
#pragma once

#include "runtime/method.hpp"

namespace elbo::inference {

extern const runtime::Method natural_method;

}  // namespace elbo::inference
