// How an estimate takes the gradient of each variable: written down where the estimate is, so that `explain`
// says what was done and not what ought to have been.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace elbo::inference {

struct GradientAccount {
  struct Part {
    std::string variable;  ///< or a parameter of the model
    std::string how;       ///< a phrase: "path through the draw (location and scale)"
  };
  std::string objective = "ELBO";  ///< what is maximised
  std::string estimator;           ///< a phrase of how many draws there are
  std::string preconditioner;      ///< empty: none
  std::vector<Part> parts;         ///< in the order of the guide, then of the model's parameters

  /// One more sentence on a variable; the same one of several statements of a variable counts once.
  void add(const std::string& variable, const std::string& how);
};

/// "1 draw", "10 draws".
std::string count_of_draws(std::int64_t count);

}  // namespace elbo::inference
