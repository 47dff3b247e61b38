// The one place that knows both the standard library and the inference methods.
#include "cli/library.hpp"

#include "inference/catalog.hpp"
#include "stdlib/catalog.hpp"

namespace elbo::cli {

runtime::Library make_library() {
  runtime::Library library = stdlib::stdlib_library();
  inference::add_inference(library);
  return library;
}

}  // namespace elbo::cli
