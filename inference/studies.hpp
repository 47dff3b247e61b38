// Functions of the language beside `infer`: those that look at methods, and those that take a fit to other
// data.
#pragma once

#include <string_view>
#include <vector>

#include "runtime/library.hpp"

namespace elbo::inference {

runtime::Function gradient_variance_function();
runtime::Function compare_function();
runtime::Function explain_function();

/// with_data, encode, reconstruct, elbo.
std::vector<runtime::Function> new_data_functions();

/// save, load.
std::vector<runtime::Function> file_functions();

/// Rows for `help gradient_variance` and `help compare`.
std::vector<runtime::Option> gradient_variance_options();
std::vector<runtime::Option> compare_options();

/// The options of a function that takes models and methods: `infer`, `compare`, `gradient_variance`.
std::vector<runtime::Option> options_of(std::string_view function);

}  // namespace elbo::inference
