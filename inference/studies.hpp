// Functions that look at methods rather than at models: gradient_variance, compare, explain.
#pragma once

#include <string_view>
#include <vector>

#include "runtime/library.hpp"

namespace elbo::inference {

runtime::Function gradient_variance_function();
runtime::Function compare_function();
runtime::Function explain_function();

/// Rows for `help gradient_variance` and `help compare`.
std::vector<runtime::Option> gradient_variance_options();
std::vector<runtime::Option> compare_options();

/// The options of a function that takes models and methods: `infer`, `compare`, `gradient_variance`.
std::vector<runtime::Option> options_of(std::string_view function);

}  // namespace elbo::inference
