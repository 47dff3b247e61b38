// Reparameterised variational inference, and importance-weighted bounds.
#pragma once

#include "inference/method.hpp"

namespace elbo::inference {

extern const Method reparam_method, iwae_method;

/// gumbel_softmax(temperature, hard): a value of the option `discrete` of reparam.
runtime::Function gumbel_softmax_function();

}  // namespace elbo::inference
