// The layers, one function of the language each; functions.cpp puts them in one list.
#pragma once

#include "runtime/library.hpp"

namespace elbo::stdlib {

runtime::Function dense_layer();
runtime::Function conv2d_layer();
runtime::Function conv_transpose2d_layer();
runtime::Function embedding_layer();
runtime::Function layer_norm_layer();
runtime::Function batch_norm_layer();
runtime::Function dropout_layer();

}  // namespace elbo::stdlib
