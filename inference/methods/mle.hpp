// Maximum likelihood.
#pragma once

#include "inference/method.hpp"

namespace elbo::inference {

extern const Method mle_method;

}  // namespace elbo::inference
