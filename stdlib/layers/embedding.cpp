// embedding(index, k, n): a vector of weights for each of k categories, as PyTorch's Embedding.
#include "runtime/indexing.hpp"
#include "runtime/nets.hpp"
#include "stdlib/layers/layer_list.hpp"
#include "stdlib/layers/starts.hpp"

namespace elbo::stdlib {

namespace {

Value embedding(Interpreter& interpreter, const Arguments& a) {
  const Value index = numeric_argument(a, 0, "index");
  const std::int64_t k = size_argument(a, 1, "k", 1), n = size_argument(a, 2, "n", 1);
  const runtime::Layer layer(interpreter, "embedding", a.span);
  const runtime::WeightStart start = is_given(a, 3) ? start_argument(a, 3, {k, n}) : normal_start(1);
  const Value weight = layer.weight("weight", {k, n}, start, shape_of(index));
  // messages put the name into backticks, as the layer's is already
  const std::string name = layer.show().substr(1, layer.show().size() - 2);
  return runtime::index(weight, {{.value = index, .span = a.spans[0]}}, name);
}

}  // namespace

Function embedding_layer() {
  return {.name = "embedding",
          .signature = "embedding(index, k, n, *, init = \"normal\")",
          .help =
              "a layer of a net: for each index, an int from 1 to k, a vector of n weights, which start as "
              "standard normal draws; init is one of " +
              start_names() + " — e.g. dense(embedding(word[i], 1000, 16), 2)",
          .category = "nets",
          .call = embedding};
}

}  // namespace elbo::stdlib
