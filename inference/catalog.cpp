// What inference adds to the library of a script.
#include "inference/catalog.hpp"

#include "inference/methods.hpp"
#include "inference/methods/reparam.hpp"
#include "inference/optimizers/optimizer.hpp"
#include "inference/studies.hpp"

namespace elbo::inference {

void add_inference(runtime::Library& library) {
  for (const auto& family :
       {inference_functions(),
        std::vector{fisher_function(), gumbel_softmax_function(), gradient_variance_function(),
                    compare_function(), explain_function()},
        method_functions(), new_data_functions(), file_functions(), guide_functions(), optimizer_functions(),
        planned_functions()}) {
    library.functions.insert(library.functions.end(), family.begin(), family.end());
  }
  for (const Method* method : method_list()) library.methods.push_back(method->info);
}

}  // namespace elbo::inference
