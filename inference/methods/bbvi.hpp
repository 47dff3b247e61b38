// Black-box variational inference.
#pragma once

#include "runtime/method.hpp"

namespace elbo::inference {

extern const runtime::Method bbvi_method;

}  // namespace elbo::inference
