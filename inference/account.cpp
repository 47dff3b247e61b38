// How an estimate takes the gradient of each variable.
#include "inference/account.hpp"

#include <algorithm>

namespace elbo::inference {

void GradientAccount::add(const std::string& variable, const std::string& how) {
  const bool known = std::any_of(parts.begin(), parts.end(), [&](const Part& part) {
    return part.variable == variable && part.how == how;
  });
  if (!known) parts.push_back({variable, how});
}

std::string count_of_draws(std::int64_t count) {
  return std::to_string(count) + (count == 1 ? " draw" : " draws");
}

}  // namespace elbo::inference
