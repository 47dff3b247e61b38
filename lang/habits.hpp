// What a newcomer from another system may write where only the evaluator sees that it is wrong.
#pragma once

#include <string>
#include <string_view>

namespace elbo::lang {

/// What to write in place of a method of a distribution (`log_prob`, `sample`); empty when it is none.
std::string method_hint(std::string_view name);

}  // namespace elbo::lang
