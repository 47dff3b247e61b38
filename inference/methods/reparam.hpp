// Reparameterised variational inference, and importance-weighted bounds.
#pragma once

#include "inference/method.hpp"

namespace elbo::inference {

extern const Method reparam_method, iwae_method;

}  // namespace elbo::inference
