// What inference adds to the library of a script: methods, `infer`, optimizers.
#pragma once

#include "runtime/library.hpp"

namespace elbo::inference {

void add_inference(runtime::Library& library);

}  // namespace elbo::inference
