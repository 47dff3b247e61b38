// Maximum likelihood.
#pragma once

#include "runtime/method.hpp"

namespace elbo::inference {

extern const runtime::Method mle_method;

}  // namespace elbo::inference
