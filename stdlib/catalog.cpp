// The one list of the standard library: a family of functions is one line here.
#include "stdlib/catalog.hpp"

#include <iterator>
#include <limits>
#include <numbers>

#include "stdlib/combinators/list.hpp"
#include "stdlib/distributions/list.hpp"
#include "stdlib/functions/families.hpp"
#include "stdlib/io/functions.hpp"
#include "stdlib/layers/functions.hpp"
#include "stdlib/pictures/picture.hpp"
#include "stdlib/plots/functions.hpp"

namespace elbo::stdlib {

runtime::Library stdlib_library() {
  runtime::Library library;
  for (const auto family :
       {sum_functions, extreme_functions, order_functions, statistics_functions, elementwise_functions,
        activation_functions, image_functions, shape_functions, construction_functions, matrix_functions,
        kernel_functions, calculus_functions, layer_functions, random_functions, truncation_functions,
        mixture_functions, improper_functions, collection_functions, text_functions, io_functions,
        array_file_functions, plot_functions, picture_functions}) {
    std::vector<runtime::Function> functions = family();
    library.functions.insert(library.functions.end(), std::make_move_iterator(functions.begin()),
                             std::make_move_iterator(functions.end()));
  }
  const auto distributions = distribution_list();
  library.distributions.assign(distributions.begin(), distributions.end());
  library.constants = {
      {"pi", std::numbers::pi},
      {"e", std::numbers::e},
      {"inf", std::numeric_limits<double>::infinity()},
      {"nan", std::numeric_limits<double>::quiet_NaN()},
      {"none", runtime::None{}},
  };
  return library;
}

}  // namespace elbo::stdlib
