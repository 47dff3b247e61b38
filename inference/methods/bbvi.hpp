// Black-box variational inference.
#pragma once

#include "inference/method.hpp"

namespace elbo::inference {

extern const Method bbvi_method;

}  // namespace elbo::inference
