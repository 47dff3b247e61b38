// Reparameterised variational inference, and importance-weighted bounds.
#pragma once

#include "runtime/method.hpp"

namespace elbo::inference {

extern const runtime::Method reparam_method, iwae_method;

}  // namespace elbo::inference
