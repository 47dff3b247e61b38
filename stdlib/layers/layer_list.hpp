// The layers, one function of the language each; functions.cpp puts them in one list.
#pragma once

#include "runtime/library.hpp"

namespace elbo::stdlib {

runtime::Function dense_layer();

}  // namespace elbo::stdlib
