// Names that the language has and the standard library of this version gives no meaning: a call says so,
// rather than that the name is unknown. One row per name; a row goes when its function or distribution comes.
#include <array>

#include "stdlib/functions/families.hpp"

namespace elbo::stdlib {

namespace {

struct Row {
  runtime::PlannedName name;
  std::string_view example;
};

constexpr std::array rows{
    Row{{"image_grid", "a picture of rows of pixels", "plot and hist draw curves and histograms"},
        "image_grid(x, rows = 8, shape = [28, 28])"},
};

}  // namespace

std::vector<runtime::Function> planned_functions() {
  std::vector<runtime::Function> functions;
  for (const Row& row : rows) {
    functions.push_back(planned_function(row.name));
    functions.back().help += " — e.g. " + std::string(row.example);
  }
  return functions;
}

}  // namespace elbo::stdlib
